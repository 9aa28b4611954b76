"""Notices: what was written to a person, read once, as often as they want it, and by nobody else."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.letters import actions, digests, notices, queries
from portal.letters.kinds import KINDS, kind_of
from portal.models import Notice, Role, User
from tests import factories as make

pytestmark = pytest.mark.django_db
CHECKOUT = Path(__file__).parents[3]
MORNING = datetime(2026, 6, 2, 11, 30, tzinfo=UTC)  # 7:30 am in New York, 6:30 am in Chicago


def wrote(person: User, key: str = "ends:1", *, at: datetime = make.NOW) -> Notice:
    notices.post([person], key=key, subject=f"About {key}", body="It ends soon.", at=at)
    return Notice.objects.get(to=person, key__startswith=f"{key}:")


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_every_letter_in_the_code_has_a_kind() -> None:
    used = set()
    for top in ("portal", "suppliers", "rfp", "scoring"):
        for path in (CHECKOUT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "post"
                ):
                    key = next((each.value for each in node.keywords if each.arg == "key"), None)
                    if isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
                        used.add(str(key.values[0].value).partition(":")[0])
    assert len(used) > 20
    assert {key for key in used if kind_of(key) is None} == set()


def test_what_must_go_says_why() -> None:
    assert {kind.name for kind in KINDS if kind.must_go} == {"receipts", "due", "decisions", "security"}
    assert all(kind.why.endswith(".") for kind in KINDS if kind.must_go)


def test_the_bell_counts_without_a_query_and_reading_is_done_once() -> None:
    person, other = make.make_user(Role.AUDITOR), make.make_user(Role.AUDITOR)
    client = signed_in(person)
    client.get("/notices/settings/")
    with CaptureQueriesContext(connection) as before:
        client.get("/about/")
    first, second = wrote(person), wrote(person, "ends:2")
    wrote(other)
    with CaptureQueriesContext(connection) as after:
        page = client.get("/about/").content.decode()
    assert len(after) == len(before)
    assert 'aria-label="Notices, 2 unread"' in page
    assert client.post(f"/notices/{first.pk}/open/").headers["Location"] == f"/notices/{first.pk}/"
    assert "It ends soon." in client.get(f"/notices/{first.pk}/").content.decode()
    assert 'aria-label="Notices, 1 unread"' in client.get("/about/").content.decode()
    client.post("/notices/read/")
    assert 'aria-label="Notices"' in client.get("/about/").content.decode()
    second.refresh_from_db()
    read_at = second.read_at
    actions.read(second, at=make.NOW + timedelta(days=1))
    second.refresh_from_db()
    assert second.read_at == read_at
    assert queries.notices_of(other).filter(read_at__isnull=True).count() == 1


def test_nobody_reads_another_persons_notice() -> None:
    found = wrote(make.make_user())
    for role in Role:
        client = signed_in(make.make_user(role))
        assert client.get(f"/notices/{found.pk}/").status_code == 404
        assert client.post(f"/notices/{found.pk}/open/").status_code == 404
        assert found.subject not in client.get("/notices/").content.decode()


def test_what_is_wanted_only_here_is_not_emailed() -> None:
    person = make.make_user()
    actions.choose(person, {"reminders": "portal", "receipts": "portal"}, time_zone="")
    wrote(person)
    wrote(person, "submitted:1")
    assert notices.send_waiting(at=make.NOW) == 1
    assert [each.subject for each in mail.outbox] == ["About submitted:1"]
    assert queries.unread_of(person) == 2


@pytest.mark.parametrize(
    ("zone", "goes"), [("", True), ("America/New_York", True), ("America/Chicago", False)]
)
def test_one_email_a_day_comes_in_the_morning_of_the_readers_zone(zone: str, goes: bool) -> None:
    person = make.make_user()
    actions.choose(person, {"reminders": "daily"}, time_zone=zone)
    for number in (1, 2):
        wrote(person, f"ends:{number}", at=MORNING - timedelta(hours=9))
    wrote(person, "ends:3", at=MORNING)
    assert notices.send_waiting(at=MORNING) == 0
    assert digests.post_due(at=MORNING) == int(goes)
    assert digests.post_due(at=MORNING + timedelta(minutes=10)) == 0
    assert notices.send_waiting(at=MORNING) == int(goes)
    if goes:
        [letter] = mail.outbox
        assert letter.subject == "2 notices from Onshore"
        assert "About ends:1" in letter.body and "About ends:3" not in letter.body
    # The day's letter repeats notices and is none itself.
    assert queries.unread_of(person) == queries.notices_of(person).count() == 3


def test_a_letter_is_text_and_html() -> None:
    wrote(make.make_user(name="<b>Dana</b>"))
    notices.send_waiting(at=make.NOW)
    [letter] = mail.outbox
    [(page, kind)] = letter.alternatives  # type: ignore[attr-defined]
    assert kind == "text/html" and "<p>It ends soon.</p>" in page
    assert letter.body == "It ends soon."


def test_settings_are_kept_and_bad_ones_are_named() -> None:
    person = make.make_user()
    client = signed_in(person)
    fields = {"answers": "daily", "reminders": "portal", "work": "at_once", "team": "at_once"}
    wrong = client.post("/notices/settings/", {**fields, "answers": "never", "time_zone": "Mars/Olympus"})
    assert wrong.status_code == 200 and len(wrong.context["form"].errors) == 2
    assert client.post("/notices/settings/", {**fields, "time_zone": "America/Denver"}).status_code == 302
    assert dict(person.notice_preferences.values_list("kind", "how")) == fields
    page = client.get("/notices/settings/").content.decode()
    assert 'data-own-zone="America/Denver"' in page and "Receipts" in page
