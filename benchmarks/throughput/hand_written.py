"""An addon of one afternoon: twenty lines that handle the rows of the article in the plain case."""

import json
import re

from mitmproxy import http

GONE = re.compile(r"/rest/api/[^/]+/(user/application|user/password|myself|myself/password|password/policy)$")
USER = re.compile(r"/rest/api/[^/]+/user$")


def request(flow: http.HTTPFlow) -> None:
    """Answer, or edit."""
    path = flow.request.path.partition("?")[0]
    if GONE.search(path) and not (path.endswith("myself") and flow.request.method == "GET"):
        body = json.dumps({"errorMessages": ["This was removed from Jira Cloud."], "errors": {}})
        flow.response = http.Response.make(410, body, {"Content-Type": "application/json"})
    elif USER.search(path) and flow.request.method in {"POST", "PUT"}:
        document = json.loads(flow.request.content or b"{}")
        if flow.request.method == "POST":
            document.pop("password", None)
        else:
            document = {name: value for name, value in document.items() if name == "active"}
        flow.request.content = json.dumps(document).encode()
