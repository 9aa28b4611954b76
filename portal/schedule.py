"""Periodic work of the portal's own: old rows go, files whose message was lost are scanned, heads are signed."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session

from portal.accounts import access, guard
from portal.files import storing, tasks
from portal.frame.jobs import enqueue_on_commit, job
from portal.kit import clock
from portal.models import Document
from portal.record import heads

SWEEP_LIMIT = 200


@job("bulk")
def forget_old() -> None:
    """Counts of wrong passwords, sessions that have ended, rows of the access log past their time."""
    now = clock.wall_time()
    guard.forget_old(at=now)
    Session.objects.filter(expire_date__lt=now).delete()
    access.forget_old(at=now, days=settings.ACCESS_LOG_DAYS)


@job("bulk")
def remove_stale_uploads() -> None:
    """Files that were uploaded and then used by nothing, such as a bill of materials nobody confirmed."""
    storing.remove_unused(before=clock.wall_time() - timedelta(days=1))


@job("assess")
def sweep_unscanned() -> None:
    """Files that still wait for the scanner."""
    waiting = Document.objects.filter(scan=Document.Scan.PENDING).order_by("uploaded_at")
    for pk in waiting.values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(tasks.scan_document, str(pk))


@job("assess")
def sign_head() -> None:
    """Sign where the audit chain ends now, if it has moved."""
    heads.write_head_if_moved("every ten minutes")


SCHEDULE = {
    "post-digests": {"task": "portal.letters.tasks.post_digests", "schedule": 600.0},
    "forget-old": {"task": "portal.schedule.forget_old", "schedule": 3600.0},
    "remove-stale-uploads": {"task": "portal.schedule.remove_stale_uploads", "schedule": 3600.0},
    "sweep-unscanned": {"task": "portal.schedule.sweep_unscanned", "schedule": 60.0},
    "sign-head": {"task": "portal.schedule.sign_head", "schedule": 600.0},
}
