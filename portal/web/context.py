"""What every page knows besides its own content."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.frame import jobs


def jobs_delayed(request: HttpRequest) -> dict[str, object]:
    """`jobs_delayed`: whether checks, reports and letters wait because the broker is down. Asked only where shown."""
    return {"jobs_delayed": SimpleLazyObject(lambda: not jobs.broker_answers())}
