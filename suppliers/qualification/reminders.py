"""Letters before something ends: at 90, 60 and 30 days, and every 30 days after it has ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from portal.kit.formats import count_of, day
from portal.letters import notices
from portal.models import User
from suppliers.company import queries as company_queries
from suppliers.company.models import Membership, Supplier
from suppliers.company.profile_models import Certificate, InsurancePolicy
from suppliers.qualification import qualifying
from suppliers.qualification import queries as qualification_queries
from suppliers.qualification.models import Qualification
from suppliers.screening.models import Snapshot

EVERY_DAYS = 30
# After a year of letters nobody reads them.
LONGEST_AFTER = 365


@dataclass(frozen=True)
class Ending:
    """Something of a supplier that ends on a day. `key` names it in the outbox."""

    supplier: Supplier
    key: str
    what: str
    ends: date
    fix: str
    is_told: bool = False  # its end has a letter of its own, so the months begin after it


def send(*, at: datetime) -> None:
    """Put the letters due today in the outbox; those that are there already are not written twice."""
    policy = qualifying.settings_in_force().policy
    today = at.date()
    first = today + timedelta(days=max(policy.remind_days, default=0))
    for ending in _endings(today - timedelta(days=LONGEST_AFTER), first, today):
        stage = stage_of((ending.ends - today).days, policy.remind_days)
        if stage is not None and not (stage == 0 and ending.is_told):
            _write(ending, stage, at=at)
    _old_lists(at=at)


def stage_of(days_left: int, remind_days: tuple[int, ...]) -> int | None:
    """Which letter is due: the smallest of the days that is not yet passed, 0 and less for the months after the
    end, None when it is too early. The same stage is written once.

    stage_of(45, (90, 60, 30)) is 60: the letter of day 60 is due, or went out then.
    """
    if days_left < 0:
        return -((-days_left) // EVERY_DAYS)
    return min((days for days in remind_days if days >= days_left), default=None)


def _endings(since: date, until: date, today: date) -> Iterator[Ending]:
    between = (since, until)
    for row in qualification_queries.certificates_that_end(
        Certificate.objects.filter(expires__range=between)
    ):
        yield Ending(
            row.supplier,
            f"certificate:{row.pk}:{row.expires}",
            f"{row.scheme} certificate {row.number}",
            row.expires,
            "Upload the renewed certificate.",
        )
    for policy in qualification_queries.policies_that_end(
        InsurancePolicy.objects.filter(expires__range=between)
    ):
        yield Ending(
            policy.supplier,
            f"policy:{policy.pk}:{policy.expires}",
            f"policy {policy.number} ({policy.get_kind_display()})",
            policy.expires,
            "Add the new policy.",
        )
    for supplier in Supplier.objects.filter(sam_expiry__range=between).order_by("pk"):
        assert supplier.sam_expiry is not None
        yield Ending(
            supplier,
            f"sam:{supplier.pk}:{supplier.sam_expiry}",
            "SAM.gov registration",
            supplier.sam_expiry,
            "Renew it at SAM.gov, then update the date under “Identity”.",
        )
    yield from _standings(since, until, today)


def _standings(since: date, until: date, today: date) -> Iterator[Ending]:
    """Standings that end, once the rules had their chance to renew them today; or when they had none for a day."""
    looked_at = Q(checked_on=today) | Q(checked_on__lt=today - timedelta(days=1))
    rows = Qualification.objects.filter(
        looked_at,
        status__in=(Qualification.Status.QUALIFIED, Qualification.Status.EXPIRED),
        valid_until__range=(since, until),
    )
    for standing in rows.select_related("supplier", "commodity", "region").order_by("pk"):
        assert standing.valid_until is not None
        yield Ending(
            standing.supplier,
            f"standing:{standing.pk}:{standing.valid_until}",
            f"qualification for {standing.commodity.title}, {standing.region.title}",
            standing.valid_until,
            "See what to renew under “Qualifications”.",
            is_told=True,
        )


def _write(ending: Ending, stage: int, *, at: datetime) -> None:
    left = (ending.ends - at.date()).days
    if left < 0:
        when = f"expired on {day(ending.ends)}"
    else:
        away = f"in {count_of(left, 'day')}" if left else "today"
        when = f"expires on {day(ending.ends)}, {away}"
    notices.post(
        User.objects.filter(
            memberships__supplier=ending.supplier, memberships__level=Membership.Level.OWNER, is_active=True
        ),
        key=f"ends:{ending.key}:{stage}",
        subject=f"{ending.supplier.legal_name}: {ending.what} {'expires soon' if left >= 0 else 'has expired'}",
        body=f"The {ending.what} {when}.\n\n{ending.fix}\n",
        at=at,
    )


def _old_lists(*, at: datetime) -> None:
    """One letter a week to the officers for each active list that is older than a week."""
    for row in Snapshot.objects.filter(is_active=True, as_of__lt=at.date() - timedelta(days=7)):
        age = (at.date() - row.as_of).days
        notices.post(
            company_queries.officers(),
            key=f"old-list:{row.pk}:{age // 7}",
            subject=f"The screening list {row.source.upper()} is {count_of(age, 'day')} old",
            body=(
                f"The active list {row.source.upper()} was published on {day(row.as_of)}. After 30 days, names count "
                "as not screened against it. Load the current list under Screening, Lists.\n"
            ),
            at=at,
        )
