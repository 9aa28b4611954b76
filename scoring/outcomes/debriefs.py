"""Debriefs: per criterion its weight, the supplier's own mark and points, and an explanation drafted for the chair.

A draft says what the mark rests on: the anchor it is closest to, the supplier's own figure, what reviewers noted. It
names no reviewer and no rival: a comment that does is left out. The chair edits what it says before the release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.kit import formats
from portal.kit.compliance import Effect, Outcome
from rfp.compliance import queries as compliance_queries
from rfp.models import Assessment, Criterion, Finding, Solicitation
from rfp.rules import RULEBOOK
from scoring.decisions import queries as decisions_queries
from scoring.methods.value import REQUIREMENT
from scoring.outcomes import queries
from scoring.outcomes.models import DebriefText
from scoring.outcomes.queries import Due
from scoring.ranking.mark_models import AutomaticMark, Mark, PanelMark
from scoring.ranking.models import RankedProposal, Score

NOTED = 2  # comments that a draft joins at most
# Words that open a remark and are never a name.
_WORDS = (
    "a an the this that these those no not none some all most many few one two three it they we its their there only "
    "both each every more less very well good weak strong clear little credible backed based follows claims general "
    "specific lacks needs shows gives has names dates data test tests ask costs parts intentions nothing"
)
OPENERS = frozenset(_WORDS.split())
RULES = {rule.code: rule for rule in RULEBOOK.rules}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One criterion: the figures as text, the explanation, the chair's own words if there are any, and by how many
    points of 100 a selected proposal was ahead (blank unless the RFP says so)."""

    criterion: int
    code: str
    title: str
    weight: str
    mark: str
    points: str
    text: str
    edited: DebriefText | None = None
    ahead: str = ""


@dataclass(frozen=True, kw_only=True)
class Debrief:
    """What one supplier is told about its marks. `missed`: requirements that knocked it out, a sentence each."""

    lines: tuple[Line, ...]
    total: str
    technical: str
    missed: tuple[str, ...]
    method: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """As it is kept with the letter."""
        return {
            "lines": [
                {
                    "code": line.code,
                    "title": line.title,
                    "weight": line.weight,
                    "mark": line.mark,
                    "points": line.points,
                    "text": line.text,
                    "ahead": line.ahead,
                }
                for line in self.lines
            ],
            "total": self.total,
            "technical": self.technical,
            "missed": list(self.missed),
            "method": self.method,
        }


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What the drafts of several proposals rest on."""

    criteria: Mapping[str, Criterion]
    anchors: Mapping[str, int]
    scores: Mapping[int, Score]
    comments: Mapping[tuple[int, int], list[Mark]]
    automatic: Mapping[tuple[int, int], AutomaticMark]
    stand_ins: Mapping[tuple[int, int], PanelMark]
    texts: Mapping[tuple[UUID, int], DebriefText]
    missed: Mapping[int, list[str]]
    names: Sequence[str]
    best: Mapping[str, Decimal]


def debriefs_of(solicitation: Solicitation, found: Sequence[Due]) -> dict[UUID, Debrief]:
    """proposal id → its debrief as it would go out now; a fixed number of queries. All of one lot of a window."""
    ground = _ground(solicitation, found)
    return {due.row.proposal_id: _debrief(due, ground) for due in found}


def _ground(solicitation: Solicitation, found: Sequence[Due]) -> _Ground:
    revisions = [due.row.revision_id for due in found]
    criteria = list(solicitation.criteria.all())
    comments: dict[tuple[int, int], list[Mark]] = {}
    for mark in (
        Mark.objects.filter(revision__in=revisions, anchor__isnull=False).exclude(comment="").order_by("id")
    ):
        comments.setdefault((mark.revision_id, mark.criterion_id), []).append(mark)
    stand_ins = PanelMark.objects.filter(revision__in=revisions).order_by("id")
    return _Ground(
        criteria={criterion.code: criterion for criterion in criteria},
        anchors=solicitation.anchor_map,
        scores={score.revision_id: score for score in Score.objects.filter(revision__in=revisions)},
        comments=comments,
        automatic={
            (mark.revision_id, mark.criterion_id): mark
            for mark in AutomaticMark.objects.filter(revision__in=revisions)
        },
        stand_ins={(mark.revision_id, mark.criterion_id): mark for mark in stand_ins},
        texts=queries.debrief_texts([due.row.proposal_id for due in found]),
        missed=_missed(found),
        names=_names(solicitation, found),
        best=_best(found) if solicitation.debrief_compares else {},
    )


def _names(solicitation: Solicitation, found: Sequence[Due]) -> list[str]:
    """Whom a draft must not name: reviewers, and every supplier of the lot."""
    panel = [name for (name,) in solicitation.evaluators.values_list("user__name")]
    lot = {(due.row.ranking_id, due.row.lot_id) for due in found}
    rivals = [
        name
        for ranking, lot_id in lot
        for (name,) in RankedProposal.objects.filter(ranking=ranking, lot=lot_id).values_list("supplier_name")
    ]
    return [name.casefold().rstrip(". ") for name in (*panel, *rivals) if name]


def _best(found: Sequence[Due]) -> dict[str, Decimal]:
    """Criterion code → the best mark among the lot's selected proposals, prices apart."""
    lots = {(due.row.ranking_id, due.row.lot_id) for due in found}
    best: dict[str, Decimal] = {}
    for ranking, lot in lots:
        rows = list(RankedProposal.objects.filter(ranking=ranking, lot=lot))
        decided = decisions_queries.latest_decisions([row.proposal_id for row in rows])
        for row in rows:
            decision = decided.get(row.proposal_id)
            if decision is None or decision.verdict not in ("shortlisted", "awarded"):
                continue
            for code, _weight, mark, mode in row.marks:
                if mark is not None and mode != "price":
                    best[code] = max(best.get(code, Decimal(0)), Decimal(mark))
    return best


def _missed(found: Sequence[Due]) -> dict[int, list[str]]:
    """Revision id → the requirements that knocked it out, in the words of the finding; two queries."""
    out = [due.row.revision_id for due in found if due.row.standing == RankedProposal.Standing.KNOCKED_OUT]
    if not out:
        return {}
    latest = {a.revision_id: a.pk for a in Assessment.objects.filter(revision__in=out).order_by("id")}
    rows = (
        Finding.objects.filter(assessment__in=latest.values(), effect=Effect.KNOCKOUT.value)
        .filter(outcome__in=[Outcome.NOT_MET.value, Outcome.REFER.value], envelope="technical")
        .select_related("assessment")
        .prefetch_related("overrides")
        .order_by("id")
    )
    missed: dict[int, list[str]] = {}
    for finding in rows:
        if finding.audience == "supplier" and compliance_queries.is_knockout_in_force(finding):
            missed.setdefault(finding.assessment.revision_id, []).append(
                f"{finding.title}: {finding.message}"
            )
    return missed


def _debrief(due: Due, ground: _Ground) -> Debrief:
    row, score = due.row, ground.scores.get(due.row.revision_id)
    stored = score.trace.get("lines", []) if score else []
    # What stays sealed is not in the debrief either.
    shown = [line for line in stored if row.price_open or line["envelope"] == "technical"]
    has_total = row.price_open and score is not None and score.total is not None
    return Debrief(
        lines=tuple(_line(each, due, ground) for each in shown if each["criterion"] in ground.criteria),
        total=formats.number(score.total, 2) if has_total and score else "",
        technical=formats.number(score.technical, 2) if score else "",
        missed=tuple(ground.missed.get(row.revision_id, ())),
        method=score.trace.get("method", "") if score else "",
    )


def _line(stored: Mapping[str, Any], due: Due, ground: _Ground) -> Line:
    criterion = ground.criteria[stored["criterion"]]
    mark = None if stored["mark"] is None else Decimal(stored["mark"])
    edited = ground.texts.get((due.row.proposal_id, criterion.pk))
    best = ground.best.get(criterion.code)
    ahead = best - mark if best is not None and mark is not None and best - mark >= 1 else None
    return Line(
        criterion=criterion.pk,
        code=criterion.code,
        title=criterion.title,
        weight=formats.number(stored["weight"]),
        mark=formats.number(mark, 1),
        points=formats.number(stored["points"], 2),
        text=edited.text if edited else _draft(criterion, mark, due, ground),
        edited=edited,
        ahead=formats.number(ahead, 1) if ahead is not None else "",
    )


# ---- drafts -------------------------------------------------------------------------------------------------------


def _draft(criterion: Criterion, mark: Decimal | None, due: Due, ground: _Ground) -> str:
    """One sentence, about this proposal alone."""
    key = (due.row.revision_id, criterion.pk)
    name = due.row.supplier_name.rstrip(". ")
    computed = ground.automatic.get(key)
    if mark is None:
        return f"{_about(due)} has no mark on this criterion."
    if criterion.mode == Criterion.Mode.PRICE:
        return f"We computed this mark from the total that {name} offered, {formats.money(due.row.price_total, 0)}."
    if computed is not None and computed.value is not None:
        return f"We computed this mark for {name} from {_source(computed, criterion)}."
    if key in ground.stand_ins:
        why = _plain(ground.stand_ins[key].reason)
        return f"The figure that we compute this mark from is missing for {name}: {why}."
    level = _closest(criterion, mark, ground.anchors)
    noted = _noted(ground.comments.get(key, ()), [each for each in ground.names if each != name.casefold()])
    if noted:
        return f"Closest to the level “{level}”: {noted}." if level else f"Reviewers noted: {noted}."
    return (
        f"{_about(due)} is closest to the level “{level}”."
        if level
        else f"{_about(due)} came without remarks."
    )


def _about(due: Due) -> str:
    """ "48 V rack power shelf by Maumee Power Electronics"."""
    title = _plain(due.row.revision.title or due.row.proposal_number, lower=False)
    return f"{title} by {due.row.supplier_name.rstrip('. ')}"


def _closest(criterion: Criterion, mark: Decimal, anchors: Mapping[str, int]) -> str:
    """The level of the scale nearest to the mark, in the words of the criterion; blank without words."""
    nearest = min(anchors, key=lambda anchor: (abs(Decimal(str(anchors[anchor])) - mark), anchor), default="")
    return _plain(str(criterion.anchors.get(nearest, "")), lower=False)


def _noted(marks: Iterable[Mark], names: Sequence[str]) -> str:
    """What reviewers wrote, each remark once and without anybody's name, joined to one phrase."""
    said = [mark.comment for mark in marks if not any(name in mark.comment.casefold() for name in names)]
    return "; ".join(list(dict.fromkeys(_plain(each) for each in said if each.strip()))[:NOTED])


def _plain(text: str, *, lower: bool = True) -> str:
    """Several sentences as one phrase: "follows the guidance; lacks dates". Names keep their capitals."""
    phrases = re.split(r"[.!?]+\s+", " ".join(text.split()).rstrip(".!? ;"))
    return "; ".join(_small(phrase) if lower else phrase for phrase in phrases)


def _small(phrase: str) -> str:
    first, rest = phrase[:1], phrase[1:]
    word = phrase.partition(" ")[0].rstrip(",;:").lower()
    return first.lower() + rest if word in OPENERS else phrase


def _source(mark: AutomaticMark, criterion: Criterion) -> str:
    """The figure that a computed mark rests on, with what gives no marks and full marks."""
    trace = mark.trace
    source = trace.get("source", "")
    if source == REQUIREMENT:
        given = {code: value for code, value in trace.items() if code != "source"}
        return f"{'answer' if len(given) == 1 else 'answers'} {'; '.join(map(_answer, given.items()))}"
    code = source.partition(".")[0]
    what = (
        f"rule {code}, {_small_rule(code)}"
        if code in RULES
        else "the lead time in percent of the lot’s limit"
    )
    # "% of component cost" would be said three times.
    unit = "%" if criterion.value_unit.startswith("%") else criterion.value_unit
    value, start, ideal = (_figure(trace.get(name), unit) for name in ("value", "from", "ideal"))
    return f"{what}: {value}, where {start} gets 0 and {ideal} gets 100"


def _small_rule(code: str) -> str:
    title = RULES[code].title
    return title[:1].lower() + title[1:]


def _answer(given: tuple[str, str]) -> str:
    """ "R4: 0.0145, where 0.03 gets 0 and 0.012 gets 100"."""
    code, (value, start, ideal) = given[0], re.split(" from | to ", given[1])
    return f"{code}: {_figure(value)}, where {_figure(start)} gets 0 and {_figure(ideal)} gets 100"


def _figure(text: str | None, unit: str = "") -> str:
    """A stored figure with at most four digits after the point."""
    value = None if text is None else Decimal(text)
    shown = "" if value is None else formats.number(round(value, 1 if abs(value) >= 10 else 4))
    return formats.with_unit(shown, unit)
