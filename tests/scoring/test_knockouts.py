"""Knock-outs are confirmed or set aside on a page, by chair or admin, with a reason."""

import pytest

from portal.compliance import Envelope
from rfp.models import Override
from scoring.models import Score
from tests import factories
from tests.scoring.rooms import Room, auditor, knocked_out, signed_in

pytestmark = pytest.mark.django_db


def made_room():
    solicitation = factories.make_solicitation()
    proposal = knocked_out(solicitation)
    window = factories.close(solicitation.windows.get())
    chair, others = factories.make_panel(solicitation, reviewers=1)
    made = Room(solicitation, window, solicitation.created_by, chair, others, [proposal])
    made.open(Envelope.TECHNICAL)
    finding = proposal.current_revision.assessments.get().findings.get(rule="RQ-1", part="R1")
    return made, finding


def send(made, finding, user, **data):
    sent = {f"knockout-{finding.pk}-{name}": value for name, value in data.items()}
    return signed_in(user).post(f"{made.base}knockouts/{finding.pk}/", sent)


def test_a_confirmed_knockout_takes_effect():
    made, finding = made_room()
    page = signed_in(made.chair.user).get(made.base + "knockouts/").content.decode()
    assert "1 knock-out waits for a decision." in page and "Waits for a decision" in page
    answer = send(made, finding, made.chair.user, outcome="not_met", reason="Read the report")
    assert answer.status_code == 302
    assert Score.objects.get().knocked_out
    page = signed_in(made.others[0].user).get(made.base + "knockouts/").content.decode()
    assert "Confirmed" in page and "Read the report" in page and "<textarea" not in page


def test_a_knockout_set_aside_lets_the_proposal_rank():
    made, finding = made_room()
    send(made, finding, made.admin, outcome="met", reason="A typing error, proven by the drawing")
    score = Score.objects.get()
    assert (score.knocked_out, score.awaiting_confirmation) == (False, 0)
    assert "Set aside" in signed_in(made.admin).get(made.base + "knockouts/").content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Reason is missing"),
        ({"outcome": "not_met", "reason": "   "}, "Reason is missing"),
        ({"outcome": "perhaps", "reason": "Because"}, "Select a valid choice"),
        ({"reason": "Because"}, "Decision is missing"),
        ({"outcome": "met", "reason": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_bad_input_is_shown_again_with_what_was_typed(data, words):
    made, finding = made_room()
    page = send(made, finding, made.chair.user, **data).content.decode()
    assert words in page
    assert data.get("reason", "").strip() in page
    assert not Override.objects.exists()


@pytest.mark.parametrize("who", ["reviewer", "auditor"])
def test_others_only_read(who):
    made, finding = made_room()
    user = made.others[0].user if who == "reviewer" else auditor()
    page = signed_in(user).get(made.base + "knockouts/").content.decode()
    assert finding.title in page and "The chair or an admin decides." in page
    assert send(made, finding, user, outcome="met", reason="Mine").status_code == 404
    assert not Override.objects.exists()


def test_a_finding_of_another_rfp_is_not_found():
    made, _finding = made_room()
    other, foreign = made_room()
    assert send(made, foreign, made.admin, outcome="met", reason="Mine").status_code == 404
    assert not Override.objects.exists()
    assert other.solicitation != made.solicitation


def test_the_page_costs_the_same_for_one_and_three(django_assert_max_num_queries):
    made, _finding = made_room()
    client = signed_in(made.admin)
    client.get(made.base + "knockouts/")
    with django_assert_max_num_queries(10):
        client.get(made.base + "knockouts/")
