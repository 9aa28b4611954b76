"""Addresses and errors of the setup pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse


def errors_of(response: Any, form: str = "form") -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(texts) for name, texts in response.context[form].errors.items()}


def url(name: str, *args: Any) -> str:
    return reverse(f"rfp:setup_{name}", args=args)
