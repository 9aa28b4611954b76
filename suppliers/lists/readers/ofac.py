"""OFAC's delimited files, the SDN list and the consolidated non-SDN list: the same three layouts. Pure.

No header; null is "-0- "; alt and add are joined to the main file on the record number; real files end in a
lone 0x1A byte. Remarks that outgrow their field go on in sdn_comments.csv, which is not read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from suppliers.lists.head import Head
from suppliers.lists.readers import identifiers
from suppliers.lists.reading import (
    ListError,
    Notes,
    Row,
    Sheet,
    decode,
    distinct,
    even_rows,
    plain,
    refuse_other_kinds,
    rows_of,
)
from suppliers.lists.records import warn_of_nameless
from suppliers.lists.values import country, kind_of, official_id
from suppliers.matching.party import ListedParty

NULL = "-0-"
MAIN_WIDTH, ALT_WIDTH, ADD_WIDTH = 12, 5, 6
_WIDTHS = {MAIN_WIDTH: "main", ALT_WIDTH: "alt", ADD_WIDTH: "add"}

_ALIAS = re.compile(r"(?:alt\. )?[anf]\.k\.a\. '(.+)'\.?")
# The non-SDN list names its parts only by the programme.
_NON_SDN = (
    ("FSE", "FSE"),
    ("NS-PLC", "PLC"),
    ("PLC", "PLC"),
    ("CMIC", "CMIC"),
    ("NS-CMIC", "CMIC"),
    ("NS-MBS", "MBS"),
    ("MBS", "MBS"),
    ("RUSSIA-EO14024", "MBS"),
    ("BELARUS-EO14038", "MBS"),
    ("UKRAINE-EO13662", "SSI"),
    ("561", "CAP"),
    ("NS-CAP", "CAP"),
    ("CAP", "CAP"),
)


@dataclass(frozen=True, slots=True)
class OfacSheets:
    main: Sheet
    alt: Sheet | None = None
    add: Sheet | None = None


@dataclass(slots=True)
class _Joined:
    """What alt and add say of one record."""

    aliases: list[str]
    countries: list[str]
    addresses: list[str]


def read(sheets: OfacSheets, list_code: str) -> tuple[tuple[ListedParty, ...], int]:
    """The parties in the order of the main file, and its number of rows. `list_code` blank: by programme.

    Raises ListError for a wrong number of columns, a record number twice, or an empty list.
    """
    joined: dict[str, _Joined] = {}
    _join_aliases(sheets.alt, joined)
    _join_addresses(sheets.add, joined)
    parties: dict[str, ListedParty] = {}
    nameless: list[int] = []
    rows = 0
    for row in _rows(sheets.main, MAIN_WIDTH):
        rows += 1
        number, name = official_id(row.cells[0]), plain(row.cells[1])
        if not number:
            raise sheets.main.error("the record number is missing.", row.number)
        if number in parties:
            raise sheets.main.error(f"record {number} appears twice.", row.number)
        if not name:
            nameless.append(row.number)
            continue
        parties[number] = _party(number, name, row.cells, joined.pop(number, None), list_code)
    warn_of_nameless(sheets.main, nameless)
    if not parties:
        raise sheets.main.error("has no records.")
    _warn_of_strangers(sheets, joined)
    return tuple(parties.values()), rows


def read_parts(parts: Mapping[str, Sheet], list_code: str) -> tuple[tuple[ListedParty, ...], int]:
    """The same from its files by part. Raises ListError."""
    return read(OfacSheets(parts["main"], parts.get("alt"), parts.get("add")), list_code)


def part_by_width(head: Head) -> str:
    """The part of the list that a file is, by its number of columns; blank for no part. None has a header."""
    is_theirs = (
        not head.is_tabbed and bool(head.cells) and head.cells[0].isdecimal() and "name" not in head.columns
    )
    return _WIDTHS.get(len(head.cells), "") if is_theirs else ""


def read_ofac(sdn: bytes, alt: bytes = b"", add: bytes = b"") -> tuple[ListedParty, ...]:
    """Parties of OFAC's Specially Designated Nationals list, in the order of sdn.csv. Raises ListError."""
    notes = Notes()
    parties, _ = read(
        OfacSheets(
            Sheet("sdn.csv", sdn, notes, True),
            Sheet("alt.csv", alt, notes, True) if alt else None,
            Sheet("add.csv", add, notes, True) if add else None,
        ),
        "SDN",
    )
    return parties


def _party(number: str, name: str, cells: list[str], joined: _Joined | None, list_code: str) -> ListedParty:
    kind, programme, title, flag, remarks = cells[2], cells[3], cells[4], cells[9], cells[11]
    parts = [part.strip() for part in remarks.split(";")]
    weak = distinct(plain(found[1]) for part in parts if (found := _ALIAS.fullmatch(part)))
    named = joined.aliases if joined else []
    return ListedParty(
        record_id=number,
        name=name,
        list_code=list_code or _part_of_non_sdn(programme),
        aliases=distinct((*named, *weak)),
        kind=kind_of(kind),
        programme=plain(programme.replace("] [", "; ").strip("[]")),
        countries=distinct((*(joined.countries if joined else ()), country(flag))),
        addresses=distinct(joined.addresses) if joined else (),
        identifiers=identifiers.in_remarks(parts),
        remarks=f"{title}. {remarks}".strip() if title else remarks,
        weak_aliases=tuple(alias for alias in weak if alias not in named),
    )


def _part_of_non_sdn(programme: str) -> str:
    tags = [tag.strip(" []").upper() for tag in re.split(r"[;\]]", programme)]
    return next((code for tag in tags for start, code in _NON_SDN if tag.startswith(start)), "NONSDN")


def _join_aliases(sheet: Sheet | None, joined: dict[str, _Joined]) -> None:
    for row in _rows(sheet, ALT_WIDTH) if sheet else ():
        number, _, _, name, _ = row.cells
        _of(joined, number).aliases.append(plain(name))


def _join_addresses(sheet: Sheet | None, joined: dict[str, _Joined]) -> None:
    for row in _rows(sheet, ADD_WIDTH) if sheet else ():
        number, _, street, city, land, _ = row.cells
        of = _of(joined, number)
        of.countries.append(country(land))
        if street or city:
            of.addresses.append(plain(", ".join(part for part in (street, city, land) if part)))


def _of(joined: dict[str, _Joined], number: str) -> _Joined:
    return joined.setdefault(official_id(number), _Joined([], [], []))


def _warn_of_strangers(sheets: OfacSheets, left: Mapping[str, _Joined]) -> None:
    for sheet, many, what in (
        (sheets.alt, sum(len(each.aliases) for each in left.values()), "other names"),
        (sheets.add, sum(len(each.countries) for each in left.values()), "addresses"),
    ):
        if sheet and many:
            sheet.warn(f"{what} that do not belong to any record in {sheets.main.shown}: {many}.")


def _rows(sheet: Sheet, width: int) -> Iterator[Row]:
    refuse_other_kinds(sheet, "an OFAC list file")
    for row in even_rows(sheet, rows_of(sheet, decode(sheet)), width):
        yield Row(row.number, ["" if cell == NULL else cell for cell in row.cells])


__all__ = ["ListError", "OfacSheets", "read", "read_ofac"]
