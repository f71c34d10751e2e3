import pytest
from pydantic import ValidationError

from jira_compat.actions.spec import Given, Json, Spec


class Sample(Spec):
    text: Given[str] = None
    document: Json = None


def test_a_key_may_be_left_out():
    assert Sample.model_validate({}).text is None


def test_a_key_that_stands_has_a_value():
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate({"text": None})

    (error,) = caught.value.errors()
    assert error["loc"] == ("text",)
    assert error["msg"] == "Value error, there is no value here; write one, or take the key out"


@pytest.mark.parametrize("value", [5, b"a", ["a"]], ids=repr)
def test_nothing_is_turned_into_text(value):
    with pytest.raises(ValidationError):
        Sample.model_validate({"text": value})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("a", "a"),
        ((), []),
        ((1, (2.5, {"a": (True,)})), [1, [2.5, {"a": [True]}]]),
        ({"a": ({"b": ()},)}, {"a": [{"b": []}]}),
        (10**30, 10**30),
    ],
    ids=repr,
)
def test_json_is_any_json_and_tuples_are_arrays(value, expected):
    assert Sample.model_validate({"document": value}).document == expected


def test_what_is_no_json_is_refused():
    with pytest.raises(ValidationError):
        Sample.model_validate({"document": {1, 2}})


def test_a_spec_is_frozen_and_has_no_room():
    with pytest.raises(ValidationError):
        Sample.model_validate({"other": 1})
    with pytest.raises(ValidationError):
        Sample.model_validate({}).text = "a"
