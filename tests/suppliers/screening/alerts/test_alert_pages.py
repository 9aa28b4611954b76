"""One alert, and one load of a list, on their pages."""

import csv
import io

import pytest
from django.urls import reverse

from portal.models import Role
from suppliers import lists
from suppliers.models import Alert, Owner, Snapshot
from suppliers.screening import alert_actions, list_actions
from tests import factories as make
from tests.suppliers.screening.screening_pages import ALERTS, LISTED, LOAD, an_alert, names, sent, several

pytestmark = pytest.mark.django_db


def lines_of(client, alert):
    context = client.get(reverse("suppliers:alert_detail", args=[alert.pk])).context
    return {line.title: line for line in context["beside"]}, context


def test_the_record_stands_beside_ours_line_by_line(client, desk_officer):
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


def test_the_evidence_is_shown_token_by_token(client, desk_officer):
    make.make_list("Zyxtrovic Armaments Trust")
    (alert,) = make.screen(make.make_supplier(legal_name="Zyxtrovik Armaments"))
    _lines, context = lines_of(client, alert)
    found = {(each.ours, each.listed): each.alike for each in context["tokens"]}
    assert found["armaments", "armaments"] == 1
    assert 0 < found["zyxtrovik", "zyxtrovic"] < 1
    assert found["", "trust"] is None


def test_an_owners_country_and_kind_are_the_owners(client, desk_officer):
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


def test_an_employer_number_shared_with_a_record_is_not_shown_in_full(client, desk_officer, auditor):
    data = "record,name,ein,remarks\nA,Another Party,12-3456789,Tax ID 12-3456789 or 123456789\n"
    found = lists.read_files({"list.csv": data.encode()}, source="house")
    list_actions.load_list(found, as_of=make.NOW.date(), at=make.NOW)
    (alert,) = make.screen(make.make_supplier(legal_name="Lark Works", ein="12-3456789"))
    assert alert.identifier == "EIN"
    for person in (desk_officer, auditor):
        client.force_login(person)
        text = client.get(reverse("suppliers:alert_detail", args=[alert.pk])).content.decode()
        assert "123456789" not in text and "12-3456789" not in text
        assert "••-•••6789" in text


def test_what_was_typed_is_kept_when_the_alert_changed_meanwhile(client, desk_officer):
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


def test_nobody_reads_about_himself_as_another_officer(client, desk_officer):
    alert, other = an_alert(), make.make_user(Role.OFFICER, name="Bo Second")
    url = reverse("suppliers:alert_detail", args=[alert.pk])

    def say(decision, by):
        alert_actions.decide_alert(alert, decision=decision, reason="Other address.", by=by, at=make.NOW)

    def told(user):
        client.force_login(user)
        return str(client.get(url).context["form"]["decision"].help_text)

    say("false_positive", other)
    assert told(other) == "You called it a false positive. A different officer must agree to clear it."
    assert told(desk_officer) == "Bo Second called it a false positive. If you agree, it is cleared."
    say("true_match", desk_officer)
    assert "only when two officers agree" in told(desk_officer)
    say("end", other)
    assert (
        told(other) == "You proposed to end this match. It stays confirmed until a different officer agrees."
    )
    assert told(desk_officer) == "Bo Second proposed to end this match. If you agree, it ends."


def test_a_confirmed_match_that_is_not_listed_any_more_can_still_be_ended_on_its_page(client, desk_officer):
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


def test_an_officer_takes_an_alert_and_finds_it_among_her_own(client, desk_officer):
    alert = an_alert()
    assert (names(client, owner="me"), names(client, owner="none")) == ([], [LISTED])
    url = reverse("suppliers:alert_assign", args=[alert.pk]) + "?q=trust"
    answer = client.post(url, {"take": "yes"})
    assert answer.headers["Location"] == reverse("suppliers:alert_detail", args=[alert.pk]) + "?q=trust"
    assert (names(client, owner="me"), names(client, owner="none")) == ([LISTED], [])
    alert.refresh_from_db()
    assert alert.owner == desk_officer and alert.due_on is not None


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
    client, desk_officer, form, words
):
    alert = an_alert()
    answer = client.post(reverse("suppliers:alert_assign", args=[alert.pk]), form)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert all(value in answer.content.decode() for name, value in form.items() if name == "due_on")
    alert.refresh_from_db()
    assert alert.owner is None


def test_an_alert_is_given_to_another_officer_until_a_day(client, desk_officer):
    alert, other = an_alert(), make.make_user(Role.OFFICER, name="Bo Second")
    url = reverse("suppliers:alert_assign", args=[alert.pk])
    client.post(url, {"owner": str(other.pk), "due_on": "2199-01-01"})
    alert.refresh_from_db()
    assert (alert.owner, alert.due_on.isoformat()) == (other, "2199-01-01")
    assert "Bo Second" in client.get(ALERTS).content.decode()
    client.post(url, {"owner": "", "due_on": ""})
    alert.refresh_from_db()
    assert (alert.owner, alert.due_on) == (None, None)


def test_the_export_holds_who_decided_when_and_why(client, desk_officer):
    alert = an_alert()
    alert_actions.assign_alert(
        alert, owner=desk_officer, due_on=make.NOW.date(), by=desk_officer, at=make.NOW
    )
    alert_actions.decide_alert(
        alert,
        decision="true_match",
        code="same_number",
        reason="=The register.",
        by=desk_officer,
        at=make.NOW,
    )
    url = reverse("suppliers:alert_export", args=["csv"]) + "?show=all"
    text = b"".join(client.get(url).streaming_content).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text))
    line = dict(zip(head, row, strict=True))
    assert (line["Owner"], line["Due"]) == (desk_officer.name, make.NOW.date().isoformat())
    assert line["State"] == "Confirmed match"
    assert line["Decision"] == "True match: it is the listed party"
    assert (line["Decided by"], line["Decided"]) == (
        desk_officer.name,
        make.NOW.isoformat(timespec="seconds"),
    )
    # A reason is never a formula.
    assert (line["Kind of reason"], line["Reason"]) == ("Same registration or tax number", "'=The register.")


def test_a_load_says_what_would_change_and_afterwards_what_it_changed(client, desk_officer):
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


def test_the_same_files_lead_to_the_load_that_is_there(client, desk_officer):
    client.post(LOAD, sent())
    snapshot = Snapshot.objects.get()
    answer = client.post(LOAD, sent(), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("suppliers:list_detail", args=[snapshot.pk])
    assert "already loaded" in answer.content.decode()


def test_a_list_compared_with_one_no_longer_in_use_is_looked_at_again(client, desk_officer):
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
def test_the_form_says_how_many_must_agree(client, desk_officer, state, band, words):
    alert = an_alert()
    Alert.objects.filter(pk=alert.pk).update(state=state, band=band)
    page = client.get(reverse("suppliers:alert_detail", args=[alert.pk]))
    assert words in page.content.decode()
    assert bool(page.context["form"]["decision"].help_text) is bool(words)


def test_the_queue_reads_neither_remarks_nor_employer_numbers(client, desk_officer):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    several()
    with CaptureQueriesContext(connection) as caught:
        client.get(ALERTS)
        b"".join(client.get("/screening/alerts/export.csv").streaming_content)
    said = " ".join(query["sql"] for query in caught)
    assert "remarks" not in said and '"ein"' not in said


@pytest.mark.parametrize("compared", ["9" * 5000, "²", "\x00", ""])
def test_a_comparison_that_is_no_number_breaks_nothing(client, desk_officer, compared):
    staged = make.make_list("One Foundry")
    make.make_list("Two Foundry")
    url = reverse("suppliers:list_activate", args=[staged.pk])
    assert client.post(url, {"instead_of": compared, "confirmed": "yes"}).status_code == 200
    staged.refresh_from_db()
    assert not staged.is_active
