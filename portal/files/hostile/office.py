"""A workbook or a letter: an archive whose XML declares nothing, without macros, names that lead out, or bombs."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import PurePosixPath
from xml.parsers import expat

from portal.files.hostile.kinds import NOT_WHAT_IT_SAYS, FileRefused

OFFICE_PART = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}
XML_PARTS = (".xml", ".rels")
MOST_PARTS = 20_000
# An office program writes its first element within the first line. A parser's work on what may stand before it, such
# as one long comment, grows with the square of the length.
PROLOG_BYTES = 64 * 1024
STRANGE = "The file has parts that Office programs don’t create. Save it again and upload the new file."


def check_office(data: bytes, extension: str, *, unpacked: int) -> None:
    """Raises FileRefused; `unpacked` is the most bytes that all parts together may come to."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > unpacked:
                raise FileRefused("The file is too large to read once unpacked.")
            if any(entry.flag_bits & 1 for entry in entries):
                raise FileRefused("The file has a password. Remove it and upload the file again.")
            parts = [entry for entry in entries if entry.filename.lower().endswith(XML_PARTS)]
            strange = any(not _begins_plainly(archive, part) for part in parts)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, expat.ExpatError):
        raise FileRefused("The file is damaged and doesn’t open.") from None
    if OFFICE_PART[extension] not in names:
        raise FileRefused(NOT_WHAT_IT_SAYS.format(extension=extension))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused("We can’t accept files with macros.")
    if strange or any(name.startswith(("/", "\\")) or ".." in PurePosixPath(name).parts for name in names):
        raise FileRefused(STRANGE)


class _Seen(Exception):
    """Ends the reading of an XML part; `dtd` says whether a document type came before the first element."""

    def __init__(self, *, dtd: bool) -> None:
        self.dtd = dtd


def _begins_plainly(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether the first element comes soon, and no document type, where entities are declared, before it."""

    def seen_dtd(*_: object) -> None:
        raise _Seen(dtd=True)

    def seen_element(*_: object) -> None:
        raise _Seen(dtd=False)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler = seen_dtd, seen_element
    try:
        with archive.open(part) as stream:
            head = stream.read(PROLOG_BYTES)
        parser.Parse(head, len(head) < PROLOG_BYTES)
    except _Seen as seen:
        return not seen.dtd
    return not head
