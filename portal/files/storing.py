"""Checks on an uploaded file, its private storage, and the answer that hands it out again.

What is inside a file is judged by portal/hostile, in a child process with limits. Names are shown, never used as paths.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import IO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, ProtectedError, RestrictedError
from django.dispatch import Signal
from django.http import FileResponse, HttpRequest

from portal.accounts import access
from portal.accounts.models import AccessEvent
from portal.files import sandbox, scanner
from portal.files.hostile.kinds import KINDS, FileRefused, check_text
from portal.files.models import Document, private_path
from portal.files.sandbox import MEGABYTE
from portal.frame import jobs
from portal.letters import notices
from portal.people.models import User

log = logging.getLogger(__name__)
UNPACKED_LIMIT = 500 * MEGABYTE
# What opening one file may cost in its child: processor seconds, bytes of memory, seconds by the clock.
CPU_SECONDS, MEMORY, WALL_SECONDS = 8, 190 * MEGABYTE, 20.0
TEXT_KINDS = frozenset(kind for kind, (_, sniffed) in KINDS.items() if not sniffed)
READ = 65536
REMOVED_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class CheckedFile:
    """A file that passed the checks: `size` in bytes, `pages` for PDFs."""

    name: str
    extension: str
    sniffed: str
    content_type: str
    size: int
    sha256: str
    source: UploadedFile
    pages: int | None = None

    @property
    def data(self) -> bytes:
        """The whole content; a large file stays on the disk until somebody asks."""
        self.source.seek(0)
        return bytes(self.source.read())


def clean_name(name: str) -> str:
    """The last part of a name without control, direction or path characters, at most 200 long."""
    last = PurePosixPath(name.replace("\\", "/")).name
    visible = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    tidy = re.sub(r"\s+", " ", visible).strip(" .")
    stem, dot, extension = tidy.rpartition(".")
    return f"{stem[:190]}{dot}{extension[:10]}" if dot else tidy[:200]


def extension_of(name: str) -> str:
    """The end of a name, in lower case, without the dot."""
    return PurePosixPath(name).suffix.lower().lstrip(".")


def check_file(upload: UploadedFile, *, size_limit: int | None = None) -> CheckedFile:
    """Check an upload; `size_limit` in bytes, the portal's own unless given. Raises FileRefused.

    What has a structure is opened in a child process with limits; only the first bytes of a text are looked at here.
    """
    size_limit = size_limit or settings.UPLOAD_MAX_BYTES
    name = clean_name(upload.name or "")
    extension = extension_of(name)
    if extension not in KINDS:
        raise FileRefused(f"We can’t accept this file type. Upload one of: {', '.join(sorted(KINDS))}.")
    if upload.size is None or upload.size > size_limit:
        raise FileRefused(f"The file is larger than {size_limit // MEGABYTE} MB.")
    if not upload.size:
        raise FileRefused("The file is empty.")
    pages = None
    if extension in TEXT_KINDS:
        upload.seek(0)
        check_text(upload.read(4096), extension)
    else:
        pages = _judged_in_a_child(upload, extension)
    return CheckedFile(
        name=name,
        extension=extension,
        sniffed=extension,
        content_type=KINDS[extension][0],
        size=upload.size,
        sha256=_sha256(upload),
        source=upload,
        pages=pages,
    )


def _judged_in_a_child(upload: UploadedFile, extension: str) -> int | None:
    """The number of pages, where the kind has any. Raises FileRefused."""
    try:
        verdict = sandbox.run_limited(
            "portal.files.hostile:judge",
            [extension, {"unpacked": UNPACKED_LIMIT}],
            source=cast("IO[bytes]", upload),
            cpu_s=CPU_SECONDS,
            memory_bytes=MEMORY,
            wall_s=WALL_SECONDS,
        )
    except OSError as error:
        raise NotStored from error
    except sandbox.Busy:
        raise FileRefused("We’re checking many files right now. Try again in a minute.") from None
    except sandbox.TooMuch:
        raise FileRefused(
            "The file takes too much time or memory to open. Save it again in a simpler form."
        ) from None
    except sandbox.Failed as failure:
        log.error("a file could not be checked: %s", failure)
        raise FileRefused("The file is damaged and doesn’t open.") from None
    if not verdict["ok"]:
        raise FileRefused(str(verdict["why"]))
    pages: int | None = verdict["pages"]
    return pages


def _sha256(file: File[bytes]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(READ):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def is_as_stored(document: Document) -> bool:
    """Whether the disk still holds the file that was uploaded, to the byte."""
    try:
        with document.file.open("rb") as file:
            return _sha256(file) == document.sha256
    except OSError:
        return False


# Sent before a file is stored, with `by` and `size` in bytes; a receiver raises NoRoom.
storing = Signal()


class NoRoom(Exception):
    """The company of who sends the file has its share already; the message says so, in words for the person."""


class NotStored(Exception):
    """The disk did not take the file. Nothing of it is left; what was saved before stands."""


def store(checked: CheckedFile, *, by: User | None, at: datetime) -> Document:
    """Keep a checked file in private storage. Raises NotStored or NoRoom; every page answers them in the same words."""
    if by is not None:
        storing.send(sender=Document, by=by, size=checked.size)
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
        scan=Document.Scan.PENDING if scanner.is_configured() else Document.Scan.UNSCANNED,
    )
    try:
        checked.source.seek(0)
        document.file.save(checked.name, File(checked.source), save=False)
    except OSError as error:
        _remove_what_was_written(document)
        raise NotStored from error
    document.save()
    if document.scan == Document.Scan.PENDING:
        jobs.enqueue_name_on_commit("portal.files.tasks.scan_document", str(document.pk))
    return document


def _remove_what_was_written(document: Document) -> None:
    storage = document.file.storage
    with contextlib.suppress(OSError):
        storage.delete(private_path(document, document.name))


def scanned(document: Document, *, clean: bool, at: datetime) -> None:
    """Store the scanner's verdict; who sent a file with malware in it gets a letter."""
    with transaction.atomic():
        verdict = Document.Scan.CLEAN if clean else Document.Scan.INFECTED
        waiting = Document.objects.filter(pk=document.pk, scan=Document.Scan.PENDING)
        if not waiting.update(scan=verdict) or clean:
            return
        log.warning("malware in document %s", document.pk)
        if document.uploaded_by:
            notices.post(
                [document.uploaded_by],
                key=f"infected:{document.pk}",
                subject="We found malware in a file you uploaded",
                body=f"Our scanner found malware in “{document.name}”. No one can open it here.\n\n"
                "Remove the file, scan your computer, and upload a clean copy.\n",
                at=at,
            )


class NotHandedOut(Exception):
    """The file is not handed out now; `document` says why."""

    def __init__(self, document: Document) -> None:
        self.document = document


def hand_out(document: Document, request: HttpRequest) -> FileResponse:
    """The file as a download that no browser interprets. The caller has checked who asks.

    What staff take away is in the access log. Raises NotHandedOut; see `may_be_taken`.
    """
    may_be_taken(document, request)
    return as_download(document.file.open("rb"), document)


def may_be_taken(document: Document, request: HttpRequest) -> None:
    """Put into the access log that staff take the file away. Raises NotHandedOut for a file with malware in it, and, to
    others than who sent it, for one that still waits for the scanner."""
    user = request.user if isinstance(request.user, User) else None
    pending = document.scan == Document.Scan.PENDING
    if document.scan == Document.Scan.INFECTED or (pending and (not user or user != document.uploaded_by)):
        raise NotHandedOut(document)
    if user and not user.is_supplier:
        access.record(AccessEvent.Kind.DOWNLOAD, request, user=user, about=f"document {document.pk}")


def as_download(content: IO[bytes], document: Document) -> FileResponse:
    """This content under the document's name and kind."""
    response = FileResponse(
        content,
        as_attachment=True,
        filename=document.name,
        content_type=document.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def remove_unused(*, before: datetime) -> int:
    """Remove documents that were stored before then and that nothing refers to; returns how many."""
    unused = Document.objects.filter(uploaded_at__lt=before)
    for relation in Document._meta.related_objects:
        users = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
        unused = unused.exclude(Exists(users))
    count = 0
    for pk in unused.values_list("pk", flat=True)[:REMOVED_AT_ONCE]:
        with transaction.atomic():
            # Whoever refers to it meanwhile holds the row; then the delete fails, and it stays.
            document = Document.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if document is None:
                continue
            with contextlib.suppress(IntegrityError, ProtectedError, RestrictedError), transaction.atomic():
                document.delete()
                transaction.on_commit(
                    partial(document.file.storage.delete, str(document.file.name)), robust=True
                )
                count += 1
    return count
