"""From marks and prices to standings and totals of one set, exactly. Values are 0 to 100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from rfp.method.aggregates import AGGREGATES
from rfp.method.prices import FORMULAS, Offer, PriceFormula, Rivals
from scoring.calculation.facts import Criterion, EvaluationSet, Mark, Method, Proposal
from scoring.calculation.figures import HUNDRED, half_up

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """`value` is None without any input, or for a criterion of the price envelope that is still sealed."""

    code: str
    n: int
    value: Fraction | None
    points: Fraction | None
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class Row:
    """One proposal on its way to its place.

    `most` is M, over the criteria of its stage and of earlier ones. `ranked_on` is what is compared, higher first.
    """

    proposal: Proposal
    scores: Mapping[str, CriterionScore]
    technical: Fraction
    most: Fraction
    technical_percent: Fraction | None
    standing: str
    price: Fraction | None = None
    compared: Fraction | None = None
    technical_final: Fraction | None = None
    price_points: Fraction | None = None
    adjustment: Fraction = ZERO
    total: Fraction | None = None
    ranked_on: Fraction | None = None
    flags: tuple[str, ...] = field(default=())


def score_criterion(
    criterion: Criterion,
    marks: Sequence[Mark],
    automatic: Fraction | None,
    consensus: Fraction | None,
    method: Method,
) -> CriterionScore:
    """One criterion of one proposal: its value, its points, and what is to be known about them."""
    given = [mark.value for mark in marks if mark.is_given and mark.value is not None]
    is_sealed = criterion.envelope == "price" and not method.price_open
    if criterion.mode == "automatic" and (automatic is not None or not criterion.fallback):
        value, flags = automatic, []
    else:
        flags = ["quorum"] if _is_short(criterion, marks, len(given)) else []
        value = consensus
        if value is None and given:
            value = AGGREGATES[method.aggregate](given, method.trim)
    if value is None:
        flags.append("input_missing")
    if is_sealed:
        flags = [flag for flag in flags if flag != "input_missing"]
    points = ZERO if value is None else criterion.weight * value / 100
    return CriterionScore(criterion.code, len(given), value, points, tuple(flags))


def _is_short(criterion: Criterion, marks: Sequence[Mark], given: int) -> bool:
    """Whether fewer marks were given than the quorum asks."""
    if criterion.quorum is None:
        return False
    if criterion.quorum == "all":
        return given < sum(mark.status in ("given", "missing") for mark in marks)
    return given < criterion.quorum


@dataclass(frozen=True, slots=True)
class Terms:
    """What a total is made by. `unscaled` are the criteria of the price envelope."""

    method: Method
    formula: PriceFormula
    unscaled: tuple[str, ...]

    @classmethod
    def of(cls, criteria: Sequence[Criterion], method: Method) -> Terms:
        unscaled = tuple(each.code for each in criteria if each.envelope == "price")
        return cls(method, FORMULAS[method.price.formula], unscaled)


def asked_of(proposal: Proposal, criteria: Sequence[Criterion]) -> list[Criterion]:
    """The criteria of the proposal's stage and of earlier ones: what a later stage asks is not asked of it."""
    return [each for each in criteria if each.stage <= proposal.stage]


def most_technical(criteria: Sequence[Criterion]) -> Fraction:
    """M: the technical points of a proposal with the value 100 everywhere."""
    return sum((each.weight for each in criteria if each.envelope == "technical"), ZERO)


def score_set(each: EvaluationSet, criteria: Sequence[Criterion], method: Method) -> list[Row]:
    """A row for each proposal, with standing and total, in the order of the file."""
    rows = [_row(proposal, each, criteria, method) for proposal in each.proposals]
    finish(rows, criteria, method)
    return rows


def finish(rows: Sequence[Row], criteria: Sequence[Criterion], method: Method) -> None:
    """What depends on rivals: relative technical points, price points, totals. Rows are changed in place."""
    terms = Terms.of(criteria, method)
    passing = [row for row in rows if row.standing in ("ranked", "not_scored")]
    best: dict[int, Fraction] = {}
    for row in passing:
        best[row.proposal.stage] = max(row.technical, best.get(row.proposal.stage, ZERO))
    # A method that divides by technical points can't place a proposal that has none, but its price still counts.
    gated = [row.compared for row in passing if row.compared is not None and row.compared > 0]
    rivals = Rivals.of(gated)
    for row in passing:
        row.technical_final = row.price_points = row.total = row.ranked_on = None
        final = row.technical
        if method.technical == "relative":
            strongest = best[row.proposal.stage]
            final = row.most * row.technical / strongest if strongest else ZERO
        row.standing = "ranked"
        if not method.price_open:
            row.technical_final = row.ranked_on = final
            continue
        if terms.formula.needs_price and (row.compared is None or row.compared <= 0):
            row.standing = "not_scored"
            continue
        _add_price(row, final, terms, rivals)


def _row(proposal: Proposal, each: EvaluationSet, criteria: Sequence[Criterion], method: Method) -> Row:
    asked = asked_of(proposal, criteria)
    scores = {criterion.code: _score(proposal, criterion, each, method) for criterion in criteria}
    technical = sum(
        (scores[each.code].points or ZERO for each in asked if each.envelope == "technical"), ZERO
    )
    most = most_technical(asked)
    price, compared = evaluated_price(proposal, method)
    flags = dict.fromkeys(flag for name in ("quorum", "input_missing") for flag in _raised(name, scores))
    return Row(
        proposal=proposal,
        scores=scores,
        technical=technical,
        most=most,
        technical_percent=100 * technical / most if most else None,
        standing=standing_of(proposal, scores, technical, most, asked, method),
        price=price,
        compared=compared,
        adjustment=points_adjusted(proposal),
        flags=tuple(dict.fromkeys([*flags, *proposal.holds])),
    )


def _score(proposal: Proposal, criterion: Criterion, each: EvaluationSet, method: Method) -> CriterionScore:
    cell = (proposal.id, criterion.code)
    marks = each.marks.get(cell, ())
    if criterion.stage > proposal.stage:
        return CriterionScore(criterion.code, sum(mark.is_given for mark in marks), None, ZERO)
    return score_criterion(criterion, marks, each.automatic.get(cell), each.consensus.get(cell), method)


def points_adjusted(proposal: Proposal) -> Fraction:
    """The points that adjustments add, or take off."""
    return sum((_capped(a.value, a.cap) for a in proposal.adjustments if a.kind == "points"), ZERO)


def _raised(name: str, scores: Mapping[str, CriterionScore]) -> list[str]:
    return [name] if any(name in score.flags for score in scores.values()) else []


def _capped(value: Fraction, cap: Fraction | None) -> Fraction:
    return value if cap is None else min(max(value, -cap), cap)


def evaluated_price(proposal: Proposal, method: Method) -> tuple[Fraction | None, Fraction | None]:
    """The price after adjustments, and what is compared: the same, or price / reference on an index basis."""
    given = proposal.price
    if given is None or given <= 0:
        return given, None
    lowered = [
        _capped(given * a.value / 100, a.cap) for a in proposal.adjustments if a.kind == "price_percent"
    ]
    price = given - sum(lowered, ZERO)
    if method.price.basis == "total":
        return price, price
    return price, price / proposal.reference if proposal.reference else None


def standing_of(
    proposal: Proposal,
    scores: Mapping[str, CriterionScore],
    technical: Fraction,
    most: Fraction,
    criteria: Sequence[Criterion],
    method: Method,
) -> str:
    """Before price: knocked_out, withdrawn, below_threshold, or ranked for now. Missing inputs count as 100 here.

    `criteria` are those asked of this proposal.
    """
    if proposal.gate != "in":
        return proposal.gate
    if is_below_minimum(scores, criteria, method):
        return "below_threshold"
    best = technical + missing_weight(scores, criteria)
    if method.threshold is not None and HUNDRED * best < method.threshold * most:
        return "below_threshold"
    return "ranked"


def is_below_minimum(
    scores: Mapping[str, CriterionScore], criteria: Sequence[Criterion], method: Method
) -> bool:
    """Whether a criterion in an open envelope has a value below its minimum. A missing input passes."""
    for criterion in criteria:
        value = scores[criterion.code].value
        is_open = criterion.envelope == "technical" or method.price_open
        if is_open and criterion.minimum is not None and value is not None and value < criterion.minimum:
            return True
    return False


def missing_weight(scores: Mapping[str, CriterionScore], criteria: Sequence[Criterion]) -> Fraction:
    """The technical points that missing inputs could still bring."""
    lacking = (
        each.weight for each in criteria if each.envelope == "technical" and scores[each.code].value is None
    )
    return sum(lacking, ZERO)


def _add_price(row: Row, final: Fraction, terms: Terms, rivals: Rivals | None) -> None:
    """The total of a row that passed, with its price open. A formula with a total of its own may not place it."""
    formula, method = terms.formula, terms.method
    offer = Offer(
        row.price or ZERO, row.compared or ZERO, row.proposal.reference, row.technical_percent or ZERO
    )
    if formula.gives == "total":
        total = formula.total(offer)
        if total is None:
            row.standing = "not_scored"
            return
    else:
        row.price_points = ZERO
        if formula.gives == "points" and rivals is not None:
            most = method.price.points or ZERO
            row.price_points = formula.points(most, offer, rivals, cap=method.price.cap)
        total = weighted_total(row, final, terms)
    row.technical_final = final
    row.total = total if method.places is None else half_up(total, method.places)
    row.ranked_on = -row.total if formula.ascending else row.total


def weighted_total(row: Row, final: Fraction, terms: Terms) -> Fraction:
    """Technical and price points, by shares if there are any, and what adds unscaled. Not rounded."""
    method, price_points = terms.method, row.price_points or ZERO
    if method.technical_share is not None and method.price_share is not None and method.price.points:
        total = method.technical_share * final / row.most if row.most else ZERO
        total += method.price_share * price_points / method.price.points
    else:
        total = final + price_points
    for code in terms.unscaled:
        total += row.scores[code].points or ZERO
    return total + row.adjustment if row.adjustment else total
