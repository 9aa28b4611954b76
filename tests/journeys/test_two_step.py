"""Staff at the door: the second step where it is required, confirming before what matters, a colleague's lost phone."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings as django_settings
from playwright.sync_api import Page, expect

from portal.models import Role, User
from tests import factories as make
from tests.journeys.conftest import DESK, PHONE, Browse, check
from tests.portal.accounts.factors import PASSWORD, code_of, person, with_app


def look(page: Page, name: str) -> None:
    check(page)
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}-1280.png", full_page=True)
        page.set_viewport_size(PHONE)
        page.screenshot(path=f"{folder}/{name}-390.png", full_page=True)
        page.set_viewport_size(DESK)


def sign_in(page: Page, user: User, wanted: str = "/") -> Page:
    page.goto(f"/accounts/login/?next={wanted}")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def age(page: Page, minutes: int) -> None:
    """The sign-in was so long ago."""
    key = next(
        each["value"]
        for each in page.context.cookies()
        if each["name"] == django_settings.SESSION_COOKIE_NAME
    )
    session = import_module(django_settings.SESSION_ENGINE).SessionStore(key)
    for record in session["account_authentication_methods"]:
        record["at"] -= minutes * 60
    session.save()


def test_a_reviewer_sets_up_the_second_step_and_goes_on(browse: Browse, settings: Any) -> None:
    settings.STAFF_MFA = "required"
    page = sign_in(browse(), person(Role.REVIEWER), "/suppliers/")
    expect(page.get_by_role("heading", name="Set up two-step sign-in")).to_be_visible()
    look(page, "grace")
    page.get_by_role("link", name="Set it up").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.get_by_text("Can’t scan it?").click()
    look(page, "set-up")
    secret = page.locator("#authenticator_secret").inner_text()
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Turn on two-step sign-in").click()
    expect(page.locator("#id_code_error")).to_contain_text("That code is wrong")
    look(page, "set-up-wrong")
    page.get_by_label("Authenticator code").fill(
        format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    )
    page.get_by_role("button", name="Turn on two-step sign-in").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    look(page, "recovery-codes")
    page.get_by_role("link", name="I’ve saved them. Continue").click()
    expect(page).to_have_url("/suppliers/")
    page.goto("/accounts/2fa/")
    look(page, "two-step-index")
    page.goto("/accounts/2fa/totp/deactivate/")
    look(page, "stays-on")


def test_an_admin_confirms_before_adding_an_account_and_nothing_typed_is_lost(browse: Browse) -> None:
    page = sign_in(browse(), person(), "/setup/accounts/new/")
    look(page, "banner")
    page.get_by_label("Name", exact=True).fill("Robin Okafor")
    page.get_by_label("Email address").fill("robin@buyer.example")
    page.get_by_label("Reviewer").check()
    age(page, 16)
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="Confirm it’s you")).to_be_visible()
    look(page, "confirm-password")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    look(page, "confirmed")
    assert not User.objects.filter(email="robin@buyer.example").exists()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Robin Okafor now has an account")).to_be_visible()


def test_two_people_reset_a_colleague_who_lost_the_phone(browse: Browse) -> None:
    lost, asking, officer = (
        person(Role.REVIEWER, name="Tomas Ekberg"),
        person(name="Avery Lindqvist"),
        person(Role.OFFICER),
    )
    with_app(lost)
    page = browse(asking)
    page.goto(f"/setup/accounts/{lost.pk}/")
    page.get_by_role("link", name="Reset two-step sign-in").click()
    page.get_by_role("button", name="Request the reset").click()
    look(page, "reset-ask-missing")
    page.get_by_label("Reason").fill("Tomas called from his desk phone. His phone was stolen on the train.")
    page.get_by_role("button", name="Request the reset").click()
    look(page, "reset-list-asked")
    page.goto(f"/setup/accounts/{lost.pk}/")
    look(page, "account-edit-reset")
    page.goto("/setup/accounts/")
    look(page, "account-list-reset")
    second = browse(officer)
    second.goto("/setup/resets/")
    look(second, "reset-list-officer")
    second.get_by_role("button", name="Confirm the reset for").click()
    expect(second.get_by_text("Tomas Ekberg’s two-step sign-in has been reset")).to_be_visible()
    look(second, "reset-list-done")
    assert not Authenticator.objects.filter(user=lost).exists()


def test_who_has_no_password_confirms_by_email_or_with_the_app(browse: Browse) -> None:
    mailed, with_factor = make.make_user(Role.ADMIN), make.make_user(Role.OFFICER)
    for user in (mailed, with_factor):
        user.set_unusable_password()
        user.save()
        make.confirm_address(user)
    secret = with_app(with_factor)
    page = browse(mailed)
    page.goto("/account/again/?next=/setup/accounts/")
    look(page, "again")
    page.get_by_role("button", name="Email me a code").click()
    page.get_by_label("Code").fill("WRNG-CODE")
    page.get_by_role("button", name="Continue").click()
    look(page, "again-wrong")
    other = browse(with_factor)
    other.goto("/account/again/?next=/suppliers/")
    look(other, "confirm-code")
    other.get_by_label("Code").fill(code_of(secret))
    other.get_by_role("button", name="Continue").click()
    expect(other).to_have_url("/suppliers/")


def with_key(page: Page) -> Any:
    """A browser with a security key of its own, that is always touched."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devices


def test_a_passkey_is_a_second_step_too_and_the_last_one_stays(browse: Browse, settings: Any) -> None:
    settings.STAFF_MFA = "required"
    user = person(Role.OFFICER)
    page = browse()
    with_key(page)
    sign_in(page, user, "/suppliers/")
    page.get_by_role("link", name="Use a passkey instead").click()
    look(page, "passkey-add")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("link", name="I’ve saved them. Continue").click()
    expect(page).to_have_url("/suppliers/")
    page.goto("/accounts/2fa/")
    look(page, "passkey-index")
    page.goto("/accounts/2fa/webauthn/")
    look(page, "passkey-list")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("You can replace it instead")).to_be_visible()
    assert Authenticator.objects.filter(user=user, type="webauthn").exists()
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").last.click()
    sign_in(page, user, "/suppliers/")
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    look(page, "second-step")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url("/suppliers/")
    page.goto("/accounts/2fa/webauthn/reauthenticate/?next=/suppliers/")
    look(page, "passkey-confirm")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url("/suppliers/")
