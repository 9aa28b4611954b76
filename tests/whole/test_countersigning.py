"""Who may countersign, who brought whom in, and who hears of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts import actions, pairs, reset_actions
from portal.kit import refused as kit_refused
from portal.kit import refused as portal_refused
from portal.kit.compliance import Envelope
from portal.models import AuditEvent, Countersignature, Notice, Role, User
from rfp.models import Opening
from scoring.decisions import opening_actions
from scoring.models import (
    ChairChange,
    Evaluator,
)
from scoring.panel import actions as panel_actions
from tests import factories as make
from tests.portal.accounts.test_access import PASSWORD, reauthenticated
from tests.scoring.rooms import room, signed_in
from tests.whole.pairs_of_acts import HOUR, Begun, a_strong_hit, ago, an_opening, invited, refused, told

pytestmark = pytest.mark.django_db


def asked_for() -> tuple[Begun, Countersignature]:
    begun = an_opening()
    invited(begun.second, begun.first)
    refused(begun)
    return begun, Countersignature.objects.get()


def sign(row: Countersignature, officer: User) -> Countersignature:
    return reset_actions.countersign(
        row, reason="I called both.", by=User.objects.get(pk=officer.pk), at=make.NOW
    )


def test_an_officer_whom_one_of_the_two_invited_does_not_countersign() -> None:
    begun, row = asked_for()
    officer = make.make_user(Role.OFFICER)
    for host in (begun.first, begun.second):
        invited(officer, host)
        with pytest.raises(kit_refused.Refused, match=f"{host} invited you"):
            sign(row, officer)
        page = signed_in(officer).get(begun.page).content.decode()
        assert reverse("portal:countersign", args=[row.pk]) not in page and str(row.why) in page
        assert (
            "invited you"
            in signed_in(officer).get(reverse("portal:countersign", args=[row.pk])).content.decode()
        )
    refused(begun)
    # Whoever runs the server vouches for the officer, from the first minute.
    actions.name_officer(officer.email, name="", at=make.NOW)
    sign(row, officer)
    begun.finish()
    assert begun.done()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("new", "less than 24 hours ago"),
        ("host", "You invited"),
        ("admin", "Only a compliance officer"),
        ("off", "Only a compliance officer"),
    ],
)
def test_others_do_not_countersign_either(how: str, words: str) -> None:
    begun, row = asked_for()
    signer = make.make_user(Role.ADMIN if how == "admin" else Role.OFFICER, is_active=how != "off")
    if how == "new":
        invited(signer, make.make_user(Role.ADMIN), at=ago(1))
    if how == "host":
        invited(begun.first, signer)
    with pytest.raises(kit_refused.Refused, match=words):
        sign(row, signer)
    refused(begun)


def test_one_of_the_two_does_not_countersign() -> None:
    begun = a_strong_hit()
    invited(begun.second, begun.first)
    refused(begun)
    for person in (begun.first, begun.second):
        with pytest.raises(kit_refused.Refused, match="one of the two"):
            sign(Countersignature.objects.get(), person)


def test_a_countersignature_needs_a_reason_and_is_given_once_and_kept() -> None:
    begun, row = asked_for()
    officer = make.make_user(Role.OFFICER)
    client, address = signed_in(officer), reverse("portal:countersign", args=[row.pk])
    answer = client.post(address, {"reason": " "})
    assert set(answer.context["form"].errors) == {"reason"}
    with pytest.raises(kit_refused.Refused, match="Explain how you know"):
        reset_actions.countersign(row, reason=" ", by=officer, at=make.NOW)
    sign(row, officer)
    again = client.post(address, {"reason": "Once more."})
    assert "already been countersigned" in again.content.decode() and "Once more." in again.content.decode()
    for change in (
        lambda: Countersignature.objects.update(reason="x"),
        Countersignature.objects.all().delete,
    ):
        with pytest.raises(Error), transaction.atomic():
            change()
    assert begun.first in User.objects.filter(pk=begun.first.pk)


def test_a_countersignature_is_for_these_two_and_this_act() -> None:
    begun, row = asked_for()
    sign(row, make.make_user(Role.OFFICER))
    other = room(opened=False)
    asked = {"envelope": Envelope.TECHNICAL, "lots": []}
    opening_actions.propose_openings(other.window, by=other.chair.user, **asked)
    invited(other.admin, other.chair.user)
    with pytest.raises(portal_refused.Refused, match="countersign"):
        opening_actions.confirm_openings(
            other.window, by=User.objects.get(pk=other.admin.pk), at=make.NOW, **asked
        )
    third = make.make_user(Role.ADMIN)
    invited(third, begun.first)
    window = Opening.objects.filter(proposed_by=begun.first).first().window  # type: ignore[union-attr]
    with pytest.raises(portal_refused.Refused, match="countersign"):
        opening_actions.confirm_openings(window, by=User.objects.get(pk=third.pk), at=make.NOW, **asked)
    assert Countersignature.objects.filter(officer=None).count() == 2


def test_what_another_pair_completes_needs_no_countersignature_any_more() -> None:
    begun, row = asked_for()
    window = Opening.objects.first().window  # type: ignore[union-attr]
    opening_actions.confirm_openings(
        window, envelope=Envelope.TECHNICAL, lots=[], by=make.make_user(Role.ADMIN), at=make.NOW
    )
    officer = make.make_user(Role.OFFICER)
    with pytest.raises(kit_refused.Refused, match="This is done"):
        sign(row, officer)
    page = signed_in(officer).get(reverse("portal:countersign_list")).content.decode()
    assert "No longer needed" in page and reverse("portal:countersign", args=[row.pk]) not in page
    assert begun.done()


def test_where_no_officer_can_countersign_the_refusal_says_who_helps() -> None:
    begun = an_opening()
    invited(begun.second, begun.first)
    assert "Your operator can name a compliance officer on the server" in refused(begun)


def test_reviewers_read_nothing_of_it() -> None:
    begun, row = asked_for()
    assert begun.seat is not None
    other = begun.seat.solicitation.evaluators.filter(is_chair=False).select_related("user").first()
    assert other is not None
    assert row.why not in signed_in(other.user).get(begun.page).content.decode()
    assert row.why in signed_in(begun.second).get(begun.page).content.decode()
    assert signed_in(other.user).get(reverse("portal:countersign_list")).status_code == 404


def test_the_list_asks_the_same_for_one_row_and_for_three(django_assert_num_queries: Any) -> None:
    officer = make.make_user(Role.OFFICER)
    client = signed_in(officer)

    def row(number: int) -> None:
        Countersignature.objects.create(
            act="envelope.open",
            about=f"window {number}",
            subjects=[f"rfp.opening:{number}"],
            digest=str(number),
            first=make.make_user(Role.ADMIN),
            second=make.make_user(Role.REVIEWER),
            why="A trial.",
            asked_at=make.NOW,
        )

    row(1)
    client.get(reverse("portal:countersign_list"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("portal:countersign_list"))
    row(2), row(3)
    with django_assert_num_queries(len(one)):
        page = client.get(reverse("portal:countersign_list")).content.decode()
    assert page.count("Waiting for an officer") == 3


def test_accounts_know_who_invited_them_and_since_when_they_have_their_role() -> None:
    admin = make.make_user(Role.ADMIN)
    user = actions.invite_staff(
        User(name="New", email="new@buyer.example", role=Role.REVIEWER), login_url="x", by=admin, at=ago(60)
    )
    assert (user.invited_by, user.seated_at) == (admin, ago(60))
    change: dict[str, Any] = {"reason": "x", "by": admin}
    user = actions.change_account(user, name="Newer", role=Role.REVIEWER, at=ago(50), **change)
    assert user.seated_at == ago(60)
    user = actions.change_account(user, name="Newer", role=Role.OFFICER, at=ago(40), **change)
    assert user.seated_at == ago(40)
    actions.set_active(user, active=False, by=admin, at=ago(30))
    assert user.seated_at == ago(40)
    actions.set_active(user, active=True, by=admin, at=ago(20))
    assert User.objects.get(pk=user.pk).seated_at == ago(20)


def test_an_officer_is_named_on_the_server() -> None:
    overseer = make.make_user(Role.AUDITOR)
    call_command("name_officer", "Ruth@buyer.example", "--name", "Ruth Okafor")
    officer = User.objects.get(email="ruth@buyer.example")
    assert (officer.role, officer.name, officer.invited_by) == (Role.OFFICER, "Ruth Okafor", None)
    event = AuditEvent.objects.latest("seq")
    assert (event.verb, event.actor) == ("account.invited", "system")
    letters = Notice.objects.filter(key__startswith=f"account:{event.seq}:")
    assert [each.to for each in letters] == [overseer]
    assert "server’s command line added Ruth Okafor" in letters.get().body
    reviewer = make.make_user(Role.REVIEWER, invited_by=overseer)
    call_command("name_officer", reviewer.email)
    reviewer.refresh_from_db()
    assert (reviewer.role, reviewer.invited_by) == (Role.OFFICER, None)
    event = AuditEvent.objects.latest("seq")
    assert (event.verb, event.facts["before"]) == ("account.named", "reviewer")
    told = {each.to for each in Notice.objects.filter(key__startswith=f"account:{event.seq}:")}
    assert told == {reviewer, overseer, officer}
    for email, words in (
        (make.make_user().email, "separate accounts"),
        ("nobody", "not an email address"),
        ("fresh@buyer.example", "name"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("name_officer", email)


def test_two_people_change_the_chair_of_a_published_rfp_and_everyone_hears() -> None:
    solicitation = make.make_solicitation()
    chair, (other, third) = make.make_panel(solicitation)
    admin, second = solicitation.created_by, make.make_user(Role.ADMIN)
    officer, auditor = make.make_user(Role.OFFICER), make.make_user(Role.AUDITOR)
    panel = {chair.user, other.user, third.user}
    refusal = pytest.raises(portal_refused.Refused, match="changing its chair takes two people")
    with refusal:
        panel_actions.seat_evaluator(solicitation, user=chair.user, is_chair=False, by=admin, at=make.NOW)
    with refusal:
        panel_actions.unseat_evaluator(chair, by=admin, at=make.NOW)
    client, address = signed_in(admin), reverse("scoring:panel", args=[solicitation.pk])
    client.post(reverse("scoring:panel_chair", args=[solicitation.pk, chair.pk]))
    assert Evaluator.objects.get(is_chair=True) == chair
    ask = reverse("scoring:chair_change", args=[solicitation.pk])
    empty = client.post(ask, {"chair-user": other.user_id, "chair-reason": " "})
    assert set(empty.context["chair_form"].errors) == {"reason"}
    assert client.post(ask, {"chair-user": other.user_id, "chair-reason": "On leave."}).url == address
    change = ChairChange.objects.get()
    assert told("panel.chair_asked", "panel") == panel | {second, officer, auditor}
    page = client.get(address).content.decode()
    assert "On leave." in page and "Confirm the new chair" not in page
    confirm = reverse("scoring:chair_confirm", args=[solicitation.number, change.pk])
    client.post(confirm)
    assert Evaluator.objects.get(is_chair=True) == chair
    assert signed_in(other.user).post(confirm).status_code == 404
    overview = signed_in(officer).get(reverse("scoring:overview", args=[solicitation.number]))
    assert "Confirm the new chair" in overview.content.decode()
    signed_in(officer).post(confirm)
    assert Evaluator.objects.get(is_chair=True).user == other.user
    assert solicitation.evaluators.filter(user=chair.user, is_chair=False).exists()
    assert told("panel.chair_changed", "panel") == panel | {admin, second, auditor}
    # The new chair is new as the chair.
    assert pairs.objection(
        other.user,
        admin,
        at=make.NOW + HOUR,
        seats={other.user_id: Evaluator.objects.get(is_chair=True).seated_at},
    )
    with pytest.raises(Error), transaction.atomic():
        ChairChange.objects.update(reason="x")


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.SUPPLIER])
def test_only_admins_ask_and_admins_and_officers_confirm(role: Role) -> None:
    solicitation = make.make_solicitation()
    _chair, (other, _third) = make.make_panel(solicitation)
    somebody = make.make_user(role)
    asked: dict[str, Any] = {"user": other.user, "reason": "x", "at": make.NOW}
    with pytest.raises(portal_refused.Refused, match="Only an admin can propose"):
        panel_actions.propose_chair(solicitation, by=somebody, **asked)
    first = panel_actions.propose_chair(solicitation, by=solicitation.created_by, **asked)
    with pytest.raises(portal_refused.Refused, match="Another admin or a compliance officer"):
        panel_actions.confirm_chair(first, by=somebody, at=make.NOW)
    with pytest.raises(portal_refused.Refused, match="A second person"):
        panel_actions.confirm_chair(first, by=solicitation.created_by, at=make.NOW)
    second = panel_actions.propose_chair(
        solicitation, by=solicitation.created_by, **(asked | {"user": make.make_user(Role.REVIEWER)})
    )
    admin = make.make_user(Role.ADMIN)
    with pytest.raises(portal_refused.Refused, match="Review it again"):
        panel_actions.confirm_chair(first, by=admin, at=make.NOW)
    seat = panel_actions.confirm_chair(second, by=admin, at=make.NOW)
    assert seat.is_chair and solicitation.evaluators.count() == 4


def test_a_panel_hears_of_roles_and_addresses_of_its_members() -> None:
    solicitation = make.make_solicitation()
    chair, (member, _third) = make.make_panel(solicitation)
    stranger = make.make_user(Role.REVIEWER)
    officer = make.make_user(Role.OFFICER)
    others = set(User.objects.filter(evaluators__solicitation=solicitation)) - {member.user}
    actions.change_account(
        member.user,
        name=member.user.name,
        role=Role.AUDITOR,
        reason="x",
        by=solicitation.created_by,
        at=make.NOW,
    )
    heard = told("account.role_changed", "account")
    assert others | {officer, member.user} <= heard and stranger not in heard
    user, old = chair.user, chair.user.email
    make.with_password(user, PASSWORD)
    user.emailaddress_set.create(email="elsewhere@buyer.example", verified=True, primary=False)
    sent = {"email": "elsewhere@buyer.example", "action_primary": ""}
    reauthenticated(user).post(reverse("account_email"), sent)
    event = AuditEvent.objects.get(verb="account.address_changed")
    assert event.facts == {}
    heard = told("account.address_changed", "account")
    assert {officer, member.user, solicitation.created_by} <= heard and user not in heard
    letter = Notice.objects.filter(key__startswith=f"account:{event.seq}:").first()
    assert letter is not None and old in letter.body and "elsewhere@buyer.example" in letter.body
    actions.address_changed(make.make_user(), was="x", at=make.NOW)
    assert AuditEvent.objects.filter(verb="account.address_changed").count() == 1
