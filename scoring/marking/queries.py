"""A reviewer's queue, own marks, and how far the marking is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from portal.kit.compliance import Envelope
from portal.kit.formats import count_of
from rfp.models import (
    Criterion,
    MarksShown,
    Proposal,
    Revision,
    Solicitation,
    Window,
)
from rfp.proposals import queries as proposals_queries
from scoring.duties import queries as duties
from scoring.panel.access import (
    Access,
    Viewer,
    conflicts_with,
    proposals_in_all,
)
from scoring.panel.models import Conflict, Evaluator
from scoring.ranking.inputs import criteria_of
from scoring.ranking.mark_models import AutomaticMark, Mark, MarkRemoval, Review
from scoring.ranking.queries import Received
from scoring.settling.models import Reopening
from scoring.settling.queries import agreed_on


def marks_by(evaluator: Evaluator, revision: Revision) -> dict[int, Mark]:
    """criterion id → this evaluator's mark on the revision."""
    return {mark.criterion_id: mark for mark in revision.marks.filter(evaluator=evaluator)}


# The supplier's name as received. A score has it; else it is looked up in the page of JSON that was frozen.
NAME = Coalesce(
    "current_revision__score__supplier_name",
    KeyTextTransform("legal_name", "current_revision__supplier_snapshot"),
    output_field=TextField(),
)
# What a row of a list of proposals shows, by name: three model instances cost ten times as much.
ROW = ("pk", "number", "supplier_id", "lot_id", "reviewers")


def as_rows(found: QuerySet[Any], *more: str) -> QuerySet[Any, Any]:
    """Values by name: those of `ROW`, `lot_code`, `title`, `received`, `name` and more that were annotated."""
    told = found.annotate(
        lot_code=F("lot__code"),
        title=F("current_revision__title"),
        received=F("current_revision__received_at"),
        name=NAME,
    )
    return told.values_list(*ROW, "lot_code", "title", "received", "name", *more, named=True)


def with_own_marks(found: QuerySet[Any], evaluator: Evaluator) -> QuerySet[Any]:
    """With `marks_own` given by this evaluator of `to_mark` criteria, and `name`, the supplier's.

    A proposal is done when `marks_own` reaches `to_mark`.
    """
    revision = OuterRef("current_revision")
    own = Review.objects.filter(revision=revision, evaluator=evaluator).values("given")
    left = AutomaticMark.objects.filter(
        revision=revision, left_to_evaluators=True, criterion__envelope=Envelope.TECHNICAL.value
    )
    always = Criterion.objects.filter(
        duties.criteria_asked_of(evaluator),
        solicitation=evaluator.solicitation_id,
        mode=Criterion.Mode.EVALUATOR,
        envelope=Envelope.TECHNICAL.value,
    )
    asked_of_all = always.order_by().values("solicitation").annotate(n=Count("pk")).values("n")
    left = left.filter(duties.left_asked_of(evaluator))
    counted = left.order_by().values("revision").annotate(n=Count("pk")).values("n")
    return (
        found.annotate(
            marks_own=Coalesce(Subquery(own), 0),
            to_mark=Coalesce(Subquery(asked_of_all, output_field=IntegerField()), 0)
            + Coalesce(Subquery(counted, output_field=IntegerField()), 0),
            name=NAME,
        )
        .select_related("lot", "current_revision")
        .defer("current_revision__supplier_snapshot")
    )


def done_by(evaluator: Evaluator, solicitation: Solicitation, *, counted: bool = False) -> Q:
    """Proposals on which the evaluator has given every mark that is asked for. `counted`: to count them among others,
    where PostgreSQL would look each of them up."""
    reviews = Review.objects.filter(evaluator=evaluator, is_done=True)
    done = Q(Exists(reviews.filter(revision=OuterRef("current_revision"))))
    if counted:
        done = Q(current_revision__in=reviews.values("revision"))
    if any(
        each.mode == Criterion.Mode.EVALUATOR and each.envelope == Envelope.TECHNICAL.value
        for each in criteria_of(solicitation)
    ):
        return done
    # Reviewers are asked only where a computed mark is left to them; elsewhere there is nothing to give.
    left = AutomaticMark.objects.filter(revision=OuterRef("current_revision"), left_to_evaluators=True)
    return done | ~Q(Exists(left))


def conflicted_marks(proposal: Proposal) -> list[tuple[Evaluator, Conflict, MarkRemoval | None]]:
    """(seat, conflict, removal if one was asked for) of reviewers who marked this proposal and named a conflict with
    its supplier only after prices opened; one query where nobody did, else three."""
    opened = proposals_queries.opened(Envelope.PRICE).filter(window=proposal.window_id, lot=proposal.lot_id)
    named = conflicts_with(proposal.supplier_id, solicitation=proposal.lot.solicitation_id)
    late = {each.user_id: each for each in named.filter(at__gte=Subquery(opened.values("confirmed_at")[:1]))}
    if not late:
        return []
    seats = (
        Evaluator.objects.filter(marks__revision=proposal.current_revision_id)
        .select_related("user")
        .distinct()
    )
    removals = {
        each.evaluator_id: each
        for each in proposal.mark_removals.select_related("proposed_by", "confirmed_by")
    }
    return [(seat, late[seat.user_id], removals.get(seat.pk)) for seat in seats if seat.user_id in late]


def open_again(evaluator: Evaluator, revision: Revision) -> dict[int, Reopening]:
    """criterion id → why the chair asks this reviewer to mark it again; until a mark is given after that."""
    later = Mark.objects.filter(
        revision=revision,
        evaluator=evaluator,
        criterion=OuterRef("criterion"),
        marked_at__gt=OuterRef("at"),
    )
    found = Reopening.objects.filter(~Exists(later), revision=revision, evaluator=evaluator)
    return {row.criterion_id: row for row in found.order_by("id")}


def settled_on(evaluator: Evaluator, revisions: Iterable[int], criterion: Criterion) -> set[int]:
    """Of these revisions (ids), those on which this mark stays as it is: agreed on, or final; three queries at most."""
    keys = list(revisions)
    settled = {revision for revision, which in agreed_on(keys) if which == criterion.pk}
    if criterion.solicitation.marks_shown == MarksShown.OWN:
        done = Review.objects.filter(evaluator=evaluator, revision__in=keys, is_done=True)
        settled |= set(done.values_list("revision", flat=True))
    if not settled:
        return settled
    later = Mark.objects.filter(
        revision=OuterRef("revision"), evaluator=evaluator, criterion=criterion, marked_at__gt=OuterRef("at")
    )
    again = Reopening.objects.filter(
        ~Exists(later), revision__in=settled, evaluator=evaluator, criterion=criterion
    )
    return settled - set(again.values_list("revision", flat=True))


def is_final(evaluator: Evaluator, revision: Revision) -> bool:
    """Whether the reviewer sees the others' marks on this revision by now, so that own ones stay as they are."""
    if revision.proposal.lot.solicitation.marks_shown != MarksShown.OWN:
        return False
    return Review.objects.filter(evaluator=evaluator, revision=revision, is_done=True).exists()


def needs_comment(solicitation: Solicitation, value: Decimal | None) -> str:
    """Why a mark of that value needs a comment, in words; blank where it needs none, or for no mark."""
    if value is None:
        return ""
    below, above = solicitation.comment_below, solicitation.comment_above
    if below is not None and value < below:
        return f"a mark worth less than {below}% needs a comment"
    if above is not None and value > above:
        return f"a mark worth more than {above}% needs a comment"
    return ""


def held_for_marking(revision: Revision) -> Received:
    """Hold the revision, and its window against an opening of prices, until the transaction ends; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.supplier_snapshot ->> 'legal_name', r.supplier_snapshot -> 'sites'
            FROM rfp_revision r JOIN rfp_proposal p ON p.id = r.proposal_id JOIN rfp_window w ON w.id = p.window_id
            WHERE r.id = %s FOR SHARE OF w FOR NO KEY UPDATE OF r
            """,
            [revision.pk],
        )
        name, sites = cursor.fetchone()
    return Received(name, sites if isinstance(sites, list) else json.loads(sites))


# ---- how far the marking is -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Proposals of a window done and to do: by one evaluator, or by everybody who may mark them."""

    given: int
    wanted: int
    own: bool

    @property
    def says(self) -> str:
        done = f"{self.given:,} of {count_of(self.wanted, 'proposal')} "
        return done + ("marked by you" if self.own else "with all marks in")


def marking_progress(viewer: Viewer, windows: Iterable[tuple[Window, Access]]) -> dict[int, Progress]:
    """window id → progress, for opened windows: the reviewer's own, else the panel's; one query, two where a reviewer's
    criteria didn't come along."""
    seat, opened = viewer.seat, [each for each in windows if each[1].technical_open]
    if not opened:
        return {}
    if seat is not None:
        queue = proposals_in_all(viewer, opened).filter(duties.asked_of(seat))
        done = Count("pk", filter=done_by(seat, seat.solicitation, counted=True))
        counted = queue.order_by().values("window").annotate(wanted=Count("pk"), given=done)
    else:
        # Everybody who oversees reads how far all of them are, whatever conflicts they have themselves.
        received = proposals_queries.opened_proposals().filter(window__in=[window.pk for window, _ in opened])
        whole = Q(current_revision__score__marks_missing=0)
        counted = (
            received.order_by().values("window").annotate(wanted=Count("pk"), given=Count("pk", filter=whole))
        )
    return {
        row["window"]: Progress(given=row["given"], wanted=row["wanted"], own=seat is not None)
        for row in counted
    }
