"""What stands behind a certificate: who accredited its registrar, what it covers, which edition, and what its
scheme asks for besides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.kit.compliance import Effect, Verdict, distinct, met, not_applicable, not_met, refer, rule
from portal.kit.formats import count_of, day, percent, plus_months
from portal.kit.parameters import setting
from suppliers.facts import CertificateFacts, CommodityFacts, QualificationFacts
from suppliers.reference.certification import ACCREDITERS, EDITIONS, NRTLS, UNACCREDITED
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
        f"{name}: the scope does not name {_title(commodity)}.",
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


@dataclass(frozen=True, kw_only=True)
class SchemeParams:
    """CMMC level 2 points out of 110. Contents in percent by weight. CMRT version and its age in months. Codes of
    commodities with controlled unclassified information (CUI), where CMMC is a knock-out, and of those on the U.S.
    Munitions List, the only ones where ITAR counts.
    """

    nrtls: tuple[str, ...] = setting(NRTLS, "Recognized testing laboratories (NRTLs)")
    cmmc_full: int = setting(110, "Full CMMC level 2 score", unit="points")
    cmmc_conditional: int = setting(88, "Conditional CMMC level 2 score", unit="points")
    lead_pct: Decimal = setting(Decimal("0.1"), "Maximum lead content", unit="% by weight")
    cadmium_pct: Decimal = setting(Decimal("0.01"), "Maximum cadmium content", unit="% by weight")
    svhc_pct: Decimal = setting(
        Decimal("0.1"), "Maximum content of substances of very high concern", unit="% by weight"
    )
    cmrt_version: Decimal = setting(Decimal("6.5"), "Oldest accepted version of the minerals report (CMRT)")
    cmrt_months: int = setting(12, "Maximum age of a minerals report", unit="months", most=240)
    cui_commodities: tuple[str, ...] = setting(
        (), "Commodities with controlled unclassified information (CUI)"
    )
    munitions_commodities: tuple[str, ...] = setting((), "Commodities on the U.S. Munitions List")


@rule(
    "CE-5",
    title="Scheme requirements",
    basis="Rules of each scheme; 29 CFR 1910.7; 32 CFR 170",
    params=SchemeParams,
    answered_in="certificates",
    numbers=("score",),
)
def scheme(facts: QualificationFacts, params: SchemeParams, *, on: date) -> Sequence[Verdict]:
    """Requirements of individual schemes: register numbers, recognized laboratories, scores, contents."""
    held = facts.supplier.certificates
    verdicts = [
        (each, verdict) for each in held if (verdict := _scheme_verdict(each, facts, params, on)) is not None
    ]
    found = with_parts(verdicts) + [
        not_met(
            f"The profile has no {scheme} certificate, which {_title(facts.commodity)} requires.",
            part=f"no {scheme}",
            fix="Add it to your profile.",
        ).but(effect=effect)
        for scheme, effect in _needed(facts.commodity, params)
        if not any(each.scheme.upper().strip().startswith(scheme) for each in held)
    ]
    return distinct(found) or [not_applicable("No certificates from a scheme with its own requirements.")]


def _needed(commodity: CommodityFacts | None, params: SchemeParams) -> list[tuple[str, Effect]]:
    """Schemes that the commodity's nature asks for, and what their want does."""
    code = commodity.code if commodity else ""
    cui = [("CMMC", Effect.KNOCKOUT)] if code in params.cui_commodities else []
    return cui + ([("ITAR", Effect.ADVISORY)] if code in params.munitions_commodities else [])


def _title(commodity: CommodityFacts | None) -> str:
    return (commodity.title if commodity else "") or "the product"


def _scheme_verdict(
    certificate: CertificateFacts, facts: QualificationFacts, params: SchemeParams, on: date
) -> Verdict | None:
    name = certificate.scheme.strip().upper()
    needed = dict(_needed(facts.commodity, params))
    if name.startswith(("IATF", "AS9100")):
        return _registered(certificate)
    if name.startswith(LABORATORY):
        return _laboratory(certificate, params)
    if name == "CE":
        return _ce_mark(facts)
    if "17025" in name:
        return _methods(certificate, facts.commodity)
    if name.startswith("CMMC"):
        return _cmmc(certificate, params).but(effect=needed.get("CMMC", Effect.ADVISORY))
    if name.startswith("ITAR"):
        return _itar(certificate, is_needed="ITAR" in needed)
    if name in ("ROHS", "REACH"):
        return _contents(certificate, params)
    if name == "CMRT":
        return _minerals(certificate, params, on)
    return None


def _itar(certificate: CertificateFacts, *, is_needed: bool) -> Verdict:
    if not is_needed:
        return not_applicable("ITAR applies only to goods on the U.S. Munitions List.")
    if certificate.number.strip():
        return met(f"ITAR: registration {certificate.number}.")
    return refer("ITAR: the registration number is missing.", fix="Enter your DDTC registration code.")


def _registered(certificate: CertificateFacts) -> Verdict:
    if certificate.registry_id.strip():
        return met(f"{certificate.scheme}: register number {certificate.registry_id}.")
    return refer(
        f"{certificate.scheme}: the register number is missing.", fix="Enter the IATF number or the OASIS id."
    )


def _laboratory(certificate: CertificateFacts, params: SchemeParams) -> Verdict:
    body = " ".join(certificate.certification_body.casefold().replace("ü", "u").split())
    if not body:
        return refer(
            "The testing laboratory is missing.", fix="Enter the laboratory that listed the product."
        )
    if any(body == each.casefold() or body.startswith(f"{each.casefold()} ") for each in params.nrtls):
        return met(f"{certificate.certification_body} is a recognized testing laboratory.")
    return not_met(
        f"{certificate.certification_body} is not on OSHA’s list of recognized testing laboratories.",
        fix="Provide a listing from a recognized laboratory (NRTL).",
    )


def _ce_mark(facts: QualificationFacts) -> Verdict:
    if any(each.scheme.strip().upper().startswith(LABORATORY) for each in facts.supplier.certificates):
        return not_applicable("The product also has a listing from a recognized laboratory.")
    return not_met(
        "A CE mark alone is not a product listing in the United States.",
        fix="Get the product listed by a recognized laboratory (NRTL).",
    )


def _methods(certificate: CertificateFacts, commodity: CommodityFacts | None) -> Verdict:
    if not certificate.methods:
        return refer(
            "The accredited test methods are missing.", fix="Enter the methods in the scope, one per line."
        )
    wanted = commodity.keywords if commodity else ()
    fits = [m for m in certificate.methods if any(word.casefold() in m.casefold() for word in wanted)]
    if wanted and not fits:
        return refer(f"No accredited test method names {_title(commodity)}.", fix="Check the scope.")
    return met(
        f"{count_of(len(certificate.methods), 'accredited method')}, such as {(fits or certificate.methods)[0]}."
    )


def _cmmc(certificate: CertificateFacts, params: SchemeParams) -> Verdict:
    points = certificate.assessed_score
    fix = "Enter the score of your latest assessment."
    if points is None:
        return refer("The CMMC score is missing.", fix=fix)
    if points > params.cmmc_full:
        return not_met(
            f"A CMMC score of {points} is not possible. The maximum is {params.cmmc_full}.", fix=fix
        )
    numbers = {"score": points}
    if points == params.cmmc_full:
        return met(f"CMMC level 2 with {points} points.", numbers=numbers)
    if points >= params.cmmc_conditional:
        return refer(
            f"CMMC level 2 is conditional at {points} of {params.cmmc_full} points.",
            fix="Close the plan of action within 180 days.",
            numbers=numbers,
        )
    return not_met(
        f"{points} points is below the CMMC level 2 minimum of {params.cmmc_conditional}.",
        fix=fix,
        numbers=numbers,
    )


def _contents(certificate: CertificateFacts, params: SchemeParams) -> Verdict:
    lines = (
        ("lead", certificate.lead_pct, params.lead_pct),
        ("cadmium", certificate.cadmium_pct, params.cadmium_pct),
    )
    rohs = certificate.scheme.upper() == "ROHS"
    if rohs:
        over = [(what, value, line) for what, value, line in lines if value is not None and value > line]
        if over:
            what, value, line = over[0]
            return not_met(
                f"{what.capitalize()} is {percent(value, None)}. The RoHS limit is {percent(line, None)}.",
                fix="Change the material, or cite the exemption.",
            )
        if any(value is None for _, value, _ in lines):
            return refer("The lead or cadmium content is missing.", fix="Enter both. Enter 0 for none.")
        return met("Lead and cadmium are within the RoHS limits.")
    if certificate.svhc_pct is None:
        return refer(
            "The content of substances of very high concern is missing.", fix="Enter it. Enter 0 for none."
        )
    if certificate.svhc_pct > params.svhc_pct:
        return refer(
            f"Substances of very high concern: {percent(certificate.svhc_pct, None)}, above "
            f"{percent(params.svhc_pct, None)}. You must disclose them.",
            fix="Attach the disclosure.",
        )
    return met("No substances of very high concern above the REACH threshold.")


def _minerals(certificate: CertificateFacts, params: SchemeParams, on: date) -> Verdict:
    version = certificate.edition.strip()
    if not re.fullmatch(r"\d+(\.\d+)?", version):
        return refer("The version of the minerals report is missing.", fix="Enter it, for example 6.5.")
    if Decimal(version) < params.cmrt_version:
        return not_met(
            f"Version {version} of the report is older than {params.cmrt_version}.", fix="Use the new form."
        )
    if certificate.issued is None:
        return refer("The date of the minerals report is missing.", fix="Enter it.")
    if certificate.issued > on:
        return refer(
            f"The minerals report is dated {day(certificate.issued)}, which is in the future.",
            fix="Correct it.",
        )
    if plus_months(certificate.issued, params.cmrt_months) < on:
        return not_met(
            f"The minerals report is dated {day(certificate.issued)}, more than {params.cmrt_months} months ago.",
            fix="Upload this year’s report.",
        )
    if not certificate.smelters or certificate.smelters < 0:
        return refer(
            "The minerals report does not list any smelters.",
            fix="List them if the product has tin, tantalum, tungsten or gold in it.",
        )
    return met(f"The minerals report dated {day(certificate.issued)} lists {certificate.smelters} smelters.")
