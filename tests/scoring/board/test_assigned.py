"""What an assignment changes: queues, desks, quorum, evaluation files, reviews; and what it refuses."""

from __future__ import annotations

import json

import pytest

from portal.kit.refused import Refused
from scoring.board import actions, planning
from scoring.board.actions import Cell
from scoring.decisions import lots
from scoring.models import Assignment, AssignmentRun, Mark, Review
from scoring.panel import actions as panel_actions
from scoring.ranking import inputs
from scoring.ranking import queries as ranking_queries
from scoring.reports import files
from tests import factories as make
from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db
HAND = Assignment.How.HAND


def give(made, *cells, remove=(), by=None, how=HAND):
    """Assign (proposal's place, seat's place) pairs as the chair."""
    return actions.assign(
        made.window,
        [Cell(made.proposals[at], made.seats[who]) for at, who in cells],
        [Cell(made.proposals[at], made.seats[who]) for at, who in remove],
        how=how,
        by=by or made.chair.user,
        at=make.NOW,
    )


def todo(made, seat):
    page = signed_in(seat.user).get(made.base + "scoring/").content.decode()
    return [each.number for each in made.proposals if each.number in page]


def desk(proposal):
    return f"/evaluate/proposals/{proposal.pk}/mark/"


def test_without_assignments_everybody_marks_everything():
    made = room(2)
    assert [todo(made, seat) for seat in made.seats] == [[each.number for each in made.proposals]] * 2
    state = lots.lots_before_prices(made.window)[0]
    assert state.short == 2 and set(state.left.values()) == {2}


def test_an_assigned_proposal_is_asked_of_its_reviewers_alone_and_stays_readable():
    made = room(2)
    give(made, (0, 1))
    first, second = made.proposals
    assert todo(made, made.chair) == [second.number]
    assert todo(made, made.others[0]) == [first.number, second.number]
    chair = signed_in(made.chair.user)
    assert chair.get(desk(first)).status_code == 404
    assert chair.get(f"/evaluate/proposals/{first.pk}/").status_code == 200
    assert chair.get(desk(second)).status_code == 200


def test_who_is_not_assigned_is_refused_and_nothing_is_stored():
    made = room()
    give(made, (0, 1))
    criterion = made.solicitation.criteria.get(code="T")
    page = signed_in(made.chair.user).post(desk(made.proposals[0]), {f"anchor-{criterion.pk}": "4"})
    assert "You are not assigned to this proposal." in page.content.decode()
    assert not Mark.objects.exists()


def test_the_quorum_of_all_is_everybody_who_is_assigned():
    made = room(2)
    give(made, (0, 1), (1, 0))
    state = lots.lots_before_prices(made.window)[0]
    assert (state.short, dict(state.left)) == (2, {made.chair.pk: 1, made.others[0].pk: 1})
    make.mark_all(made.proposals[0], [made.others[0]])
    make.mark_all(made.proposals[1], [made.chair])
    assert lots.lots_before_prices(made.window)[0].short == 0


def test_the_evaluation_file_names_who_is_assigned_or_has_marked():
    made = room(2)
    make.mark_all(made.proposals[1], [made.chair])
    give(made, (0, 0), (1, 1))
    made.rank()
    make.mark_all(made.proposals[0], [made.chair])
    content = files.whole(made.window, [made.proposals[0].lot], price_open=False).content
    marks = json.loads(content)["sets"][0]["marks"]
    said = {(each["proposal"], each["evaluator"]): each["status"] for each in marks}
    assert said == {
        (made.proposals[0].number, "Reviewer 1"): "given",
        (made.proposals[1].number, "Reviewer 1"): "given",
        (made.proposals[1].number, "Reviewer 2"): "missing",
    }


def test_a_group_of_criteria_is_marked_alone_and_finished():
    made = room()
    made.solicitation.criteria.filter(code="T").update(group="Technology")
    proposal, seat = made.proposals[0], made.others[0]
    left = Cell(proposal, made.chair, "Other")
    actions.assign(
        made.window, [Cell(proposal, seat, "Technology"), left], how=HAND, by=made.chair.user, at=make.NOW
    )
    page = signed_in(seat.user).get(desk(proposal)).content.decode()
    assert f"anchor-{made.solicitation.criteria.get(code='T').pk}" in page
    make.mark_all(proposal, [seat])
    assert Review.objects.get(evaluator=seat).is_done
    with pytest.raises(Refused, match="You are not assigned to T on this proposal"):
        make.mark_all(proposal, [made.chair])


def test_reviews_are_counted_anew_when_assignments_change():
    made = room()
    made.solicitation.criteria.filter(code="T").update(group="Technology")
    proposal, seat = made.proposals[0], made.chair
    make.mark_all(proposal, [seat])
    assert Review.objects.get().is_done
    Mark.objects.all().delete()
    revision = ranking_queries.revision_to_score(proposal.current_revision_id)
    assert len(inputs.criteria_to_mark(revision)) >= 1


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("conflict", "has a conflict with the supplier of"),
        ("marked", "has marked"),
        ("priced", "can’t be assigned"),
        ("reviewer", "Only the chair and admins assign reviewers"),
    ],
)
def test_an_assignment_that_cannot_be_is_refused(what, words):
    made = room()
    seat = made.others[0]
    cells, remove, by = [(0, 1)], [], made.chair.user
    if what == "conflict":
        panel_actions.recuse(
            seat, supplier=made.proposals[0].supplier, reason="Kin.", by=made.chair.user, at=make.NOW
        )
    elif what == "marked":
        give(made, (0, 1))
        make.mark_all(made.proposals[0], [seat])
        cells, remove = [(0, 0)], [(0, 1)]
    elif what == "priced":
        made.open_prices()
    else:
        by = seat.user
    before = set(Assignment.objects.values_list("proposal", "evaluator"))
    with pytest.raises(Refused, match=words):
        give(made, *cells, remove=remove, by=by)
    assert set(Assignment.objects.values_list("proposal", "evaluator")) == before


def planned(made, *, each=1, cap=None):
    run = actions.ask_for_run(
        made.window, lots=["L1"], group="", each=each, cap=cap, by=made.chair.user, at=make.NOW
    )
    planning.make(run.pk, at=make.NOW)
    run.refresh_from_db()
    return run


def test_a_plan_changes_nothing_until_it_is_applied_and_keeps_what_is_there():
    made = room(3)
    give(made, (0, 1))
    make.mark_all(made.proposals[1], [made.chair])
    run = planned(made)
    assert Assignment.objects.count() == 1 and not run.gaps
    kept = {(proposal, seat) for proposal, seat, _why, is_kept in run.pairs if is_kept}
    assert kept == {
        (str(made.proposals[0].pk), made.others[0].pk),
        (str(made.proposals[1].pk), made.chair.pk),
    }
    assert actions.apply_run(run, by=made.chair.user, at=make.NOW) == 2
    assert Assignment.objects.count() == 3
    with pytest.raises(Refused, match="already been applied"):
        actions.apply_run(run, by=made.chair.user, at=make.NOW)


def test_a_plan_with_gaps_says_so_and_is_not_applied():
    made = room(2)
    supplier = made.proposals[0].supplier
    panel_actions.recuse(made.others[0], supplier=supplier, reason="Kin.", by=made.chair.user, at=make.NOW)
    run = planned(made, each=2)
    name = made.chair.user.name
    assert run.gaps == [f"Lot L1: 1 proposal needs 2 reviewers. Only {name} has no conflict."]
    with pytest.raises(Refused, match="There is no plan to apply"):
        actions.apply_run(run, by=made.chair.user, at=make.NOW)


def test_a_conflict_named_after_the_plan_stops_it():
    made = room(2)
    run = planned(made)
    panel_actions.recuse(
        made.others[0], supplier=made.proposals[0].supplier, reason="Kin.", by=made.chair.user, at=make.NOW
    )
    panel_actions.recuse(
        made.others[0], supplier=made.proposals[1].supplier, reason="Kin.", by=made.chair.user, at=make.NOW
    )
    with pytest.raises(Refused, match="Plan again"):
        actions.apply_run(run, by=made.chair.user, at=make.NOW)
    assert not Assignment.objects.exists() and AssignmentRun.objects.get().applied_at is None


def test_a_conflicted_reviewers_work_does_not_count_toward_the_floor():
    made = room(1)
    give(made, (0, 1))
    panel_actions.recuse(
        made.others[0], supplier=made.proposals[0].supplier, reason="Kin.", by=made.chair.user, at=make.NOW
    )
    run = planned(made, each=1)
    assert [(seat, is_kept) for _proposal, seat, _why, is_kept in run.pairs] == [(made.chair.pk, False)]
    assert actions.apply_run(run, by=made.chair.user, at=make.NOW) == 1
    assert todo(made, made.chair) == [made.proposals[0].number]


def test_a_group_is_shown_on_the_board_and_not_widened_by_hand():
    made = room()
    made.solicitation.criteria.filter(code="T").update(group="Technology")
    proposal, seat = made.proposals[0], made.others[0]
    actions.assign(
        made.window, [Cell(proposal, seat, "Technology")], how=HAND, by=made.chair.user, at=make.NOW
    )
    client = signed_in(made.chair.user)
    page = client.get(f"{made.base}panel/?edit=1").content.decode()
    assert "Only Technology" in page and " checked" not in page
    client.post(f"{made.base}panel/by-hand/?window=1", {"shown": [str(proposal.pk)]})
    assert list(Assignment.objects.values_list("group", flat=True)) == ["Technology"]


def test_who_has_work_is_not_removed_from_the_panel():
    made = room(declared=False)
    give(made, (0, 1))
    with pytest.raises(Refused, match="has proposals to mark here"):
        panel_actions.unseat_evaluator(made.others[0], by=made.admin, at=make.NOW)
