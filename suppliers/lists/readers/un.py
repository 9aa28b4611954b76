"""The consolidated list of the United Nations Security Council, XML. Pure.

Document type definitions, entities and external references are refused: a list needs none of them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as SafeTree

from suppliers.lists.head import Head
from suppliers.lists.reading import ListError, Sheet, distinct, plain, refuse_other_kinds, several
from suppliers.lists.records import Draft, settled, warn_of_nameless
from suppliers.lists.values import country, day, digest, in_words, official_id
from suppliers.matching.party import ListedParty

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ROOT = "CONSOLIDATED_LIST"
MOST_XML_BYTES = 64 * 1024 * 1024
MOST_DEPTH = 20
_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_ADDRESS = ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY")
_WEAK = frozenset(("low", "weak"))
_NO_NAME = frozenset(("", "na", "n/a", "not available"))


def read(sheet: Sheet) -> tuple[tuple[ListedParty, ...], int]:
    """The parties in the order of the file, and how many entries it has. A row is an entry, from 1.

    Raises ListError.
    """
    root = _parsed(sheet)
    drafts: list[Draft] = []
    nameless: list[int] = []
    rows = 0
    for rows, (kind, entry) in enumerate(_entries(root), start=1):
        party = _party(sheet, rows, kind, entry)
        if party.name:
            drafts.append(Draft(party, "\x1f".join((party.name, *party.aliases, party.remarks)), rows))
        else:
            nameless.append(rows)
    warn_of_nameless(sheet, nameless)
    if not drafts:
        raise sheet.error("has no records.")
    return settled(drafts), rows


def part_by_root(head: Head) -> str:
    """Known by its root element."""
    return "main" if not head.cells and re.search(rf"<{ROOT}\b", head.text) else ""


def _parsed(sheet: Sheet) -> Element:
    refuse_other_kinds(sheet, "the UN consolidated list", xml=True)
    if len(sheet.data) > MOST_XML_BYTES:
        raise sheet.error(f"the file is larger than {MOST_XML_BYTES // 1024**2} MB.")
    events = SafeTree.iterparse(
        io.BytesIO(sheet.data.rstrip(b"\x00\x1a \r\n")),
        events=("start", "end"),
        forbid_dtd=True,
        forbid_entities=True,
        forbid_external=True,
    )
    try:
        return _root(sheet, events)
    except DefusedXmlException as problem:
        raise sheet.error(
            "the XML has a document type, entities or external references, which are not allowed."
        ) from problem
    except SafeTree.ParseError as problem:
        raise sheet.error("the XML is not valid.", problem.position[0]) from problem
    except (ValueError, LookupError) as problem:
        if isinstance(problem, ListError):
            raise
        raise sheet.error("the XML uses an encoding that can't be read.") from problem


def _root(sheet: Sheet, events: Iterable[tuple[str, Element]]) -> Element:
    """The finished root. Raises ListError as soon as the XML is of another kind, or nested without end."""
    root: Element | None = None
    depth = 0
    for event, element in events:
        depth += 1 if event == "start" else -1
        if depth > MOST_DEPTH:
            raise sheet.error("the XML is nested too deeply.")
        if root is None:
            root = element
            if root.tag != ROOT:
                raise sheet.error(
                    f"this is not the UN consolidated list. Its root is {shown(root.tag)}, not {ROOT}."
                )
    if root is None:
        raise sheet.error("the XML is empty.")
    return root


def shown(tag: str) -> str:
    return plain(str(tag))[:60]


def _entries(root: Element) -> Iterator[tuple[str, Element]]:
    for path, kind in (("INDIVIDUALS/INDIVIDUAL", "individual"), ("ENTITIES/ENTITY", "entity")):
        for entry in root.iterfind(path):
            yield kind, entry


def _party(sheet: Sheet, row: int, kind: str, entry: Element) -> ListedParty:
    name = plain(" ".join(_text(entry, tag) for tag in _NAMES))
    reference = _text(entry, "REFERENCE_NUMBER")
    prefix = kind.upper()
    strong, weak = _aliases(entry, f"{prefix}_ALIAS")
    addresses = entry.findall(f"{prefix}_ADDRESS")
    return ListedParty(
        record_id=official_id(_text(entry, "DATAID") or reference) or digest(name, kind),
        name=name,
        list_code="UN",
        aliases=distinct((*strong, _text(entry, "NAME_ORIGINAL_SCRIPT"), *weak)),
        kind=kind,
        programme=_text(entry, "UN_LIST_TYPE"),
        countries=distinct(country(_text(address, "COUNTRY")) for address in addresses),
        addresses=distinct(
            ", ".join(part for tag in _ADDRESS if (part := _text(address, tag))) for address in addresses
        ),
        identifiers=(("UN", reference),) if reference else (),
        starts=day(sheet, row, _text(entry, "LISTED_ON"), what="date of listing"),
        citation=reference,
        remarks=in_words(
            comments=_text(entry, "COMMENTS1"),
            title="; ".join(_values(entry, "TITLE")),
            designation="; ".join(_values(entry, "DESIGNATION")),
            nationality="; ".join(_values(entry, "NATIONALITY")),
        ),
        weak_aliases=tuple(alias for alias in weak if alias not in strong),
    )


def _aliases(entry: Element, tag: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Other names, good ones and those of low quality."""
    strong: list[str] = []
    weak: list[str] = []
    for alias in entry.iterfind(tag):
        kept = weak if _text(alias, "QUALITY").lower() in _WEAK else strong
        kept.extend(name for name in several(_text(alias, "ALIAS_NAME")) if name.lower() not in _NO_NAME)
    return distinct(strong), distinct(weak)


def _values(entry: Element, tag: str) -> tuple[str, ...]:
    return distinct(plain(value.text or "") for value in entry.iterfind(f"{tag}/VALUE"))


def _text(entry: Element, tag: str) -> str:
    return plain(entry.findtext(tag) or "")
