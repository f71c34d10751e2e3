import pytest
from pydantic import ValidationError

from jira_compat.policy.example import Content, Example, ExampleRequest


@pytest.mark.parametrize(
    ("keys", "has_body"),
    [({}, False), ({"json": None}, True), ({"json": {}}, True), ({"form": {}}, True), ({"text": ""}, True)],
    ids=str,
)
def test_a_body_may_be_null_and_may_be_none(keys, has_body):
    assert Content.model_validate(keys).has_body is has_body


@pytest.mark.parametrize(
    "keys",
    [{"json": 1, "form": {}}, {"json": None, "text": ""}, {"form": {}, "text": ""}, {"text": None}, {"form": None}],
    ids=str,
)
def test_there_is_one_body_at_most(keys):
    with pytest.raises(ValidationError):
        Content.model_validate(keys)


def test_tuples_are_arrays():
    assert Content.model_validate({"json": ({"a": (1, 2)},)}).json_ == [{"a": [1, 2]}]


@pytest.mark.parametrize("outcome", [{"forwards": "unchanged"}, {"forwards": {"query": ""}}, {"answers": 410}], ids=str)
def test_an_example_has_one_outcome(outcome):
    assert Example.model_validate({"name": "a", **outcome}).request == ExampleRequest()


@pytest.mark.parametrize(
    "outcome",
    [{}, {"forwards": {}}, {"forwards": None}, {"answers": 199}, {"answers": 410, "forwards": "unchanged"}],
    ids=str,
)
def test_an_example_without_one_is_refused(outcome):
    with pytest.raises(ValidationError):
        Example.model_validate({"name": "a", **outcome})
