"""How far a panel is apart: a proposal's marks, criterion by criterion, and what would settle it.

Figures come from the sheet that the score is computed from, so conflicted marks are out here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from statistics import stdev
from typing import Any

from portal.kit import formats
from portal.kit.charts import dots, shapes
from portal.kit.formats import count_of
from rfp.method.scales import kind_of, most_of, steps_of
from rfp.models import Criterion, Lot, Proposal, Window
from scoring.facts import Anchor, Line, ScoreSheet
from scoring.moderation import queries
from scoring.ranking import evaluation, inputs, sheets
from scoring.ranking.sheets import Submitted

APART = 2  # anchors from which marks are far apart
FAR = Decimal(50)  # of what the marks are worth, 0 to 100: from there on very far
OPEN = Decimal(40)  # the same for points, which have no anchors
TIMES = 1.5  # of the lot's usual deviation


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How far the marks of one criterion are apart. `state`: met, open or not; blank with fewer than two marks."""

    state: str
    words: str
    apart: Decimal


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One criterion of one proposal as the panel marked it. `given`: (evaluator key, anchor or None, status)."""

    criterion: Criterion
    line: Line
    given: Sequence[tuple[str, Any, str]]
    spread: Spread
    mean: str
    chart: shapes.Chart
    agreed: Anchor | None

    @property
    def is_open(self) -> bool:
        return self.spread.state in ("open", "not") and self.agreed is None

    @property
    def missing(self) -> list[str]:
        """Keys of evaluators who are asked and have given nothing yet."""
        return [key for key, _anchor, status in self.given if status == "missing"]

    def of(self, key: str) -> str:
        """What one evaluator gave, in a cell: "4", "–" for no mark, blank where nothing is asked."""
        for who, anchor, status in self.given:
            if who == key:
                return {"given": str(anchor), "abstained": "–", "conflict": "conflict"}.get(status, "to do")
        return ""


def cells_of(each: Submitted, criteria: Iterable[Criterion], usual: Mapping[int, float]) -> list[Cell]:
    """The criteria that reviewers mark on the proposal. `usual`: criterion id → the lot's pooled deviation in steps."""
    lines = {line.criterion: line for line in evaluation.score(each.sheet).lines}
    left = each.sheet.left_to_evaluators
    agreed = {row.criterion: row.anchor for row in evaluation.agreed_that_stands(each.sheet)}
    found = []
    for criterion in criteria:
        if criterion.envelope != "technical" or (
            criterion.mode != Criterion.Mode.EVALUATOR and criterion.code not in left
        ):
            continue
        given = each.marks[criterion.code]
        anchors = [
            Decimal(anchor) for _key, anchor, status in given if status == "given" and anchor is not None
        ]
        scale = Scale.of(criterion, each.sheet)
        spread = scale.spread(anchors, lines[criterion.code].spread, usual.get(criterion.pk))
        mark = agreed.get(criterion.code)
        found.append(
            Cell(
                criterion=criterion,
                line=lines[criterion.code],
                given=given,
                spread=spread,
                mean=formats.number(sum(anchors) / len(anchors), 2) if anchors else "",
                chart=scale.chart(criterion.title, anchors, mark, wide=spread.state in ("open", "not")),
                agreed=mark,
            )
        )
    return found


@dataclass(frozen=True)
class Scale:
    """A criterion's marks in order; for points `most` alone."""

    marks: Sequence[Decimal]
    most: Decimal | None
    is_numbered: bool

    @classmethod
    def of(cls, criterion: Criterion, sheet: ScoreSheet) -> Scale:
        own = {str(anchor): str(value) for anchor, value in sheet.anchor_map.items()}
        steps = steps_of(criterion.scale, {}, own)
        numbered = kind_of(criterion.scale) not in ("yes_no", "choices")
        return cls([Decimal(step.mark) for step in steps], most_of(criterion.scale), numbered)

    def place(self, mark: Decimal) -> float:
        """Where a mark stands, 0 to 1."""
        if self.most is not None:
            return float(mark / self.most)
        return self.marks.index(mark) / max(len(self.marks) - 1, 1) if mark in self.marks else 0.0

    def step(self, mark: Decimal) -> float:
        """A mark in steps of its scale; points as they are."""
        return (
            float(mark)
            if self.most is not None
            else float(self.marks.index(mark))
            if mark in self.marks
            else 0.0
        )

    def spread(self, anchors: Sequence[Decimal], worth: Decimal | None, usual: float | None) -> Spread:
        if len(anchors) < 2:
            return Spread(state="", words="One mark" if anchors else "No marks", apart=Decimal(0))
        steps = [self.step(anchor) for anchor in anchors]
        apart = Decimal(str(max(steps) - min(steps))).normalize()
        if not apart:
            return Spread(state="met", words="All agree", apart=Decimal(0))
        value = worth or Decimal(0)
        is_far = value >= OPEN if self.most is not None else apart >= APART
        is_unusual = bool(usual) and len(steps) > 2 and stdev(steps) > TIMES * (usual or 0) and apart > 1
        state = "not" if value > FAR else "open" if is_far or is_unusual else "met"
        unit = " points" if self.most is not None else ""
        return Spread(state=state, words=f"{formats.number(apart)}{unit} apart", apart=apart)

    def chart(
        self, title: str, anchors: Sequence[Decimal], agreed: Anchor | None, *, wide: bool
    ) -> shapes.Chart:
        said = ", ".join(formats.number(anchor) for anchor in anchors) or "none"
        ticks = (
            [at / 4 for at in range(5)]
            if self.most is not None
            else [self.place(mark) for mark in self.marks]
        )
        return dots.marks_on_scale(
            [self.place(anchor) for anchor in anchors],
            ticks=ticks,
            agreed=None if agreed is None else self.place(Decimal(agreed)),
            wide=wide,
            title=f"{title}: marks {said}" + ("" if agreed is None else f"; agreed {agreed}"),
        )


# ---- against the threshold ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Against:
    """Each evaluator's own technical percent, and on which side of the threshold it is."""

    threshold: Decimal | None
    percents: Mapping[str, Decimal]
    panel: Decimal

    @property
    def above(self) -> int:
        return sum(self.threshold is None or each >= self.threshold for each in self.percents.values())

    @property
    def below(self) -> int:
        return len(self.percents) - self.above

    @property
    def straddles(self) -> bool:
        return self.threshold is not None and bool(self.above and self.below)


def against_threshold(each: Submitted) -> Against:
    """What the technical percent would be with one evaluator's marks alone, over what that evaluator marked."""
    sheet = each.sheet
    result = evaluation.score(sheet)
    percents = {}
    for key in dict.fromkeys(mark.evaluator for mark in sheet.marks):
        own = [mark for mark in sheet.marks if mark.evaluator == key and mark.anchor is not None]
        if own:
            percents[key] = _percent(replace(sheet, marks=tuple(own), agreed=()))
    return Against(threshold=sheet.method.threshold, percents=percents, panel=result.threshold_percent)


def _percent(sheet: ScoreSheet) -> Decimal:
    """Technical points over the weight of the criteria that have a value, in percent."""
    lines = [
        line
        for line in evaluation.score(sheet).lines
        if line.envelope == "technical" and line.mark is not None
    ]
    weight = sum((line.weight for line in lines), Decimal(0))
    points = sum((line.weight * (line.mark or 0) / 100 for line in lines), Decimal(0))
    return 100 * points / weight if weight else Decimal(0)


def with_agreement(each: Submitted, code: str, anchor: Anchor) -> Decimal:
    """The technical percent that the threshold would test if the panel agreed on this mark."""
    from scoring.facts import AgreedFacts

    kept = tuple(row for row in each.sheet.agreed if row.criterion != code)
    agreed = AgreedFacts(criterion=code, anchor=anchor, reason="")
    exact: Fraction = evaluation.score(replace(each.sheet, agreed=(*kept, agreed))).exact.threshold_percent
    return evaluation.rounded(exact)


# ---- a proposal in the list ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Row:
    """One proposal in the list: how far the panel is apart, in words."""

    pk: Any
    number: str
    name: str
    state: str
    words: str
    threshold: str
    worst: Sequence[str]
    agreed: str
    missing: str
    spread: str


def row_of(each: Submitted, cells: Sequence[Cell]) -> Row:
    against = against_threshold(each)
    open_ones = sorted((cell for cell in cells if cell.is_open), key=lambda cell: -cell.spread.apart)
    agreed = sum(cell.agreed is not None for cell in cells)
    missing = sum(len(cell.missing) for cell in cells)
    state = "not" if any(cell.spread.state == "not" for cell in open_ones) else "open" if open_ones else "met"
    if against.straddles and state == "met":
        state = "open"
    score = each.revision.score
    return Row(
        pk=each.revision.proposal_id,
        number=each.number,
        name=score.supplier_name,
        state=state,
        words=f"{count_of(len(open_ones), 'criterion', 'criteria')} to settle"
        if open_ones
        else "Nothing to settle",
        threshold=straddle_words(against),
        worst=[f"{cell.criterion.title}: {cell.spread.words}" for cell in open_ones[:3]],
        agreed=count_of(agreed, "agreement") if agreed else "",
        missing=f"{count_of(missing, 'mark')} to come" if missing else "",
        spread=formats.percent(score.spread, 0),
    )


def straddle_words(against: Against) -> str:
    """ "1 above, 2 below 62%"; blank where all are on one side."""
    if not against.straddles:
        return ""
    return f"{against.above} above, {against.below} below {formats.percent(against.threshold, None)}"


# ---- what prices wait for -----------------------------------------------------------------------------------------


def unsettled_in(window: Window, lots: Sequence[Lot]) -> dict[int, int]:
    """lot id → competing proposals with a criterion whose marks are far apart and that has no agreed mark.

    The same measure as in the moderation room; as many queries for a thousand proposals as for one, for each lot. None
    where the RFP doesn't ask for agreement.
    """
    if not window.solicitation.consensus_needed:
        return {}
    return {lot.pk: _in_lot(window, lot) for lot in lots}


def _in_lot(window: Window, lot: Lot) -> int:
    # Where all marks agree there is nothing to settle.
    apart = queries.by_spread(
        Proposal.objects.filter(
            window=window, lot=lot, withdrawn_at__isnull=True, current_revision__score__spread__gt=0
        )
    )
    keys = list(apart.values_list("pk", flat=True))
    if not keys:
        return 0
    found = sheets.submitted(window, [lot], price_open=False, only=keys)[lot.pk]
    criteria, usual = inputs.criteria_of(window.solicitation), queries.usual_in(window, lot)
    return sum(any(cell.is_open for cell in cells_of(each, criteria, usual)) for each in found)
