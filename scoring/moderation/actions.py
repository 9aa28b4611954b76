"""The chair settles a criterion: an agreed mark beside the marks, or one reviewer marks it again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.method.scales import worth
from rfp.models import Criterion, Proposal, Revision
from scoring.duties import queries as duties
from scoring.facts import Anchor, anchor_json, as_anchor
from scoring.moderation import notices
from scoring.panel import access
from scoring.panel.access import conflicts_with
from scoring.panel.models import Evaluator
from scoring.ranking import inputs, scores
from scoring.ranking import queries as ranking_queries
from scoring.ranking.actions import prices_stay_sealed, request_ranking
from scoring.ranking.mark_models import Mark
from scoring.settling.models import Consensus, Reopening
from scoring.settling.queries import agreed_on


def agree(
    revision: Revision, criterion: Criterion, anchor: Anchor | None, *, reason: str, by: User, at: datetime
) -> Consensus:
    """Record the mark that the panel agreed on; without one, take the agreement back. Raises Refused.

    `revision` comes from `ranking.queries.revision_to_score`. The marks stay as they are.
    """
    if not reason.strip():
        raise Refused("Enter a reason.")
    with transaction.atomic():
        _must_moderate(revision, criterion, by)
        if anchor is None:
            if (revision.pk, criterion.pk) not in agreed_on([revision.pk]):
                raise Refused("There is no agreement to take back.")
        else:
            anchor_map = revision.proposal.lot.solicitation.anchor_map
            if worth(criterion.scale, Decimal(anchor), anchor_map) is None:
                raise Refused(f"{anchor} is not on the scale of {criterion.code}.")
            _must_be_marked(revision, criterion)
        stored = Consensus.objects.create(
            revision=revision,
            criterion=criterion,
            anchor=None if anchor is None else as_anchor(anchor),
            reason=reason.strip(),
            by=by,
            at=at,
        )
        scores.rescore(revision)
        assert revision.proposal.window is not None, "it is submitted"
        request_ranking(revision.proposal.window)
        audit.record(
            "marks.agreed", revision, by=by, at=at, criterion=criterion.code, mark=anchor_json(stored.anchor)
        )
        return stored


def reopen(
    revision: Revision, criterion: Criterion, evaluator: Evaluator, *, reason: str, by: User, at: datetime
) -> Reopening:
    """Ask one reviewer to mark one criterion again, by letter. The first mark counts until then. Raises Refused."""
    if not reason.strip():
        raise Refused("Enter a reason.")
    with transaction.atomic():
        _must_moderate(revision, criterion, by)
        mark = Mark.objects.filter(revision=revision, criterion=criterion, evaluator=evaluator).first()
        if mark is None:
            raise Refused(f"{evaluator.user.name} has not marked {criterion.code}.")
        if Reopening.objects.filter(
            revision=revision, criterion=criterion, evaluator=evaluator, at__gte=mark.marked_at
        ).exists():
            raise Refused(f"{criterion.code} is already open for {evaluator.user.name}.")
        if not duties.asked_on(revision.proposal, evaluator).of([criterion]):
            raise Refused(f"{evaluator.user.name} is not assigned to {criterion.code} on this proposal.")
        if _has_conflict(revision.proposal, evaluator):
            raise Refused(f"{evaluator.user.name} has a conflict with this supplier.")
        stored = Reopening.objects.create(
            revision=revision, criterion=criterion, evaluator=evaluator, reason=reason.strip(), by=by, at=at
        )
        event = audit.record(
            "marks.reopened", revision, by=by, at=at, criterion=criterion.code, evaluator=evaluator.pk
        )
        notices.reopened(stored, event=event.seq, at=at)
        return stored


def _must_moderate(revision: Revision, criterion: Criterion, by: User) -> None:
    """Asked while the window is held, so that prices stay sealed until the commit. Raises Refused."""
    proposal = revision.proposal
    if not access.is_chair(by, proposal.lot.solicitation):
        raise Refused("Only the chair settles marks.")
    is_sealed = prices_stay_sealed(proposal)
    ranking_queries.received_from(revision, lock=True)
    if not access.proposals_visible_to(by).filter(pk=proposal.pk, current_revision=revision).exists():
        raise Refused("You can’t settle marks on this proposal.")
    if not is_sealed:
        raise Refused("Prices are open. Technical marks are final.")
    if criterion not in inputs.criteria_to_mark(revision):
        raise Refused(f"{criterion.code} is automatic. Reviewers can’t mark it.")


def _must_be_marked(revision: Revision, criterion: Criterion) -> None:
    """Everyone who is asked has marked it or abstained, and somebody gave a mark. Raises Refused."""
    proposal = revision.proposal
    teams = duties.teams_of([proposal.pk])
    done = dict(
        Mark.objects.filter(revision=revision, criterion=criterion).values_list("evaluator", "anchor")
    )
    seats = proposal.lot.solicitation.evaluators.select_related("user")
    waiting = [
        seat.user.name
        for seat in seats
        if seat.pk not in done
        and teams.is_asked(proposal.pk, seat.pk, criterion.group)
        and not _has_conflict(proposal, seat)
    ]
    if waiting:
        raise Refused(f"Still to mark {criterion.code}: {', '.join(waiting)}.")
    if all(anchor is None for anchor in done.values()):
        raise Refused(f"No one has marked {criterion.code}.")


def _has_conflict(proposal: Proposal, seat: Evaluator) -> bool:
    named = conflicts_with(proposal.supplier_id, solicitation=seat.solicitation_id)
    return named.filter(user=seat.user_id).exists()
