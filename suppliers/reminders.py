"""Letters before something ends: at 90, 60 and 30 days, and every 30 days after it has ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal import notices
from portal.formats import count_of, day
from portal.models import Role, User
from suppliers import qualifying
from suppliers.models import Certificate, InsurancePolicy, Membership, Qualification, Snapshot, Supplier

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


def send(*, at: datetime) -> None:
    """Put the letters due today in the outbox; those that are there already are not written twice."""
    policy = qualifying.settings_in_force().policy
    today = at.date()
    first = today + timedelta(days=max(policy.remind_days, default=0))
    for ending in _endings(today - timedelta(days=LONGEST_AFTER), first):
        stage = stage_of((ending.ends - today).days, policy.remind_days)
        if stage is not None:
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


def _endings(since: date, until: date) -> Iterator[Ending]:
    for row in Certificate.objects.filter(expires__range=(since, until)).select_related("supplier"):
        # A renewed one is another row of the same scheme: the old one's end no longer matters.
        others = Certificate.objects.filter(
            supplier=row.supplier_id, scheme=row.scheme, expires__gt=row.expires
        )
        if not others.exists():
            what = f"{row.scheme} certificate {row.number}"
            yield Ending(
                row.supplier,
                f"certificate:{row.pk}:{row.expires}",
                what,
                row.expires,
                "Upload the renewed one.",
            )
    for policy in InsurancePolicy.objects.filter(expires__range=(since, until)).select_related("supplier"):
        later = InsurancePolicy.objects.filter(
            supplier=policy.supplier_id, kind=policy.kind, expires__gt=policy.expires
        )
        if not later.exists():
            what = f"policy {policy.number} ({policy.get_kind_display()})"
            yield Ending(
                policy.supplier,
                f"policy:{policy.pk}:{policy.expires}",
                what,
                policy.expires,
                "Add the new one.",
            )
    rows = Qualification.objects.filter(
        status__in=(Qualification.Status.QUALIFIED, Qualification.Status.EXPIRED),
        valid_until__range=(since, until),
    )
    for standing in rows.select_related("supplier", "commodity", "region"):
        assert standing.valid_until is not None
        yield Ending(
            standing.supplier,
            f"standing:{standing.pk}:{standing.valid_until}",
            f"qualification for {standing.commodity.title}, {standing.region.title}",
            standing.valid_until,
            "“Where I stand” says what to renew.",
        )


def _write(ending: Ending, stage: int, *, at: datetime) -> None:
    left = (ending.ends - at.date()).days
    when = (
        f"ends on {day(ending.ends)}, in {count_of(left, 'day')}"
        if left >= 0
        else f"ended on {day(ending.ends)}"
    )
    notices.post(
        User.objects.filter(
            memberships__supplier=ending.supplier, memberships__level=Membership.Level.OWNER, is_active=True
        ),
        key=f"ends:{ending.key}:{stage}",
        subject=f"{ending.supplier.legal_name}: {ending.what} {'ends soon' if left >= 0 else 'has ended'}",
        body=f"The {ending.what} {when}.\n\n{ending.fix}\n",
        at=at,
    )


def _old_lists(*, at: datetime) -> None:
    """One letter a week to the officers for each active list that is older than a week."""
    for row in Snapshot.objects.filter(is_active=True, as_of__lt=at.date() - timedelta(days=7)):
        age = (at.date() - row.as_of).days
        notices.post(
            User.objects.filter(role=Role.ADMIN, is_active=True),
            key=f"old-list:{row.pk}:{age // 7}",
            subject=f"The screening list {row.source.upper()} is {count_of(age, 'day')} old",
            body=(
                f"The active list {row.source.upper()} was published on {day(row.as_of)}. From 30 days on, nothing "
                "counts as screened against it. Load the current one under Screening, Lists.\n"
            ),
            at=at,
        )
