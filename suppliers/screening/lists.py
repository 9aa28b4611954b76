"""Official list files into listed parties. Pure: bytes in, dataclasses out.

OFAC's sdn.csv, alt.csv and add.csv have no header, write null as "-0- " and end in a lone 0x1A byte. The
"custom" format is ours: a header row `name,aliases,programme` and optionally `record,kind,country,remarks`,
several values separated by ";".
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from suppliers.screening.party import ListedParty

NULL = "-0-"
COLUMNS = {"sdn": 12, "alt": 5, "add": 6}
CUSTOM_REQUIRED = ("name",)


class ListError(ValueError):
    """The file is not of the format it should be; the message names the file, the row and what is wrong."""


def read_ofac(sdn: bytes, alt: bytes = b"", add: bytes = b"") -> tuple[ListedParty, ...]:
    """Parties of OFAC's Specially Designated Nationals list, in the order of sdn.csv.

    Raises ListError for a wrong number of columns, a record number twice, or an empty list.
    """
    aliases: dict[str, list[str]] = {}
    for number, _, _, name, _ in _rows(alt, "alt"):
        aliases.setdefault(number, []).append(name)
    countries: dict[str, list[str]] = {}
    for number, _, _, _, country, _ in _rows(add, "add"):
        countries.setdefault(number, []).append(country)
    parties: dict[str, ListedParty] = {}
    for row in _rows(sdn, "sdn"):
        number, name, kind, programme, remarks = row[0], row[1], row[2], row[3], row[11]
        if number in parties:
            raise ListError(f"sdn.csv: record {number} stands twice.")
        parties[number] = ListedParty(
            record_id=number,
            name=name,
            aliases=_distinct(aliases.get(number, ())),
            kind=kind or "entity",
            programme=programme,
            countries=_distinct(countries.get(number, ())),
            remarks=remarks,
        )
    if not parties:
        raise ListError("sdn.csv holds no records.")
    return tuple(parties.values())


def read_custom(data: bytes, *, name: str = "list.csv") -> tuple[ListedParty, ...]:
    """Parties of a list in the portal's own format. Raises ListError."""
    reader = csv.DictReader(io.StringIO(_text(data)))
    header = [column.strip().lower() for column in reader.fieldnames or ()]
    missing = [column for column in CUSTOM_REQUIRED if column not in header]
    if missing:
        raise ListError(f"{PurePath(name).name}: the header row has no column {', '.join(missing)}.")
    reader.fieldnames = header
    parties = [_custom_party(row, number) for number, row in enumerate(reader, start=1)]
    found = tuple(party for party in parties if party.name)
    if not found:
        raise ListError(f"{PurePath(name).name} holds no records.")
    if len({party.record_id for party in found}) != len(found):
        raise ListError(f"{PurePath(name).name}: a record stands twice.")
    return found


def _custom_party(row: dict[str, str | None], number: int) -> ListedParty:
    def cell(column: str) -> str:
        return (row.get(column) or "").strip()

    def several(column: str) -> tuple[str, ...]:
        return _distinct(part.strip() for part in cell(column).split(";"))

    return ListedParty(
        record_id=cell("record") or str(number),
        name=cell("name"),
        aliases=several("aliases"),
        kind=cell("kind") or "entity",
        programme=cell("programme"),
        countries=several("country"),
        remarks=cell("remarks"),
    )


def _rows(data: bytes, kind: str) -> Iterator[list[str]]:
    width = COLUMNS[kind]
    for number, row in enumerate(csv.reader(io.StringIO(_text(data))), start=1):
        cells = [_cell(cell) for cell in row]
        if not any(cells):
            continue
        if len(cells) != width:
            raise ListError(f"{kind}.csv, row {number}: {len(cells)} columns instead of {width}.")
        yield cells


def _cell(cell: str) -> str:
    text = cell.strip().strip("\x1a").strip()
    return "" if text == NULL else text


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
