"""The beginning of a file, by which its list is known. Pure."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from suppliers.lists.reading import column_key

MOST_BYTES = 16384


@dataclass(frozen=True, slots=True)
class Head:
    """`text`: some first thousand characters. `cells`: the first line, cut at tabs or commas; `columns`: the same as
    the keys of a header. Both are empty for XML, and for what is no table.
    """

    text: str
    cells: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()
    is_tabbed: bool = False


def head_of(data: bytes) -> Head:
    """Never raises, whatever the bytes."""
    text = _text(data)
    lines = (line.strip(" \r\n\x00\x1a") for line in re.split(r"\r\n|\r|\n", text))
    first = next((line for line in lines if line), "")
    if first.startswith("<"):
        return Head(text)
    is_tabbed = first.count("\t") > first.count(",")
    try:
        row = next(csv.reader([first], delimiter="\t" if is_tabbed else ","), [])
    except csv.Error:
        return Head(text)
    cells = tuple(cell.strip() for cell in row)
    return Head(text, cells, frozenset(map(column_key, cells)), is_tabbed)


def _text(data: bytes) -> str:
    start = data[:MOST_BYTES]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in start[:4]:
        encoding = "utf-16-be" if start[:1] in (b"\x00", b"\xfe") else "utf-16-le"
        return start.decode(encoding, "replace").lstrip("\ufeff")
    return start.decode("utf-8-sig", "replace")
