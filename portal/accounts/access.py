"""The access log: who came in, who did not, what changed about an account, which files staff took away.

No password, code or session key is in it, and no name that nobody here has. Suppliers' own downloads are not recorded:
who reads this log must not learn who prepares a proposal while its window is open.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from portal.accounts.models import AccessEvent
from portal.kit import clients, clock
from portal.people.models import User

# What a browser says about itself is as long as it likes.
CLIENT_LENGTH = 120


def record(
    kind: AccessEvent.Kind, request: HttpRequest | None, *, user: User | None, about: str = ""
) -> AccessEvent:
    """Add a row; `about` is a short fact: how somebody signed in, which file."""
    meta: Any = request.META if request is not None else {}
    return AccessEvent.objects.create(
        at=clock.wall_time(),
        kind=kind,
        user=user,
        address=clients.address_of(request) or None if request is not None else None,
        client="".join(c for c in meta.get("HTTP_USER_AGENT", "") if c.isprintable())[:CLIENT_LENGTH],
        about=about[:120],
    )


def forget_old(*, at: datetime, days: int) -> int:
    """Remove rows older than so many days; returns how many."""
    return AccessEvent.objects.filter(at__lt=at - timedelta(days=days)).delete()[0]
