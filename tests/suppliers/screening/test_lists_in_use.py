"""A list comes into use, everyone is screened again, and what changed is looked at again."""

import pytest
from django.db import DatabaseError, transaction

from portal.kit.refused import Refused
from rfp.models import Assessment
from suppliers.models import (
    Disposition,
    ListedParty,
    ScreeningRun,
    Snapshot,
)
from suppliers.screening import list_actions, queries, rescreening
from tests import factories as make
from tests.suppliers.screening.alerts.alert_acts import LISTED, TRUE, decide

pytestmark = pytest.mark.django_db


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
