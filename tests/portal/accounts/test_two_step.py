"""Two-step sign-in of staff, required and offered; seeds at rest; resets by two people; fresh sign-ins."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.contrib import admin
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.accounts import encryption, reset_actions
from portal.frame import environment
from portal.kit import clock
from portal.kit import refused as kit_refused
from portal.models import (
    STAFF_ROLES,
    AccessEvent,
    AuditEvent,
    FactorReset,
    Notice,
    Role,
    SignInFailures,
    User,
)
from suppliers.models import Alert
from tests import factories as make
from tests import world
from tests.portal.accounts.test_accounts import code_in
from tests.test_matrix import BUYERS, MATRIX

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough passphrase"
GRACE = "/account/two-step/"


@pytest.fixture
def required(settings: Any) -> None:
    settings.STAFF_MFA = "required"


def person(role: Role = Role.ADMIN, **fields: Any) -> User:
    return make.with_password(make.make_user(role, **fields), PASSWORD)


def with_app(user: User) -> str:
    """The user sets up an app and recovery codes; the app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or this many half minutes from now. A code that was used before counts again."""
    cache.clear()
    _before, now, _after = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now + steps))


@pytest.fixture(autouse=True)
def _same_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code that a test reads is still the code when a busy machine comes to check it."""
    now = time.time()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: now))


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_counts_half_a_minute_early_or_late(required: None, steps: int, counts: bool) -> None:
    user = person()
    secret = with_app(user)
    client = sign_in(user)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret, steps=steps)})
    assert ("_auth_user_id" in client.session) is counts


def sign_in(user: User, client: Client | None = None, next_page: str = "") -> Client:
    client = client or Client()
    query = f"?next={next_page}" if next_page else ""
    client.post(reverse("account_login") + query, {"login": user.email, "password": PASSWORD})
    return client


def sign_in_fully(user: User, secret: str) -> Client:
    client = sign_in(user)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    return client


def signed_in_a_while_ago(client: Client, minutes: int = 16) -> Client:
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= minutes * 60
    session.save()
    return client


def forced(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# ---- the setting -----------------------------------------------------------------------------------------------------


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


# ---- required --------------------------------------------------------------------------------------------------------


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


# ---- offered ---------------------------------------------------------------------------------------------------------


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


# ---- seeds at rest ---------------------------------------------------------------------------------------------------


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


def test_operators_read_no_factor() -> None:
    assert Authenticator not in admin.site._registry


# ---- a colleague's factor --------------------------------------------------------------------------------------------


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


# ---- fresh sign-ins --------------------------------------------------------------------------------------------------

# What asks for a fresh sign-in, each with how to send it; and what staff send without one, on purpose.
FRESH = {
    "portal:account_new",
    "portal:account_edit",
    "portal:account_switch",
    "portal:countersign",
    "portal:factor_reset_ask",
    "portal:factor_reset_confirm",
    "portal:two_step_replace",
    "scoring:chair_change",
    "scoring:chair_confirm",
    "scoring:award_final",
    "scoring:opening_act",
    "scoring:release_confirm",
    "scoring:release_drop",
    "scoring:release_start",
    "scoring:standing_override",
    "suppliers:alert_detail",
    "suppliers:standing_detail",
    "suppliers:standing_finding",
    "suppliers:waiver_new",
}
BY_OFFICERS = {"portal:countersign", "scoring:standing_override"}
CALM = {
    "portal:audit_verify",
    "portal:factor_reset_withdraw",
    "portal:session_end",
    "rfp:setup_criterion_remove",
    "rfp:setup_document_remove",
    "rfp:setup_lot_remove",
    "rfp:setup_milestone_remove",
    "rfp:setup_requirement_remove",
    "rfp:setup_window_remove",
    "scoring:conflict_add",
    "scoring:decision_findings",
    "scoring:decision_inputs",
    "scoring:marks_remove",
    "scoring:panel_by_hand",
    "scoring:panel_chair",
    "scoring:panel_remind",
    "scoring:panel_remove",
    "scoring:panel_run_apply",
    "scoring:proposal_decide",
    "scoring:recuse",
    "scoring:shortlist_request",
    "scoring:summary_request",
    "suppliers:alert_assign",
    "suppliers:list_activate",
    "suppliers:list_preview",
}


def views(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback
        else:
            yield from views(pattern, namespace + (f"{pattern.namespace}:" if pattern.namespace else ""))


def test_the_routes_that_ask_for_a_fresh_sign_in() -> None:
    asks = {name for name, view in views(get_resolver()) if getattr(view, "asks_fresh_sign_in", False)}
    assert asks == FRESH


def test_every_act_of_staff_is_weighed() -> None:
    """A new one has to be put into one of the two tables."""
    acts = {name for name, route in MATRIX.items() if route.method == "post" and BUYERS & set(route.answers)}
    assert acts - FRESH == CALM
    weighty = re.compile(r"account_|override|reset|release|waiver_new|standing_|opening_act")
    unweighed = {name for name in MATRIX if weighty.search(name) and name.split(":")[0] != "rfp"}
    reads = {"portal:account_list", "portal:factor_reset_list", "suppliers:standing_list"}
    assert unweighed - FRESH - CALM - reads == set()


def test_each_of_them_sends_a_stale_sign_in_to_confirm() -> None:
    made = world.build()
    exact = Alert.objects.filter(pk=made.alert.pk)
    exact.update(band="exact")
    clients = {who: signed_in_a_while_ago(forced(made.people[who])) for who in ("admin", "officer")}
    by = {"suppliers": "officer", "portal": "admin", "scoring": "admin"}
    for name in FRESH - {"portal:two_step_replace"}:
        who = "officer" if name in BY_OFFICERS else by[name.split(":")[0]]
        url = reverse(name, args=MATRIX[name].args(made))
        answer = clients[who].post(url, {"reason": "typed"})
        assert answer.status_code == 302, name
        assert answer["Location"].startswith(reverse("account_reauthenticate")), name
    # Reading the page asks nothing, nor does a hit that is only alike.
    alert = reverse("suppliers:alert_detail", args=[made.alert.pk])
    assert clients["officer"].get(alert).status_code == 200
    exact.update(band="possible", identifier="")
    assert clients["officer"].post(alert, {"reason": "typed"}).status_code == 200


def test_what_was_typed_is_sent_after_the_password() -> None:
    user = person()
    client = signed_in_a_while_ago(sign_in(user))
    new = {"name": "Robin Okafor", "email": "robin@buyer.example", "role": "reviewer"}
    address = reverse("portal:account_new")
    asked = client.post(address, new)
    assert not User.objects.filter(email=new["email"]).exists()
    assert asked["Location"] == f"{reverse('account_reauthenticate')}?next=%2Fsetup%2Faccounts%2Fnew%2F"
    assert "Confirm it’s you" in client.get(asked["Location"]).content.decode()
    wrong = client.post(reverse("account_reauthenticate"), {"password": "wrong", "next": address})
    assert wrong.status_code == 200
    kept = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": address})
    page = kept.content.decode()
    assert f'action="{address}"' in page and 'value="Robin Okafor"' in page
    assert "no-store" in kept["Cache-Control"]
    assert not User.objects.filter(email=new["email"]).exists(), "nothing is sent without the click"
    assert client.post(address, fields_of(page)).status_code == 302
    assert User.objects.filter(email=new["email"]).exists()


def fields_of(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', page)
    return {name: value for name, value in found if name not in ("csrfmiddlewaretoken", "next")}


def test_what_was_typed_is_sent_after_a_code_of_the_app_with_its_query() -> None:
    made = world.build(with_reports=False)
    admin_user = make.with_password(made.people["admin"], PASSWORD)
    secret = with_app(admin_user)
    client = signed_in_a_while_ago(sign_in_fully(admin_user, secret))
    address = reverse("scoring:opening_act", args=[made.number, made.closed.number, "price"]) + "?lot=L1"
    asked = client.post(
        address, {"lot-1-fewer_marks_reason": "Two “fell” <ill>."}, headers={"HX-Request": "true"}
    )
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked["HX-Redirect"].startswith(reverse("account_reauthenticate"))
    done = client.post(reverse("mfa_reauthenticate"), {"code": code_of(secret), "next": address})
    page = done.content.decode()
    assert f'action="{address}"' in page and "Two “fell” &lt;ill&gt;." in page


def test_a_form_that_was_given_up_is_not_sent_for_something_else() -> None:
    client = signed_in_a_while_ago(sign_in(person()))
    client.post(reverse("portal:account_new"), {"name": "Robin"})
    elsewhere = client.post(
        reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse("account_email")}
    )
    assert elsewhere["Location"] == reverse("account_email")


def test_who_has_neither_password_nor_app_confirms_with_an_emailed_code() -> None:
    user = make.make_user(Role.ADMIN, password=UNUSABLE_PASSWORD_PREFIX)
    make.confirm_address(user)
    client = signed_in_a_while_ago(forced(user))
    address = reverse("portal:account_new")
    place = client.post(address, {"name": "Robin"})["Location"]
    assert "Email me a code" in client.get(place).content.decode()
    assert user.email in client.post(place).content.decode()
    assert "That code is wrong" in client.post(place, {"code": "WRNG-CODE"}).content.decode()
    assert AccessEvent.objects.latest("pk").kind == "failure"
    page = client.post(place, {"code": code_in(mail.outbox[-1])}).content.decode()
    assert f'action="{address}"' in page and 'value="Robin"' in page
    assert client.post(address, {"name": "Robin"}).status_code == 200
    # A code is used up, and three wrong ones end it.
    client.post(place)
    for _ in range(3):
        client.post(place, {"code": "WRNG-CODE"})
    assert "has expired" in client.post(place, {"code": code_in(mail.outbox[-1])}).content.decode()


def test_who_has_a_password_or_an_app_is_not_confirmed_by_email() -> None:
    client = sign_in(person())
    again = client.get(reverse("portal:sign_in_again") + "?next=/setup/accounts/")
    assert again["Location"] == f"{reverse('account_reauthenticate')}?next=%2Fsetup%2Faccounts%2F"
    elsewhere = client.get(reverse("portal:sign_in_again") + "?next=https://evil.example/")
    assert "evil" not in elsewhere["Location"]


def test_a_moment_ago_is_fresh_and_quarter_of_an_hour_is_not() -> None:
    new = {"name": "Robin Okafor", "email": "robin@buyer.example", "role": "owner"}
    for minutes, status in ((14, 200), (16, 302)):
        client = signed_in_a_while_ago(sign_in(person()), minutes)
        assert client.post(reverse("portal:account_new"), new).status_code == status
