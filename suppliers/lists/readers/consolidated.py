"""The Consolidated Screening List as CSV: one header, a dozen lists. Pure.

Newer files have 29 columns and a record number `_id`, older ones 28 without; columns are bound by name.
"""

import re

from suppliers.lists.readers import identifiers
from suppliers.lists.reading import Record, Sheet, distinct, plain, refuse_other_kinds, several, table
from suppliers.lists.records import parties_of
from suppliers.lists.values import country, day, digest, in_words, kind_of, official_id
from suppliers.matching.party import ListedParty
from suppliers.reference.countries import COUNTRY_NAMES

REQUIRED = ("source", "name", "type", "programs", "addresses", "alt names", "start date", "end date", "ids")
SAME = {"program": "programs", "id": "record"}

# What `source` says, in any of its wordings, to the list's short code.
_PHRASES = (
    ("non-sdn chinese military", "CMIC"),
    ("menu-based", "MBS"),
    ("capta", "CAP"),
    ("correspondent", "CAP"),
    ("palestinian legislative", "PLC"),
    ("sectoral sanctions", "SSI"),
    ("foreign sanctions evaders", "FSE"),
    ("iran sanctions act", "ISA"),
    ("13599", "13599"),
    ("specially designated", "SDN"),
    ("military end user", "MEU"),
    ("unverified", "UVL"),
    ("denied persons", "DPL"),
    ("entity list", "EL"),
    ("debarred", "DTC"),
    ("nonproliferation", "ISN"),
)
# State codes that are codes of countries too: a Denied Persons address that ends in one says nothing.
_STATES = "AL AR AZ CA CO DE GA ID IL IN KY LA MA MD ME MN MO MS MT NC NE PA SC SD TN VA"
_STATES_LIKE_COUNTRIES = frozenset(_STATES.split())
_SUCCESSORS = re.compile(
    r"[;,]?\s*and any successors?, sub-?units?,? or subsidiar(?:y|ies) thereof\.?$", re.I
)


def read(sheet: Sheet) -> tuple[tuple[ListedParty, ...], int]:
    """The parties in the order of the file, and its number of rows. Raises ListError."""
    refuse_other_kinds(sheet, "the Consolidated Screening List")
    return parties_of(sheet, table(sheet, required=REQUIRED, same=SAME).records, _party)


def list_code(source: str) -> str:
    """ "SDN" for "Specially Designated Nationals (SDN) - Treasury Department"; "CSL" for what nobody knows."""
    low = source.lower()
    if known := next((code for phrase, code in _PHRASES if phrase in low), ""):
        return known
    named = re.search(r"\(([A-Z0-9-]{2,10})(?: List)?\)", source)
    return named[1] if named else "CSL"


def _party(sheet: Sheet, record: Record) -> ListedParty:
    code = list_code(record["source"])
    listed = plain(record["name"])
    # The State Department's boilerplate would weigh more than the name.
    name = _SUCCESSORS.sub("", listed) or listed
    addresses = several(record["addresses"])
    citation = plain(record["federal register notice"])
    flag = country(record["vessel flag"])
    return ListedParty(
        record_id=_record_id(record, name, code, citation),
        name=name,
        list_code=code,
        aliases=distinct(re.sub(r"^and ", "", alias) for alias in record.several("alt names")),
        kind=kind_of(record["type"]),
        programme="; ".join(record.several("programs")),
        countries=distinct((*(_country_of(address, code) for address in addresses), flag)),
        addresses=addresses,
        identifiers=identifiers.in_columns(record["ids"].split(";")),
        starts=day(sheet, record.number, record["start date"], what="start date"),
        ends=day(sheet, record.number, record["end date"], what="end date"),
        citation=citation,
        remarks=_remarks(record, listed if listed != name else ""),
    )


def _record_id(record: Record, name: str, code: str, citation: str) -> str:
    """The list's number, or a digest of what says who is listed and where the row has none."""
    number = official_id(record["record"] or record["entity number"])
    return number or digest(code, name, record["addresses"], citation)


def _country_of(address: str, code: str) -> str:
    """An address ends in its country's code, or it says none."""
    last = address.rsplit(",", 1)[-1].strip()
    if last not in COUNTRY_NAMES or (code == "DPL" and last in _STATES_LIKE_COUNTRIES):
        return ""
    return last


def _remarks(record: Record, listed: str) -> str:
    told = in_words(
        listed_as=listed,
        title=plain(record["title"]),
        born=plain(record["dates of birth"]),
        place_of_birth=plain(record["places of birth"]),
        nationality=plain(record["nationalities"]),
        citizenship=plain(record["citizenships"]),
        license_requirement=plain(record["license requirement"]),
    )
    return " ".join(part for part in (record["remarks"], told) if part)
