"""Letters about a panel: who sits on it is told to the person, the rest of the panel and the compliance officers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from portal import notices
from portal.models import Role, User
from rfp.models import Solicitation


def panel_changed(
    solicitation: Solicitation, user: User, *, change: str, event: int, by: User, at: datetime
) -> None:
    """One letter each; `change` is what happened to the person: "joined the panel"; `event` is the audit's number."""
    concerned = Q(pk=user.pk) | Q(pk__in=solicitation.evaluators.values("user")) | Q(role=Role.OFFICER)
    notices.post(
        User.objects.filter(concerned, is_active=True).exclude(pk=by.pk).distinct(),
        key=f"panel:{event}",
        subject=f"The panel of {solicitation.number} changed",
        body=(
            f"{user} {change}: {solicitation.number}, {solicitation.title}. {by} made the change.\n\n"
            "If this is not right, tell your administrator now.\n"
        ),
        at=at,
    )
