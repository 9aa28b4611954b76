"""Debriefs: per criterion its weight, the supplier's own mark and points, and an explanation by the chair.

An explanation begins as a draft (`drafts`). The chair edits or accepts each one before the release, with the reviewers'
remarks beside it. If the mark changes after that, the chair is asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.kit import formats
from portal.kit.compliance import Effect, Outcome
from rfp.compliance import queries as compliance_queries
from rfp.method.prices import FORMULAS
from rfp.models import Assessment, Criterion, Finding, Revision, Solicitation
from scoring.decisions import queries as decisions_queries
from scoring.outcomes import drafts, queries
from scoring.outcomes.models import DebriefText
from scoring.outcomes.queries import Due
from scoring.panel.models import Conflict
from scoring.ranking import cards
from scoring.ranking.mark_models import AutomaticMark, Mark, PanelMark
from scoring.ranking.models import RankedProposal, Score
from scoring.reading import citing
from scoring.reading.answers import answers_of
from scoring.reading.queries import statements_of


@dataclass(frozen=True, kw_only=True)
class Line:
    """One criterion: the figures as text, the explanation, the chair's own words if there are any, and by how many
    points of 100 a selected proposal was ahead (blank unless the RFP says so).

    `remarks`: what reviewers wrote, for the chair alone.
    """

    criterion: int
    code: str
    title: str
    weight: str
    mark: str
    points: str
    text: str
    edited: DebriefText | None = None
    ahead: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the chair answers for the explanation of this mark: wrote it, or accepted the draft."""
        return self.edited is not None and self.edited.mark == self.mark

    @property
    def is_outdated(self) -> bool:
        """Whether the mark changed since the chair explained it."""
        return self.edited is not None and self.edited.mark != self.mark


@dataclass(frozen=True, kw_only=True)
class Debrief:
    """What one supplier is told about its marks. `missed`: requirements that knocked it out, a sentence each.

    `total` is blank where none was computed: prices stayed sealed, or the proposal is not ranked. `unit`: "points", or
    "formula" for a price formula with a total of its own.
    """

    lines: tuple[Line, ...]
    total: str
    technical: str
    missed: tuple[str, ...]
    method: str = ""
    unit: str = "points"

    @property
    def waiting(self) -> tuple[Line, ...]:
        """What the chair has still to edit or accept."""
        return tuple(line for line in self.lines if not line.is_accepted)

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
            "unit": self.unit,
        }


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What the debriefs of several proposals rest on. `unit`: see `Debrief`."""

    criteria: Mapping[str, Criterion]
    anchors: Mapping[str, int]
    unit: str
    scores: Mapping[int, Score]
    remarks: Mapping[tuple[int, int], list[str]]
    automatic: Mapping[tuple[int, int], AutomaticMark]
    stand_ins: Mapping[tuple[int, int], PanelMark]
    texts: Mapping[tuple[UUID, int], DebriefText]
    missed: Mapping[int, list[str]]
    best: Mapping[str, Decimal]


def debriefs_of(solicitation: Solicitation, found: Sequence[Due]) -> dict[UUID, Debrief]:
    """proposal id → its debrief as it would go out now; a fixed number of queries. All of one lot of a window."""
    ground = _ground(solicitation, found)
    return {due.row.proposal_id: _debrief(due, ground) for due in found}


def _ground(solicitation: Solicitation, found: Sequence[Due]) -> _Ground:
    revisions = [due.row.revision_id for due in found]
    criteria = list(solicitation.criteria.all())
    stand_ins = PanelMark.objects.filter(revision__in=revisions).order_by("id")
    return _Ground(
        criteria={criterion.code: criterion for criterion in criteria},
        anchors=solicitation.anchor_map,
        unit="formula" if FORMULAS[solicitation.price_formula].gives == "total" else "points",
        scores={score.revision_id: score for score in Score.objects.filter(revision__in=revisions)},
        remarks=_remarks(solicitation, found),
        automatic={
            (mark.revision_id, mark.criterion_id): mark
            for mark in AutomaticMark.objects.filter(revision__in=revisions)
        },
        stand_ins={(mark.revision_id, mark.criterion_id): mark for mark in stand_ins},
        texts=queries.debrief_texts([due.row.proposal_id for due in found]),
        missed=_missed(found),
        best=_best(found) if solicitation.debrief_compares else {},
    )


def _remarks(solicitation: Solicitation, found: Sequence[Due]) -> dict[tuple[int, int], list[str]]:
    """(revision id, criterion id) → what reviewers wrote of it; two queries.

    Without those who have a conflict with the supplier, and without remarks that name a reviewer or a rival.
    """
    names = _names(solicitation, found)
    suppliers = {due.row.revision_id: (due.row.supplier_id, due.row.supplier_name) for due in found}
    conflicts = set(Conflict.objects.filter(solicitation=solicitation).values_list("user", "supplier"))
    remarks: dict[tuple[int, int], list[str]] = {}
    marks = Mark.objects.filter(revision__in=suppliers, anchor__isnull=False).exclude(comment="")
    for mark in marks.select_related("evaluator").order_by("id"):
        supplier, own = suppliers[mark.revision_id]
        user, said = mark.evaluator.user_id, mark.comment.casefold()
        if (user, supplier) in conflicts or (user, None) in conflicts:
            continue
        if not any(name in said for name in names if name != _folded(own)):
            remarks.setdefault((mark.revision_id, mark.criterion_id), []).append(mark.comment.strip())
    return remarks


def _folded(name: str) -> str:
    return name.casefold().rstrip(". ")


def _names(solicitation: Solicitation, found: Sequence[Due]) -> list[str]:
    """Whom a remark must not name: reviewers, and every supplier of the lot."""
    panel = [name for (name,) in solicitation.evaluators.values_list("user__name")]
    lot = {(due.row.ranking_id, due.row.lot_id) for due in found}
    rivals = [
        name
        for ranking, lot_id in lot
        for (name,) in RankedProposal.objects.filter(ranking=ranking, lot=lot_id).values_list("supplier_name")
    ]
    return [_folded(name) for name in (*panel, *rivals) if name]


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
    total = score.total if row.price_open and score else None
    if total is None and row.price_open and row.rank is not None:
        # It depends on the other offers: the ranking has it.
        total = row.score
        shown = [cards.with_price(line, row.price_mark) for line in shown]
    return Debrief(
        lines=tuple(_line(each, due, ground) for each in shown if each["criterion"] in ground.criteria),
        total=formats.number(total, 2),
        technical=formats.number(score.technical, 2) if score else "",
        missed=tuple(ground.missed.get(row.revision_id, ())),
        method=score.trace.get("method", "") if score else "",
        unit=ground.unit,
    )


def _line(stored: Mapping[str, Any], due: Due, ground: _Ground) -> Line:
    criterion = ground.criteria[stored["criterion"]]
    mark = None if stored["mark"] is None else Decimal(stored["mark"])
    key = (due.row.revision_id, criterion.pk)
    best = ground.best.get(criterion.code)
    ahead = best - mark if best is not None and mark is not None and best - mark >= 1 else None
    line = Line(
        criterion=criterion.pk,
        code=criterion.code,
        title=criterion.title,
        weight=formats.number(stored["weight"]),
        mark=formats.number(mark, 1),
        points=formats.number(stored["points"], 2),
        text="",
        edited=ground.texts.get((due.row.proposal_id, criterion.pk)),
        ahead=formats.number(ahead, 1) if ahead is not None else "",
        remarks=tuple(ground.remarks.get(key, ())),
    )
    if line.edited:
        return replace(line, text=line.edited.text)
    about = drafts.About(
        due=due,
        criterion=criterion,
        mark=mark,
        anchors=ground.anchors,
        computed=ground.automatic.get(key),
        stand_in=ground.stand_ins.get(key),
    )
    return replace(line, text=drafts.draft(about))


# ---- what a debrief may quote -------------------------------------------------------------------------------------


def foreign_in(texts: Iterable[str], revision: Revision) -> list[str]:
    """Citations in these texts that quote no answer, statement or document of this revision, as they stand there."""
    found = [match for text in texts for match in citing.CITATION.finditer(text)]
    if not found:
        return []
    answers = {each.code: each for each in answers_of(revision, price_open=True)}
    codes = {each.pk: each.code for each in revision.proposal.lot.solicitation.criteria.all()}
    written = {codes.get(pk, ""): text for pk, text in statements_of(revision).items()}
    files = revision.attachments.count()
    foreign = []
    for match in found:
        code = match["code"]
        if match["document"]:
            is_own = 1 <= int(match["document"]) <= files
        elif match["words"]:
            said = written.get(code, "") if match["statement"] else getattr(answers.get(code), "value", "")
            is_own = _as_quoted(match["words"].removesuffix("…")) in _as_quoted(said)
        else:
            is_own = code in answers and bool(answers[code].rows)
        if not is_own:
            foreign.append(match[0])
    return foreign


def _as_quoted(text: str) -> str:
    return " ".join(text.replace("“", '"').replace("”", '"').split()).casefold()
