"""The desk: marks given, refused and kept; the queue; what is read-only."""

import re

import pytest

from scoring.models import Mark
from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db


def desk(made, proposal=None):
    return f"/evaluate/proposals/{(proposal or made.proposals[0]).pk}/mark/"


def criterion(made):
    return made.solicitation.criteria.get(code="T")


def marks(made, **values):
    """POST data for the criterion: anchor and comment."""
    pk = criterion(made).pk
    return {f"{name}-{pk}": value for name, value in values.items()}


def test_marks_are_stored_and_shown_with_the_running_total():
    made = room()
    client = signed_in(made.others[0].user)
    answer = client.post(desk(made), {**marks(made, anchor="4", comment="Test report."), "save": "save"})
    assert answer.headers["Location"] == desk(made)
    mark = Mark.objects.get()
    assert (mark.anchor, mark.comment, mark.evaluator) == (4, "Test report.", made.others[0])
    page = client.get(desk(made)).content.decode()
    assert re.search(r"data-points>48.0<", page)  # 60 × 80 ÷ 100
    assert "Test report.</textarea>" in page
    assert 'value="4" checked' in page
    assert "saved" in page


def test_the_desk_shows_anchors_guidance_and_the_suppliers_words_but_no_computed_criterion():
    made = room()
    page = signed_in(made.chair.user).get(desk(made)).content.decode()
    assert "Anchor 3" in page and "Shown by test." in page
    assert "sealed" in page and "Price" in page
    assert f"anchor-{made.solicitation.criteria.get(code='D').pk}" not in page


def test_an_abstention_is_a_mark_without_a_figure():
    made = room()
    signed_in(made.chair.user).post(desk(made), marks(made, anchor="abstain", comment="Not my field"))
    mark = Mark.objects.get()
    assert (mark.anchor, mark.abstained) == (None, True)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"anchor": "6", "comment": "Superb"}, "choose a whole number from 0 to 5"),
        ({"anchor": "-1", "comment": "Superb"}, "choose a whole number from 0 to 5"),
        ({"anchor": "four", "comment": "Superb"}, "choose a whole number from 0 to 5"),
        ({"anchor": "", "comment": "Superb"}, "choose a mark or abstain. We can’t save a comment alone"),
        ({"anchor": "3", "comment": "Superb" + "x" * 4000}, "the comment is longer than 4,000 characters"),
        ({"anchor": "3", "comment": "Superb\x00"}, "Null characters are not allowed."),
    ],
)
def test_bad_input_stands_beside_its_criterion_and_nothing_is_lost(sent, words):
    made = room()
    page = signed_in(made.chair.user).post(desk(made), marks(made, **sent)).content.decode()
    assert page.count(words) >= 2  # in the summary and beside the criterion
    assert "Superb" in page
    assert not Mark.objects.exists()
    assert re.search(rf'data-criterion="{criterion(made).pk}"[^>]* open', page)


def test_a_mark_once_given_is_changed_but_not_emptied():
    made = room()
    client = signed_in(made.chair.user)
    client.post(desk(made), marks(made, anchor="4", comment=""))
    page = client.post(desk(made), marks(made, anchor="", comment="")).content.decode()
    assert "choose a mark or abstain" in page
    client.post(desk(made), marks(made, anchor="2", comment="Read again"))
    assert Mark.objects.get().anchor == 2


def test_what_did_not_change_is_not_stored_again():
    made = room()
    client = signed_in(made.chair.user)
    client.post(desk(made), marks(made, anchor="4", comment="Good"))
    before = Mark.objects.get().marked_at
    client.post(desk(made), marks(made, anchor="4", comment=" Good "))
    assert Mark.objects.get().marked_at == before


def test_an_empty_form_stores_nothing_and_says_no_error():
    made = room()
    answer = signed_in(made.chair.user).post(desk(made), {"save": "save"})
    assert answer.status_code == 302
    assert not Mark.objects.exists()


def test_save_and_next_serves_the_least_reviewed():
    made = room(3)
    first, second, third = made.proposals
    other = signed_in(made.others[0].user)
    other.post(desk(made, second), marks(made, anchor="3"))
    client = signed_in(made.chair.user)
    answer = client.post(desk(made, first), {**marks(made, anchor="4"), "next": "next"})
    assert answer.headers["Location"] == desk(made, third)
    answer = client.post(desk(made, third), {**marks(made, anchor="4"), "next": "next"})
    assert answer.headers["Location"] == desk(made, second)
    answer = client.post(desk(made, second), {**marks(made, anchor="4"), "next": "next"})
    assert answer.headers["Location"] == f"{made.base}scoring/?window=1"
    assert "Nothing left to mark" in client.get(made.base + "scoring/").content.decode()
    assert "1 to 3 of 3" in client.get(made.base + "scoring/?show=done").content.decode()


def test_after_the_prices_the_desk_is_read_only_and_marks_are_refused():
    made = room()
    made.open_prices()
    client = signed_in(made.chair.user)
    page = client.get(desk(made)).content.decode()
    assert "fieldset disabled" in page and "Save and next" not in page
    page = client.post(desk(made), marks(made, anchor="1")).content.decode()
    assert "Prices are open. Technical marks are final." in page
    assert set(Mark.objects.values_list("anchor", flat=True)) == {4}


def test_only_a_seat_on_the_panel_marks():
    made = room()
    assert signed_in(made.admin).get(desk(made)).status_code == 404
    assert signed_in(made.admin).post(desk(made), marks(made, anchor="4")).status_code == 404
    assert signed_in(made.admin).get(made.base + "scoring/").status_code == 404


def test_reviewers_do_not_see_each_others_marks():
    made = room()
    signed_in(made.chair.user).post(desk(made), marks(made, anchor="5", comment="Best of all"))
    page = signed_in(made.others[0].user).get(desk(made)).content.decode()
    assert "Best of all" not in page
    assert " checked" not in page
