"""Looking suppliers up: words, filters, exports, and the page that answers whether one may buy."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from portal.models import Role
from suppliers.company import actions as company_actions
from suppliers.company import search_text
from suppliers.models import Qualification, Waiver
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import qualifying, rulebook_actions
from tests import factories as make
from tests.suppliers.qualification.directory.pages import LIST, TODAY, made, named, queries_of
from tests.suppliers.qualification.standing_acts import complete, pending

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("hockhollow", ["Hockhollow Rackworks LLC"]),
        ("hockholow", ["Hockhollow Rackworks LLC"]),
        ("rakworks", ["Hockhollow Rackworks LLC"]),
        ("brazing", ["Hockhollow Rackworks LLC"]),
        ("busbar", ["Hockhollow Rackworks LLC"]),
        ("Lancaster", ["Cold Plates Inc", "Hockhollow Rackworks LLC"]),
        ("ZQGGHJH74DW7", ["Hockhollow Rackworks LLC"]),
        ("nothing of the kind", []),
        ("' OR 1=1 --", []),
        ("%%", []),
        ("(((", []),
    ],
)
def test_words_match_whole_by_stem_or_nearly(client, desk_officer, words, found):
    hock = made("Hockhollow Rackworks LLC", description="Sheet-metal racks and busbars", uei="ZQGGHJH74DW7")
    hock.sites.update(processes=["Brazing", "Press brake"])
    search_text.refresh(hock)
    made("Cold Plates Inc", description="Skived copper")
    answer = client.get(LIST, {"q": words})
    assert sorted(line["supplier"].legal_name for line in answer.context["rows"]) == found


def test_the_search_text_follows_the_profile(client, desk_officer):
    supplier = made("Hock Works")
    owner = make.owner_of(supplier)
    supplier.description = "Wire harnesses"
    company_actions.change_profile(supplier, supplier.save, part="identity", by=owner, at=make.NOW)
    assert named(client, "?q=harness") == ["Hock Works"]


def test_filters(client, desk_officer):
    one, other = made("One Works", naics=["334111"]), made("Other Works", naics=["332322"])
    one.sites.update(capacity_per_year=50_000)
    other.sites.update(state="TX", zip="75001")
    other.certificates.update(expires=TODAY - timedelta(days=1), issued=TODAY - timedelta(days=400))
    row = make.make_standing(one)
    assert named(client, "?naics=334") == ["One Works"]
    assert named(client, "?naics=3") == ["One Works", "Other Works"]
    assert named(client, "?state=TX") == ["Other Works"]
    assert named(client, "?scheme=ISO+9001") == ["One Works"]
    assert named(client, "?capacity=50,000") == ["One Works"]
    assert named(client, "?capacity=50001") == []
    assert named(client, "?status=in_progress") == ["One Works"]
    assert named(client, "?status=not_started") == ["Other Works"]
    assert named(client, f"?commodity={row.commodity.code}&region={row.region.code}") == ["One Works"]
    # What makes no sense does not narrow, and does not break.
    for nonsense in (
        "?naics=abc",
        "?state=%00",
        "?capacity=-1",
        "?capacity=1e9",
        "?status=x",
        "?q=%00",
        "?page=x",
    ):
        assert len(named(client, nonsense)) == 2


@pytest.mark.parametrize(
    ("days", "word"), [(91, "qualified"), (90, "expiring"), (0, "expiring"), (-1, "expired")]
)
def test_the_word_of_a_page_and_of_a_filter_are_the_same(client, desk_officer, days, word):
    row = make.make_standing(made("One Works"))
    Qualification.objects.filter(pk=row.pk).update(
        status="qualified", valid_from=TODAY - timedelta(days=300), valid_until=TODAY + timedelta(days=days)
    )
    for status in ("qualified", "expiring", "expired"):
        assert (named(client, f"?status={status}") == ["One Works"]) is (status == word)
    (line,) = client.get(LIST).context["rows"]
    assert [status for _, status in line["standings"]] == [word]


def test_a_reviewer_reads_under_review_where_an_officer_reads_on_hold(client):
    row = make.make_standing(made("One Works"))
    Qualification.objects.filter(pk=row.pk).update(status="on_hold")
    for role, word in (
        (Role.REVIEWER, "review"),
        (Role.OFFICER, "on_hold"),
        (Role.ADMIN, "on_hold"),
        (Role.AUDITOR, "on_hold"),
    ):
        client.force_login(make.make_user(role))
        (line,) = client.get(LIST).context["rows"]
        assert [status for _, status in line["standings"]] == [word]
    client.force_login(make.make_user(Role.REVIEWER))
    # Asking for holds by hand does not single them out either.
    made("Other Works")
    assert len(named(client, "?status=on_hold")) == 2
    assert "On hold" not in client.get(LIST).content.decode()


@pytest.mark.parametrize("url", [LIST, "/suppliers/waivers/", "/suppliers/settings/"])
def test_a_list_takes_the_same_queries_for_one_row_and_for_three(client, desk_officer, url):
    def row(number):
        make.make_standing(made(f"Works {number}"))
        Waiver.objects.create(rule="ID-6", reason="A trial.", until=TODAY, by=desk_officer, at=make.NOW)
        rulebook_actions.propose_settings({}, reason="A trial of it.", by=desk_officer, at=make.NOW)

    row(1)
    client.get(url)
    one = queries_of(client, url)
    row(2)
    row(3)
    assert queries_of(client, url) == one


def test_the_suppliers_own_list_takes_the_same_queries_for_one_standing_and_for_three(client):
    supplier = complete()
    make.make_standing(supplier)
    client.force_login(make.owner_of(supplier))
    url = reverse("suppliers:standing_list", args=[supplier.pk])
    client.get(url)
    one = queries_of(client, url)
    for code in ("power", "cooling"):
        make.make_standing(supplier, commodity=make.make_commodity(code))
    assert queries_of(client, url) == one


def test_exports_hold_what_is_shown_and_no_formula(client, desk_officer):
    make.make_standing(made("=cmd|' /C calc'!A0"))
    made("Other Works")
    text = b"".join(client.get("/suppliers/export.csv?status=in_progress").streaming_content).decode(
        "utf-8-sig"
    )
    rows = text.splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("\"'=cmd") or rows[1].startswith("'=cmd")
    assert "Not submitted" in rows[1]
    book = load_workbook(BytesIO(client.get("/suppliers/export.xlsx").content))
    cells = list(book.active.iter_rows(values_only=True))
    assert [row[0] for row in cells[1:]] == ["'=cmd|' /C calc'!A0", "Other Works"]
    assert cells[2][7] == "Not started"
    assert client.get("/suppliers/export.pdf").status_code == 404


def test_the_page_answers_whether_one_may_buy_and_until_when(client, desk_officer):
    make.make_list("Somebody Else Trading")
    row = pending()
    url = reverse("suppliers:supplier_detail", args=[row.supplier_id])
    assert "Not now" in client.get(url).content.decode()
    qualification_actions.act_on_standing(
        row, "approve", reason="The findings were read.", told="", by=desk_officer, at=make.NOW
    )
    page = client.get(url).content.decode()
    assert "Yes, until" in page
    make.make_list("Somebody Else Trading", row.supplier.legal_name)
    qualifying.assess_supplier(row.supplier_id)
    assert "Not now" in client.get(url).content.decode()


def test_only_officers_and_auditors_see_alerts_on_the_page(client):
    make.make_list("Held Works Inc")
    supplier = made("Held Works Inc")
    make.screen(supplier)
    url = reverse("suppliers:supplier_detail", args=[supplier.pk])
    for role, sees in (
        (Role.OFFICER, True),
        (Role.ADMIN, True),
        (Role.AUDITOR, True),
        (Role.REVIEWER, False),
    ):
        client.force_login(make.make_user(role))
        assert ("Screening alerts" in client.get(url).content.decode()) is sees


def test_an_officers_decision_is_refused_beside_the_field(client, desk_officer):
    make.make_list("Somebody Else Trading")
    row = pending()
    url = reverse("suppliers:standing_detail", args=[row.pk])
    for data, field in (
        ({"reason": ""}, "act"),
        ({"act": "approve", "reason": "ok"}, "reason"),
        ({"act": "refuse", "reason": "Not good enough for us."}, "told"),
        ({"act": "suspend", "reason": "Not good enough for us."}, "act"),
        ({"act": "approve", "reason": "The findings were read.", "until": "never"}, "until"),
    ):
        form = client.post(url, data).context["form"]
        assert form.errors[field], field
    assert make.fresh_standing(row).status == "pending"
    client.post(url, {"act": "approve", "reason": "The findings were read."})
    assert make.fresh_standing(row).status == "qualified"


def test_settings_are_proposed_from_their_form(client, desk_officer):
    page = client.get("/suppliers/settings/new/")
    form = page.context["form"]
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    assert client.post("/suppliers/settings/new/", {**data, "reason": "x"}).context["form"].errors["reason"]
    wrong = client.post(
        "/suppliers/settings/new/", {**data, "FI-1:safe": "much", "reason": "A stricter line."}
    )
    assert wrong.context["form"].errors["FI-1:safe"]
    client.post("/suppliers/settings/new/", {**data, "FI-1:safe": "3.5", "reason": "A stricter line."})
    row = qualifying.RuleSettings.objects.get()
    assert row.params == {"FI-1": {"safe": "3.5"}}
    client.post("/suppliers/settings/new/", {**data, "reason": "Nothing changed here."})
    assert qualifying.RuleSettings.objects.first().params == {}


@pytest.mark.parametrize("until", ["2020-01-01", "2999-01-01", "", "x"])
def test_a_waiver_without_a_sensible_day_is_refused_beside_the_field(client, desk_officer, until):
    data = {"rule": "ID-6", "until": until, "reason": "A trial of a quarter."}
    assert client.post("/suppliers/waivers/new/", data).context["form"].errors["until"]
    assert not Waiver.objects.exists()
