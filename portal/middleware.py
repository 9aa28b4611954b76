"""Answers that any page may have to give."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.files import NotStored

log = logging.getLogger(__name__)


class InWords:
    """No dead ends: an address that only takes forms, and a full disk, are said in words.

    Nothing that was saved before is lost by a full disk; operators find it in the log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if answer.status_code == 405 and request.method == "GET" and not answer.content:
            # Signing in again may lead to an address that only takes what a form sends.
            words = render(request, "405.html", status=405)
            words["Allow"] = answer["Allow"]
            return words
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, NotStored) and not _is_disk_full(error):
            return None
        log.error("no room left: %s", type(error.__cause__ or error).__name__)
        return render(request, "507.html", status=507)


def _is_disk_full(error: Exception) -> bool:
    # PostgreSQL's class 53: insufficient resources; 53100 is disk_full.
    code = getattr(error.__cause__, "pgcode", None)
    return isinstance(error, OperationalError) and code == "53100"
