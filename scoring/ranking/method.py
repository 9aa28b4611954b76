"""An RFP's published method, in the words of an evaluation file and as the calculation engine reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from rfp.method.prices import FORMULAS, PriceFormula
from rfp.models import Criterion, Solicitation
from scoring.calculation.facts import Evaluation
from scoring.calculation.file.reading import parse, read
from scoring.facts import CriterionFacts, MethodFacts, ScoreSheet, ValueFunction

FORMAT = "onshore-evaluation/1"
Anchors = Mapping[int, Decimal]


def method_facts(solicitation: Solicitation) -> MethodFacts:
    """What the RFP chose."""
    return MethodFacts(
        aggregate=solicitation.aggregate,
        trim=solicitation.trim,
        technical=solicitation.technical_form,
        technical_share=solicitation.technical_share,
        price_share=solicitation.price_share,
        threshold=solicitation.technical_threshold or None,
        quorum=solicitation.quorum,
        price_formula=solicitation.price_formula,
        price_cap=solicitation.price_cap,
        tie_chain=tuple(solicitation.tie_chain),
        rounding_places=solicitation.rounding_places,
    )


def criterion_facts(criterion: Criterion, solicitation: Solicitation) -> CriterionFacts:
    """A criterion as scoring sees it. With no number of its own or of the RFP, its quorum is all who may mark."""
    value = None
    if criterion.mode == Criterion.Mode.AUTOMATIC:
        value = ValueFunction(
            source=criterion.value_source, start=criterion.value_from, ideal=criterion.value_ideal
        )
    return CriterionFacts(
        code=criterion.code,
        title=criterion.title,
        weight=criterion.weight,
        mode=criterion.mode,
        envelope=criterion.envelope,
        value=value,
        fallback_to_evaluator=criterion.fallback_to_evaluator,
        scale=criterion.scale or None,
        minimum=criterion.minimum,
        quorum=criterion.quorum or solicitation.quorum or "all",
    )


def anchor_map(stored: Mapping[str, Any]) -> dict[int, Decimal]:
    return {int(anchor): Decimal(str(mark)) for anchor, mark in stored.items()}


# ---- in the words of the file -----------------------------------------------------------------------------------


def formula_of(method: MethodFacts, criteria: Iterable[CriterionFacts]) -> PriceFormula:
    """The formula that counts: one that gives points does so only if a criterion is computed from price."""
    formula = FORMULAS[method.price_formula]
    has_price = any(each.mode == "price" for each in criteria)
    return FORMULAS["none"] if formula.gives == "points" and not has_price else formula


def method_lines(
    method: MethodFacts, criteria: Sequence[CriterionFacts], *, price_open: bool
) -> dict[str, Any]:
    """`method` of the file. Price counts as the RFP chose, if it makes the total or a criterion is computed from it."""
    weights = [each.weight for each in criteria if each.mode == "price"]
    price: dict[str, Any] = {"formula": formula_of(method, criteria).name}
    if price["formula"] != "none":
        price |= {"cap": method.price_cap, "basis": method.price_basis}
    if weights:
        price["points"] = text(
            sum(weights, Decimal(0)) if method.price_points is None else method.price_points
        )
    rounding = None if method.rounding_places is None else {"places": method.rounding_places}
    return {
        "aggregate": method.aggregate,
        "trim": text(method.trim),
        "technical": method.technical,
        "technical_share": text(method.technical_share),
        "price_share": text(method.price_share),
        "threshold": text(method.threshold),
        "quorum": method.quorum,
        "price": price,
        "tie_chain": list(method.tie_chain),
        "rounding": rounding,
        "price_open": price_open,
    }


def criteria_lines(criteria: Iterable[CriterionFacts], anchors: Anchors) -> list[dict[str, Any]]:
    """`criteria` of the file: all but the one that is computed from price, which is part of the method."""
    scale = {"anchors": {str(anchor): text(value) for anchor, value in sorted(anchors.items())}}
    return [
        {
            "code": each.code,
            "title": each.title,
            "weight": text(each.weight),
            "mode": each.mode,
            "envelope": each.envelope,
            "scale": dict(each.scale) if each.scale else scale,
            "minimum": text(each.minimum),
            "quorum": each.quorum,
            "fallback": each.fallback_to_evaluator,
        }
        for each in criteria
        if each.mode != "price"
    ]


def text(value: Decimal | None) -> str | None:
    """A figure in the words of a file: all its digits, no exponent."""
    return None if value is None else f"{value:f}"


# ---- as the engine reads it -------------------------------------------------------------------------------------


def reading(
    method: MethodFacts, criteria: Sequence[CriterionFacts], anchors: Anchors, *, price_open: bool
) -> Evaluation:
    """The engine's method and criteria, without proposals: read from the same words that the file has."""
    return _read(
        json.dumps(
            {
                "format": FORMAT,
                "method": method_lines(method, criteria, price_open=price_open),
                "criteria": criteria_lines(criteria, anchors),
                "sets": [],
            }
        )
    )


@lru_cache(maxsize=64)
def _read(text: str) -> Evaluation:
    return read(parse(text.encode()))


def reading_of(solicitation: Solicitation, criteria: Iterable[Criterion], *, price_open: bool) -> Evaluation:
    """The engine's method and criteria of an RFP."""
    return reading(
        method_facts(solicitation),
        [criterion_facts(each, solicitation) for each in criteria],
        anchor_map(solicitation.anchor_map),
        price_open=price_open,
    )


def name_of(sheet: ScoreSheet) -> str:
    """Aggregate and price formula by name, the formula with its version, as a score's trace names its method."""
    formula = formula_of(sheet.method, sheet.criteria)
    return f"{sheet.method.aggregate}, {formula.name} {formula.version}"


def needs_rivals(evaluation: Evaluation) -> bool:
    """Whether a proposal's total depends on the other proposals in its lot."""
    method = evaluation.method
    return method.technical == "relative" or FORMULAS[method.price.formula].needs_rivals
