"""Reports: who may read them, and which wait for a worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from portal.models import User
from scoring.panel.access import (
    Person,
    solicitations_visible_to,
)
from scoring.reports.models import Report


class NotReadable(Exception):
    """Who asked for the report may not read what it would hold; the message says what."""


def reports_visible_to(user: Person) -> QuerySet[Report]:
    """A report belongs to who asked for it: it holds what that person could see. A supplier's are debriefs of its own
    proposals."""
    if not isinstance(user, User):
        return Report.objects.none()
    if user.is_supplier:
        return Report.objects.filter(
            requested_by=user, kind=Report.Kind.DEBRIEF, proposal__supplier__memberships__user=user
        )
    return Report.objects.filter(requested_by=user, window__solicitation__in=solicitations_visible_to(user))


def waiting_reports(now: datetime) -> QuerySet[Report]:
    """Requested and not made yet; and those whose worker was lost so long ago that no broker brings them back."""
    return Report.objects.filter(
        Q(state=Report.State.QUEUED)
        | Q(
            state=Report.State.RUNNING,
            requested_at__lt=now - REPORT_IS_LOST_AFTER,
            requested_at__gt=now - REPORT_IS_GIVEN_UP_AFTER,
        )
    )


REPORT_IS_LOST_AFTER = timedelta(hours=2)
REPORT_IS_GIVEN_UP_AFTER = timedelta(hours=24)
