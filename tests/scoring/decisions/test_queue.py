"""The decision queue: what waits, who decides, and what follows."""

from decimal import Decimal

import pytest

from portal.kit.compliance import Envelope, Outcome
from portal.kit.refused import Refused
from portal.models import Role
from rfp.compliance import assessment, queries
from rfp.models import Finding, Override
from rfp.proposals import revision_facts
from scoring.decisions import actions as decisions_actions
from scoring.decisions import opening_actions, pending, verdict_actions
from scoring.models import AutomaticMark, Decision, PanelMark, RankedProposal, Score
from scoring.ranking import queries as ranking_queries
from scoring.ranking import scores
from tests import factories
from tests.scoring.rooms import Room, auditor, knocked_out, room, signed_in

pytestmark = pytest.mark.django_db


def made_room():
    """A room with one proposal whose load is under the minimum, and that finding."""
    solicitation = factories.make_solicitation()
    proposal = knocked_out(solicitation)
    made = opened_room(solicitation, [proposal])
    finding = proposal.current_revision.assessments.get().findings.get(rule="RQ-1", part="R1")
    return made, finding


def opened_room(solicitation, proposals):
    window = factories.close(solicitation.windows.get())
    chair, others = factories.make_panel(solicitation, reviewers=1)
    made = Room(solicitation, window, solicitation.created_by, chair, others, proposals)
    made.open(Envelope.TECHNICAL)
    return made


def unanswered_room():
    """A room with one proposal that left a knock-out question blank."""
    solicitation = factories.make_solicitation()
    proposal = factories.make_draft(solicitation)
    factories.draft_of(proposal).responses.filter(requirement__code="R1").delete()
    factories.submit(proposal)
    factories.assess_and_score(proposal)
    proposal.refresh_from_db()
    return opened_room(solicitation, [proposal])


def missing_room(count=1):
    """A room whose proposals have no bill of materials, so the domestic share has no figure."""
    solicitation = factories.make_solicitation()
    proposals = []
    for _ in range(count):
        proposal = factories.make_draft(solicitation)
        factories.draft_of(proposal).bom_lines.all().delete()
        factories.submit(proposal)
        factories.assess_and_score(proposal)
        proposal.refresh_from_db()
        proposals.append(proposal)
    made = opened_room(solicitation, proposals)
    # Findings without a bill of materials wait as well; here only the input is looked at.
    decide_all(made)
    return made


def decide_all(made, outcome=Outcome.MET):
    found = pending.findings_to_decide(made.window).select_related(
        "assessment__revision__proposal__window__solicitation"
    )
    if rows := list(found.prefetch_related("overrides")):
        decisions_actions.decide_findings(
            rows, outcome=outcome, reason="Read.", by=made.admin, at=factories.NOW
        )


def send(made, finding, user, **data):
    """Decide one finding by the form of the queue."""
    return signed_in(user).post(f"{made.base}decisions/findings/", {"item": finding.pk, **data})


def queue(made, user, **asked):
    return signed_in(user).get(made.base + "decisions/", asked).content.decode()


# ---- what waits -------------------------------------------------------------------------------------------------


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


# ---- deciding ---------------------------------------------------------------------------------------------------


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
    assert costs[0] == costs[1]


# ---- missing inputs ---------------------------------------------------------------------------------------------


def inputs(made, user, marks, **data):
    sent = {"item": [mark.pk for mark in marks], **data}
    return signed_in(user).post(made.base + "decisions/inputs/", sent)


def test_a_panel_mark_stands_in_for_a_missing_input():
    made = missing_room()
    mark = AutomaticMark.objects.get(criterion__code="D")
    assert (mark.value, Score.objects.get().flags) == (None, ["mark_missing"])
    page = queue(made, made.chair.user, kind="input")
    assert "Rule DC-2" in page and "Panel mark" in page and "85" in page
    answer = inputs(
        made, made.chair.user, [mark], kind="panel", value="42.5", reason="Answer 6.2 gives a range"
    )
    assert answer.status_code == 302
    made.mark(4)
    score = Score.objects.get()
    # 60 × 80 ÷ 100 from the reviewers and 20 × 42.5 ÷ 100 from the panel.
    assert (score.technical, score.automatic_missing, score.flags) == (Decimal("56.5"), 0, [])
    line = next(each for each in score.trace["lines"] if each["criterion"] == "D")
    assert (line["mode"], line["mark"]) == ("panel", "42.500000000000")
    page = signed_in(made.chair.user).get(f"/evaluate/proposals/{made.proposals[0].pk}/").content.decode()
    assert "Panel mark" in page


def test_recorded_zeros_are_given_to_several_at_once_and_count_as_zero():
    made = missing_room(2)
    marks = list(AutomaticMark.objects.filter(criterion__code="D"))
    inputs(made, made.admin, marks, kind="zero", reason="The proposal has no figure")
    made.mark(5)
    assert {score.technical for score in Score.objects.all()} == {Decimal(60)}
    assert {each.kind for each in PanelMark.objects.all()} == {"zero"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "panel", "reason": "x"}, "Enter the panel’s mark, from 0 to 100"),
        ({"kind": "panel", "value": "101", "reason": "x"}, "less than or equal to 100"),
        ({"kind": "panel", "value": "-1", "reason": "x"}, "greater than or equal to 0"),
        ({"kind": "panel", "value": "many", "reason": "x"}, "use digits only"),
        ({"kind": "zero", "reason": " "}, "Reason is missing"),
        ({"kind": "guess", "reason": "x"}, "Choose a panel mark or a recorded zero"),
    ],
)
def test_bad_input_for_a_missing_input_is_refused(data, words):
    made = missing_room()
    mark = AutomaticMark.objects.get(criterion__code="D")
    sent = {"item": mark.pk, **data}
    page = signed_in(made.chair.user).post(f"{made.base}decisions/inputs/?kind=input", sent).content.decode()
    assert words in page
    assert not PanelMark.objects.exists()


def test_an_input_that_is_there_is_not_stood_in_for():
    made = room()
    mark = AutomaticMark.objects.select_related("revision__proposal__window__solicitation").get(
        criterion__code="D"
    )
    with pytest.raises(Refused, match="Nothing is missing for D"):
        decisions_actions.stand_in_for_input(
            [(mark.revision, mark.criterion)],
            kind=PanelMark.Kind.ZERO,
            value=Decimal(0),
            reason="x",
            by=made.admin,
            at=factories.NOW,
        )


# ---- the shortlist ----------------------------------------------------------------------------------------------


def test_with_prices_open_nothing_is_decided_any_more_and_a_clean_proposal_is_shortlisted():
    made, finding = made_room()
    send(made, finding, made.chair.user, outcome="exception", reason="The drawing proves it")
    made.open_prices()
    with pytest.raises(Refused, match="Prices are open"):
        decisions_actions.decide_findings(
            [finding], outcome=Outcome.NOT_MET, reason="x", by=made.admin, at=factories.NOW
        )
    proposal = made.proposals[0]
    proposal.refresh_from_db()
    decision = verdict_actions.decide(
        proposal, verdict=Decision.Verdict.SHORTLISTED, reason="First", by=made.chair.user, at=factories.NOW
    )
    assert Decision.objects.get() == decision


@pytest.mark.parametrize("flag", ["not_met", "referred", "unanswered", "mark_missing"])
def test_a_flag_keeps_a_proposal_off_the_shortlist(flag):
    made = room()
    made.open_prices()
    RankedProposal.objects.update(flags=[flag])
    with pytest.raises(Refused):
        verdict_actions.decide(
            made.proposals[0],
            verdict=Decision.Verdict.SHORTLISTED,
            reason="First",
            by=made.chair.user,
            at=factories.NOW,
        )
    assert not Decision.objects.exists()


@pytest.mark.parametrize("standing", ["knocked_out", "below_threshold", "not_scored"])
def test_only_a_ranked_proposal_is_shortlisted(standing):
    made = room()
    made.open_prices()
    RankedProposal.objects.update(standing=standing, rank=None)
    with pytest.raises(Refused, match="You can only shortlist a ranked proposal"):
        verdict_actions.decide(
            made.proposals[0],
            verdict=Decision.Verdict.SHORTLISTED,
            reason="x",
            by=made.chair.user,
            at=factories.NOW,
        )
