"""Posts that pass the forms by, and rights that were taken back."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.kit import refused as rfp_actions
from portal.kit.compliance import Envelope, Outcome
from portal.models import Role
from rfp.compliance import queries as rfp_queries
from rfp.models import Finding, Opening, Override, Window
from rfp.rules import RULEBOOK
from scoring.decisions import actions as decisions_actions
from scoring.decisions import opening_actions
from scoring.models import Report, Score
from scoring.panel import actions as panel_actions
from scoring.ranking import inputs
from scoring.ranking import queries as ranking_queries
from scoring.reports import actions as reports_actions
from scoring.reports import pdf
from tests import factories
from tests.scoring.decisions.queue_acts import send
from tests.scoring.rooms import Room, room, signed_in

pytestmark = pytest.mark.django_db


def late_room():
    """A proposal that AT-4 found late, which nobody may set aside."""
    made = room()
    assessment = made.proposals[0].current_revision.assessments.get()
    finding = Finding.objects.create(
        assessment=assessment,
        rule="AT-4",
        part="late",
        title="Received in time",
        outcome="not_met",
        effect="knockout",
        audience="supplier",
        envelope="technical",
        message="Late.",
    )
    return made, finding


def test_a_late_proposal_is_not_set_aside_by_a_post_without_a_form():
    made, finding = late_room()
    answer = send(made, finding, made.chair.user, outcome="met", reason="A friend of ours")
    assert answer.status_code == 200
    assert not Override.objects.exists()


def test_only_a_knockout_is_decided():
    made = room()
    finding = made.proposals[0].current_revision.assessments.get().findings.filter(effect="advisory").first()
    with pytest.raises(rfp_actions.Refused):
        decisions_actions.decide_findings(
            [finding], outcome=Outcome.NOT_MET, reason="x", by=made.admin, at=factories.NOW
        )


def absent_file_room():
    """A proposal without the file that a requirement asks for."""
    solicitation = factories.make_solicitation()
    requirement = solicitation.requirements.get(code="R1")
    requirement.evidence, requirement.evidence_required = "Test report", True
    requirement.save()
    proposal = factories.make_proposal(solicitation)
    factories.assess_and_score(proposal)
    window = factories.close(solicitation.windows.get())
    chair, others = factories.make_panel(solicitation, reviewers=1)
    made = Room(solicitation, window, solicitation.created_by, chair, others, [proposal])
    made.open(Envelope.TECHNICAL)
    proposal.refresh_from_db()
    return made, proposal


def test_a_file_that_was_not_sent_waits_for_a_person():
    made, proposal = absent_file_room()
    finding = Finding.objects.get(assessment__revision=proposal.current_revision, rule="AT-2")
    assert finding.outcome == "not_met" and finding.effect == "knockout"
    score = Score.objects.get(revision=proposal.current_revision)
    assert (score.knocked_out, score.awaiting_decision) == (False, 1)
    assert rfp_queries.awaits_decision(finding)
    page = signed_in(made.chair.user).get(made.base + "decisions/").content.decode()
    assert "1 decision waiting" in page


def test_an_opening_begun_is_not_confirmed_when_the_window_was_extended_meanwhile():
    made = room(opened=False)
    opening_actions.propose_openings(made.window, envelope=Envelope.TECHNICAL, lots=[], by=made.chair.user)
    Window.objects.filter(pk=made.window.pk).update(closes_at=datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(rfp_actions.Refused):
        opening_actions.confirm_openings(made.window, envelope=Envelope.TECHNICAL, lots=[], by=made.admin)
    assert Opening.objects.get().confirmed_at is None


def another_chair(made):
    """Two admins have another reviewer chair the panel."""
    change = panel_actions.propose_chair(
        made.solicitation, user=made.others[0].user, reason="Away.", by=made.admin, at=factories.NOW
    )
    panel_actions.confirm_chair(change, by=factories.make_user(Role.ADMIN), at=factories.NOW)


def test_who_is_chair_no_more_loses_the_shortlist_report_too():
    made = room()
    made.mark()
    made.rank()
    report = reports_actions.request_shortlist_report(made.window, by=made.chair.user, at=factories.NOW)
    pdf.make(report.pk)
    client = signed_in(made.chair.user)
    path = f"/evaluate/reports/{report.pk}/"
    assert client.get(path + "file/").status_code == 200
    another_chair(made)
    assert client.get(made.base + "ranking/").status_code == 200
    assert [client.get(path).status_code, client.get(path + "file/").status_code] == [404, 404]
    assert Report.objects.get().state == Report.State.DONE


def test_a_new_rulebook_leaves_alone_what_was_decided_before_the_prices():
    made = room()
    made.open_prices()
    assert not rfp_queries.unassessed_revisions("proposal-next").exists()
    assert not rfp_queries.unassessed_revisions(RULEBOOK.version).exists()


def test_a_new_rulebook_reaches_what_is_not_decided_yet():
    made = room()
    waiting = rfp_queries.unassessed_revisions("proposal-next")
    assert [each.proposal_id for each in waiting] == [made.proposals[0].pk]


def feeding(code: str, **changes):
    """What feeds the computed criterion of a proposal whose R1 was changed before it was submitted."""
    solicitation = factories.make_solicitation()
    solicitation.criteria.filter(code="D").update(value_source="requirement")
    requirement = solicitation.requirements.get(code=code)
    requirement.feeds = solicitation.criteria.get(code="D")
    for name, value in changes.items():
        setattr(requirement, name, value)
    requirement.save()
    proposal = factories.make_proposal(solicitation)
    proposal.refresh_from_db()
    revision = ranking_queries.revision_to_score(proposal.current_revision_id)
    return revision, {each.requirement: each for each in inputs.answers_that_feed(revision)}


def test_a_section_that_answers_a_requirement_feeds_its_criterion():
    revision, fed = feeding("R1", answered_by="lead_time", data_type="integer")
    assert fed["R1"].value == revision.lead_time_days


def test_with_both_limits_the_scale_begins_at_the_one_away_from_the_ideal():
    _revision, fed = feeding("R1", minimum="10", maximum="100", ideal="10")
    assert (fed["R1"].start, fed["R1"].ideal) == (100, 10)


def test_an_admin_who_was_made_a_reviewer_does_not_confirm_the_own_opening():
    made = room(opened=False)
    opening_actions.propose_openings(made.window, envelope=Envelope.TECHNICAL, lots=[], by=made.admin)
    another_chair(made)
    other_admin = factories.make_user(Role.ADMIN)
    with pytest.raises(rfp_actions.Refused):
        opening_actions.confirm_openings(made.window, envelope=Envelope.TECHNICAL, lots=[], by=other_admin)
