"""Alerts: raised once, decided by people, kept through refreshes; lists: immutable, replaced in one step."""

import pytest
from django.db import DatabaseError, transaction

from portal.models import AuditEvent, Role
from rfp.models import Assessment
from suppliers import actions, assessment, profiles, queries, rescreening
from suppliers.models import (
    Alert,
    Disposition,
    Hit,
    ListedParty,
    Officer,
    Owner,
    ScreeningRun,
    Snapshot,
)
from tests import factories as make

pytestmark = pytest.mark.django_db

LISTED = "Zyxtrovic Armaments Trust"
TRUE, FALSE, ESCALATE = Disposition.Decision.values
LATER = make.NOW


@pytest.fixture
def supplier():
    return make.make_supplier(legal_name=LISTED)


@pytest.fixture
def officer():
    return make.make_user(Role.ADMIN)


def decide(alert, decision, by, reason="Compared the addresses and the register entry."):
    return actions.decide_alert(alert, decision=decision, reason=reason, by=by, at=make.NOW)


def facts_of(supplier):
    return assessment.screen(supplier.pk, profiles.supplier_facts(supplier))


def test_the_same_screening_twice_raises_one_alert(supplier):
    make.make_list(LISTED)
    first, second = facts_of(supplier), facts_of(supplier)
    assert first == second
    assert [hit.disposition for hit in first.hits] == ["open"]
    assert (Alert.objects.count(), Hit.objects.count()) == (1, 1)


def test_a_strong_hit_is_cleared_by_two_officers(supplier, officer):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    alert = decide(alert, FALSE, officer)
    assert alert.state == Alert.State.CLEARING
    assert facts_of(supplier).hits[0].disposition == "open"
    with pytest.raises(actions.Refused, match="somebody else"):
        decide(alert, FALSE, officer)
    alert = decide(alert, FALSE, make.make_user(Role.ADMIN))
    assert alert.state == Alert.State.FALSE_POSITIVE
    assert facts_of(supplier).hits[0].disposition == "false_positive"
    assert AuditEvent.objects.filter(verb="alert.decided").count() == 2


def test_a_possible_hit_is_cleared_by_one(supplier, officer):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    Alert.objects.filter(pk=alert.pk).update(band="possible")
    assert decide(alert, FALSE, officer).state == Alert.State.FALSE_POSITIVE


@pytest.mark.parametrize(
    ("decision", "state"), [(TRUE, Alert.State.TRUE_MATCH), (ESCALATE, Alert.State.ESCALATED)]
)
def test_confirming_and_escalating_take_one(supplier, officer, decision, state):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    assert decide(alert, decision, officer).state == state
    assert facts_of(supplier).hits[0].disposition == state.value


def test_a_second_look_that_disagrees_leaves_the_waiting_state(supplier, officer):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    decide(alert, FALSE, officer)
    assert decide(alert, TRUE, make.make_user(Role.ADMIN)).state == Alert.State.TRUE_MATCH


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.REVIEWER, Role.AUDITOR])
def test_only_officers_decide(supplier, role):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    with pytest.raises(actions.Refused, match="officers"):
        decide(alert, TRUE, make.make_user(role))
    assert Disposition.objects.count() == 0


def test_a_decision_needs_a_reason(supplier, officer):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    with pytest.raises(actions.Refused, match="reason"):
        decide(alert, TRUE, officer, reason="  ")


def test_a_decision_survives_a_refresh_of_an_unchanged_record(supplier, officer):
    make.make_list(LISTED)
    decide(make.screen(supplier)[0], TRUE, officer)
    newer = make.make_list(LISTED, "Somebody Else Foundry")
    (alert,) = make.screen(supplier)
    assert (alert.state, alert.party.snapshot) == (Alert.State.TRUE_MATCH, newer)


def test_a_changed_record_is_looked_at_again(supplier, officer):
    make.make_list(LISTED)
    decide(make.screen(supplier)[0], TRUE, officer)
    make.make_list(LISTED, extra="Now of another address")
    (alert,) = make.screen(supplier)
    assert alert.state == Alert.State.OPEN
    assert alert.dispositions.count() == 1


def test_a_record_that_left_the_list_holds_nobody_and_is_kept(supplier, officer):
    make.make_list(LISTED)
    make.screen(supplier)
    make.make_list("Somebody Else Foundry")
    assert facts_of(supplier).hits == ()
    (alert,) = Alert.objects.all()
    assert not alert.is_current
    with pytest.raises(actions.Refused, match="no longer"):
        decide(alert, TRUE, officer)
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    assert alert.is_current


def test_a_clearing_half_done_before_the_record_changed_does_not_count(supplier, officer):
    make.make_list(LISTED)
    decide(make.screen(supplier)[0], FALSE, officer)
    make.make_list(LISTED, extra="Changed")
    (alert,) = make.screen(supplier)
    assert decide(alert, FALSE, make.make_user(Role.ADMIN)).state == Alert.State.CLEARING


@pytest.mark.parametrize(
    "state", [Alert.State.OPEN, Alert.State.CLEARING, Alert.State.ESCALATED, Alert.State.TRUE_MATCH]
)
def test_taking_an_owner_out_of_the_profile_ends_no_hold(state):
    supplier = make.make_supplier(legal_name="Hock Works LLC")
    owner = Owner.objects.create(supplier=supplier, name=LISTED, kind="company", pct_equity=60)
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    Alert.objects.filter(pk=alert.pk).update(state=state)
    owner.delete()
    (hit,) = facts_of(supplier).hits
    assert (hit.name, hit.role, hit.is_open or hit.disposition == "true_match") == (LISTED, "owner", True)
    # What two officers cleared needs no screening once it is gone.
    Alert.objects.filter(pk=alert.pk).update(state=Alert.State.FALSE_POSITIVE)
    assert facts_of(supplier).hits == ()


def test_a_weak_likeness_is_kept_on_record_and_asks_nobody():
    supplier = make.make_supplier(legal_name="Zhonglark Ironvale Chemical Co")
    make.make_list("Zhonglark Ironvale Pharmaceutical Co")
    assert facts_of(supplier).hits == () and not Alert.objects.exists()
    assert Hit.objects.get().band == "logged"


@pytest.mark.parametrize(("kind", "asked"), [("individual", True), ("entity", False)])
def test_every_hit_on_a_person_asks_an_officer(kind, asked):
    supplier = make.make_supplier(legal_name="Hock Works LLC")
    Officer.objects.create(supplier=supplier, name="Zhonglark Ironvale Chemical", title="CEO")
    snapshot = make.make_list("Nobody Else Foundry")
    newer = Snapshot.objects.create(
        source="csl", loaded_at=make.NOW, as_of=snapshot.as_of, sha256="0", parties_count=1, is_active=True
    )
    ListedParty.objects.create(
        snapshot=newer, record_id="9", name="Zhonglark Ironvale Pharmaceutical", kind=kind, fingerprint="f"
    )
    assert [hit.band for hit in facts_of(supplier).hits] == (["logged"] if asked else [])
    assert Alert.objects.exists() is asked


def test_sites_are_screened_by_their_names():
    supplier = make.make_supplier(legal_name="Hock Works LLC")
    supplier.sites.update(name=LISTED)
    make.make_list(LISTED)
    assert {hit.role for hit in facts_of(supplier).hits} == {"site"}


def test_an_identifier_the_record_also_names_is_a_hit_whatever_the_name(supplier):
    snapshot = make.make_list("Quite Another Name Sarl")
    supplier.uei = "ZQGGHJH74DW7"
    supplier.save()
    party = snapshot.parties.get()
    # Loaded anew: stored records never change.
    newer = Snapshot.objects.create(
        source="sam", loaded_at=make.NOW, as_of=make.NOW.date(), sha256="0", parties_count=1, is_active=True
    )
    ListedParty.objects.create(
        snapshot=newer,
        record_id="9",
        name=party.name,
        identifiers=[["UEI", "ZQGGHJH74DW7"]],
        fingerprint="f",
    )
    (hit,) = facts_of(supplier).hits
    assert (hit.identifier, hit.source, hit.band) == ("UEI ZQGGHJH74DW7", "sam", "exact")
    assert Alert.objects.get().priority > 100


@pytest.mark.parametrize(
    ("country", "listed", "shared", "expected"),
    [
        ("US", [], False, 91),
        ("US", ["US"], False, 111),
        ("US", ["IR"], False, 81),
        ("US", ["US"], True, 211),
        ("", ["IR"], False, 91),
    ],
)
def test_priority(country, listed, shared, expected):
    from decimal import Decimal

    assert assessment.priority(Decimal("0.9123"), country, listed, shared=shared) == expected


# ---- lists ----


def test_a_list_takes_the_place_of_the_one_before_and_can_be_rolled_back(officer):
    first = make.make_list("One Foundry", "Two Foundry")
    second = make.make_list("Two Foundry", "Three Foundry", "Four Foundry")
    first.refresh_from_db()
    assert (first.is_active, second.is_active) == (False, True)
    found = queries.difference(first, second)
    assert [
        sorted(each.values_list("name", flat=True)) for each in (found.added, found.removed, found.changed)
    ] == [["Four Foundry", "Three Foundry"], ["One Foundry"], []]
    actions.activate_list(first, by=officer, at=make.NOW, confirmed=True)
    assert list(queries.active_snapshots()) == [first]
    with pytest.raises(actions.Refused, match="active already"):
        actions.activate_list(first, by=officer, at=make.NOW)


def test_a_record_whose_text_changed_is_named_so():
    first, second = make.make_list("One Foundry"), make.make_list("One Foundry", extra="moved")
    found = queries.difference(first, second)
    assert [each.count() for each in (found.added, found.removed, found.changed)] == [0, 0, 1]


def test_a_list_that_lost_half_its_records_asks_first(officer):
    names = [f"Foundry Number {number}" for number in range(10)]
    active = make.make_list(*names)
    Snapshot.objects.filter(pk=active.pk).update(is_active=False)
    half = make.make_list(*names[:5])
    Snapshot.objects.filter(pk=half.pk).update(is_active=False)
    actions.activate_list(active, by=officer, at=make.NOW)
    with pytest.raises(actions.Refused, match="10% fewer"):
        actions.activate_list(half, by=officer, at=make.NOW)
    assert list(queries.active_snapshots()) == [active]
    actions.activate_list(half, by=officer, at=make.NOW, confirmed=True)
    assert list(queries.active_snapshots()) == [half]


def test_nine_of_ten_records_are_enough(officer):
    names = [f"Foundry Number {number}" for number in range(10)]
    more, fewer = make.make_list(*names), Snapshot(source="custom", parties_count=9)
    assert actions.doubt(fewer, more) == ""


def test_a_tiny_official_list_asks_too():
    assert "at least" in actions.doubt(Snapshot(source="ofac", parties_count=3), None)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_a_loaded_record(change):
    party = make.make_list("One Foundry").parties.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        rows = ListedParty.objects.filter(pk=party.pk)
        rows.update(name="Another") if change == "update" else rows._raw_delete(rows.db)


def test_the_database_refuses_to_change_what_an_officer_said(supplier, officer):
    make.make_list(LISTED)
    decide(make.screen(supplier)[0], TRUE, officer)
    with pytest.raises(DatabaseError), transaction.atomic():
        Disposition.objects.update(reason="Never mind")


# ---- everybody again ----


def test_a_refresh_screens_everybody_and_counts_what_changed(supplier, monkeypatch):
    make.make_supplier(legal_name="Plainfield Valley Bearings")
    monkeypatch.setattr(rescreening, "STEP", 1)
    make.make_list(LISTED)
    run = ScreeningRun.objects.get()
    rescreening.run(run.pk)
    run.refresh_from_db()
    assert (run.done, run.total, run.changed, run.finished_at is not None) == (2, 2, 1, True)
    rescreening.run(run.pk)
    run.refresh_from_db()
    assert run.done == 2


def test_a_run_that_was_cut_off_goes_on_where_it_was(supplier, monkeypatch):
    make.make_supplier(legal_name="Plainfield Valley Bearings")
    monkeypatch.setattr(rescreening, "STEP", 1)
    make.make_list(LISTED)
    run = ScreeningRun.objects.get()
    rescreening._step(run.pk)
    run.refresh_from_db()
    assert (run.done, run.finished_at) == (1, None)
    rescreening.run(run.pk)
    run.refresh_from_db()
    assert (run.done, run.finished_at is not None) == (2, True)


def test_the_same_list_again_changes_nobody(supplier):
    make.make_list(LISTED)
    rescreening.run(ScreeningRun.objects.get().pk)
    make.make_list(LISTED)
    run = ScreeningRun.objects.latest("pk")
    rescreening.run(run.pk)
    run.refresh_from_db()
    assert run.changed == 0


@pytest.mark.django_db(transaction=True)
def test_a_decision_is_in_the_findings_of_the_suppliers_proposals(officer):
    solicitation = make.make_solicitation()
    proposal = make.make_proposal(solicitation, make.make_supplier(legal_name=LISTED))
    make.make_list(LISTED)
    make.assess_and_score(proposal)
    alert = Alert.objects.get()
    decide(alert, TRUE, officer)
    make.assess_and_score(proposal)
    latest = Assessment.objects.filter(revision__proposal=proposal).latest("pk")
    assert latest.findings.get(rule="SC-2").outcome == "not_met"
