"""What scoring reads about one proposal. Pure, frozen.

Marks and values run from 0 to 100; weights of all criteria total 100; points are mark × weight ÷ 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

Anchor = int | Decimal
"""A mark as it was given: whole, or with decimals where the scale has them."""


def as_anchor(figure: Anchor) -> Anchor:
    """A whole mark as an int, another without zeros at its end: 4, 2.5."""
    return int(figure) if figure == int(figure) else Decimal(figure).normalize()


def anchor_json(anchor: Anchor | None) -> int | str | None:
    """A mark in JSON: a whole one as a number, another as text."""
    return str(anchor) if isinstance(anchor, Decimal) else anchor


@dataclass(frozen=True, kw_only=True)
class ValueFunction:
    """Linear: 0 marks at `start`, 100 at `ideal`, clipped. Both from the requirements when `per_requirement`."""

    source: str
    start: Decimal | None = None
    ideal: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class CriterionFacts:
    """A criterion as scoring sees it. `mode`: evaluator, automatic or price; `envelope`: technical or price."""

    code: str
    title: str
    weight: Decimal
    mode: str
    envelope: str = "technical"
    value: ValueFunction | None = None
    fallback_to_evaluator: bool = False
    scale: Mapping[str, Any] | None = None
    minimum: Decimal | None = None
    quorum: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class MethodFacts:
    """What an RFP chose, in the words and units of an evaluation file; see docs/evaluation-file.md.

    `price_points`: None where it is the weight of the criterion that is computed from price.
    """

    aggregate: str = "mean"
    trim: Decimal = Decimal("0.2")
    technical: str = "sum"
    technical_share: Decimal | None = None
    price_share: Decimal | None = None
    threshold: Decimal | None = None
    quorum: int | str | None = None
    price_formula: str = "fixed_reference"
    price_points: Decimal | None = None
    price_cap: bool = True
    price_basis: str = "total"
    tie_chain: tuple[str, ...] = ("technical", "price", "received_at")
    rounding_places: int | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerFacts:
    """A typed answer that feeds a criterion; `start` is the requirement's minimum or maximum.

    `less_is_better`: the requirement has a maximum only.
    """

    requirement: str
    criterion: str
    value: Decimal | None
    start: Decimal | None
    ideal: Decimal | None
    less_is_better: bool = False


@dataclass(frozen=True, kw_only=True)
class MarkFacts:
    """One evaluator's anchor on one criterion; None is an abstention."""

    criterion: str
    evaluator: str
    anchor: Anchor | None


@dataclass(frozen=True, kw_only=True)
class AutomaticFacts:
    """A computed mark: None when its input is missing; `left_to_evaluators` when no figure exists for the item.

    `stand_in`: "panel" or "zero" when the panel put the value in place of a missing input, else blank.
    """

    criterion: str
    value: Decimal | None
    left_to_evaluators: bool = False
    stand_in: str = ""


@dataclass(frozen=True, kw_only=True)
class PriceFacts:
    """Offered and reference totals over the same items and years, U.S. dollars; None when not computable.

    `parts`: what the offered total is the sum of: "units", then each counted cost.
    """

    offered: Decimal | None
    reference: Decimal | None
    parts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PreferenceFacts:
    """A preference that counts for this offer. `kind`: "price_percent" (`value` in percent, `cap` in U.S. dollars) or
    "points"."""

    code: str
    title: str
    kind: str
    value: Decimal
    cap: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class AgreedFacts:
    """The mark that the panel agreed on for a criterion, in place of the aggregate, and why."""

    criterion: str
    anchor: Anchor
    reason: str


@dataclass(frozen=True, kw_only=True)
class ScoreSheet:
    """All that decides one proposal's score. `price` is None, and no preference counts, while prices are sealed."""

    criteria: tuple[CriterionFacts, ...]
    anchor_map: Mapping[int, Decimal]
    automatic: tuple[AutomaticFacts, ...] = ()
    marks: tuple[MarkFacts, ...] = ()
    agreed: tuple[AgreedFacts, ...] = ()
    price: PriceFacts | None = None
    preferences: tuple[PreferenceFacts, ...] = ()
    method: MethodFacts = field(default_factory=MethodFacts)

    @property
    def left_to_evaluators(self) -> frozenset[str]:
        """Codes of the computed criteria that reviewers mark on this proposal."""
        return frozenset(each.criterion for each in self.automatic if each.left_to_evaluators)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One criterion in a score: its mark, what it contributes, and whose marks it rests on.

    `spread`: the range of what the evaluators' marks are worth, 0 to 100; None below two marks. `agreed`: the mark that
    counts in place of theirs; None where there is none.
    """

    criterion: str
    title: str
    mode: str
    envelope: str
    weight: Decimal
    mark: Decimal | None
    points: Decimal
    marks: Mapping[str, Anchor | None] = field(default_factory=dict)
    is_missing: bool = False
    spread: Decimal | None = None
    agreed: Anchor | None = None


@dataclass(frozen=True, kw_only=True)
class Exact:
    """The figures that a ranking compares, as fractions. `values`: 0 to 100 by criterion, None without any input.

    `total` is None until price is open, where a price that counts is missing, and where a total depends on rivals.
    """

    technical: Fraction
    threshold_percent: Fraction
    total: Fraction | None
    values: Mapping[str, Fraction | None]
    below_minimum: bool = False


@dataclass(frozen=True, kw_only=True)
class ScoreResult:
    """A score and every line it is the exact sum of, to 12 places. `total` and `price_mark`: see `Exact.total`.

    `threshold_percent` is what a threshold tests: the technical percent with every missing input at full marks.
    """

    lines: tuple[Line, ...]
    technical: Decimal
    technical_weight: Decimal
    technical_percent: Decimal
    threshold_percent: Decimal
    price_mark: Decimal | None
    total: Decimal | None
    marks_missing: int
    automatic_missing: int
    exact: Exact
