"""The file with its results, and the checksum of its inputs: the same input gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from scoring.calculation.facts import Evaluation
from scoring.calculation.figures import Literal
from scoring.calculation.recomputing import SetResults

BEYOND = re.compile("[\ue000-\U0010ffff]")
AFTER = "format"  # the checksum follows this key


def inputs_sha256(raw: Mapping[str, Any]) -> str:
    """SHA-256 of the RFC 8785 form of everything but results and the checksum itself, numbers as strings."""
    inputs = {key: value for key, value in raw.items() if key != "inputs_sha256"}
    inputs["sets"] = [_without(each, "results") for each in raw["sets"]]
    return hashlib.sha256(canonical(inputs).encode()).hexdigest()


def canonical(value: Any) -> str:
    """The RFC 8785 form of JSON without numbers: keys sorted by UTF-16 code units, no space, least escapes."""
    # json sorts by code points. That is the same order unless a character comes after the surrogates.
    quick = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _in_utf16_order(value) if BEYOND.search(quick) else quick


def _without(each: Mapping[str, Any], left_out: str) -> dict[str, Any]:
    return {key: value for key, value in each.items() if key != left_out}


def _in_utf16_order(value: Any) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(key)}:{_in_utf16_order(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_in_utf16_order(each) for each in value) + "]"
    if isinstance(value, str):
        return _text(value)
    return json.dumps(value)


def _text(value: str) -> str:
    # json escapes the same characters in the same way as RFC 8785, once it leaves what is not ASCII alone.
    return encode_basestring(value)


def with_results(evaluation: Evaluation, results: Sequence[SetResults]) -> bytes:
    """The file as it was read, with `results` in each set and `inputs_sha256`, in UTF-8."""
    raw = {key: value for key, value in evaluation.raw.items() if key != "inputs_sha256"}
    raw["sets"] = [
        {**_without(each, "results"), "results": found.as_json()}
        for each, found in zip(raw["sets"], results, strict=True)
    ]
    digest = inputs_sha256(evaluation.raw)
    ordered: dict[str, Any] = {}
    for key, value in raw.items():
        ordered[key] = value
        if key == AFTER:
            ordered["inputs_sha256"] = digest
    return (pretty(ordered) + "\n").encode()


def pretty(value: Any, indent: str = "") -> str:
    """JSON for people: rows on a line of their own, numbers as they were written."""
    if isinstance(value, dict) and value and (not indent or _is_deep(value)):
        inner = indent + " "
        rows = [f"{inner}{_text(key)}: {pretty(each, inner)}" for key, each in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and _is_deep(value):
        inner = indent + " "
        return "[\n" + ",\n".join(inner + pretty(each, inner) for each in value) + f"\n{indent}]"
    return _flat(value)


def _is_deep(value: Any) -> bool:
    """Whether it holds objects or lists of its own."""
    inside = value.values() if isinstance(value, dict) else value
    return any(isinstance(each, dict | list) for each in inside)


def _flat(value: Any) -> str:
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_flat(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flat(each) for each in value) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)
