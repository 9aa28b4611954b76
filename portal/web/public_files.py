"""Answers that are the same for everybody: kept by caches, asked again by fingerprint."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response


def public(request: HttpRequest, body: bytes, content_type: str) -> HttpResponse:
    """The body with an ETag, or 304 where the reader has it. It must not depend on who asks."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer = HttpResponse(body, content_type=content_type)
    answer["ETag"] = etag
    # A cache may keep it, and asks each time whether it still holds.
    answer["Cache-Control"] = "public, no-cache"
    answer["Access-Control-Allow-Origin"] = "*"
    conditional = get_conditional_response(request, etag=etag, response=answer)
    assert isinstance(conditional, HttpResponse), "it is given a response, and gives one back"
    return conditional


def public_json(request: HttpRequest, data: Any, content_type: str = "application/json") -> HttpResponse:
    body = json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"
    return public(request, body, content_type)


def whole_address(request: HttpRequest, path: str) -> str:
    """A path with the portal's own host: the one set for it, or else the one that was asked."""
    base = settings.PUBLIC_URL
    return f"{base}{path}" if base else str(request.build_absolute_uri(path))
