"""Rooms with something to decide, and the queue's forms."""

from portal.kit.compliance import Envelope, Outcome
from scoring.decisions import actions as decisions_actions
from scoring.decisions import pending
from tests import factories
from tests.scoring.rooms import Room, knocked_out, signed_in


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


def send(made, finding, user, **data):
    """Decide one finding by the form of the queue."""
    return signed_in(user).post(f"{made.base}decisions/findings/", {"item": finding.pk, **data})


def queue(made, user, **asked):
    return signed_in(user).get(made.base + "decisions/", asked).content.decode()


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
