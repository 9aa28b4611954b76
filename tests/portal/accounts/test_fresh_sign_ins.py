"""What asks for the password again when the sign-in is older than 15 minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.models import (
    AccessEvent,
    Role,
    User,
)
from suppliers.models import Alert
from tests import factories as make
from tests.portal.accounts.factors import PASSWORD, code_of, forced, person, sign_in, sign_in_fully, with_app
from tests.portal.accounts.test_accounts import code_in
from tests.whole import world
from tests.whole.test_matrix import BUYERS, MATRIX

pytestmark = pytest.mark.django_db


def signed_in_a_while_ago(client: Client, minutes: int = 16) -> Client:
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= minutes * 60
    session.save()
    return client


# What asks for a fresh sign-in, each with how to send it; and what staff send without one, on purpose.
FRESH = {
    "rfp:addendum_propose",
    "rfp:addendum_publish",
    "rfp:solicitation_end",
    "portal:account_new",
    "portal:token_list",
    "portal:account_edit",
    "portal:account_switch",
    "portal:countersign",
    "portal:factor_reset_ask",
    "portal:factor_reset_confirm",
    "portal:two_step_replace",
    "scoring:chair_change",
    "scoring:chair_confirm",
    "scoring:award_final",
    "scoring:file_release",
    "scoring:award_end",
    "scoring:award_end_confirm",
    "scoring:award_end_drop",
    "scoring:opening_act",
    "scoring:release_confirm",
    "scoring:release_drop",
    "scoring:release_start",
    "scoring:tie_draw",
    "rfp:access_code_make",
    "rfp:export_rule",
    "rfp:export_revoke",
    "scoring:standing_override",
    "suppliers:alert_detail",
    "suppliers:standing_detail",
    "suppliers:standing_finding",
    "suppliers:waiver_new",
}


BY_OFFICERS = {"portal:countersign", "rfp:export_rule", "rfp:export_revoke", "scoring:standing_override"}


CALM = {
    "rfp:addendum_discard",
    "rfp:addendum_for_question",
    "rfp:addendum_remove",
    "rfp:addendum_take_back",
    "portal:audit_verify",
    "portal:notices_read",
    "portal:factor_reset_withdraw",
    "portal:session_end",
    "rfp:library_remove",
    "rfp:advice_take",
    "rfp:question_advice",
    "rfp:question_merge",
    "rfp:access_invite",
    "rfp:access_code_end",
    "rfp:question_separate",
    "rfp:setup_criterion_remove",
    "rfp:setup_document_remove",
    "rfp:setup_lot_remove",
    "rfp:setup_milestone_remove",
    "rfp:setup_requirement_remove",
    "rfp:setup_preference_remove",
    "rfp:setup_window_remove",
    "scoring:conflict_add",
    "scoring:decision_findings",
    "scoring:decision_inputs",
    "scoring:mark_agree",
    "scoring:mark_reopen",
    "scoring:mark_take_back",
    "scoring:marks_remove",
    "scoring:panel_by_hand",
    "scoring:panel_chair",
    "scoring:panel_remind",
    "scoring:panel_remove",
    "scoring:panel_run_apply",
    "scoring:proposal_decide",
    "scoring:claim_refuse",
    "scoring:recuse",
    "scoring:portfolio_request",
    "scoring:ranking_columns",
    "scoring:shortlist_request",
    "scoring:lot_report_request",
    "scoring:comparison_request",
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
    by = {"suppliers": "officer", "portal": "admin", "rfp": "admin", "scoring": "admin"}
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
