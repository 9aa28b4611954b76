"""Checks on an uploaded file, its private storage, and the answer that hands it out again.

A file is taken only when its extension is allowed AND its content is of that kind AND, for a PDF, it opens as one
without scripts or embedded files. Names are shown, never used as paths.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from xml.parsers import expat

import pikepdf
import puremagic
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse

from portal.models import Document, User, private_path

MEGABYTE = 1024 * 1024
UNPACKED_LIMIT = 500 * MEGABYTE

# Extension → (content type, what the sniffer may call it). Text kinds have no signature and are decoded instead.
KINDS: dict[str, tuple[str, frozenset[str]]] = {
    "pdf": ("application/pdf", frozenset({"pdf"})),
    "png": ("image/png", frozenset({"png"})),
    "jpg": ("image/jpeg", frozenset({"jpg", "jpeg", "jfif", "jpe"})),
    "jpeg": ("image/jpeg", frozenset({"jpg", "jpeg", "jfif", "jpe"})),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        frozenset({"xlsx", "zip", "docx", "pptx", "ooxml", "xlsm"}),
    ),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        frozenset({"docx", "zip", "xlsx", "pptx", "ooxml", "docm"}),
    ),
    "csv": ("text/csv", frozenset()),
    "tsv": ("text/tab-separated-values", frozenset()),
    "txt": ("text/plain", frozenset()),
}
OFFICE_PART = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}
# Keys and kinds of action in a PDF that make a reader do something, or that carry another file.
FORBIDDEN_KEYS = frozenset(
    {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/AA", "/XFA", "/RichMediaContent"}
)
HARMLESS_ACTIONS = frozenset({"/GoTo", "/URI", "/Named"})
XML_PARTS = (".xml", ".rels")


class FileRefused(ValueError):
    """The file is not taken; the message says why, in words for the person who sent it."""


@dataclass(frozen=True, kw_only=True)
class CheckedFile:
    """A file that passed the checks: `size` in bytes, `pages` for PDFs."""

    name: str
    extension: str
    sniffed: str
    content_type: str
    data: bytes
    sha256: str
    pages: int | None = None

    @property
    def size(self) -> int:
        return len(self.data)


def clean_name(name: str) -> str:
    """The last part of a name without control, direction or path characters, at most 200 long."""
    last = PurePosixPath(name.replace("\\", "/")).name
    visible = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    tidy = re.sub(r"\s+", " ", visible).strip(" .")
    stem, dot, extension = tidy.rpartition(".")
    return f"{stem[:190]}{dot}{extension[:10]}" if dot else tidy[:200]


def check_file(upload: UploadedFile, *, size_limit: int | None = None) -> CheckedFile:
    """Read and check an upload; `size_limit` in bytes, the portal's own unless given. Raises FileRefused."""
    size_limit = size_limit or settings.UPLOAD_MAX_BYTES
    name = clean_name(upload.name or "")
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    if extension not in KINDS:
        raise FileRefused(f"Files of this kind are not taken. Send one of: {', '.join(sorted(KINDS))}.")
    if upload.size is None or upload.size > size_limit:
        raise FileRefused(f"The file is larger than {size_limit // MEGABYTE} MB.")
    data = upload.read()
    if not data:
        raise FileRefused("The file is empty.")
    sniffed = _sniff(data, extension)
    return CheckedFile(
        name=name,
        extension=extension,
        sniffed=sniffed,
        content_type=KINDS[extension][0],
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        pages=_pdf_pages(data) if extension == "pdf" else None,
    )


def _sniff(data: bytes, extension: str) -> str:
    """The kind the content shows, as an extension. Raises FileRefused when it is another than the name says."""
    allowed = KINDS[extension][1]
    if not allowed:
        return _check_text(data, extension)
    try:
        found = {match.extension.lstrip(".").lower() for match in puremagic.magic_string(data)}
    except puremagic.PureError:
        found = set()
    if not found & allowed:
        raise FileRefused(f"The content is not what the name says (.{extension}).")
    if extension in OFFICE_PART:
        _check_office(data, extension)
    elif extension != "pdf":
        _check_image(data, extension)
    return extension


def _check_text(data: bytes, extension: str) -> str:
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused(f"The content is not text, as .{extension} says.")
    head = data[:1024].lstrip().lower()
    if head.startswith((b"<!doctype", b"<html", b"<svg", b"<script", b"%pdf", b"pk\x03\x04")):
        raise FileRefused(f"The content is not what the name says (.{extension}).")
    return extension


def _check_image(data: bytes, extension: str) -> None:
    """A picture that is whole and is nothing else besides. Phones may write after a JPEG's end."""
    whole = data.endswith(b"IEND\xaeB`\x82") if extension == "png" else b"\xff\xd9" in data
    if not whole:
        raise FileRefused("The picture is damaged and does not open.")
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise FileRefused(f"The content is not what the name says (.{extension}).")


def _check_office(data: bytes, extension: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
                raise FileRefused("The file unpacks to more than we can read.")
            if any(entry.flag_bits & 1 for entry in entries):
                raise FileRefused("The file is locked with a password. Send it unlocked.")
            parts = [entry for entry in entries if entry.filename.lower().endswith(XML_PARTS)]
            has_dtd = any(_declares_entities(archive, part) for part in parts)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, expat.ExpatError):
        raise FileRefused("The file is damaged and does not open.") from None
    if OFFICE_PART[extension] not in names:
        raise FileRefused(f"The content is not what the name says (.{extension}).")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused("Files with macros are not taken.")
    if has_dtd or any(name.startswith(("/", "\\")) or ".." in PurePosixPath(name).parts for name in names):
        raise FileRefused("The file holds parts that no office program writes. Save it again and send that.")


class _Seen(Exception):
    """Ends the reading of an XML part; `dtd` says whether a document type came before the first element."""

    def __init__(self, *, dtd: bool) -> None:
        self.dtd = dtd


def _declares_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether an XML part has a document type, where entities are declared; reads up to its first element."""

    def seen_dtd(*_: object) -> None:
        raise _Seen(dtd=True)

    def seen_element(*_: object) -> None:
        raise _Seen(dtd=False)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler = seen_dtd, seen_element
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(65536):
                parser.Parse(chunk)
    except _Seen as seen:
        return seen.dtd
    return False


def _pdf_pages(data: bytes) -> int:
    """Pages of a PDF that begins as one, opens without repair or password and holds nothing that runs."""
    if not data.startswith(b"%PDF-"):
        raise FileRefused("The content is not a clean PDF: something stands before its beginning.")
    if data.rpartition(b"%%EOF")[2].strip(b"\x00\t\n\f\r ") or zipfile.is_zipfile(io.BytesIO(data)):
        raise FileRefused("The PDF is damaged, or something stands after its end. Save it again as PDF.")
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as pdf:
            pages = len(pdf.pages)
            risky = _risky_parts(pdf)
    except pikepdf.PasswordError:
        raise FileRefused("The PDF is locked with a password. Send it unlocked.") from None
    except (pikepdf.PdfError, ValueError, RuntimeError):
        raise FileRefused("The PDF is damaged and does not open.") from None
    if risky:
        raise FileRefused(
            "The PDF holds scripts, actions or embedded files. Print it to a new PDF and send that."
        )
    if not pages:
        raise FileRefused("The PDF has no pages.")
    return pages


def _risky_parts(pdf: pikepdf.Pdf) -> set[str]:
    """Names of what runs or is carried along, anywhere in the file."""
    found: set[str] = set()
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and str(opening.get("/S")) not in HARMLESS_ACTIONS:
        found.add("/OpenAction")
    # Indirect objects are all listed; only what stands directly inside one must be followed.
    waiting: list[pikepdf.Object] = list(pdf.objects)
    while waiting:
        each = waiting.pop()
        if isinstance(each, pikepdf.Array):
            waiting += [child for child in each if _is_nested(child)]
        elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            keys = set(each.keys())
            found |= keys & FORBIDDEN_KEYS
            if "/S" in keys and str(each["/S"]) in ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm"):
                found.add(str(each["/S"]))
            waiting += [child for key in keys if _is_nested(child := each[key])]
    return found


def _is_nested(child: object) -> bool:
    return isinstance(child, pikepdf.Array | pikepdf.Dictionary) and not child.is_indirect


class NotStored(Exception):
    """The disk did not take the file. Nothing of it is left; what was saved before stands."""


def store(checked: CheckedFile, *, by: User | None, at: datetime) -> Document:
    """Keep a checked file in private storage. Raises NotStored, which every page answers in the same words."""
    document = Document(
        name=checked.name,
        extension=checked.extension,
        sniffed=checked.sniffed,
        content_type=checked.content_type,
        size=checked.size,
        sha256=checked.sha256,
        opens=True,
        pages=checked.pages,
        uploaded_by=by,
        uploaded_at=at,
    )
    try:
        document.file.save(checked.name, ContentFile(checked.data), save=False)
    except OSError as error:
        _remove_what_was_written(document)
        raise NotStored from error
    document.save()
    return document


def _remove_what_was_written(document: Document) -> None:
    storage = document.file.storage
    with contextlib.suppress(OSError):
        storage.delete(private_path(document, document.name))


def hand_out(document: Document) -> FileResponse:
    """The file as a download that no browser interprets. The caller has checked who asks."""
    response = FileResponse(
        document.file.open("rb"),
        as_attachment=True,
        filename=document.name,
        content_type=document.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
