"""The officers' pages: the queue, an alert, the lists; auditors read, nobody else knows of them."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape
from openpyxl import load_workbook

from portal.models import Role
from suppliers import lists
from suppliers.models import Alert, Disposition, Owner, Snapshot
from suppliers.qualification.previews import lists as list_previews
from suppliers.screening import alert_actions, list_actions
from suppliers.screening.views import alerts
from tests import factories as make

pytestmark = pytest.mark.django_db

LISTED = "Zyxtrovic Armaments Trust"
LISTS = "/screening/lists/"
LOAD = "/screening/lists/load/"
ALERTS = "/screening/alerts/"


@pytest.fixture
def officer(client):
    user = make.make_user(Role.OFFICER)
    client.force_login(user)
    return user


@pytest.fixture
def auditor(client):
    user = make.make_user(Role.AUDITOR)
    client.force_login(user)
    return user


def an_alert(name=LISTED):
    make.make_list(name)
    return make.screen(make.make_supplier(legal_name=name))[0]


def sent(**changes):
    data = b"name,aliases\nSeaglass Metals,SMT\n"
    values = {
        "source": "own",
        "code": "house",
        "as_of": make.NOW.date().isoformat(),
        "list_files": SimpleUploadedFile("house.csv", data),
    }
    return {**values, **changes}


def test_the_queue_asks_as_often_for_three_alerts_as_for_one(client, officer):
    make.make_list(LISTED, "Verdemar Shipping Trust", "Ocean Lark Minerals")
    make.screen(make.make_supplier(legal_name=LISTED))
    client.get(ALERTS)
    with _counted() as one:
        client.get(ALERTS)
    for name in ("Verdemar Shipping Trust", "Ocean Lark Minerals"):
        make.screen(make.make_supplier(legal_name=name))
    with _counted() as three:
        text = client.get(ALERTS).content.decode()
    assert "Ocean Lark Minerals" in text
    assert len(one) == len(three)


def test_the_loads_ask_as_often_for_three_as_for_one(client, officer):
    make.make_list(LISTED)
    client.get(LISTS)
    with _counted() as one:
        client.get(LISTS)
    make.make_list(LISTED)
    make.make_list(LISTED, source="house")
    with _counted() as three:
        client.get(LISTS)
    assert len(one) == len(three)


def _counted():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return CaptureQueriesContext(connection)


def test_the_queue_is_paged_and_searched(client, officer, monkeypatch):
    monkeypatch.setattr(alerts, "PAGE", 1)
    make.make_list(LISTED, "Ocean Lark Minerals")
    for name in (LISTED, "Ocean Lark Minerals"):
        make.screen(make.make_supplier(legal_name=name))
    pages = [client.get(ALERTS, {"page": number}).content.decode() for number in (1, 2)]
    assert [LISTED in page for page in pages] != [True, True]
    found = client.get(ALERTS, {"q": "lark"}).content.decode()
    assert "Ocean Lark Minerals" in found and LISTED not in found
    assert "No matching alerts" in client.get(ALERTS, {"q": "\x00nobody"}).content.decode()


def test_an_officer_reads_the_record_beside_the_supplier_and_decides(client, officer):
    alert = an_alert()
    url = reverse("suppliers:alert_detail", args=[alert.pk])
    text = client.get(url).content.decode()
    assert "Side by side" in text and escape(alert.party.name) in text and "TEST" in text
    answer = client.post(
        url, {"decision": "true_match", "code": "same_number", "reason": "The register number is the same."}
    )
    assert answer.status_code == 302
    alert.refresh_from_db()
    assert alert.state == Alert.State.TRUE_MATCH


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"decision": "", "reason": "Long enough a reason."}, "Your decision is missing"),
        ({"decision": "true_match", "reason": ""}, "Reason is missing"),
        ({"decision": "true_match", "reason": "short"}, "10 characters"),
        ({"decision": "perhaps", "reason": "Long enough a reason."}, "perhaps"),
        ({"decision": "true_match", "reason": "Long enough a reason."}, "Choose the kind of reason"),
        (
            {"decision": "true_match", "code": "name_only", "reason": "Long enough a reason."},
            "listed under your decision",
        ),
        ({"decision": "end", "code": "left", "reason": "Long enough a reason."}, "end is not one of"),
    ],
)
def test_a_decision_without_its_parts_is_refused_beside_the_field(client, officer, form, words):
    alert = an_alert()
    answer = client.post(reverse("suppliers:alert_detail", args=[alert.pk]), form)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Disposition.objects.count() == 0


def test_ones_own_second_opinion_is_refused_in_words(client, officer):
    url = reverse("suppliers:alert_detail", args=[an_alert().pk])
    for _ in range(2):
        answer = client.post(
            url,
            {"decision": "false_positive", "code": "other_place", "reason": "Another country and trade."},
            follow=True,
        )
    assert "different officer must agree" in answer.content.decode()


def test_auditors_read_and_decide_nothing(client, auditor):
    alert = an_alert()
    url = reverse("suppliers:alert_detail", args=[alert.pk])
    text = client.get(url).content.decode()
    assert "Side by side" in text and "Save the decision" not in text
    assert client.post(url, {"decision": "true_match", "reason": "I say so, at length."}).status_code == 404
    assert client.get(LISTS).status_code == 200
    assert client.get(LOAD).status_code == 404


def test_a_list_is_looked_at_before_it_is_used(client, officer):
    answer = client.post(LOAD, sent())
    snapshot = Snapshot.objects.get()
    assert answer.headers["Location"] == reverse("suppliers:list_detail", args=[snapshot.pk])
    assert not snapshot.is_active
    # Nobody uses it before it is known what that would change.
    waiting = client.get(answer.headers["Location"]).content.decode()
    assert "Comparing your suppliers" in waiting and "Use this list" not in waiting
    url = reverse("suppliers:list_activate", args=[snapshot.pk])
    early = client.post(url, {"instead_of": "0"}, follow=True).content.decode()
    assert "Wait for the preview" in early
    list_previews.run(snapshot.previews.get().pk)
    assert "Use this list" in client.get(answer.headers["Location"]).content.decode()
    client.post(url, {"instead_of": "0"})
    snapshot.refresh_from_db()
    assert snapshot.is_active
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Active" in page and "Screening all suppliers" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": ""}, "Enter a short name for the custom list"),
        ({"code": "Our List!"}, "lowercase letters"),
        ({"code": "ofac"}, "official list"),
        ({"as_of": "2199-01-01"}, "in the future"),
        ({"as_of": "yesterday"}, "valid date"),
        ({"list_files": SimpleUploadedFile("house.csv", b"")}, "empty"),
        ({"list_files": SimpleUploadedFile("house.csv", b"title\nA\n")}, "name"),
        ({"list_files": SimpleUploadedFile("house.csv", b"%PDF-1.7 \x00\x01")}, "house.csv"),
        ({"source": "ofac", "list_files": SimpleUploadedFile("sdn.csv", b'1,"A"\r\n')}, "sdn.csv"),
        (
            {
                "source": "un",
                "list_files": SimpleUploadedFile("un.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
            },
            "un",
        ),
    ],
    ids=[
        "no-code",
        "bad-code",
        "taken-code",
        "future",
        "no-date",
        "empty",
        "no-name",
        "pdf",
        "width",
        "entity",
    ],
)
def test_a_list_that_is_none_is_refused_beside_the_field(client, officer, change, words):
    data = sent(**change)
    data["list_files"].seek(0)
    answer = client.post(LOAD, data)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Snapshot.objects.count() == 0


def test_a_list_that_lost_half_asks_on_its_page_for_a_reason(client, officer):
    active = make.make_list(*[f"Foundry Number {number}" for number in range(10)], source="house")
    client.post(LOAD, sent())
    snapshot = make.preview(Snapshot.objects.latest("pk"))
    page = reverse("suppliers:list_detail", args=[snapshot.pk])
    assert "fewer records than the active list" in client.get(page).content.decode()
    url = reverse("suppliers:list_activate", args=[snapshot.pk])
    asked = {"instead_of": str(active.pk)}
    for more, words in (
        ({}, "Confirm that the list is right"),
        ({"reason": "Half of it was withdrawn."}, "Confirm that the list is right"),
        ({"confirmed": "yes", "reason": "short"}, "at least 10 characters"),
    ):
        text = client.post(url, asked | more).content.decode()
        assert words in text and more.get("reason", "") in text
        snapshot.refresh_from_db()
        assert not snapshot.is_active
    client.post(url, asked | {"confirmed": "yes", "reason": "Half of it was withdrawn."})
    snapshot.refresh_from_db()
    assert snapshot.is_active
    assert (snapshot.runs.get().by, snapshot.runs.get().reason) == (officer, "Half of it was withdrawn.")
    assert "Half of it was withdrawn." in client.get(page).content.decode()


def test_progress_stops_asking_when_the_run_is_done(client, officer):
    snapshot = make.make_list(LISTED)
    run = snapshot.runs.get()
    url = reverse("suppliers:run_progress", args=[run.pk])
    assert "hx-get" in client.get(url).content.decode()
    run.finished_at = make.NOW
    run.save()
    assert "hx-get" not in client.get(url).content.decode()


def test_a_makers_alert_does_not_show_the_suppliers_country_as_its_own(client, officer):
    alert = an_alert()
    url = reverse("suppliers:alert_detail", args=[alert.pk])
    assert "United States" in client.get(url).content.decode()
    Alert.objects.filter(pk=alert.pk).update(role="manufacturer")
    text = client.get(url).content.decode()
    assert "Not provided" in text and "United States" not in text


# ---- the queue as a table one decides from ----


def several():
    """Three alerts: same name abroad, same name at home, a shared identifier."""
    data = (
        "record,name,country,uei\n"
        f"A,{LISTED},Iran,\nB,Verdemar Shipping Trust,United States,\nC,Another Party,,ZQGGHJH74DW7\n"
    )
    found = lists.read_files({"list.csv": data.encode()}, source="house")
    list_actions.load_list(found, as_of=make.NOW.date(), at=make.NOW)
    for name, uei in ((LISTED, ""), ("Verdemar Shipping Trust", ""), ("Lark Works", "ZQGGHJH74DW7")):
        make.screen(make.make_supplier(legal_name=name, uei=uei))


def names(client, **asked):
    return [alert.name for alert, _band, _urgency in client.get(ALERTS, asked).context["rows"]]


def test_the_most_pressing_comes_first_and_says_why(client, officer):
    several()
    assert names(client) == ["Lark Works", "Verdemar Shipping Trust", LISTED]
    page = client.get(ALERTS)
    assert [urgency for _alert, _band, urgency in page.context["rows"]] == [
        "shared identifier, same kind",
        "same kind, same country",
        "same kind, different country",
    ]
    assert "Shares UEI ZQGGHJH74DW7" in page.content.decode()


@pytest.mark.parametrize(
    ("sort", "first"), [("name", "Lark Works"), ("-name", LISTED), ("x", "Lark Works"), ("-", "Lark Works")]
)
def test_the_queue_is_sorted_and_nonsense_does_not_sort(client, officer, sort, first):
    several()
    assert names(client, sort=sort)[0] == first


def test_the_queue_is_narrowed_by_what_it_waits_for(client, officer):
    several()
    one, two, three = Alert.objects.order_by("name")
    Alert.objects.filter(pk=one.pk).update(state="clearing")
    Alert.objects.filter(pk=two.pk).update(state="escalated")
    Alert.objects.filter(pk=three.pk).update(state="true_match")
    assert names(client, show="second") == [one.name]
    assert names(client, show="escalated") == [two.name]
    assert names(client, show="true") == [three.name]
    assert len(names(client, show="nonsense")) == 2
    assert names(client, show="all", list="house", q="lark") == ["Lark Works"]


def test_the_export_holds_what_the_queue_shows_and_no_formula(client, officer):
    several()
    Alert.objects.filter(name=LISTED).update(matched_name="=1+1")
    answer = client.get("/screening/alerts/export.csv?show=all&sort=-name")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == [LISTED, "Verdemar Shipping Trust", "Lark Works"]
    assert rows[1][4] == "'=1+1"
    assert answer.headers["Cache-Control"] == "private, no-store"
    book = load_workbook(io.BytesIO(client.get("/screening/alerts/export.xlsx?q=lark").content))
    assert [row[1] for row in book.active.iter_rows(min_row=2, values_only=True)] == ["Lark Works"]
    assert client.get("/screening/alerts/export.pdf").status_code == 404


def test_the_filters_stay_in_the_address_through_a_decision(client, officer):
    several()
    alert = Alert.objects.get(name=LISTED)
    link = f"{reverse('suppliers:alert_detail', args=[alert.pk])}?q=trust"
    assert escape(link) in client.get(ALERTS, {"q": "trust"}).content.decode()
    answer = client.post(
        link, {"decision": "true_match", "code": "same_number", "reason": "The same register number."}
    )
    assert answer.headers["Location"] == f"{ALERTS}?q=trust"


def test_the_next_alert_is_the_one_below(client, officer):
    several()
    first, second, third = (alert for alert, _b, _u in client.get(ALERTS).context["rows"])
    following = [
        client.get(reverse("suppliers:alert_detail", args=[each.pk])).context["following"]
        for each in (first, second, third)
    ]
    assert following == [second.pk, third.pk, first.pk]


# ---- one alert ----


def lines_of(client, alert):
    context = client.get(reverse("suppliers:alert_detail", args=[alert.pk])).context
    return {line.title: line for line in context["beside"]}, context


def test_the_record_stands_beside_ours_line_by_line(client, officer):
    data = (
        "record,name,aliases,country,address,parent,kind\n"
        f'A,{LISTED},Ocean Lark,United States,"9 Quay, Lancaster",Big Parent Corp,entity\n'
    )
    found = lists.read_files({"list.csv": data.encode()}, source="house")
    list_actions.load_list(found, as_of=make.NOW.date(), at=make.NOW)
    supplier = make.make_supplier(legal_name=LISTED, dbas=["Ocean Lark"])
    supplier.sites.update(city="Lancaster")
    Owner.objects.create(supplier=supplier, name="Big Parent Corp", kind="company", pct_equity=60)
    alert = next(each for each in make.screen(supplier) if each.name == LISTED)
    lines, context = lines_of(client, alert)
    assert {title: line.agreement.word for title, line in lines.items()} == {
        "Name": "Agrees, 1.00",
        "Other names": "Agrees",
        "Kind": "Agrees",
        "Country": "Agrees",
        "Addresses": "Same city",
        "Identifiers": "Unknown",
        "Owners and parents": "Agrees",
    }
    assert lines["Owners and parents"].ours == ["Big Parent Corp, 60.0%"]
    assert context["history"][0].title == "Found"


def test_the_evidence_is_shown_token_by_token(client, officer):
    make.make_list("Zyxtrovic Armaments Trust")
    (alert,) = make.screen(make.make_supplier(legal_name="Zyxtrovik Armaments"))
    _lines, context = lines_of(client, alert)
    found = {(each.ours, each.listed): each.alike for each in context["tokens"]}
    assert found["armaments", "armaments"] == 1
    assert 0 < found["zyxtrovik", "zyxtrovic"] < 1
    assert found["", "trust"] is None


def test_an_owners_country_and_kind_are_the_owners(client, officer):
    data = "record,name,kind,country\nA,Ludmila Zyxtrova,individual,Cyprus\n"
    found = lists.read_files({"list.csv": data.encode()}, source="house")
    list_actions.load_list(found, as_of=make.NOW.date(), at=make.NOW)
    supplier = make.make_supplier(legal_name="Plainfield Works")
    Owner.objects.create(
        supplier=supplier, name="Ludmila Zyxtrova", kind="person", country="CY", pct_equity=10
    )
    (alert,) = make.screen(supplier)
    lines, _context = lines_of(client, alert)
    assert (lines["Country"].ours, lines["Country"].agreement.word) == (["Cyprus"], "Agrees")
    assert lines["Kind"].agreement.word == "Agrees"


def test_an_employer_number_shared_with_a_record_is_not_shown_in_full(client, officer, auditor):
    data = "record,name,ein,remarks\nA,Another Party,12-3456789,Tax ID 12-3456789 or 123456789\n"
    found = lists.read_files({"list.csv": data.encode()}, source="house")
    list_actions.load_list(found, as_of=make.NOW.date(), at=make.NOW)
    (alert,) = make.screen(make.make_supplier(legal_name="Lark Works", ein="12-3456789"))
    assert alert.identifier == "EIN"
    for person in (officer, auditor):
        client.force_login(person)
        text = client.get(reverse("suppliers:alert_detail", args=[alert.pk])).content.decode()
        assert "123456789" not in text and "12-3456789" not in text
        assert "••-•••6789" in text


def test_what_was_typed_is_kept_when_the_alert_changed_meanwhile(client, officer):
    alert = an_alert()
    url = reverse("suppliers:alert_detail", args=[alert.pk])
    seen = client.get(url).context["form"]["seen"].value()
    alert_actions.decide_alert(
        alert, decision="escalate", reason="Not mine to say.", by=make.make_user(Role.OFFICER), at=make.NOW
    )
    sent_form = {
        "decision": "true_match",
        "code": "same_number",
        "reason": "The same register number.",
        "seen": seen,
    }
    answer = client.post(url, sent_form)
    text = answer.content.decode()
    assert "changed while you were reading it" in text and "The same register number." in text
    assert "Not mine to say." in text
    again = {**sent_form, "seen": answer.context["form"]["seen"].value()}
    assert client.post(url, again).status_code == 302


def test_nobody_reads_about_himself_as_another_officer(client, officer):
    alert, other = an_alert(), make.make_user(Role.OFFICER, name="Bo Second")
    url = reverse("suppliers:alert_detail", args=[alert.pk])

    def say(decision, by):
        alert_actions.decide_alert(alert, decision=decision, reason="Other address.", by=by, at=make.NOW)

    def told(user):
        client.force_login(user)
        return str(client.get(url).context["form"]["decision"].help_text)

    say("false_positive", other)
    assert told(other) == "You called it a false positive. A different officer must agree to clear it."
    assert told(officer) == "Bo Second called it a false positive. If you agree, it is cleared."
    say("true_match", officer)
    assert "only when two officers agree" in told(officer)
    say("end", other)
    assert (
        told(other) == "You proposed to end this match. It stays confirmed until a different officer agrees."
    )
    assert told(officer) == "Bo Second proposed to end this match. If you agree, it ends."


def test_a_confirmed_match_that_is_not_listed_any_more_can_still_be_ended_on_its_page(client, officer):
    alert = an_alert()
    url = reverse("suppliers:alert_detail", args=[alert.pk])
    client.post(url, {"decision": "true_match", "code": "same_number", "reason": "The same register number."})
    make.make_list("Somebody Else Foundry")
    make.screen(alert.supplier)
    text = client.get(url).content.decode()
    assert "The match stays confirmed until two officers end it" in text and "Confirmed match" in text
    for show in ("true", "all"):
        assert names(client, show=show) == [LISTED]
    assert names(client, show="past") == []
    client.post(url, {"decision": "end", "code": "delisted", "reason": "It was taken off the list."})
    assert names(client, show="second") == [LISTED]
    client.force_login(make.make_user(Role.OFFICER))
    client.post(url, {"decision": "end", "code": "delisted", "reason": "It was taken off the list."})
    alert.refresh_from_db()
    assert alert.state == Alert.State.ENDED
    assert names(client, show="past") == [LISTED]


def test_an_officer_takes_an_alert_and_finds_it_among_her_own(client, officer):
    alert = an_alert()
    assert (names(client, owner="me"), names(client, owner="none")) == ([], [LISTED])
    url = reverse("suppliers:alert_assign", args=[alert.pk]) + "?q=trust"
    answer = client.post(url, {"take": "yes"})
    assert answer.headers["Location"] == reverse("suppliers:alert_detail", args=[alert.pk]) + "?q=trust"
    assert (names(client, owner="me"), names(client, owner="none")) == ([LISTED], [])
    alert.refresh_from_db()
    assert alert.owner == officer and alert.due_on is not None


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"owner": "nobody"}, "Choose one of the compliance officers"),
        ({"owner": "0"}, "Choose one of the compliance officers"),
        ({"due_on": "soon"}, "Enter a date"),
        ({"due_on": "2020-01-01"}, "The due date has passed"),
    ],
)
def test_a_wrong_assignment_is_refused_beside_the_field_and_keeps_what_was_given(
    client, officer, form, words
):
    alert = an_alert()
    answer = client.post(reverse("suppliers:alert_assign", args=[alert.pk]), form)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert all(value in answer.content.decode() for name, value in form.items() if name == "due_on")
    alert.refresh_from_db()
    assert alert.owner is None


def test_an_alert_is_given_to_another_officer_until_a_day(client, officer):
    alert, other = an_alert(), make.make_user(Role.OFFICER, name="Bo Second")
    url = reverse("suppliers:alert_assign", args=[alert.pk])
    client.post(url, {"owner": str(other.pk), "due_on": "2199-01-01"})
    alert.refresh_from_db()
    assert (alert.owner, alert.due_on.isoformat()) == (other, "2199-01-01")
    assert "Bo Second" in client.get(ALERTS).content.decode()
    client.post(url, {"owner": "", "due_on": ""})
    alert.refresh_from_db()
    assert (alert.owner, alert.due_on) == (None, None)


def test_the_export_holds_who_decided_when_and_why(client, officer):
    alert = an_alert()
    alert_actions.assign_alert(alert, owner=officer, due_on=make.NOW.date(), by=officer, at=make.NOW)
    alert_actions.decide_alert(
        alert, decision="true_match", code="same_number", reason="=The register.", by=officer, at=make.NOW
    )
    url = reverse("suppliers:alert_export", args=["csv"]) + "?show=all"
    text = b"".join(client.get(url).streaming_content).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text))
    line = dict(zip(head, row, strict=True))
    assert (line["Owner"], line["Due"]) == (officer.name, make.NOW.date().isoformat())
    assert line["State"] == "Confirmed match"
    assert line["Decision"] == "True match: it is the listed party"
    assert (line["Decided by"], line["Decided"]) == (officer.name, make.NOW.isoformat(timespec="seconds"))
    # A reason is never a formula.
    assert (line["Kind of reason"], line["Reason"]) == ("Same registration or tax number", "'=The register.")


# ---- one load ----


def test_a_load_says_what_would_change_and_afterwards_what_it_changed(client, officer):
    names_before = [f"Foundry Number {number}" for number in range(20)]
    first = make.make_list(*names_before, "Moved Foundry", source="house")
    second = make.make_list(*names_before, "New Foundry", source="house")
    third = make.make_list(*names_before, "New Foundry", source="house", extra="Moved")
    told = {
        each.pk: client.get(reverse("suppliers:list_detail", args=[each.pk])).context
        for each in (first, third)
    }
    assert [(word, count) for word, count, _rows, _more in told[third.pk]["changes"]] == [
        ("Added", 0),
        ("Removed", 0),
        ("Changed", 21),
    ]
    assert told[third.pk]["before"] == second
    assert told[third.pk]["changes"][2][2][0][1] == "remarks"
    assert [(word, count) for word, count, _rows, _more in told[first.pk]["changes"]] == [
        ("Added", 1),
        ("Removed", 1),
        ("Changed", 20),
    ]


def test_the_same_files_lead_to_the_load_that_is_there(client, officer):
    client.post(LOAD, sent())
    snapshot = Snapshot.objects.get()
    answer = client.post(LOAD, sent(), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("suppliers:list_detail", args=[snapshot.pk])
    assert "already loaded" in answer.content.decode()


def test_a_list_compared_with_one_no_longer_in_use_is_looked_at_again(client, officer):
    first = make.make_list("One Foundry", source="house")
    make.make_list("Two Foundry", source="house")
    make.preview(first)
    url = reverse("suppliers:list_activate", args=[first.pk])
    sure = {"confirmed": "yes", "reason": "A trial of going back."}
    for nonsense in (str(first.pk + 1000), "0"):
        text = client.post(url, sure | {"instead_of": nonsense}, follow=True).content.decode()
        assert "was activated while you were reviewing" in text
    first.refresh_from_db()
    assert not first.is_active


@pytest.mark.parametrize(
    ("state", "band", "words"),
    [
        ("open", "exact", "takes two officers to clear"),
        ("open", "possible", ""),
        ("clearing", "exact", "If you agree, it is cleared"),
        ("escalated", "possible", "A different officer must decide"),
    ],
)
def test_the_form_says_how_many_must_agree(client, officer, state, band, words):
    alert = an_alert()
    Alert.objects.filter(pk=alert.pk).update(state=state, band=band)
    page = client.get(reverse("suppliers:alert_detail", args=[alert.pk]))
    assert words in page.content.decode()
    assert bool(page.context["form"]["decision"].help_text) is bool(words)


def test_the_queue_reads_neither_remarks_nor_employer_numbers(client, officer):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    several()
    with CaptureQueriesContext(connection) as caught:
        client.get(ALERTS)
        b"".join(client.get("/screening/alerts/export.csv").streaming_content)
    said = " ".join(query["sql"] for query in caught)
    assert "remarks" not in said and '"ein"' not in said


@pytest.mark.parametrize("compared", ["9" * 5000, "²", "\x00", ""])
def test_a_comparison_that_is_no_number_breaks_nothing(client, officer, compared):
    staged = make.make_list("One Foundry")
    make.make_list("Two Foundry")
    url = reverse("suppliers:list_activate", args=[staged.pk])
    assert client.post(url, {"instead_of": compared, "confirmed": "yes"}).status_code == 200
    staged.refresh_from_db()
    assert not staged.is_active
