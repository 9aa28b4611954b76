"""The operators' admin: who enters, that it changes nothing, and that nothing sealed is in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from portal.accounts import actions as accounts_actions
from portal.accounts.operators import OperatorsSite
from portal.kit import refused as kit_refused
from portal.models import AuditEvent, Document, Notice, Role, User
from scoring.panel import actions as scoring_actions
from suppliers.company import actions as supplier_actions
from suppliers.models import Membership, Snapshot
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(make.make_user(Role.ADMIN, is_staff=True, is_superuser=True))
    return client


def test_exactly_these_models_are_registered() -> None:
    """No factor, no session, nothing that people typed at sign-in."""
    assert set(admin.site._registry) == {User, AuditEvent, Notice, Membership, Snapshot, EmailAddress}


def test_whatever_an_app_registers_is_read_only(operator: Client, rf: Any) -> None:
    """Also what does not know of it, and what says that it may be changed."""

    class Changeable(admin.ModelAdmin):  # type: ignore[type-arg]
        actions = ("delete_selected",)
        list_editable = ("name",)

        def has_change_permission(self, request: Any, obj: Any = None) -> bool:
            return True

    site = OperatorsSite()
    site.register(Document, Changeable)
    page = site._registry[Document]
    request = rf.get("/")
    request.user = User.objects.get(is_superuser=True)
    assert page.has_view_permission(request)
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    assert (page.actions, page.list_editable) == (None, ())
    site.register([Authenticator, Session])
    assert set(site._registry) == {Document}


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=lambda model: model._meta.label))
def test_superuser_changes_nothing_anywhere(operator: Client, model: Any) -> None:
    make.make_proposal()
    make.confirm_address(make.make_user())
    Notice.objects.create(to=make.make_user(), key="k", subject="s", body="b", created_at=make.NOW)
    Snapshot.objects.create(
        source="test", loaded_at=make.NOW, as_of=make.NOW.date(), sha256="0" * 64, parties_count=0
    )
    name, row = f"{model._meta.app_label}_{model._meta.model_name}", model.objects.first()
    before = list(model.objects.order_by("pk").values())
    posted = {"_selected_action": [str(row.pk)], "action": "delete_selected", "post": "yes", "role": "admin"}
    assert operator.get(reverse(f"admin:{name}_changelist")).status_code == 200
    assert operator.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 200
    for address in (
        reverse(f"admin:{name}_add"),
        reverse(f"admin:{name}_change", args=[row.pk]),
        reverse(f"admin:{name}_delete", args=[row.pk]),
    ):
        assert operator.post(address, posted).status_code == 403
    operator.post(reverse(f"admin:{name}_changelist"), {**posted, "action": "make_verified"})
    operator.post(reverse(f"admin:{name}_changelist"), posted)
    assert list(model.objects.order_by("pk").values()) == before


def test_no_hash_of_a_password_is_shown(operator: Client) -> None:
    page = operator.get(reverse("admin:portal_user_change", args=[make.make_user().pk])).content.decode()
    assert (
        "argon2" not in page
        and "password" not in page.replace("password_change", "").lower().split("<main")[-1]
    )


def test_own_password_is_changed_in_the_portal(operator: Client) -> None:
    answer = operator.get(reverse("admin:password_change"))
    assert (answer.status_code, answer.url) == (302, reverse("account_change_password"))  # type: ignore[attr-defined]


def test_sign_in_is_the_portals_own() -> None:
    answer = Client().get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=/operate/")


@pytest.mark.parametrize("role", list(Role))
def test_nobody_enters_without_being_an_operator(role: Role) -> None:
    client = Client()
    client.force_login(make.make_user(role))
    assert client.get(reverse("admin:index"), follow=True).status_code == 404


def test_letters_are_not_read_here(operator: Client) -> None:
    notice = Notice.objects.create(
        to=make.make_user(), key="k", subject="Received", body="fingerprint 1234", created_at=make.NOW
    )
    page = operator.get(reverse("admin:portal_notice_change", args=[notice.pk])).content.decode()
    assert "Received" in page and "1234" not in page


# ---- what operators did here before: actions, with an event and letters ----------------------------------------------


def letters(event: AuditEvent, prefix: str = "account") -> set[User | None]:
    return {notice.to for notice in Notice.objects.filter(key__startswith=f"{prefix}:{event.seq}")}


def test_role_changes_with_a_reason_and_letters() -> None:
    admins = [make.make_user(Role.ADMIN) for _ in range(2)]
    officer, robin = make.make_user(Role.OFFICER), make.make_user(Role.REVIEWER)
    client = Client()
    client.force_login(admins[0])
    address = reverse("portal:account_edit", args=[robin.pk])
    refused = client.post(address, {"name": robin.name, "role": "auditor", "reason": ""})
    assert refused.context["form"].errors == {"reason": ["Explain why the role is changing"]}
    assert (
        client.post(address, {"name": robin.name, "role": "auditor", "reason": "Moved."}).status_code == 302
    )
    robin.refresh_from_db()
    event = AuditEvent.objects.latest("seq")
    assert (robin.role, event.verb, event.facts) == (
        Role.AUDITOR,
        "account.role_changed",
        {"before": "reviewer", "role": "auditor"},
    )
    assert letters(event) == {*admins, officer, robin}
    assert all("Moved." in notice.body for notice in Notice.objects.filter(key__startswith="account:"))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"role": "supplier"}, "role"), ({"role": ""}, "role"), ({"name": ""}, "name"), ({}, "__all__")],
)
def test_account_form_names_what_is_wrong(change: dict[str, str], field: str) -> None:
    client, robin = Client(), make.make_user(Role.REVIEWER)
    client.force_login(make.make_user(Role.ADMIN))
    sent = {"name": robin.name, "role": robin.role, "reason": "Kept text"} | change
    answer = client.post(reverse("portal:account_edit", args=[robin.pk]), sent)
    assert set(answer.context["form"].errors) == {field}
    assert "Kept text" in answer.content.decode()


def test_nobody_changes_the_own_role_or_a_suppliers_account() -> None:
    me, supplier = make.make_user(Role.ADMIN), make.make_user()
    for user in (me, supplier):
        with pytest.raises(kit_refused.Refused):
            accounts_actions.change_account(
                user, name="New", role=Role.AUDITOR, reason="x", by=me, at=make.NOW
            )
    with pytest.raises(kit_refused.Refused):
        accounts_actions.set_operator(supplier, operator=True, by=me, at=make.NOW)


def test_superuser_is_made_with_an_event_and_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    admin_before = make.make_user(Role.ADMIN)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long enough passphrase")
    call_command("createsuperuser", "--email", "op@buyer.example", "--name", "Op Erator", "--noinput")
    user, event = User.objects.get(email="op@buyer.example"), AuditEvent.objects.latest("seq")
    assert (user.name, user.is_superuser, user.role) == ("Op Erator", True, Role.ADMIN)
    assert (event.verb, event.actor, event.subject) == (
        "account.operator_on",
        "system",
        f"portal.user:{user.pk}",
    )
    assert letters(event) == {user, admin_before}
    call_command("operator_access", "op@buyer.example", "--off")
    user.refresh_from_db()
    assert not user.is_staff and not user.is_superuser
    assert AuditEvent.objects.latest("seq").verb == "account.operator_off"


def test_owner_is_appointed_with_an_event_and_letters() -> None:
    supplier, officer, new = make.make_supplier(), make.make_user(Role.OFFICER), make.make_user()
    owner = make.owner_of(supplier)
    call_command("appoint_owner", str(supplier.pk), new.email, "--reason", "Papers seen.")
    event = AuditEvent.objects.latest("seq")
    assert (event.verb, event.facts) == ("team.appointed", {"member": new.pk})
    assert letters(event, "team") == {owner, new, officer}
    with pytest.raises(CommandError, match="Staff accounts"):
        call_command("appoint_owner", str(supplier.pk), officer.email, "--reason", "x")


def test_team_and_panel_hear_of_changes() -> None:
    supplier, editor = make.make_supplier(), make.make_user()
    owner = make.owner_of(supplier)
    member = Membership.objects.create(supplier=supplier, user=editor, level="editor")
    supplier_actions.change_level(member, level="viewer", by=owner, at=make.NOW)
    assert letters(AuditEvent.objects.latest("seq"), "team") == {editor}
    supplier_actions.remove_member(member, by=editor, at=make.NOW)
    assert letters(AuditEvent.objects.latest("seq"), "team") == {owner}
    solicitation, by, officer = (
        make.make_solicitation(published=False),
        make.make_user(Role.ADMIN),
        make.make_user(Role.OFFICER),
    )
    first, second = make.make_user(Role.REVIEWER), make.make_user(Role.REVIEWER)
    for user, is_chair in ((first, False), (second, True)):
        seat = scoring_actions.seat_evaluator(solicitation, user=user, is_chair=is_chair, by=by, at=make.NOW)
    assert letters(AuditEvent.objects.latest("seq"), "panel") == {first, second, officer}
    scoring_actions.unseat_evaluator(seat, by=by, at=make.NOW)
    assert letters(AuditEvent.objects.latest("seq"), "panel") == {first, second, officer}


def test_the_first_admin_is_made_on_the_server_and_signs_in_with_a_code() -> None:
    call_command("first_admin", "--email", "First@buyer.example", "--name", "  Fay First ")
    user = User.objects.get(email="first@buyer.example")
    assert (user.name, user.role, user.is_active, user.has_usable_password()) == (
        "Fay First",
        Role.ADMIN,
        True,
        False,
    )
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.facts) == ("account.invited", "system", {"role": "admin"})
    assert Notice.objects.get().to == user
    client = Client()
    asked = client.post(reverse("account_request_login_code"), {"email": user.email})
    assert asked.status_code == 302
    found = re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", mail.outbox[-1].body, re.MULTILINE)
    assert found
    client.post(reverse("account_confirm_login_code"), {"code": found.group(1)})
    assert client.get(reverse("portal:account_list")).status_code == 200


@pytest.mark.parametrize(
    ("email", "name", "why"),
    [
        ("second@buyer.example", "Second", "already an admin"),
        ("no address", "Second", "not an email address"),
        ("second@buyer.example", " ", "name"),
    ],
)
def test_a_first_admin_is_the_first_with_a_name_and_an_address(email: str, name: str, why: str) -> None:
    if "admin" in why:
        make.make_user(Role.ADMIN)
    before = User.objects.count()
    with pytest.raises(CommandError, match=why):
        call_command("first_admin", "--email", email, "--name", name)
    assert User.objects.count() == before


def test_a_suppliers_address_does_not_become_an_admins() -> None:
    supplier = make.make_user(Role.SUPPLIER)
    with pytest.raises(CommandError, match="has an account"):
        call_command("first_admin", "--email", supplier.email.upper(), "--name", "First")
    supplier.refresh_from_db()
    assert supplier.role == Role.SUPPLIER
