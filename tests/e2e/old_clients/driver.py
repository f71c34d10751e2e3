"""Makes an old client search, step by step, and prints as JSON what it reports; any Python from 3.6 on runs it.

A line in is ``{"client": ..., "url": ..., "steps": [...]}``; a line out is the list of reports, each
``{"returned": ...}`` or ``{"thrown": CLASS, "status": ..., "text": ...}``.
"""

import importlib
import json
import sys
import warnings

warnings.simplefilter("ignore")
USER, TOKEN = "admin@example.com", "admin-token"


def jira(url, options):
    client = importlib.import_module("jira").JIRA(url, basic_auth=(USER, TOKEN), max_retries=0, **options)

    def search(jql, **terms):
        found = client.search_issues(jql, **terms)
        if isinstance(found, dict):
            return found
        numbers = {name: getattr(found, name, None) for name in ("startAt", "maxResults", "total", "isLast")}
        return dict(numbers, issues=[issue.raw for issue in found])

    def loop(jql, size):
        keys: list = []
        while True:
            page = client.search_issues(jql, startAt=len(keys), maxResults=size, fields="summary")
            keys += [issue.key for issue in page]
            if len(keys) >= page.total:
                return keys

    def update(key, summary):
        found = client.search_issues(f"key = {key}")[0]
        found.update(summary=summary)
        return [client.search_issues(f"key = {key}")[0].fields.summary, found.fields.summary]

    def create(summary):
        fields = {"project": {"key": "DEMO"}, "summary": summary, "issuetype": {"name": "Task"}}
        key = client.create_issue(fields=fields).key
        found = client.search_issues("project = DEMO ORDER BY created DESC", maxResults=0)
        return [key, found.total, client.search_issues(f"key = {key}")[0].fields.summary]

    def attributes(jql):
        return [
            [i.id, i.fields.summary, i.fields.status.name, str(i.fields.priority)] for i in client.search_issues(jql)
        ]

    return {"search": search, "loop": loop, "update": update, "create": create, "attributes": attributes}


def atlassian(url, options):
    client = importlib.import_module("atlassian").Jira(url, username=USER, password=TOKEN, **options)

    def loop(jql, size):
        keys: list = []
        while True:
            page = client.jql(jql, start=len(keys), limit=size, fields="summary")
            keys += [issue["key"] for issue in page["issues"]]
            if not page["issues"]:
                return keys

    return {
        "search": client.jql,
        "loop": loop,
        "tickets": getattr(client, "jql_get_list_of_tickets", None),
        "count": client.get_project_issues_count,
        "project": client.get_all_project_issues,
    }


def report(calls, name, *given, **named):
    try:
        return {"returned": calls[name](*given, **named)}
    except Exception as error:  # noqa: BLE001 - whatever a client raises is what it reports
        return {
            "thrown": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "text": getattr(error, "text", None) or str(error),
        }


for line in sys.stdin:
    wanted = json.loads(line)
    calls = {"jira": jira, "atlassian": atlassian}[wanted["client"]](wanted["url"], wanted.get("options", {}))
    reports = [report(calls, *given, **named) for given, named in wanted["steps"]]
    sys.stdout.write(json.dumps(reports) + "\n")
    sys.stdout.flush()
