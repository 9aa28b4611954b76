"""The letter of an invitation."""

from __future__ import annotations

from datetime import datetime

from portal.letters import notices
from rfp.publishing.audience_models import Admission


def invited(admission: Admission, *, at: datetime) -> None:
    """To everyone in the company; the same letter never goes out twice."""
    rfp = admission.solicitation
    notices.post(
        admission.supplier.members.all(),
        key=f"rfp-invited:{rfp.pk}:{admission.supplier_id}",
        subject=f"{rfp.buyer} invites {admission.supplier.legal_name} to RFP {rfp.number}",
        body=(
            f"{rfp.buyer} invites {admission.supplier.legal_name} to respond to {rfp.title}.\n\n"
            f"Only invited companies can see this RFP. Sign in, open RFP {rfp.number} under RFPs, "
            "and tell the buyer whether you will respond.\n"
        ),
        at=at,
    )
