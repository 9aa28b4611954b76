"""What everybody may read about RFPs, lots and rules."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.files.storing import check_file
from portal.models import Role
from rfp.models import Proposal, Requirement
from rfp.publishing import actions
from tests import factories as make

pytestmark = pytest.mark.django_db


def page(client, *args, **kwargs):
    response = client.get(*args, **kwargs)
    return response, response.content.decode()


def test_home_tells_a_stranger_what_is_open(client):
    solicitation = make.make_solicitation()
    response, html = page(client, "/")
    assert response.status_code == 200
    assert solicitation.title in html


@pytest.mark.parametrize("role", list(Role))
def test_home_leads_to_ones_own_work(client, role):
    client.force_login(make.make_user(role))
    assert client.get("/").url == reverse("scoring:home")
    assert client.get(reverse("scoring:home")).status_code == 200


def test_an_rfp_that_is_not_published_is_nowhere(client):
    draft = make.make_solicitation(published=False)
    _, html = page(client, "/rfps/")
    assert draft.title not in html
    lot = draft.lots.get()
    for address in (f"/rfps/{draft.number}/", f"/rfps/{draft.number}/lots/{lot.code}/"):
        assert client.get(address).status_code == 404


def test_the_list_searches_and_filters_in_the_address(client):
    open_now = make.make_solicitation(title="Racks and cables")
    open_now.windows.update(closes_at=make.NOW + timedelta(days=20))
    closed = make.make_solicitation(title="Gearboxes")
    make.close(closed.windows.get())
    ahead = make.make_solicitation(title="Busways")
    ahead.windows.update(opens_at=make.NOW + timedelta(days=1), closes_at=make.NOW + timedelta(days=60))
    over = make.make_solicitation(title="Motors", final_status="cancelled")
    over.lots.update(title="Stators and 100% copper")

    def found(query):
        return [each.title for each in client.get(f"/rfps/?{query}").context["page"].object_list]

    assert found("q=racks+or") == []
    assert found("q=racks") == found("state=open") == [open_now.title]
    assert found("state=upcoming") == [ahead.title]
    assert found("state=closed") == [closed.title]
    assert found("state=decided") == found("q=stators") == found("q=100%25") == [over.title]
    assert found("closes=7") == []
    assert found("closes=30&state=open") == found("closes=90") == [open_now.title]
    assert found("q=nothing+like+it") == []
    assert len(found("state=bogus&closes=-1&sort=nothing")) == 4
    assert found("")[0] == open_now.title, "the next to close comes first"


def test_the_list_asks_the_database_as_often_for_three_as_for_one(client):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/rfps/").status_code == 200
        return len(queries)

    make.make_solicitation()
    one = count()
    make.make_solicitation()
    make.make_solicitation()
    assert count() == one


def test_the_page_of_an_rfp_says_when_what_and_how_it_is_judged(client):
    solicitation = make.make_solicitation(is_sample=True)
    Requirement.objects.create(
        solicitation=solicitation, code="C1", text="Who are you?", data_type="string", effect="knockout"
    )
    _, html = page(client, f"/rfps/{solicitation.number}/")
    for words in ("Time left", "L1-A Item A", "Technical", "Sample", "Who are you?", "Knock-out", " ET"):
        assert words in html


def test_the_page_of_a_lot_says_what_is_needed(client):
    solicitation = make.make_solicitation()
    _, html = page(client, f"/rfps/{solicitation.number}/lots/L1/")
    for words in (
        "At least 1,500 kg",
        "Ideal: 2,000 kg",
        "Accepted: listed",
        "Must be yes",
        "Sign in to start a proposal",
    ):
        assert words in html
    assert client.get(f"/rfps/{solicitation.number}/lots/L9/").status_code == 404


def test_reference_prices_are_shown_only_where_they_are_public(client):
    public = make.make_solicitation(reference_is_public=True)
    private = make.make_solicitation(reference_is_public=False)
    assert "$100.00" in page(client, f"/rfps/{public.number}/lots/L1/")[1]
    assert "$100.00" not in page(client, f"/rfps/{private.number}/lots/L1/")[1]


def test_documents_are_handed_out_as_downloads(client):
    solicitation = make.make_solicitation()
    checked = check_file(SimpleUploadedFile("terms.txt", b"Read this."))
    row = actions.add_document(solicitation, checked, title="Terms", by=solicitation.created_by, at=make.NOW)
    response = client.get(f"/rfps/{solicitation.number}/documents/{row.pk}/")
    assert b"".join(response.streaming_content) == b"Read this."
    assert "attachment" in response["Content-Disposition"]
    other = make.make_solicitation()
    assert client.get(f"/rfps/{other.number}/documents/{row.pk}/").status_code == 404


def test_the_rules_are_listed_without_what_officers_alone_read(client):
    _, html = page(client, "/rules/")
    for code in ("AT-4", "DC-2", "FA-1", "ID-1", "CE-1"):
        assert f'id="{code}"' in html
    assert "SC-1" not in html
    assert "Screening" in html


def start(client, solicitation, **data):
    return client.post(f"/rfps/{solicitation.number}/lots/L1/start/", data)


def test_a_supplier_starts_a_proposal(client):
    solicitation, supplier = make.make_solicitation(), make.make_supplier()
    client.force_login(make.owner_of(supplier))
    assert "Start a proposal" in page(client, f"/rfps/{solicitation.number}/lots/L1/")[1]
    response = start(client, solicitation)
    proposal = Proposal.objects.get()
    assert proposal.supplier == supplier
    assert response.url == f"/proposals/{proposal.pk}/edit/product/"


def test_nobody_starts_for_a_company_that_is_not_theirs(client):
    solicitation, other = make.make_solicitation(), make.make_supplier()
    client.force_login(make.owner_of(make.make_supplier()))
    assert start(client, solicitation, company=other.pk).status_code == 404
    assert not Proposal.objects.exists()


def test_without_a_company_one_is_registered_first(client):
    solicitation = make.make_solicitation()
    client.force_login(make.make_user())
    assert start(client, solicitation).url == reverse("suppliers:company")


def test_staff_and_strangers_start_nothing(client):
    solicitation = make.make_solicitation()
    assert start(client, solicitation).url.startswith("/accounts/login/")
    client.force_login(make.make_user(Role.ADMIN))
    assert start(client, solicitation).status_code == 404


def test_a_closed_rfp_takes_no_proposal(client):
    solicitation, supplier = make.make_solicitation(), make.make_supplier()
    make.close(solicitation.windows.get())
    client.force_login(make.owner_of(supplier))
    response = client.post(f"/rfps/{solicitation.number}/lots/L1/start/", follow=True)
    assert "not accepting proposals now" in response.content.decode()
    assert not Proposal.objects.exists()


def test_a_window_that_opens_later_is_announced(client):
    solicitation = make.make_solicitation()
    solicitation.windows.update(opens_at=make.NOW + timedelta(days=3), closes_at=make.NOW + timedelta(days=9))
    assert "Opens later" in page(client, f"/rfps/{solicitation.number}/")[1]


def test_the_text_of_an_rfp_is_its_own() -> None:
    """A variable of the frame once stood in its place."""
    rfp = make.make_solicitation(summary="We need racks.\n\nThey carry servers in Ohio.")
    page = Client().get(reverse("rfp:solicitation_detail", args=[rfp.number])).content.decode()
    told = page[page.index('id="about"') :]
    assert "They carry servers in Ohio." in told[:300]
    assert "We need racks." in page[: page.index('id="about"')]
