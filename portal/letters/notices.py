"""The outbox: letters are rows first, so that a mail server that is down loses none."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from portal.letters.models import Notice
from portal.people.models import User

logger = logging.getLogger(__name__)
LONGEST_SUBJECT = 200
# From this SMTP code on a refusal is meant for good.
PERMANENT = 500


def post(to: Iterable[User], *, key: str, subject: str, body: str, at: datetime) -> None:
    """Put one letter a person in the outbox. The same key never goes out twice to the same person."""
    Notice.objects.bulk_create(
        [
            Notice(to=person, key=f"{key}:{person.pk}", subject=_line(subject), body=body, created_at=at)
            for person in sorted(to, key=lambda each: each.pk)
        ],
        ignore_conflicts=True,
    )


def post_to(address: str, *, key: str, subject: str, body: str, at: datetime) -> None:
    """Put a letter to an address in the outbox, whether or not it has an account."""
    Notice.objects.bulk_create(
        [Notice(address=address, key=key, subject=_line(subject), body=body, created_at=at)],
        ignore_conflicts=True,
    )


def _line(subject: str) -> str:
    """One line that fits: the names in it are other people's, as long and as broken as they like."""
    line = " ".join(subject.split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"


def send_waiting(*, at: datetime, limit: int = 100) -> int:
    """Hand waiting letters to the mail server; returns how many it took.

    One whose address it refuses for good is given up and logged; where it takes none at all, the rest waits for the
    next round.
    """
    sent = 0
    with transaction.atomic():
        waiting = Notice.objects.select_for_update(skip_locked=True, of=("self",)).select_related("to")
        for notice in waiting.filter(sent_at__isnull=True).order_by("id")[:limit]:
            address = notice.to.email if notice.to else notice.address
            message = EmailMessage(notice.subject, notice.body, settings.DEFAULT_FROM_EMAIL, [address])
            try:
                message.send()
            except SMTPRecipientsRefused as refused:
                if any(code < PERMANENT for code, _ in refused.recipients.values()):
                    continue
                logger.warning("gave up on email %s: address refused", notice.pk)
            except OSError:
                logger.exception("the mail server did not accept the email")
                break
            else:
                sent += 1
            notice.sent_at = at
            notice.save(update_fields=["sent_at"])
    return sent
