"""Marks: what reviewers give, and the ranking that follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from portal import audit
from portal.compliance import Envelope
from portal.jobs import enqueue_on_commit
from portal.models import User
from portal.refused import Refused
from rfp.models import Criterion, Proposal, Revision, Window
from rfp.proposals import queries as rfp_queries
from scoring import access, evaluation, queries, tasks
from scoring.models import Conflict, Evaluator, Mark


def record_mark(
    revision: Revision,
    criterion: Criterion,
    *,
    evaluator: Evaluator,
    anchor: int | None,
    comment: str,
    by: User,
    at: datetime,
) -> Mark:
    """Store one evaluator's mark (None abstains) and the proposal's own score. Raises Refused."""
    return record_marks(revision, [(criterion, anchor, comment)], evaluator=evaluator, by=by, at=at)[0]


def record_marks(
    revision: Revision,
    marks: Iterable[tuple[Criterion, int | None, str]],
    *,
    evaluator: Evaluator,
    by: User,
    at: datetime,
) -> list[Mark]:
    """Several criteria of one revision at once: (criterion, anchor or None to abstain, comment). Raises Refused."""
    with transaction.atomic():
        received = queries.held_for_marking(revision)
        _must_be_able_to_mark(revision, evaluator, by)
        automatic = queries.automatic_marks(revision)
        left = [mark.criterion_id for mark in automatic if mark.left_to_evaluators]
        allowed = {criterion.pk for criterion in queries.criteria_to_mark(revision, left)}
        stored = [
            _mark(revision, criterion, anchor, comment, allowed=allowed, evaluator=evaluator, at=at)
            for criterion, anchor, comment in marks
        ]
        Mark.objects.bulk_create(
            stored,
            update_conflicts=True,
            unique_fields=["revision", "criterion", "evaluator"],
            update_fields=["anchor", "abstained", "comment", "marked_at"],
        )
        held = evaluation.Held(received=received, automatic=automatic, price_open=False, at=at)
        evaluation.rescore(revision, held=held)
        if revision.proposal.window is not None:
            request_ranking(revision.proposal.window)
        audit.record(
            "marks.recorded",
            revision,
            by=by,
            at=at,
            marks={mark.criterion.code: mark.anchor for mark in stored},
        )
        return stored


def _mark(
    revision: Revision,
    criterion: Criterion,
    anchor: int | None,
    comment: str,
    *,
    allowed: set[int],
    evaluator: Evaluator,
    at: datetime,
) -> Mark:
    """A mark that may be stored. Raises Refused."""
    if criterion.pk not in allowed:
        raise Refused(f"{criterion.code} is automatic. Reviewers can’t mark it.")
    if anchor is not None and not 0 <= anchor <= 5:
        raise Refused("A mark must be a whole number from 0 to 5.")
    return Mark(
        revision=revision,
        criterion=criterion,
        evaluator=evaluator,
        anchor=anchor,
        abstained=anchor is None,
        comment=comment.strip(),
        marked_at=at,
    )


def _must_be_able_to_mark(revision: Revision, evaluator: Evaluator, by: User) -> None:
    """Asked while the window is held, so that the answer stands until the commit. Raises Refused."""
    if by.pk != evaluator.user_id:
        raise Refused("Reviewers can only enter their own marks.")
    now = access.proposals_visible_to(by).filter(pk=revision.proposal_id)
    is_open = rfp_queries.opened(Envelope.PRICE).filter(window=OuterRef("window"), lot=OuterRef("lot"))
    found = now.annotate(price_open=Exists(is_open)).values_list("current_revision", "price_open").first()
    if found is None:
        raise Refused("You can’t mark this proposal.")
    current, price_open = found
    if current != revision.pk:
        raise Refused("The supplier has submitted a newer revision. Read it before you mark it.")
    if price_open:
        raise Refused("Prices are open. Technical marks are final.")


def prices_stay_sealed(proposal: Proposal) -> bool:
    """Whether the proposal's price is sealed, and stays so until the caller's transaction ends: an opening waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM rfp_window WHERE id = %s FOR SHARE", [proposal.window_id])
    return not rfp_queries.is_open(proposal, Envelope.PRICE)


def count_ranking_request(window: Window) -> bool:
    """Note that the stored ranking is behind; whether an earlier request was waiting already. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO scoring_ranking AS r (window_id, requests, served, ranked_count, unranked_count)
            VALUES (%s, 1, 0, 0, 0)
            ON CONFLICT (window_id) DO UPDATE SET requests = r.requests + 1
            RETURNING requests - 1 > served
            """,
            [window.pk],
        )
        was_stale: bool = cursor.fetchone()[0]
        return was_stale


def request_ranking(window: Window) -> None:
    """Have the window ranked soon. Requests that come together are served together."""
    if not count_ranking_request(window):
        enqueue_on_commit(tasks.rank_window, window.pk, countdown=tasks.COALESCE_SECONDS)


def leave_out_marks(conflict: Conflict) -> None:
    """Score again, without the conflicted reviewer's marks, every proposal whose prices are still sealed."""
    marked = Proposal.objects.filter(
        current_revision__marks__evaluator__user=conflict.user_id,
        lot__solicitation=conflict.solicitation_id,
        withdrawn_at__isnull=True,
        **({"supplier": conflict.supplier_id} if conflict.supplier_id else {}),
    ).distinct()
    for proposal in marked.select_related("window", "lot"):
        if prices_stay_sealed(proposal) and proposal.current_revision_id is not None:
            evaluation.rescore(queries.revision_to_score(proposal.current_revision_id))
            assert proposal.window is not None, "it is submitted"
            request_ranking(proposal.window)
