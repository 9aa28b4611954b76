"""How much a request may bring: refused before anything of it is read, parsed, or written to the disk.

A view that takes files says so where its address is given: `path("…", takes_files(view))`. A body without a length is
read as empty, so there is nothing to limit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from portal.kit.formats import file_size

MEGABYTE = 1024 * 1024
# What stands around files in a form.
ROOM_FOR_FIELDS = MEGABYTE
# Forms of people who have not signed in: an address, a password, a code. Less than what Django keeps in memory.
ANONYMOUS_BYTES = 256 * 1024


def takes_files(view: Callable[..., Any], *, most: int | None = None) -> Callable[..., Any]:
    """Let the view's requests be as large as its files, in bytes; the portal's own limit unless given."""
    vars(view)["files_of"] = most or settings.UPLOAD_MAX_BYTES
    return view


def most_bytes(request: HttpRequest) -> int:
    """How many bytes this request may bring."""
    if not request.user.is_authenticated:
        return ANONYMOUS_BYTES
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return ANONYMOUS_BYTES
    files: int = getattr(view, "files_of", 0)
    return files + ROOM_FOR_FIELDS if files else int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)


class BodyLimit:
    """Middleware; stands behind the one that knows who asks, before whatever reads a form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            return HttpResponse("The length of the request is not a number.", status=400)
        # Most requests bring little or nothing, and who asks need not be known for them.
        if int(length) <= ANONYMOUS_BYTES or int(length) <= (most := most_bytes(request)):
            return self.get_response(request)
        answer = render(request, "413.html", {"most": file_size(most)}, status=413)
        answer["Connection"] = "close"
        return answer
