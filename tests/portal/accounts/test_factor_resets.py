"""A colleague who lost a phone: two people reset the second step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection
from django.urls import reverse

from portal.accounts import reset_actions
from portal.kit import clock
from portal.kit import refused as kit_refused
from portal.models import (
    AccessEvent,
    AuditEvent,
    FactorReset,
    Notice,
    Role,
    User,
)
from tests import factories as make
from tests.portal.accounts.factors import GRACE, forced, person, sign_in, sign_in_fully, with_app

pytestmark = pytest.mark.django_db


def asked_for(**people: User) -> FactorReset:
    return reset_actions.ask_factor_reset(
        people["person"], reason="The phone fell into the lake.", by=people["by"], at=make.NOW
    )


def test_two_people_reset_a_factor(required: None) -> None:
    lost, asking, second = person(Role.REVIEWER), person(), person(Role.OFFICER)
    auditor = make.make_user(Role.AUDITOR)
    secrets = {each.pk: with_app(each) for each in (lost, asking, second)}
    there = sign_in_fully(lost, secrets[lost.pk])
    client = sign_in_fully(asking, secrets[asking.pk])
    edit = client.get(reverse("portal:account_edit", args=[lost.pk])).content.decode()
    assert reverse("portal:factor_reset_ask", args=[lost.pk]) in edit
    missing = client.post(reverse("portal:factor_reset_ask", args=[lost.pk]), {"reason": " "})
    assert missing.context["form"].errors["reason"]
    client.post(reverse("portal:factor_reset_ask", args=[lost.pk]), {"reason": "A lost phone."})
    reset = FactorReset.objects.get()
    assert Authenticator.objects.filter(user=lost).count() == 2
    for page in (reverse("portal:account_list"), reverse("portal:account_edit", args=[lost.pk])):
        assert "waiting for a second person" in (text := client.get(page).content.decode()) or (
            "It’s waiting for a second person" in text
        )
    # Who asked cannot confirm.
    confirm = reverse("portal:factor_reset_confirm", args=[reset.pk])
    own = client.post(confirm, follow=True).content.decode()
    assert "Someone else must confirm it" in own and there.get("/rfps/").status_code == 200
    officer = sign_in_fully(second, secrets[second.pk])
    assert "Confirm<" in officer.get(reverse("portal:factor_reset_list")).content.decode()
    officer.post(confirm)
    assert not Authenticator.objects.filter(user=lost).exists()
    assert not UserSession.objects.filter(user=lost).exists()
    assert there.get(reverse("portal:session_list"))["Location"].startswith(reverse("account_login"))
    verbs = list(AuditEvent.objects.order_by("seq").values_list("verb", flat=True))
    assert verbs[-2:] == ["account.factor_reset_asked", "account.factor_reset"]
    assert AccessEvent.objects.filter(user=lost, kind="factor", about="reset by two colleagues").exists()
    assert Notice.objects.filter(to=lost, body__contains="reset your two-step sign-in").count() == 2
    assert Notice.objects.filter(to=auditor, body__contains="reset two-step sign-in for").count() == 2
    again = officer.post(confirm, follow=True).content.decode()
    assert "no longer open" in again
    # The person signs in with the password and sets it up anew.
    assert sign_in(lost).get("/rfps/")["Location"].startswith(GRACE)


def test_who_may_ask_and_confirm() -> None:
    lost, asking, officer = person(Role.ADMIN), person(), person(Role.OFFICER)
    with_app(lost)
    reset = asked_for(person=lost, by=asking)
    for by in (asking, lost, person(Role.REVIEWER), person(Role.AUDITOR), person(Role.SUPPLIER)):
        with pytest.raises(kit_refused.Refused):
            reset_actions.confirm_factor_reset(reset, by=by, at=make.NOW)
    assert Authenticator.objects.filter(user=lost).exists()
    for refused in (
        {"person": lost, "by": asking},
        {"person": asking, "by": asking},
        {"person": officer, "by": asking},
        {"person": person(Role.SUPPLIER), "by": asking},
    ):
        with pytest.raises(kit_refused.Refused):
            asked_for(**refused)
    for role in (Role.OFFICER, Role.AUDITOR, Role.REVIEWER, Role.SUPPLIER):
        asks = forced(make.make_user(role)).post(
            reverse("portal:factor_reset_ask", args=[lost.pk]), {"reason": "x"}
        )
        assert asks.status_code == 404
    reset_actions.confirm_factor_reset(reset, by=officer, at=make.NOW)


def test_a_reset_is_withdrawn_and_asked_for_again() -> None:
    lost, asking = person(Role.AUDITOR), person()
    with_app(lost)
    reset = asked_for(person=lost, by=asking)
    client = forced(asking)
    page = client.post(reverse("portal:factor_reset_withdraw", args=[reset.pk]), follow=True)
    assert "has been withdrawn" in page.content.decode()
    with pytest.raises(kit_refused.Refused):
        reset_actions.confirm_factor_reset(reset, by=person(Role.OFFICER), at=make.NOW)
    assert Authenticator.objects.filter(user=lost).exists()
    assert AuditEvent.objects.latest("seq").verb == "account.factor_reset_withdrawn"
    asked_for(person=lost, by=asking)


def test_a_reset_expires_after_a_week_and_is_asked_for_again() -> None:
    lost, asking, officer = person(Role.AUDITOR), person(), person(Role.OFFICER)
    with_app(lost)
    reset = asked_for(person=lost, by=asking)
    FactorReset.objects.update(asked_at=make.NOW - timedelta(days=7, seconds=1))
    with pytest.raises(kit_refused.Refused, match="more than 7 days old"):
        reset_actions.confirm_factor_reset(reset, by=officer, at=make.NOW)
    assert Authenticator.objects.filter(user=lost).exists()
    again = asked_for(person=lost, by=asking)
    reset.refresh_from_db()
    assert (reset.state, again.state) == ("withdrawn", "asked")
    FactorReset.objects.filter(pk=again.pk).update(asked_at=make.NOW - timedelta(days=7))
    reset_actions.confirm_factor_reset(again, by=officer, at=make.NOW)
    assert not Authenticator.objects.filter(user=lost).exists()


def test_the_list_says_that_a_reset_expired() -> None:
    lost, asking = person(Role.AUDITOR), person()
    with_app(lost)
    asked_for(person=lost, by=asking)
    FactorReset.objects.update(asked_at=clock.wall_time() - timedelta(days=8))
    page = forced(person(Role.OFFICER)).get(reverse("portal:factor_reset_list")).content.decode()
    assert "Expired" in page and "Confirm<" not in page


def test_resets_ask_as_often_for_one_row_as_for_three() -> None:
    from django.test.utils import CaptureQueriesContext

    asking = person()
    client = forced(asking)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("portal:factor_reset_list")).status_code == 200
        return len(queries)

    def one_more() -> None:
        lost = person(Role.REVIEWER)
        with_app(lost)
        asked_for(person=lost, by=asking)

    one_more()
    before = count()
    one_more()
    one_more()
    assert count() == before
