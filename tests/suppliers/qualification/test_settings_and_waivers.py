"""Rule settings that come into effect, waivers, and what a person said about a finding."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection

from portal.kit.compliance import Outcome
from portal.kit.refused import Refused
from portal.models import Role
from suppliers.models import (
    QualificationAssessment,
    RuleSettings,
)
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import qualifying, rulebook_actions
from suppliers.qualification.previews import settings as previews
from suppliers.screening import alert_actions
from tests import factories as make
from tests.suppliers.qualification.standing_acts import REASON, TODAY, Status, act, look
from tests.suppliers.screening.alerts.alert_acts import at_once

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_two_officers_who_put_settings_in_force_at_once_leave_one(monkeypatch):
    officers = [make.make_user(Role.OFFICER) for _ in range(2)]
    rows = [rulebook_actions.propose_settings({}, reason=REASON, by=each, at=make.NOW) for each in officers]
    for each in rows:
        previews.run(each.pk)

    # Both look at what is in force before either goes on, when nothing keeps them apart.
    met, settings_in_force = threading.Barrier(2), qualifying.settings_in_force

    def look_together():
        found = settings_in_force()
        with suppress(threading.BrokenBarrierError):
            met.wait(1)
        return found

    monkeypatch.setattr(qualifying, "settings_in_force", look_together)

    def put(place):
        try:
            rulebook_actions.put_in_force(rows[place], by=officers[place], at=make.NOW)
        finally:
            connection.close()

    (problem,) = at_once(put, 2)
    assert isinstance(problem, Refused)
    assert RuleSettings.objects.filter(in_force_at__isnull=False).count() == 1


def test_settings_that_do_not_exist_or_fit_are_refused(officer):
    for params in ({"XX-1": {}}, {"FI-1": {"safe": "much"}}, {"standing": {"term": 3}}):
        with pytest.raises(Refused):
            rulebook_actions.propose_settings(params, reason=REASON, by=officer, at=make.NOW)
    assert not RuleSettings.objects.exists()


def test_a_preview_names_whose_findings_would_differ_and_changes_nothing(row, officer):
    settings = rulebook_actions.propose_settings(
        {"FI-1": {"safe": "99"}}, reason="A stricter line.", by=officer, at=make.NOW
    )
    runs = QualificationAssessment.objects.count()
    previews.run(settings.pk)
    settings.refresh_from_db()
    assert [line["rules"] for line in settings.preview] == [["FI-1"]]
    assert QualificationAssessment.objects.count() == runs
    assert look(row).latest.settings_version == 0


def test_a_waiver_counts_until_its_day_and_is_never_for_screening(row, officer):
    row.supplier.certificates.all().delete()
    missing = look(row)
    with pytest.raises(Refused, match="CE-1"):
        act(missing, "approve", officer)
    waiver = rulebook_actions.waive(
        "CE-1",
        supplier=row.supplier,
        commodity=None,
        reason=REASON,
        until=TODAY + timedelta(days=5),
        by=officer,
        at=make.NOW,
    )
    approved = act(missing, "approve", officer)
    assert approved.status == Status.QUALIFIED
    with pytest.raises(Refused, match="can’t be waived"):
        rulebook_actions.waive(
            "SC-1", supplier=None, commodity=None, reason=REASON, until=TODAY, by=officer, at=make.NOW
        )
    assert look(row, waiver.until).status == Status.QUALIFIED
    assert look(row, waiver.until + timedelta(days=1)).status == Status.PENDING


def test_a_waiver_for_another_supplier_or_commodity_exempts_nobody_else(row, officer):
    other = make.make_standing(make.make_supplier(), commodity=make.make_commodity("cooling"))
    more = {"reason": REASON, "until": TODAY, "by": officer, "at": make.NOW}
    rulebook_actions.waive("FI-1", supplier=other.supplier, commodity=None, **more)
    rulebook_actions.waive("FI-2", supplier=None, commodity=other.commodity, **more)
    rulebook_actions.waive("FI-3", supplier=row.supplier, commodity=row.commodity, **more)
    assert qualifying.waived_rules(row, on=TODAY) == {"FI-3"}
    assert qualifying.waived_rules(other, on=TODAY) == {"FI-1", "FI-2"}
    assert qualifying.waived_rules(row, on=TODAY + timedelta(days=1)) == set()


def test_what_an_approval_knew_is_known_until_its_waiver_ends(row, officer):
    def known(on=TODAY):
        return {rule for rule, *_ in qualifying.accepted_keys(make.fresh_standing(row), on=on)}

    assert known() == set()
    more = {"supplier": None, "commodity": None, "reason": REASON, "by": officer, "at": make.NOW}
    rulebook_actions.waive("CE-1", until=TODAY, **more)
    taken_back = rulebook_actions.waive("FI-1", until=TODAY + timedelta(days=9), **more)
    act(row, "approve", officer)
    assert {"CE-1", "FI-1", "FA-1"} <= known()
    assert known(TODAY + timedelta(days=1)) & {"CE-1", "FI-1", "FA-1"} == {"FI-1", "FA-1"}
    rulebook_actions.withdraw_waiver(taken_back, reason=REASON, by=officer, at=make.NOW)
    assert known() & {"CE-1", "FI-1", "FA-1"} == {"CE-1", "FA-1"}


def test_a_word_on_one_standing_is_none_on_another_and_the_last_word_counts(row, officer):
    row.supplier.certificates.all().delete()
    finding = look(row).latest.findings.get(rule="CE-1")
    other = make.make_standing(make.make_supplier())
    for outcome in (Outcome.NOT_MET, Outcome.REFER):
        qualification_actions.override_finding(
            finding, outcome=outcome, reason=REASON, by=officer, at=make.NOW
        )
    assert list(qualifying.overrides_of(row).values()) == [Outcome.REFER]
    assert qualifying.overrides_of(other) == {}


def test_a_waiver_taken_back_opens_the_standing_again(row, officer):
    row.supplier.certificates.all().delete()
    missing = look(row)
    waiver = rulebook_actions.waive(
        "CE-1", supplier=None, commodity=None, reason=REASON, until=TODAY, by=officer, at=make.NOW
    )
    act(missing, "approve", officer)
    rulebook_actions.withdraw_waiver(waiver, reason="No longer needed.", by=officer, at=make.NOW)
    with pytest.raises(Refused, match="already"):
        rulebook_actions.withdraw_waiver(waiver, reason="No longer needed.", by=officer, at=make.NOW)
    assert look(row).status == Status.PENDING


def test_a_word_that_set_a_knock_out_aside_can_be_taken_back(row, officer):
    row.supplier.certificates.all().delete()
    missing = look(row)
    finding = missing.latest.findings.get(rule="CE-1")
    qualification_actions.override_finding(
        finding, outcome=Outcome.MET, reason=REASON, by=officer, at=make.NOW
    )
    assert act(missing, "approve", officer).status == Status.QUALIFIED
    qualification_actions.override_finding(
        finding, outcome=Outcome.NOT_MET, reason=REASON, by=officer, at=make.NOW
    )
    assert look(row).status == Status.PENDING


def test_a_hold_that_ends_leaves_both_days_as_they_were(row, officer):
    approved = act(row, "approve", officer)
    make.make_list("Somebody Else Trading", row.supplier.legal_name)
    assert look(row).status == Status.ON_HOLD
    make.make_list("Somebody Else Trading")
    ended = look(row, TODAY + timedelta(days=3))
    assert (ended.status, ended.valid_from) == (Status.QUALIFIED, TODAY)
    assert ended.valid_until == approved.valid_until


def test_the_end_of_a_hold_approves_nothing_that_came_meanwhile(row, officer):
    approved = act(row, "approve", officer).approved
    make.make_list("Somebody Else Trading", row.supplier.legal_name)
    assert look(row).status == Status.ON_HOLD
    row.supplier.financials.update(ebit=-20)
    for alert in make.screen(row.supplier):
        for each in (officer, make.make_user(Role.OFFICER)):
            alert_actions.decide_alert(alert, decision="false_positive", reason=REASON, by=each, at=make.NOW)
    freed = look(row)
    assert (freed.status, freed.approved) == (Status.QUALIFIED, approved)
    assert freed.latest != approved
