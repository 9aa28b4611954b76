"""Who is asked to mark what, and by when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.models import User
from rfp.models import Criterion, Proposal, Window
from scoring.duties.models import Assignment, AssignmentRun, DueDate, Handover
from scoring.panel.models import Evaluator

ALL = ""  # the group of an assignment that covers every criterion


def is_shared_out(window: Window) -> bool:
    """Whether anybody was assigned to a proposal of the window; where not, everybody marks everything."""
    return Assignment.objects.filter(window=window).exists()


def asked_of(seat: Evaluator) -> Q:
    """Proposals that this reviewer is asked to mark: assigned to them, or to nobody."""
    return _asked(evaluator=seat)


def asked_of_user(user: User) -> Q:
    """The same over all RFPs."""
    return _asked(evaluator__user=user)


def _asked(**mine: Any) -> Q:
    anyone = Assignment.objects.filter(proposal=OuterRef("pk"))
    return ~Q(Exists(anyone)) | Q(Exists(anyone.filter(**mine)))


def asked_in(window: Window, seat: Evaluator) -> Q:
    """`asked_of` for one window: no condition where nobody is assigned there."""
    return asked_of(seat) if is_shared_out(window) else Q()


def criteria_asked_of(seat: Evaluator) -> Q:
    """Criteria that the reviewer is asked to mark on the proposal of the query around this one."""
    return _criteria_asked(seat, group="group")


def left_asked_of(seat: Evaluator) -> Q:
    """The same for computed marks that are left to reviewers."""
    return _criteria_asked(seat, group="criterion__group")


def _criteria_asked(seat: Evaluator, *, group: str) -> Q:
    anyone = Assignment.objects.filter(proposal=OuterRef(OuterRef("pk")))
    mine = anyone.filter(evaluator=seat).filter(Q(group=ALL) | Q(group=OuterRef(group)))
    return ~Q(Exists(anyone)) | Q(Exists(mine))


@dataclass(frozen=True)
class Asked:
    """What one reviewer is asked to mark on one proposal: every criterion, or those of some groups; or nothing."""

    everything: bool
    groups: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.groups)

    def of(self, criteria: Iterable[Criterion]) -> list[Criterion]:
        return [each for each in criteria if self.everything or each.group in self.groups]


EVERYTHING = Asked(everything=True)


def asked_on(proposal: Proposal, seat: Evaluator) -> Asked:
    """What the reviewer is asked to mark on the proposal; one query."""
    return asked_as_said(*with_asked(Proposal.objects.filter(pk=proposal.pk), seat).values_list(*ASKED)[0])


ASKED = ("is_shared", "groups_asked")


def with_asked(found: QuerySet[Proposal], seat: Evaluator) -> QuerySet[Any]:
    """Proposals with what `asked_as_said` reads, so that a caller who asks for them anyway asks once."""
    anyone = Assignment.objects.filter(proposal=OuterRef("pk"))
    mine = anyone.filter(evaluator=seat).order_by().values("group")
    return found.annotate(is_shared=Exists(anyone), groups_asked=ArraySubquery(mine))


def asked_as_said(is_shared: bool, groups: Iterable[str]) -> Asked:
    if not is_shared:
        return EVERYTHING
    found = frozenset(groups)
    return Asked(everything=ALL in found, groups=found)


@dataclass(frozen=True)
class Teams:
    """Who is asked to mark each of some proposals."""

    rows: Mapping[Any, Mapping[int, frozenset[str]]] = field(default_factory=dict)

    def is_asked(self, proposal: Any, seat: int, group: str) -> bool:
        team = self.rows.get(proposal)
        if team is None:
            return True
        groups = team.get(seat, frozenset())
        return ALL in groups or group in groups

    def reads(self, proposal: Any, seat: int) -> bool:
        """Whether the reviewer is asked to mark anything of the proposal."""
        team = self.rows.get(proposal)
        return team is None or seat in team


def teams_of(proposals: Iterable[Any]) -> Teams:
    """The teams of these proposals (ids); one query."""
    return _teams(Assignment.objects.filter(proposal__in=list(proposals)))


def teams_in(window: Window) -> Teams:
    """The teams of all proposals of a window; one query."""
    return _teams(Assignment.objects.filter(window=window))


def _teams(rows: QuerySet[Assignment]) -> Teams:
    found: dict[Any, dict[int, frozenset[str]]] = {}
    for proposal, seat, group in rows.values_list("proposal", "evaluator", "group"):
        team = found.setdefault(proposal, {})
        team[seat] = team.get(seat, frozenset()) | {group}
    return Teams(found)


# ---- by when ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """When marks of a window are due. `own`: seat id → a date of that reviewer alone."""

    everybody: datetime | None = None
    own: Mapping[int, datetime] = field(default_factory=dict)

    def of(self, seat: int) -> datetime | None:
        return self.own.get(seat, self.everybody)


def due_in(windows: Iterable[Window]) -> dict[int, Due]:
    """window id → when its marks are due; one query."""
    everybody: dict[int, datetime] = {}
    own: dict[int, dict[int, datetime]] = {}
    for row in DueDate.objects.filter(window__in=list(windows)).order_by("id"):
        if row.evaluator_id is None:
            everybody[row.window_id] = row.due_at
        else:
            own.setdefault(row.window_id, {})[row.evaluator_id] = row.due_at
    return {pk: Due(everybody.get(pk), own.get(pk, {})) for pk in {*everybody, *own}}


def due_for(user: User, windows: Iterable[int]) -> dict[int, datetime]:
    """window id → when the user's marks are due there; one query, none without windows."""
    wanted = set(windows)
    if not wanted:
        return {}
    rows = DueDate.objects.filter(Q(evaluator__isnull=True) | Q(evaluator__user=user), window__in=wanted)
    everybody: dict[int, datetime] = {}
    own: dict[int, datetime] = {}
    for row in rows.order_by("id"):
        (everybody if row.evaluator_id is None else own)[row.window_id] = row.due_at
    return everybody | own


def due_of(window: Window) -> Due:
    return due_in([window]).get(window.pk, Due())


# ---- handovers and runs ------------------------------------------------------------------------------------------


def handovers_of(window: Window) -> QuerySet[Handover]:
    """Handovers that have not gone back, the newest first."""
    found = Handover.objects.filter(window=window, returned_at__isnull=True)
    return found.select_related("giver__user", "deputy__user", "by").order_by("-id")


def handovers_over(now: datetime) -> list[Handover]:
    """Handovers whose last day is over in the RFP's zone and whose work has not gone back."""
    found = Handover.objects.filter(until__isnull=False, until__lte=now.date(), returned_at__isnull=True)
    return [
        each
        for each in found.select_related("window__solicitation")
        if each.until is not None and each.until < now.astimezone(each.window.solicitation.zone).date()
    ]


def last_run(window: Window) -> AssignmentRun | None:
    """The automatic assignment that was applied last."""
    applied = AssignmentRun.objects.filter(window=window, applied_at__isnull=False)
    return applied.select_related("applied_by").defer("pairs").order_by("-applied_at").first()


def unplanned_runs() -> QuerySet[AssignmentRun]:
    """Asked for and not planned yet: what a sweep must enqueue."""
    return AssignmentRun.objects.filter(planned_at__isnull=True)
