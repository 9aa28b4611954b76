"""Deputies: a reviewer's open work goes to someone else, and comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.kit.refused import Refused
from scoring import schedule
from scoring.board import actions
from scoring.models import Assignment, Handover
from scoring.panel import actions as panel_actions
from tests import factories as make
from tests.scoring.board.test_assigned import give, todo
from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db


def handed(made, *, until=None, reason="On leave."):
    return actions.hand_over(
        made.window, made.others[0], made.chair, reason=reason, until=until, by=made.chair.user, at=make.NOW
    )


def test_open_work_goes_to_the_deputy_and_what_is_done_stays():
    made = room(3)
    give(made, (0, 1), (1, 1), (2, 1))
    make.mark_all(made.proposals[0], [made.others[0]])
    handover, moved, left = handed(made)
    assert (moved, left) == (2, [])
    assert todo(made, made.chair) == [each.number for each in made.proposals[1:]]
    assert todo(made, made.others[0]) == []
    page = " ".join(signed_in(made.admin).get(f"{made.base}panel/").content.decode().split())
    assert f"Handed to {made.chair.user.name}" in page and "On leave." in page
    assert actions.take_back(handover, by=made.chair.user, at=make.NOW) == 2
    assert actions.take_back(handover, by=made.chair.user, at=make.NOW) == 0
    assert todo(made, made.others[0]) == [each.number for each in made.proposals[1:]]


def test_a_conflict_of_the_deputy_keeps_the_work_where_it_is():
    made = room(2)
    give(made, (0, 1), (1, 1))
    panel_actions.recuse(
        made.chair, supplier=made.proposals[0].supplier, reason="Kin.", by=made.chair.user, at=make.NOW
    )
    _, moved, left = handed(made)
    assert (moved, [each.pk for each in left]) == (1, [made.proposals[0].pk])


def test_work_goes_back_after_the_last_day_and_what_was_begun_stays(monkeypatch):
    made = room(2)
    give(made, (0, 1), (1, 1))
    handed(made, until=make.NOW.date())
    make.mark_all(made.proposals[0], [made.chair])
    monkeypatch.setattr(schedule.clock, "wall_time", lambda: make.NOW)
    schedule.remind_reviewers()
    assert Assignment.objects.filter(evaluator=made.chair).count() == 2
    monkeypatch.setattr(schedule.clock, "wall_time", lambda: make.NOW + timedelta(days=2))
    schedule.remind_reviewers()
    assert Handover.objects.get().returned_at is not None
    assert Assignment.objects.get(evaluator=made.others[0]).proposal_id == made.proposals[1].pk


@pytest.mark.parametrize(
    ("what", "words"),
    [("reason", "Enter a reason"), ("nothing", "has no assigned work left"), ("same", "someone else")],
)
def test_a_handover_that_cannot_be_is_refused(what, words):
    made = room()
    if what != "nothing":
        give(made, (0, 1))
    deputy = made.others[0] if what == "same" else made.chair
    with pytest.raises(Refused, match=words):
        actions.hand_over(
            made.window,
            made.others[0],
            deputy,
            reason="" if what == "reason" else "On leave.",
            until=None,
            by=made.chair.user,
            at=make.NOW,
        )


def test_the_page_keeps_what_was_typed_and_names_what_is_wrong():
    made = room()
    give(made, (0, 1))
    client = signed_in(made.chair.user)
    path = f"{made.base}panel/hand-over/{made.others[0].pk}/?window=1"
    page = client.post(path, {"deputy": "", "reason": "On leave.", "until": "2020-01-01"}).content.decode()
    assert "Choose a deputy" in page and "Choose today or a later day" in page and "On leave." in page
    assert client.post(path, {"deputy": str(made.chair.pk), "reason": "On leave."}).status_code == 302
    assert Handover.objects.get().deputy == made.chair
