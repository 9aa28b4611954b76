"""Fixtures of this folder."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def required(settings: Any) -> None:
    settings.STAFF_MFA = "required"


@pytest.fixture(autouse=True)
def _same_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code that a test reads is still the code when a busy machine comes to check it."""
    now = time.time()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: now))
