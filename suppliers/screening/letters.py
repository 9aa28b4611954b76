"""Letters to compliance officers about alerts: at once for what presses, else once a day.

They name nobody who is screened and nothing that is sealed, for letters travel unencrypted: whoever gets one signs in
to read more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.kit.formats import count_of, day
from portal.letters import notices
from suppliers.company import queries
from suppliers.screening.models import Alert
from suppliers.signals import asks_who_is_weighed

STRONG = ("exact", "strong")


def at_once(supplier_id: int, raised: Iterable[Alert], *, at: datetime) -> None:
    """One letter about a supplier's alerts that were raised or opened again just now, if one of them is exact or strong
    and the supplier is qualified, or has an opened proposal. The others are in the daily letter.
    """
    pressing = [each for each in raised if each.band in STRONG or each.identifier]
    if not pressing or not _matters(supplier_id):
        return
    first = min(pressing, key=lambda each: each.pk)
    numbers = ", ".join(str(pk) for pk in sorted(each.pk for each in pressing))
    what = count_of(len(pressing), "strong screening match", "strong screening matches")
    notices.post(
        queries.officers(),
        key=f"alert:{first.pk}:{first.changed_at.isoformat()}",
        subject=f"{what.capitalize()} to decide",
        body=(
            f"A qualified supplier, or one under evaluation, has {what}.\n\nAlerts to decide: {numbers}.\n"
            f"Due: {day(min(each.due_on or at.date() for each in pressing))}.\n\n"
            "The supplier is on hold until officers decide. Sign in and go to Alerts.\n"
        ),
        at=at,
    )


def _matters(supplier_id: int) -> bool:
    """Whether the supplier is qualified, or takes part in something every buyer may know of."""
    return any(
        answer is True for _, answer in asks_who_is_weighed.send(sender=Alert, supplier_id=supplier_id)
    )


def daily(*, at: datetime) -> None:
    """Once a day, a letter that counts what is new, late and without an owner; none on a day with nothing of it."""
    today = at.date()
    waiting = Alert.objects.filter(is_current=True, state__in=Alert.UNDECIDED)
    new = waiting.filter(changed_at__gt=at - timedelta(days=1)).count()
    late, unowned = waiting.filter(due_on__lt=today).count(), waiting.filter(owner=None).count()
    if not new and not late:
        return
    lines = [
        f"New or reopened since yesterday: {new:,}",
        f"Overdue: {late:,}",
        f"Unassigned: {unowned:,}",
        f"Total waiting: {waiting.count():,}",
    ]
    body = "\n".join(lines)
    notices.post(
        queries.officers(),
        key=f"alerts:{today.isoformat()}",
        subject=f"Screening alerts on {day(today)}: {new:,} new, {late:,} overdue",
        body=f"{body}\n\nSign in and go to Alerts.\n",
        at=at,
    )
