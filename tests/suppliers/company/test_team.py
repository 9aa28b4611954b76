"""Who works for a company: invitations for one address, requests, levels; nothing tells who is here."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import Notice
from suppliers.company import actions as companies
from suppliers.company import actions as company_actions
from suppliers.company import queries
from suppliers.models import Membership
from tests import factories as make
from tests.suppliers.company.team_pages import LINK, invited
from tests.whole.test_seal import TOKEN

pytestmark = pytest.mark.django_db


def test_an_invitation_is_for_its_confirmed_address_alone(supplier, client):
    row = invited(supplier)
    right, wrong = make.make_user(email="new@works.example"), make.make_user()
    url = reverse("suppliers:invitation", args=[row.key])
    make.confirm_address(wrong)
    for person in (wrong, right):
        client.force_login(person)
        assert client.get(url).status_code == 404
        assert client.post(url).status_code == 404
        with pytest.raises(Refused):
            company_actions.accept_invitation(row, by=person, at=make.NOW)
    make.confirm_address(right)
    assert "Hock Works LLC" in client.get(url).content.decode()
    client.post(url)
    assert supplier.memberships.get(user=right).level == "editor"


def test_whoever_is_not_invited_reads_the_same_as_for_no_invitation(supplier, client):
    row = invited(supplier)
    client.force_login(make.make_user())
    nothing = reverse("suppliers:invitation", args=["6f1d6a0e-3c0b-4d7e-9d59-0a4d1f1c7b52"])
    one, other = (
        client.get(url).content for url in (reverse("suppliers:invitation", args=[row.key]), nothing)
    )
    told = [TOKEN.sub(b"", page).split(b"<main")[1].split(b"</main")[0] for page in (one, other)]
    assert told[0] == told[1]
    assert b"Hock" not in one


@pytest.mark.parametrize("why", ["expired", "withdrawn", "used"])
def test_an_invitation_holds_once_and_for_two_weeks(supplier, why):
    row = invited(supplier)
    person = make.make_user(email=row.email)
    make.confirm_address(person)
    at = make.NOW
    if why == "expired":
        at = row.expires_at
    elif why == "withdrawn":
        company_actions.withdraw_invitation(row, by=make.owner_of(supplier), at=make.NOW)
    else:
        company_actions.accept_invitation(row, by=person, at=make.NOW)
    with pytest.raises(Refused, match="no longer valid"):
        company_actions.accept_invitation(row, by=person, at=at)


def test_the_letter_goes_to_the_address_whether_or_not_it_has_an_account(supplier):
    make.make_user(email="known@works.example")
    for email in ("known@works.example", "unknown@works.example"):
        row = invited(supplier, email)
        letter = Notice.objects.get(key=f"invitation:{row.pk}")
        assert (letter.to, letter.address) == (None, email)
        assert str(row.key) in letter.body


def test_who_is_in_already_is_led_on_by_a_used_invitation(supplier, client):
    row = invited(supplier)
    person = make.make_user(email=row.email)
    make.confirm_address(person)
    client.force_login(person)
    url = reverse("suppliers:invitation", args=[row.key])
    client.post(url)
    page = client.get(url).content.decode()
    assert "You are on the team" in page
    assert f'href="/company/{supplier.pk}/"' in page
    assert "Join" not in page


def test_inviting_again_replaces_the_open_invitation(supplier):
    first, second = invited(supplier), invited(supplier, "NEW@works.example ")
    first.refresh_from_db()
    assert first.withdrawn_at is not None
    assert second.email == "new@works.example"
    with pytest.raises(Refused, match="already on your team"):
        invited(supplier, make.owner_of(supplier).email)


@pytest.mark.parametrize("level", ["editor", "viewer"])
def test_only_owners_manage_the_team(supplier, level, client):
    member = make.make_user()
    Membership.objects.create(supplier=supplier, user=member, level=level)
    with pytest.raises(Refused, match="Only an owner"):
        company_actions.invite(
            supplier, email="a@b.example", level="owner", link=LINK, by=member, at=make.NOW
        )
    client.force_login(member)
    page = client.get(reverse("suppliers:team", args=[supplier.pk])).content.decode()
    assert "Invite" not in page
    assert (
        client.post(reverse("suppliers:team", args=[supplier.pk]), {"email": "a@b.example"}).status_code
        == 404
    )


def test_a_company_keeps_an_owner(supplier):
    owner = supplier.memberships.get()
    with pytest.raises(Refused, match="needs an owner"):
        company_actions.remove_member(owner, by=owner.user, at=make.NOW)
    with pytest.raises(Refused, match="needs an owner"):
        company_actions.change_level(owner, level="viewer", by=owner.user, at=make.NOW)
    second = Membership.objects.create(supplier=supplier, user=make.make_user(), level="owner")
    company_actions.change_level(owner, level="viewer", by=owner.user, at=make.NOW)
    assert supplier.memberships.get(level="owner") == second


def test_who_was_taken_out_meanwhile_is_named_not_an_error(supplier):
    """Two owners take out the same person at the same moment."""
    member = Membership.objects.create(supplier=supplier, user=make.make_user(), level="editor")
    stale = Membership.objects.get(pk=member.pk)
    company_actions.remove_member(member, by=make.owner_of(supplier), at=make.NOW)
    for act in (
        company_actions.remove_member,
        lambda row, **by: company_actions.change_level(row, level="viewer", **by),
    ):
        with pytest.raises(Refused, match="no longer on the team"):
            act(stale, by=make.owner_of(supplier), at=make.NOW)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_take_each_other_out_at_once_leave_one():
    supplier = make.make_supplier()
    first = supplier.memberships.get()
    second = Membership.objects.create(supplier=supplier, user=make.make_user(), level="owner")
    start = threading.Barrier(2)

    def take_out(member, by):
        try:
            start.wait(timeout=600)
            company_actions.remove_member(member, by=by, at=make.NOW)
        except Refused as refused:
            return str(refused)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = [
            each.result()
            for each in (pool.submit(take_out, first, second.user), pool.submit(take_out, second, first.user))
        ]
    assert sorted(said) == ["", "Only an owner of the account can change the team."]
    assert supplier.memberships.count() == 1


@pytest.mark.parametrize("level", ["editor", "viewer"])
def test_everybody_may_leave_and_is_asked_first(supplier, client, level):
    member = Membership.objects.create(supplier=supplier, user=make.make_user(), level=level)
    client.force_login(member.user)
    team = client.get(reverse("suppliers:team", args=[supplier.pk])).content.decode()
    assert "Leave the team" in team
    url = reverse("suppliers:member_remove", args=[supplier.pk, member.pk])
    assert url in team
    assert f"Leave {supplier.legal_name}?" in client.get(url).content.decode()
    assert supplier.memberships.count() == 2
    theirs = reverse("suppliers:member_remove", args=[supplier.pk, supplier.memberships.first().pk])
    assert client.post(theirs).status_code == 404
    answer = client.post(url, follow=True)
    assert answer.status_code == 200
    assert f"You have left the {supplier.legal_name} team." in answer.content.decode()
    assert supplier.memberships.get() != member


def test_the_only_owner_is_told_instead_of_offered_what_is_refused(supplier, client):
    owner = supplier.memberships.get()
    client.force_login(owner.user)
    page = client.get(reverse("suppliers:team", args=[supplier.pk])).content.decode()
    assert "The only owner. Make someone else an owner before you leave." in page
    assert "Leave the team" not in page
    # A request made by hand is refused all the same.
    url = reverse("suppliers:member_remove", args=[supplier.pk, owner.pk])
    assert "The company needs an owner" in client.post(url, follow=True).content.decode()
    assert supplier.memberships.get() == owner


def test_an_invitation_follows_the_confirmed_address_not_the_account(supplier):
    row = invited(supplier, "New@Works.example")
    person = make.make_user(email="new@works.example")
    make.confirm_address(person)
    assert queries.may_accept(person, row)
    # The account moves to different email address; whoever confirms the old one later has the place.
    person.emailaddress_set.all().delete()
    person.email = "elsewhere@works.example"
    person.save()
    make.confirm_address(person)
    assert not queries.may_accept(person, row)
    with pytest.raises(Refused, match="different email address"):
        company_actions.accept_invitation(row, by=person, at=make.NOW)
    later = make.make_user(email="new@works.example")
    make.confirm_address(later)
    assert company_actions.accept_invitation(row, by=later, at=make.NOW).level == "editor"
    with pytest.raises(Refused, match="no longer valid"):
        company_actions.accept_invitation(row, by=later, at=make.NOW)


def test_invitations_are_no_way_to_write_to_many_strangers(supplier, monkeypatch):
    monkeypatch.setattr(companies, "INVITATIONS_A_DAY", 2)
    invited(supplier, "a@works.example"), invited(supplier, "b@works.example")
    with pytest.raises(Refused, match="limit for invitations"):
        invited(supplier, "c@works.example")
    supplier.invitations.update(at=make.NOW - timedelta(days=2))
    invited(supplier, "c@works.example")
