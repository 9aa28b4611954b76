"""Who may see which supplier, and the facts its rules read."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from portal.models import User
from suppliers.facts import (
    CertificateFacts,
    FinancialYearFacts,
    OfficerFacts,
    OwnerFacts,
    SiteFacts,
    SupplierFacts,
)
from suppliers.models import (
    Alert,
    Certificate,
    FinancialYear,
    ListedParty,
    Membership,
    Site,
    Snapshot,
    Supplier,
)


@dataclass(frozen=True)
class Difference:
    """What sets two snapshots of a list apart, as queries that are counted or paged."""

    added: QuerySet[ListedParty]
    removed: QuerySet[ListedParty]
    changed: QuerySet[ListedParty]


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


def is_officer(user: User | AnonymousUser) -> bool:
    """Admins are the compliance officers: they load lists and decide alerts."""
    return isinstance(user, User) and user.is_active and user.is_admin


def may_read_screening(user: User | AnonymousUser) -> bool:
    """Officers, and auditors, who change nothing."""
    return is_officer(user) or (isinstance(user, User) and user.is_auditor)


def alerts_visible_to(user: User | AnonymousUser) -> QuerySet[Alert]:
    """Every alert, for officers and auditors; most pressing first."""
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


def active_snapshots() -> QuerySet[Snapshot]:
    return Snapshot.objects.filter(is_active=True).order_by("source")


def supplier_facts(supplier: Supplier) -> SupplierFacts:
    """The profile as its rules read it; six queries. Keys of sites are their row ids."""
    certificates = supplier.certificates.prefetch_related("sites")
    return SupplierFacts(
        legal_name=supplier.legal_name,
        native_name=supplier.native_name,
        dbas=tuple(supplier.dbas),
        former_names=tuple(supplier.former_names),
        country=supplier.country,
        uei=supplier.uei,
        cage=supplier.cage,
        lei=supplier.lei,
        naics=tuple(supplier.naics),
        sites=tuple(_site(site) for site in supplier.sites.all()),
        owners=tuple(
            OwnerFacts(
                name=owner.name,
                kind=owner.kind,
                country=owner.country,
                pct_equity=owner.pct_equity,
                pct_votes=owner.pct_votes,
                board_seats=owner.board_seats,
                board_size=owner.board_size,
                is_government=owner.is_government,
                parent=owner.parent,
            )
            for owner in supplier.owners.all()
        ),
        officers=tuple(
            OfficerFacts(name=officer.name, title=officer.title) for officer in supplier.officers.all()
        ),
        certificates=tuple(_certificate(certificate) for certificate in certificates),
        financials=tuple(_financial_year(year) for year in supplier.financials.all()),
    )


def _site(site: Site) -> SiteFacts:
    return SiteFacts(
        key=str(site.pk),
        name=site.name,
        status=site.status,
        street=site.street,
        city=site.city,
        state=site.state,
        zip=site.zip,
        country=site.country,
        power_mw=site.power_mw,
        permits_in_hand=site.permits_in_hand,
        land_control=site.land_control,
        start_date=site.start_date,
    )


def _certificate(row: Certificate) -> CertificateFacts:
    return CertificateFacts(
        scheme=row.scheme,
        number=row.number,
        edition=row.edition,
        certification_body=row.certification_body,
        accreditation_body=row.accreditation_body,
        issued=row.issued,
        expires=row.expires,
        last_surveillance=row.last_surveillance,
        sites=tuple(str(site.pk) for site in row.sites.all()),
        scope=row.scope,
    )


def _financial_year(row: FinancialYear) -> FinancialYearFacts:
    return FinancialYearFacts(
        fiscal_year=row.fiscal_year,
        period_end=row.period_end,
        current_assets=row.current_assets,
        current_liabilities=row.current_liabilities,
        total_assets=row.total_assets,
        total_liabilities=row.total_liabilities,
        retained_earnings=row.retained_earnings,
        ebit=row.ebit,
        equity=row.equity,
        sales=row.sales,
        interest_expense=row.interest_expense,
        assurance=row.assurance,
    )
