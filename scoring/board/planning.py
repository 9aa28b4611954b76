"""An automatic assignment from the database: who may read what, what is there already, and what the plan achieves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.kit.compliance import Envelope
from portal.kit.formats import count_of
from rfp.models import Proposal, Solicitation, Window
from rfp.proposals import queries as proposals_queries
from scoring.calculation.assigning import Plan, Problem, Reviewer, Submission, plan
from scoring.duties.models import Assignment, AssignmentRun
from scoring.duties.queries import ALL
from scoring.panel.models import Conflict, Evaluator
from scoring.ranking.inputs import criteria_of
from scoring.ranking.mark_models import Mark


def make(run_id: int, *, at: datetime) -> None:
    """Plan what was asked for and store it. Twice changes nothing."""
    with transaction.atomic():
        run = (
            AssignmentRun.objects.select_for_update(of=("self",))
            .select_related("window__solicitation")
            .get(pk=run_id)
        )
        if run.planned_at is not None:
            return
        facts = facts_of(run)
        made = plan(facts.problem)
        run.pairs = [
            [str(facts.ids[pair.submission]), pair.reviewer, pair.because, pair.is_kept]
            for pair in made.pairs
        ]
        run.gaps, run.notes = list(made.gaps), notes_on(run, facts, made)
        run.planned_at = at
        run.save(update_fields=["pairs", "gaps", "notes", "planned_at"])


def to_be_marked(window: Window) -> QuerySet[Proposal]:
    """Received, open to read, not knocked out, prices still sealed: what can be assigned."""
    priced = proposals_queries.open_lots(window, Envelope.PRICE)
    found = proposals_queries.opened_proposals().filter(window=window)
    return found.exclude(lot__in=priced).exclude(current_revision__score__knocked_out=True)


def seats_of(solicitation: Solicitation) -> list[Evaluator]:
    """The panel without those who are recused from the whole RFP or whose account is off."""
    recused = Conflict.objects.filter(solicitation=solicitation, supplier__isnull=True).values("user")
    found = solicitation.evaluators.filter(user__is_active=True).exclude(user__in=recused)
    return list(found.select_related("user").prefetch_related("knows").order_by("id"))


@dataclass(frozen=True)
class Facts:
    """The problem, and the id of each proposal by its number."""

    problem: Problem
    ids: dict[str, Any]


def facts_of(run: AssignmentRun) -> Facts:
    """What the plan is made from; a fixed number of queries."""
    window, seats = run.window, seats_of(run.window.solicitation)
    proposals = list(
        to_be_marked(window)
        .filter(lot__code__in=run.lots)
        .order_by("lot__position", "number")
        .values_list("pk", "number", "lot__code", "supplier", "current_revision")
    )
    numbers = {pk: number for pk, number, *_ in proposals}
    given = Assignment.objects.filter(window=window).filter(Q(group=ALL) | Q(group=run.group))
    rows = list(given.values_list("proposal", "evaluator").distinct())
    begun = Mark.objects.filter(revision__in=[revision for *_, revision in proposals])
    marked = begun.values_list("revision__proposal", "evaluator").distinct().order_by()
    barred = _barred(window, seats, proposals)
    kept = {(numbers[proposal], seat) for proposal, seat in [*rows, *marked] if proposal in numbers}
    load: dict[int, int] = {}
    for proposal, seat in rows:
        if proposal not in numbers:
            load[seat] = load.get(seat, 0) + 1
    return Facts(
        Problem(
            reviewers=tuple(_reviewer(seat, run.cap) for seat in seats),
            submissions=tuple(Submission(number, lot) for _pk, number, lot, *_ in proposals),
            each=run.each,
            kept=frozenset(kept) - barred,
            barred=barred,
            load=load,
        ),
        {number: pk for pk, number in numbers.items()},
    )


def _reviewer(seat: Evaluator, cap: int | None) -> Reviewer:
    knows = frozenset(lot.code for lot in seat.knows.all())
    return Reviewer(seat.pk, seat.user.name, cap=seat.cap if seat.cap is not None else cap, knows=knows)


def _barred(
    window: Window, seats: Sequence[Evaluator], proposals: Sequence[tuple[Any, ...]]
) -> frozenset[tuple[str, int]]:
    """(number, seat id) of proposals from suppliers that a reviewer has a conflict with."""
    of_user = {seat.user_id: seat.pk for seat in seats}
    named = Conflict.objects.filter(solicitation=window.solicitation_id, user__in=of_user)
    conflicts: dict[int, set[int]] = {}
    for user, supplier in named.values_list("user", "supplier"):
        if supplier is not None:
            conflicts.setdefault(supplier, set()).add(of_user[user])
    return frozenset(
        (number, seat)
        for _pk, number, _lot, supplier, _revision in proposals
        for seat in conflicts.get(supplier, ())
    )


# ---- what it achieves -------------------------------------------------------------------------------------------


def notes_on(run: AssignmentRun, facts: Facts, made: Plan) -> list[list[str]]:
    """[state, sentence] of each rule that was asked for; "met", or "open" where it could not be kept everywhere."""
    if made.gaps or not made.pairs:
        return []
    problem = facts.problem
    loads: dict[int, int] = dict(problem.load)
    for pair in made.pairs:
        loads[pair.reviewer] = loads.get(pair.reviewer, 0) + 1
    count = len(problem.submissions)
    notes = [
        ["met", f"{count_of(run.each, 'reviewer')} or more for each of {count_of(count, 'proposal')}"],
        ["met", f"No reviewer has more than {count_of(max(loads.values()), 'proposal')}"],
    ]
    if problem.barred:
        notes.append(["met", f"{count_of(len(problem.barred), 'conflict')} kept out"])
    if any(each.knows for each in problem.reviewers):
        state = "met" if made.experts == count else "open"
        notes.append([state, f"An expert in the lot reads {made.experts} of {count_of(count, 'proposal')}"])
    if made.apart:
        lots = f"{'lot' if len(made.apart) == 1 else 'lots'} {', '.join(made.apart)}"
        notes.append(
            ["open", f"In {lots}, some reviewers share no proposal, so their marks can’t be compared"]
        )
    else:
        notes.append(["met", "Reviewers share proposals, so their marks can be compared"])
    return notes + _below_quorum(run)


def _below_quorum(run: AssignmentRun) -> list[list[str]]:
    """Criteria that need more marks than the plan gives reviewers."""
    solicitation = run.window.solicitation
    most = max((each.quorum or solicitation.quorum or 0 for each in criteria_of(solicitation)), default=0)
    if most <= run.each:
        return []
    return [["open", f"Prices wait for {count_of(most, 'mark')} on some criteria. This gives {run.each}"]]
