"""What the database counts as marks are stored, and what saving marks costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rfp.models import Proposal
from scoring.marking import actions
from scoring.models import AutomaticMark, Mark, Review
from scoring.panel.access import proposals_in, proposals_visible_to
from scoring.panel.views.room import enter
from scoring.ranking import inputs
from scoring.ranking import queries as ranking_queries
from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db
NOW = timezone.now


def _mark(made, proposal, seat, *, anchor=3, criteria=None):
    revision = ranking_queries.revision_to_score(proposal.current_revision_id)
    asked = inputs.criteria_to_mark(revision)[:criteria]
    actions.record_marks(
        revision, [(each, anchor, "") for each in asked], evaluator=seat, by=seat.user, at=NOW()
    )
    return revision, asked


def _counted(proposal):
    return Proposal.objects.get(pk=proposal.pk).reviewers


def test_marks_are_counted_as_they_are_stored_changed_and_taken_away():
    made = room(1)
    proposal, seat = made.proposals[0], made.chair
    Mark.objects.all().delete()
    assert (_counted(proposal), Review.objects.count()) == (0, 0)
    revision, asked = _mark(made, proposal, seat, criteria=1)
    review = Review.objects.get(evaluator=seat, revision=revision)
    assert (_counted(proposal), review.given, review.is_done) == (1, 1, len(asked) == 1)
    _, asked = _mark(made, proposal, seat, anchor=4)
    review.refresh_from_db()
    assert (_counted(proposal), review.given, review.is_done) == (1, len(asked), True)
    Mark.objects.filter(evaluator=seat).delete()
    assert (_counted(proposal), Review.objects.count()) == (0, 0)


def test_a_computed_mark_left_to_reviewers_asks_for_one_more():
    made = room(1)
    revision, asked = _mark(made, made.proposals[0], made.chair)
    assert Review.objects.get(evaluator=made.chair, revision=revision).is_done
    computed = AutomaticMark.objects.filter(
        revision=revision, criterion__envelope="technical", left_to_evaluators=False
    ).first()
    assert computed is not None, "the sample RFP computes some marks"
    AutomaticMark.objects.filter(pk=computed.pk).update(left_to_evaluators=True)
    review = Review.objects.get(evaluator=made.chair, revision=revision)
    assert (review.given, review.is_done) == (len(asked), False)


@pytest.mark.parametrize("step", ["", "next"])
def test_saving_marks_costs_the_same_for_one_proposal_and_for_three(step):
    counts = []
    for count in (1, 3):
        made = room(count)
        Mark.objects.all().delete()
        proposal = made.proposals[0]
        client = signed_in(made.chair.user)
        path = f"/evaluate/proposals/{proposal.pk}/mark/"
        asked = inputs.criteria_to_mark(ranking_queries.revision_to_score(proposal.current_revision_id))
        values = {f"anchor-{each.pk}": "3" for each in asked} | ({step: "1"} if step else {})
        client.get(path)
        with CaptureQueriesContext(connection) as caught:
            answer = client.post(path, values)
        assert answer.status_code == 302 and Mark.objects.count() == len(asked)
        counts.append(len(caught))
    # Four of them begin and commit: the marks, and the session with the message for the next page.
    assert counts[0] == counts[1] <= 24


def test_what_the_room_knows_of_a_window_is_what_is_visible():
    """`proposals_in` and `proposals_visible_to` are twins."""
    made = room(3)
    people = [made.admin, *(seat.user for seat in made.seats)]
    for person in people:
        entered = enter(person, made.solicitation.number)
        for window in entered.windows:
            if entered.must_declare(window):
                continue
            twin = set(proposals_in(entered.viewer, window, entered.access[window.pk]))
            assert twin == set(proposals_visible_to(person).filter(window=window)), person
