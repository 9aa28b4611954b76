"""Two-step sign-in of staff, required and offered; seeds at rest; resets by two people; fresh sign-ins."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.frame import environment
from portal.models import (
    STAFF_ROLES,
    AccessEvent,
    Notice,
    Role,
    SignInFailures,
    User,
)
from portal.people import encryption
from portal.people.sessions import SessionStore
from tests import factories as make
from tests.portal.accounts.factors import GRACE, code_of, forced, person, sign_in, sign_in_fully, with_app
from tests.portal.accounts.test_accounts import code_in
from tests.whole import world
from tests.whole.test_matrix import MATRIX

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_counts_half_a_minute_early_or_late(required: None, steps: int, counts: bool) -> None:
    user = person()
    secret = with_app(user)
    client = sign_in(user)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret, steps=steps)})
    assert ("_auth_user_id" in client.session) is counts


def test_a_setting_that_makes_no_sense_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONSHORE_STAFF_MFA", "maybe")
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.env_choice("ONSHORE_STAFF_MFA", ("required", "offered"), "required")
    assert str(refused.value) == "ONSHORE_STAFF_MFA is 'maybe'. It must be one of required, offered."
    assert django_settings.STAFF_MFA == "offered"


@pytest.mark.parametrize(
    ("environment_name", "said", "expected"),
    [("production", "", "required"), ("development", "", "offered"), ("production", "offered", "offered")],
)
def test_production_requires_it_unless_told_otherwise(
    environment_name: str, said: str, expected: str, tmp_path: Any
) -> None:
    import os
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", "from portal import settings; print(settings.STAFF_MFA)"],
        env={
            **os.environ,
            "ONSHORE_ENV": environment_name,
            "ONSHORE_STAFF_MFA": said,
            "ONSHORE_HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.stdout.strip() == expected, done.stderr


def test_no_page_of_the_matrix_is_shown_without_a_factor(required: None) -> None:
    made = world.build()
    pages = [
        (name, reverse(name, args=route.args(made)) + route.query)
        for name, route in MATRIX.items()
        if name not in ("portal:two_step", "portal:sign_in_again")
    ]
    pages.append(("operators", f"/{django_settings.ADMIN_PATH}/"))
    User.objects.filter(pk=made.people["admin"].pk).update(is_staff=True, is_superuser=True)
    shown = []
    for who in ("chair", "reviewer", "admin", "officer", "auditor"):
        client = forced(made.people[who])
        for name, url in pages:
            answer = client.get(url)
            if (answer.status_code, answer.content) != (302, b"") or not answer["Location"].startswith(GRACE):
                shown.append(f"{who} {name}: {answer.status_code}")
    assert shown == []


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_forms_and_fragments_get_nothing_either(required: None, role: Role) -> None:
    client = forced(make.make_user(role))
    posted = client.post(reverse("portal:audit_verify"))
    assert (posted.status_code, posted["Location"]) == (302, f"{GRACE}?next=%2F")
    fragment = client.get(reverse("suppliers:supplier_list"), headers={"HX-Request": "true"})
    assert (fragment.content, fragment["HX-Redirect"]) == (b"", f"{GRACE}?next=%2F")
    page = client.get(GRACE).content.decode()
    assert "Set up two-step sign-in" in page and "/suppliers/" not in page
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/css/portal.css").status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True)
def test_setting_it_up_leads_to_where_one_wanted_to_go(required: None) -> None:
    user = person(Role.REVIEWER)
    wanted = reverse("suppliers:supplier_list") + "?q=rack"
    client = sign_in(user)
    sent = client.get(wanted)
    assert "Set it up" in client.get(sent["Location"]).content.decode()
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200, "a fresh sign-in suffices"
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "That code is wrong" in wrong.content.decode()
    done = client.post(
        reverse("mfa_activate_totp"), {"code": code_of(page.context["form"].secret)}, follow=True
    )
    saved = done.content.decode()
    assert "Recovery codes" in saved and "I’ve saved them" in saved
    assert client.get(GRACE)["Location"] == wanted
    assert client.get(wanted).status_code == 200
    assert client.get(GRACE)["Location"] == "/"


def test_the_way_on_leads_nowhere_else(required: None) -> None:
    client = forced(make.make_user(Role.ADMIN))
    client.get(f"{GRACE}?next=https://evil.example/")
    assert "after_two_step" not in client.session


def test_a_session_from_before_the_factor_is_asked_for_a_code(required: None) -> None:
    user = person()
    before = sign_in(user)
    secret = with_app(user)
    wanted = reverse("portal:account_list")
    for owed in (wanted, reverse("mfa_view_recovery_codes"), reverse("account_email")):
        assert before.get(owed)["Location"].startswith(GRACE), owed
    confirm = before.get(before.get(wanted)["Location"])["Location"]
    assert confirm == f"{reverse('mfa_reauthenticate')}?next=%2Fsetup%2Faccounts%2F"
    assert before.get(confirm).status_code == 200
    done = before.post(reverse("mfa_reauthenticate"), {"code": code_of(secret), "next": wanted})
    assert done["Location"] == wanted
    assert before.get(wanted).status_code == 200


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_staff_sign_in_with_a_code(required: None, role: Role) -> None:
    user = person(role)
    secret = with_app(user)
    client = sign_in(user)
    assert "_auth_user_id" not in client.session
    assert "passkey" not in client.get(reverse("mfa_authenticate")).content.decode(), "there is none"
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get(reverse("suppliers:supplier_list")).status_code == 200


def test_an_emailed_code_needs_the_second_step_too(required: None) -> None:
    user = person()
    secret = with_app(user)
    client = Client()
    sent = client.post(reverse("account_request_login_code"), {"email": user.email})
    asked = client.post(sent.url, {"code": code_in(mail.outbox[-1])})  # type: ignore[attr-defined]
    assert asked.url == reverse("mfa_authenticate")  # type: ignore[attr-defined]
    client.post(asked.url, {"code": code_of(secret)})  # type: ignore[attr-defined]
    assert client.get(reverse("portal:account_list")).status_code == 200


def test_a_recovery_code_works_once(required: None) -> None:
    user = person()
    with_app(user)
    code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().generate_codes()[0]
    first, second = sign_in(user), sign_in(user)
    first.post(reverse("mfa_authenticate"), {"code": code})
    assert first.get(reverse("portal:account_list")).status_code == 200
    again = second.post(reverse("mfa_authenticate"), {"code": code})
    assert "That code is wrong" in again.content.decode()
    assert "_auth_user_id" not in second.session


def test_wrong_codes_pause_the_second_step_alone(settings: Any) -> None:
    settings.LOGIN_FAILURES = 3
    user = person()
    secret = with_app(user)
    client = sign_in(user)
    for _ in range(3):
        assert "That code is wrong" in _tried(client, "000000")
    assert "Too many wrong codes. Wait" in _tried(client, code_of(secret))
    assert "_auth_user_id" not in client.session
    kinds = list(AccessEvent.objects.order_by("pk").values_list("kind", "about"))
    assert kinds == [*[("failure", "code")] * 3, ("lockout", "code")]
    # A password may still be tried, and another browser does not get around the pause.
    other = sign_in(user)
    assert "Too many wrong codes" in _tried(other, code_of(secret))
    SignInFailures.objects.update(locked_until=make.NOW - timedelta(days=400))
    other.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert other.session["_auth_user_id"] == str(user.pk)
    assert not SignInFailures.objects.exists()


def test_wrong_codes_are_counted_when_one_confirms_too(settings: Any) -> None:
    settings.LOGIN_FAILURES = 3
    user = person()
    client = sign_in_fully(user, with_app(user))
    for _ in range(3):
        client.post(reverse("mfa_reauthenticate"), {"code": "000000"})
    answer = client.post(reverse("mfa_reauthenticate"), {"code": "000000"}).content.decode()
    assert "Too many wrong codes" in answer


def _tried(client: Client, code: str) -> str:
    return client.post(reverse("mfa_authenticate"), {"code": code}).content.decode()


def test_suppliers_are_never_forced(required: None) -> None:
    supplier = person(Role.SUPPLIER)
    client = sign_in(supplier)
    assert client.get(reverse("rfp:proposal_list")).status_code == 200
    assert client.get(GRACE)["Location"] == "/"
    assert "Two-step sign-in isn’t" not in client.get(reverse("rfp:proposal_list")).content.decode()


def test_suppliers_may_turn_it_off_and_staff_may_not(required: None) -> None:
    for role, left in ((Role.SUPPLIER, False), (Role.OFFICER, True)):
        user = person(role)
        client = sign_in_fully(user, with_app(user))
        page = client.get(reverse("mfa_deactivate_totp")).content.decode()
        client.post(reverse("mfa_deactivate_totp"))
        assert Authenticator.objects.filter(user=user).exists() is left
        assert ("You can replace it instead" in page) is left


def test_staff_replace_the_app(required: None) -> None:
    user = person()
    old = with_app(user)
    client = sign_in_fully(user, old)
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().generate_codes()
    assert "Replace the app" in client.get(reverse("mfa_index")).content.decode()
    page = client.get(reverse("portal:two_step_replace"))
    new = page.context["form"].secret
    wrong = client.post(reverse("portal:two_step_replace"), {"code": code_of(old)})
    assert "That code is wrong" in wrong.content.decode()
    assert client.post(reverse("portal:two_step_replace"), {"code": code_of(new)}).status_code == 302
    assert Authenticator.objects.get(user=user, type="recovery_codes").wrap().generate_codes() == codes
    assert "_auth_user_id" not in sign_in_fully(user, old).session
    assert sign_in_fully(user, new).get(reverse("portal:account_list")).status_code == 200
    assert "Two-step sign-in was renewed" in "".join(Notice.objects.values_list("body", flat=True))


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_offered_is_a_banner_and_no_more(role: Role) -> None:
    user = person(role)
    client = sign_in(user, next_page=reverse("suppliers:supplier_list"))
    page = client.get(reverse("suppliers:supplier_list"))
    assert page.status_code == 200 and 'class="two-step-note"' in page.content.decode()
    with_app(user)
    assert 'class="two-step-note"' not in sign_in_fully(user, _secret(user)).get("/rfps/").content.decode()


def _secret(user: User) -> str:
    return encryption.decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])


@pytest.mark.django_db(transaction=True)
def test_the_banner_goes_once_a_factor_stands() -> None:
    client = sign_in(person())
    page = client.get(reverse("mfa_activate_totp"))
    assert 'class="two-step-note"' in page.content.decode()
    client.post(reverse("mfa_activate_totp"), {"code": code_of(page.context["form"].secret)})
    assert 'class="two-step-note"' not in client.get("/rfps/").content.decode()


def test_suppliers_see_no_banner() -> None:
    assert 'class="two-step-note"' not in sign_in(person(Role.SUPPLIER)).get("/rfps/").content.decode()


def raw_rows() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        return " ".join(row[0] for row in cursor.fetchall())


def test_the_database_holds_no_seed() -> None:
    user = person()
    secret = with_app(user)
    seed = encryption.decrypt(Authenticator.objects.get(user=user, type="recovery_codes").data["seed"])
    assert len(seed) == 80
    assert secret not in raw_rows() and seed not in raw_rows()
    assert sign_in_fully(user, secret).session["_auth_user_id"] == str(user.pk)


def test_the_database_holds_no_secret_while_someone_sets_it_up() -> None:
    """The new secret waits in the session until its first code; the session is stored encrypted."""
    user = person()
    client = sign_in(user)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    secret = client.session["mfa.totp.secret"]
    stored = Session.objects.get(session_key=client.session.session_key)
    plain = base64.b64decode(stored.session_data.partition(":")[0] + "===", altchars=b"-_")
    assert len(secret) == 32
    assert secret not in stored.session_data and secret.encode() not in plain
    assert SessionStore(client.session.session_key)["mfa.totp.secret"] == secret


def test_a_session_under_another_key_is_no_session(settings: Any) -> None:
    client = sign_in(person())
    settings.FIELD_KEY = b"x" * 32
    assert client.get(reverse("portal:session_list")).status_code == 302


def test_operators_read_no_factor() -> None:
    assert Authenticator not in admin.site._registry
