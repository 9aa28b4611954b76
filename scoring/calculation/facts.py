"""What an evaluation file says, checked and exact. Shares and values are 0 to 100; money is in the file's own unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from scoring.calculation.scales import Scale

Quorum = int | Literal["all"] | None


class NotAnEvaluation(Exception):
    """The file can't be read as an evaluation; the message is one sentence for a person."""


class Declined(Exception):
    """The analysis does not apply to this evaluation; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """How price counts. `points` is the most that price can earn; None where the formula needs none."""

    formula: str = "none"
    points: Fraction | None = None
    reference: Fraction | None = None
    cap: bool = True
    basis: str = "total"


@dataclass(frozen=True, slots=True)
class Method:
    aggregate: str = "mean"
    trim: Fraction = Fraction(1, 5)
    technical: str = "sum"
    technical_share: Fraction | None = None
    price_share: Fraction | None = None
    threshold: Fraction | None = None
    price: PriceTerms = field(default_factory=PriceTerms)
    tie_chain: tuple[str, ...] = ()
    places: int | None = None
    price_open: bool = True


@dataclass(frozen=True, slots=True)
class Criterion:
    code: str
    title: str
    weight: Fraction
    mode: str
    envelope: str
    scale: Scale
    minimum: Fraction | None
    quorum: Quorum
    fallback: bool
    stage: int = 1


@dataclass(frozen=True, slots=True)
class Adjustment:
    kind: str
    value: Fraction
    cap: Fraction | None


@dataclass(frozen=True, slots=True)
class Proposal:
    id: str
    price: Fraction | None = None
    reference: Fraction | None = None
    received_at: Fraction | None = None
    gate: str = "in"
    draw: Fraction | None = None
    holds: tuple[str, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    categories: frozenset[str] = frozenset()
    state: str = ""
    supplier: str = ""
    stage: int = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """One evaluator's mark as it was given, and the value it stands for. Both None if there is no mark."""

    evaluator: str
    status: str
    mark: Fraction | None
    value: Fraction | None

    @property
    def is_given(self) -> bool:
        return self.status == "given"


Cell = tuple[str, str]
"""A proposal's id and a criterion's code."""


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """The proposals that are ranked together. `automatic` and `consensus` hold values, 0 to 100."""

    window: int
    lot: str
    proposals: Sequence[Proposal]
    marks: Mapping[Cell, Sequence[Mark]]
    automatic: Mapping[Cell, Fraction | None]
    consensus: Mapping[Cell, Fraction]
    stored: Sequence[Mapping[str, Any]] | None = None

    @property
    def name(self) -> str:
        return f"Window {self.window}, lot {self.lot}" if self.lot else f"Window {self.window}"


@dataclass(frozen=True, slots=True)
class PortfolioTerms:
    """`slots` is one number over all lots, or one for each lot."""

    slots: int | Mapping[str, int]
    budget: Fraction | None = None
    cover_categories: tuple[str, ...] = ()
    min_sources: Mapping[str, int] = field(default_factory=dict)
    cover_states: tuple[str, ...] = ()
    max_per_supplier: int | None = None
    pinned: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The whole file. `raw` is what was read, with numbers as they were written."""

    raw: Mapping[str, Any]
    method: Method
    criteria: tuple[Criterion, ...]
    evaluators: tuple[str, ...]
    sets: tuple[EvaluationSet, ...]
    portfolio: PortfolioTerms | None = None
    inputs_sha256: str | None = None
