"""Stored results against computed ones: every difference in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from scoring.calculation.facts import Evaluation
from scoring.calculation.figures import printed
from scoring.calculation.file.writing import inputs_sha256
from scoring.calculation.recomputing import SetResults

ABSENT: Any = object()
DECIMALS = ("technical", "technical_percent", "technical_final", "price_points", "total")
OTHERS = ("standing", "rank", "shared", "tie_step")


def differences(evaluation: Evaluation, results: Sequence[SetResults]) -> list[str]:
    """A line for each number or word that differs; none if the file is what it says. Also checks the checksum."""
    found = []
    if evaluation.inputs_sha256 is not None:
        computed = inputs_sha256(evaluation.raw)
        if computed != evaluation.inputs_sha256:
            found.append(_line("The file", "inputs_sha256", evaluation.inputs_sha256, computed))
    if has_results(evaluation):
        for each in results:
            found += _of_set(each)
    return found


def has_results(evaluation: Evaluation) -> bool:
    return any(each.stored is not None for each in evaluation.sets)


def _line(where: str, what: str, stored: Any, computed: Any) -> str:
    return f"{where}: {what}: stored {_said(stored)}, computed {_said(computed)}."


def _said(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    if isinstance(value, Fraction):
        return printed(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, str):
        return value or "“”"
    return (
        {None: "null", True: "true", False: "false"}[value] if isinstance(value, bool | None) else str(value)
    )


def _of_set(results: SetResults) -> Iterator[str]:
    stored: dict[str, Mapping[str, Any]] = {}
    if results.of.stored is None:
        yield f"{results.of.name}: the set has no results, but other sets do."
        return
    for row in results.of.stored:
        if row["id"] in stored:
            yield f"{results.of.name}, proposal {row['id']}: the results have two rows for it."
        stored.setdefault(row["id"], row)
    for computed in results.as_json():
        row = stored.pop(computed["id"], ABSENT)
        where = f"{results.of.name}, proposal {computed['id']}"
        if not isinstance(row, Mapping):
            yield f"{where}: the results have no row for it."
        else:
            yield from _of_row(where, row, computed)
    for extra in stored:
        yield f"{results.of.name}, proposal {extra}: the results have a row for it, but the set has no such proposal."


def _of_row(where: str, stored: Mapping[str, Any], computed: Mapping[str, Any]) -> Iterator[str]:
    for key in OTHERS:
        if stored.get(key, ABSENT) != computed[key]:
            yield _line(where, key, stored.get(key, ABSENT), computed[key])
    for key in DECIMALS:
        yield from _of_decimal(where, key, stored.get(key, ABSENT), computed[key])
    flags = stored.get("flags", ABSENT)
    if flags is ABSENT or sorted(flags) != sorted(computed["flags"]):
        yield _line(where, "flags", flags, computed["flags"])
    criteria: dict[str, Mapping[str, Any]] = {}
    for each in stored.get("criteria", ()):
        if each["code"] in criteria:
            yield f"{where}, criterion {each['code']}: the results have two rows for it."
        criteria.setdefault(each["code"], each)
    for each in computed["criteria"]:
        inside = f"{where}, criterion {each['code']}"
        row = criteria.pop(each["code"], {})
        if row.get("n", ABSENT) != each["n"]:
            yield _line(inside, "n", row.get("n", ABSENT), each["n"])
        for key in ("value", "points"):
            yield from _of_decimal(inside, key, row.get(key, ABSENT), each[key])
    for extra in criteria:
        yield f"{where}, criterion {extra}: the results have a row for it, but the file has no such criterion."


def _of_decimal(where: str, key: str, stored: Any, computed: str | None) -> Iterator[str]:
    expected = None if computed is None else Fraction(computed)
    if stored != expected:
        yield _line(where, key, stored, expected)
