"""The exclusions of the System for Award Management, Public Extract V2 as CSV. Pure.

Columns are bound by name, blind to case, blanks and punctuation. A person's name stands in parts.
"""

from collections import Counter

from suppliers.lists.reading import Record, Sheet, distinct, plain, refuse_other_kinds, table
from suppliers.lists.records import parties_of
from suppliers.lists.values import country, day, digest, in_words, kind_of, official_id
from suppliers.matching.party import ListedParty

REQUIRED = ("classification", "name", "exclusion type", "active date", "termination date", "sam number")
SAME = {
    "uei": "unique entity id",
    "uei sam": "unique entity id",
    "unique entity identifier": "unique entity id",
    "unique entity id sam": "unique entity id",
    "first name": "first",
    "middle name": "middle",
    "last name": "last",
    "state": "state province",
    "zip": "zip code",
    "cage code": "cage",
    "activation date": "active date",
    "crossreference": "cross reference",
}
_ADDRESS = (
    "address 1",
    "address 2",
    "address 3",
    "address 4",
    "city",
    "state province",
    "zip code",
    "country",
)
_SCHEMES = {"unique entity id": "UEI", "duns": "DUNS", "cage": "CAGE", "npi": "NPI", "sam number": "SAM"}


def read(sheet: Sheet) -> tuple[tuple[ListedParty, ...], int]:
    """The parties in the order of the file, and its number of rows. Raises ListError.

    Rows whose record status is not "Active" are no exclusions any more; they are left out with a warning.
    """
    refuse_other_kinds(sheet, "the SAM exclusions extract")
    statuses: Counter[str] = Counter()

    def draft(sheet: Sheet, record: Record) -> ListedParty | None:
        status = plain(record["record status"])
        if status and status.lower() != "active":
            statuses[status[:40]] += 1
            return None
        return _party(sheet, record)

    result = parties_of(sheet, table(sheet, required=REQUIRED, same=SAME).records, draft)
    for status, many in statuses.items():
        sheet.warn(f"rows skipped because their record status is “{status}”: {many}.")
    return result


def _party(sheet: Sheet, record: Record) -> ListedParty:
    name = plain(record["name"]) or plain(
        " ".join(record[part] for part in ("first", "middle", "last", "suffix"))
    )
    address = plain(", ".join(part for column in _ADDRESS if (part := record[column])))
    number = official_id(record["sam number"])
    programme = ": ".join(
        part for part in (plain(record["exclusion program"]), plain(record["exclusion type"])) if part
    )
    return ListedParty(
        record_id=number or digest(name, record["unique entity id"], address),
        name=name,
        list_code="SAM",
        kind=kind_of(record["classification"]),
        programme=programme,
        countries=distinct([country(record["country"])]),
        addresses=distinct([address]),
        identifiers=tuple(
            (scheme, value) for column, scheme in _SCHEMES.items() if (value := plain(record[column]))
        ),
        starts=day(sheet, record.number, record["active date"], what="active date"),
        ends=day(sheet, record.number, record["termination date"], what="termination date"),
        citation=plain(record["ct code"]),
        remarks=in_words(
            excluding_agency=plain(record["excluding agency"]),
            comments=plain(record["additional comments"]),
            cross_reference=plain(record["cross reference"]),
        ),
    )
