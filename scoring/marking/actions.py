"""Marks: what reviewers give."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef

from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.method.scales import worth
from rfp.models import Criterion, Revision
from rfp.proposals import queries as rfp_queries
from scoring.duties import queries as duties
from scoring.facts import Anchor, anchor_json, as_anchor
from scoring.marking import queries as marking_queries
from scoring.panel import access
from scoring.panel.models import Evaluator
from scoring.ranking import inputs, scores
from scoring.ranking.actions import request_ranking
from scoring.ranking.mark_models import Mark
from scoring.settling.queries import Agreed, agreed_on


def record_marks(
    revision: Revision,
    marks: Iterable[tuple[Criterion, Anchor | None, str]],
    *,
    evaluator: Evaluator,
    by: User,
    at: datetime,
    confidence: Mapping[int, str] | None = None,
) -> list[Mark]:
    """Several criteria of one revision at once: (criterion, anchor or None to abstain, comment). Raises Refused.

    `confidence`: criterion id → how sure the reviewer is, where it was said.
    """
    with transaction.atomic():
        received = marking_queries.held_for_marking(revision)
        asked = _must_be_able_to_mark(revision, evaluator, by)
        automatic = inputs.automatic_marks(revision)
        left = [mark.criterion_id for mark in automatic if mark.left_to_evaluators]
        agreed = agreed_on([revision.pk])
        may = _Allowed(inputs.criteria_to_mark(revision, left), asked, confidence or {})
        given = list(marks)
        _must_not_be_settled(revision, [criterion for criterion, *_ in given], agreed, evaluator)
        stored = [_mark(revision, *each, may=may, evaluator=evaluator, at=at) for each in given]
        Mark.objects.bulk_create(
            stored,
            update_conflicts=True,
            unique_fields=["revision", "criterion", "evaluator"],
            update_fields=["anchor", "abstained", "comment", "confidence", "marked_at"],
        )
        held = scores.Held(received=received, automatic=automatic, agreed=agreed, price_open=False, at=at)
        scores.rescore(revision, held=held)
        if revision.proposal.window is not None:
            request_ranking(revision.proposal.window)
        audit.record(
            "marks.recorded",
            revision,
            by=by,
            at=at,
            marks={mark.criterion.code: anchor_json(mark.anchor) for mark in stored},
        )
        return stored


@dataclass(frozen=True)
class _Allowed:
    """What may be marked on the proposal, what of it this reviewer is asked, and how sure they are."""

    markable: Collection[Criterion]
    asked: duties.Asked
    confidence: Mapping[int, str]


def _must_not_be_settled(
    revision: Revision, criteria: Iterable[Criterion], agreed: Agreed, evaluator: Evaluator
) -> None:
    """Raises Refused for what the panel agreed on, and for marks that are final, unless the chair opened them again."""
    settled = {criterion for _revision, criterion in agreed}
    is_final = marking_queries.is_final(evaluator, revision)
    if not settled and not is_final:
        return
    again = marking_queries.open_again(evaluator, revision)
    for criterion in criteria:
        if criterion.pk in again:
            continue
        if criterion.pk in settled:
            raise Refused(f"The panel agreed on {criterion.code}. Your mark stays as you gave it.")
        if is_final:
            raise Refused(
                "You see the others’ marks now, so yours are final. Ask the chair to open one again."
            )


def _mark(
    revision: Revision,
    criterion: Criterion,
    anchor: Anchor | None,
    comment: str,
    *,
    may: _Allowed,
    evaluator: Evaluator,
    at: datetime,
) -> Mark:
    """A mark that may be stored. Raises Refused."""
    if criterion not in may.markable:
        raise Refused(f"{criterion.code} is automatic. Reviewers can’t mark it.")
    if not may.asked.of([criterion]):
        raise Refused(f"You are not assigned to {criterion.code} on this proposal.")
    solicitation = revision.proposal.lot.solicitation
    value = None if anchor is None else worth(criterion.scale, Decimal(anchor), solicitation.anchor_map)
    if anchor is not None and value is None:
        raise Refused(f"{anchor} is not on the scale of {criterion.code}.")
    why = marking_queries.needs_comment(solicitation, value)
    if why and not comment.strip():
        raise Refused(f"{criterion.code}: {why}.")
    return Mark(
        revision=revision,
        criterion=criterion,
        evaluator=evaluator,
        anchor=None if anchor is None else as_anchor(anchor),
        abstained=anchor is None,
        comment=comment.strip(),
        confidence=may.confidence.get(criterion.pk, ""),
        marked_at=at,
    )


def _must_be_able_to_mark(revision: Revision, evaluator: Evaluator, by: User) -> duties.Asked:
    """What the reviewer is asked to mark. Asked while the window is held, so that the answer stands until the commit.

    Raises Refused.
    """
    if by.pk != evaluator.user_id:
        raise Refused("Reviewers can only enter their own marks.")
    now = duties.with_asked(access.proposals_visible_to(by).filter(pk=revision.proposal_id), evaluator)
    is_open = rfp_queries.opened(Envelope.PRICE).filter(window=OuterRef("window"), lot=OuterRef("lot"))
    said = ("current_revision", "price_open", *duties.ASKED)
    found = now.annotate(price_open=Exists(is_open)).values_list(*said).first()
    if found is None:
        raise Refused("You can’t mark this proposal.")
    current, price_open, *assigned = found
    if current != revision.pk:
        raise Refused("The supplier has submitted a newer revision. Read it before you mark it.")
    if price_open:
        raise Refused("Prices are open. Technical marks are final.")
    asked = duties.asked_as_said(*assigned)
    if not asked:
        raise Refused("You are not assigned to this proposal.")
    return asked
