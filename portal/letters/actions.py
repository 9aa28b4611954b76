"""What a person does with notices: read them, and choose how often they come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from portal.letters import queries
from portal.letters.kinds import BY_NAME
from portal.letters.models import Notice, NoticePreference
from portal.people.models import User


def read(notice: Notice, *, at: datetime) -> None:
    """The first time counts."""
    Notice.objects.filter(pk=notice.pk, read_at__isnull=True).update(read_at=at)


def read_all(by: User, *, at: datetime) -> int:
    """Everything written until now; returns how many."""
    return queries.notices_of(by).filter(read_at__isnull=True, created_at__lte=at).update(read_at=at)


def choose(by: User, hows: Mapping[str, str], *, time_zone: str) -> None:
    """kind → how its letters come, and the person's zone. What must go out at once is not chosen."""
    with transaction.atomic():
        NoticePreference.objects.bulk_create(
            [
                NoticePreference(user=by, kind=kind, how=how)
                for kind, how in hows.items()
                if not BY_NAME[kind].must_go
            ],
            update_conflicts=True,
            unique_fields=["user", "kind"],
            update_fields=["how"],
        )
        by.time_zone = time_zone
        by.save(update_fields=["time_zone"])
