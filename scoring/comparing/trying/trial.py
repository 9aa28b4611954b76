"""One lot's ranking with other weights or another price formula: computed by the engine, never stored.

What is computed is what `manage.py recompute` says of the lot's evaluation file with the same changes made in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from rfp.method.prices import FORMULAS
from rfp.models import Criterion, Solicitation
from scoring.calculation import totals
from scoring.calculation.facts import Criterion as Weighed
from scoring.calculation.facts import Evaluation, EvaluationSet, Proposal
from scoring.calculation.recomputing import SetResults, ranked_results
from scoring.facts import CriterionFacts, MethodFacts
from scoring.ranking import method as methods
from scoring.ranking import queries
from scoring.ranking.evaluation import adjustments, usable
from scoring.ranking.queries import ScoreRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HUNDRED = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is tried: a weight for each criterion, by code, and how price counts.

    `price_share`: None where the RFP adds points without shares. `reference`: percent of the reference prices.
    """

    weights: Mapping[str, Decimal]
    formula: str
    cap: bool
    price_share: Decimal | None = None
    reference: Decimal = HUNDRED


@dataclass(frozen=True, kw_only=True)
class Published:
    """An RFP's own method, as far as it counts: without what concerns price while prices are sealed."""

    method: MethodFacts
    criteria: tuple[CriterionFacts, ...]
    anchors: Mapping[int, Decimal]
    price_open: bool

    @classmethod
    def of(cls, solicitation: Solicitation, criteria: Iterable[Criterion], *, price_open: bool) -> Published:
        return cls(
            method=methods.method_facts(solicitation),
            criteria=tuple(methods.criterion_facts(each, solicitation) for each in criteria),
            anchors=methods.anchor_map(solicitation.anchor_map),
            price_open=price_open,
        )

    @property
    def has_shares(self) -> bool:
        return self.price_open and self.method.price_share is not None

    @property
    def weighed(self) -> tuple[CriterionFacts, ...]:
        """The criteria whose weights can be tried: with shares, price counts by its share and not by a weight."""
        return tuple(
            each
            for each in self.criteria
            if (self.price_open or each.envelope == "technical")
            and not (each.mode == "price" and self.has_shares)
        )

    @property
    def sum(self) -> Decimal:
        """What the weights that can be tried add up to."""
        return sum((each.weight for each in self.weighed), Decimal(0))

    @property
    def trial(self) -> Trial:
        """The published method as a trial that changes nothing."""
        return Trial(
            weights={each.code: each.weight for each in self.weighed},
            formula=self.method.price_formula,
            cap=self.method.price_cap,
            price_share=self.method.price_share if self.has_shares else None,
        )

    def formulas(self, *, has_references: bool) -> list[str]:
        """Names of the price formulas that can be tried: with something to earn, and with what they divide by."""
        if not self.price_open:
            return []
        has_price = any(each.mode == "price" for each in self.criteria)
        return [
            name
            for name, formula in FORMULAS.items()
            if name == self.method.price_formula
            or (
                (formula.gives != "points" or has_price)
                and (formula.gives != "total" or not self.has_shares)
                and (has_references or not formula.needs_reference)
            )
        ]

    def read(self, trial: Trial) -> Evaluation:
        """The method and criteria as the engine reads them, with the trial's changes. Raises NotAnEvaluation."""
        share = trial.price_share
        method = replace(
            self.method,
            price_formula=trial.formula,
            price_cap=trial.cap,
            price_share=self.method.price_share if share is None else share,
            technical_share=self.method.technical_share if share is None else HUNDRED - share,
        )
        criteria = [replace(each, weight=trial.weights.get(each.code, each.weight)) for each in self.criteria]
        return methods.reading(method, criteria, self.anchors, price_open=self.price_open)


def results_of(rows: Iterable[ScoreRow], published: Published, trial: Trial) -> SetResults:
    """Everybody's place and figures in one lot with the trial's changes, from the exact values that are stored.

    As in an evaluation file, proposals that wait for marks are left out while prices are sealed.
    """
    weighing = _Weighing(published.read(trial), published, trial)
    found = [
        weighing.row(row)
        for row in rows
        if row.knocked_out or (row.priced if published.price_open else not row.marks_missing)
    ]
    read = weighing.read
    totals.finish(found, read.criteria, read.method)
    proposals: Sequence[Proposal] = [row.proposal for row in found]
    of = EvaluationSet(window=1, lot="", proposals=proposals, marks={}, automatic={}, consensus={})
    return ranked_results(of, found, read.criteria, read.method)


class _Weighing:
    """Stored values, weighed anew. Many proposals share a value, so each is read and weighed once."""

    def __init__(self, read: Evaluation, published: Published, trial: Trial) -> None:
        self.read, self.published, self.trial = read, published, trial
        self.most = totals.most_technical(read.criteria)
        self.technical = [each.code for each in read.criteria if each.envelope == "technical"]
        self.known: dict[tuple[str, str], totals.CriterionScore] = {}

    def row(self, row: ScoreRow) -> totals.Row:
        """The engine's row of one proposal."""
        read = self.read
        scores = {each.code: self._score(each, row.values.get(each.code, "")) for each in read.criteria}
        technical = _sum(scores[code].points or Fraction(0) for code in self.technical)
        proposal = self._proposal(row)
        price, compared = totals.evaluated_price(proposal, read.method)
        return totals.Row(
            proposal=proposal,
            scores=scores,
            technical=technical,
            most=self.most,
            technical_percent=100 * technical / self.most if self.most else None,
            standing=totals.standing_of(proposal, scores, technical, self.most, read.criteria, read.method),
            price=price,
            compared=compared,
            adjustment=totals.points_adjusted(proposal),
        )

    def _score(self, criterion: Weighed, stored: str) -> totals.CriterionScore:
        key = (criterion.code, stored)
        if key not in self.known:
            value = queries.fraction(stored)
            points = Fraction(0) if value is None else criterion.weight * value / 100
            self.known[key] = totals.CriterionScore(criterion.code, 0, value, points)
        return self.known[key]

    def _proposal(self, row: ScoreRow) -> Proposal:
        """As the file has it: a price that the published formula can't use is null in it."""
        price, reference = usable(row.price, row.reference, self.published.method.price_formula)
        price, reference = usable(price, reference, self.trial.formula)
        of_reference = None if reference is None else Fraction(reference)
        if of_reference is not None and self.trial.reference != HUNDRED:
            of_reference = of_reference * Fraction(self.trial.reference) / 100
        return Proposal(
            id=row.number,
            price=Fraction(price) if price is not None and self.read.method.price_open else None,
            reference=of_reference,
            received_at=Fraction((row.received_at - EPOCH) // MICROSECOND),
            adjustments=adjustments(row.preferences) if self.read.method.price_open else (),
            gate="knocked_out" if row.knocked_out else "in",
        )


def _sum(points: Iterable[Fraction]) -> Fraction:
    """The exact sum: terms with the same denominator are added as whole numbers first, which is most of the time."""
    by_denominator: dict[int, int] = {}
    for each in points:
        by_denominator[each.denominator] = by_denominator.get(each.denominator, 0) + each.numerator
    return sum((Fraction(top, bottom) for bottom, top in by_denominator.items()), Fraction(0))
