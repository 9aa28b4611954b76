"""Asking a supplier: the chair or an admin, after signing, and never about a supplier they have a conflict with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from portal.kit.formats import when
from portal.kit.refused import Refused
from portal.models import User
from rfp.curing import actions as curing_actions
from rfp.curing.models import Clarification, Cure
from rfp.curing.queries import Field
from rfp.models import Proposal
from scoring.curing import queries
from scoring.panel.access import must_decide_about


def ask_to_cure(
    proposal: Proposal, fields: Collection[Field], *, hours: int, text: str, by: User, at: datetime
) -> Cure:
    """Ask for what is missing. Raises Refused; for what was asked or decided before too."""
    must_decide_about(proposal, by)
    revision = proposal.current_revision
    assert revision is not None, "it is visible"
    if revision.score.knocked_out:
        raise Refused("This proposal is knocked out. There is nothing left to ask for.")
    may = {each.key for each in queries.may_be_asked(revision)}
    if any(each.key not in may for each in fields):
        raise Refused("Someone asked for this or decided it in the meantime. Check the list again.")
    return curing_actions.ask_to_cure(proposal, fields, hours=hours, text=text, by=by, at=at)


def ask_to_clarify(
    proposal: Proposal, *, text: str, due_at: datetime, by: User, at: datetime
) -> Clarification:
    """Ask about the proposal in words. Raises Refused."""
    must_decide_about(proposal, by)
    return curing_actions.ask_to_clarify(proposal, text=text, due_at=due_at, by=by, at=at)


def must_not_be_asked(proposals: Iterable[UUID], *, at: datetime) -> None:
    """Who was given time to answer has it: until then, nobody decides. Raises Refused."""
    live = queries.live_requests(proposals, now=at).select_related("proposal__lot__solicitation").first()
    if live is not None:
        zone = live.proposal.lot.solicitation.zone
        raise Refused(
            f"The supplier of {live.proposal.number} has until {when(live.due_at, zone)} to answer. Decide after that."
        )
