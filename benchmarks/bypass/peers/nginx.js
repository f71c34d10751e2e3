// What goes out of the bodies of POST user and PUT user.
import querystring from 'querystring';

function isEdited(method, fields) {
    return method === 'PUT'
        ? Object.keys(fields).some(name => name !== 'active')
        : 'password' in fields;
}

function edited(method, fields) {
    if (method === 'PUT') {
        return 'active' in fields ? {active: fields.active} : {};
    }
    delete fields.password;
    return fields;
}

function user(r) {
    const coding = r.headersIn['Content-Encoding'] || 'identity';
    if (r.method !== 'POST' && r.method !== 'PUT') {
        return r.internalRedirect('@unchanged');
    }
    if (coding !== 'identity') {
        return r.return(415, 'Send it without a content coding.');
    }
    const type = r.headersIn['Content-Type'] || '';
    const text = r.requestText || '';
    const isForm = type.startsWith('application/x-www-form-urlencoded') && !text.startsWith('{');
    let fields;
    try {
        fields = isForm ? querystring.parse(text) : JSON.parse(text || '{}') || {};
    } catch (error) {
        return r.return(400, 'The body cannot be read.');
    }
    const pairs = (r.variables.args || '').split('&');
    const kept = pairs.filter(pair => !/^password(=|$)/.test(pair));
    if (kept.length === pairs.length && !isEdited(r.method, fields)) {
        return r.internalRedirect('@unchanged');
    }
    fields = edited(r.method, fields);
    r.variables.forward = r.variables.request_uri.split('?')[0] + (kept.length ? '?' + kept.join('&') : '');
    const body = isForm ? querystring.stringify(fields) : JSON.stringify(fields);
    r.subrequest('/edited', {method: r.method, body: body}, reply => {
        for (const name in reply.headersOut) {
            r.headersOut[name] = reply.headersOut[name];
        }
        r.return(reply.status, reply.responseText);
    });
}

export default {user};
