"""The officers' pages: the queue, an alert, the lists; auditors read, nobody else knows of them."""

import csv
import io
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape
from openpyxl import load_workbook

from suppliers.models import Alert, Disposition, Snapshot
from suppliers.qualification.previews import lists as list_previews
from suppliers.screening import queue
from tests import factories as make
from tests.suppliers.screening.screening_pages import ALERTS, LISTED, LOAD, an_alert, names, sent, several

pytestmark = pytest.mark.django_db


LISTS = "/screening/lists/"


def test_the_loads_ask_as_often_for_three_as_for_one(client, desk_officer):
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


def test_the_queue_is_paged_and_searched(client, desk_officer, monkeypatch):
    monkeypatch.setattr(queue, "ALERTS", replace(queue.ALERTS, per_page=1))
    make.make_list(LISTED, "Ocean Lark Minerals")
    for name in (LISTED, "Ocean Lark Minerals"):
        make.screen(make.make_supplier(legal_name=name))
    pages = [client.get(ALERTS, {"page": number}).content.decode() for number in (1, 2)]
    assert [LISTED in page for page in pages] != [True, True]
    found = client.get(ALERTS, {"q": "lark"}).content.decode()
    assert "Ocean Lark Minerals" in found and LISTED not in found
    assert "No matching alerts" in client.get(ALERTS, {"q": "\x00nobody"}).content.decode()


def test_an_officer_reads_the_record_beside_the_supplier_and_decides(client, desk_officer):
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
def test_a_decision_without_its_parts_is_refused_beside_the_field(client, desk_officer, form, words):
    alert = an_alert()
    answer = client.post(reverse("suppliers:alert_detail", args=[alert.pk]), form)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Disposition.objects.count() == 0


def test_ones_own_second_opinion_is_refused_in_words(client, desk_officer):
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


def test_a_list_is_looked_at_before_it_is_used(client, desk_officer):
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
def test_a_list_that_is_none_is_refused_beside_the_field(client, desk_officer, change, words):
    data = sent(**change)
    data["list_files"].seek(0)
    answer = client.post(LOAD, data)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Snapshot.objects.count() == 0


def test_a_list_that_lost_half_asks_on_its_page_for_a_reason(client, desk_officer):
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
    assert (snapshot.runs.get().by, snapshot.runs.get().reason) == (desk_officer, "Half of it was withdrawn.")
    assert "Half of it was withdrawn." in client.get(page).content.decode()


def test_progress_stops_asking_when_the_run_is_done(client, desk_officer):
    snapshot = make.make_list(LISTED)
    run = snapshot.runs.get()
    url = reverse("suppliers:run_progress", args=[run.pk])
    assert "hx-get" in client.get(url).content.decode()
    run.finished_at = make.NOW
    run.save()
    assert "hx-get" not in client.get(url).content.decode()


def test_a_makers_alert_does_not_show_the_suppliers_country_as_its_own(client, desk_officer):
    alert = an_alert()
    url = reverse("suppliers:alert_detail", args=[alert.pk])
    assert "United States" in client.get(url).content.decode()
    Alert.objects.filter(pk=alert.pk).update(role="manufacturer")
    text = client.get(url).content.decode()
    assert "Not provided" in text and "United States" not in text


def test_the_most_pressing_comes_first_and_says_why(client, desk_officer):
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
def test_the_queue_is_sorted_and_nonsense_does_not_sort(client, desk_officer, sort, first):
    several()
    assert names(client, sort=sort)[0] == first


def test_the_queue_is_narrowed_by_what_it_waits_for(client, desk_officer):
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


def test_the_export_holds_what_the_queue_shows_and_no_formula(client, desk_officer):
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


def test_the_filters_stay_in_the_address_through_a_decision(client, desk_officer):
    several()
    alert = Alert.objects.get(name=LISTED)
    link = f"{reverse('suppliers:alert_detail', args=[alert.pk])}?q=trust"
    assert escape(link) in client.get(ALERTS, {"q": "trust"}).content.decode()
    answer = client.post(
        link, {"decision": "true_match", "code": "same_number", "reason": "The same register number."}
    )
    assert answer.headers["Location"] == f"{ALERTS}?q=trust"


def test_the_next_alert_is_the_one_below(client, desk_officer):
    several()
    first, second, third = (alert for alert, _b, _u in client.get(ALERTS).context["rows"])
    following = [
        client.get(reverse("suppliers:alert_detail", args=[each.pk])).context["following"]
        for each in (first, second, third)
    ]
    assert following == [second.pk, third.pk, first.pk]
