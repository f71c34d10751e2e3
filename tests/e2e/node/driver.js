// Runs jira-connector: a line of JSON in is one client and what it shall do, a line out is what it reported.
'use strict';

const fs = require('fs');
const readline = require('readline');
const request = require('request');
const JiraConnector = require('jira-connector');

async function drive(client, [name, options]) {
    if (name === 'request') {
        // for which it has no function
        const { path, ...others } = options;
        return client.makeRequest({ uri: client.buildURL(path), json: true, followAllRedirects: true, ...others });
    }
    const [group, call] = name.split('.');
    return options === undefined ? client[group][call]() : client[group][call](options);
}

async function report(client, call) {
    try {
        return { returned: await drive(client, call) };
    } catch (error) {
        return { thrown: error.constructor.name, text: String(error) };
    }
}

async function answer({ url, proxy, authority, user, calls }) {
    const { protocol, hostname, port } = new URL(url);
    const ca = authority ? fs.readFileSync(authority) : undefined;
    const client = new JiraConnector({
        host: hostname,
        protocol: protocol.slice(0, -1),
        port,
        request: request.defaults({ proxy, ca }),
        ...(user ? { basic_auth: user } : { cookie_jar: request.jar() }),
    });
    const reports = [];
    for (const call of calls) {
        reports.push(await report(client, call));
    }
    return reports;
}

(async () => {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
    }
})();
