"""Addresses and errors of the setup pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from portal.kit import clock
from rfp.models import Solicitation
from rfp.publishing.preparing import second_look


def errors_of(response: Any, form: str = "form") -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(texts) for name, texts in response.context[form].errors.items()}


def url(name: str, *args: Any) -> str:
    return reverse(f"rfp:setup_{name}", args=args)


def keys_of(draft: Solicitation, *, at: datetime | None = None) -> list[str]:
    """What a person has to look at again before this RFP is published."""
    return [point.key for point in second_look.points(draft, now=at or clock.wall_time())]
