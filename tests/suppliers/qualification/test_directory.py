"""Looking suppliers up: words, filters, exports, and the page that answers whether one may buy."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from portal.kit import clock
from portal.kit.compliance import Outcome
from portal.kit.formats import day
from portal.kit.refused import Refused
from portal.models import Role
from suppliers.company import actions as company_actions
from suppliers.company import search_text
from suppliers.models import Qualification, Site, Waiver
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import qualifying, rulebook_actions
from tests import factories as make
from tests.suppliers.qualification.test_qualifications import complete, pending

pytestmark = pytest.mark.django_db

TODAY = make.NOW.date()
LIST = "/suppliers/"


@pytest.fixture
def officer(client):
    user = make.make_user(Role.OFFICER)
    client.force_login(user)
    return user


def named(client, query=""):
    return [line["supplier"].legal_name for line in client.get(LIST + query).context["rows"]]


def made(name, **fields):
    supplier = make.make_supplier(legal_name=name, **fields)
    search_text.refresh(supplier)
    return supplier


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
def test_words_match_whole_by_stem_or_nearly(client, officer, words, found):
    hock = made("Hockhollow Rackworks LLC", description="Sheet-metal racks and busbars", uei="ZQGGHJH74DW7")
    hock.sites.update(processes=["Brazing", "Press brake"])
    search_text.refresh(hock)
    made("Cold Plates Inc", description="Skived copper")
    answer = client.get(LIST, {"q": words})
    assert sorted(line["supplier"].legal_name for line in answer.context["rows"]) == found


def test_the_search_text_follows_the_profile(client, officer):
    supplier = made("Hock Works")
    owner = make.owner_of(supplier)
    supplier.description = "Wire harnesses"
    company_actions.change_profile(supplier, supplier.save, part="identity", by=owner, at=make.NOW)
    assert named(client, "?q=harness") == ["Hock Works"]


def test_filters(client, officer):
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
def test_the_word_of_a_page_and_of_a_filter_are_the_same(client, officer, days, word):
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


def queries_of(client, url):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


@pytest.mark.parametrize("url", [LIST, "/suppliers/waivers/", "/suppliers/settings/"])
def test_a_list_takes_the_same_queries_for_one_row_and_for_three(client, officer, url):
    def row(number):
        make.make_standing(made(f"Works {number}"))
        Waiver.objects.create(rule="ID-6", reason="A trial.", until=TODAY, by=officer, at=make.NOW)
        rulebook_actions.propose_settings({}, reason="A trial of it.", by=officer, at=make.NOW)

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


def test_exports_hold_what_is_shown_and_no_formula(client, officer):
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


def test_the_page_answers_whether_one_may_buy_and_until_when(client, officer):
    make.make_list("Somebody Else Trading")
    row = pending()
    url = reverse("suppliers:supplier_detail", args=[row.supplier_id])
    assert "Not now" in client.get(url).content.decode()
    qualification_actions.act_on_standing(
        row, "approve", reason="The findings were read.", told="", by=officer, at=make.NOW
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


def test_an_officers_decision_is_refused_beside_the_field(client, officer):
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


def test_settings_are_proposed_from_their_form(client, officer):
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
def test_a_waiver_without_a_sensible_day_is_refused_beside_the_field(client, officer, until):
    data = {"rule": "ID-6", "until": until, "reason": "A trial of a quarter."}
    assert client.post("/suppliers/waivers/new/", data).context["form"].errors["until"]
    assert not Waiver.objects.exists()


# ---- sorted, counted, and nothing of a hold for who may not know ----


def held(name, **dates):
    row = make.make_standing(made(name))
    Qualification.objects.filter(pk=row.pk).update(
        status="on_hold", valid_from=TODAY - timedelta(days=30), valid_until=TODAY + timedelta(days=300)
    )
    return row


def given(name, days):
    row = make.make_standing(made(name))
    Qualification.objects.filter(pk=row.pk).update(
        status="qualified", valid_from=TODAY - timedelta(days=30), valid_until=TODAY + timedelta(days=days)
    )
    return row


def test_suppliers_are_sorted_by_name_and_by_what_ends_first(client, officer):
    held("Held Works"), given("Long Works", 300), given("Short Works", 20), made("Bare Works")
    assert named(client, "?sort=until")[:2] == ["Short Works", "Long Works"]
    assert named(client, "?sort=-until")[:2] == ["Long Works", "Short Works"]
    assert named(client, "?sort=-name")[0] == "Short Works"
    assert named(client, "?sort=nonsense")[0] == "Bare Works"
    text = b"".join(client.get("/suppliers/export.csv?sort=until").streaming_content).decode()
    assert text.index("Short Works") < text.index("Long Works") < text.index("Bare Works")


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.OFFICER, True), (Role.ADMIN, True), (Role.AUDITOR, True), (Role.REVIEWER, False)],
)
def test_what_waits_is_counted_for_those_who_may_know_of_it(client, role, sees):
    held("Held Works")
    client.force_login(make.make_user(role))
    assert ("is on hold" in client.get(LIST).content.decode()) is sees


def test_the_day_of_a_qualification_on_hold_is_nobodys_to_count_on(client):
    row = held("Held Works")
    until = day(TODAY + timedelta(days=300))
    url = reverse("suppliers:supplier_detail", args=[row.supplier_id])
    for role in (Role.REVIEWER, Role.OFFICER, Role.ADMIN):
        client.force_login(make.make_user(role))
        page = client.get(url)
        (line,) = page.context["lines"]
        assert not line.holds
        assert until not in page.content.decode()
        assert "Not now" in page.content.decode()
    qualified = given("Good Works", 300)
    text = client.get(reverse("suppliers:supplier_detail", args=[qualified.supplier_id])).content.decode()
    assert "Yes, until" in text and "For racks, Midwest." in text


def test_the_page_says_why_not_and_names_the_next_step(client, officer):
    make.make_list("Somebody Else Trading")
    row = pending()
    url = reverse("suppliers:supplier_detail", args=[row.supplier_id])
    text = client.get(url).content.decode()
    assert "Submitted by the supplier." in text and "Decide the approval" in text
    qualification_actions.act_on_standing(
        row, "approve", reason="The findings were read.", told="", by=officer, at=make.NOW
    )
    qualification_actions.act_on_standing(
        row, "suspend", reason="Late by a month.", told="Late.", by=officer, at=make.NOW
    )
    assert "Late by a month." in client.get(url).content.decode()
    client.force_login(make.make_user(Role.REVIEWER))
    text = client.get(url).content.decode()
    assert "Late by a month." not in text and "Late." in text and "Decide the approval" not in text


def test_counts_are_of_what_nobody_has_spoken_about(client, officer):
    make.make_list("Somebody Else Trading")
    row = pending()
    found = row.latest.findings.filter(outcome__in=("not_met", "refer"))
    adverse = [each for each in found if not each.rule.startswith("SC")]
    assert adverse
    url = reverse("suppliers:supplier_detail", args=[row.supplier_id])

    def count():
        (line,) = client.get(url).context["lines"]
        return line.not_met + line.referred

    before = count()
    qualification_actions.override_finding(
        adverse[0], outcome=Outcome.MET, reason="Seen by me.", by=officer, at=make.NOW
    )
    assert count() == before - 1
    if len(adverse) > 1:
        Waiver.objects.create(rule=adverse[1].rule, reason="x", until=TODAY, by=officer, at=make.NOW)
        assert count() < before - 1
    qualification_actions.act_on_standing(
        row, "approve", reason="The findings were read.", told="", by=officer, at=make.NOW
    )
    # A later run that finds the same leaves it known, whether or not it was stored anew.
    assert count() == 0


def test_a_word_on_a_finding_that_is_no_longer_found_is_refused(client, officer):
    make.make_list("Somebody Else Trading")
    row = pending()
    old = row.latest.findings.filter(outcome__in=("not_met", "refer")).exclude(rule__startswith="SC").first()
    newer = row.latest
    newer.pk, newer.input_hash = None, "another"
    newer.save()
    Qualification.objects.filter(pk=row.pk).update(latest=newer)
    with pytest.raises(Refused, match="findings have changed"):
        qualification_actions.override_finding(
            old, outcome=Outcome.MET, reason="Seen by me.", by=officer, at=make.NOW
        )


def test_a_screening_finding_leads_to_its_alerts_and_not_to_a_form(client, officer):
    make.make_list("Held Works Inc")
    row = make.make_standing(made("Held Works Inc"))
    finding = row.latest.findings.get(rule="SC-1", outcome="refer")
    url = reverse("suppliers:standing_finding", args=[finding.pk])
    page = client.get(url)
    assert page.context["form"] is None and "screening alert by alert" in page.content.decode()
    assert client.post(url, {"outcome": "met", "reason": "I would rather not."}).status_code == 404
    standing = client.get(reverse("suppliers:standing_detail", args=[row.pk]))
    assert finding.pk not in [each.pk for each in standing.context["to_decide"]]


def test_a_supplier_page_takes_the_same_queries_for_one_standing_and_for_three(client, officer):
    row = pending()
    url = reverse("suppliers:supplier_detail", args=[row.supplier_id])
    client.get(url)
    one = queries_of(client, url)
    for code in ("power", "cooling"):
        make.make_standing(row.supplier, commodity=make.make_commodity(code))
    assert queries_of(client, url) == one


# ---- waivers ----


def waiver(by, **fields):
    values = {"rule": "ID-6", "reason": "A trial of a quarter.", "until": TODAY, "by": by, "at": make.NOW}
    return Waiver.objects.create(**{**values, **fields})


def test_waivers_are_narrowed_sorted_and_exported_as_shown(client, officer):
    supplier = made("=Works")
    now = waiver(officer, supplier=supplier, until=TODAY + timedelta(days=9))
    ended = waiver(officer, rule="CE-1", until=TODAY - timedelta(days=1))
    gone = waiver(officer, withdrawn_at=make.NOW, withdrawn_by=officer, withdrawn_why="Papers came.")

    def shown(query=""):
        return [row for row, *_words in client.get("/suppliers/waivers/" + query).context["rows"]]

    assert shown() == [now] == shown("?show=x")
    assert shown("?show=ended") == [gone, ended]
    assert shown("?show=all&sort=until")[0] == ended
    assert shown("?show=all&rule=CE-1") == [ended]
    assert shown("?show=all&q=works") == [now]
    assert shown("?q=%00nobody") == []
    page = client.get("/suppliers/waivers/?show=all").content.decode()
    assert "Papers came." in page and "SAM" in page
    text = b"".join(client.get("/suppliers/waivers/export.csv?show=all").streaming_content).decode()
    assert len(text.strip().splitlines()) == 4 and "'=Works" in text
    assert client.get("/suppliers/waivers/export.xlsx").status_code == 200


def test_a_waiver_is_withdrawn_with_a_reason(client, officer):
    row = waiver(officer)
    url = reverse("suppliers:waiver_withdraw", args=[row.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": "no"}).context["form"].errors["reason"]
    row.refresh_from_db()
    assert row.withdrawn_at is None
    client.post(url, {"reason": "The papers came."})
    row.refresh_from_db()
    assert (row.withdrawn_by, row.withdrawn_why) == (officer, "The papers came.")
    assert (
        "already ended or been withdrawn" in client.post(url, {"reason": "The papers came."}).content.decode()
    )


def test_a_search_takes_twelve_queries_at_most(client, officer):
    """One reads the session, which is only in the database; a page is its ids first, then its rows."""
    given("Copper Racks Inc", 20)
    for query in (
        "",
        "?q=coper+rack",
        "?status=qualified&commodity=racks&region=midwest&state=OH&sort=until",
    ):
        client.get(LIST + query)
        assert queries_of(client, LIST + query) <= 12


def test_an_export_reads_no_run_of_the_rules_and_no_employer_number(client, officer):
    for number in range(3):
        make.make_standing(made(f"Works {number}", ein="12-3456789"))
    with CaptureQueriesContext(connection) as caught:
        text = b"".join(client.get("/suppliers/export.csv").streaming_content).decode()
    said = " ".join(query["sql"] for query in caught)
    # What a run read is long and encrypted; by which rulebook it ran is asked in the database.
    assert '"suppliers_qualificationassessment"."facts"' not in said and '"ein"' not in said
    assert "3456789" not in text and len(caught) <= 10


def test_places_are_states_or_the_country_abroad_each_once(client, officer):
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


def test_phone_numbers_and_figures_survive_an_export(client, officer):
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


def test_nothing_is_approved_over_findings_that_were_not_on_the_page(client, officer):
    make.make_list("Somebody Else Trading")
    supplier = make.make_supplier()
    row = make.make_standing(supplier)
    Qualification.objects.update(status=Qualification.Status.PENDING)
    client.force_login(officer)
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


def qualified(name):
    row = make.make_standing(made(name))
    Qualification.objects.filter(pk=row.pk).update(
        status="qualified", valid_from=TODAY, valid_until=TODAY + timedelta(days=300)
    )
    return make.fresh_standing(row)


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
