"""The access log, letters about one's account, asking again who it is, and one's own sessions."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import AccessEvent, Notice, Role, User
from tests import factories as make
from tests.portal.accounts.test_accounts import code_in

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough passphrase"
BROWSER = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"


def person(role: Role = Role.SUPPLIER) -> User:
    return make.with_password(make.make_user(role), PASSWORD)


def sign_in(user: User, password: str = PASSWORD) -> Client:
    client = Client(headers={"User-Agent": BROWSER}, REMOTE_ADDR="203.0.113.7")
    client.post(reverse("account_login"), {"login": user.email, "password": password})
    return client


def kinds() -> list[str]:
    return list(AccessEvent.objects.order_by("pk").values_list("kind", flat=True))


# ---- what is recorded ------------------------------------------------------------------------------------------------


def test_failures_are_recorded_without_secrets() -> None:
    user = person()
    sign_in(user, "wrong-password-typed")
    Client().post(reverse("account_login"), {"login": "nobody@works.example", "password": "x"})
    assert kinds() == ["failure", "failure"]
    failure = AccessEvent.objects.filter(kind="failure").order_by("pk").first()
    assert failure is not None
    assert (failure.user, failure.address, failure.client) == (user, "203.0.113.7", BROWSER)
    last = AccessEvent.objects.order_by("pk").last()
    assert last is not None and (last.kind, last.user) == ("failure", None)
    everything = str(list(AccessEvent.objects.values()))
    assert "typed" not in everything and "nobody@" not in everything


def test_coming_going_and_being_locked_out_are_recorded(settings: Any) -> None:
    settings.LOGIN_FAILURES = 3
    user = person()
    client = sign_in(user)
    client.post(reverse("account_logout"))
    for _ in range(4):
        sign_in(user, "wrong")
    assert kinds() == ["sign_in", "sign_out", "failure", "failure", "lockout", "lockout"]


def test_wrong_code_is_a_failure() -> None:
    user, client = person(), Client()
    client.post(reverse("account_request_login_code"), {"email": user.email})
    client.post(reverse("account_confirm_login_code"), {"code": "WRNG-CODE"})
    assert kinds() == ["failure"]


# ---- the page --------------------------------------------------------------------------------------------------------


def test_auditors_read_the_log_and_search_it() -> None:
    user = person()
    sign_in(user)
    client = Client()
    client.force_login(make.make_user(Role.AUDITOR))
    address = reverse("portal:access_list")
    page = client.get(address).content.decode()
    assert "Signed in" in page and user.email in page and "203.0.113.7" in page
    assert user.email in client.get(f"{address}?q=203.0.113&kind=sign_in").content.decode()
    assert "No matching entries" in client.get(f"{address}?q=zebra").content.decode()
    assert "No matching entries" in client.get(f"{address}?kind=reset&page=7").content.decode()


# ---- changes of an account -------------------------------------------------------------------------------------------


def letters_to(user: User) -> list[str]:
    return [notice.body for notice in Notice.objects.filter(to=user, key__startswith="own-account:")]


def reauthenticated(user: User) -> Client:
    client = sign_in(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def test_password_change_is_recorded_and_told() -> None:
    user = person()
    new = {
        "oldpassword": PASSWORD,
        "password1": "another long passphrase",
        "password2": "another long passphrase",
    }
    assert sign_in(user).post(reverse("account_change_password"), new).status_code == 302
    assert "password" in kinds()
    (letter,) = letters_to(user)
    assert letter.startswith("Your account password changed, ") and "203.0.113.7" in letter
    assert "another long" not in letter


def test_second_address_needs_the_password_again() -> None:
    user = person()
    client = sign_in(user)
    data = {"email": "second@works.example", "action_add": ""}
    asked = client.post(reverse("account_email"), data)
    assert asked.url.startswith(reverse("account_reauthenticate"))  # type: ignore[attr-defined]
    assert "Confirm it’s you" in client.get(asked.url).content.decode()  # type: ignore[attr-defined]
    assert not user.emailaddress_set.filter(email="second@works.example").exists()
    wrong = client.post(reverse("account_reauthenticate"), {"password": "wrong"})
    assert wrong.status_code == 200 and "password" in wrong.context["form"].errors
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    sent = client.post(reverse("account_email"), data)
    client.post(sent.url, {"code": code_in(mail.outbox[-1])})  # type: ignore[attr-defined]
    assert user.emailaddress_set.filter(email="second@works.example", verified=True).exists()
    assert "address" in kinds()
    assert "An email address was added to your account" in letters_to(user)[0]


def test_who_has_no_password_confirms_with_a_code() -> None:
    user = person()
    user.set_unusable_password()
    user.save()
    client = Client()
    sent = client.post(reverse("account_request_login_code"), {"email": user.email})
    client.post(sent.url, {"code": code_in(mail.outbox[-1])})  # type: ignore[attr-defined]
    session = client.session
    session["account_authentication_methods"][-1]["at"] -= 3600
    session.save()
    data = {"email": "second@works.example", "action_add": ""}
    asked = client.post(reverse("account_email"), data)
    assert asked.url.startswith(reverse("portal:sign_in_again"))  # type: ignore[attr-defined]
    assert "Confirm it’s you" in client.get(asked.url).content.decode()  # type: ignore[attr-defined]
    client.post(asked.url)  # type: ignore[attr-defined]
    # allauth keeps what was sent and goes on with it.
    client.post(asked.url, {"code": code_in(mail.outbox[-1])})  # type: ignore[attr-defined]
    assert client.session["_auth_user_id"] == str(user.pk)
    assert "second@works.example" in mail.outbox[-1].to


def test_new_main_address_is_told_to_the_old_one() -> None:
    user = person()
    user.emailaddress_set.create(email="second@works.example", verified=True, primary=False)
    old = user.email
    reauthenticated(user).post(
        reverse("account_email"), {"email": "second@works.example", "action_primary": ""}
    )
    user.refresh_from_db()
    assert user.email == "second@works.example"
    assert Notice.objects.filter(address=old, subject="Your Onshore account changed").count() == 1
    assert len(letters_to(user)) == 1


def test_factor_is_recorded_and_told(django_capture_on_commit_callbacks: Any) -> None:
    user = person(Role.ADMIN)
    client = reauthenticated(user)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert done.status_code == 302, done.context["form"].errors
    assert "factor" in kinds()
    assert any(letter.startswith("Two-step sign-in was set up") for letter in letters_to(user))
    assert not [row for row in AccessEvent.objects.values() if secret in str(row)]


# ---- sessions --------------------------------------------------------------------------------------------------------


def test_own_sessions_are_listed_and_ended() -> None:
    user, other = person(), person()
    here, there, stranger = sign_in(user), sign_in(user), sign_in(other)
    page = here.get(reverse("portal:session_list")).content.decode()
    assert page.count("Firefox on Windows") >= 2 and "This session" in page
    foreign = UserSession.objects.get(user=other)
    assert here.post(reverse("portal:session_end", args=[foreign.pk])).status_code == 404
    elsewhere = UserSession.objects.get(session_key=there.session.session_key)
    here.post(reverse("portal:session_end", args=[elsewhere.pk]))
    assert there.get(reverse("portal:session_list")).status_code == 302
    assert here.get(reverse("portal:session_list")).status_code == 200
    assert stranger.get(reverse("portal:session_list")).status_code == 200
    assert "session" in kinds()


def test_all_others_are_ended_at_once_and_ones_own_too() -> None:
    user = person()
    here, *others = [sign_in(user) for _ in range(3)]
    here.post(reverse("portal:session_end", args=[0]))
    assert [each.get(reverse("portal:session_list")).status_code for each in others] == [302, 302]
    own = UserSession.objects.get(user=user)
    ended = here.post(reverse("portal:session_end", args=[own.pk]))
    assert ended.url == reverse("account_login")  # type: ignore[attr-defined]
    assert not Session.objects.exclude(session_key=here.session.session_key or "").exists()


def test_sessions_ask_as_often_for_one_row_as_for_three() -> None:
    user = person()
    client = sign_in(user)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("portal:session_list")).status_code == 200
        return len(queries)

    before = count()
    for _ in range(3):
        sign_in(user)
    assert count() == before


# ---- caches ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/proposals/", "/company/", "/account/sessions/", "/accounts/email/"])
def test_private_pages_are_kept_in_no_cache(path: str) -> None:
    client = Client()
    client.force_login(person())
    said = client.get(path, follow=True)["Cache-Control"]
    assert "no-store" in said and "private" in said


def test_public_pages_and_others_words_are_left_alone(client: Client) -> None:
    assert not client.get("/about/").has_header("Cache-Control")
    assert "no-store" in client.post("/accounts/login/", {"login": "x"})["Cache-Control"]
