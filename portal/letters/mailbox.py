"""The mails a development server has written to its folder, newest first. In production there is no such page."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

# Django's file backend puts a line of dashes after each message of a connection.
_BETWEEN = re.compile(rb"\n-{79}\n")


@dataclass(frozen=True)
class Mail:
    """One letter as it would have gone out."""

    to: str
    subject: str
    body: str
    sent_at: datetime | None


def mails(limit: int = 50) -> list[Mail]:
    """The latest letters."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    found = [mail for path in files[: limit * 2] for mail in reversed(_read(path.read_bytes()))]
    return sorted(found, key=lambda mail: mail.sent_at.timestamp() if mail.sent_at else 0.0, reverse=True)[
        :limit
    ]


def _read(data: bytes) -> list[Mail]:
    return [_mail(part) for part in _BETWEEN.split(data) if part.strip()]


def _mail(data: bytes) -> Mail:
    message = email.message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    date = message["Date"]
    return Mail(
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        body=str(body.get_content()).strip() if body else "",
        sent_at=_moment(str(date)) if date else None,
    )


def _moment(text: str) -> datetime:
    """A mail's date; "-0000", which Django writes, means UTC."""
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
