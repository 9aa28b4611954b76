"""Marks: what reviewers give, and the ranking that follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from portal import audit
from portal.compliance import Envelope
from portal.jobs import enqueue_on_commit
from portal.models import User
from portal.refused import Refused
from rfp import queries as rfp_queries
from rfp.models import Criterion, Proposal, Revision, Window
from scoring import access, evaluation, queries, tasks
from scoring.models import Evaluator, Mark, Ranking


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
    proposal = revision.proposal
    with transaction.atomic():
        _must_be_able_to_mark(proposal, revision, evaluator, by)
        allowed = {criterion.pk for criterion in queries.criteria_to_mark(revision)}
        stored = []
        for criterion, anchor, comment in marks:
            if criterion.pk not in allowed:
                raise Refused(f"{criterion.code} is automatic. Reviewers can’t mark it.")
            if anchor is not None and not 0 <= anchor <= 5:
                raise Refused("A mark must be a whole number from 0 to 5.")
            mark, _is_new = Mark.objects.update_or_create(
                revision=revision,
                criterion=criterion,
                evaluator=evaluator,
                defaults={
                    "anchor": anchor,
                    "abstained": anchor is None,
                    "comment": comment.strip(),
                    "marked_at": at,
                },
            )
            stored.append(mark)
        evaluation.rescore(revision)
        if proposal.window is not None:
            request_ranking(proposal.window)
        audit.record(
            "marks.recorded",
            revision,
            by=by,
            at=at,
            marks={mark.criterion.code: mark.anchor for mark in stored},
        )
        return stored


def _must_be_able_to_mark(proposal: Proposal, revision: Revision, evaluator: Evaluator, by: User) -> None:
    if by.pk != evaluator.user_id:
        raise Refused("Only the reviewer can enter their own mark.")
    if not access.proposals_visible_to(by).filter(pk=proposal.pk).exists():
        raise Refused("You can’t mark this proposal.")
    if proposal.current_revision_id != revision.pk:
        raise Refused("The supplier has submitted a newer revision. Read it before you mark it.")
    if not prices_stay_sealed(proposal):
        raise Refused("Prices are open. Technical marks are final.")


def prices_stay_sealed(proposal: Proposal) -> bool:
    """Whether the proposal's price is sealed, and stays so until the caller's transaction ends: an opening waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM rfp_window WHERE id = %s FOR SHARE", [proposal.window_id])
    return not rfp_queries.is_open(proposal, Envelope.PRICE)


def count_ranking_request(window: Window) -> bool:
    """Note that the stored ranking is behind; whether an earlier request was waiting already."""
    ranking, _is_new = Ranking.objects.get_or_create(window=window)
    Ranking.objects.filter(pk=ranking.pk).update(requests=F("requests") + 1)
    return ranking.is_stale


def request_ranking(window: Window) -> None:
    """Have the window ranked soon. Requests that come together are served together."""
    if not count_ranking_request(window):
        enqueue_on_commit(tasks.rank_window, window.pk, countdown=tasks.COALESCE_SECONDS)
