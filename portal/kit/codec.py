"""Dataclasses to JSON and back: exact Decimals, ISO dates, strict types.

Used for what is stored and recomputed later (facts, parameters, snapshots), so nothing is guessed on the
way in: a float is not a Decimal, "false" is not a bool, an unknown key is an error that names it.
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import cattrs

T = TypeVar("T")


class CodecError(ValueError):
    """The data does not fit the type; the message names the path and the reason."""


def _decimal(value: Any, _: type) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("a decimal is written as text")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("not a decimal number") from None
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _is(kind: type) -> Callable[[Any], bool]:
    """By identity: a hook for str must not catch text enums, which are str too."""
    return lambda candidate: candidate is kind


def _exactly(kind: type) -> Callable[[Any, type], Any]:
    def structure(value: Any, _: type) -> Any:
        if type(value) is not kind:
            raise ValueError(f"expected {kind.__name__}, not {type(value).__name__}")
        return value

    return structure


def _iso(kind: type[date]) -> Callable[[Any, type], Any]:
    def structure(value: Any, _: type) -> Any:
        if not isinstance(value, str):
            raise ValueError("a date is written as ISO text")
        return kind.fromisoformat(value)

    return structure


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook_func(_is(kind), _exactly(kind))
    converter.register_structure_hook_func(_is(Decimal), _decimal)
    # A datetime is a date too: each hook takes its own type only.
    converter.register_structure_hook_func(_is(date), _iso(date))
    converter.register_structure_hook_func(_is(datetime), _iso(datetime))
    converter.register_unstructure_hook(Decimal, str)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    return converter


_CONVERTER = _converter()


def dump(value: Any) -> Any:
    """JSON-ready twin of a dataclass, enum, tuple, mapping, Decimal, date or plain value."""
    return _CONVERTER.unstructure(value)


def load(kind: type[T], data: Any) -> T:
    """Build `kind` from `dump`'s output. Raises CodecError naming each wrong path."""
    try:
        return _CONVERTER.structure(data, kind)
    except Exception as error:
        raise CodecError("; ".join(cattrs.transform_error(error))) from error


def canonical(value: Any) -> str:
    """One text per value: keys sorted, no spaces, not ASCII-escaped. Made for hashing."""
    return json.dumps(dump(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
