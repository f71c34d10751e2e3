import dataclasses

import pytest

from jira_compat.model import Exchange, Finding, Request, Response

VALUES = [
    Request("GET", b"/"),
    Response(200),
    Finding("p", "r", "unchanged", "none", "GET /rest/x", (), "enforce"),
    Exchange(Request("GET", b"/")),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_are_frozen_equal_and_hashable(value):
    field = dataclasses.fields(value)[0].name

    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, None)
    assert dataclasses.replace(value) == value
    assert hash(dataclasses.replace(value)) == hash(value)
    assert not hasattr(value, "__dict__")


def test_what_nobody_saw_is_none_and_not_empty():
    assert (Request("GET", b"/").body, Response(200).body) == (None, None)
    assert (Exchange(Request("GET", b"/")).response, Exchange(Request("GET", b"/")).source) == (None, "live")
