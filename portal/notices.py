"""The outbox: letters are rows first, so that a mail server that is down loses none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from portal.models import Notice, User


def post(to: Iterable[User], *, key: str, subject: str, body: str, at: datetime) -> None:
    """Put one letter a person in the outbox. The same key never goes out twice to the same person."""
    Notice.objects.bulk_create(
        [
            Notice(to=person, key=f"{key}:{person.pk}", subject=subject, body=body, created_at=at)
            for person in to
        ],
        ignore_conflicts=True,
    )


def post_to(address: str, *, key: str, subject: str, body: str, at: datetime) -> None:
    """Put a letter to an address in the outbox, whether or not it has an account."""
    Notice.objects.bulk_create(
        [Notice(address=address, key=key, subject=subject, body=body, created_at=at)], ignore_conflicts=True
    )


def send_waiting(*, at: datetime, limit: int = 100) -> int:
    """Hand waiting letters to the mail server; returns how many it took. A refused one waits for the next round."""
    sent = 0
    with transaction.atomic():
        waiting = Notice.objects.select_for_update(skip_locked=True, of=("self",)).select_related("to")
        for notice in waiting.filter(sent_at__isnull=True).order_by("id")[:limit]:
            address = notice.to.email if notice.to else notice.address
            message = EmailMessage(notice.subject, notice.body, settings.DEFAULT_FROM_EMAIL, [address])
            message.send()
            notice.sent_at = at
            notice.save(update_fields=["sent_at"])
            sent += 1
    return sent
