"""Sessions as the database stores them: encrypted. A new two-step secret waits in one until its first code."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from portal.people import encryption


class SessionStore(DatabaseStore):
    """Django's, with its data as a token of the field key. What can't be read is a session without anything in it."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        return encryption.encrypt(json.dumps(session_dict, separators=(",", ":")))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(encryption.decrypt(str(session_data)))
        except ValueError:
            return {}
        return found
