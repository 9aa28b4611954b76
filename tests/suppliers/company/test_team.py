"""Who works for a company: invitations for one address, requests, levels; nothing tells who is here."""

import html
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import Notice, Role
from suppliers.company import actions as companies
from suppliers.company import actions as company_actions
from suppliers.company import namesakes, queries, tasks
from suppliers.models import Invitation, JoinRequest, Membership, Supplier
from tests import factories as make
from tests.whole.test_seal import TOKEN

pytestmark = pytest.mark.django_db

LINK = "https://onshore.example/invitations/{key}/"


@pytest.fixture
def supplier():
    return make.make_supplier(legal_name="Hock Works LLC", uei="ZQGGHJH74DW7")


def invited(supplier, email="new@works.example", level="editor"):
    return company_actions.invite(
        supplier, email=email, level=level, link=LINK, by=make.owner_of(supplier), at=make.NOW
    )


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


def register(client, user, **data):
    client.force_login(user)
    values = {"legal_name": "Hock Works, L.L.C.", "country": "US", "naics": "334111", **data}
    return client.post(reverse("suppliers:register"), values, follow=True)


@pytest.mark.parametrize(
    ("data", "email", "why"),
    [
        ({}, "pat@elsewhere.example", "name"),
        ({"legal_name": "Quite Another Inc", "uei": "ZQGGHJH74DW7"}, "pat@elsewhere.example", "uei"),
        ({"legal_name": "Quite Another Inc"}, "pat@hock.example", "domain"),
    ],
)
def test_a_known_name_uei_or_domain_asks_the_owner_and_answers_like_an_unknown_one(
    client, supplier, data, email, why
):
    owner = make.owner_of(supplier)
    owner.email = "dana@hock.example"
    owner.save()
    newcomer, nobody = make.make_user(email=email), make.make_user(email="x@unknown.example")
    known = register(client, newcomer, **data)
    unknown = register(client, nobody, **{**data, "legal_name": "Nowhere Known Corp", "uei": ""})
    assert known.status_code == unknown.status_code == 200
    assert known.redirect_chain == unknown.redirect_chain
    first, second = (next(str(each) for each in page.context["messages"]) for page in (known, unknown))
    assert first.split(" is ")[1] == second.split(" is ")[1]
    # Nothing was looked up while they waited: the worker does that afterwards.
    assert not JoinRequest.objects.exists()
    for each in Supplier.objects.exclude(pk=supplier.pk):
        namesakes.ask_owners(each.pk)
        namesakes.ask_owners(each.pk)
    (request,) = JoinRequest.objects.all()
    assert (request.supplier, request.user, request.why) == (supplier, newcomer, why)
    assert Notice.objects.filter(key__startswith="join:").count() == 1
    assert list(newcomer.suppliers.values_list("legal_name", flat=True)) == [
        known.context["supplier"].legal_name
    ]


UNKNOWN = {"legal_name": "Nobody Made It Inc", "uei": "JH9ZARNKWKC7"}
KNOWN = {"legal_name": "Hock Works LLC Co.", "uei": "ZQGGHJH74DW7"}


def neutral(page, *words):
    """What a page says to somebody, without what they typed themselves and without one-time tokens."""
    text = TOKEN.sub(b"", page).decode()
    for word in words:
        text = text.replace(html.escape(word), "·")
    return re.sub(r"/company/\d+/|company:\d+:\d+|\d\d?:\d\d(:\d\d)?|T[\d:.]+", "·", text)


def registered(client, email, data):
    """Everything somebody sees who registers a company and goes on, with the number of queries of each answer."""
    user = make.make_user(email=email, name="Pat Newcomer")
    client.force_login(user)
    seen = []

    def look(url, sent=None, **headers):
        with CaptureQueriesContext(connection) as queries_run:
            answer = client.post(url, sent, **headers) if sent else client.get(url)
        words = (email, *data.values())
        seen.append((answer.status_code, neutral(answer.content, *words), len(queries_run)))
        return answer

    look(reverse("suppliers:register"), {"country": "US", "naics": "334111", **data})
    pk = user.suppliers.get().pk
    edit = reverse("suppliers:company_edit", args=[pk])
    names = ("company_overview", "team", "standing_list", "statements")
    pages = [edit, *(reverse(f"suppliers:{name}", args=[pk]) for name in names)]
    for url in pages:
        look(url)
    look(edit, {"country": "US", "naics": "334111", **data}, headers={"HX-Request": "true"})
    # The same after the worker looked for companies that are alike.
    namesakes.ask_owners(pk)
    for url in pages:
        look(url)
    return seen, Notice.objects.filter(to=user).count(), user


@pytest.mark.parametrize(
    ("email", "data"),
    [
        ("pat@elsewhere.example", {**UNKNOWN, "legal_name": KNOWN["legal_name"]}),
        ("pat@elsewhere.example", {**UNKNOWN, "uei": KNOWN["uei"]}),
        ("pat@hock.example", UNKNOWN),
    ],
    ids=["name", "uei", "domain"],
)
def test_every_answer_to_who_registers_a_known_company_is_the_same_to_the_byte(supplier, email, data):
    owner = make.owner_of(supplier)
    owner.email = "dana@hock.example"
    owner.save()
    Supplier.objects.filter(pk=supplier.pk).update(legal_name="Hock Works LLC")
    unknown, letters, _ = registered(Client(), "pat@unknown.example", UNKNOWN)
    assert not JoinRequest.objects.exists()
    # One that was there: the first company of the same data must not be what is found.
    Supplier.objects.filter(legal_name=UNKNOWN["legal_name"]).update(legal_name="Gone Inc", uei="")
    known, more_letters, user = registered(Client(), email, data)
    assert JoinRequest.objects.filter(supplier=supplier, user=user).exists()
    assert (letters, more_letters) == (0, 0)
    for one, other in zip(unknown, known, strict=True):
        assert one == other


@pytest.mark.parametrize(
    ("domain", "is_theirs"),
    [
        ("gmail.com", False),
        ("GMAIL.com", False),
        ("yahoo.co.uk", False),
        ("gmx.de", False),
        ("comcast.net", False),
        ("austin.rr.com", False),
        ("proton.me", False),
        ("hock.example", True),
        ("mail.hock.example.com", True),
        ("comcastmetals.net", True),
    ],
)
def test_a_public_mail_provider_says_nothing(supplier, domain, is_theirs):
    owner = make.owner_of(supplier)
    owner.email = f"dana@{domain}"
    owner.save()
    other = make.make_supplier(make.make_user(email=f"pat@{domain}"), legal_name="Quite Another Inc")
    assert list(namesakes.namesakes(other)) == ([(supplier, "domain")] if is_theirs else [])


def test_namesakes_are_looked_for_when_the_name_or_uei_changes_not_at_every_word(
    supplier, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    monkeypatch.setattr(tasks.look_for_namesakes, "apply_async", lambda **call: asked.append(call["args"]))

    def change(**fields):
        for name, value in fields.items():
            setattr(supplier, name, value)
        with django_capture_on_commit_callbacks(execute=True):
            company_actions.change_profile(
                supplier, supplier.save, part="identity", by=make.owner_of(supplier), at=make.NOW
            )
        return len(asked)

    assert change(description="Racks and doors") == 0
    assert change(legal_name="Hock Works Inc.") == 1
    assert change(uei="") == 2


@pytest.mark.parametrize("approve", [True, False])
def test_the_owner_lets_in_or_declines_and_who_is_declined_is_not_told(supplier, approve):
    asking = make.make_user()
    row = JoinRequest.objects.create(supplier=supplier, user=asking, why="name", at=make.NOW)
    with pytest.raises(Refused):
        company_actions.decide_join_request(row, approve=True, level="viewer", by=asking, at=make.NOW)
    company_actions.decide_join_request(
        row, approve=approve, level="viewer", by=make.owner_of(supplier), at=make.NOW
    )
    assert supplier.memberships.filter(user=asking).exists() is approve
    assert Notice.objects.filter(to=asking).exists() is approve
    with pytest.raises(Refused, match="already been decided"):
        company_actions.decide_join_request(
            row, approve=True, level="owner", by=make.owner_of(supplier), at=make.NOW
        )


def test_an_old_invitation_is_not_shown(supplier, client):
    row = invited(supplier)
    Invitation.objects.filter(pk=row.pk).update(expires_at=make.NOW - timedelta(days=1))
    client.force_login(make.owner_of(supplier))
    assert row.email not in client.get(reverse("suppliers:team", args=[supplier.pk])).content.decode()


def test_staff_have_no_team_pages(supplier, client):
    client.force_login(make.make_user(Role.ADMIN))
    assert client.get(reverse("suppliers:team", args=[supplier.pk])).status_code == 404


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "x" * 300 + "@a.example", "a@b.example\r\nBcc: c@d.example"]
)
def test_an_impossible_address_is_refused_beside_the_field(supplier, client, email):
    client.force_login(make.owner_of(supplier))
    answer = client.post(reverse("suppliers:team", args=[supplier.pk]), {"email": email, "level": "viewer"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["email"]
    assert not Invitation.objects.exists()
