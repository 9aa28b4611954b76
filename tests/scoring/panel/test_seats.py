"""Seating a panel: admins only, one chair, nobody who wrote the RFP, and no used seat is taken back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portal.kit import refused as portal_refused
from portal.kit.compliance import Envelope
from portal.models import AuditEvent, Role, User
from scoring.panel import actions as panel_actions
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    signed_in = Client()
    signed_in.force_login(make.make_user(Role.ADMIN))
    return signed_in


def test_reviewers_are_seated_before_and_after_publication(client: Client) -> None:
    for solicitation in (make.make_solicitation(published=False), make.make_solicitation()):
        reviewer = make.make_user(Role.REVIEWER)
        address = reverse("scoring:panel", args=[solicitation.pk])
        assert reviewer.email in client.get(address).content.decode()
        assert client.post(address, {"user": reviewer.pk, "is_chair": "on"}).status_code == 302
        seat = solicitation.evaluators.get()
        # Once it is published, two people name the chair.
        assert (seat.user, seat.is_chair) == (reviewer, not solicitation.is_published)
        assert AuditEvent.objects.latest("seq").verb == "panel.seated"


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.AUDITOR, Role.ADMIN])
def test_only_reviewers_without_a_seat_can_be_chosen(client: Client, role: Role) -> None:
    solicitation = make.make_solicitation()
    address = reverse("scoring:panel", args=[solicitation.pk])
    for sent in ({"user": make.make_user(role).pk}, {"user": ""}, {"user": "x"}):
        assert set(client.post(address, sent).context["form"].errors) == {"user"}
    chair, _others = make.make_panel(solicitation)
    assert set(client.post(address, {"user": chair.user_id}).context["form"].errors) == {"user"}


def test_there_is_one_chair(client: Client) -> None:
    solicitation = make.make_solicitation(published=False)
    chair, (other, _third) = make.make_panel(solicitation)
    address = reverse("scoring:panel", args=[solicitation.pk])
    new = make.make_user(Role.REVIEWER)
    refused = client.post(address, {"user": new.pk, "is_chair": "on"})
    assert "This RFP already has a chair." in refused.content.decode()
    client.post(reverse("scoring:panel_chair", args=[solicitation.pk, other.pk]))
    other.refresh_from_db()
    assert not other.is_chair
    client.post(reverse("scoring:panel_chair", args=[solicitation.pk, chair.pk]))
    assert "No chair yet" in client.get(address).content.decode()
    client.post(reverse("scoring:panel_chair", args=[solicitation.pk, other.pk]))
    other.refresh_from_db()
    assert other.is_chair


def test_only_an_unused_seat_is_taken_back(client: Client) -> None:
    solicitation = make.make_solicitation()
    make.make_proposal(solicitation)
    window = make.close(solicitation.windows.get())
    chair, (signed, _) = make.make_panel(solicitation)
    admin = solicitation.created_by
    make.open_envelope(window, Envelope.TECHNICAL, chair=chair, admin=admin)
    with pytest.raises(portal_refused.Refused, match="can’t remove them"):
        panel_actions.unseat_evaluator(signed, by=admin, at=make.NOW)
    client.post(reverse("scoring:panel_remove", args=[solicitation.pk, signed.pk]))
    assert solicitation.evaluators.count() == 3
    fresh = panel_actions.seat_evaluator(
        solicitation, user=make.make_user(Role.REVIEWER), is_chair=False, by=admin, at=make.NOW
    )
    client.post(reverse("scoring:panel_remove", args=[solicitation.pk, fresh.pk]))
    assert solicitation.evaluators.count() == 3


def test_others_do_not_know_the_page() -> None:
    solicitation = make.make_solicitation()
    chair, _others = make.make_panel(solicitation)
    people: list[User] = [chair.user, make.make_user(), make.make_user(Role.AUDITOR)]
    for person in people:
        client = Client()
        client.force_login(person)
        assert client.get(reverse("scoring:panel", args=[solicitation.pk])).status_code == 404
        for name in ("panel_chair", "panel_remove"):
            assert (
                client.post(reverse(f"scoring:{name}", args=[solicitation.pk, chair.pk])).status_code == 404
            )
