"""Work the portal itself does in the background."""

from __future__ import annotations

import logging

from portal import clock, files, notices, scanner
from portal.jobs import job
from portal.models import Document

logger = logging.getLogger(__name__)


@job("letters")
def send_notices() -> None:
    """Empty the outbox."""
    notices.send_waiting(at=clock.wall_time())


@job("assess")
def scan_document(pk: str) -> None:
    """Ask the scanner about a file. Where it gives no verdict the file waits on, and the sweep asks again."""
    document = Document.objects.filter(pk=pk, scan=Document.Scan.PENDING).first()
    if document is None:
        return
    try:
        with document.file.open("rb") as file:
            clean = scanner.is_clean(file)
    except scanner.ScannerError as problem:
        logger.warning("document %s waits on: %s", pk, problem)
        return
    files.scanned(document, clean=clean, at=clock.wall_time())
