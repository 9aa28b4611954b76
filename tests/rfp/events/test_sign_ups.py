"""Companies sign up for a conference or a visit; admins see who comes, and nobody else does."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.refused import Refused
from portal.letters.kinds import kind_of
from portal.models import Notice, Role
from rfp.events import actions, queries
from rfp.events.models import SignUp
from rfp.models import Milestone, Solicitation
from suppliers.models import Membership, Supplier
from tests import factories as make
from tests.rfp.events import made
from tests.rfp.events.made import owner, page_of
from tests.rfp.publishing.setup.setup_pages import errors_of
from tests.scoring.rooms import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Milestone:
    return made.visit(per_company=2)


@pytest.fixture
def supplier() -> Supplier:
    return make.make_supplier(legal_name="Early Works Inc.")


def names(event: Milestone) -> list[list[str]]:
    return [row.names for row in queries.coming(event)]


# ---- signing up ---------------------------------------------------------------------------------------------------


def test_a_company_signs_up_changes_and_cancels(event: Milestone, supplier: Supplier) -> None:
    client = owner(supplier)
    page = client.get(page_of(event)).content.decode()
    assert made.PLACE in page and "Sign-up closes" in page and "2 people" in page
    sent = {"supplier": supplier.pk, "names": "Alma Reyes\n\n  Bo   Chen \n"}
    said = client.post(page_of(event), sent, follow=True).content.decode()
    assert "Early Works Inc. sends Alma Reyes, Bo Chen" in said and "Save who comes" in said
    assert names(event) == [["Alma Reyes", "Bo Chen"]]
    client.post(page_of(event), {**sent, "names": "Cy Dow"})
    assert names(event) == [["Cy Dow"]]
    gone = reverse("rfp:event_cancel", args=[event.solicitation.number, event.pk])
    said = client.post(gone, {"supplier": supplier.pk}, follow=True).content.decode()
    assert "Early Works Inc. canceled" in said
    assert names(event) == []
    again = client.post(gone, {"supplier": supplier.pk}, follow=True).content.decode()
    assert "hasn’t signed up" in again
    assert SignUp.objects.count() == 3
    with pytest.raises(DatabaseError), transaction.atomic():
        SignUp.objects.update(names=[])


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (" \n ", "Who comes is missing"),
        ("A\nB\nC", "A company can send 2 people at most"),
        ("Alma Reyes\nalma  reyes", "“Alma Reyes” is there twice"),
        ("x" * 121, "is longer than 120 characters"),
    ],
)
def test_bad_names_are_refused_beside_the_field(
    event: Milestone, supplier: Supplier, typed: str, error: str
) -> None:
    answer = owner(supplier).post(page_of(event), {"supplier": supplier.pk, "names": typed})
    assert error in " ".join(errors_of(answer)["names"])
    assert typed.strip()[:40] in answer.content.decode()
    assert not SignUp.objects.exists()


def test_only_for_ones_own_company(event: Milestone, supplier: Supplier) -> None:
    other = make.make_supplier()
    answer = owner(other).post(page_of(event), {"supplier": supplier.pk, "names": "Alma Reyes"})
    assert "supplier" in errors_of(answer)
    gone = reverse("rfp:event_cancel", args=[event.solicitation.number, event.pk])
    made.signed_up(event, supplier)
    for typed in (str(supplier.pk), "x", "9" * 40, ""):
        assert owner(other).post(gone, {"supplier": typed}).status_code == 404
    with pytest.raises(Refused, match="Only owners and editors"):
        actions.sign_up(event, supplier, names=["A"], by=make.owner_of(other), at=make.NOW)
    assert len(names(event)) == 1


def test_a_viewer_reads_who_comes_and_who_can_sign_up(event: Milestone, supplier: Supplier) -> None:
    made.signed_up(event, supplier)
    viewer = make.make_user(Role.SUPPLIER)
    Membership.objects.create(supplier=supplier, user=viewer, level=Membership.Level.VIEWER)
    page = signed_in(viewer).get(page_of(event)).content.decode()
    assert "Alma Reyes" in page and "Only owners and editors" in page
    assert 'name="names"' not in page and "Cancel the sign-up" not in page


def test_after_the_cut_off_nothing_changes(event: Milestone, supplier: Supplier) -> None:
    made.signed_up(event, supplier)
    late = event.sign_up_until
    assert late is not None
    by = make.owner_of(supplier)
    with pytest.raises(Refused, match="Sign-up has closed"):
        actions.sign_up(event, supplier, names=["A"], by=by, at=late)
    with pytest.raises(Refused, match="Sign-up has closed"):
        actions.cancel(event, supplier, by=by, at=late)
    actions.sign_up(event, supplier, names=["Last Second"], by=by, at=late - timedelta(microseconds=1))
    Milestone.objects.update(sign_up_until=make.NOW - timedelta(days=400))
    page = owner(supplier).get(page_of(event)).content.decode()
    assert "Sign-up has closed" in page and "Last Second" in page and 'name="names"' not in page


def test_an_ended_rfp_takes_nobody(event: Milestone, supplier: Supplier) -> None:
    Solicitation.objects.update(final_status="cancelled")
    with pytest.raises(Refused, match="has ended"):
        made.signed_up(made.fresh(event), supplier)
    assert 'name="names"' not in owner(supplier).get(page_of(event)).content.decode()


def test_a_date_without_sign_up_has_no_page(supplier: Supplier) -> None:
    plain = made.visit(sign_up_until=None)
    assert owner(supplier).get(page_of(plain)).status_code == 404
    with pytest.raises(Refused, match="takes no sign-ups"):
        made.signed_up(plain, supplier)


def test_an_invited_rfps_event_doesnt_exist_for_others(supplier: Supplier) -> None:
    hidden = made.visit(make.make_solicitation(access="invited"))
    assert owner(supplier).get(page_of(hidden)).status_code == 404
    with pytest.raises(Refused, match="takes no sign-ups"):
        made.signed_up(hidden, supplier)


# ---- limits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("places", [4, 5])
def test_a_company_takes_as_many_places_as_one_may_have(supplier: Supplier, places: int) -> None:
    """Two companies of two fit into four or five, whoever they send: that it is full tells no number of people."""
    event = made.visit(places=places, per_company=2)
    first, second = make.make_supplier(), make.make_supplier()
    made.signed_up(event, first, "One")
    made.signed_up(event, second, "One")
    for people in (("A",), ("A", "B")):
        with pytest.raises(Refused) as refused:
            made.signed_up(event, supplier, *people)
        assert str(refused.value) == actions.FULL
    made.signed_up(event, first, "One", "Two")
    actions.cancel(event, second, by=make.owner_of(second), at=make.NOW)
    made.signed_up(event, supplier, "A", "B")
    answer = owner(second).post(page_of(event), {"supplier": second.pk, "names": "One"})
    assert actions.FULL in answer.content.decode() and "One" in answer.content.decode()


# ---- who sees it ----------------------------------------------------------------------------------------------------


def test_admins_see_who_comes_and_take_it_as_a_file(event: Milestone, supplier: Supplier) -> None:
    made.signed_up(event, supplier, "Alma Reyes", "=Bo")
    made.signed_up(event, make.make_supplier(legal_name="Other Works LLC"))
    admin = signed_in(event.solicitation.created_by)
    at = reverse("rfp:event_sign_ups", args=[event.solicitation_id, event.pk])
    page = " ".join(admin.get(at).content.decode().split())
    assert "Alma Reyes, =Bo" in page and "2 companies, 3 people" in page
    file = reverse("rfp:event_sign_ups_file", args=[event.solicitation_id, event.pk, "csv"])
    text = b"".join(admin.get(file)).decode("utf-8-sig")
    assert text.splitlines()[0] == "Company,UEI,Person,Signed up by,Email,When"
    assert len(text.splitlines()) == 4 and "Early Works Inc." in text
    assert ",=Bo" not in text, "no spreadsheet computes a name"
    for role in (Role.OFFICER, Role.AUDITOR, Role.REVIEWER):
        assert signed_in(make.make_user(role)).get(at).status_code == 404
    assert owner(supplier).get(at).status_code == owner(supplier).get(file).status_code == 404


def test_the_admins_list_is_flat(event: Milestone) -> None:
    admin = signed_in(event.solicitation.created_by)
    at, counts = reverse("rfp:event_sign_ups", args=[event.solicitation_id, event.pk]), []
    made.signed_up(event)
    admin.get(at)
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            assert admin.get(at).status_code == 200
        counts.append(len(seen))
        made.signed_up(event)
        made.signed_up(event)
    assert counts[0] == counts[1]


def test_rivals_see_nothing_of_it(event: Milestone, supplier: Supplier) -> None:
    """Everything others can read is the same to the byte before and after a company signs up."""
    rival, anyone, number = owner(make.make_supplier()), Client(), event.solicitation.number
    public = [
        reverse("rfp:solicitation_detail", args=[number]),
        reverse("rfp:solicitation_list"),
        reverse("rfp:dates", args=[number]),
        reverse("rfp:ocds", args=[number]),
        reverse("rfp:api_rfp", args=[number]),
        reverse("rfp:feed_of_rfp", args=[number, "atom"]),
    ]
    own = [*public, page_of(event), reverse("scoring:home"), reverse("portal:notice_list")]

    def told() -> list[str]:
        pages = [rival.get(each) for each in own] + [anyone.get(each) for each in public]
        assert {each.status_code for each in pages} == {200}
        return [steady(each.content.decode()) for each in pages]

    before = told()
    made.signed_up(event, supplier)
    assert told() == before


def steady(text: str) -> str:
    """Without what differs from one request to the next."""
    text = re.sub(r'csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"', "", text)
    return re.sub(r"\d+ days? [\d hmin]+|\d\d?:\d\d(:\d\d)? [ap]m|T?\d\d:\d\d:\d\d[^\"<]*", "", text)


def test_the_company_gets_letters(event: Milestone, supplier: Supplier) -> None:
    row = made.signed_up(event, supplier)
    actions.cancel(event, supplier, by=make.owner_of(supplier), at=make.NOW)
    yes, no = Notice.objects.filter(key__startswith="signed-up:").order_by("id")
    assert yes.to == make.owner_of(supplier) and yes.link == page_of(event)
    assert "Alma Reyes" in yes.body and made.PLACE in yes.body and "Until: 12:00 pm" in yes.body
    assert "canceled" in no.subject
    found = kind_of(f"signed-up:{row.pk}")
    assert found is not None and found.name == "receipts"


def test_it_is_on_the_rfps_page_and_in_the_calendar(event: Milestone) -> None:
    Milestone.objects.update(is_mandatory=True, places=10)
    number = event.solicitation.number
    page = Client().get(reverse("rfp:solicitation_detail", args=[number])).content.decode()
    for words in (event.title, made.PLACE, "Companies must take part to respond", "10 people in all"):
        assert words in page, words
    assert page_of(event) in page
    file: Any = Client().get(reverse("rfp:dates", args=[number])).content.decode().replace("\r\n ", "")
    assert "LOCATION:Gate 4\\, 100 Mill Road\\, Dayton\\, OH" in file
    part = file[file.index(f"UID:date-{event.pk}.") :]
    part = part[: part.index("END:VEVENT")]
    starts, ends = (re.search(rf"{name}:\d{{8}}T(\d\d)", part) for name in ("DTSTART", "DTEND"))
    assert starts is not None and ends is not None
    assert int(ends[1]) - int(starts[1]) == 3
