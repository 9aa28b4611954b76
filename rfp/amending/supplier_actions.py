"""What suppliers do about an addendum: look at the touched answers again, in a draft or in what is submitted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.proposals import actions as proposals_actions
from rfp.proposals import queries as proposals_queries
from rfp.proposals import reconfirming, revision_facts
from rfp.proposals.models import Proposal, Reconfirmed, Response, Revision
from rfp.publishing.question_models import Requirement


@dataclass(frozen=True)
class Answer:
    """A touched question: its answer is kept, or is this value from now on (as it is stored, None for none)."""

    requirement: Requirement
    is_kept: bool
    value: Any = None


def reconfirm_draft(proposal: Proposal, answers: Iterable[Answer], *, by: User, at: datetime) -> Revision:
    """Note in the draft which answers stand, and change the others. No other answer is touched. Raises Refused."""
    with transaction.atomic():
        draft = proposals_actions.open_draft(proposal, by=by)
        draft.proposal = Proposal.objects.select_related("lot__solicitation", "window").get(pk=proposal.pk)
        _write(
            draft, answers, {each.requirement.pk for each in reconfirming.asked_again(draft)}, by=by, at=at
        )
        return draft


def _write(draft: Revision, answers: Iterable[Answer], allowed: set[int], *, by: User, at: datetime) -> None:
    """Raises Changed for a question that is not asked again, in this wording."""
    listed = list(answers)
    for each in listed:
        if each.requirement.pk not in allowed:
            raise proposals_actions.Changed
        if not each.is_kept:
            Response.objects.update_or_create(
                revision=draft, requirement=each.requirement, defaults={"value": each.value}
            )
        Reconfirmed.objects.update_or_create(
            revision=draft,
            requirement=each.requirement,
            defaults={"is_kept": each.is_kept, "by": by, "at": at},
        )
    if listed:
        proposals_actions.touch(draft, at=at)
        audit.record(
            "proposal.reconfirmed",
            draft.proposal,
            by=by,
            at=at,
            revision=draft.number,
            kept=sorted(each.requirement.code for each in listed if each.is_kept),
            changed=sorted(each.requirement.code for each in listed if not each.is_kept),
        )


def reconfirm_submitted(
    proposal: Proposal,
    answers: Iterable[Answer],
    *,
    shown: int,
    name: str,
    title: str,
    by: User,
    at: datetime,
) -> Revision:
    """Submit a new revision that differs from the submitted one in nothing but these answers, signed by an owner.

    `shown`: the version of the RFP that the page was made for. Raises Refused: TooLate, Changed where there is a newer
    version, or with what is missing; nothing is changed then.
    """
    with transaction.atomic():
        current = proposal.current_revision
        if current is None or not proposal.is_submitted:
            raise Refused("This proposal is not submitted.")
        if proposals_queries.draft_of(proposal) is not None:
            raise Refused("You’re revising this proposal. Reconfirm in that draft, then submit it.")
        received = revision_facts.revision_for_facts(current.pk)
        waits = {each.requirement.pk for each in reconfirming.waiting(received)}
        listed = list(answers)
        if waits != {each.requirement.pk for each in listed}:
            raise proposals_actions.Changed
        draft = proposals_actions.revise_proposal(proposal, by=by)
        draft.proposal = proposal
        _write(draft, listed, waits, by=by, at=at)
        proposals_actions.attest(proposal, name=name, title=title, by=by, at=at, shown=shown)
        try:
            return proposals_actions.submit_proposal(proposal, by=by, shown=shown)
        except proposals_actions.Incomplete as missing:
            gaps = ", ".join(gap.text for _section, gap in missing.gaps[:3])
            raise Refused(f"More is missing: {gaps}. Revise the proposal to add it.") from missing
