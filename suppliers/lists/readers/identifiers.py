"""Identifiers of companies in the free text of a list. Pure.

Schemes: EIN (a United States tax number), TAX (another country's), DUNS, LEI, UEI, CAGE, NPI, SAM, SWIFT,
REGISTRATION (a company register's number), IMO (of a ship or of its owner), UN (the reference number).
Papers of people are not taken out: suppliers are not asked for them.
"""

import re
from collections.abc import Iterable

from suppliers.reference.countries import COUNTRY_NAMES

_SCHEMES = {
    "TAX": "tax id no|tax id|tax identification number|v.a.t. number|vat number|nit #|ruc #|rif #|r.f.c|rfc|rtn"
    "|cuit|cuit #|c.u.i.t|c.u.i.t. #|fiscal code",
    "DUNS": "d-u-n-s number|duns number|duns",
    "LEI": "legal entity number|legal entity identifier|lei",
    "UEI": "unique entity id|uei",
    "CAGE": "cage code|cage",
    "SWIFT": "swift/bic|swift",
    "REGISTRATION": "registration id|registration number|company number|commercial registry number"
    "|business registration number|business registration document #|matricula mercantil no|c.r. no"
    "|folio mercantil no|trade license no|unified social credit code (uscc)|enterprise number"
    "|public registration number|chamber of commerce number|business number|economic register number",
    "IMO": "vessel registration identification|identification number imo|company number imo",
}
_SCHEME_OF = {phrase: scheme for scheme, phrases in _SCHEMES.items() for phrase in phrases.split("|")}
# A longer part is prose, whatever it begins with.
LONGEST_PART, LONGEST_VALUE = 200, 60
_UNITED_STATES = frozenset(("us", "usa", "united states"))
_LONGEST_FIRST = "|".join(re.escape(phrase) for phrase in sorted(_SCHEME_OF, key=len, reverse=True))
# "alt. Tax ID No. 12-3456789 (United States) issued 14 Dec 2005": words, number, country.
_IN_REMARKS = re.compile(
    rf"(?:alt\. )?({_LONGEST_FIRST})(?![a-z])[.:]?\s*"
    r"([^();]*\d[^();]*?|[A-Z0-9]{8,20})\s*"
    r"(?:\(([^)]*)\).*|issued .*|expires .*)?\.?",
    re.IGNORECASE,
)


def _pair(scheme: str, value: str, country: str) -> tuple[str, str]:
    number = re.sub(r"^IMO\s*", "", value.strip(" ."), flags=re.IGNORECASE)
    if value.strip().upper().startswith("IMO"):
        scheme = "IMO"
    return ("EIN" if scheme == "TAX" and country.strip().lower() in _UNITED_STATES else scheme, number)


def in_remarks(parts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Out of OFAC's remarks, cut at ";": "Registration ID 1027700092661 (Russia)"."""
    found: dict[tuple[str, str], None] = {}
    for part in parts:
        match = _IN_REMARKS.fullmatch(part.strip()) if len(part) <= LONGEST_PART else None
        if match and len(match[2]) <= LONGEST_VALUE:
            found[_pair(_SCHEME_OF[match[1].lower()], match[2], match[3] or "")] = None
    return tuple(found)


def in_columns(parts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Out of the Consolidated Screening List's `ids`.

    Newer files write "Tax ID No., 12-3456789, US", older ones "US, 12-3456789, Tax ID No.".
    """
    found: dict[tuple[str, str], None] = {}
    for part in parts:
        pieces = [piece.strip() for piece in part.split(",")]
        scheme = next((s for piece in pieces if (s := _SCHEME_OF.get(piece.rstrip(".:").lower()))), "")
        rest = [piece for piece in pieces if piece.rstrip(".:").lower() not in _SCHEME_OF]
        country = next((piece for piece in rest if piece in COUNTRY_NAMES), "")
        values = [piece for piece in rest if piece and piece != country]
        if scheme and len(values) == 1 and len(values[0]) <= LONGEST_VALUE:
            found[_pair(scheme, values[0], country)] = None
    return tuple(found)
