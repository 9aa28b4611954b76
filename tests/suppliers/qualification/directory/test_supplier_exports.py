"""What the search and its files hold, and for whom."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from portal.kit import clock
from portal.models import Role
from suppliers.company import actions as company_actions
from suppliers.models import Qualification, Site
from suppliers.qualification import qualifying
from tests import factories as make
from tests.suppliers.qualification.directory.pages import (
    LIST,
    TODAY,
    given,
    held,
    made,
    named,
    qualified,
    queries_of,
)

pytestmark = pytest.mark.django_db


def test_a_search_takes_twelve_queries_at_most(client, desk_officer):
    """One reads the session, which is only in the database; a page is its ids first, then its rows."""
    given("Copper Racks Inc", 20)
    for query in (
        "",
        "?q=coper+rack",
        "?status=qualified&commodity=racks&region=midwest&state=OH&sort=until",
    ):
        client.get(LIST + query)
        assert queries_of(client, LIST + query) <= 12


def test_an_export_reads_no_run_of_the_rules_and_no_employer_number(client, desk_officer):
    for number in range(3):
        make.make_standing(made(f"Works {number}", ein="12-3456789"))
    with CaptureQueriesContext(connection) as caught:
        text = b"".join(client.get("/suppliers/export.csv").streaming_content).decode()
    said = " ".join(query["sql"] for query in caught)
    # What a run read is long and encrypted; by which rulebook it ran is asked in the database.
    assert '"suppliers_qualificationassessment"."facts"' not in said and '"ein"' not in said
    assert "3456789" not in text and len(caught) <= 10


def test_places_are_states_or_the_country_abroad_each_once(client, desk_officer):
    supplier = made("Works")
    supplier.sites.update(state="OH", country="US")
    for state, country in (("OH", "US"), ("", "CA"), ("TX", "US")):
        Site.objects.create(
            supplier=supplier,
            name="More",
            status="existing",
            street="1 Road",
            city="X",
            state=state,
            country=country,
        )
    (line,) = client.get(LIST).context["rows"]
    assert line["places"] == "OH, CA, TX"


def test_phone_numbers_and_figures_survive_an_export(client, desk_officer):
    made("+1 614 555 0100"), made("-5.25"), made("@cmd"), made("-2+3")
    text = b"".join(client.get("/suppliers/export.csv?sort=name").streaming_content).decode("utf-8-sig")
    names = [line.split(",")[0] for line in text.splitlines()[1:]]
    assert sorted(names) == sorted(["+1 614 555 0100", "-5.25", "'@cmd", "'-2+3"])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_tells_a_reviewer_nothing_of_a_hold(client, kind):
    held("Held Works"), given("Good Works", 300)
    row = make.make_standing(made("Waiting Works"))
    Qualification.objects.filter(pk=row.pk).update(status="pending")

    def read(query=""):
        answer = client.get(f"/suppliers/export.{kind}{query}")
        if kind == "csv":
            text = b"".join(answer.streaming_content).decode("utf-8-sig")
            return [line.split(",") for line in text.splitlines()[1:]]
        sheet = load_workbook(BytesIO(answer.content)).active
        return [[cell or "" for cell in line] for line in sheet.iter_rows(min_row=2, values_only=True)]

    client.force_login(make.make_user(Role.REVIEWER))
    rows = {line[0]: line[-3:] for line in read()}
    assert rows["Held Works"] == rows["Waiting Works"] == ["Under review", "", ""]
    assert rows["Good Works"][0] == "Qualified"
    # Asking for holds by hand narrows nothing.
    assert len(read("?status=on_hold")) == len(read("?status=pending")) == 3
    client.force_login(make.make_user(Role.AUDITOR))
    assert [line[-3] for line in read("?status=on_hold")] == ["On hold"]


def test_nothing_is_approved_over_findings_that_were_not_on_the_page(client, desk_officer):
    make.make_list("Somebody Else Trading")
    supplier = make.make_supplier()
    row = make.make_standing(supplier)
    Qualification.objects.update(status=Qualification.Status.PENDING)
    client.force_login(desk_officer)
    url = reverse("suppliers:standing_detail", args=[row.pk])
    seen = client.get(url).context["form"]["seen"].initial
    supplier.certificates.all().delete()
    qualifying.assess_supplier(supplier.pk)
    sent = {"act": "approve", "reason": "The findings were read.", "told": "Welcome.", "seen": seen}
    page = client.post(url, sent)
    assert b"findings have changed since you opened this page" in page.content and b"Welcome." in page.content
    assert Qualification.objects.get().status == Qualification.Status.PENDING
    # Pressed again, it is about what stands on the page by now.
    assert Qualification.objects.get().stamp in page.content.decode()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.OFFICER, Role.ADMIN, Role.AUDITOR])
def test_buyers_read_being_checked_while_a_change_waits_for_its_check(client, role):
    row = qualified("One Works")
    client.force_login(make.make_user(role))
    page = reverse("suppliers:supplier_detail", args=[row.supplier_id])
    assert "Yes, until" in client.get(page).content.decode()
    supplier = row.supplier
    company_actions.change_profile(
        supplier, lambda: None, part="owners", by=make.owner_of(supplier), at=clock.wall_time()
    )
    text = client.get(page).content.decode()
    assert "Checking" in text and "Yes, until" not in text
    (line,) = client.get(LIST).context["rows"]
    assert [status for _, status in line["standings"]] == ["checking"]
    assert (named(client, "?status=checking"), named(client, "?status=qualified")) == (["One Works"], [])
    assert "Checking" in client.get(reverse("suppliers:standing_detail", args=[row.pk])).content.decode()
    qualifying.assess_supplier(supplier.pk)
    Qualification.objects.update(status="qualified", valid_until=TODAY + timedelta(days=300))
    assert "Yes, until" in client.get(page).content.decode()
    assert (named(client, "?status=checking"), named(client, "?status=qualified")) == ([], ["One Works"])


def test_an_officer_reads_confirmed_match_where_a_reviewer_reads_under_review(client):
    row = qualified("One Works")
    Qualification.objects.filter(pk=row.pk).update(status="confirmed")
    for role, word in ((Role.OFFICER, "confirmed"), (Role.ADMIN, "confirmed"), (Role.REVIEWER, "review")):
        client.force_login(make.make_user(role))
        (line,) = client.get(LIST).context["rows"]
        assert [status for _, status in line["standings"]] == [word]
        assert ("Confirmed match" in client.get(LIST).content.decode()) is (word == "confirmed")
    assert len(named(client, "?status=confirmed")) == len(named(client, "?status=review")) == 1
