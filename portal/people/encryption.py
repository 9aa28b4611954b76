"""The few columns that must not be readable in a copy of the database: encrypted with the installation's field key."""

from __future__ import annotations

import base64
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models


def _cipher() -> Fernet:
    """Fernet (AES-128-CBC with HMAC-SHA-256) under the installation's field key of 32 bytes."""
    return Fernet(base64.urlsafe_b64encode(settings.FIELD_KEY))


def encrypt(text: str) -> str:
    """The text as a token; blank stays blank. The same text gives another token every time."""
    return _cipher().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """The text behind a token. Raises ValueError when it was made with another key."""
    if not token:
        return ""
    try:
        return _cipher().decrypt(token.encode()).decode()
    except InvalidToken:
        raise ValueError("The stored value was encrypted with a different key.") from None


class EncryptedField(models.TextField):
    """Text that is a token in the database and plain in Python. It cannot be searched."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(str(value)) if value else ""
