"""Standings: who may see them, which the rules have not read, and what a page calls them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from portal.kit.compliance import Audience
from portal.models import User
from suppliers.company.profile_models import Certificate, InsurancePolicy
from suppliers.company.queries import is_buyer, may_read_screening, suppliers_of
from suppliers.qualification.models import FindingOverride, Qualification, RuleSettings, Waiver
from suppliers.rules import QUALIFICATION
from suppliers.screening.models import Alert, Snapshot

# Schemes of which a company holds one for each product: only the same number renewed takes the old one's place.
PER_PRODUCT = ("CE", "CMRT", "NRTL", "REACH", "RoHS", "UL")


def standings_of(user: User | AnonymousUser) -> QuerySet[Qualification]:
    """The qualifications of the supplier's user."""
    return Qualification.objects.filter(supplier__in=suppliers_of(user)).select_related(
        "supplier", "commodity", "region"
    )


def standings_to_look_at() -> QuerySet[Qualification]:
    """Those where the rules have not read what is so now: never, or not since the profile, the rulebook, the lists
    or the settings changed. Nothing is approved before they have.
    """
    newer_list = Snapshot.objects.filter(is_active=True, activated_at__gt=OuterRef("checked_at"))
    newer_settings = RuleSettings.objects.filter(in_force_at__gt=OuterRef("checked_at"))
    return Qualification.objects.filter(
        Q(checked_at=None)
        | Q(checked_at__lt=F("supplier__changed_at"))
        | ~Q(latest__rulebook=QUALIFICATION.version)
        | Exists(newer_list)
        | Exists(newer_settings)
    )


def with_checked(rows: QuerySet[Qualification]) -> QuerySet[Qualification]:
    """The standings, each with `is_checked`: whether the rules have read what is so now."""
    return rows.annotate(is_checked=~Exists(standings_to_look_at().filter(pk=OuterRef("pk"))))


def standings_spoken_about() -> QuerySet[Qualification]:
    """Those where the rules have not looked since an alert, a word on a finding or a waiver came or went."""
    since = OuterRef("checked_at")
    waivers = Waiver.objects.filter(Q(supplier=None) | Q(supplier=OuterRef("supplier")))
    return Qualification.objects.filter(
        Exists(Alert.objects.filter(supplier=OuterRef("supplier"), changed_at__gt=since))
        | Exists(FindingOverride.objects.filter(qualification=OuterRef("pk"), at__gt=since))
        | Exists(waivers.filter(Q(at__gt=since) | Q(withdrawn_at__gt=since)))
    )


def standings_visible_to(user: User | AnonymousUser) -> QuerySet[Qualification]:
    """Every standing, for the buyer's people."""
    rows = Qualification.objects if is_buyer(user) else Qualification.objects.none()
    return rows.select_related("supplier", "commodity", "region", "latest", "approved")


def sees_holds(user: User | AnonymousUser) -> bool:
    """Who may read screening: a hold says that an alert is open, so reviewers read "under review"."""
    return may_read_screening(user)


def reader_standing(user: User | AnonymousUser) -> Audience:
    """The audience a person belongs to when reading findings about a supplier."""
    if may_read_screening(user):
        return Audience.CHAIR
    return Audience.BUYER if is_buyer(user) else Audience.SUPPLIER


# What buyers who may not read screening, and the supplier, read as "under review".
UNDER_REVIEW = (Qualification.Status.PENDING, *Qualification.HELD)


def shown_status(
    row: Qualification, *, on: date, renewal_days: int, sees_holds: bool, is_checked: bool = True
) -> str:
    """The word a page shows for a standing; `search.status_is` finds the rows of each word. Without `is_checked` the
    rules have not read what is so now, and nobody buys on what they read before.
    """
    if row.status == Qualification.Status.QUALIFIED:
        assert row.valid_until is not None
        if row.valid_until < on:
            return "expired"
        if not is_checked:
            return "checking"
        return "expiring" if row.valid_until <= on + timedelta(days=renewal_days) else "qualified"
    if not sees_holds and row.status in UNDER_REVIEW:
        return "review"
    return row.status


def certificates_that_end(rows: QuerySet[Certificate]) -> list[Certificate]:
    """Those of `rows` whose place no later one has taken, the soonest first; four queries."""
    found = list(rows.select_related("supplier").prefetch_related("sites").order_by("expires", "pk"))
    held: dict[int, list[Certificate]] = defaultdict(list)
    suppliers = {row.supplier_id for row in found}
    for row in Certificate.objects.filter(supplier__in=suppliers).prefetch_related("sites"):
        held[row.supplier_id].append(row)
    return [row for row in found if not any(_takes_place(each, row) for each in held[row.supplier_id])]


def _takes_place(later: Certificate, row: Certificate) -> bool:
    """Whether a certificate is the renewal of another: the same scheme, a later end, and every site of the old one."""
    if later.scheme != row.scheme or later.expires <= row.expires:
        return False
    if row.scheme in PER_PRODUCT:
        return later.number == row.number
    sites = {site.pk for site in later.sites.all()}
    return not sites or sites >= {site.pk for site in row.sites.all()}


def policies_that_end(rows: QuerySet[InsurancePolicy]) -> QuerySet[InsurancePolicy]:
    """Those of `rows` that no later policy of the same kind follows, the soonest first."""
    later = InsurancePolicy.objects.filter(
        supplier=OuterRef("supplier"), kind=OuterRef("kind"), expires__gt=OuterRef("expires")
    )
    return rows.filter(~Exists(later)).select_related("supplier").order_by("expires", "pk")
