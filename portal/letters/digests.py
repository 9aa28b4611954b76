"""The day's letter: what a person wanted once a day, in one email in the morning of their own zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db import transaction

from portal.kit.formats import DEFAULT_ZONE, as_zone, count_of
from portal.letters.kinds import DIGEST
from portal.letters.models import How, Notice
from portal.people.models import User

# The hour of the reader's zone at which it goes out.
SENT_AT = time(7)
MOST = 50


def post_due(*, at: datetime) -> int:
    """Put the day's letters in the outbox for everyone whose morning has come; returns how many."""
    posted = 0
    with transaction.atomic():
        waiting = (
            Notice.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(how=How.DAILY, sent_at__isnull=True, to__is_active=True)
            .select_related("to")
            .order_by("to", "id")
        )
        for person, notices in groupby(waiting, key=lambda each: each.to):
            if person is not None and (due := _due(person, list(notices), at=at)):
                _post(person, due, at=at)
                posted += 1
    return posted


def _due(person: User, notices: Iterable[Notice], *, at: datetime) -> list[Notice]:
    """Those written before the last time the hour struck where the person is."""
    zone = zone_of(person)
    local = at.astimezone(zone)
    struck = datetime.combine(local.date(), SENT_AT, zone)
    return [each for each in notices if local >= struck > each.created_at.astimezone(zone)][:MOST]


def zone_of(person: User) -> ZoneInfo:
    return ZoneInfo(person.time_zone or str(as_zone(DEFAULT_ZONE)))


def _post(person: User, notices: list[Notice], *, at: datetime) -> None:
    told = "\n\n".join(f"{each.subject}\n{each.body.strip()}" for each in notices)
    Notice.objects.bulk_create(
        [
            Notice(
                to=person,
                key=f"{DIGEST}:{notices[-1].pk}:{person.pk}",
                subject=f"{count_of(len(notices), 'notice')} from Onshore",
                body=f"What you asked to get once a day:\n\n{told}\n\nChange this under Notices.\n",
                created_at=at,
                # It repeats notices, and is none itself.
                read_at=at,
            )
        ],
        ignore_conflicts=True,
    )
    Notice.objects.filter(pk__in=[each.pk for each in notices]).update(sent_at=at)
