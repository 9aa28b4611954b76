"""Letters to officers: at once for what presses, once a day for the rest, and nothing that gives anyone away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import Notice, Role
from suppliers.models import Alert, Qualification
from suppliers.screening import alert_actions, letters
from tests import factories as make

pytestmark = pytest.mark.django_db

LISTED = "Zyxtrovic Armaments Trust"
TODAY = make.NOW.date()


@pytest.fixture
def officer():
    return make.make_user(Role.OFFICER)


def qualified(**fields):
    supplier = make.make_supplier(**fields)
    row = make.make_standing(supplier)
    Qualification.objects.filter(pk=row.pk).update(
        status="qualified", valid_from=TODAY, valid_until=TODAY + timedelta(days=99)
    )
    return supplier


def pressing() -> list[Notice]:
    return list(Notice.objects.filter(key__startswith="alert:").select_related("to"))


def test_a_strong_hit_on_a_qualified_supplier_is_written_at_once(officer):
    make.make_user(Role.ADMIN)
    make.make_user(Role.OFFICER, is_active=False)
    supplier = qualified(legal_name=LISTED)
    make.make_list(LISTED)
    (alert,) = make.screen(supplier)
    (letter,) = pressing()
    assert letter.to == officer
    assert letter.subject == "1 strong screening match to decide"
    assert f"Alerts to decide: {alert.pk}." in letter.body
    for secret in (LISTED, "Zyxtrovic", supplier.legal_name):
        assert secret not in letter.subject + letter.body
    make.screen(supplier)
    assert pressing() == [letter]


def test_a_possible_hit_and_a_supplier_that_is_neither_qualified_nor_weighed_wait_for_the_daily_letter(
    officer,
):
    make.make_list(LISTED, "Zhonglark Ironvale Trading")
    make.screen(make.make_supplier(legal_name=LISTED))
    assert Alert.objects.exists() and pressing() == []


def test_a_sealed_proposal_does_not_make_a_supplier_matter(officer):
    """Otherwise a letter would tell that its supplier has submitted something."""
    supplier = make.make_supplier(legal_name=LISTED)
    proposal = make.make_proposal(make.make_solicitation(), supplier)
    make.make_list(LISTED)
    make.screen(supplier)
    assert pressing() == []
    chair, _seats = make.make_panel(proposal.lot.solicitation)
    window = make.close(proposal.window)
    make.open_envelope(window, Envelope.TECHNICAL, chair=chair, admin=make.make_user(Role.ADMIN))
    make.make_list(LISTED, extra="Now of another address")
    Alert.objects.update(state="false_positive")
    make.screen(supplier)
    assert len(pressing()) == 1


def test_an_alert_that_opens_again_is_written_again(officer):
    supplier = qualified(legal_name=LISTED)
    make.make_list(LISTED)
    make.screen(supplier)
    Alert.objects.update(state="false_positive")
    make.make_list(LISTED, extra="Now of another address")
    make.screen(supplier)
    assert len(pressing()) == 2


def test_the_daily_letter_counts_what_is_new_late_and_unowned(officer):
    make.make_list(LISTED)
    (alert,) = make.screen(make.make_supplier(legal_name=LISTED))
    at = alert.raised_at + timedelta(hours=1)
    for _ in range(2):
        letters.daily(at=at)
    letter = Notice.objects.get(key__startswith="alerts:")
    assert "1 new, 0 overdue" in letter.subject and "Unassigned: 1" in letter.body
    assert LISTED not in letter.subject + letter.body
    # Three days on nothing is new, and the alert is late.
    letters.daily(at=at + timedelta(days=4))
    assert "0 new, 1 overdue" in Notice.objects.filter(key__startswith="alerts:").latest("pk").subject


def test_a_day_with_nothing_new_and_nothing_late_sends_no_letter(officer):
    letters.daily(at=make.NOW)
    assert not Notice.objects.exists()


# ---- who works on an alert ----


def an_alert() -> Alert:
    make.make_list(LISTED)
    return make.screen(make.make_supplier(legal_name=LISTED))[0]


def test_a_strong_hit_is_due_in_two_days_and_another_in_ten():
    alert = an_alert()
    assert alert.due_on == alert.raised_at.date() + timedelta(days=2)


def test_an_officer_gives_an_alert_to_another_who_gets_a_letter(officer):
    alert, other = an_alert(), make.make_user(Role.OFFICER)
    day = TODAY + timedelta(days=5)
    alert = alert_actions.assign_alert(alert, owner=other, due_on=day, by=officer, at=make.NOW)
    assert (alert.owner, alert.due_on) == (other, day)
    (letter,) = Notice.objects.filter(key__startswith="assigned:")
    assert letter.to == other and LISTED not in letter.body
    # The same owner again, or taking it oneself, sends nothing.
    alert_actions.assign_alert(alert, owner=other, due_on=day, by=officer, at=make.NOW)
    alert_actions.assign_alert(alert, owner=officer, due_on=None, by=officer, at=make.NOW)
    assert Notice.objects.filter(key__startswith="assigned:").count() == 1


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.REVIEWER, Role.SUPPLIER])
def test_only_officers_give_and_get_alerts(officer, role):
    alert, other = an_alert(), make.make_user(role)
    for by, owner in ((other, None), (officer, other)):
        with pytest.raises(Refused, match="compliance officer"):
            alert_actions.assign_alert(alert, owner=owner, due_on=None, by=by, at=make.NOW)


def test_a_due_date_that_has_passed_and_a_decided_alert_are_refused(officer):
    alert = an_alert()
    with pytest.raises(Refused, match="has passed"):
        alert_actions.assign_alert(
            alert, owner=officer, due_on=TODAY - timedelta(days=1), by=officer, at=make.NOW
        )
    Alert.objects.update(state="true_match")
    with pytest.raises(Refused, match="decided"):
        alert_actions.assign_alert(alert, owner=officer, due_on=None, by=officer, at=make.NOW)
