"""What each scheme asks of its certificate: CE-5."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.kit.compliance import Effect, Verdict, distinct, met, not_applicable, not_met, refer, rule
from portal.kit.formats import count_of, day, percent, plus_months
from portal.kit.parameters import setting
from suppliers.facts import CertificateFacts, CommodityFacts, QualificationFacts
from suppliers.reference.certification import NRTLS
from suppliers.rules.certificates import with_parts
from suppliers.rules.certification import LABORATORY, titled


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
            f"The profile has no {scheme} certificate, which {titled(facts.commodity)} requires.",
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
        return refer(f"No accredited test method names {titled(commodity)}.", fix="Check the scope.")
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
