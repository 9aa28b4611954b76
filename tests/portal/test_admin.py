"""The operators' admin: who enters, what it may change, and that nothing sealed is in it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from portal.models import AuditEvent, Notice, Role, User
from suppliers.models import Membership, Snapshot
from tests import factories as make

pytestmark = pytest.mark.django_db

OURS = set(settings.ONSHORE_APPS)


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(make.make_user(Role.ADMIN, is_staff=True, is_superuser=True))
    return client


def test_exactly_these_models_of_ours_are_registered() -> None:
    registered = {model for model in admin.site._registry if model._meta.app_label in OURS}
    assert registered == {User, AuditEvent, Notice, Membership, Snapshot}


def test_sign_in_is_the_portals_own() -> None:
    answer = Client().get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=/operate/")


@pytest.mark.parametrize("role", list(Role))
def test_nobody_enters_without_being_an_operator(role: Role) -> None:
    client = Client()
    client.force_login(make.make_user(role))
    assert client.get(reverse("admin:index"), follow=True).status_code == 404


@pytest.mark.parametrize("model", [AuditEvent, Notice, Snapshot])
def test_rows_are_looked_at_and_not_changed(operator: Client, model: type) -> None:
    make.make_proposal()
    Snapshot.objects.create(
        source="test", loaded_at=make.NOW, as_of=make.NOW.date(), sha256="0" * 64, parties_count=0
    )
    name = f"{model._meta.app_label}_{model._meta.model_name}"  # type: ignore[attr-defined]
    row = model.objects.first()  # type: ignore[attr-defined]
    assert operator.get(reverse(f"admin:{name}_changelist")).status_code == 200
    assert operator.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 200
    assert operator.post(reverse(f"admin:{name}_change", args=[row.pk]), {"verb": "x"}).status_code == 403
    assert operator.get(reverse(f"admin:{name}_add")).status_code == 403
    assert operator.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_letters_are_not_read_here(operator: Client) -> None:
    notice = Notice.objects.create(
        to=make.make_user(), key="k", subject="Received", body="fingerprint 1234", created_at=make.NOW
    )
    page = operator.get(reverse("admin:portal_notice_change", args=[notice.pk])).content.decode()
    assert "Received" in page and "1234" not in page


def test_staff_and_memberships_exclude_each_other(operator: Client) -> None:
    supplier = make.make_supplier()
    owner = make.owner_of(supplier)
    sent = {"email": owner.email, "name": owner.name, "role": "reviewer", "is_active": "on"}
    refused = operator.post(reverse("admin:portal_user_change", args=[owner.pk]), sent)
    assert "belongs to no supplier" in refused.content.decode()
    reviewer = make.make_user(Role.REVIEWER)
    sent = {"supplier": supplier.pk, "user": reviewer.pk, "level": "owner"}
    refused = operator.post(reverse("admin:suppliers_membership_add"), sent)
    assert "do not belong to a supplier" in refused.content.decode()
    assert not reviewer.memberships.exists()


def test_operator_changes_an_account(operator: Client) -> None:
    user = make.make_user(Role.REVIEWER)
    sent = {"email": user.email, "name": "New Name", "role": "auditor", "is_active": "on"}
    assert operator.post(reverse("admin:portal_user_change", args=[user.pk]), sent).status_code == 302
    user.refresh_from_db()
    assert (user.name, user.role) == ("New Name", Role.AUDITOR)
    assert operator.get(reverse("admin:portal_user_delete", args=[user.pk])).status_code == 403
