"""Background checks of files. A task carries an id, nothing more."""

from __future__ import annotations

from portal.files import scanner, storing
from portal.files.models import Document
from portal.frame.jobs import job
from portal.kit import clock
from portal.letters.tasks import logger


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
    storing.scanned(document, clean=clean, at=clock.wall_time())
