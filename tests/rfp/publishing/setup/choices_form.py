"""What tests of the scoring choices read of a page."""

from __future__ import annotations

from typing import Any


def errors_of(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(texts) for name, texts in response.context["form"].errors.items()}


def rows(*filled: tuple[str, ...], names: tuple[str, ...]) -> dict[str, str]:
    return {
        f"{name}_{at}": text for at, row in enumerate(filled) for name, text in zip(names, row, strict=True)
    }
