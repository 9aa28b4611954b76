"""Accounts: registering, signing in with a code, the lockout, and staff accounts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from portal.accounts import actions as accounts_actions
from portal.kit import refused
from portal.kit.refused import Refused
from portal.models import AuditEvent, Notice, Role, User
from suppliers.company import actions as company_actions
from suppliers.models import Supplier
from tests import factories as make

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough passphrase"
SIGNUP = {
    "email": "Plant.Manager@works.example",
    "name": "Dana  Whitfield",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def code_in(message: Any) -> str:
    found = re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", message.body, re.MULTILINE)
    assert found, message.body
    return found.group(1)


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(make.make_user(role))
    return client


# ---- registering ----------------------------------------------------------------------------------------------------


def test_registering_needs_a_code_and_makes_a_supplier() -> None:
    client = Client()
    sent = client.post(reverse("account_signup"), SIGNUP | {"role": "admin", "is_staff": "on"})
    assert sent.status_code == 302
    user = User.objects.get(email="plant.manager@works.example")
    assert (user.name, user.role, user.is_staff, user.is_superuser) == (
        "Dana Whitfield",
        Role.SUPPLIER,
        False,
        False,
    )
    assert AuditEvent.objects.latest("seq").verb == "account.created"
    assert client.get(reverse("suppliers:company")).status_code == 302
    wrong = client.post(sent.url, {"code": "WRONG1"})
    assert wrong.status_code == 200
    client.post(sent.url, {"code": code_in(mail.outbox[-1])})
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "123"}, "name"),
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"password1": "short", "password2": "short"}, "password1"),
        ({"password2": "something else entirely"}, "password2"),
    ],
)
def test_registration_names_what_is_wrong(change: dict[str, str], field: str) -> None:
    response = Client().post(reverse("account_signup"), SIGNUP | change)
    assert set(response.context["form"].errors) == {field}
    assert not User.objects.exists()


def test_registering_again_does_not_tell_who_has_an_account() -> None:
    make.make_user(email="plant.manager@works.example")
    again = Client().post(reverse("account_signup"), SIGNUP)
    fresh = Client().post(reverse("account_signup"), SIGNUP | {"email": "new@works.example"})
    assert (again.status_code, again.url) == (fresh.status_code, fresh.url)
    assert User.objects.count() == 2


# ---- signing in -----------------------------------------------------------------------------------------------------


def test_invited_person_signs_in_with_a_code() -> None:
    admin = make.make_user(Role.ADMIN)
    invited = User(name="Robin Okafor", email="Robin@buyer.example", role=Role.REVIEWER)
    accounts_actions.invite_staff(invited, login_url="https://portal.example/in", by=admin, at=make.NOW)
    letter = Notice.objects.get(to=invited)
    assert "https://portal.example/in" in letter.body and "two-step" in letter.body
    assert not invited.has_usable_password()
    client = Client()
    sent = client.post(reverse("account_request_login_code"), {"email": "robin@buyer.example"})
    client.post(sent.url, {"code": code_in(mail.outbox[-1])})
    assert client.session["_auth_user_id"] == str(invited.pk)
    assert invited.emailaddress_set.get().verified


def test_too_many_failures_lock_the_sign_in(settings: Any) -> None:
    settings.LOGIN_FAILURES = 3
    user = make.make_user(Role.ADMIN)
    user.set_password(PASSWORD)
    user.save()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    client = Client()
    wrong = {"login": user.email, "password": "not the password"}
    answers = [client.post(reverse("account_login"), wrong).status_code for _ in range(3)]
    assert answers[0] == 200 and answers[-1] == 429
    locked = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert locked.status_code == 429
    assert "Too many wrong passwords" in locked.content.decode()
    assert "_auth_user_id" not in client.session


def test_switched_off_account_cannot_sign_in() -> None:
    admin, reviewer = make.make_user(Role.ADMIN), make.make_user(Role.REVIEWER)
    client = Client()
    client.force_login(reviewer)
    accounts_actions.set_active(reviewer, active=False, by=admin, at=make.NOW)
    assert client.get(reverse("portal:audit_list")).status_code == 302
    with pytest.raises(refused.Refused):
        accounts_actions.set_active(admin, active=False, by=admin, at=make.NOW)


# ---- staff accounts -------------------------------------------------------------------------------------------------

STAFF = {"name": "Robin Okafor", "email": "robin@buyer.example", "role": "reviewer"}


def test_admin_adds_a_staff_account() -> None:
    response = signed_in(Role.ADMIN).post(reverse("portal:account_new"), STAFF)
    assert response.status_code == 302
    user = User.objects.get(email="robin@buyer.example")
    assert (user.name, user.role, user.is_staff) == ("Robin Okafor", Role.REVIEWER, False)
    assert "http://testserver/accounts/login/code/" in Notice.objects.get(to=user).body
    assert AuditEvent.objects.latest("seq").facts == {"role": "reviewer"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "supplier"}, "role"),
        ({"role": "owner"}, "role"),
        ({"role": ""}, "role"),
        ({"name": ""}, "name"),
        ({"email": "robin"}, "email"),
        ({"email": "TAKEN@buyer.example"}, "email"),
    ],
)
def test_staff_form_names_what_is_wrong(change: dict[str, str], field: str) -> None:
    make.make_user(email="taken@buyer.example")
    response = signed_in(Role.ADMIN).post(reverse("portal:account_new"), STAFF | change)
    assert set(response.context["form"].errors) == {field}
    assert not User.objects.filter(name="Robin Okafor").exists()


def test_suppliers_are_not_invited() -> None:
    admin = make.make_user(Role.ADMIN)
    with pytest.raises(refused.Refused):
        accounts_actions.invite_staff(User(email="x@works.example"), login_url="", by=admin, at=make.NOW)


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.REVIEWER, Role.OFFICER, Role.AUDITOR])
def test_others_do_not_know_the_accounts(role: Role) -> None:
    client, other = signed_in(role), make.make_user(Role.REVIEWER)
    assert client.get(reverse("portal:account_list")).status_code == 404
    assert client.post(reverse("portal:account_new"), STAFF).status_code == 404
    assert client.post(reverse("portal:account_switch", args=[other.pk])).status_code == 404


def test_list_is_searched_and_knows_no_suppliers() -> None:
    client = signed_in(Role.ADMIN)
    robin, supplier = make.make_user(Role.AUDITOR, name="Robin Okafor"), make.make_user(name="Plant Manager")
    everybody = client.get(reverse("portal:account_list")).content.decode()
    assert robin.email in everybody and supplier.email not in everybody
    assert robin.email in client.get(reverse("portal:account_list") + "?q=okafor").content.decode()
    nobody = client.get(reverse("portal:account_list") + "?q=zebra&sort=-login&page=9").content.decode()
    assert "No matching accounts" in nobody
    assert client.post(reverse("portal:account_switch", args=[supplier.pk])).status_code == 404


def test_account_is_switched_off_and_on() -> None:
    client, robin = signed_in(Role.ADMIN), make.make_user(Role.AUDITOR)
    for active in (False, True):
        client.post(reverse("portal:account_switch", args=[robin.pk]))
        robin.refresh_from_db()
        assert robin.is_active is active


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN, Role.AUDITOR])
def test_staff_hold_no_membership(role: Role) -> None:
    with pytest.raises(Refused):
        company_actions.register_supplier(
            Supplier(legal_name="Own Works Inc."), by=make.make_user(role), at=make.NOW
        )
