"""Bytes to JSON that fits a schema, or problems with their paths. Imports no Django.

The schema is JSON Schema of draft 2020-12, of which these words are read: type, enum, pattern, minimum, maximum,
maxLength, items, minItems, maxItems, properties, required, additionalProperties (false, or a schema), maxProperties.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rfp.reuse.contents.problems import FileWrong, Problem

MOST_BYTES = 2 * 1024 * 1024
MOST_DEPTH = 12
KINDS: Mapping[str, tuple[Any, str]] = {
    "object": (dict, "an object"),
    "array": (list, "a list"),
    "string": (str, "text"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
    "null": (type(None), "null"),
}


def parse(content: bytes) -> Any:
    """Strict JSON. Raises FileWrong: too large, too deep, doubled keys, NaN, or text that is not Unicode."""
    if len(content) > MOST_BYTES:
        raise _whole("The file is larger than 2 MB.")
    try:
        text = content.decode("utf-8-sig")
        _check_depth(text)
        found = json.loads(text, object_pairs_hook=_no_doubled_key, parse_constant=_no_constant)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeError:
        raise _whole("The file is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise _whole(f"The file is not JSON: line {error.lineno}, column {error.colno}.") from None
    except (RecursionError, ValueError):
        raise _whole("The file is not JSON that we can read.") from None
    return found


def check(found: Any, schema: Mapping[str, Any]) -> None:
    """Raises FileWrong with every place that doesn't fit the schema."""
    if problems := list(_misfits(found, schema, "")):
        raise FileWrong(problems)


def _whole(why: str) -> FileWrong:
    return FileWrong([Problem("The file", why)])


def _check_depth(text: str) -> None:
    """Before it is parsed: brackets outside of strings, counted."""
    depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        mark = token.group()
        depth += (mark in "[{") - (mark in "]}") if len(mark) == 1 else 0
        if depth > MOST_DEPTH:
            raise _whole(f"The file nests more than {MOST_DEPTH} objects or lists.")


def _no_constant(name: str) -> Any:
    raise _whole(f"The file is not JSON: it holds {name}.")


def _no_doubled_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _whole(f"The key “{key[:60]}” is in one object twice.")
        found[key] = value
    return found


def _misfits(value: Any, schema: Mapping[str, Any], where: str) -> Iterator[Problem]:
    place = where or "The file"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield Problem(place, f"Must be {' or '.join(KINDS[kind][1] for kind in kinds)}.")
    elif value is None:
        return
    elif "enum" in schema and value not in schema["enum"]:
        yield Problem(
            place, f"Must be one of {', '.join(repr(each) for each in schema['enum'] if each is not None)}."
        )
    elif isinstance(value, str):
        yield from _text(value, schema, place)
    elif isinstance(value, dict):
        yield from _object(value, schema, where)
    elif isinstance(value, list):
        yield from _list(value, schema, where)
    elif isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield Problem(place, f"Must be from {schema.get('minimum', '…')} to {schema.get('maximum', '…')}.")


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind][0]) and (kind != "integer" or not isinstance(value, bool))


def _text(value: str, schema: Mapping[str, Any], place: str) -> Iterator[Problem]:
    if len(value) > schema.get("maxLength", len(value)):
        yield Problem(place, f"Can have at most {schema['maxLength']} characters.")
    elif "pattern" in schema and not re.search(schema["pattern"], value):
        yield Problem(place, f"“{value[:40]}” is not {schema.get('title', 'in the right form')}.")


def _object(value: dict[str, Any], schema: Mapping[str, Any], where: str) -> Iterator[Problem]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", False)
    for name in schema.get("required", ()):
        if name not in value:
            yield Problem(_under(where, name), "Is missing.")
    if len(value) > schema.get("maxProperties", len(value)):
        yield Problem(where or "The file", f"Can have at most {schema['maxProperties']} entries.")
        return
    for name, each in value.items():
        if name in known:
            yield from _misfits(each, known[name], _under(where, name))
        elif others is False:
            yield Problem(_under(where, name[:60]), "We don’t know this name.")
        else:
            yield from _misfits(each, others, _under(where, name[:60]))


def _list(value: list[Any], schema: Mapping[str, Any], where: str) -> Iterator[Problem]:
    if len(value) > schema.get("maxItems", len(value)):
        yield Problem(where or "The file", f"Can have at most {schema['maxItems']} entries.")
        return
    if len(value) < schema.get("minItems", 0):
        yield Problem(where or "The file", f"Must have at least {schema['minItems']} entries.")
    for at, each in enumerate(value):
        yield from _misfits(each, schema.get("items", {}), f"{where}[{at}]")


def _under(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
