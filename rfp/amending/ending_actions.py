"""An RFP ends: canceled, closed, or without an award, each with a reason that everyone reads."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.amending import letters, queries
from rfp.proposals.models import Proposal
from rfp.publishing.models import Solicitation, Window


def end_solicitation(
    solicitation: Solicitation, *, status: str, reason: str, by: User, at: datetime
) -> Solicitation:
    """End it for good, and write to every supplier with a proposal or a draft. Raises Refused.

    Its windows are locked first: a submission comes before the end, or is too late.
    """
    with transaction.atomic():
        rfp = Solicitation.objects.select_for_update(no_key=True).get(pk=solicitation.pk)
        windows = list(Window.objects.select_for_update(no_key=True).filter(solicitation=rfp).order_by("pk"))
        _must_be_able_to_end(rfp, by)
        if status not in Solicitation.FinalStatus.values:
            raise Refused("Choose how it ends.")
        if not reason.strip():
            raise Refused("Enter a reason. Suppliers read it.")
        if status == Solicitation.FinalStatus.COMPLETE and any(each.closes_at > at for each in windows):
            raise Refused("A window is still to close. Cancel the RFP, or wait until it has closed.")
        rfp.final_status, rfp.final_reason, rfp.final_at = status, reason.strip(), at
        rfp.save(update_fields=["final_status", "final_reason", "final_at"])
        event = audit.record("solicitation.ended", rfp, by=by, at=at, status=status)
        concerned = Proposal.objects.filter(lot__solicitation=rfp, withdrawn_at__isnull=True)
        letters.ended(rfp, list(concerned.select_related("supplier")), event=event.seq, at=at)
        letters.ended_for_watchers(rfp, event=event.seq, at=at)
        return rfp


def _must_be_able_to_end(rfp: Solicitation, by: User) -> None:
    if not by.is_admin:
        raise Refused("Only admins end an RFP.")
    if queries.reviews(by, rfp):
        raise Refused("You’re on this RFP’s panel, so you can’t end it.")
    if not rfp.is_published:
        raise Refused("This RFP is not published.")
    if rfp.final_status:
        raise Refused("This RFP has already ended.")
