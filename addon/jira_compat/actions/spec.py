"""The base of every part of a policy file."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, JsonValue

T = TypeVar("T")


class Spec(BaseModel):
    """Frozen, strict, and without room for unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _given[V](value: V) -> V:
    if value is None:
        raise ValueError("there is no value here; write one, or take the key out")
    return value


Given = Annotated[T | None, AfterValidator(_given)]
"""A key that may be left out, and has a value where it stands: ``respond:`` alone would be a rule that lets pass."""


def _listed(value: Any) -> Any:  # noqa: ANN401 - whatever JSON may be
    if isinstance(value, dict):
        return {key: _listed(below) for key, below in value.items()}
    return [_listed(below) for below in value] if isinstance(value, tuple) else value


Json = Annotated[JsonValue, BeforeValidator(_listed)]
"""A JSON value; the tuples of a policy document are its arrays."""
