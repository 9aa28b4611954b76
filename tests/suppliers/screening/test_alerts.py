"""Alerts: raised once, decided by people, kept through refreshes; lists: immutable, replaced in one step."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.kit.refused import Refused
from portal.models import AuditEvent, Notice, Role
from rfp.models import Assessment
from suppliers import lists, schedule
from suppliers.company import profiles
from suppliers.matching import party, priority
from suppliers.models import (
    Alert,
    Disposition,
    Hit,
    ListedParty,
    Officer,
    Owner,
    RuleSettings,
    ScreeningRun,
    Snapshot,
)
from suppliers.qualification import rulebook_actions
from suppliers.screening import alert_actions, list_actions, lookup, queries, rescreening, screen
from tests import factories as make

pytestmark = pytest.mark.django_db

LISTED = "Zyxtrovic Armaments Trust"
TRUE, FALSE, ESCALATE, END = Disposition.Decision.values
LATER = make.NOW


@pytest.fixture
def supplier():
    return make.make_supplier(legal_name=LISTED)


@pytest.fixture
def officer():
    return make.make_user(Role.OFFICER)


def decide(alert, decision, by, reason="Compared the addresses and the register entry."):
    return alert_actions.decide_alert(alert, decision=decision, reason=reason, by=by, at=make.NOW)


def facts_of(supplier):
    return screen.screen(supplier.pk, profiles.supplier_facts(supplier))


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


def test_an_alert_has_the_time_of_its_last_change_and_of_no_look(supplier):
    def changed_at(*listed):
        if listed:
            make.make_list(*listed)
        (alert,) = make.screen(supplier)
        return alert.changed_at

    raised = changed_at(LISTED)
    assert changed_at() == raised
    assert changed_at(LISTED, "Somebody Else Foundry") == raised
    laid_by = changed_at("Somebody Else Foundry")
    assert laid_by > raised
    assert changed_at() == changed_at("Another Foundry", "Somebody Else Foundry") == laid_by
    assert changed_at(LISTED) > laid_by


def test_a_decision_is_not_of_a_record_that_came_to_share_an_identifier(supplier, officer):
    list_with(("UEI", "ZQGGHJH74DW7"), name=LISTED)
    (alert,) = make.screen(supplier)
    assert decide(alert, TRUE, officer).state == Alert.State.TRUE_MATCH
    supplier.uei = "ZQGGHJH74DW7"
    supplier.save()
    (shared,) = make.screen(supplier)
    # Once confirmed it stays confirmed; a false positive is looked at again.
    assert (shared.identifier, shared.state) == ("UEI ZQGGHJH74DW7", Alert.State.TRUE_MATCH)
    assert shared.changed_at > alert.changed_at
    Alert.objects.filter(pk=alert.pk).update(state=Alert.State.FALSE_POSITIVE, identifier="")
    assert make.screen(supplier)[0].state == Alert.State.OPEN


def list_with(*identifiers, name="Quite Another Name Sarl"):
    newer = Snapshot.objects.create(
        source="sam", loaded_at=make.NOW, as_of=make.NOW.date(), sha256="0", parties_count=1, is_active=True
    )
    ListedParty.objects.create(
        snapshot=newer,
        record_id="9",
        name=name,
        kind="entity",
        identifiers=[list(each) for each in identifiers],
        fingerprint="f",
    )


def test_a_shared_employer_number_is_a_hit_and_is_never_shown(supplier):
    supplier.ein = "12-3456789"
    supplier.save()
    list_with(("EIN", "12-3456789"))
    (hit,) = facts_of(supplier).hits
    assert (hit.identifier, hit.band) == ("EIN", "exact")
    alert = Alert.objects.get()
    assert "3456789" not in f"{alert.identifier}{alert.why}{alert.reasons}{alert.matched_name}"


def test_an_identifier_that_neither_side_tells_is_not_shared(supplier):
    list_with(("UEI", ""), ("LEI", ""), ("DUNS", ""), ("CAGE", ""), ("EIN", ""))
    assert (supplier.uei, supplier.duns, supplier.ein) == ("", "", "")
    assert facts_of(supplier).hits == ()


def test_a_name_in_two_roles_is_screened_under_the_first():
    supplier = make.make_supplier(legal_name=LISTED)
    Owner.objects.create(supplier=supplier, name=LISTED, kind="company", pct_equity=60)
    make.make_list(LISTED)
    assert [hit.role for hit in facts_of(supplier).hits] == ["legal_name"]


def test_screening_one_supplier_leaves_the_alerts_of_others_alone(supplier):
    make.make_list(LISTED, "Somebody Else Foundry")
    make.screen(supplier)
    other = make.make_supplier(legal_name="Somebody Else Foundry")
    make.screen(other)
    assert list(Alert.objects.order_by("id").values_list("supplier", "is_current")) == [
        (supplier.pk, True),
        (other.pk, True),
    ]


def test_an_alert_whose_record_is_only_distantly_alike_by_now_is_laid_by():
    supplier = make.make_supplier(legal_name="Zhonglark Ironvale Chemical Co")
    make.make_list("Zhonglark Ironvale Chemical Co")
    (alert,) = make.screen(supplier)
    listed = alert.party
    newer = Snapshot.objects.create(
        source=alert.source, loaded_at=make.NOW, as_of=make.NOW.date(), sha256="1", parties_count=1
    )
    ListedParty.objects.create(
        snapshot=newer,
        record_id=listed.record_id,
        name="Zhonglark Ironvale Pharmaceutical Co",
        kind="entity",
        fingerprint="other",
    )
    Snapshot.objects.filter(pk=listed.snapshot_id).update(is_active=False)
    Snapshot.objects.filter(pk=newer.pk).update(is_active=True)
    assert facts_of(supplier).hits == ()
    alert.refresh_from_db()
    assert (alert.is_current, Hit.objects.filter(band="logged").count()) == (False, 1)


@pytest.mark.parametrize(
    ("bearer", "listed", "expected", "words"),
    [
        ({}, {}, 91, ""),
        ({"country": "US"}, {"countries": ("US",)}, 111, "same country"),
        ({"country": "US"}, {"countries": ("IR", "US")}, 111, "same country"),
        ({"country": "US"}, {"countries": ("IR",)}, 81, "different country"),
        ({}, {"countries": ("IR",)}, 91, ""),
        ({"shares_identifier": True}, {}, 191, "shared identifier"),
        ({"kind": "individual"}, {"kind": "individual"}, 96, "same kind"),
        ({"kind": "individual"}, {"kind": "entity"}, 81, "different kind"),
        ({"cities": ("Valletta",)}, {"addresses": ("1 Quay Road, VALLETTA, Malta",)}, 106, "same city"),
        ({"cities": ("Lett",)}, {"addresses": ("1 Quay Road, VALLETTA, Malta",)}, 91, ""),
        # A name of three letters is a word of any address; what cannot be read is no city.
        ({"cities": ("Ulm",)}, {"addresses": ("1 Quay Road, Ulm",)}, 91, ""),
        ({"cities": ("Lyon",)}, {"addresses": ("1 Quay Road, Lyon",)}, 106, "same city"),
        ({"cities": ("????",)}, {"addresses": ("…", "1 Quay Road")}, 91, ""),
        # What one side does not tell neither agrees nor differs.
        ({"kind": "entity"}, {}, 91, ""),
        ({}, {"kind": "entity"}, 91, ""),
        ({"country": "US"}, {}, 91, ""),
        # Paris in Texas is not Paris in France.
        (
            {"cities": ("Paris",), "country": "US"},
            {"addresses": ("Rue 1, Paris",), "countries": ("FR",)},
            81,
            "different country",
        ),
    ],
)
def test_priority_and_its_reasons(bearer, listed, expected, words):
    record = party.ListedParty(record_id="1", name="Any", **{"kind": "", **listed})
    found = priority.reasons(priority.Bearer(**bearer), record)
    assert priority.priority(Decimal("0.9123"), found) == expected
    assert ", ".join(each.words for each in found) == words


@pytest.mark.parametrize(
    ("role", "name", "expected"),
    [
        ("legal_name", "Hock Works", ("entity", "US", ("Lancaster",))),
        ("officer", "Sam Chief", ("individual", "", ())),
        ("owner", "Pat Founder", ("individual", "CA", ())),
        ("owner", "Ridge Fund", ("entity", "MX", ())),
        ("owner", "Somebody who left", ("", "", ())),
        ("site", "Main plant", ("entity", "US", ("Lancaster",))),
        ("manufacturer", "Cold Plates", ("entity", "", ())),
        ("bank", "Mill Savings", ("entity", "", ())),
    ],
)
def test_who_bears_a_name_is_read_from_the_profile(role, name, expected):
    supplier = make.make_supplier(legal_name="Hock Works")
    Owner.objects.create(supplier=supplier, name="Pat Founder", kind="person", country="CA", pct_equity=60)
    Owner.objects.create(supplier=supplier, name="Ridge Fund", kind="fund", country="MX", pct_equity=40)
    bearer = lookup.bearer_of(profiles.supplier_facts(supplier), role, name, shared=False)
    assert (bearer.kind, bearer.country, bearer.cities) == expected


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
    list_actions.activate_list(first, by=None, at=make.NOW, confirmed=True, reason="A trial.")
    assert list(queries.active_snapshots()) == [first]
    with pytest.raises(Refused, match="already active"):
        list_actions.activate_list(first, by=None, at=make.NOW)


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
    list_actions.activate_list(active, by=None, at=make.NOW)
    with pytest.raises(Refused, match="5 fewer records"):
        list_actions.activate_list(half, by=None, at=make.NOW, confirmed=True)
    assert list(queries.active_snapshots()) == [active]
    list_actions.activate_list(half, by=None, at=make.NOW, confirmed=True, reason="The publisher said so.")
    assert list(queries.active_snapshots()) == [half]


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


def test_a_worker_that_dies_before_it_told_the_others_tells_them_next_time(monkeypatch):
    run = make.make_list(LISTED).runs.get()

    def die(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(rescreening.lists_refreshed, "send_robust", die)
    with pytest.raises(KeyboardInterrupt):
        rescreening.run(run.pk)
    told = []
    monkeypatch.setattr(rescreening.lists_refreshed, "send_robust", lambda **_: told.append(True))
    rescreening.run(run.pk)
    rescreening.run(run.pk)
    assert told == [True]
    run.refresh_from_db()
    assert run.finished_at


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
    (alert,) = make.screen(proposal.supplier)
    decide(alert, TRUE, officer)
    make.assess_and_score(proposal)
    latest = Assessment.objects.filter(revision__proposal=proposal).latest("pk")
    assert latest.findings.get(rule="SC-2").outcome == "not_met"


# ---- what two people do at once, and what comes back ----


def test_a_third_word_of_the_same_kind_does_not_open_what_is_cleared(supplier, officer):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    decide(alert, FALSE, officer)
    decide(alert, FALSE, make.make_user(Role.OFFICER))
    with pytest.raises(Refused, match="already been decided"):
        decide(alert, FALSE, make.make_user(Role.OFFICER))
    alert.refresh_from_db()
    assert alert.state == Alert.State.FALSE_POSITIVE
    # Somebody who sees it otherwise is heard.
    assert decide(alert, TRUE, officer).state == Alert.State.TRUE_MATCH
    assert decide(alert, FALSE, officer).state == Alert.State.ENDING


def test_a_demoted_officer_who_comes_back_is_still_the_same_person(supplier, officer):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    decide(alert, FALSE, officer)
    officer.role = Role.REVIEWER
    officer.save()
    with pytest.raises(Refused, match="Only compliance officers"):
        decide(alert, FALSE, officer)
    officer.role = Role.OFFICER
    officer.save()
    with pytest.raises(Refused, match="different officer"):
        decide(alert, FALSE, officer)


def test_an_escalated_alert_goes_to_the_others_and_is_ended_by_one_of_them(supplier, officer):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    Alert.objects.filter(pk=alert.pk).update(band="possible")
    other, gone = make.make_user(Role.OFFICER), make.make_user(Role.OFFICER, is_active=False)
    alert = decide(alert, ESCALATE, officer)
    letters = Notice.objects.filter(key__startswith="escalated:")
    assert [letter.to for letter in letters] == [other] and gone != other
    assert LISTED not in letters.get().body + letters.get().subject
    for decision in (TRUE, FALSE):
        with pytest.raises(Refused, match="You escalated"):
            decide(alert, decision, officer)
    assert decide(alert, FALSE, other).state == Alert.State.FALSE_POSITIVE


def test_a_decision_about_a_text_that_changed_meanwhile_is_refused(supplier, officer):
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    make.make_list(LISTED, extra="Now of another address")
    make.screen(supplier)
    with pytest.raises(Refused, match="changed while you were reading it"):
        alert_actions.decide_alert(
            alert, decision=FALSE, reason="Other address.", by=officer, at=make.NOW, seen=alert.stamp
        )
    assert Disposition.objects.count() == 0


def test_a_rollback_brings_the_decisions_back(supplier, officer):
    first = make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    decide(alert, FALSE, officer)
    decide(alert, FALSE, make.make_user(Role.OFFICER))
    second = make.make_list(LISTED, extra="Now of another address")
    assert make.screen(supplier)[0].state == Alert.State.OPEN
    list_actions.activate_list(first, by=None, at=make.NOW)
    assert make.screen(supplier)[0].state == Alert.State.FALSE_POSITIVE
    # A word about the newer text is not passed over by going back once more.
    list_actions.activate_list(second, by=None, at=make.NOW)
    decide(make.screen(supplier)[0], ESCALATE, officer)
    list_actions.activate_list(first, by=None, at=make.NOW)
    assert make.screen(supplier)[0].state == Alert.State.OPEN


def test_an_escalation_comes_back_with_the_text_it_was_about(supplier, officer):
    first = make.make_list(LISTED)
    decide(make.screen(supplier)[0], ESCALATE, officer)
    make.make_list(LISTED, extra="Now of another address")
    assert make.screen(supplier)[0].state == Alert.State.OPEN
    list_actions.activate_list(first, by=None, at=make.NOW)
    assert make.screen(supplier)[0].state == Alert.State.ESCALATED


def test_two_clearings_of_two_texts_come_back_as_half_a_clearing(supplier, officer):
    make.make_list(LISTED, extra="Of another address before")
    decide(make.screen(supplier)[0], FALSE, officer)
    first = make.make_list(LISTED)
    decide(make.screen(supplier)[0], FALSE, make.make_user(Role.OFFICER))
    make.make_list(LISTED, extra="Now of another address")
    make.screen(supplier)
    list_actions.activate_list(first, by=None, at=make.NOW)
    assert make.screen(supplier)[0].state == Alert.State.CLEARING


def test_half_a_clearing_comes_back_as_half_a_clearing(supplier, officer):
    first = make.make_list(LISTED)
    decide(make.screen(supplier)[0], FALSE, officer)
    make.make_list(LISTED, extra="Now of another address")
    make.screen(supplier)
    list_actions.activate_list(first, by=None, at=make.NOW)
    assert make.screen(supplier)[0].state == Alert.State.CLEARING


def test_the_priority_follows_an_identifier_that_came_to_be_shared(supplier):
    make.make_list(LISTED)
    before = make.screen(supplier)[0].priority
    supplier.uei = "ZQGGHJH74DW7"
    supplier.save()
    data = f"record,name,uei\n{make.screen(supplier)[0].record_id},{LISTED},ZQGGHJH74DW7\n"
    found = lists.read_files({"list.csv": data.encode()}, source="custom")
    list_actions.load_list(found, as_of=make.NOW.date(), at=make.NOW)
    (alert,) = make.screen(supplier)
    assert (alert.identifier, alert.priority) == ("UEI ZQGGHJH74DW7", before + 100)


def test_an_alias_the_list_calls_weak_is_compared_by_equal_names_only(officer):
    data = f"record,name\n1,{LISTED}\n".encode()
    found = lists.read_files({"list.csv": data}, source="custom")
    (listed,) = found.parties
    weak = replace(listed, aliases=("Golden Harbor Line",), weak_aliases=("Golden Harbor Line",))
    list_actions.load_list(replace(found, parties=(weak,)), as_of=make.NOW.date(), at=make.NOW)
    assert make.screen(make.make_supplier(legal_name="Golden Harbour Lines")) == []
    assert len(make.screen(make.make_supplier(legal_name="Golden Harbor Line"))) == 1


# ---- loading and using lists ----


def test_the_same_files_are_loaded_once_a_day_of_publication(officer):
    found = lists.read_files({"list.csv": b"record,name\n1,One Foundry\n"}, source="custom")
    day = make.NOW.date()
    first = list_actions.load_list(found, as_of=day - timedelta(days=1), at=make.NOW)
    with pytest.raises(list_actions.LoadedAlready, match="already loaded") as refused:
        list_actions.stage_list(found, as_of=day - timedelta(days=1), at=make.NOW, by=officer)
    assert refused.value.snapshot == first
    # Published again without a change: the list is younger now.
    assert list_actions.load_list(found, as_of=day, at=make.NOW).as_of == day


def test_the_command_twice_does_no_harm(tmp_path):
    path = tmp_path / "house.csv"
    path.write_text("record,name\n1,One Foundry\n")
    for _ in range(2):
        call_command(
            "load_list", "--source", "house", "--file", str(path), stdout=StringIO(), stderr=StringIO()
        )
    assert (Snapshot.objects.get().is_active, ScreeningRun.objects.count()) == (True, 1)


def test_an_activation_is_refused_when_another_list_came_into_use_meanwhile(officer):
    first = make.make_list("One Foundry")
    staged = make.make_list("Two Foundry")
    sure = {"at": make.NOW, "confirmed": True, "reason": "A trial."}
    list_actions.activate_list(first, by=None, **sure)
    make.preview(staged)
    with pytest.raises(Refused, match="while you were reviewing"):
        list_actions.activate_list(staged, by=officer, instead_of=0, **sure)
    assert list(queries.active_snapshots()) == [first]
    list_actions.activate_list(staged, by=officer, instead_of=first.pk, **sure)
    assert list(queries.active_snapshots()) == [staged]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False], ids=["one-list", "two-lists"])
@pytest.mark.parametrize("before", [True, False], ids=["after-another", "first-of-all"])
def test_two_officers_who_use_a_list_at_once_leave_one_in_use(before, same):
    officers = [make.make_user(Role.OFFICER) for _ in range(2)]
    if before:
        make.make_list("Zero Foundry")
    waiting = []
    for name in ("One Foundry", "Two Foundry"):
        found = lists.read_files({"list.csv": f"record,name\n1,{name}\n".encode()}, source="custom")
        waiting.append(
            make.preview(list_actions.stage_list(found, as_of=make.NOW.date(), at=make.NOW, by=None))
        )
    if same:
        waiting[1] = waiting[0]
    runs = ScreeningRun.objects.count()

    def use(place):
        try:
            list_actions.activate_list(
                Snapshot.objects.get(pk=waiting[place].pk),
                by=officers[place],
                at=make.NOW,
                confirmed=True,
                reason="A trial.",
            )
        finally:
            connection.close()

    refused = at_once(use, 2)
    # The second officer saw what would change compared with the list that was in use before the first.
    assert [type(problem) for problem in refused] == [Refused]
    assert Snapshot.objects.filter(is_active=True).count() == 1
    assert ScreeningRun.objects.count() == runs + 1


@pytest.mark.django_db(transaction=True)
def test_two_officers_who_agree_at_once_clear_once():
    officers = [make.make_user(Role.OFFICER) for _ in range(3)]
    make.make_list(LISTED)
    (alert,) = make.screen(make.make_supplier(legal_name=LISTED))
    decide(alert, FALSE, officers[0])

    def agree(place):
        try:
            decide(alert, FALSE, officers[place + 1])
        finally:
            connection.close()

    (problem,) = at_once(agree, 2)
    assert isinstance(problem, Refused)
    alert.refresh_from_db()
    assert (alert.state, alert.dispositions.count()) == (Alert.State.FALSE_POSITIVE, 2)


def at_once(act, people):
    """The problems of those who did not get through."""
    with ThreadPoolExecutor(people) as pool:
        ready = threading.Barrier(people)

        def one(place):
            ready.wait()
            act(place)

        done = [pool.submit(one, place) for place in range(people)]
        return [problem for each in done if (problem := each.exception()) is not None]


def test_a_run_or_a_preview_whose_message_was_lost_is_taken_up_again(officer, monkeypatch):
    # The sweep goes by the clock, and a long run of the tests is older than its patience.
    now = timezone.now()
    run = make.make_list(LISTED, at=now).runs.get()
    row = rulebook_actions.propose_settings({}, reason="A trial of it.", by=officer, at=now)
    asked = []
    monkeypatch.setattr(schedule, "enqueue_on_commit", lambda task, pk: asked.append((task.name, pk)))
    schedule.sweep_screening()
    assert asked == []
    old = now - schedule.PATIENCE - timedelta(minutes=1)
    ScreeningRun.objects.update(started_at=old)
    RuleSettings.objects.update(at=old)
    schedule.sweep_screening()
    assert asked == [
        ("suppliers.screening.tasks.rescreen", run.pk),
        ("suppliers.qualification.tasks.preview_settings", row.pk),
    ]
    ScreeningRun.objects.update(finished_at=make.NOW)
    RuleSettings.objects.update(previewed_at=make.NOW)
    asked.clear()
    schedule.sweep_screening()
    assert asked == []


@pytest.mark.parametrize(
    ("band", "two"), [("exact", True), ("strong", True), ("possible", False), ("logged", False)]
)
def test_a_distant_name_of_a_person_is_cleared_by_one(band, two):
    assert Alert(band=band).needs_two is two
    assert Alert(band=band, identifier="UEI X").needs_two
