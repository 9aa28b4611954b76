"""Registering a company: what who asks is told, and what the owner of a known one decides."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import Notice, Role
from suppliers.company import actions as company_actions
from suppliers.company import namesakes, tasks
from suppliers.models import Invitation, JoinRequest, Supplier
from tests import factories as make
from tests.suppliers.company.team_pages import invited
from tests.whole.test_seal import TOKEN

pytestmark = pytest.mark.django_db


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
