"""Evaluation files for tests, as small as each case allows. All figures are strings, as in a file."""

from __future__ import annotations

import json
from typing import Any

from scoring.calculation import Evaluation, load, recompute

FORMAT = "onshore-evaluation/1"


def criterion(code: str = "T", weight: str = "70", **more: Any) -> dict[str, Any]:
    return {"code": code, "weight": weight, **more}


def marks(proposal: str, code: str, *given: str | None, **more: Any) -> list[dict[str, Any]]:
    """Marks of evaluators E1, E2, …; None is a mark that is missing."""
    return [
        {"proposal": proposal, "criterion": code, "evaluator": f"E{index}", "mark": mark, **more}
        | ({} if mark is not None else {"status": "missing"})
        for index, mark in enumerate(given, 1)
    ]


def one_set(proposals: list[dict[str, Any]], rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"proposals": proposals, "marks": rows, **more}


def a_file(
    criteria: list[dict[str, Any]], *sets: dict[str, Any], method: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    return {"format": FORMAT, "method": method or {}, "criteria": criteria, "sets": list(sets), **more}


def as_bytes(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def loaded(content: Any) -> Evaluation:
    return load(as_bytes(content))


def results(content: Any, index: int = 0) -> dict[str, dict[str, Any]]:
    """The rows of one set's results, by proposal, in their order."""
    rows = recompute(loaded(content))[index].as_json()
    return {row["id"]: row for row in rows}


def priced(
    prices: dict[str, str | None],
    method: dict[str, Any],
    technical: dict[str, str] | None = None,
    weight: str = "70",
) -> dict[str, Any]:
    """A file with one technical criterion of 0 to 100 and one mark for each proposal (100 unless said)."""
    proposals = [{"id": each, "price": price} for each, price in prices.items()]
    given = [row for each in prices for row in marks(each, "T", (technical or {}).get(each, "100"))]
    return a_file([criterion(weight=weight)], one_set(proposals, given), method=method)


def by_value(
    values: dict[str, dict[str, str]],
    weights: dict[str, str],
    method: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A file whose proposals have one evaluator's marks of 0 to 100: proposal to criterion to value."""
    given = [
        row for each, of in values.items() for code, value in of.items() for row in marks(each, code, value)
    ]
    return a_file(
        [criterion(code, weight) for code, weight in weights.items()],
        one_set([{"id": each} for each in values], given),
        method=method,
        **more,
    )
