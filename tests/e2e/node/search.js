// Makes an old client search: a line of JSON in is one client and its searches, a line out is what it reported.
'use strict';

const readline = require('readline');

const USER = 'admin@example.com';
const TOKEN = 'admin-token';

const CLIENTS = {
    'jira-connector': ({ protocol, hostname, port }) => {
        const JiraConnector = require('jira-connector');
        const client = new JiraConnector({
            host: hostname,
            protocol: protocol.slice(0, -1),
            port,
            basic_auth: { email: USER, api_token: TOKEN },
        });
        return (jql, options) => client.search.search({ jql, ...options });
    },
    'jira-client': ({ protocol, hostname, port }) => {
        const JiraClient = require('jira-client');
        const client = new JiraClient({
            protocol: protocol.slice(0, -1),
            host: hostname,
            port,
            username: USER,
            password: TOKEN,
            apiVersion: '2',
        });
        return (jql, options) => client.searchJira(jql, options);
    },
};

const CALLS = {
    search: (search, jql, options) => search(jql, options),
    loop: async (search, jql, size) => {
        const keys = [];
        for (;;) {
            const page = await search(jql, { startAt: keys.length, maxResults: size, fields: ['summary'] });
            keys.push(...page.issues.map((issue) => issue.key));
            if (keys.length >= page.total) {
                return keys;
            }
        }
    },
};

async function report(search, [[name, ...given], named]) {
    try {
        return { returned: await CALLS[name](search, ...given, named) };
    } catch (error) {
        if (typeof error === 'string') {
            // jira-connector's, with the request and its headers in it
            const { statusCode, body } = JSON.parse(error);
            return { thrown: 'String', status: statusCode, text: JSON.stringify(body) };
        }
        return { thrown: error.constructor.name, status: error.statusCode, text: error.message };
    }
}

(async () => {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const { client, url, steps } = JSON.parse(line);
        const search = CLIENTS[client](new URL(url));
        const reports = [];
        for (const step of steps) {
            reports.push(await report(search, step));
        }
        process.stdout.write(`${JSON.stringify(reports)}\n`);
    }
})();
