"""The officers' pages: the queue, an alert, the lists; auditors read, nobody else knows of them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape

from portal.models import Role
from suppliers.models import Alert, Disposition, Snapshot
from suppliers.views import screening
from tests import factories as make

pytestmark = pytest.mark.django_db

LISTED = "Zyxtrovic Armaments Trust"
LISTS = "/screening/lists/"
LOAD = "/screening/lists/load/"
ALERTS = "/screening/alerts/"


@pytest.fixture
def admin(client):
    user = make.make_user(Role.ADMIN)
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


def test_the_queue_asks_as_often_for_three_alerts_as_for_one(client, admin):
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


def test_the_loads_ask_as_often_for_three_as_for_one(client, admin):
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


def test_the_queue_is_paged_and_searched(client, admin, monkeypatch):
    monkeypatch.setattr(screening, "PAGE", 1)
    make.make_list(LISTED, "Ocean Lark Minerals")
    for name in (LISTED, "Ocean Lark Minerals"):
        make.screen(make.make_supplier(legal_name=name))
    pages = [client.get(ALERTS, {"page": number}).content.decode() for number in (1, 2)]
    assert [LISTED in page for page in pages] != [True, True]
    found = client.get(ALERTS, {"q": "lark"}).content.decode()
    assert "Ocean Lark Minerals" in found and LISTED not in found
    assert "No alert fits" in client.get(ALERTS, {"q": "\x00nobody"}).content.decode()


def test_an_officer_reads_the_record_beside_the_supplier_and_decides(client, admin):
    alert = an_alert()
    url = reverse("suppliers:alert_detail", args=[alert.pk])
    text = client.get(url).content.decode()
    assert "Side by side" in text and escape(alert.party.name) in text and "TEST" in text
    answer = client.post(url, {"decision": "true_match", "reason": "The register number is the same."})
    assert answer.status_code == 302
    alert.refresh_from_db()
    assert alert.state == Alert.State.TRUE_MATCH


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"decision": "", "reason": "Long enough a reason."}, "Decision is missing"),
        ({"decision": "true_match", "reason": ""}, "Reason is missing"),
        ({"decision": "true_match", "reason": "short"}, "ten characters"),
        ({"decision": "perhaps", "reason": "Long enough a reason."}, "perhaps"),
    ],
)
def test_a_decision_without_its_parts_is_refused_beside_the_field(client, admin, form, words):
    alert = an_alert()
    answer = client.post(reverse("suppliers:alert_detail", args=[alert.pk]), form)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Disposition.objects.count() == 0


def test_ones_own_second_opinion_is_refused_in_words(client, admin):
    url = reverse("suppliers:alert_detail", args=[an_alert().pk])
    for _ in range(2):
        answer = client.post(
            url, {"decision": "false_positive", "reason": "Another country and trade."}, follow=True
        )
    assert "somebody else must agree" in answer.content.decode()


def test_auditors_read_and_decide_nothing(client, auditor):
    alert = an_alert()
    url = reverse("suppliers:alert_detail", args=[alert.pk])
    text = client.get(url).content.decode()
    assert "Side by side" in text and "Save the decision" not in text
    assert client.post(url, {"decision": "true_match", "reason": "I say so, at length."}).status_code == 404
    assert client.get(LISTS).status_code == 200
    assert client.get(LOAD).status_code == 404


def test_a_list_is_looked_at_before_it_is_used(client, admin):
    answer = client.post(LOAD, sent())
    snapshot = Snapshot.objects.get()
    assert answer.headers["Location"] == reverse("suppliers:list_detail", args=[snapshot.pk])
    assert not snapshot.is_active
    assert "Use this list" in client.get(answer.headers["Location"]).content.decode()
    client.post(reverse("suppliers:list_activate", args=[snapshot.pk]))
    snapshot.refresh_from_db()
    assert snapshot.is_active
    page = client.get(answer.headers["Location"]).content.decode()
    assert "In use" in page and "Screening everybody again" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": ""}, "Short name of our own list is missing"),
        ({"code": "Our List!"}, "small letters"),
        ({"code": "ofac"}, "official list"),
        ({"as_of": "2199-01-01"}, "after today"),
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
def test_a_list_that_is_none_is_refused_beside_the_field(client, admin, change, words):
    data = sent(**change)
    data["list_files"].seek(0)
    answer = client.post(LOAD, data)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Snapshot.objects.count() == 0


def test_a_list_that_lost_half_asks_on_its_page(client, admin):
    make.make_list(*[f"Foundry Number {number}" for number in range(10)], source="house")
    client.post(LOAD, sent())
    snapshot = Snapshot.objects.latest("pk")
    url = reverse("suppliers:list_activate", args=[snapshot.pk])
    text = client.post(url, follow=True).content.decode()
    assert "10% fewer" in text
    snapshot.refresh_from_db()
    assert not snapshot.is_active
    client.post(url, {"confirmed": "yes"})
    snapshot.refresh_from_db()
    assert snapshot.is_active


def test_progress_stops_asking_when_the_run_is_done(client, admin):
    snapshot = make.make_list(LISTED)
    run = snapshot.runs.get()
    url = reverse("suppliers:run_progress", args=[run.pk])
    assert "hx-get" in client.get(url).content.decode()
    run.finished_at = make.NOW
    run.save()
    assert "hx-get" not in client.get(url).content.decode()


def test_a_makers_alert_does_not_show_the_suppliers_country_as_its_own(client, admin):
    alert = an_alert()
    url = reverse("suppliers:alert_detail", args=[alert.pk])
    assert "United States" in client.get(url).content.decode()
    Alert.objects.filter(pk=alert.pk).update(role="manufacturer")
    text = client.get(url).content.decode()
    assert "Not given for this manufacturer" in text and "United States" not in text
