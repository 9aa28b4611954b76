"""The moderation list and room: who sees them, what they say, what they refuse, what they cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scoring.models import Agreement, Consensus, Reopening
from scoring.moderation import agreement
from scoring.panel import actions as panel_actions
from tests import factories as make
from tests.scoring.moderation.test_settling import apart, mark
from tests.scoring.rooms import auditor, room, signed_in

pytestmark = pytest.mark.django_db


def said(answer):
    return " ".join(answer.content.decode().split())


def address(made, tail=""):
    return f"/evaluate/proposals/{made.proposals[0].pk}/moderation/{tail}"


def test_the_list_says_how_far_the_panel_is_apart():
    made = apart(2)
    for seat in made.seats:
        mark(made, seat, 4, at=1)
    page = said(signed_in(made.chair.user).get(made.base + "moderation/"))
    first, second = (each.number for each in made.proposals)
    assert page.index(first) < page.index(second)
    assert "1 criterion to settle" in page and "3 apart" in page and "Nothing to settle" in page
    type(made.solicitation).objects.update(technical_threshold=60)
    mark(made, made.others[0], 0)
    assert "1 above, 1 below 60%" in said(signed_in(made.chair.user).get(made.base + "moderation/"))


def test_the_room_shows_marks_and_comments_side_by_side():
    made = room()
    mark(made, made.chair, 5, comment="Line 3 is under contract.")
    mark(made, made.others[0], 2, comment="No plan.")
    page = said(signed_in(made.chair.user).get(address(made)))
    for words in (
        "Line 3 is under contract.",
        "No plan.",
        "3 apart",
        "3.50",
        "Record the agreed mark",
        "Weight 60",
    ):
        assert words in page, words


def test_only_the_chair_settles_and_only_who_oversees_sees():
    made = apart()
    reviewer, reader = signed_in(made.others[0].user), signed_in(auditor())
    assert reviewer.get(made.base + "moderation/").status_code == 404
    assert reviewer.get(address(made)).status_code == 404
    assert "Record the agreed mark" not in said(reader.get(address(made)))
    for client in (reviewer, reader, signed_in(made.admin)):
        assert client.post(address(made, "T/agree/"), {"agree-mark": "3"}).status_code == 404
    assert not Consensus.objects.exists()


def test_a_conflict_hides_the_proposal_from_the_chair():
    made = apart()
    panel_actions.recuse(
        made.chair, supplier=made.proposals[0].supplier, reason="Kin.", by=made.chair.user, at=make.NOW
    )
    client = signed_in(made.chair.user)
    assert client.get(address(made)).status_code == 404
    assert made.proposals[0].number not in said(client.get(made.base + "moderation/"))


def test_settling_by_form_keeps_what_was_typed_and_names_what_is_wrong():
    made = apart()
    client = signed_in(made.chair.user)
    for sent, words in (
        ({"agree-reason": "Read together."}, "Choose a mark"),
        ({"agree-mark": "9", "agree-reason": "Read together."}, "Choose a mark on the scale"),
        ({"agree-mark": "x", "agree-reason": "Read together."}, "Choose a mark on the scale"),
        ({"agree-mark": "3"}, "Reason is missing"),
    ):
        page = said(client.post(address(made, "T/agree/"), sent))
        assert words in page and (not sent.get("agree-reason") or "Read together." in page), words
    assert client.post(address(made, "Q/agree/"), {}).status_code == 404
    sent = {"agree-mark": "3", "agree-reason": "Read together."}
    assert client.post(address(made, "T/agree/"), sent).status_code == 302
    assert "Agreed: 3" in said(client.get(address(made)))
    assert "Reason is missing" in said(client.post(address(made, "T/take-back/"), {}))
    assert client.post(address(made, "T/take-back/"), {"back-reason": "Withdrawn."}).status_code == 302
    assert "Choose a reviewer" in said(client.post(address(made, "T/reopen/"), {"reopen-reason": "Again."}))
    sent = {"reopen-reviewer": str(made.others[0].pk), "reopen-reason": "Again."}
    assert client.post(address(made, "T/reopen/"), sent).status_code == 302
    assert Reopening.objects.count() == 1
    assert "Open again: Again." in said(client.get(address(made)))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_proposal_and_for_three(count):
    made = apart(count)
    client = signed_in(made.chair.user)
    client.get(made.base + "moderation/")
    with CaptureQueriesContext(connection) as caught:
        assert client.get(made.base + "moderation/").status_code == 200
    assert len(caught) <= 34, len(caught)


def test_agreement_is_measured_once_for_a_ranking_and_told_in_words():
    made = apart(3)
    made.rank()
    assert agreement.unmeasured().count() == 1
    agreement.measure(made.window)
    agreement.measure(made.window)
    stored = Agreement.objects.get()
    assert stored.sentences[0][1] == "Two of two reviewers disagree on Technology for 3 proposals." or (
        "reviewers disagree on" in stored.sentences[0][1]
    )
    page = said(signed_in(made.chair.user).get(made.base + "moderation/"))
    assert "How far the panel agrees" in page and "for 3 proposals." in page
    assert agreement.unmeasured().count() == 0
