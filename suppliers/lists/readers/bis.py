"""The Denied Persons List of the Bureau of Industry and Security, dpl.txt. Pure.

Twelve columns with a header, separated by tabs. It has no record numbers, and real files hold years such as 2922.
"""

import re

from suppliers.lists.reading import Record, Sheet, distinct, plain, refuse_other_kinds, table
from suppliers.lists.records import parties_of
from suppliers.lists.values import country, day, digest
from suppliers.matching.party import ListedParty

REQUIRED = (
    *("name", "street address", "city", "state", "country", "postal code"),
    *("effective date", "expiration date", "fr citation"),
)
_NOTICE = re.compile(r"(\d{1,9})\s{0,3}F\.?\s{0,3}R\.?\s{0,3}(\d{1,9})", re.IGNORECASE)
# The list's own shorthand beside ISO codes.
_PRC = frozenset(("PRC", "P.R.C."))


def read(sheet: Sheet) -> tuple[tuple[ListedParty, ...], int]:
    """The parties in the order of the file, and its number of rows. Raises ListError."""
    refuse_other_kinds(sheet, "the Denied Persons List")
    return parties_of(sheet, table(sheet, required=REQUIRED, delimiter="\t").records, _party)


def _party(sheet: Sheet, record: Record) -> ListedParty:
    name, citation = plain(record["name"]), plain(record["fr citation"])
    address = plain(
        ", ".join(
            part for column in ("street address", "city", "state", "postal code") if (part := record[column])
        )
    )
    land = record["country"]
    # Only looked at: the list is not dated by it, but a year of 3017 is worth a word.
    day(sheet, record.number, record["last update"], what="last update")
    return ListedParty(
        record_id=digest(name, address, _first_notice(citation)),
        name=name,
        list_code="DPL",
        programme="Denied Persons List",
        countries=distinct(["CN" if land.upper() in _PRC else country(land)]),
        addresses=distinct([plain(f"{address}, {land}" if land else address)]),
        starts=day(sheet, record.number, record["effective date"], what="effective date"),
        ends=day(sheet, record.number, record["expiration date"], what="expiration date"),
        citation=citation,
        remarks=plain(record["action"]),
    )


def _first_notice(citation: str) -> str:
    """The earliest Federal Register page: renewals add notices, and the record stays the same record."""
    pages = [(int(volume), int(page)) for volume, page in _NOTICE.findall(citation)]
    return "{} FR {}".format(*min(pages)) if pages else citation
