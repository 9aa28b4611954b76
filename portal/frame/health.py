"""Two questions a load balancer asks: is the process alive, and can it do its work.

They are answered before anything else looks at the request: whoever asks does so by an address, not by the name that
the portal answers to, and without HTTPS.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from portal.frame import jobs


class Health:
    """Middleware that answers `/healthz` and `/readyz`, whatever the Host header says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = ANSWERS.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = answer()
        response["Cache-Control"] = "no-store"
        return response


def healthz() -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def readyz() -> JsonResponse:
    """503 when the database does not answer.

    Without Redis pages and submissions still work, so a load balancer must not take every web process away: that is
    `degraded`, with 200.
    """
    database, redis = _database_answers(), jobs.broker_answers(newer_than=0)
    status = "unavailable" if not database else "ok" if redis else "degraded"
    parts = {"status": status, "database": database, "redis": redis}
    return JsonResponse(parts, status=200 if database else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


ANSWERS: dict[str, Callable[[], JsonResponse]] = {"/healthz": healthz, "/readyz": readyz}
