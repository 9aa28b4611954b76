"""A mark saves itself: one criterion at a time, with what the page shows from then on."""

from __future__ import annotations

import pytest

from scoring.models import Mark, MarkVersion
from scoring.reading.views import PARTS
from tests.scoring.marking.test_desk import criterion, desk, marks
from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db


def save(client, made, *, shown="", **values):
    sent = {**marks(made, **values), f"shown-{criterion(made).pk}": shown}
    return client.post(desk(made), sent, headers={"X-Autosave": "1"})


def test_a_mark_saves_itself_and_the_next_change_knows_it():
    made = room()
    client = signed_in(made.chair.user)
    first = save(client, made, anchor="4", comment="Good", sure="high")
    assert first.status_code == 200 and first.json()["saved"].endswith("ET")
    mark = Mark.objects.get()
    assert (mark.anchor, mark.comment, mark.confidence) == (4, "Good", "high")
    again = save(client, made, shown=first.json()["shown"], anchor="3", comment="Good", sure="high")
    assert again.status_code == 200 and Mark.objects.get().anchor == 3
    assert MarkVersion.objects.get().anchor == 4
    assert "Sure" in client.get(desk(made)).content.decode()


def test_what_was_saved_elsewhere_is_not_written_over():
    made = room()
    client = signed_in(made.chair.user)
    save(client, made, anchor="4", comment="")
    answer = save(client, made, shown="", anchor="2", comment="")
    assert answer.status_code == 422 and "different browser tab" in answer.json()["error"]
    assert Mark.objects.get().anchor == 4


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"anchor": "9", "comment": ""}, "choose a whole number from 0 to 5"),
        ({"anchor": "4", "comment": "", "sure": "very"}, "choose how sure you are"),
        ({"anchor": "", "comment": "Alone"}, "choose a mark or abstain"),
    ],
)
def test_what_cannot_be_saved_is_said_and_nothing_is_stored(sent, words):
    made = room()
    answer = save(signed_in(made.chair.user), made, **sent)
    assert answer.status_code == 422 and words in answer.json()["error"]
    assert not Mark.objects.exists()


def test_how_sure_a_reviewer_is_can_be_said_later_and_another_criterion_is_left_alone():
    made = room()
    client = signed_in(made.chair.user)
    shown = save(client, made, anchor="4", comment="Good").json()["shown"]
    assert save(client, made, shown=shown, anchor="4", comment="Good", sure="low").status_code == 200
    assert Mark.objects.get().confidence == "low"
    client.post(desk(made), {"save": "save"})
    assert Mark.objects.get().confidence == "low"


@pytest.mark.parametrize("part", [key for key, _words in PARTS])
def test_the_desk_opens_beside_every_part_of_the_proposal(part):
    made = room()
    answer = signed_in(made.chair.user).get(f"{desk(made)}?part={part}")
    assert answer.status_code == 200 and "Your marks" in answer.content.decode()
