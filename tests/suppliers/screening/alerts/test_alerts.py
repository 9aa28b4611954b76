"""Alerts: raised once, decided by people, kept through refreshes; lists: immutable, replaced in one step."""

import pytest

from portal.kit.refused import Refused
from portal.models import AuditEvent, Role
from suppliers.company import profiles
from suppliers.models import (
    Alert,
    Disposition,
    Hit,
    ListedParty,
    Officer,
    Owner,
    Snapshot,
)
from suppliers.screening import screen
from tests import factories as make
from tests.suppliers.screening.alerts.alert_acts import ESCALATE, FALSE, LISTED, TRUE, decide, facts_of

pytestmark = pytest.mark.django_db


LATER = make.NOW


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
    with pytest.raises(Refused, match="different officer"):
        decide(alert, FALSE, officer)
    alert = decide(alert, FALSE, make.make_user(Role.OFFICER))
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
    assert decide(alert, TRUE, make.make_user(Role.OFFICER)).state == Alert.State.TRUE_MATCH


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.REVIEWER, Role.ADMIN, Role.AUDITOR])
def test_only_officers_decide(supplier, role):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    with pytest.raises(Refused, match="officers"):
        decide(alert, TRUE, make.make_user(role))
    assert Disposition.objects.count() == 0


def test_a_decision_needs_a_reason(supplier, officer):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    with pytest.raises(Refused, match="reason"):
        decide(alert, TRUE, officer, reason="  ")


def test_a_decision_survives_a_refresh_of_an_unchanged_record(supplier, officer):
    make.make_list(LISTED)
    decide(make.screen(supplier)[0], TRUE, officer)
    newer = make.make_list(LISTED, "Somebody Else Foundry")
    (alert,) = make.screen(supplier)
    assert (alert.state, alert.party.snapshot) == (Alert.State.TRUE_MATCH, newer)


def test_a_changed_record_is_looked_at_again(supplier, officer):
    make.make_list(LISTED)
    decide(make.screen(supplier)[0], ESCALATE, officer)
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
    with pytest.raises(Refused, match="no longer"):
        decide(alert, TRUE, officer)
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    assert alert.is_current


def test_a_clearing_half_done_before_the_record_changed_does_not_count(supplier, officer):
    make.make_list(LISTED)
    decide(make.screen(supplier)[0], FALSE, officer)
    make.make_list(LISTED, extra="Changed")
    (alert,) = make.screen(supplier)
    assert decide(alert, FALSE, make.make_user(Role.OFFICER)).state == Alert.State.CLEARING


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


@pytest.mark.parametrize(
    ("role", "kind", "asked"),
    [
        ("officer", "individual", True),
        ("officer", "entity", True),
        ("owner", "individual", True),
        ("owner", "entity", False),
    ],
)
def test_every_hit_on_a_person_asks_an_officer(role, kind, asked):
    supplier = make.make_supplier(legal_name="Hock Works LLC")
    name = "Zhonglark Ironvale Chemical"
    if role == "officer":
        Officer.objects.create(supplier=supplier, name=name, title="CEO")
    else:
        Owner.objects.create(supplier=supplier, name=name, pct_equity=60)
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


@pytest.mark.parametrize("scheme", ["UEI", "EIN"])
def test_taking_a_shared_identifier_out_of_the_profile_ends_no_hold(scheme, officer):
    shared = {"UEI": "ZQGGHJH74DW7", "EIN": "123456789"}[scheme]
    supplier = make.make_supplier(legal_name="Hock Works LLC", **{scheme.lower(): shared})
    in_use("sam", "9", "Quite Another Name Sarl", identifiers=[[scheme, shared]])
    (alert,) = make.screen(supplier)
    setattr(supplier, scheme.lower(), "")
    supplier.save()
    (hit,) = facts_of(supplier).hits
    assert (hit.identifier, hit.is_open) == (alert.identifier, True)
    for one in (officer, make.make_user(Role.OFFICER)):
        alert = decide(alert, FALSE, one)
    assert facts_of(supplier).hits == ()


def test_a_shared_identifier_that_the_record_no_longer_names_holds_nobody():
    supplier = make.make_supplier(legal_name="Hock Works LLC", uei="ZQGGHJH74DW7")
    in_use("sam", "9", "Quite Another Name Sarl", identifiers=[["UEI", "ZQGGHJH74DW7"]])
    assert len(facts_of(supplier).hits) == 1
    Snapshot.objects.update(is_active=False)
    in_use("sam", "9", "Quite Another Name Sarl", identifiers=[["UEI", "another"]])
    assert facts_of(supplier).hits == ()


@pytest.mark.parametrize("leads_first", [True, False])
def test_who_leads_the_company_and_lends_it_the_name_is_referred_as_a_person(leads_first):
    name = "Zhonglark Ironvale Chemical"
    supplier = make.make_supplier(legal_name="Hock Works LLC")
    in_use("csl", "7", "Zhonglark Ironvale Pharmaceutical", kind="individual")
    chief = Officer.objects.create(supplier=supplier, name=name, title="CEO")
    if leads_first:
        assert [hit.role for hit in facts_of(supplier).hits] == ["officer"]
    supplier.dbas = [name]
    supplier.save()
    assert [hit.role for hit in facts_of(supplier).hits] == ["officer"]
    chief.delete()
    assert [hit.role for hit in facts_of(supplier).hits] == ["officer"]


def test_a_maker_who_becomes_an_owner_is_held_like_one():
    supplier = make.make_supplier(legal_name="Hock Works LLC")
    make.make_list(LISTED)
    profile = profiles.supplier_facts(supplier)
    screen.screen(supplier.pk, profile, extra=(("manufacturer", LISTED),))
    owner = Owner.objects.create(supplier=supplier, name=LISTED, kind="company", pct_equity=60)
    facts_of(supplier)
    owner.delete()
    assert [hit.role for hit in facts_of(supplier).hits] == ["owner"]


def test_one_officer_twice_is_not_two(supplier, officer):
    first = in_use("sam", "9", LISTED, kind="entity")
    (alert,) = make.screen(supplier)
    decide(alert, FALSE, officer)
    # A number that came to be shared opens it again; then the same officer speaks once more.
    Alert.objects.update(state=Alert.State.OPEN)
    decide(alert, FALSE, officer)
    Snapshot.objects.update(is_active=False)
    in_use("sam", "9", LISTED, kind="entity", fingerprint="other")
    facts_of(supplier)
    Snapshot.objects.update(is_active=False)
    Snapshot.objects.filter(pk=first.pk).update(is_active=True)
    facts_of(supplier)
    alert.refresh_from_db()
    assert alert.state == Alert.State.CLEARING


def test_a_list_that_comes_into_use_while_names_are_compared_counts(supplier, monkeypatch):
    make.make_list("Nobody Else Foundry")
    found = screen.find

    def slow(*args):
        monkeypatch.undo()
        compared = found(*args)
        make.make_list("Nobody Else Foundry", LISTED)
        assert [hit.is_open for hit in facts_of(supplier).hits] == [True]
        return compared

    monkeypatch.setattr(screen, "find", slow)
    assert [hit.is_open for hit in facts_of(supplier).hits] == [True]
    assert Alert.objects.get().is_current


def in_use(source, record, name, *, fingerprint="f", **more):
    """An active list with one record."""
    snapshot = Snapshot.objects.create(
        source=source, loaded_at=make.NOW, as_of=make.NOW.date(), sha256="0", parties_count=1, is_active=True
    )
    ListedParty.objects.create(
        snapshot=snapshot, record_id=record, name=name, fingerprint=fingerprint, **more
    )
    return snapshot
