"""Who marks what: assigned by hand, from a file or automatically, handed over, and due on a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from portal.frame.jobs import enqueue_on_commit
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.models import Proposal, Window
from scoring.board import notices, planning, tasks
from scoring.duties import queries as duties
from scoring.duties.models import Assignment, AssignmentRun, DueDate, Handover
from scoring.panel import access
from scoring.panel.access import conflicts_with
from scoring.panel.models import Evaluator
from scoring.ranking.mark_models import Mark, Review


@dataclass(frozen=True)
class Cell:
    """One reviewer for one proposal: all criteria, or one group of them."""

    proposal: Proposal
    seat: Evaluator
    group: str = duties.ALL
    because: str = ""


def assign(
    window: Window,
    add: Collection[Cell],
    remove: Collection[Cell] = (),
    *,
    how: Assignment.How,
    by: User,
    at: datetime,
) -> tuple[int, int]:
    """(how many were assigned, how many taken off), all or none. Raises Refused and names the first that can't be."""
    with transaction.atomic():
        _hold(window, by)
        _must_be_open(window, [cell.proposal for cell in (*add, *remove)])
        for cell in add:
            _must_be_free(cell)
        for cell in remove:
            if _has_marks(cell.proposal, cell.seat):
                raise Refused(
                    f"{cell.seat.user.name} has marked {cell.proposal.number}. "
                    "The marks stay, so you can’t take it away."
                )
        removed = sum(_remove(cell) for cell in remove)
        added = _store(window, add, how=how, by=by, at=at)
        if added or removed:
            audit.record(
                "panel.assigned",
                window,
                by=by,
                at=at,
                how=str(how),
                added=added,
                removed=[[cell.proposal.number, cell.seat.pk] for cell in remove],
            )
        return added, removed


def _hold(window: Window, by: User) -> None:
    """Hold the window: marks that are being stored go first, later ones see what is stored here. Raises Refused."""
    if not (by.is_admin or access.is_chair(by, window.solicitation)):
        raise Refused("Only the chair and admins assign reviewers.")
    Window.objects.select_for_update(of=("self",), no_key=True).get(pk=window.pk)


def _must_be_open(window: Window, proposals: Iterable[Proposal]) -> None:
    able = set(planning.to_be_marked(window).values_list("pk", flat=True))
    for proposal in proposals:
        if proposal.pk not in able:
            raise Refused(f"{proposal.number} can’t be assigned. It was knocked out, or its prices are open.")


def _must_be_free(cell: Cell) -> None:
    """Raises Refused for a reviewer with a conflict."""
    named = conflicts_with(cell.proposal.supplier_id, solicitation=cell.seat.solicitation_id)
    if named.filter(user=cell.seat.user_id).exists():
        raise Refused(f"{cell.seat.user.name} has a conflict with the supplier of {cell.proposal.number}.")


def _has_marks(proposal: Proposal, seat: Evaluator) -> bool:
    return Mark.objects.filter(revision=proposal.current_revision_id, evaluator=seat).exists()


def _remove(cell: Cell) -> int:
    rows = Assignment.objects.filter(proposal=cell.proposal, evaluator=cell.seat, group=cell.group)
    count: int = rows.delete()[0]
    return count


def _store(window: Window, cells: Iterable[Cell], *, how: Assignment.How, by: User, at: datetime) -> int:
    """How many were new."""
    before = Assignment.objects.filter(window=window).count()
    rows = [
        Assignment(
            window=window,
            proposal=cell.proposal,
            evaluator=cell.seat,
            group=cell.group,
            how=how,
            because=cell.because,
            by=by,
            at=at,
        )
        for cell in cells
    ]
    Assignment.objects.bulk_create(rows, ignore_conflicts=True)
    return Assignment.objects.filter(window=window).count() - before


# ---- automatic ----------------------------------------------------------------------------------------------------


def ask_for_run(
    window: Window, *, lots: Collection[str], group: str, each: int, cap: int | None, by: User, at: datetime
) -> AssignmentRun:
    """Have a worker plan an assignment. Nothing is assigned yet. Raises Refused."""
    if not (by.is_admin or access.is_chair(by, window.solicitation)):
        raise Refused("Only the chair and admins assign reviewers.")
    with transaction.atomic():
        run = AssignmentRun.objects.create(
            window=window, lots=sorted(lots), group=group, each=each, cap=cap, asked_by=by, asked_at=at
        )
        enqueue_on_commit(tasks.plan_assignment, run.pk)
        return run


def apply_run(run: AssignmentRun, *, by: User, at: datetime) -> int:
    """Assign as the stored plan says; how many are new. Raises Refused where it no longer fits."""
    with transaction.atomic():
        window = run.window
        _hold(window, by)
        locked = AssignmentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if locked.applied_at is not None:
            raise Refused("This plan has already been applied.")
        if locked.planned_at is None or locked.gaps or not locked.pairs:
            raise Refused("There is no plan to apply.")
        facts = planning.facts_of(locked)
        cells = [(UUID(proposal), seat, because) for proposal, seat, because, _kept in locked.pairs]
        _must_still_fit(locked, facts, cells)
        proposals = Proposal.objects.in_bulk({proposal for proposal, *_ in cells})
        seats = {seat.pk: seat for seat in planning.seats_of(window.solicitation)}
        wanted = [
            Cell(proposals[proposal], seats[seat], locked.group, because) for proposal, seat, because in cells
        ]
        added = _store(window, wanted, how=Assignment.How.AUTOMATIC, by=by, at=at)
        new = Counter(seat for _proposal, seat, _because, is_kept in locked.pairs if not is_kept)
        locked.applied_by, locked.applied_at = by, at
        locked.save(update_fields=["applied_by", "applied_at"])
        event = audit.record(
            "panel.assigned", window, by=by, at=at, how="automatic", added=added, removed=[], run=locked.pk
        )
        notices.assigned(window, new, event=event.seq, at=at)
        return added


def _must_still_fit(run: AssignmentRun, facts: planning.Facts, cells: list[tuple[UUID, int, str]]) -> None:
    """Raises Refused if a proposal, a reviewer or a conflict changed since the plan was made."""
    problem = facts.problem
    numbers = {pk: number for number, pk in facts.ids.items()}
    people = {each.id for each in problem.reviewers}
    covered = {proposal for proposal, *_ in cells}
    changed = covered != set(numbers) or any(
        (numbers.get(proposal, ""), seat) in problem.barred
        or (seat not in people and (numbers.get(proposal, ""), seat) not in problem.kept)
        for proposal, seat, _because in cells
    )
    if changed:
        raise Refused("Proposals, reviewers, or conflicts changed after this plan was made. Plan again.")


# ---- deputies -------------------------------------------------------------------------------------------------------


def hand_over(
    window: Window,
    giver: Evaluator,
    deputy: Evaluator,
    *,
    reason: str,
    until: date | None,
    by: User,
    at: datetime,
) -> tuple[Handover, int, list[Proposal]]:
    """A reviewer's unfinished proposals go to a deputy: (the handover, how many, those that could not go).

    What the deputy has a conflict with, or reads already, stays. Raises Refused.
    """
    if not reason.strip():
        raise Refused("Enter a reason.")
    if giver.pk == deputy.pk:
        raise Refused("Choose someone else as the deputy.")
    with transaction.atomic():
        _hold(window, by)
        open_ones = open_work(window, giver)
        movable = [row for row in open_ones if _can_take(row, deputy)]
        if not movable:
            raise Refused(
                f"{deputy.user.name} can’t take any of this work: there is a conflict, or it is theirs already."
                if open_ones
                else f"{giver.user.name} has no assigned work left in this window."
            )
        handover = Handover.objects.create(
            window=window, giver=giver, deputy=deputy, reason=reason.strip(), until=until, by=by, at=at
        )
        because = f"Handed over by {giver.user.name}: {reason.strip()}"
        _move(movable, deputy, how=Assignment.How.HANDED, handover=handover, because=because, by=by, at=at)
        left = [row.proposal for row in open_ones if row not in movable]
        event = audit.record(
            "panel.handed_over", handover, by=by, at=at, giver=giver.pk, deputy=deputy.pk, moved=len(movable)
        )
        notices.handed_over(handover, len(movable), event=event.seq, at=at)
        return handover, len(movable), left


def open_work(window: Window, seat: Evaluator) -> list[Assignment]:
    """The reviewer's assignments in the window whose marks are not all given, prices sealed."""
    done = Review.objects.filter(evaluator=seat, is_done=True).values("revision")
    able = planning.to_be_marked(window).exclude(current_revision__in=done)
    mine = Assignment.objects.filter(window=window, evaluator=seat, proposal__in=able)
    return list(mine.select_related("proposal__supplier", "evaluator__user").order_by("id"))


def _can_take(row: Assignment, deputy: Evaluator) -> bool:
    named = conflicts_with(row.proposal.supplier_id, solicitation=deputy.solicitation_id)
    if named.filter(user=deputy.user_id).exists():
        return False
    return not Assignment.objects.filter(proposal=row.proposal, evaluator=deputy).exists()


def _move(rows: Collection[Assignment], to: Evaluator, **what: Any) -> None:
    """The same proposals and groups for someone else."""
    Assignment.objects.filter(pk__in=[row.pk for row in rows]).delete()
    Assignment.objects.bulk_create(
        [
            Assignment(window_id=row.window_id, proposal=row.proposal, evaluator=to, group=row.group, **what)
            for row in rows
        ],
        ignore_conflicts=True,
    )


def take_back(handover: Handover, *, by: User | None, at: datetime) -> int:
    """What the deputy has not begun goes back to who gave it; how many proposals that is. Twice changes nothing."""
    with transaction.atomic():
        locked = (
            Handover.objects.select_for_update(of=("self",))
            .select_related("window__solicitation", "giver__user", "deputy__user", "by")
            .get(pk=handover.pk)
        )
        if locked.returned_at is not None:
            return 0
        Window.objects.select_for_update(of=("self",), no_key=True).get(pk=locked.window_id)
        begun = Mark.objects.filter(evaluator=locked.deputy_id).values("revision")
        rows = list(
            locked.assignments.filter(proposal__in=planning.to_be_marked(locked.window))
            .exclude(proposal__current_revision__in=begun)
            .select_related("proposal")
        )
        back = [row for row in rows if _can_take(row, locked.giver)]
        because = f"Back from {locked.deputy.user.name}."
        _move(
            back, locked.giver, how=Assignment.How.HANDED, handover=None, because=because, by=locked.by, at=at
        )
        locked.returned_at = at
        locked.save(update_fields=["returned_at"])
        audit.record("panel.handed_back", locked, by=by, at=at, moved=len(back))
        return len(back)


# ---- when ------------------------------------------------------------------------------------------------------------


def set_due(
    window: Window, *, seat: Evaluator | None, due_at: datetime, reason: str, by: User, at: datetime
) -> DueDate:
    """Say by when marks are due: of everybody, or of one reviewer, with a reason. Raises Refused."""
    if due_at <= at:
        raise Refused("Choose a time in the future.")
    if seat is not None and not reason.strip():
        raise Refused("Enter a reason.")
    with transaction.atomic():
        _hold(window, by)
        due = DueDate.objects.create(
            window=window, evaluator=seat, due_at=due_at, reason=reason.strip(), by=by, at=at
        )
        said: dict[str, Any] = {"due": due_at.isoformat()}
        if seat is not None:
            said["evaluator"] = seat.pk
        audit.record("panel.due_set", window, by=by, at=at, **said)
        return due


def set_people(
    window: Window, people: Iterable[tuple[Evaluator, int | None, Collection[Any]]], *, by: User, at: datetime
) -> None:
    """What each reviewer takes at most, and the lots (ids) of their expertise. Raises Refused."""
    with transaction.atomic():
        _hold(window, by)
        changed = []
        for seat, cap, lots in people:
            before = seat.cap, set(seat.knows.values_list("pk", flat=True))
            if before == (cap, set(lots)):
                continue
            seat.cap = cap
            seat.save(update_fields=["cap"])
            seat.knows.set(lots)
            changed.append(seat.pk)
        if changed:
            audit.record("panel.expertise_set", window, by=by, at=at, evaluators=changed)
