"""The company behind a proposal, as it was when the revision was received."""

from __future__ import annotations

from typing import Any

from portal.kit import formats
from portal.kit.codec import load
from rfp.models import Revision
from suppliers.facts import SiteFacts, SupplierFacts
from suppliers.reference.countries import country_name

Pairs = tuple[tuple[str, str], ...]


# ---- the company ------------------------------------------------------------------------------------------------


def company_of(revision: Revision) -> SupplierFacts:
    """The supplier as it was when the revision was received; a later change of the profile does not reach it."""
    return load(SupplierFacts, revision.supplier_snapshot)


def final_site(revision: Revision, company: SupplierFacts) -> SiteFacts | None:
    """The site of final manufacture, as it was."""
    return company.site(str(revision.final_site_id)) if revision.final_site_id else None


def site_line(site: SiteFacts | None, *, named: bool = True) -> str:
    """ "Toledo works, Toledo, OH 43604"; "Toledo, OH" for who may not know the supplier."""
    if site is None:
        return ""
    if not named:
        return ", ".join(part for part in (site.city, site.state) if part)
    place = ", ".join(part for part in (site.name, site.city, site.state) if part)
    return f"{place} {site.zip}".strip()


def company_facts(company: SupplierFacts, *, named: bool = True) -> Pairs:
    """(label, value) of the company, blanks left out. `named`: the reader may know the supplier; others read
    what it can do, and not who it is."""
    if not named:
        return _nameless_facts(company)
    owners = "; ".join(
        f"{owner.name} ({country_name(owner.country)}"
        + (f", {formats.percent(owner.pct_equity, None)}" if owner.pct_equity is not None else "")
        + ")"
        for owner in company.owners
    )
    pairs = (
        ("Legal name", company.legal_name),
        ("Name in original script", company.native_name),
        ("Also known as", ", ".join(company.dbas)),
        ("Former names", ", ".join(company.former_names)),
        ("Country", country_name(company.country)),
        ("UEI", company.uei),
        ("CAGE code", company.cage),
        ("LEI", company.lei),
        ("NAICS", ", ".join(company.naics)),
        ("Sites", "; ".join(site_line(site) for site in company.sites)),
        ("Owners", owners),
        ("Officers", "; ".join(f"{o.name}, {o.title}" if o.title else o.name for o in company.officers)),
        ("Certificates", "; ".join(_certificate(c) for c in company.certificates)),
    )
    return tuple((label, value) for label, value in pairs if value)


def _nameless_facts(company: SupplierFacts) -> Pairs:
    schemes = dict.fromkeys(each.scheme for each in company.certificates)
    pairs = (
        ("Country", country_name(company.country)),
        ("NAICS", ", ".join(company.naics)),
        ("Sites", "; ".join(site_line(site, named=False) for site in company.sites)),
        ("Certificates", ", ".join(schemes)),
    )
    return tuple((label, value) for label, value in pairs if value)


def _certificate(certificate: Any) -> str:
    until = f", until {formats.day(certificate.expires, short=True)}" if certificate.expires else ""
    return f"{certificate.scheme} {certificate.number}".strip() + until
