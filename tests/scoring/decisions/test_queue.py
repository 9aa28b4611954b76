"""The decision queue: what waits, who decides, and what follows."""

import pytest

from portal.kit.compliance import Envelope, Outcome
from portal.kit.refused import Refused
from portal.models import Role
from rfp.compliance import assessment, queries
from rfp.models import Finding, Override
from rfp.proposals import revision_facts
from scoring.decisions import actions as decisions_actions
from scoring.decisions import opening_actions, pending
from scoring.models import RankedProposal, Score
from scoring.ranking import queries as ranking_queries
from scoring.ranking import scores
from tests import factories
from tests.scoring.decisions.queue_acts import made_room, opened_room, queue, send
from tests.scoring.rooms import auditor, knocked_out, room, signed_in

pytestmark = pytest.mark.django_db


def unanswered_room():
    """A room with one proposal that left a knock-out question blank."""
    solicitation = factories.make_solicitation()
    proposal = factories.make_draft(solicitation)
    factories.draft_of(proposal).responses.filter(requirement__code="R1").delete()
    factories.submit(proposal)
    factories.assess_and_score(proposal)
    proposal.refresh_from_db()
    return opened_room(solicitation, [proposal])


def test_a_confirmed_knockout_takes_effect():
    made, finding = made_room()
    page = queue(made, made.chair.user)
    assert "1 decision waiting" in page and "Knock-out not met" in page and "1,000 kg" in page
    answer = send(made, finding, made.chair.user, outcome="not_met", reason="Read the report")
    assert answer.status_code == 302
    assert Score.objects.get().knocked_out
    page = queue(made, made.others[0].user, state="decided")
    assert "Knocked out by" in page and "Read the report" in page and "<textarea" not in page


@pytest.mark.parametrize(("outcome", "words"), [("met", "Finding overridden"), ("exception", "Kept in")])
def test_a_finding_set_aside_or_excepted_lets_the_proposal_rank(outcome, words):
    made, finding = made_room()
    send(made, finding, made.admin, outcome=outcome, reason="A typing error, proven by the drawing")
    score = Score.objects.get()
    assert (score.knocked_out, score.awaiting_decision, score.flags) == (False, 0, [])
    assert Override.objects.get().exception is (outcome == "exception")
    assert words in queue(made, made.admin, state="decided")


def test_a_finding_referred_to_a_person_waits_holds_prices_and_is_flagged():
    made = room()
    findings = Finding.objects.filter(assessment__revision__proposal=made.proposals[0])
    finding = findings.filter(rule="RQ-1", part="R1").get()
    Finding.objects.bulk_create(
        [
            Finding(
                assessment=finding.assessment,
                rule="FA-1",
                part="x",
                title="Site in the United States",
                outcome="refer",
                effect="knockout",
                audience="supplier",
                envelope="technical",
                message="The ZIP code is new.",
            )
        ]
    )
    scores.rescore(ranking_queries.revision_to_score(finding.assessment.revision_id))
    made.mark()
    made.rank()
    assert RankedProposal.objects.get().flags == ["referred"]
    page = queue(made, made.chair.user)
    assert "The ZIP code is new." in page and "A person decides" in page
    assert "A person decides" in signed_in(made.admin).get(made.base + "ranking/").content.decode()
    with pytest.raises(Refused, match=r"L1: 1 knock-out finding open\."):
        opening_actions.propose_openings(
            made.window, envelope=Envelope.PRICE, lots=list(made.solicitation.lots.all()), by=made.admin
        )
    assert "1 decision waiting" in signed_in(made.admin).get(made.base).content.decode()


def test_a_blank_knockout_answer_says_not_answered_and_waits():
    made = unanswered_room()
    finding = Finding.objects.get(rule="RQ-1", part="R1")
    assert (finding.outcome, finding.message) == ("refer", "Not answered.")
    assert queries.question_of(finding) is queries.Question.UNANSWERED
    assert Score.objects.get().flags == ["unanswered"]
    page = queue(made, made.chair.user)
    assert "Question not answered" in page and "Not answered." in page
    detail = signed_in(made.chair.user).get(f"/evaluate/proposals/{made.proposals[0].pk}/?part=findings")
    assert "Not answered</span>" in detail.content.decode()


def test_screening_waits_for_officers_and_never_for_the_chair():
    made = room()
    finding = Finding.objects.filter(rule="SC-2").get()
    assert queries.question_of(finding) is None
    assert "SC-2" not in queue(made, made.chair.user)
    with pytest.raises(Refused, match="not a knock-out that you can decide"):
        decisions_actions.decide_findings(
            [finding], outcome=Outcome.MET, reason="x", by=made.admin, at=factories.NOW
        )


def test_the_findings_of_a_proposal_that_is_out_wait_no_more():
    made, finding = made_room()
    other = Finding.objects.create(
        assessment=finding.assessment,
        rule="FA-1",
        part="y",
        title="Another",
        outcome="not_met",
        effect="knockout",
        audience="supplier",
        envelope="technical",
        message="Not in the United States.",
    )
    send(made, finding, made.chair.user, outcome="not_met", reason="Read")
    assert list(pending.findings_to_decide(made.window)) == []
    assert pending.waiting_in(made.window) == 0
    assert not other.overrides.exists()


def test_several_findings_of_one_rule_are_decided_with_one_reason():
    solicitation = factories.make_solicitation()
    proposals = [knocked_out(solicitation) for _ in range(3)]
    made = opened_room(solicitation, proposals)
    findings = list(Finding.objects.filter(rule="RQ-1", part="R1").order_by("pk"))
    answer = signed_in(made.chair.user).post(
        made.base + "decisions/findings/",
        {"item": [each.pk for each in findings[:2]], "outcome": "not_met", "reason": "Below 1,500 kg"},
        headers={"hx-request": "true"},
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and "2 decisions recorded." in page and "1 decision waiting" in page
    assert [each.overrides.count() for each in findings] == [1, 1, 0]
    assert set(Override.objects.values_list("reason", flat=True)) == {"Below 1,500 kg"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Reason is missing"),
        ({"outcome": "not_met", "reason": "   "}, "Reason is missing"),
        ({"outcome": "perhaps", "reason": "Because"}, "Choose one of the three decisions"),
        ({"reason": "Because"}, "Decision is missing"),
        ({"outcome": "met", "reason": "x" * 2001}, "at most 2000 characters"),
        ({"outcome": "met", "reason": "Because", "item": []}, "Select at least one row"),
        ({"outcome": "met", "reason": "Because", "item": ["999999999"]}, "Someone else decided part"),
        ({"outcome": "met", "reason": "Because", "item": ["x", "9" * 30]}, "Select at least one row"),
    ],
)
def test_bad_input_is_shown_again_with_what_was_typed(data, words):
    made, finding = made_room()
    page = send(made, finding, made.chair.user, **data).content.decode()
    assert words in page
    assert data.get("reason", "").strip() in page
    assert not Override.objects.exists()


def test_a_change_takes_a_second_person():
    made, finding = made_room()
    send(made, finding, made.chair.user, outcome="not_met", reason="Read")
    again = signed_in(made.chair.user).post(
        f"{made.base}decisions/findings/?state=decided",
        {"item": finding.pk, "outcome": "met", "reason": "On second thought"},
    )
    assert "You made this decision. Only a different person can change it." in again.content.decode()
    signed_in(made.admin).post(
        f"{made.base}decisions/findings/?state=decided",
        {"item": finding.pk, "outcome": "exception", "reason": "The drawing proves it"},
    )
    assert [each.outcome for each in Override.objects.order_by("id")] == ["not_met", "met"]
    assert not Score.objects.get().knocked_out


def test_an_admin_signs_before_deciding():
    solicitation = factories.make_solicitation()
    proposal = knocked_out(solicitation)
    made = opened_room(solicitation, [proposal])
    other = factories.make_user(Role.ADMIN)
    page = queue(made, other)
    assert "sign your conflict declaration" in page and "<textarea" not in page
    finding = Finding.objects.get(rule="RQ-1", part="R1")
    refused = send(made, finding, other, outcome="met", reason="Mine").content.decode()
    assert "Sign your conflict declaration for window 1 first." in refused
    factories.declare(made.window, other, proposal.supplier)
    refused = send(made, finding, other, outcome="met", reason="Mine")
    assert "Someone else decided part" in refused.content.decode()
    with pytest.raises(Refused, match="You have a conflict with this supplier"):
        decisions_actions.decide_findings(
            [finding], outcome=Outcome.MET, reason="x", by=other, at=factories.NOW
        )
    assert not Override.objects.exists()


@pytest.mark.parametrize("who", ["reviewer", "auditor", "officer"])
def test_others_only_read(who):
    made, finding = made_room()
    user = {
        "reviewer": made.others[0].user,
        "auditor": auditor(),
        "officer": factories.make_user(Role.OFFICER),
    }[who]
    page = queue(made, user)
    assert finding.message in page and "Only the chair or an admin can decide." in page
    assert send(made, finding, user, outcome="met", reason="Mine").status_code == 404
    assert not Override.objects.exists()


def test_a_finding_of_another_rfp_is_not_decided_here():
    made, _finding = made_room()
    other, foreign = made_room()
    page = send(made, foreign, made.admin, outcome="met", reason="Mine").content.decode()
    assert "Someone else decided part" in page
    assert not Override.objects.exists()
    assert other.solicitation != made.solicitation


def test_a_decision_stands_when_the_rules_run_again_and_find_the_same():
    made, finding = made_room()
    send(made, finding, made.chair.user, outcome="exception", reason="The drawing proves it")
    revision = revision_facts.revision_for_facts(finding.assessment.revision_id)
    factories.make_list("Somebody Else Entirely")
    again = assessment.assess(revision)
    assert again.pk != finding.assessment_id
    kept = again.findings.get(rule="RQ-1", part="R1").overrides.get()
    assert (kept.outcome, kept.exception, kept.reason) == ("met", True, "The drawing proves it")
    assert kept.by == made.chair.user


def test_the_queue_is_narrowed_by_kind_lot_rule_and_words():
    made, finding = made_room()
    number = made.proposals[0].number
    for asked, there in (
        ({"kind": "not_met"}, True),
        ({"kind": "referred"}, False),
        ({"lot": "L1"}, True),
        ({"lot": "L9"}, False),
        ({"rule": "RQ-1"}, True),
        ({"rule": "DC-2"}, False),
        ({"q": number}, True),
        ({"q": "nobody of that name"}, False),
    ):
        assert (finding.message in queue(made, made.chair.user, **asked)) is there, asked


def test_the_evidence_is_the_answer_with_its_limits():
    made, finding = made_room()
    client = signed_in(made.chair.user)
    page = client.get(f"{made.base}decisions/finding/{finding.pk}/").content.decode()
    assert "Load, kg?" in page and "1,500 kg or more" in page and "1,000 kg" in page
    assert client.get(f"{made.base}decisions/input/{finding.pk}/").status_code == 404
    assert client.get(f"{made.base}decisions/secret/{finding.pk}/").status_code == 404


def test_the_queue_costs_the_same_for_one_and_three():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    costs = []
    for count in (1, 3):
        solicitation = factories.make_solicitation()
        made = opened_room(solicitation, [knocked_out(solicitation) for _ in range(count)])
        client = signed_in(made.admin)
        client.get(made.base + "decisions/")
        with CaptureQueriesContext(connection) as captured:
            page = client.get(made.base + "decisions/").content.decode()
        assert f"{count} decision" in page
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 17
