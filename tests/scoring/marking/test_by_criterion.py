"""One criterion over all proposals: marks saved together, each for itself."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scoring.models import Mark
from tests.scoring.board.test_assigned import give
from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db


def address(made, code="T"):
    return f"{made.base}scoring/{code}/?window=1"


def sent(made, *marks):
    """(proposal's place, anchor, comment) as the page sends them."""
    pk = made.solicitation.criteria.get(code="T").pk
    found = {}
    for at, anchor, comment in marks:
        key = f"{pk}-{made.proposals[at].current_revision_id}"
        found |= {f"anchor-{key}": anchor, f"comment-{key}": comment, f"shown-{key}": ""}
    return found


def test_marks_of_several_proposals_are_saved_together():
    made = room(3)
    client = signed_in(made.chair.user)
    page = client.get(address(made)).content.decode()
    assert all(each.number in page for each in made.proposals) and "Anchor 3" in page
    answer = client.post(address(made), sent(made, (0, "4", "Good"), (1, "2", "Weak"), (2, "", "")))
    assert answer.status_code == 302
    assert sorted(Mark.objects.values_list("anchor", "comment")) == [(2, "Weak"), (4, "Good")]


def test_one_that_is_wrong_is_named_and_the_others_are_saved():
    made = room(2)
    page = signed_in(made.chair.user).post(address(made), sent(made, (0, "4", ""), (1, "9", "Superb")))
    said = " ".join(page.content.decode().split())
    assert "1 proposal to fix. The other marks are saved." in said and "Superb" in said
    assert Mark.objects.get().revision_id == made.proposals[0].current_revision_id


def test_only_what_is_asked_is_on_the_page():
    made = room(2)
    give(made, (0, 1))
    page = signed_in(made.chair.user).get(address(made)).content.decode()
    assert made.proposals[0].number not in page and made.proposals[1].number in page


@pytest.mark.parametrize("code", ["D", "P", "Q"])
def test_a_criterion_that_reviewers_do_not_mark_has_no_page(code):
    made = room()
    assert signed_in(made.chair.user).get(address(made, code)).status_code == 404
    assert signed_in(made.admin).get(address(made)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_proposal_and_for_three(count):
    made = room(count)
    client = signed_in(made.chair.user)
    client.get(address(made))
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address(made)).status_code == 200
    assert len(caught) <= 20, len(caught)
