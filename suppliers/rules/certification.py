"""What stands behind a certificate: who accredited its registrar, what it covers, which edition, and what its
scheme asks for besides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.kit.compliance import Verdict, met, not_applicable, not_met, refer, rule
from portal.kit.formats import count_of
from portal.kit.parameters import setting
from suppliers.facts import CertificateFacts, CommodityFacts, QualificationFacts
from suppliers.reference.certification import ACCREDITERS, EDITIONS, UNACCREDITED
from suppliers.rules.certificates import named_in, with_parts

NONE = "No certificates in the profile."
# "NRTL", "UL", "UL 891": listings by a testing laboratory.
LABORATORY = ("NRTL", "UL")


@dataclass(frozen=True, kw_only=True)
class AccreditationParams:
    """Accreditation bodies by short name, and the marks of their two arrangements, now merged. Schemes
    that have no accreditation.
    """

    accrediters: tuple[str, ...] = setting(ACCREDITERS, "Accreditation bodies, by short name")
    marks: tuple[str, ...] = setting(("IAF", "ILAC"), "Marks of the international arrangements")
    unaccredited: tuple[str, ...] = setting(UNACCREDITED, "Schemes without accreditation")


@rule(
    "CE-2",
    title="Accreditation",
    basis="IAF MLA and ILAC MRA signatories",
    params=AccreditationParams,
    answered_in="certificates",
)
def accreditation(facts: QualificationFacts, params: AccreditationParams, *, on: date) -> Sequence[Verdict]:
    """All registrars are accredited by a signatory of the international arrangements."""
    held = facts.supplier.certificates
    if not held:
        return [not_applicable(NONE)]
    asked = facts.commodity.schemes if facts.commodity else ()
    return with_parts([(each, _accredited(each, params, named_in(each.scheme, asked))) for each in held])


def _accredited(certificate: CertificateFacts, params: AccreditationParams, is_asked: bool) -> Verdict:
    if named_in(certificate.scheme, params.unaccredited):
        return not_applicable(f"{certificate.scheme} does not use accredited registrars.")
    body = certificate.accreditation_body.strip()
    registrar = certificate.certification_body.strip() or "its registrar"
    fix = "Enter the accreditation mark on the certificate, such as ANAB or UKAS."
    if not body:
        said = f"{certificate.scheme}: the accreditation of {registrar} is missing."
        return not_met(said, fix=fix) if is_asked else refer(said, fix=fix)
    known = {name.casefold() for name in (*params.accrediters, *params.marks)}
    if known & {
        body.casefold(),
        *re.findall(r"[\w-]+", body.casefold()),
        *re.findall(r"\w+", body.casefold()),
    }:
        return met(f"{certificate.scheme}: {registrar} is accredited by {body}.")
    said = f"{certificate.scheme}: {body} is not on the list of accreditation bodies."
    return not_met(said, fix=fix) if is_asked else refer(said, fix=fix)


@dataclass(frozen=True, kw_only=True)
class ScopeParams:
    """Schemes that certify a product or a company, not sites."""

    without_sites: tuple[str, ...] = setting(UNACCREDITED, "Schemes that certify a product or a company")


@rule(
    "CE-3",
    title="Certificate scope and site",
    basis="ISO/IEC 17021-1, 8.2",
    params=ScopeParams,
    answered_in="certificates",
)
def scope(facts: QualificationFacts, params: ScopeParams, *, on: date) -> Sequence[Verdict]:
    """Each certificate covers a site in the region, and its scope names the product."""
    held = facts.supplier.certificates
    if not held:
        return [not_applicable(NONE)]
    return with_parts([(each, _covers(each, facts, params)) for each in held])


def _covers(certificate: CertificateFacts, facts: QualificationFacts, params: ScopeParams) -> Verdict:
    name = certificate.scheme
    if named_in(name, params.without_sites):
        return not_applicable(f"{name} is not tied to a site.")
    sites = facts.supplier.sites
    wanted = {site.key: site for site in sites if not facts.states or site.state in facts.states}
    covered = [wanted[key] for key in certificate.sites if key in wanted]
    if not certificate.sites:
        return refer(f"{name} does not list any site.", fix="Choose the sites it covers.")
    if not covered:
        return not_met(
            f"{name} does not cover any site in {facts.region or 'the region'}.",
            fix="Choose the sites it covers, or have the certificate extended.",
        )
    missing = [site for site in wanted.values() if site.key not in certificate.sites]
    if missing and len(certificate.sites) == 1:
        return refer(
            f"{name} covers {covered[0].name or covered[0].city} only; "
            f"{count_of(len(missing), 'more site')} in the region {'is' if len(missing) == 1 else 'are'} not on it.",
            fix="Tell us where you make the product, or have the certificate extended.",
        )
    return _scope_verdict(certificate, facts.commodity)


def _scope_verdict(certificate: CertificateFacts, commodity: CommodityFacts | None) -> Verdict:
    name = certificate.scheme
    if commodity is None or not commodity.keywords:
        return met(f"{name} covers the site. We did not compare its scope because no product is named.")
    if not certificate.scope.strip():
        return refer(f"{name}: the scope is missing.", fix="Enter the scope as worded on the certificate.")
    text = f" {' '.join(re.findall(r'[a-z0-9]+', certificate.scope.casefold()))} "
    for keyword in commodity.keywords:
        words = " ".join(re.findall(r"[a-z0-9]+", keyword.casefold()))
        if words and f" {words}" in text:
            return met(f"{name} covers the site, and its scope names “{keyword}”.")
    return refer(
        f"{name}: the scope does not name {titled(commodity)}.",
        fix="Compare the scope with what you offer.",
    )


@dataclass(frozen=True, kw_only=True)
class EditionParams:
    """One line per standard: "standard edition: current, note or withdrawn"."""

    editions: tuple[str, ...] = setting(
        EDITIONS,
        "Editions of each standard",
        line=r"\S.* \S+: (current|note|withdrawn)",
        example="ISO 9001 2015: current",
    )


@rule(
    "CE-4",
    title="Edition of the standard",
    basis="Transition periods set by the standards’ owners",
    params=EditionParams,
    answered_in="certificates",
)
def edition(facts: QualificationFacts, params: EditionParams, *, on: date) -> Sequence[Verdict]:
    """Each certificate is to a current edition of its standard."""
    held = facts.supplier.certificates
    if not held:
        return [not_applicable(NONE)]
    table = dict(line.rsplit(": ", 1) for line in params.editions if ": " in line)
    return with_parts([(each, _edition(each, table)) for each in held])


def _edition(certificate: CertificateFacts, table: dict[str, str]) -> Verdict:
    known = [key for key in table if named_in(certificate.scheme, (key.rsplit(" ", 1)[0],))]
    if not known:
        return not_applicable(f"{certificate.scheme} is not in the table of editions.")
    if not certificate.edition.strip():
        return refer(f"{certificate.scheme}: the edition is missing.", fix="Enter the year in its title.")
    name = f"{certificate.scheme}:{certificate.edition}"
    state = next(
        (
            table[key]
            for key in known
            if key.rsplit(" ", 1)[1].casefold() == certificate.edition.strip().casefold()
        ),
        "",
    )
    if state == "current":
        return met(f"{name} is the current edition.")
    if state == "note":
        return met(
            f"{name} is accepted, but a newer edition is out.", fix="Plan the transition with your registrar."
        )
    if state == "withdrawn":
        return not_met(f"{name} is withdrawn.", fix="Get certified to the current edition.")
    return refer(f"{name} is not in the table of editions.", fix="Check the edition on the certificate.")


def titled(commodity: CommodityFacts | None) -> str:
    return (commodity.title if commodity else "") or "the product"
