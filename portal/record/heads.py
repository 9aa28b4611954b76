"""Signed heads of the audit chain, kept outside the database: who can rewrite every table still cannot rewrite these.

A head says that at a moment the chain ended with this event and held this many. Each is one line of JSON in
ONSHORE_HOME/heads.jsonl, signed with the installation's Ed25519 key. `audit.verify` compares the chain with them.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection

from portal.embedded import place
from portal.kit import clock

NAME = place.SIGNED_HEADS
LINE_BYTES = 4096  # longer than any head
# One statement sees one state of the table, so number and count fit each other whatever is being appended.
LAST = """
SELECT seq, hash, (SELECT count(*) FROM portal_auditevent) FROM portal_auditevent ORDER BY seq DESC LIMIT 1
"""


@dataclass(frozen=True)
class Head:
    """The chain's last event and the number of events, at a moment (UTC, ISO 8601); `hash` is SHA-256 in hex."""

    seq: int
    hash: str
    count: int
    at: str
    reason: str

    def canonical(self) -> bytes:
        """What the signature covers."""
        return _canonical(asdict(self))

    def when(self) -> str:
        """The moment as people read it: "2026-11-27 10:59:20 UTC"."""
        return f"{datetime.fromisoformat(self.at).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def path() -> Path:
    """The file of heads."""
    return Path(settings.HOME) / NAME


def write_head(reason: str) -> Head | None:
    """Append the head of what is committed now, and wait until it is on the disk. None while there is no event.

    Call it outside a transaction, or on commit: what is rolled back later would read as missing. Raises OSError.
    """
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        row = cursor.fetchone()
    if row is None:
        return None
    at = clock.wall_time().astimezone(UTC).isoformat(timespec="microseconds")
    head = Head(seq=row[0], hash=row[1], count=row[2], at=at, reason=reason)
    signature = base64.b64encode(_key().sign(head.canonical())).decode()
    _append(_canonical({**asdict(head), "signature": signature}))
    return head


def write_head_if_moved(reason: str) -> Head | None:
    """The same, unless the newest head in the file already says so: a quiet portal's file does not grow."""
    newest = _newest()
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        row = cursor.fetchone()
    if newest is not None and row == (newest.seq, newest.hash, newest.count):
        return None
    return write_head(reason)


def sign(content: bytes) -> bytes:
    """The installation's Ed25519 signature: the same for the same content, and known to nobody who lacks the key."""
    return _key().sign(content)


def is_signed(content: bytes, signature: bytes) -> bool:
    """Whether this installation signed it."""
    try:
        _key().public_key().verify(signature, content)
    except InvalidSignature:
        return False
    return True


def public_key() -> str:
    """The public half of the installation's key, base64: what others check signatures with."""
    return base64.b64encode(_key().public_key().public_bytes_raw()).decode()


def read() -> tuple[list[Head], list[int]]:
    """(heads whose signature holds, in the file's order; numbers of the lines that are no such head)."""
    good: list[Head] = []
    bad: list[int] = []
    if not path().exists():
        return good, bad
    with path().open("rb") as file:
        for number, line in enumerate(file, start=1):
            head = _verified(line)
            if head is None:
                bad.append(number)
            else:
                good.append(head)
    return good, bad


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.SIGNING_KEY)


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _newest() -> Head | None:
    """The head in the file's last line, if it is one."""
    try:
        with path().open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LINE_BYTES))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return None
    return _verified(lines[-1]) if lines else None


def _append(line: bytes) -> None:
    new = not path().exists()
    descriptor = os.open(path(), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # A write that was cut short, say by a full disk, spoils its own line and not the next.
        size = file.seek(0, os.SEEK_END)
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        text = (b"\n" if torn else b"") + line + b"\n"
        if file.write(text) != len(text):
            raise OSError(f"{NAME} could not be written completely.")
        os.fsync(descriptor)
    if new:
        _sync_folder()


def _sync_folder() -> None:
    descriptor = os.open(path().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _verified(line: bytes) -> Head | None:
    """The head in this line; None when it is damaged, or signed by another key or not at all."""
    try:
        content = json.loads(line)
        signature = base64.b64decode(content.pop("signature"), validate=True)
        head = Head(**content)
        _key().public_key().verify(signature, head.canonical())
        head.when()
    except (InvalidSignature, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return head
