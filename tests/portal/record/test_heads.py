"""Signed heads: what is done to the chain behind the database's back, and hides it from the chain, still shows."""

from __future__ import annotations

import base64
import json
import secrets
import stat
from datetime import UTC, datetime
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from portal import schedule
from portal.kit import clock
from portal.models import AuditEvent, Role, User
from portal.record import audit, heads
from tests import factories as make
from tests.conftest import as_owner

pytestmark = pytest.mark.django_db
WHEN = "2026-11-01 12:00:00 UTC"


@pytest.fixture(autouse=True)
def known_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "wall_time", lambda: datetime(2026, 11, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def user() -> User:
    return make.make_user(Role.ADMIN)


def append(user: User, count: int) -> None:
    for step in range(count):
        audit.record("test.step", user, by=user, at=make.NOW, step=step)


def signed() -> heads.Head:
    head = heads.write_head("test")
    assert head is not None
    return head


def behind_its_back(statement: str, *values: object) -> None:
    with as_owner() as cursor:
        cursor.execute(statement, values)


def hash_anew() -> None:
    """Write every event's hash and link again, as somebody who knows how they are made would."""
    previous = audit.GENESIS
    for event in AuditEvent.objects.order_by("seq"):
        event.previous = previous
        event.hash = audit._hash_of(event)
        behind_its_back(
            "UPDATE portal_auditevent SET previous = %s, hash = %s WHERE seq = %s",
            event.previous,
            event.hash,
            event.seq,
        )
        previous = event.hash


def said() -> list[str]:
    """What the command names; it must say no with exit code 1."""
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("verify_audit", stdout=StringIO(), stderr=out)
    assert failed.value.returncode == 1
    return out.getvalue().splitlines()


def test_chain_that_went_on_after_its_heads_holds(user: User) -> None:
    append(user, 2)
    signed()
    append(user, 2)
    signed()
    append(user, 1)
    assert audit.verify() == (5, [])
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert out.getvalue() == (
        f"5 events read. The chain is intact. Signed heads compared: 2. The newest is from {WHEN}.\n"
        "Receipts, marks, decisions, scores and rankings match it.\n"
    )


@pytest.mark.django_db(transaction=True)
def test_cut_tail_is_named_by_what_the_newest_head_counted(user: User) -> None:
    append(user, 3)
    signed()
    append(user, 3)
    signed()
    behind_its_back("DELETE FROM portal_auditevent WHERE seq > 4")
    assert said() == [f"event 5: events 5 to 6 are missing: a signed head from {WHEN} counted 6"]


@pytest.mark.django_db(transaction=True)
def test_one_cut_event_is_named(user: User) -> None:
    append(user, 3)
    signed()
    behind_its_back("DELETE FROM portal_auditevent WHERE seq = 3")
    assert said() == [f"event 3: event 3 is missing: a signed head from {WHEN} counted 3"]


@pytest.mark.django_db(transaction=True)
def test_emptied_table_is_named(user: User) -> None:
    append(user, 4)
    signed()
    behind_its_back("DELETE FROM portal_auditevent")
    assert audit.verify()[0] == 0
    assert said() == [f"event 1: events 1 to 4 are missing: a signed head from {WHEN} counted 4"]


@pytest.mark.django_db(transaction=True)
def test_tail_that_was_cut_and_grew_again_is_named(user: User) -> None:
    append(user, 4)
    signed()
    behind_its_back("DELETE FROM portal_auditevent WHERE seq > 2")
    audit.record("test.other", user, by=user, at=make.NOW)
    append(user, 4)
    assert said() == [f"event 4: a signed head from {WHEN} has a different hash"]


@pytest.mark.django_db(transaction=True)
def test_chain_hashed_anew_is_named(user: User) -> None:
    append(user, 4)
    signed()
    behind_its_back("""UPDATE portal_auditevent SET facts = '{"step": 9}' WHERE seq = 2""")
    hash_anew()
    assert said() == [f"event 4: a signed head from {WHEN} has a different hash"]


@pytest.mark.django_db(transaction=True)
def test_event_taken_out_of_the_middle_is_named_by_its_head_and_by_the_count(user: User) -> None:
    append(user, 2)
    signed()
    append(user, 2)
    signed()
    behind_its_back("DELETE FROM portal_auditevent WHERE seq = 2")
    hash_anew()
    assert said() == [
        "event 3: event 2 is missing",
        f"event 4: a signed head from {WHEN} has a different hash",
        f"event 4: a signed head from {WHEN} counted 4 events up to here, not 3",
        f"event 2: it is missing, but a signed head from {WHEN} lists it",
    ]


def forged(head: heads.Head) -> bytes:
    """A head signed with a key of one's own."""
    key = Ed25519PrivateKey.from_private_bytes(secrets.token_bytes(32))
    signature = base64.b64encode(key.sign(head.canonical())).decode()
    return json.dumps({**json.loads(head.canonical()), "signature": signature}).encode()


@pytest.mark.parametrize(
    "kind", ["other key", "changed", "unsigned", "no json", "a list", "deep", "extra", "blank"]
)
def test_line_that_is_no_signed_head_is_named_and_not_believed(user: User, kind: str) -> None:
    append(user, 2)
    head = signed()
    own = json.loads(heads.path().read_bytes())
    lie = heads.Head(seq=9, hash="0" * 64, count=9, at=head.at, reason="test")
    line = {
        "other key": forged(lie),
        "changed": json.dumps({**own, "count": 9}).encode(),
        "unsigned": lie.canonical(),
        "no json": b"\xff{",
        "a list": b"[]",
        "deep": b"[" * 100_000,
        "extra": json.dumps({**own, "more": 1}).encode(),
        "blank": b"",
    }[kind]
    with heads.path().open("ab") as file:
        file.write(line + b"\n")
    append(user, 1)
    signed()
    assert audit.verify()[0] == 3
    assert said() == ["line 2 of heads.jsonl is damaged or not signed with this portal's key"]


def test_line_that_was_cut_short_spoils_no_other(user: User) -> None:
    append(user, 1)
    signed()
    with heads.path().open("ab") as file:
        file.write(b'{"at":"2026')
    append(user, 1)
    written = signed()
    good, bad = heads.read()
    assert (len(good), good[-1], bad) == (2, written, [2])


def test_file_is_for_its_owner_alone_and_no_event_gives_no_head(user: User) -> None:
    assert heads.write_head("test") is None
    assert not heads.path().exists()
    append(user, 1)
    signed()
    assert stat.S_IMODE(heads.path().stat().st_mode) == 0o600


def test_beat_signs_every_ten_minutes_while_the_chain_moves(user: User) -> None:
    task = schedule.SCHEDULE["sign-head"]
    assert task == {"task": schedule.sign_head.name, "schedule": 600.0}
    schedule.sign_head()
    append(user, 1)
    for _ in range(2):
        schedule.sign_head()
    append(user, 1)
    schedule.sign_head()
    assert [(head.seq, head.count) for head in heads.read()[0]] == [(1, 1), (2, 2)]


@pytest.mark.django_db(transaction=True)
def test_auditors_page_says_what_is_missing(user: User) -> None:
    client = Client()
    client.force_login(make.make_user(Role.AUDITOR))
    append(user, 2)
    signed()
    page = client.post(reverse("portal:audit_verify"), follow=True).content.decode()
    assert f"2 events read. The chain is intact. Signed heads compared: 1. The newest is from {WHEN}." in page
    behind_its_back("DELETE FROM portal_auditevent")
    page = client.post(reverse("portal:audit_verify"), follow=True).content.decode()
    assert "0 events read. The chain is broken." in page
    assert f"event 1: events 1 to 2 are missing: a signed head from {WHEN} counted 2" in page
