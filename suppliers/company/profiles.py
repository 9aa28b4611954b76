"""A stored profile as its rules read it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.kit import along
from suppliers.company.models import Attestation, Supplier
from suppliers.company.profile_models import Certificate, Owner, Site
from suppliers.facts import (
    AttestationFacts,
    CertificateFacts,
    FinancialYearFacts,
    InsuranceFacts,
    OfficerFacts,
    OwnerFacts,
    SafetyYearFacts,
    SiteFacts,
    SupplierFacts,
    WorkforceFacts,
)
from suppliers.reference.attestation_texts import TEXTS

SITE = (
    "name", "status", "street", "city", "state", "zip", "country", "power_mw", "permits_in_hand", "land_control",
    "start_date",
)  # fmt: skip
OWNER = (
    "name", "kind", "country", "pct_equity", "pct_votes", "board_seats", "board_size", "is_government", "controls",
    "parent",
)  # fmt: skip
CERTIFICATE = (
    "scheme", "number", "edition", "certification_body", "accreditation_body", "issued", "expires",
    "last_surveillance", "scope", "iaf_code", "named_company", "registry_id", "assessed_score", "smelters",
    "lead_pct", "cadmium_pct", "svhc_pct",
)  # fmt: skip
INSURANCE = (
    "kind", "insurer", "number", "named_company", "per_occurrence", "aggregate", "effective", "expires",
)  # fmt: skip
SAFETY = ("year", "deaths", "days_away", "restricted", "other", "hours")
WORKFORCE = ("state", "employees", "skilled", "maintenance", "training", "wage", "wage_benchmark")
FINANCIAL_YEAR = (
    "fiscal_year", "period_end", "current_assets", "current_liabilities", "total_assets", "total_liabilities",
    "retained_earnings", "ebit", "equity", "sales", "interest_expense", "sales_to_buyer", "assurance",
)  # fmt: skip
# What the facts are made of.
ROWS = (
    "sites",
    "owners",
    "officers",
    "certificates__sites",
    "insurance",
    "safety",
    "workforce",
    "attestations",
    "financials",
)


def supplier_facts(supplier: Supplier) -> SupplierFacts:
    """The profile without its EIN, as a proposal may keep it; one query. Keys of sites are their row ids."""
    # On an instance of its own: who holds the supplier may change its rows, and ask again.
    rows = along.first(Supplier.objects.filter(pk=supplier.pk).only("pk"), *ROWS) or supplier
    owners = list(rows.owners.all())
    return SupplierFacts(
        legal_name=supplier.legal_name,
        native_name=supplier.native_name,
        dbas=tuple(supplier.dbas),
        former_names=tuple(supplier.former_names),
        banks=tuple(supplier.banks),
        country=supplier.country,
        headquarters_country=supplier.headquarters_country,
        founded=supplier.founded,
        uei=supplier.uei,
        cage=supplier.cage,
        lei=supplier.lei,
        duns=supplier.duns,
        sam_status=supplier.sam_status,
        sam_expiry=supplier.sam_expiry,
        naics=tuple(supplier.naics),
        sites=tuple(_site(site) for site in rows.sites.all()),
        owners=tuple(_owner(owner, owners) for owner in owners),
        officers=tuple(OfficerFacts(**_taken(row, ("name", "title"))) for row in rows.officers.all()),
        certificates=tuple(_certificate(row) for row in rows.certificates.all()),
        insurance=tuple(InsuranceFacts(**_taken(row, INSURANCE)) for row in rows.insurance.all()),
        safety=tuple(SafetyYearFacts(**_taken(row, SAFETY)) for row in rows.safety.all()),
        workforce=tuple(WorkforceFacts(**_taken(row, WORKFORCE)) for row in rows.workforce.all()),
        attestations=attestation_facts(rows),
        financials=tuple(FinancialYearFacts(**_taken(row, FINANCIAL_YEAR)) for row in rows.financials.all()),
    )


def with_ein(facts: SupplierFacts, supplier: Supplier) -> SupplierFacts:
    """The same with the EIN, for the rules only: never stored in the clear, never shown."""
    return replace(facts, ein=supplier.ein)


def attestation_facts(supplier: Supplier) -> tuple[AttestationFacts, ...]:
    """Every statement asked for, with the latest signature under it."""
    latest: dict[str, Attestation] = {row.code: row for row in supplier.attestations.all()}
    return tuple(
        AttestationFacts(
            code=text.code,
            title=text.title,
            favourable=text.favourable,
            current_version=str(text.version),
            **_signed(latest.get(text.code)),
        )
        for text in TEXTS
    )


def _signed(row: Attestation | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {
        "answer": row.answer,
        "signer": row.signer,
        "signer_title": row.title,
        "signed_at": row.signed_at,
        "text_version": str(row.version),
    }


def _taken(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _site(row: Site) -> SiteFacts:
    return SiteFacts(key=str(row.pk), **_taken(row, SITE))


def _owner(row: Owner, owners: list[Owner]) -> OwnerFacts:
    owned = next((each.name for each in owners if each.pk == row.owns_id), "")
    return OwnerFacts(owns=owned, **_taken(row, OWNER))


def _certificate(row: Certificate) -> CertificateFacts:
    return CertificateFacts(
        sites=tuple(str(site.pk) for site in row.sites.all()),
        methods=tuple(row.methods),
        has_file=row.document_id is not None,
        **_taken(row, CERTIFICATE),
    )
