"""The outbox: letters are rows first, so that a mail server that is down loses none."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string

from portal.letters.kinds import Kind, kind_of
from portal.letters.models import How, Notice, NoticePreference
from portal.people.models import User

logger = logging.getLogger(__name__)
LONGEST_SUBJECT = 200
# From this SMTP code on a refusal is meant for good.
PERMANENT = 500


def post(to: Iterable[User], *, key: str, subject: str, body: str, at: datetime, link: str = "") -> None:
    """Put one letter a person in the outbox, and on their notices page. The same key never goes out twice to the same
    person. `link`: the address of the page that it is about."""
    kind = kind_of(key)
    people = sorted(to, key=lambda each: each.pk)
    hows = _wanted(people, kind)
    Notice.objects.bulk_create(
        [
            Notice(
                to=person,
                key=f"{key}:{person.pk}",
                kind=kind.name if kind else "",
                subject=_line(subject),
                body=body,
                link=link,
                how=hows.get(person.pk, How.AT_ONCE),
                created_at=at,
            )
            for person in people
        ],
        ignore_conflicts=True,
    )


def _wanted(people: list[User], kind: Kind | None) -> dict[int, str]:
    """person id → how they want letters of the kind, where they chose and may; one query, none for what must go."""
    if kind is None or kind.must_go or not people:
        return {}
    chosen = NoticePreference.objects.filter(user__in=people, kind=kind.name)
    return dict(chosen.values_list("user_id", "how"))


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

    One whose address it refuses for good waits for a person (`send_again`); where it takes none at all, the rest waits
    for the next round. What it said is kept with the letter.
    """
    sent = 0
    with transaction.atomic():
        waiting = Notice.objects.select_for_update(skip_locked=True, of=("self",)).select_related("to")
        due = waiting.filter(sent_at__isnull=True, refused_at__isnull=True, how=How.AT_ONCE)
        for notice in due.order_by("attempts", "id")[:limit]:
            address = notice.to.email if notice.to else notice.address
            message = _message(notice, address)
            try:
                message.send()
            except SMTPRecipientsRefused as refused:
                said = next(iter(refused.recipients.values()), (PERMANENT, b""))
                for_good = all(code >= PERMANENT for code, _ in refused.recipients.values())
                if for_good:
                    logger.warning("gave up on email %s: address refused", notice.pk)
                _failed(notice, _answer(*said), refused_at=at if for_good else None)
            except OSError as error:
                logger.exception("the mail server did not accept the email")
                _failed(
                    notice, f"The mail server can’t be reached ({type(error).__name__}).", refused_at=None
                )
                break
            else:
                sent += 1
                notice.attempts, notice.error, notice.sent_at = notice.attempts + 1, "", at
                notice.save(update_fields=["attempts", "error", "sent_at"])
    return sent


def _message(notice: Notice, address: str) -> EmailMultiAlternatives:
    """The letter as text, and the same words as HTML."""
    sender = settings.DEFAULT_FROM_EMAIL
    message = EmailMultiAlternatives(notice.subject, notice.body, sender, [address])
    page = render_to_string("portal/email/letter.html", {"subject": notice.subject, "body": notice.body})
    message.attach_alternative(page, "text/html")
    return message


def _answer(code: int, said: bytes) -> str:
    """A mail server's refusal in one line: "550 no such user"."""
    return f"{code} {' '.join(said.decode('ascii', 'replace').split())}".strip()


def _failed(notice: Notice, error: str, *, refused_at: datetime | None) -> None:
    # Counted no further than the column holds: a server may be away for weeks.
    notice.attempts, notice.error = min(notice.attempts + 1, 32_000), error[:200]
    notice.refused_at = refused_at
    notice.save(update_fields=["attempts", "error", "refused_at"])


def posted(keys: Iterable[str]) -> dict[str, list[Notice]]:
    """Key, as `post` got it → the letters in the outbox, one a person; one query."""
    wanted = list(keys)
    found: dict[str, list[Notice]] = {key: [] for key in wanted}
    if wanted:
        match = reduce(or_, (Q(key__startswith=f"{key}:") for key in wanted))
        for notice in Notice.objects.filter(match).select_related("to").order_by("id"):
            found[notice.key.rpartition(":")[0]].append(notice)
    return found


def send_again(key: str) -> int:
    """Let letters that were refused go out with the next round; returns how many."""
    return Notice.objects.filter(key__startswith=f"{key}:", refused_at__isnull=False).update(
        refused_at=None, error="", attempts=0
    )
