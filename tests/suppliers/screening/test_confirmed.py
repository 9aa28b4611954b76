"""A confirmed match: it stays one until two officers end it, whatever the lists hold, and nobody overrides it."""

from __future__ import annotations

import pytest

from portal.kit import clock
from portal.kit.compliance import Outcome
from portal.kit.refused import Refused
from portal.models import AuditEvent, Role
from suppliers.company import profiles
from suppliers.models import Alert, Disposition, Owner, Qualification
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import blocks, qualifying
from suppliers.screening import alert_actions, list_actions, rescreening, screen
from tests import factories as make
from tests.suppliers.qualification.standing_acts import pending

pytestmark = pytest.mark.django_db

LISTED = "Zyxtrovic Armaments Trust"
OTHER = "Somebody Else Foundry"
State, Status = Alert.State, Qualification.Status
REASON = "Compared the address and the register entry."


@pytest.fixture
def officers():
    return [make.make_user(Role.OFFICER) for _ in range(3)]


def decide(alert, decision, by, code="other"):
    return alert_actions.decide_alert(alert, decision=decision, code=code, reason=REASON, by=by, at=make.NOW)


def confirmed(officer, **fields) -> Alert:
    """A supplier's own name, confirmed as listed."""
    make.make_list(LISTED, OTHER)
    supplier = make.make_supplier(legal_name=LISTED, **fields)
    return decide(make.screen(supplier)[0], "true_match", officer)


def again(alert) -> Alert:
    make.screen(alert.supplier)
    return Alert.objects.get(pk=alert.pk)


def standing_of(officer) -> Qualification:
    """A qualified supplier whose own name is then listed, and confirmed by an officer."""
    make.make_list(OTHER)
    row = pending(legal_name=LISTED)
    qualification_actions.act_on_standing(row, "approve", reason=REASON, told="", by=officer, at=make.NOW)
    make.make_list(OTHER, LISTED)
    assert look(row).status == Status.ON_HOLD
    decide(make.screen(row.supplier)[0], "true_match", officer)
    return look(row)


def look(row) -> Qualification:
    qualifying.assess_supplier(row.supplier_id)
    return make.fresh_standing(row)


@pytest.mark.parametrize("how", ["lacks-it", "changed", "rolled-back"])
def test_no_list_ends_a_confirmed_match(officers, how):
    before = make.make_list(OTHER)
    alert = confirmed(officers[0])
    if how == "lacks-it":
        make.make_list(OTHER)
    elif how == "changed":
        make.make_list(LISTED, OTHER, extra="Now of another address")
    else:
        list_actions.activate_list(before, by=None, at=make.NOW, confirmed=True, reason="A rollback.")
    alert = again(alert)
    assert (alert.state, alert.is_current) == (State.TRUE_MATCH, how == "changed")
    (hit,) = screen.screen(alert.supplier_id, profiles.supplier_facts(alert.supplier)).hits
    assert (hit.disposition, hit.is_listed) == ("true_match", how == "changed")
    assert [each.kind for each in blocks.live_blocks([("P-0", alert.supplier_id)])["P-0"]] == ["confirmed"]


def test_a_standing_says_confirmed_match_and_no_list_lifts_it(officers):
    row = standing_of(officers[0])
    assert row.status == Status.CONFIRMED
    assert row.steps.last().reason == "An officer confirmed a match with a listed party."
    rescreening.run(make.make_list(OTHER).runs.get().pk)
    row = look(row)
    assert row.status == Status.CONFIRMED
    finding = row.latest.findings.get(rule="SC-2")
    assert finding.outcome == "not_met" and "no longer on the active list" in finding.message


def test_two_officers_end_a_confirmed_match_and_free_the_standing(officers):
    row = standing_of(officers[0])
    make.make_list(OTHER)
    (alert,) = make.screen(row.supplier)
    assert decide(alert, "end", officers[0], "delisted").state == State.ENDING
    # One officer's proposal changes nothing.
    assert look(row).status == Status.CONFIRMED
    with pytest.raises(Refused, match="different officer must agree"):
        decide(alert, "end", officers[0], "delisted")
    assert decide(alert, "end", officers[1], "delisted").state == State.ENDED
    assert look(row).status == Status.QUALIFIED
    assert [
        each.facts["state"] for each in AuditEvent.objects.filter(verb="alert.decided").order_by("seq")
    ] == [
        "true_match",
        "ending",
        "ended",
    ]


@pytest.mark.parametrize(("first", "second"), [("false_positive", "end"), ("end", "false_positive")])
def test_two_officers_end_it_when_they_say_the_same(officers, first, second):
    alert = confirmed(officers[0])
    decide(alert, first, officers[0])
    # Another reason is another proposal, which waits for its own second officer.
    assert decide(alert, second, officers[1]).state == State.ENDING
    assert decide(alert, second, officers[2]).state in Alert.CLEARED


def test_a_possible_hit_once_confirmed_takes_two_to_end(officers):
    alert = confirmed(officers[0])
    Alert.objects.filter(pk=alert.pk).update(band="possible")
    assert decide(alert, "false_positive", officers[0]).state == State.ENDING
    assert decide(alert, "false_positive", officers[1]).state == State.FALSE_POSITIVE


def test_a_proposal_to_end_it_does_not_outlast_the_text_it_was_about(officers):
    alert = confirmed(officers[0])
    decide(alert, "end", officers[0])
    make.make_list(LISTED, OTHER, extra="Now of another address")
    alert = again(alert)
    assert alert.state == State.TRUE_MATCH
    assert decide(alert, "end", officers[1]).state == State.ENDING


def test_an_officer_who_keeps_it_takes_the_proposal_away(officers):
    alert = confirmed(officers[0])
    decide(alert, "end", officers[0])
    assert decide(alert, "true_match", officers[1]).state == State.TRUE_MATCH
    assert decide(alert, "end", officers[2]).state == State.ENDING


def test_a_confirmed_match_is_not_escalated_into_an_open_one(officers):
    alert = confirmed(officers[0])
    with pytest.raises(Refused, match="already confirmed"):
        decide(alert, "escalate", officers[1])
    assert Disposition.objects.count() == 1


def test_only_a_confirmed_match_is_ended(officers):
    make.make_list(LISTED)
    (alert,) = make.screen(make.make_supplier(legal_name=LISTED))
    with pytest.raises(Refused, match="only end a confirmed match"):
        decide(alert, "end", officers[0])


def test_nobody_sets_its_effect_aside(officers):
    row = standing_of(officers[0])
    finding = row.latest.findings.get(rule="SC-2")
    with pytest.raises(Refused, match="on the alert"):
        qualification_actions.override_finding(
            finding, outcome=Outcome.MET, reason=REASON, by=officers[1], at=make.NOW
        )
    with pytest.raises(Refused, match="open or confirmed"):
        Qualification.objects.filter(pk=row.pk).update(status=Status.PENDING)
        qualification_actions.act_on_standing(
            row, "approve", reason=REASON, told="", by=officers[1], at=make.NOW
        )


def test_an_ended_match_that_comes_back_on_the_list_is_open_again(officers):
    alert = confirmed(officers[0])
    make.make_list(OTHER)
    alert = again(alert)
    for officer in officers[:2]:
        decide(alert, "end", officer, "delisted")
    make.make_list(OTHER, LISTED)
    assert again(alert).state == State.OPEN


def test_an_ended_match_stays_ended_while_the_record_reads_the_same(officers):
    alert = confirmed(officers[0])
    for officer in officers[:2]:
        decide(alert, "end", officer, "not_barred")
    make.make_list(LISTED, OTHER)
    assert again(alert).state == State.ENDED
    make.make_list(LISTED, OTHER, extra="Now of another address")
    assert again(alert).state == State.OPEN


def test_an_owner_who_left_is_found_again_when_it_comes_back(officers):
    make.make_list(LISTED)
    supplier = make.make_supplier(legal_name="Hock Works LLC")
    owner = Owner.objects.create(supplier=supplier, name=LISTED, kind="company", pct_equity=60)
    (alert,) = make.screen(supplier)
    decide(alert, "true_match", officers[0])
    owner.delete()
    assert again(alert).state == State.TRUE_MATCH
    for officer in officers[:2]:
        decide(alert, "end", officer, "left")
    assert screen.screen(supplier.pk, profiles.supplier_facts(supplier)).hits == ()
    Owner.objects.create(supplier=supplier, name=LISTED, kind="company", pct_equity=60)
    assert again(alert).state == State.OPEN


def test_comparing_stores_nothing_and_finds_what_screening_finds(officers):
    alert = confirmed(officers[0])
    facts = profiles.supplier_facts(alert.supplier)
    extra = (("manufacturer", OTHER),)
    found = screen.compare(alert.supplier_id, facts, extra=extra, at=clock.wall_time())
    assert Alert.objects.count() == 1
    assert found == screen.screen(alert.supplier_id, facts, extra=extra)
    assert Alert.objects.count() == 2
