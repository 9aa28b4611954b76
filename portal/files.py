"""Checks on an uploaded file, its private storage, and the answer that hands it out again.

A file is taken only when its extension is allowed AND its content is of that kind AND, for a PDF, it opens as one
without scripts or embedded files. Names are shown, never used as paths.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

import pikepdf
import puremagic
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse

from portal.models import Document, User

MEGABYTE = 1024 * 1024
SIZE_LIMIT = 25 * MEGABYTE

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
    "txt": ("text/plain", frozenset()),
}
OFFICE_PART = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}
FORBIDDEN_IN_PDF = ("/JavaScript", "/JS", "/EmbeddedFiles", "/OpenAction", "/AA", "/Launch")


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


def check_file(upload: UploadedFile, *, size_limit: int = SIZE_LIMIT) -> CheckedFile:
    """Read and check an upload. Raises FileRefused."""
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
    return extension


def _check_text(data: bytes, extension: str) -> str:
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused(f"The content is not text, as .{extension} says.")
    head = data[:1024].lstrip().lower()
    if head.startswith((b"<!doctype", b"<html", b"<svg", b"<script", b"%pdf", b"mz", b"pk\x03\x04")):
        raise FileRefused(f"The content is not what the name says (.{extension}).")
    return extension


def _check_office(data: bytes, extension: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise FileRefused("The file is damaged and does not open.") from None
    if unpacked > 20 * SIZE_LIMIT:
        raise FileRefused("The file unpacks to more than we can read.")
    if OFFICE_PART[extension] not in names:
        raise FileRefused(f"The content is not what the name says (.{extension}).")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused("Files with macros are not taken.")


def _pdf_pages(data: bytes) -> int:
    """Pages of a PDF that begins as one, opens without repair or password and holds nothing that runs."""
    if not data.startswith(b"%PDF-"):
        raise FileRefused("The content is not a clean PDF: something stands before its beginning.")
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as pdf:
            pages = len(pdf.pages)
            risky = sorted(_risky_keys(pdf))
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


def _risky_keys(pdf: pikepdf.Pdf) -> set[str]:
    found = {key for key in FORBIDDEN_IN_PDF if key in pdf.Root}
    names = pdf.Root.get("/Names")
    if names is not None:
        found |= {key for key in ("/JavaScript", "/EmbeddedFiles") if key in names}
    for page in pdf.pages:
        if "/AA" in page.obj:
            found.add("/AA")
    return found


def store(checked: CheckedFile, *, by: User | None, at: datetime) -> Document:
    """Keep a checked file in private storage."""
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
    document.file.save(checked.name, ContentFile(checked.data), save=False)
    document.save()
    return document


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
