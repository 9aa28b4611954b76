"""Identifiers of a company: UEI, CAGE, LEI, NAICS. A blank optional identifier is not applicable."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from stdnum import lei
from stdnum.us import ein as employer_number

from portal.kit.compliance import NoParams, Verdict, met, not_applicable, not_met, refer, rule
from portal.kit.formats import day
from portal.kit.parameters import setting
from suppliers.facts import SupplierFacts
from suppliers.reference.industries import industry_title

CAGE = re.compile(r"[0-9][A-HJ-NP-Z0-9]{3}[0-9]")
NCAGE = re.compile(r"[A-HJ-NP-Z0-9]{5}")
UEI = re.compile(r"[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}")
LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")


def uei_check_character(first_eleven: str) -> str:
    """The last character a UEI should have, from its first eleven.

    GSA does not print the algorithm; this one was checked on 280 real identifiers.
    """
    values = [ord(character) for character in first_eleven]
    while True:
        total = sum(value * place % 10 for place, value in enumerate(values, start=1))
        if total < 10:
            return str(total)
        values = [int(digit) for digit in str(total)]


def _uei_shape_problem(uei: str) -> str:
    if len(uei) != 12:
        return f"it has {len(uei)} characters, not 12"
    if uei[0] == "0":
        return "it starts with 0"
    if not UEI.fullmatch(uei):
        return (
            "it has a character that a UEI never uses (a UEI has digits and capital letters, without O and I)"
        )
    if re.search(r"[0-9]{9}", uei):
        return "it has nine digits in a row"
    if CAGE.fullmatch(uei[:5]):
        return "its first five characters are a CAGE code"
    return ""


@rule(
    "ID-1",
    title="Unique Entity ID",
    basis="SAM.gov Unique Entity ID standard",
    answered_in="identity",
    numbers=("expected",),
)
def uei(facts: SupplierFacts, params: NoParams, *, on: date) -> Verdict:
    """The UEI, if provided, has the right format and a valid check character."""
    if not facts.uei:
        return not_applicable("No UEI. It is optional.")
    if problem := _uei_shape_problem(facts.uei):
        return not_met(f"{facts.uei} is not a UEI: {problem}.", fix="Copy the UEI from your SAM.gov record.")
    expected = uei_check_character(facts.uei[:11])
    if facts.uei[11] != expected:
        return refer(
            f"{facts.uei} ends in {facts.uei[11]}. Based on the first eleven characters, it should end in {expected}.",
            fix="Check the UEI in your SAM.gov record.",
            numbers={"expected": expected},
        )
    return met(f"{facts.uei} has the right format and check character.")


@rule(
    "ID-2",
    title="CAGE code",
    basis="DLA CAGE program",
    answered_in="identity",
)
def cage(facts: SupplierFacts, params: NoParams, *, on: date) -> Verdict:
    """The CAGE code, if provided, has the format of a U.S. code. A person reviews a foreign code with a U.S. site."""
    if not facts.cage:
        return not_applicable("No CAGE code. It is optional.")
    if CAGE.fullmatch(facts.cage):
        return met(f"{facts.cage} has the format of a U.S. CAGE code.")
    if not NCAGE.fullmatch(facts.cage):
        return not_met(
            f"{facts.cage} is not a CAGE code. A CAGE code has five digits or capital letters, without O and I.",
            fix="Copy the CAGE code from your SAM.gov record.",
        )
    if any(site.country == "US" for site in facts.sites) or facts.country == "US":
        return refer(
            f"{facts.cage} has the format of a foreign code (NCAGE), but the company or a site is in the U.S.",
            fix="Enter the site’s U.S. CAGE code.",
        )
    return met(f"{facts.cage} has the format of a foreign code (NCAGE).")


@rule(
    "ID-3",
    title="Employer number (EIN)",
    basis="IRS employer identification number",
    answered_in="identity",
)
def ein(facts: SupplierFacts, params: NoParams, *, on: date) -> Verdict:
    """The EIN, if provided, has nine digits and a prefix that the IRS assigns. We never show the full number."""
    if not facts.ein:
        return not_applicable("No EIN. It is optional.")
    digits = facts.ein.replace("-", "")
    fix = "Check it against your IRS assignment letter."
    if not re.fullmatch(r"[0-9]{9}", digits):
        return not_met("The EIN does not have nine digits.", fix=fix)
    if not employer_number.is_valid(digits):
        return refer("The EIN begins with a prefix that is not on the IRS’s list.", fix=fix)
    return met("The EIN has nine digits and a known prefix.")


@rule(
    "ID-4",
    title="Legal Entity Identifier",
    basis="ISO 17442",
    answered_in="identity",
)
def legal_entity_identifier(facts: SupplierFacts, params: NoParams, *, on: date) -> Verdict:
    """The LEI, if provided, has 20 characters and ISO 7064 mod 97-10 check digits."""
    if not facts.lei:
        return not_applicable("No LEI. It is optional.")
    # stdnum checks neither the length nor the characters.
    if not LEI.fullmatch(facts.lei):
        return not_met(
            f"{facts.lei} is not an LEI. An LEI has 18 capital letters or digits, then two digits.",
            fix="Copy the LEI from the GLEIF register.",
        )
    if not lei.is_valid(facts.lei):
        return not_met(
            f"The check digits of {facts.lei} do not match.",
            fix="Copy the LEI from the GLEIF register.",
        )
    return met(f"{facts.lei} is a valid LEI.")


@dataclass(frozen=True, kw_only=True)
class NaicsParams:
    """Two-digit manufacturing sectors."""

    manufacturing: tuple[str, ...] = setting(("31", "32", "33"), "Manufacturing sectors, first two digits")


@rule(
    "ID-6",
    title="Industry code",
    basis="NAICS 2022",
    params=NaicsParams,
    answered_in="identity",
)
def naics(facts: SupplierFacts, params: NaicsParams, *, on: date) -> Sequence[Verdict]:
    """Each NAICS code is a manufacturing code on the 2022 list."""
    codes = tuple(dict.fromkeys(facts.naics))
    if not codes:
        return [refer("No industry code.", fix="Add the six-digit NAICS code for what you make.")]
    return [_naics_verdict(code, params) for code in codes]


def _naics_verdict(code: str, params: NaicsParams) -> Verdict:
    title = industry_title(code)
    if title is None:
        return not_met(
            f"{code} is not a six-digit NAICS 2022 code.",
            part=code,
            fix="Pick the code for what you make from the NAICS 2022 list.",
        )
    if code[:2] not in params.manufacturing:
        return refer(
            f"{code} ({title}) is not a manufacturing code.",
            part=code,
            fix="Add the manufacturing code (31 to 33) for what you make, if you have one.",
        )
    return met(f"{code}: {title}", part=code)


@rule(
    "ID-5",
    title="DUNS number",
    basis="Dun & Bradstreet D-U-N-S number",
    answered_in="identity",
)
def duns(facts: SupplierFacts, params: NoParams, *, on: date) -> Verdict:
    """The DUNS number, if provided, has nine digits."""
    if not facts.duns:
        return not_applicable("No DUNS number. It is optional.")
    if not re.fullmatch(r"[0-9]{9}", facts.duns):
        return not_met(
            f"{facts.duns} is not a DUNS number. A DUNS number has nine digits.",
            fix="Copy the number from your Dun & Bradstreet record.",
        )
    return met(f"{facts.duns} has nine digits.")


@rule(
    "ID-7",
    title="SAM.gov registration",
    basis="FAR subpart 4.11",
    answered_in="identity",
)
def sam_registration(facts: SupplierFacts, params: NoParams, *, on: date) -> Verdict:
    """The SAM.gov registration, if stated, is active and has not expired."""
    if not facts.sam_status:
        return not_applicable("No SAM.gov registration. It is optional.")
    if facts.sam_status != "active":
        return refer(f"The SAM.gov registration is {facts.sam_status}.", fix="Renew it on SAM.gov.")
    if facts.sam_expiry is None:
        return refer("The SAM.gov expiration date is missing.", fix="Enter it.")
    if facts.sam_expiry < on:
        return refer(
            f"The SAM.gov registration expired on {day(facts.sam_expiry)}.", fix="Renew it on SAM.gov."
        )
    return met(f"The SAM.gov registration is active through {day(facts.sam_expiry)}.")
