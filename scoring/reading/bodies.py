"""A supplier's file for a reader who may not know the supplier: without what programs wrote about its author, and only
if its own words name nobody."""

from __future__ import annotations

import base64
import io
import logging
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal.files import sandbox
from portal.files.sandbox import MEGABYTE
from portal.files.storing import as_download, may_be_taken
from rfp.models import Attachment, Proposal
from scoring.panel import names
from scoring.redaction import Withheld

log = logging.getLogger(__name__)
CPU_SECONDS, MEMORY, WALL_SECONDS = 10, 400 * MEGABYTE, 25.0
# A file comes back in base64, with its words beside it.
LARGEST_ANSWER = 120 * MEGABYTE

NAMED = (
    "This file is withheld",
    "It names the supplier, and names are hidden until prices open. An admin can release it.",
)
UNREAD = (
    "This file is withheld",
    "We can’t read the text in it, so it may name the supplier. Names are hidden until prices open. An admin can read "
    "the file and release it.",
)
BUSY = ("This file isn’t ready yet", "We’re reading many files right now. Try again in a minute.")


def hand_out_nameless(
    request: HttpRequest, attachment: Attachment, proposal: Proposal, hidden: Withheld
) -> HttpResponseBase:
    """The file under a neutral name, or a page that says why it is withheld. Raises NotHandedOut as `hand_out` does."""
    names.name_neutrally([attachment], proposal)
    document = attachment.document
    may_be_taken(document, request)
    found = _read(attachment)
    if found is None:
        return _said(request, BUSY)
    # A file that breaks its reader has no version without its properties.
    is_released = hasattr(attachment, "release") and bool(found["file"])
    if not is_released and found["words"] is None:
        return _said(request, UNREAD)
    if not is_released and hidden.is_named_in(found["words"]):
        return _said(request, NAMED)
    return as_download(io.BytesIO(base64.b64decode(found["file"])), document)


def _read(attachment: Attachment) -> dict[str, Any] | None:
    """The file's words, and the file without its properties; no words where it takes too much to read. None if busy."""
    with attachment.document.file.open("rb") as source:
        try:
            found: dict[str, Any] = sandbox.run_limited(
                "portal.files.hostile.words:read",
                [attachment.document.extension],
                source=source,
                cpu_s=CPU_SECONDS,
                memory_bytes=MEMORY,
                wall_s=WALL_SECONDS,
                answer_bytes=LARGEST_ANSWER,
            )
        except sandbox.Busy:
            return None
        except sandbox.SandboxError as problem:
            # It opens for those who may know the supplier; nobody else gets it as it is.
            log.warning("attachment %s was not read: %s", attachment.pk, type(problem).__name__)
            return {"words": None, "file": ""}
    return found


def _said(request: HttpRequest, about: tuple[str, str]) -> HttpResponseBase:
    title, words = about
    return render(request, "portal/file_waits.html", {"title": title, "words": words}, status=409)
