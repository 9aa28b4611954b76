"""PostgreSQL stopped or restarting: every page says so in a sentence, with 503 and Retry-After, and never as a fault.

Nothing here asks the database, so the answer needs neither a session nor a user. A transaction that was under way is
in or it is not; whoever sends a form again changes nothing twice.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = logging.getLogger(__name__)

# How long a browser should wait before it asks again, in seconds: an embedded server is back within two.
RETRY_SECONDS = 5
# PostgreSQL's codes for a server that is going, crashed, or not there yet, for connections that broke, and for too
# many of them. A connection that never came about has no code.
GONE = ("57P01", "57P02", "57P03", "08", "53300")
# What libpq says of an answer that was cut off; psycopg2 then raises no narrower class than DatabaseError.
CUT_OFF = ("no message from the libpq", "server closed the connection", "connection already closed")
SENTENCE = (
    "We can’t reach our database right now. Your saved work is safe. Please try again in a few seconds."
)
SENTENCE_SENT = (
    "We can’t reach our database right now, so this may not have been saved. Please try again in a few seconds. "
    "It’s safe to send it again."
)


def is_outage(error: BaseException | None) -> bool:
    """Whether the error, or what caused it, says that the database is not there."""
    return any(_is_gone(each) for each in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_gone(error: BaseException) -> bool:
    if isinstance(error, (psycopg2.OperationalError, OperationalError)):
        # Django's own class carries no code; the driver's, which caused it, does.
        code = getattr(error if hasattr(error, "pgcode") else error.__cause__, "pgcode", None)
        return code is None or code.startswith(GONE)
    if isinstance(error, (psycopg2.Error, InterfaceError)):
        return any(words in str(error) for words in CUT_OFF)
    return False


class DatabaseAway:
    """Middleware that turns what a missing database raised, in a view or on the way to it, into an answer in words.

    Django makes a 500 of an error at the layer that it leaves, and in development a page of debugging. So the error is
    noted when Django tells of it, and the answer is replaced here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        return unavailable(request) if getattr(request, "database_away", False) else answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What a view raises is answered at once; the log gets a line, not a traceback."""
        if not is_outage(error):
            return None
        log.warning("the database does not answer: %s", type(error).__name__)
        return unavailable(request)


class KeptSessions(SessionMiddleware):
    """Django's sessions. When one cannot be saved Django says that it was deleted meanwhile, with 400, also where the
    database went away after the view had done its work."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except SessionInterrupted as error:
            if is_outage(error):
                vars(request)["database_away"] = True
            raise


@receiver(got_request_exception, dispatch_uid="portal.frame.outage")
def _note(request: HttpRequest | None = None, **_: Any) -> None:
    if request is not None and is_outage(sys.exc_info()[1]):
        vars(request)["database_away"] = True


def unavailable(request: HttpRequest) -> HttpResponse:
    """A calm page, or for htmx the sentence alone, which forms.js shows at the top of the page that asked."""
    sent = request.method not in ("GET", "HEAD")
    words = SENTENCE_SENT if sent else SENTENCE
    if "HX-Request" in request.headers:
        answer = HttpResponse(words, content_type="text/plain; charset=utf-8", status=503)
    else:
        # Without the request: the context processors would ask who is signed in.
        again = "" if sent else request.get_full_path()
        answer = render(None, "503.html", {"words": words, "again": again}, status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


class InOneLine(logging.Filter):
    """For Django's own log of failed requests: the database being away is one line, not a traceback each time."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and is_outage(record.exc_info[1]):
            record.msg, record.args = (
                "the database does not answer: %s",
                (type(record.exc_info[1]).__name__,),
            )
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True
