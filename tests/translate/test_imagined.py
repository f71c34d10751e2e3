"""Every translation can be run against the site that is not there."""

import json

import pytest

from jira_compat.model import Request
from jira_compat.translate.imagined import imagined


def ask(name, document):
    answer = imagined(Request("POST", b"/rest/api/2/" + name, (), json.dumps(document).encode()))
    assert answer.status == 200
    return json.loads(answer.body or b"")


@pytest.mark.parametrize(
    ("name", "document", "answer"),
    [
        (b"search/jql", {"maxResults": 2}, {"issues": [{"id": "1"}, {"id": "2"}], "nextPageToken": "3"}),
        (b"search/jql", {"maxResults": 1, "nextPageToken": "3"}, {"issues": [{"id": "3"}], "nextPageToken": "4"}),
        (b"issue/bulkfetch", {"issueIdsOrKeys": ["7", "5"]}, {"issues": [{"id": "7"}, {"id": "5"}]}),
        (b"search/approximate-count", {"jql": "a"}, {"count": 0}),
    ],
)
def test_its_searches_have_no_end(name, document, answer):
    assert ask(name, document) == answer
