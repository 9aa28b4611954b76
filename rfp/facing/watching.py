"""Watching an RFP: a person begins, a person stops."""

from __future__ import annotations

from datetime import datetime

from portal.kit.refused import Refused
from portal.models import User
from rfp.publishing.audience_models import Watch
from rfp.publishing.models import Solicitation


def watch(solicitation: Solicitation, *, by: User, at: datetime) -> None:
    """Write to the person when the RFP changes. Raises Refused."""
    if not by.is_supplier:
        raise Refused("Only suppliers watch RFPs. Staff read the same news on the RFP’s page.")
    if not solicitation.is_published:
        raise Refused("This RFP is not published.")
    Watch.objects.get_or_create(solicitation=solicitation, user=by, defaults={"at": at})


def stop(solicitation: Solicitation, *, by: User) -> None:
    """No more letters, but those about the person's own proposals."""
    Watch.objects.filter(solicitation=solicitation, user=by).delete()
