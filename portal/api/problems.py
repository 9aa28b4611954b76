"""Errors of the API."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

PROBLEM = "application/problem+json"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """RFC 9457: every error in one shape, with its own media type."""
    answer = exception_handler(error, context)
    if answer is None:
        return None
    detail = answer.data.get("detail", "") if isinstance(answer.data, dict) else ""
    title = getattr(error, "default_detail", "") or answer.status_text
    answer.data = {
        "type": "about:blank",
        "title": str(title).rstrip("."),
        "status": answer.status_code,
        "detail": str(detail or title),
    }
    answer.content_type = PROBLEM
    return answer
