"""Asking ClamAV's daemon about a file: the stream is sent in pieces, one line comes back.

`ONSHORE_CLAMD` names it: `unix:///run/clamav/clamd.ctl` or `host:3310`. clamd must take streams as large as our files
(StreamMaxLength).
"""

from __future__ import annotations

import socket
import struct
from typing import IO

from django.conf import settings

PIECE = 64 * 1024
CONNECT_SECONDS, ANSWER_SECONDS = 5, 120


class ScannerError(Exception):
    """The daemon does not answer, or not about the file."""


def is_configured() -> bool:
    """Whether files are scanned here."""
    return bool(settings.CLAMD)


def is_clean(file: IO[bytes]) -> bool:
    """False when clamd knows malware in the file. Raises ScannerError when it gives no verdict."""
    try:
        with _connected() as connection:
            connection.sendall(b"zINSTREAM\0")
            while piece := file.read(PIECE):
                connection.sendall(struct.pack("!I", len(piece)) + piece)
            connection.sendall(struct.pack("!I", 0))
            said = b""
            while not said.endswith(b"\0") and (more := connection.recv(4096)):
                said += more
    except OSError as problem:
        raise ScannerError(f"clamd is not responding: {type(problem).__name__}.") from problem
    verdict = said.rstrip(b"\0").decode("utf-8", "replace").strip()
    if verdict.endswith(" OK"):
        return True
    if verdict.endswith(" FOUND"):
        return False
    raise ScannerError(f"clamd says: {verdict[:200] or 'nothing'}")


def _connected() -> socket.socket:
    if settings.CLAMD.startswith("unix://"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(settings.CLAMD.removeprefix("unix://"))
    else:
        host, _, port = settings.CLAMD.rpartition(":")
        connection = socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS)
    connection.settimeout(ANSWER_SECONDS)
    return connection
