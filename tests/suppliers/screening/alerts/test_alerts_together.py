"""Several officers at once, rollbacks, and lists loaded twice."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from portal.kit.refused import Refused
from portal.models import Notice, Role
from suppliers import lists, schedule
from suppliers.models import (
    Alert,
    Disposition,
    RuleSettings,
    ScreeningRun,
    Snapshot,
)
from suppliers.qualification import rulebook_actions
from suppliers.screening import alert_actions, list_actions, queries
from tests import factories as make
from tests.suppliers.screening.alerts.alert_acts import ESCALATE, FALSE, LISTED, TRUE, at_once, decide

pytestmark = pytest.mark.django_db


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
