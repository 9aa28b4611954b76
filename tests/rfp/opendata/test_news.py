"""Feeds and calendars: valid, the same for everybody, and nothing before it is public."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import Role
from rfp.amending import ending_actions
from rfp.amending.changes import KIND
from rfp.models import Milestone, Solicitation
from rfp.opendata.calendar import Event, calendar
from tests import factories as make
from tests.rfp.amending import made
from tests.rfp.asking.test_asking import asked, published

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "A <b>&\x0b\x1b title; with, all\\ of\r\nit \u2028\U0001f600\ufffe"


def text_of(element: ElementTree.Element, name: str) -> str:
    found = element.find(f"{ATOM}{name}")
    assert found is not None, name
    return found.text or ""


def atom_of(answer: Any) -> ElementTree.Element:
    """The feed, with what RFC 4287 requires of it."""
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)
    assert root.tag == f"{ATOM}feed"
    stamps = [text_of(root, "updated")]
    entries = root.findall(f"{ATOM}entry")
    assert text_of(root, "id")
    assert text_of(root, "title")
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    for entry in entries:
        assert text_of(entry, "title")
        assert entry.find(f"{ATOM}link[@rel='alternate']") is not None
        stamps.append(text_of(entry, "updated"))
    assert all(datetime.fromisoformat(stamp).tzinfo is not None for stamp in stamps)
    ids = [text_of(entry, "id") for entry in entries]
    assert len(set(ids)) == len(ids)
    return root


def json_of(answer: Any) -> dict[str, Any]:
    """The feed, with what JSON Feed 1.1 requires of it."""
    assert answer["Content-Type"] == "application/feed+json"
    found: dict[str, Any] = json.loads(answer.content)
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["title"]
    for item in found["items"]:
        assert isinstance(item["id"], str)
        assert item["content_text"]
        datetime.fromisoformat(item["date_published"])
    return found


def feed_of(solicitation: Solicitation, kind: str = "json") -> Any:
    return Client().get(reverse("rfp:feed_of_rfp", args=[solicitation.number, kind]))


def test_the_feeds_of_rfps_hold_published_ones_alone(client: Client) -> None:
    first = make.make_solicitation(title=HOSTILE)
    draft = make.make_solicitation(title="Not yet", published=False)
    root = atom_of(client.get(reverse("rfp:feed", args=["atom"])))
    (entry,) = root.findall(f"{ATOM}entry")
    assert text_of(entry, "title").startswith("A <b>& title; with")
    client.force_login(make.make_user(Role.ADMIN))
    found = json_of(client.get(reverse("rfp:feed", args=["json"])))
    assert [item["url"] for item in found["items"]] == [f"http://testserver/rfps/{first.number}/"]
    assert draft.number not in json.dumps(found)
    assert client.get("/rfps.rss").status_code == 404
    assert client.get(f"/rfps/{draft.number}/news.atom").status_code == 404


def test_empty_feeds_are_feeds(client: Client) -> None:
    assert atom_of(client.get(reverse("rfp:feed", args=["atom"]))).findall(f"{ATOM}entry") == []
    assert json_of(client.get(reverse("rfp:feed", args=["json"])))["items"] == []


def test_an_rfp_tells_its_addenda_answers_and_end_but_not_who_asked(client: Client) -> None:
    solicitation, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    supplier = make.make_supplier(legal_name="Quillfeather Works")
    question = asked(solicitation, supplier)
    assert len(json_of(feed_of(solicitation))["items"]) == 1
    made.publish(solicitation, (KIND.TEXT, "", {"title": "Another title", "summary": "Words"}))
    published(question, admin, at=make.NOW + timedelta(hours=1))
    ending_actions.end_solicitation(
        solicitation, status="cancelled", reason="No need.", by=admin, at=make.NOW + timedelta(hours=2)
    )
    found = json_of(feed_of(solicitation))
    assert [item["title"] for item in found["items"]][:3] == [
        "This RFP is canceled",
        "Answer 1",
        "Addendum 1",
    ]
    assert "Title: " in found["items"][2]["content_text"]
    assert "Quillfeather" not in json.dumps(found)
    assert len(atom_of(feed_of(solicitation, "atom")).findall(f"{ATOM}entry")) == 4


def test_who_has_a_feed_gets_304(client: Client) -> None:
    solicitation = make.make_solicitation()
    for address in ("/rfps.atom", "/rfps.json", f"/rfps/{solicitation.number}/news.atom"):
        etag = client.get(address)["ETag"]
        assert client.get(address, HTTP_IF_NONE_MATCH=etag).status_code == 304
        assert client.head(address).status_code == 200
        assert client.post(address).status_code == 405


def test_the_feed_of_rfps_asks_as_often_for_three_as_for_one(client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/rfps.json")
        return len(queries)

    make.make_solicitation()
    one = count()
    make.make_solicitation()
    make.make_solicitation()
    assert count() == one


# ---- calendars ----------------------------------------------------------------------------------------------------


def properties(body: bytes) -> list[tuple[str, str]]:
    """Unfolded lines of a calendar, after its shape was checked: CRLF, at most 75 octets, whole characters."""
    lines = body.split(b"\r\n")
    assert lines.pop() == b""
    assert all(
        len(line) <= 75 and b"\n" not in line and b"\r" not in line and line.decode() for line in lines
    )
    unfolded = body.decode().replace("\r\n ", "").split("\r\n")
    found = [re.fullmatch(r"([A-Z-]+)(?:;[A-Z]+=[A-Z]+)?:(.*)", line) for line in unfolded if line]
    assert all(found)
    return [(each[1], each[2]) for each in found if each]


def test_a_calendar_has_every_date_with_its_hour(client: Client) -> None:
    midnight = datetime(2031, 7, 1, 4, 0, tzinfo=UTC)
    solicitation = make.make_solicitation(questions_until=midnight - timedelta(days=7))
    solicitation.windows.update(closes_at=midnight, feedback_by="2031-08-15")
    Milestone.objects.create(
        solicitation=solicitation, title="Talk; one, two", kind="conference", on="2031-06-09", at="14:00"
    )
    Milestone.objects.create(solicitation=solicitation, title="Selection", on="2031-12-31", by_month=True)
    answer = client.get(reverse("rfp:dates", args=[solicitation.number]))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = properties(answer.content)
    assert (lines[0], lines[-1]) == (("BEGIN", "VCALENDAR"), ("END", "VCALENDAR"))
    starts = [value for name, value in lines if name == "DTSTART"]
    assert starts[1:] == [
        "20310701T035959Z",  # exclusive midnight: the last second of June 30 in New York
        "20310815",
        "20310624T035959Z",
        "20310609T180000Z",
        "20311201",
    ]
    assert ("DTEND", "20320101") in lines
    assert any("Talk\\; one\\, two" in value for name, value in lines if name == "SUMMARY")
    uids = [value for name, value in lines if name == "UID"]
    assert len(set(uids)) == len(uids) == 6
    made.publish(solicitation, (KIND.TEXT, "", {"title": "x", "summary": "y"}))
    later = properties(client.get(reverse("rfp:dates", args=[solicitation.number])).content)
    assert [value for name, value in later if name == "UID"] == uids
    assert ("SEQUENCE", "1") in later


def test_no_text_breaks_out_of_its_line() -> None:
    event = Event(
        uid="1", title=HOSTILE * 5, words="é" * 200 + "\nEND:VEVENT\r\n", url="http://x/", at=make.NOW
    )
    body = calendar([event], name=HOSTILE, stamp=make.NOW, sequence=0)
    lines = properties(body)
    assert [value for name, value in lines if name == "END"] == ["VEVENT", "VCALENDAR"]
    summary = next(value for name, value in lines if name == "SUMMARY")
    assert summary.startswith("A <b>& title\\; with\\, all\\\\ of\\nit")


def test_a_canceled_rfp_cancels_its_dates(client: Client) -> None:
    solicitation = make.make_solicitation(final_status="cancelled", final_at=make.NOW)
    lines = properties(client.get(reverse("rfp:dates", args=[solicitation.number])).content)
    assert {value for name, value in lines if name == "STATUS"} == {"CANCELLED"}
