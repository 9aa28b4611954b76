"""Reads JSON by the schema: refuses what the schema refuses, fills in its defaults, and makes numbers exact.

`schema.json` is the one place where keys, defaults and ranges are written. Only the names of the price formulas come
from their registry. This module knows the keywords that it
uses, and some of its own: `x-type` (decimal, whole, time), `x-least`, `x-most`, `x-above` and `x-below` for decimals
that may be strings, and `x-words`, which says in an error what was expected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from rfp.method.prices import FORMULAS
from scoring.calculation.facts import NotAnEvaluation
from scoring.calculation.figures import Literal, exact

Reader = Callable[[Any, str], Any]
Schema = Mapping[str, Any]
SCHEMA = Path(__file__).with_name("schema.json")
TIME = re.compile(
    r"(?P<whole>[0-9W-]+T[0-9:]+)(?:[.,](?P<part>[0-9]+))?(?P<zone>Z|[+-][0-9:]+)", re.IGNORECASE
)
BOUNDS: Mapping[str, tuple[Callable[[Fraction, Fraction], bool], str]] = {
    "x-least": (lambda value, bound: value >= bound, "at least"),
    "x-most": (lambda value, bound: value <= bound, "at most"),
    "x-above": (lambda value, bound: value > bound, "above"),
    "x-below": (lambda value, bound: value < bound, "below"),
}


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of an evaluation file (draft 2020-12). The price formulas are those of the registry."""
    read: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    read["$defs"]["price"]["properties"]["formula"]["enum"] = list(FORMULAS)
    return read


@cache
def evaluation_shape() -> Reader:
    return _reader(schema())


def quoted(value: Any) -> str:
    """A JSON value in an error, cut where it is long."""
    if isinstance(value, Literal):
        text = str(value)
    elif isinstance(value, str):
        text = f"“{value}”"
    else:
        text = (
            {None: "null", True: "true", False: "false"}.get(value, "") if _is_flat(value) else _kind(value)
        )
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= 80 else f"{text[:78]}…"


def _is_flat(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else "an object"


def _wrong(path: str, expected: str, value: Any) -> NotAnEvaluation:
    return NotAnEvaluation(f"{path or 'The file'} must be {expected}, not {quoted(value)}.")


def _reader(node: Schema) -> Reader:
    """The reader of one schema node; keywords beside a `$ref` add to it, as in draft 2020-12."""
    base = _reader_of_kind(node)
    limits = [(holds, Fraction(node[key]), words) for key, (holds, words) in BOUNDS.items() if key in node]
    barred = node.get("not", {}).get("enum", ())
    if not limits and not barred:
        return base

    def read(value: Any, path: str) -> Any:
        found = base(value, path)
        for holds, bound, words in limits:
            if found is not None and not holds(found, bound):
                raise _wrong(path, f"{words} {float(bound):g}", value)
        if found in barred:
            raise NotAnEvaluation(f"{path} can’t be {quoted(value)}, which is a word of the tie chain.")
        return found

    return read


def _reader_of_kind(node: Schema) -> Reader:
    if "$ref" in node:
        return _reader(schema()["$defs"][node["$ref"].removeprefix("#/$defs/")])
    if "x-type" in node:
        return {"decimal": _decimal, "whole": _whole, "time": _time}[node["x-type"]]
    if "anyOf" in node:
        return _any_of(node)
    if "const" in node or "enum" in node:
        return _one_of(tuple(node.get("enum", (node.get("const"),))))
    kinds: Mapping[str, Callable[[Schema], Reader]] = {
        "object": _object if "properties" in node else _mapping,
        "array": _array,
        "string": _string,
        "boolean": lambda node: _boolean,
        "null": lambda node: _null,
    }
    return kinds[node["type"]](node)


def _decimal(value: Any, path: str) -> Fraction:
    found = exact(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong(path, "a decimal number", value)
    return found


def _whole(value: Any, path: str) -> int:
    found = exact(value) if isinstance(value, str) else None
    if found is None or found.denominator != 1 or not 0 <= found < 10**9:
        raise _wrong(path, "a whole number", value)
    if not isinstance(value, Literal) and not value.isdecimal():
        raise _wrong(path, "a whole number", value)
    return int(found)


def _time(value: Any, path: str) -> Fraction:
    """Seconds since the year 1 in UTC."""
    found = TIME.fullmatch(value) if _is_text(value) else None
    try:
        if found is None:
            raise ValueError
        moment = datetime.fromisoformat((found["whole"] + found["zone"]).upper())
        offset = moment.utcoffset()
        if offset is None:
            raise ValueError
    except ValueError as error:
        raise _wrong(path, "an ISO 8601 time with an offset", value) from error
    at_day = moment.toordinal() * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second
    part = Fraction(f"0.{found['part']}"[:30]) if found["part"] else Fraction(0)
    return at_day + part - Fraction(offset.total_seconds())


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Literal)


def _string(node: Schema) -> Reader:
    least, pattern = node.get("minLength", 0), re.compile(node.get("pattern", ""))

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or isinstance(value, Literal):
            raise _wrong(path, "a string", value)
        if len(value) < least:
            raise NotAnEvaluation(f"{path} can’t be empty.")
        if not pattern.search(value):
            raise _wrong(path, "64 hexadecimal digits", value)
        return value

    return read


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "true or false", value)
    return value


def _null(value: Any, path: str) -> None:
    if value is not None:
        raise _wrong(path, "null", value)


def _one_of(words: tuple[str, ...]) -> Reader:
    expected = f"“{words[0]}”" if len(words) == 1 else f"one of {', '.join(words)}"

    def read(value: Any, path: str) -> str:
        if not _is_text(value) or value not in words:
            raise _wrong(path, expected, value)
        return str(value)

    return read


def _any_of(node: Schema) -> Reader:
    """The branch that fits; for null-or-something, the something says what is wrong."""
    branches = [(branch, _reader(branch)) for branch in node["anyOf"]]
    nullable = any(branch.get("type") == "null" for branch, _ in branches)
    named = [(branch, read) for branch, read in branches if branch.get("type") != "null"]

    def read(value: Any, path: str) -> Any:
        if value is None and nullable:
            return None
        if len(named) == 1:
            return named[0][1](value, path)
        for branch, attempt in named:
            if isinstance(value, dict) and branch.get("type") == "object":
                keys = set(branch.get("required", ()))
                if keys <= value.keys():
                    return attempt(value, path)
            elif branch.get("type") != "object":
                try:
                    return attempt(value, path)
                except NotAnEvaluation:
                    continue
        raise _wrong(path, node["x-words"], value)

    return read


def _object(node: Schema) -> Reader:
    readers = {key: _reader(child) for key, child in node["properties"].items()}
    defaults = {
        key: _as_read(child["default"]) for key, child in node["properties"].items() if "default" in child
    }
    fillings = {key: readers[key](default, key) for key, default in defaults.items()}
    required = tuple(node.get("required", ()))

    def read(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong(path, "an object", value)
        where = path or "The file"
        filled = dict(fillings)
        for key, inside in value.items():
            reader = readers.get(key)
            if reader is None:
                raise NotAnEvaluation(f"{where} has the unknown key {quoted(key)}.")
            filled[key] = reader(inside, f"{path}.{key}" if path else key)
        for key in required:
            if key not in value:
                raise NotAnEvaluation(f"{where} lacks the key “{key}”.")
        return filled

    return read


def _mapping(node: Schema) -> Reader:
    inside = _reader(node["additionalProperties"]) if "additionalProperties" in node else None
    least = node.get("minProperties", 0)

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong(path, "an object", value)
        if len(value) < least:
            raise NotAnEvaluation(f"{path} can’t be empty.")
        return (
            value if inside is None else {key: inside(each, f"{path}.{key}") for key, each in value.items()}
        )

    return read


def _array(node: Schema) -> Reader:
    item, unique = _reader(node["items"]), node.get("uniqueItems", False)

    def read(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _wrong(path, "a list", value)
        found = tuple(item(each, f"{path}[{index}]") for index, each in enumerate(value))
        if unique and len(set(found)) < len(found):
            twice = next(each for index, each in enumerate(found) if each in found[:index])
            raise NotAnEvaluation(f"{path} names {quoted(twice)} twice.")
        return found

    return read


def _as_read(default: Any) -> Any:
    """A default of the schema as the parser would have read it."""
    return json.loads(json.dumps(default), parse_int=Literal, parse_float=Literal)
