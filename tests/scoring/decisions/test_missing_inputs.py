"""Missing inputs of automatic marks, and what keeps a proposal off the shortlist."""

from decimal import Decimal

import pytest

from portal.kit.compliance import Outcome
from portal.kit.refused import Refused
from scoring.decisions import actions as decisions_actions
from scoring.decisions import verdict_actions
from scoring.models import AutomaticMark, Decision, PanelMark, RankedProposal, Score
from tests import factories
from tests.scoring.decisions.queue_acts import made_room, missing_room, queue, send
from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db


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
