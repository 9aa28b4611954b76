"""What becomes of answers that nobody looked at again: told in time, incomplete at the close, decided by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.kit.compliance import Effect, Envelope, Outcome
from portal.kit.refused import Refused
from portal.models import Notice, Role
from rfp.amending import ending_actions, letters, queries, supplier_actions
from rfp.amending.changes import KIND
from rfp.amending.supplier_actions import Answer
from rfp.compliance import assessment
from rfp.compliance import queries as compliance_queries
from rfp.models import Finding, Opening, Proposal, Solicitation, Window
from rfp.proposals import actions as proposals_actions
from rfp.proposals import revision_facts
from scoring.decisions import opening_actions
from tests import factories as make
from tests.rfp.amending import made

pytestmark = pytest.mark.django_db


def closed(solicitation: Solicitation) -> None:
    Window.objects.filter(solicitation=solicitation).update(closes_at=make.NOW - timedelta(minutes=5))


def assessed(proposal: Proposal) -> dict[str, Finding]:
    """Findings about requirements, by code."""
    found = made.fresh(proposal)
    assert found.current_revision_id is not None
    row = assessment.assess(revision_facts.revision_for_facts(found.current_revision_id))
    return {each.part: each for each in row.findings.filter(rule="RQ-1")}


def test_what_was_not_reconfirmed_is_a_knockout_that_a_person_decides() -> None:
    solicitation = make.make_solicitation()
    lazy, careful = make.make_draft(solicitation), make.make_draft(solicitation)
    for each in (lazy, careful):
        make.submit(each)
    made.publish(
        solicitation, (KIND.REQUIREMENT, "R2", made.values_of(made.question(solicitation, "R2"), text="?"))
    )
    owner = make.owner_of(careful.supplier)
    supplier_actions.reconfirm_submitted(
        made.fresh(careful),
        [Answer(made.question(solicitation, "R2"), is_kept=True)],
        shown=2,
        name=owner.name,
        title="Owner",
        by=owner,
        at=make.NOW,
    )
    assert assessed(lazy)["R2"].outcome == Outcome.MET.value, "until the close, the old answer counts"
    assert queries.incomplete_at_close(now=make.NOW) == []
    closed(solicitation)
    assert queries.incomplete_at_close(now=make.NOW) == [made.fresh(lazy).current_revision_id]
    found = assessed(lazy)["R2"]
    assert (found.outcome, found.effect) == (Outcome.NOT_MET.value, Effect.KNOCKOUT.value)
    assert compliance_queries.awaits_decision(found)
    assert "didn’t reconfirm" in found.message
    assert assessed(careful)["R2"].outcome == Outcome.MET.value
    assert queries.incomplete_at_close(now=make.NOW) == [], "it is told once"


def test_a_new_question_that_nobody_answered_is_incomplete_too() -> None:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    make.submit(proposal)
    values = made.values_of(made.question(solicitation), text="Height, mm?", minimum="") | {
        "data_type": "number",
        "answered_by": "response",
        "envelope": "technical",
        "position": 9,
        "lot": "L1",
        "feeds": "",
        "applies_to": [],
    }
    made.publish(solicitation, (KIND.REQUIREMENT_ADDED, "R4", values))
    closed(solicitation)
    assert assessed(proposal)["R4"].numbers == {"reconfirmed": "false"}


def test_an_addendum_after_the_close_asks_nothing_of_what_closed() -> None:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    make.submit(proposal)
    closed(solicitation)
    make.make_window(solicitation, opens_at=make.NOW - timedelta(minutes=4))
    made.publish(solicitation, made.heavier(solicitation))
    assert queries.incomplete_at_close(now=make.NOW) == []
    assert assessed(proposal)["R1"].outcome == Outcome.MET.value
    assert not Notice.objects.filter(key__startswith="addendum:").exists()


@pytest.mark.parametrize(("left", "hours"), [(50, None), (47, 48), (5, 48), (3, 4)])
def test_suppliers_are_reminded_48_and_4_hours_before(left: int, hours: int | None) -> None:
    solicitation = make.make_solicitation()
    touched, _fine = make.make_draft(solicitation), make.make_draft(solicitation, filled=False)
    made.publish(solicitation, made.heavier(solicitation))
    Window.objects.filter(solicitation=solicitation).update(closes_at=make.NOW + timedelta(hours=left))
    for _ in range(2):
        letters.remind_due(at=make.NOW)
    sent = Notice.objects.filter(key__startswith="reconfirm:")
    if hours is None:
        assert not sent.exists()
    else:
        assert sent.get().to == make.owner_of(touched.supplier)
        assert f"less than {hours} hours left" in sent.get().subject


def test_a_withdrawn_lot_takes_no_proposals() -> None:
    solicitation = make.make_solicitation()
    make.make_lot(solicitation, "L2")
    proposal = make.make_draft(solicitation)
    made.publish(solicitation, (KIND.LOT_WITHDRAWN, "L1", {}))
    with pytest.raises(proposals_actions.TooLate):
        make.submit(made.fresh(proposal))
    with pytest.raises(proposals_actions.TooLate):
        make.make_draft(solicitation)
    letter = Notice.objects.get(key__startswith="addendum:")
    assert "Lot L1 is withdrawn" in letter.body


def test_a_withdrawn_lot_stays_sealed() -> None:
    solicitation = make.make_solicitation()
    make.make_lot(solicitation, "L2")
    make.submit(make.make_draft(solicitation))
    made.publish(solicitation, (KIND.LOT_WITHDRAWN, "L1", {}))
    chair, _others = make.make_panel(solicitation)
    window = make.close(solicitation.windows.get())
    opening_actions.propose_openings(window, envelope=Envelope.TECHNICAL, lots=[], by=chair.user)
    assert [each.lot.code for each in Opening.objects.all()] == ["L2"]


def test_a_canceled_rfp_takes_nothing_and_everyone_is_told_why() -> None:
    solicitation, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    proposal = make.make_draft(solicitation)
    with pytest.raises(Refused, match="Enter a reason"):
        ending_actions.end_solicitation(solicitation, status="cancelled", reason=" ", by=admin, at=make.NOW)
    with pytest.raises(Refused, match="still to close"):
        ending_actions.end_solicitation(
            solicitation, status="complete", reason="Done.", by=admin, at=make.NOW
        )
    ending_actions.end_solicitation(
        solicitation, status="cancelled", reason="The program ended.", by=admin, at=make.NOW
    )
    with pytest.raises(proposals_actions.TooLate):
        make.submit(made.fresh(proposal))
    letter = Notice.objects.get(key__startswith="ended:")
    assert "The program ended." in letter.body
    with pytest.raises(Refused, match="already ended"):
        ending_actions.end_solicitation(
            solicitation, status="cancelled", reason="Again.", by=admin, at=make.NOW
        )
