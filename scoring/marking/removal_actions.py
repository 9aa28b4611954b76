"""After prices open: taking a conflicted reviewer's marks out of a total takes the chair and an officer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.accounts import pairs
from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.models import Proposal
from rfp.proposals import queries as rfp_queries
from scoring.panel import access
from scoring.panel import queries as panel_queries
from scoring.panel.models import Evaluator
from scoring.ranking import queries as ranking_queries
from scoring.ranking import scores
from scoring.ranking.actions import request_ranking
from scoring.ranking.mark_models import MarkRemoval

REMOVE_MARKS = pairs.act("marks.remove", "remove marks from a total", "scoring:proposal_detail")


# ---- after prices are open --------------------------------------------------------------------------------------


def propose_removal(
    proposal: Proposal, evaluator: Evaluator, *, reason: str, by: User, at: datetime
) -> MarkRemoval:
    """Chair or officer asks that a conflicted reviewer's marks leave a total after prices opened. Raises Refused."""
    _must_remove_marks(proposal, by)
    if not reason.strip():
        raise Refused("Enter a reason.")
    if not rfp_queries.is_open(proposal, Envelope.PRICE):
        raise Refused("Prices are sealed. A conflict removes the marks automatically.")
    named = access.conflicts_with(proposal.supplier_id, solicitation=evaluator.solicitation_id)
    if not named.filter(user=evaluator.user_id).exists():
        raise Refused("This reviewer has no recorded conflict with this supplier.")
    with transaction.atomic():
        removal, is_new = MarkRemoval.objects.get_or_create(
            proposal=proposal,
            evaluator=evaluator,
            defaults={"reason": reason.strip(), "proposed_by": by, "proposed_at": at},
        )
        if not is_new:
            raise Refused("Someone has already asked for this. A second person must confirm it.")
        audit.record("marks.removal_proposed", proposal, by=by, at=at, evaluator=evaluator.pk)
        return removal


@pairs.two_people(Refused)
def confirm_removal(removal: MarkRemoval, *, by: User, at: datetime) -> MarkRemoval:
    """The other of the two, chair or officer, confirms; the lot is ranked with and without the marks.

    Raises Refused.
    """
    with transaction.atomic():
        locked = (
            MarkRemoval.objects.select_for_update(of=("self",))
            .select_related("proposal__window__solicitation", "proposal__lot", "proposed_by")
            .get(pk=removal.pk)
        )
        proposal = locked.proposal
        _must_remove_marks(proposal, by)
        if locked.confirmed_at is not None:
            raise Refused("These marks have already been removed from the total.")
        if locked.proposed_by.is_officer == by.is_officer:
            raise Refused("The chair and a compliance officer must do this together.")
        pairs.demand(
            REMOVE_MARKS,
            [(locked.proposed_by, locked)],
            by,
            about=f"proposal {proposal.number}",
            args=[str(proposal.pk)],
            at=at,
            seats=panel_queries.seated_at(proposal.lot.solicitation_id),
        )
        locked.confirmed_by, locked.confirmed_at = by, at
        locked.save(update_fields=["confirmed_by", "confirmed_at"])
        assert proposal.current_revision_id is not None and proposal.window is not None, "its prices are open"
        scores.rescore(ranking_queries.revision_to_score(proposal.current_revision_id))
        request_ranking(proposal.window)
        audit.record("marks.removed", proposal, by=by, at=at, evaluator=locked.evaluator_id)
        return locked


def _must_remove_marks(proposal: Proposal, by: User) -> None:
    assert proposal.window is not None, "it is submitted"
    if not (by.is_officer or access.is_chair(by, proposal.window.solicitation)):
        raise Refused("The chair and a compliance officer must remove marks together.")
