"""Lists in the portal's own template: UFLPA, section 1260H, and any list of the operator's. Pure.

A header row with `name` and, as far as wanted: aliases, parent, programme (or section), kind, country, address,
starts (or effective), ends (or removed), citation, remarks, record, uei, cage, duns, lei, ein. Several values of
one cell are separated by ";". Commas or tabs separate the columns.
"""

import unicodedata
from collections.abc import Mapping

from suppliers.lists.reading import (
    Notes,
    Record,
    Sheet,
    column_key,
    distinct,
    plain,
    refuse_other_kinds,
    table,
)
from suppliers.lists.records import parties_of
from suppliers.lists.values import country, day, digest, kind_of, official_id
from suppliers.matching.party import ListedParty

SAME = {
    "section": "programme",
    "program": "programme",
    "programmes": "programme",
    "effective": "starts",
    "removed": "ends",
    "alias": "aliases",
    "parents": "parent",
    "type": "kind",
    "countries": "country",
    "addresses": "address",
    "record id": "record",
}
IDENTIFIERS = ("uei", "cage", "duns", "lei", "ein")
COLUMNS = (
    *("name", "aliases", "parent", "programme", "kind", "country", "address", "starts", "ends", "citation"),
    *("remarks", "record", *IDENTIFIERS),
)


def read(sheet: Sheet, list_code: str) -> tuple[tuple[ListedParty, ...], int]:
    """The parties in the order of the file, and its number of rows. Raises ListError."""
    refuse_other_kinds(sheet, "a list in the portal's template")
    found = table(sheet, required=("name",), delimiter=_delimiter(sheet), same=SAME, ragged=True)
    for unknown in [column for column in found.columns if column and column not in COLUMNS]:
        sheet.warn(f"the column “{unknown[:40]}” is not recognized and was skipped.")
    seen: set[str] = set()

    def draft(sheet: Sheet, record: Record) -> ListedParty:
        return _party(sheet, record, list_code, seen)

    return parties_of(sheet, found.records, draft)


def read_parts(parts: Mapping[str, Sheet], list_code: str) -> tuple[tuple[ListedParty, ...], int]:
    """The same from its only file. Raises ListError."""
    return read(parts["main"], list_code)


def read_custom(data: bytes, *, name: str = "list.csv") -> tuple[ListedParty, ...]:
    """Parties of a list in the portal's own format. Raises ListError."""
    return read(Sheet(name, data, Notes()), "")[0]


def _delimiter(sheet: Sheet) -> str:
    """Tab or comma, by the header. A list saved with ";" is refused: there ";" separates a cell's values."""
    first = sheet.data.lstrip(b"\xef\xbb\xbf\xff\xfe\r\n").split(b"\n", 1)[0].split(b"\r", 1)[0]
    if b"\t" in first and b"," not in first:
        return "\t"
    if b"," not in first and column_key(first.split(b";")[0].decode("latin-1")) == "name" and b";" in first:
        raise sheet.error("the columns are separated by “;”. Save the list with commas.")
    return ","


def _bare(name: str) -> str:
    """Letters and figures only. Not the form that names are matched in: that is tuned, and records stay."""
    return "".join(character for character in unicodedata.normalize("NFKC", name) if character.isalnum())


def _party(sheet: Sheet, record: Record, list_code: str, seen: set[str]) -> ListedParty:
    name = plain(record["name"])
    number = official_id(record["record"])
    if number and number in seen:
        raise sheet.error(f"record {number} appears twice.", record.number)
    seen.add(number)
    return ListedParty(
        record_id=number or digest(_bare(name) or name),
        name=name,
        list_code=list_code,
        aliases=record.several("aliases"),
        kind=kind_of(record["kind"]),
        programme=plain(record["programme"]),
        countries=distinct(country(text) for text in record.several("country")),
        addresses=record.several("address"),
        identifiers=tuple(
            (scheme.upper(), value) for scheme in IDENTIFIERS for value in record.several(scheme)
        ),
        parents=record.several("parent"),
        starts=day(sheet, record.number, record["starts"], what="start"),
        ends=day(sheet, record.number, record["ends"], what="end"),
        citation=plain(record["citation"]),
        remarks=record["remarks"],
    )
