"""Values to JSON and back. An unknown key or a wrong type is an error with a sentence, never a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = TypeVar("Value")


class BadValueError(ValueError):
    """The caller sent something that the mock does not know."""


_ADAPTERS: dict[type[object], TypeAdapter[object]] = {}


def _adapter(kind: type[object]) -> TypeAdapter[object]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_json(value: object) -> object:
    """Turn a value into what `json.dumps` takes: ISO dates, plain words for enumerations."""
    return _adapter(type(value)).dump_python(value, mode="json")


def to_object(value: object) -> dict[str, object]:
    """Turn a dataclass into a JSON object."""
    return cast("dict[str, object]", to_json(value))


def build(kind: type[Value], fields: Mapping[str, object]) -> Value:
    """Make a value from loose fields, strict about their names."""
    try:
        made = _adapter(kind).validate_python(dict(fields), extra="forbid")
    except ValidationError as error:
        raise BadValueError(_sentence(kind, error)) from error
    return cast("Value", made)


def change(value: Value, changes: Mapping[str, object]) -> Value:
    """Make the same value with some fields replaced."""
    current = cast("dict[str, object]", _adapter(type(value)).dump_python(value, mode="python"))
    return build(type(value), {**current, **changes})


def _sentence(kind: type[object], error: ValidationError) -> str:
    problems = (
        f"{'.'.join(str(step) for step in problem['loc']) or 'body'}: {problem['msg']}" for problem in error.errors()
    )
    return f"{kind.__name__}: {'; '.join(problems)}"
