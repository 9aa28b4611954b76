"""The board of one lot: each proposal by each reviewer, and how far everybody is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count
from django.db.models.fields.json import KeyTextTransform

from portal.kit.compliance import Envelope
from portal.kit.formats import count_of
from rfp.models import Criterion, Lot, Proposal, Window
from scoring.duties.models import Assignment
from scoring.duties.queries import Due, Teams, teams_of
from scoring.panel.models import Conflict, Evaluator
from scoring.ranking.inputs import criteria_of
from scoring.ranking.mark_models import AutomaticMark, Mark, Review


def proposals_on(keys: Collection[Any]) -> Any:
    """The page's proposals, with the supplier's name as received."""
    found = Proposal.objects.filter(pk__in=keys).select_related("lot", "current_revision__score")
    name = KeyTextTransform("legal_name", "current_revision__supplier_snapshot")
    return found.annotate(name=name).defer("current_revision__supplier_snapshot")


# ---- cells --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """One reviewer on one proposal. `state` and `words` are blank where nothing is asked; `because`: why it is.

    `is_assigned`: to all criteria; `groups`: to these criterion groups alone.
    """

    seat: int
    state: str = ""
    words: str = ""
    because: str = ""
    is_assigned: bool = False
    groups: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal across the panel. `done` of `wanted` reviewers."""

    proposal: Any
    cells: Sequence[Cell]
    done: int
    wanted: int


def rows_of(
    window: Window, proposals: Sequence[Any], seats: Sequence[Evaluator], due: Due, *, now: datetime
) -> list[Row]:
    """The rows of a page; a fixed number of queries."""
    facts = _Facts.of(window, proposals)
    return [_row(facts, proposal, seats, due, now) for proposal in proposals]


@dataclass(frozen=True)
class _Facts:
    """What cells are made from. Reviews, marks and assignments are by (proposal or revision id, seat id)."""

    teams: Teams
    assigned: Mapping[tuple[Any, int], Sequence[Assignment]]
    given_away: Mapping[tuple[Any, int], str]
    reviews: Mapping[tuple[int, int], tuple[int, bool]]
    abstained: Mapping[tuple[int, int], int]
    conflicts: Mapping[tuple[int, int | None], str]
    criteria: Sequence[Criterion]
    left: Mapping[int, frozenset[int]]

    @classmethod
    def of(cls, window: Window, proposals: Sequence[Any]) -> _Facts:
        revisions = [each.current_revision_id for each in proposals]
        assigned, given_away = _assignments([each.pk for each in proposals])
        reviews = Review.objects.filter(revision__in=revisions)
        abstained = Mark.objects.filter(revision__in=revisions, abstained=True)
        left: dict[int, set[int]] = {}
        computed = AutomaticMark.objects.filter(revision__in=revisions, left_to_evaluators=True)
        for revision, criterion in computed.values_list("revision", "criterion"):
            left.setdefault(revision, set()).add(criterion)
        named = Conflict.objects.filter(solicitation=window.solicitation_id)
        return cls(
            teams=teams_of(each.pk for each in proposals),
            assigned=assigned,
            given_away=given_away,
            reviews={
                (revision, seat): (given, is_done)
                for revision, seat, given, is_done in reviews.values_list(
                    "revision", "evaluator", "given", "is_done"
                )
            },
            abstained={
                (revision, seat): count
                for revision, seat, count in abstained.values_list("revision", "evaluator")
                .annotate(count=Count("pk"))
                .order_by()
            },
            conflicts={
                (user, supplier): "Conflict" if user == by else "Recused"
                for user, supplier, by in named.values_list("user", "supplier", "by")
            },
            criteria=[
                each for each in criteria_of(window.solicitation) if each.envelope == Envelope.TECHNICAL.value
            ],
            left={revision: frozenset(found) for revision, found in left.items()},
        )

    def asked(self, proposal: Any, seat: int) -> int:
        """How many criteria the reviewer is asked to mark."""
        left = self.left.get(proposal.current_revision_id, frozenset())
        return sum(
            self.teams.is_asked(proposal.pk, seat, each.group)
            for each in self.criteria
            if each.mode == Criterion.Mode.EVALUATOR or each.pk in left
        )


def _assignments(
    proposals: Collection[Any],
) -> tuple[dict[tuple[Any, int], list[Assignment]], dict[tuple[Any, int], str]]:
    """((proposal, seat) → assignments, (proposal, seat of who gave it away) → name of the deputy)."""
    assigned: dict[tuple[Any, int], list[Assignment]] = {}
    given_away = {}
    rows = Assignment.objects.filter(proposal__in=list(proposals)).select_related(
        "handover", "evaluator__user"
    )
    for row in rows:
        assigned.setdefault((row.proposal_id, row.evaluator_id), []).append(row)
        if row.handover is not None:
            given_away[row.proposal_id, row.handover.giver_id] = row.evaluator.user.name
    return assigned, given_away


def _row(facts: _Facts, proposal: Any, seats: Sequence[Evaluator], due: Due, now: datetime) -> Row:
    cells = [_cell(facts, proposal, seat, due, now) for seat in seats]
    asked = [cell for cell in cells if cell.state in ("met", "run", "todo", "open")]
    return Row(proposal, cells, sum(cell.state == "met" for cell in asked), len(asked))


def _cell(facts: _Facts, proposal: Any, seat: Evaluator, due: Due, now: datetime) -> Cell:
    key = (proposal.pk, seat.pk)
    found = facts.assigned.get(key, ())
    given, is_done = facts.reviews.get((proposal.current_revision_id, seat.pk), (0, False))
    groups = ", ".join(row.group for row in found if row.group)
    is_assigned = any(not row.group for row in found)
    conflict = facts.conflicts.get((seat.user_id, None)) or facts.conflicts.get(
        (seat.user_id, proposal.supplier_id)
    )
    if conflict:
        return Cell(seat.pk, "na", conflict, is_assigned=is_assigned)
    because = " ".join([*([f"Only {groups}."] if groups else []), *(row.because for row in found)])
    common: dict[str, Any] = {"because": because, "is_assigned": is_assigned, "groups": groups}
    if not facts.teams.reads(proposal.pk, seat.pk):
        if key in facts.given_away:
            return Cell(seat.pk, "na", f"Handed to {facts.given_away[key]}", **common)
        return Cell(seat.pk, "", f"{given} given" if given else "", **common)
    asked = facts.asked(proposal, seat.pk)
    if is_done:
        abstained = facts.abstained.get((proposal.current_revision_id, seat.pk), 0)
        words = f"Done, abstained on {abstained}" if abstained else "Done"
        return Cell(seat.pk, "met", words if abstained < given else "Abstained on all", **common)
    at = due.of(seat.pk)
    is_late = at is not None and at < now
    part = f"{given} of {asked}"
    if is_late:
        words = f"{part}, late" if given else late_words(at, now)
        return Cell(seat.pk, "open", words, is_open=True, **common)
    return Cell(seat.pk, "run" if given else "todo", part if given else "To do", is_open=True, **common)


def late_words(due: datetime | None, now: datetime) -> str:
    """ "3 days late", or "Late" within a day."""
    days = (now - due).days if due else 0
    return f"{count_of(days, 'day')} late" if days else "Late"


# ---- people -------------------------------------------------------------------------------------------------------

# A seat `e` without a conflict with the supplier of a proposal `p`; and one that is asked to mark it.
NO_CONFLICT = """NOT EXISTS (
        SELECT 1 FROM scoring_conflict k
        WHERE k.solicitation_id = %(rfp)s AND k.user_id = e.user_id
            AND (k.supplier_id = p.supplier_id OR k.supplier_id IS NULL))"""
IS_ASKED = """(NOT EXISTS (SELECT 1 FROM scoring_assignment a WHERE a.proposal_id = p.id) OR EXISTS (
            SELECT 1 FROM scoring_assignment a WHERE a.proposal_id = p.id AND a.evaluator_id = e.id))"""
# Over competing proposals of a lot: how many each reviewer is asked to mark, and how many are done or begun.
WORK = f"""
    SELECT e.id, count(*), count(*) FILTER (WHERE v.is_done), count(*) FILTER (WHERE NOT v.is_done)
    FROM rfp_proposal p
    JOIN scoring_score s ON s.revision_id = p.current_revision_id AND NOT s.knocked_out
    JOIN scoring_evaluator e ON e.solicitation_id = %(rfp)s AND {NO_CONFLICT}
    LEFT JOIN scoring_review v ON v.revision_id = p.current_revision_id AND v.evaluator_id = e.id
    WHERE p.window_id = %(window)s AND p.lot_id = ANY (%(lots)s) AND p.withdrawn_at IS NULL
        AND {IS_ASKED}
    GROUP BY e.id
"""


@dataclass(frozen=True, slots=True)
class Work:
    """Proposals one reviewer is asked to mark, done, and begun."""

    asked: int = 0
    done: int = 0
    begun: int = 0

    @property
    def left(self) -> int:
        return self.asked - self.done


def work_in(window: Window, lots: Iterable[Lot | int]) -> dict[int, Work]:
    """seat id → work over these lots; one query."""
    keys = [each if isinstance(each, int) else each.pk for each in lots]
    with connection.cursor() as cursor:
        cursor.execute(WORK, {"rfp": window.solicitation_id, "window": window.pk, "lots": keys})
        return {seat: Work(asked, done, begun) for seat, asked, done, begun in cursor.fetchall()}


UNFINISHED = f"""
    SELECT DISTINCT p.id
    FROM rfp_proposal p
    JOIN scoring_score s ON s.revision_id = p.current_revision_id AND NOT s.knocked_out
    LEFT JOIN scoring_evaluator e ON e.solicitation_id = %(rfp)s AND {NO_CONFLICT} AND {IS_ASKED}
    LEFT JOIN scoring_review v ON v.revision_id = p.current_revision_id AND v.evaluator_id = e.id
    WHERE p.window_id = %(window)s AND p.lot_id = ANY (%(lots)s) AND p.withdrawn_at IS NULL AND v.is_done IS NOT TRUE
"""


def unfinished_in(window: Window, lots: Iterable[Lot]) -> list[Any]:
    """Ids of the lots' proposals that somebody who is asked has not finished; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            UNFINISHED, {"rfp": window.solicitation_id, "window": window.pk, "lots": [lot.pk for lot in lots]}
        )
        return [proposal for (proposal,) in cursor.fetchall()]
