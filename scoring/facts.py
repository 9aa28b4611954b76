"""What scoring reads about one proposal. Pure, frozen.

Marks and values run from 0 to 100; weights of all criteria total 100; points are mark × weight ÷ 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


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
    anchor: int | None


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
class ScoreSheet:
    """All that decides one proposal's score. `price` is None while the price envelope is closed."""

    criteria: tuple[CriterionFacts, ...]
    anchor_map: Mapping[int, Decimal]
    automatic: tuple[AutomaticFacts, ...] = ()
    marks: tuple[MarkFacts, ...] = ()
    price: PriceFacts | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One criterion in a score: its mark, what it contributes, and whose marks it rests on."""

    criterion: str
    title: str
    mode: str
    envelope: str
    weight: Decimal
    mark: Decimal | None
    points: Decimal
    marks: Mapping[str, int | None] = field(default_factory=dict)
    is_missing: bool = False

    @property
    def spread(self) -> Decimal | None:
        """Range of the evaluators' anchors as a percentage of the scale; None below two marks."""
        given = [anchor for anchor in self.marks.values() if anchor is not None]
        return Decimal(max(given) - min(given)) / 5 * 100 if len(given) > 1 else None


@dataclass(frozen=True, kw_only=True)
class ScoreResult:
    """A score and every line it is the exact sum of. `total` and `price_mark` are None until price is open.

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


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One proposal in the ranking of its lot. `score` decides; the rest is the tie chain, in its order."""

    key: str
    score: Decimal
    technical: Decimal
    price: Decimal | None
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a contender ranks in its lot: competition ranks (1, 1, 3); which tie step decided."""

    key: str
    rank: int
    shared: bool
    tie_step: str
