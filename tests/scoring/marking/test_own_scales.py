"""Criteria with a scale of their own on the desk: own marks, points, yes or no, a choice table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rfp.models import Criterion
from scoring.models import Mark
from scoring.reports import verification
from tests.scoring.rooms import Room, room, signed_in

pytestmark = pytest.mark.django_db

OWN = {"anchors": {"0": "0", "2.5": "40", "10": "100"}}
TABLE = {"anchors": {"1": "0", "2": "62.5", "3": "100"}}
YES_NO = {"anchors": {"0": "0", "1": "100"}}
POINTS = {"max": "60", "min": "0"}


def scaled(scale: dict[str, Any], **texts: str) -> Room:
    """A room whose criterion T has this scale; texts by mark: _1="One"."""
    made = room()
    anchors = {mark.removeprefix("_"): text for mark, text in texts.items()}
    Criterion.objects.filter(solicitation=made.solicitation, code="T").update(scale=scale, anchors=anchors)
    return made


def desk(made: Room) -> str:
    return f"/evaluate/proposals/{made.proposals[0].pk}/mark/"


def name(made: Room) -> str:
    return f"anchor-{made.solicitation.criteria.get(code='T').pk}"


@pytest.mark.parametrize(
    ("scale", "sent", "stored", "said", "points"),
    [
        (OWN, "2.5", Decimal("2.5"), "2.5 of 10", 24),
        (OWN, "10", 10, "10 of 10", 60),
        (TABLE, "2", 2, "Some", Decimal("37.5")),
        (YES_NO, "1", 1, "Yes", 60),
        (YES_NO, "0", 0, "No", 0),
        (POINTS, "45.125", Decimal("45.125"), "45.125 of 60", Decimal("45.125")),
        (POINTS, " 7.50 ", Decimal("7.5"), "7.5 of 60", Decimal("7.5")),
        (POINTS, "0", 0, "0 of 60", 0),
    ],
)
def test_a_mark_on_its_own_scale_counts(
    scale: dict[str, Any], sent: str, stored: Any, said: str, points: Any
) -> None:
    texts = {"_1": "None", "_2": "Some", "_3": "All"} if scale is TABLE else {}
    made = scaled(scale, **texts)
    client = signed_in(made.chair.user)
    answer = client.post(desk(made), {name(made): sent, "save": "save"})
    assert answer.status_code == 302, answer.content.decode()
    mark = Mark.objects.get()
    assert (mark.anchor, mark.abstained, type(mark.anchor)) == (stored, False, type(stored))
    page = client.get(desk(made)).content.decode()
    assert said in page
    revision = made.proposals[0].current_revision
    assert revision is not None
    revision.score.refresh_from_db()
    line = next(each for each in revision.score.trace["lines"] if each["criterion"] == "T")
    assert Decimal(line["points"]) == points
    assert list(line["marks"].values()) == [stored if isinstance(stored, int) else str(stored)]
    assert list(verification._marks()) == []
    # The page shows what is stored: sent back as it is, it changes nothing.
    again = client.post(desk(made), {name(made): str(mark.anchor), "save": "save"})
    assert again.status_code == 302 and Mark.objects.get().marked_at == mark.marked_at


@pytest.mark.parametrize(
    ("scale", "sent", "words"),
    [
        (OWN, "3", "choose one of the marks"),
        (OWN, "abc", "choose one of the marks"),
        (TABLE, "62.5", "choose one of the marks"),
        (YES_NO, "yes", "choose one of the marks"),
        (POINTS, "60.001", "enter points from 0 to 60"),
        (POINTS, "-1", "enter points from 0 to 60"),
        (POINTS, "1.2345", "at most 3 decimal places"),
        (POINTS, "much", "enter points from 0 to 60"),
        (POINTS, "NaN", "enter points from 0 to 60"),
        (POINTS, "1e400", "enter points from 0 to 60"),
        (POINTS, "Infinity", "enter points from 0 to 60"),
    ],
)
def test_what_is_not_on_the_scale_is_said_beside_it(scale: dict[str, Any], sent: str, words: str) -> None:
    made = scaled(scale)
    page = signed_in(made.chair.user).post(desk(made), {name(made): sent}).content.decode()
    assert page.count(words) >= 2
    assert not Mark.objects.exists()
    if scale is POINTS:
        assert f'value="{sent}"' in page


def test_points_can_be_left_out() -> None:
    made = scaled(POINTS)
    client = signed_in(made.chair.user)
    client.post(desk(made), {name(made): "12", f"{name(made)}-abstain": "on"})
    assert Mark.objects.get().abstained
    page = client.get(desk(made)).content.decode()
    assert "no mark" in page and 'value="12"' not in page


def test_the_spread_is_of_what_marks_are_worth() -> None:
    made = scaled(OWN)
    for seat, mark in ((made.chair, "2.5"), (made.others[0], "10")):
        signed_in(seat.user).post(desk(made), {name(made): mark})
    revision = made.proposals[0].current_revision
    assert revision is not None
    revision.score.refresh_from_db()
    assert revision.score.spread == 60
