"""Who may see which supplier and what of screening."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from portal.compliance import Audience
from portal.models import Document, Role, User
from suppliers.facts import PROFILE_ROLES
from suppliers.models import (
    Alert,
    Certificate,
    FindingOverride,
    InsurancePolicy,
    Invitation,
    ListedParty,
    ListPreview,
    Membership,
    Qualification,
    RuleSettings,
    Snapshot,
    Supplier,
    Waiver,
)
from suppliers.rules import QUALIFICATION
from suppliers.screening import lists


@dataclass(frozen=True)
class Difference:
    """What sets two snapshots of a list apart, as queries that are counted or paged."""

    added: QuerySet[ListedParty]
    removed: QuerySet[ListedParty]
    changed: QuerySet[ListedParty]


# Schemes of which a company holds one for each product: only the same number renewed takes the old one's place.
PER_PRODUCT = ("CE", "CMRT", "NRTL", "REACH", "RoHS", "UL")
CHANGERS = (Membership.Level.OWNER, Membership.Level.EDITOR)


def suppliers_of(user: User | AnonymousUser) -> QuerySet[Supplier]:
    """The organisations a supplier's user works for."""
    if not isinstance(user, User) or not user.is_supplier:
        return Supplier.objects.none()
    return Supplier.objects.filter(memberships__user=user.pk)


def suppliers_changeable_by(user: User | AnonymousUser) -> QuerySet[Supplier]:
    """Those whose profile and proposals the user may change; viewers change nothing."""
    if not isinstance(user, User) or not user.is_supplier:
        return Supplier.objects.none()
    return Supplier.objects.filter(memberships__user=user, memberships__level__in=CHANGERS)


def may_attest(user: User, supplier: Supplier) -> bool:
    """Only owners sign for a supplier."""
    return supplier.memberships.filter(user=user, level=Membership.Level.OWNER).exists()


def may_accept(user: User, invitation: Invitation) -> bool:
    """Whether this person's confirmed address is the one invited."""
    return user.is_supplier and any(
        address.email.lower() == invitation.email
        for address in EmailAddress.objects.filter(user=user, verified=True)
    )


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


def stored_bytes(user: User) -> int:
    """The bytes of all files that the person and the other members of the person's companies have sent."""
    colleagues = Membership.objects.filter(supplier__memberships__user=user).values("user")
    sent = Document.objects.filter(Q(uploaded_by=user) | Q(uploaded_by__in=colleagues))
    total: int = sent.aggregate(total=Sum("size"))["total"] or 0
    return total


def is_buyer(user: User | AnonymousUser) -> bool:
    """Staff of any kind: they look suppliers up and read standings."""
    return isinstance(user, User) and user.is_active and not user.is_supplier


def suppliers_visible_to(user: User | AnonymousUser) -> QuerySet[Supplier]:
    """Every supplier, for the buyer's people."""
    return Supplier.objects.all() if is_buyer(user) else Supplier.objects.none()


def standings_visible_to(user: User | AnonymousUser) -> QuerySet[Qualification]:
    """Every standing, for the buyer's people."""
    rows = Qualification.objects if is_buyer(user) else Qualification.objects.none()
    return rows.select_related("supplier", "commodity", "region", "latest", "approved")


def is_officer(user: User | AnonymousUser) -> bool:
    """Compliance officers: they load lists, decide alerts and standings, and set the rules. Admins do not."""
    return isinstance(user, User) and user.is_active and user.is_officer


def officers() -> QuerySet[User]:
    """Every compliance officer who can sign in: the people who decide, and who get the letters."""
    return User.objects.filter(role=Role.OFFICER, is_active=True)


def may_read_screening(user: User | AnonymousUser) -> bool:
    """Officers, and admins and auditors, who read along and decide nothing here."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_officer or user.is_admin or user.is_auditor


def alerts_visible_to(user: User | AnonymousUser) -> QuerySet[Alert]:
    """Every alert, for those who may read screening; most pressing first."""
    if not may_read_screening(user):
        return Alert.objects.none()
    return Alert.objects.select_related("supplier", "party").order_by("-is_current", "-priority", "id")


def snapshots_visible_to(user: User | AnonymousUser) -> QuerySet[Snapshot]:
    """Every loaded list, newest first."""
    if not may_read_screening(user):
        return Snapshot.objects.none()
    return Snapshot.objects.order_by("-loaded_at", "-pk")


def active_twin(snapshot: Snapshot) -> Snapshot | None:
    """The active snapshot of the same source, when it is another one."""
    return Snapshot.objects.filter(source=snapshot.source, is_active=True).exclude(pk=snapshot.pk).first()


def difference(before: Snapshot | None, after: Snapshot) -> Difference:
    """Records of `after` that `before` does not hold, the other way round, and those whose text changed."""
    new, old = after.parties.order_by("name", "id"), ListedParty.objects.none()
    if before is None:
        return Difference(added=new, removed=old, changed=old)
    old = before.parties.order_by("name", "id")
    same = ListedParty.objects.filter(record_id=OuterRef("record_id"))
    return Difference(
        added=new.filter(~Exists(same.filter(snapshot=before))),
        removed=old.filter(~Exists(same.filter(snapshot=after))),
        changed=new.filter(Exists(same.filter(snapshot=before).exclude(fingerprint=OuterRef("fingerprint")))),
    )


# What a load is made of, in the words of a page: the column that counts it.
COUNTED = {
    "parties_count": "records",
    "names_count": "names",
    "addresses_count": "addresses",
    "identifiers_count": "identifiers",
}


def losses(snapshot: Snapshot, active: Snapshot | None) -> list[tuple[str, int, int]]:
    """(what, how many in the list in use, how many in this one), also where there are more now."""
    if active is None:
        return []
    return [(words, getattr(active, name), getattr(snapshot, name)) for name, words in COUNTED.items()]


def missing_files(snapshot: Snapshot, active: Snapshot | None) -> str:
    """Why the load cannot take the active one's place, or blank: it lacks a file that the active one was made from."""
    gone = sorted(set(active.parts) - set(snapshot.parts)) if active is not None else []
    if not gone:
        return ""
    what = " and ".join(lists.PART_WORDS.get(part, part) for part in gone)
    return f"The active list also has the file with {what}. Load this list again with all of its files."


def doubts(snapshot: Snapshot, active: Snapshot | None) -> list[str]:
    """Why a person should look before the list is used: it lost much that the active one has, or never had enough."""
    found = [
        f"{before - after:,} fewer {words} than the active list: {after:,} instead of {before:,}."
        for words, before, after in losses(snapshot, active)
        if lists.drops_too_much(before, after)
    ]
    if active is not None and not lists.drops_too_much(active.parties_count, snapshot.parties_count):
        # As many records, but others: the file may be of another list.
        gone = difference(active, snapshot).removed.count()
        if lists.drops_too_much(active.parties_count, active.parties_count - gone):
            found.append(f"{gone:,} of the {active.parties_count:,} active records are not in it.")
    known = lists.SOURCES.get(snapshot.source)
    if known is None:
        return found
    if snapshot.parties_count < known.least_rows:
        found.append(
            f"The list has {snapshot.parties_count:,} records. A complete list has at least {known.least_rows:,}."
        )
    if active is None and (without := sorted(set(known.parts) - set(snapshot.parts))):
        what = " and ".join(lists.PART_WORDS[part] for part in without)
        found.append(f"The file with {what} was not loaded.")
    return found


def latest_preview(snapshot: Snapshot) -> ListPreview | None:
    """The newest reckoning of what activating this list would change."""
    return ListPreview.objects.filter(snapshot=snapshot).order_by("-pk").first()


def is_previewed(snapshot: Snapshot, active: Snapshot | None) -> bool:
    """Whether it is known what activating this list instead of the active one would change."""
    found = latest_preview(snapshot)
    return (
        found is not None
        and found.finished_at is not None
        and found.against_id == (active.pk if active else None)
    )


def replaced_by(snapshot: Snapshot) -> Snapshot | None:
    """The load that was in use before this one came into use."""
    if snapshot.activated_at is None:
        return None
    before = Snapshot.objects.filter(source=snapshot.source, activated_at__lte=snapshot.activated_at)
    return before.exclude(pk=snapshot.pk).order_by("-activated_at", "-pk").first()


# What a list says of a party, in the words of a page.
PARTY_WORDS = {
    "name": "name",
    "aliases": "other names",
    "weak_aliases": "weak aliases",
    "list_code": "list",
    "kind": "kind",
    "programme": "program",
    "countries": "countries",
    "addresses": "addresses",
    "identifiers": "identifiers",
    "parents": "parents",
    "starts": "first day",
    "ends": "last day",
    "citation": "citation",
    "remarks": "remarks",
}


def what_changed(before: Snapshot, rows: Iterable[ListedParty]) -> dict[str, str]:
    """Record number → which of its parts read otherwise in `before`; one query."""
    rows = list(rows)
    old = {row.record_id: row for row in before.parties.filter(record_id__in=[row.record_id for row in rows])}
    return {
        row.record_id: ", ".join(
            words
            for name, words in PARTY_WORDS.items()
            if row.record_id in old and getattr(row, name) != getattr(old[row.record_id], name)
        )
        for row in rows
    }


def stopping_alerts() -> QuerySet[Alert]:
    """Alerts that stop a purchase, about suppliers and about makers in opened proposals: undecided ones that are
    listed, and confirmed ones whatever the lists hold.
    """
    return Alert.objects.filter(Q(state__in=Alert.CONFIRMED) | Q(state__in=Alert.UNDECIDED, is_current=True))


def blocking_alerts() -> QuerySet[Alert]:
    """Those about suppliers' own profiles: they hold the supplier's standing."""
    return stopping_alerts().filter(role__in=PROFILE_ROLES)


def active_snapshots() -> QuerySet[Snapshot]:
    return Snapshot.objects.filter(is_active=True).order_by("source")


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
