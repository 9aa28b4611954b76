"""Minutes: what was settled and who was there, signed once by the chair, kept as it was."""

from __future__ import annotations

import io

import pikepdf
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import AuditEvent
from scoring.minutes import actions, queries
from scoring.minutes.models import Minutes
from scoring.models import Report
from scoring.panel import actions as panel_actions
from scoring.reports import pdf
from tests import factories as make
from tests.scoring.moderation.test_settling import REASON, agree, apart, reopen
from tests.scoring.rooms import Room, signed_in

pytestmark = pytest.mark.django_db


def settled(count: int = 1) -> Room:
    made = apart(count)
    for at in range(count):
        agree(made, 3, at=at)
    return made


def address(made: Room) -> str:
    return made.base + "moderation/minutes/?window=1&lot=L1"


def sign(made: Room, **changes):
    lot = made.proposals[0].lot
    content = queries.since_last(made.window, lot, made.chair.user)
    given = {
        "present": [made.chair],
        "remarks": "By video.",
        "signed_name": made.chair.user.name,
        "shown": content["through"],
        "by": made.chair.user,
        "at": make.NOW,
        **changes,
    }
    return actions.sign(made.window, lot, **given)


def sent(made: Room, **changes) -> dict:
    content = queries.since_last(made.window, made.proposals[0].lot, made.chair.user)
    return {
        "present": [str(made.chair.pk)],
        "remarks": "By video.",
        "signed_name": made.chair.user.name,
        "shown": ",".join(map(str, content["through"])),
        **changes,
    }


def test_the_chair_signs_what_was_settled_and_it_stays() -> None:
    made = settled()
    client = signed_in(made.chair.user)
    page = client.get(address(made)).content.decode()
    assert "Since the last minutes" in page
    assert REASON in page
    assert client.post(address(made), sent(made)).status_code == 302
    minutes = Minutes.objects.get()
    assert minutes.content["present"] == [made.chair.user.name]
    assert minutes.content["absent"] == [made.others[0].user.name]
    [row] = minutes.content["settled"]
    assert (row["proposal"], row["agreed"], row["reason"]) == (made.proposals[0].number, "3", REASON)
    assert f"{made.chair.user.name} 5" in row["marks"]
    page = client.get(address(made)).content.decode()
    assert "Minutes 1" in page
    assert "Since the last minutes" not in page
    event = AuditEvent.objects.filter(verb="minutes.signed").get()
    assert event.actor == str(made.chair.user.pk) or event.actor
    with pytest.raises(DatabaseError), transaction.atomic():
        Minutes.objects.update(signed_name="Someone else")


def test_the_next_minutes_cover_what_came_after() -> None:
    made = settled()
    sign(made)
    with pytest.raises(Refused, match="Nothing was settled"):
        sign(made)
    agree(made, None, reason="The report was withdrawn.")
    reopen(made, made.others[0])
    second = sign(made)
    assert second.number == 2
    assert [row["agreed"] for row in second.content["settled"]] == [""]
    assert [row["reviewer"] for row in second.content["reopened"]] == [made.others[0].user.name]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"present": []}, "Choose who took part"),
        ({"signed_name": "Nobody"}, "The signature must match your name"),
        ({"shown": "0,0"}, "More was settled since you opened this page"),
        ({"shown": "x"}, ""),
    ],
)
def test_what_is_not_right_is_said_and_kept(changes: dict, says: str) -> None:
    made = settled()
    answer = signed_in(made.chair.user).post(address(made), sent(made, remarks="Kept words", **changes))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert says in text
    assert "Kept words" in text
    assert not Minutes.objects.exists()


def test_only_the_chair_signs() -> None:
    made = settled()
    for who in (made.admin, made.others[0].user):
        with pytest.raises(Refused, match="Only the chair"):
            sign(made, by=who)
    assert signed_in(made.others[0].user).get(address(made)).status_code == 404
    page = signed_in(made.admin).get(address(made))
    assert "The chair signs it" in page.content.decode()
    assert signed_in(made.admin).post(address(made), sent(made)).status_code == 404


def test_lines_on_a_supplier_one_has_a_conflict_with_are_hidden() -> None:
    made = settled(2)
    minutes = sign(made)
    panel_actions.add_conflict(
        made.solicitation, made.proposals[0].supplier, statement="Family.", by=made.chair.user, at=make.NOW
    )
    told = queries.as_read_by(made.chair.user, minutes)
    assert [row["proposal"] for row in told["settled"]] == [made.proposals[1].number]
    page = signed_in(made.chair.user).get(address(made)).content.decode()
    assert made.proposals[0].number not in page
    assert "1 line hidden" in page


def test_the_pdf_says_the_same() -> None:
    made = settled()
    minutes = sign(made)
    client = signed_in(made.chair.user)
    url = reverse("scoring:minutes_request", args=[made.solicitation.number, minutes.pk])
    assert signed_in(made.others[0].user).post(url).status_code == 404
    assert client.post(url).status_code == 302
    report = Report.objects.get()
    pdf.make(report.pk)
    report.refresh_from_db()
    assert report.document is not None, report.error
    assert report.document.name == "Minutes 1 lot L1 window 1.pdf"
    with report.document.file.open("rb") as file, pikepdf.open(io.BytesIO(file.read())) as written:
        attached = written.attachments["evaluation.json"].get_file().read_bytes().decode()
    assert REASON in attached
    assert client.get(reverse("scoring:report_file", args=[report.pk])).status_code == 200
    assert "Minutes 1, lot L1" in " ".join(client.get(made.base + "reports/").content.decode().split())


def test_the_page_takes_the_same_queries_for_one_and_three() -> None:
    counts = []
    for count in (1, 3):
        made = settled(count)
        client = signed_in(made.chair.user)
        client.get(address(made))
        with CaptureQueriesContext(connection) as found:
            assert client.get(address(made)).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]
