"""The rules' parameters: what they may be, what would change, what is in force when."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import AuditEvent, Role
from suppliers.models import RuleSettings
from suppliers.qualification import qualifying, rulebook_actions
from suppliers.qualification.previews import settings
from tests import factories as make

pytestmark = pytest.mark.django_db

NEW = "/suppliers/settings/new/"


@pytest.fixture
def officer(client):
    user = make.make_user(Role.OFFICER)
    client.force_login(user)
    return user


def as_shown(client):
    """What the form sends when nothing is changed."""
    form = client.get(NEW).context["form"]
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: value for name, value in data.items() if value not in (None, False)}


def proposed(by, params, *, previewed=True):
    row = rulebook_actions.propose_settings(params, reason="A trial of it.", by=by, at=make.NOW)
    if previewed:
        settings.run(row.pk)
        row.refresh_from_db()
    return row


def test_the_built_in_values_are_within_the_limits():
    assert qualifying.insane(qualifying.read_settings({}, version=0)) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("standing:term_months", "0"),
        ("standing:term_months", "9999999999"),
        ("standing:term_months", "-3"),
        ("standing:renewal_days", "10000000000"),
        ("standing:remind_days", "90, 60, 99999999999"),
        ("standing:remind_days", "-30"),
        ("standing:remind_days", "ninety"),
        ("standing:remind_days", ", ".join(["30"] * 40)),
        ("FI-1:safe", "NaN"),
        ("FI-1:safe", "Infinity"),
        ("FI-1:safe", "1E+400"),
        ("FI-1:safe", "-1"),
        ("FI-1:safe", "1.12345678901"),
        ("FI-1:distress", "3.5"),
        ("FI-1:safe", "<script>"),
        ("SC-1:fresh", "31"),
        ("SC-1:stale", "999999999999"),
        ("CE-1:margin_days", "999999999"),
        ("WS-1:benchmarks", "33: much"),
        ("WS-1:benchmarks", "33 2.6"),
        ("CE-4:editions", "ISO9001: current"),
        ("CE-4:editions", "ISO 9001 2015: perhaps"),
        ("CE-1:quality_schemes", "x" * 201),
        ("CE-1:quality_schemes", "ISO 9001\x00"),
        ("CE-1:quality_schemes", "\n".join(f"Scheme {number}" for number in range(201))),
    ],
)
def test_a_hostile_value_is_refused_beside_its_field(client, officer, name, value):
    data = {**as_shown(client), name: value, "reason": "A stricter line."}
    answer = client.post(NEW, data)
    assert answer.status_code == 200
    assert answer.context["form"].errors[name]
    assert not RuleSettings.objects.exists()
    # The fold it stands in is open, and what was typed is still there.
    assert '<details class="fold fold-more panel mb-2" open>' in answer.content.decode()


@pytest.mark.parametrize(
    "params",
    [
        {"standing": {"renewal_days": 10**10}},
        {"standing": {"term_months": 0}},
        {"WS-1": {"benchmarks": ["33: much"]}},
        {"FI-1": {"safe": "1E+400"}},
        {"FI-9": {}},
        {"FI-1": {"nonsense": 1}},
    ],
)
def test_the_action_refuses_them_too(officer, params):
    with pytest.raises(Refused):
        proposed(officer, params, previewed=False)


def test_values_that_nothing_can_be_worked_out_with_never_come_into_force(client, officer, monkeypatch):
    make.make_standing(make.make_supplier())
    monkeypatch.setattr(qualifying.parameters, "problems", lambda params: {})
    row = proposed(officer, {"standing": {"term_months": 10**12}}, previewed=False)
    settings.run(row.pk)
    row.refresh_from_db()
    assert row.preview_problem and row.previewed_at is None
    with pytest.raises(Refused, match="don’t work with"):
        rulebook_actions.put_in_force(row, by=officer, at=make.NOW)
    page = client.get(reverse("suppliers:settings_detail", args=[row.pk])).content.decode()
    assert "The rules don’t work with these values" in page
    assert "Put into effect" not in page and "hx-get" not in page


def test_a_preview_of_another_ground_is_worked_out_again(client, officer):
    first, second = proposed(officer, {"FI-1": {"safe": "3.5"}}), proposed(officer, {"FI-1": {"safe": "4"}})
    rulebook_actions.put_in_force(first, by=officer, at=make.NOW)
    with pytest.raises(Refused, match="settings have changed since"):
        rulebook_actions.put_in_force(second, by=officer, at=make.NOW)
    url = reverse("suppliers:settings_detail", args=[second.pk])
    page = client.get(url).content.decode()
    assert "Recalculate" in page and "Put into effect" not in page
    # What would change is told against what is in force, not against what is built in.
    assert [row[2:] for row in client.get(url).context["changes"]] == [("3.5", "4")]
    client.post(url, {"act": "again"})
    second.refresh_from_db()
    assert second.previewed_at is None
    assert AuditEvent.objects.filter(verb="settings.previewed").count() == 1
    settings.run(second.pk)
    client.post(url, {"act": "in-force"})
    assert qualifying.settings_in_force().params["FI-1"].safe == Decimal(4)
    with pytest.raises(Refused, match="already in effect"):
        rulebook_actions.preview_again(second, by=officer, at=make.NOW)


def test_the_preview_tells_how_far_it_has_come(client, officer, monkeypatch):
    for number in range(3):
        make.make_standing(make.make_supplier(legal_name=f"Works {number}"))
    row = proposed(officer, {}, previewed=False)
    seen = []
    monkeypatch.setattr(settings, "STEP", 1)

    def look(*_arguments):
        seen.append(RuleSettings.objects.values_list("preview_done", "preview_total").get(pk=row.pk))
        return []

    monkeypatch.setattr(settings, "_changes", look)
    settings.run(row.pk)
    assert seen == [(0, 3), (1, 3), (2, 3)]
    row.refresh_from_db()
    assert (row.preview_done, row.preview) == (3, [])


def test_what_was_in_force_when_is_on_the_page(client, officer):
    for safe, days in (("3.5", 20), ("4", 10)):
        row = proposed(officer, {"FI-1": {"safe": safe}})
        rulebook_actions.put_in_force(row, by=officer, at=make.NOW - timedelta(days=days))
    proposed(officer, {"FI-1": {"safe": "5"}})
    rows = client.get("/suppliers/settings/").context["page"].object_list
    assert [(row.version, row.in_force_at, row.ended_at) for row in rows] == [
        (3, None, None),
        (2, make.NOW - timedelta(days=10), None),
        (1, make.NOW - timedelta(days=20), make.NOW - timedelta(days=10)),
    ]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.REVIEWER, Role.SUPPLIER])
def test_only_officers_put_in_force_also_by_a_hand_made_post(client, officer, role):
    row = proposed(officer, {"FI-1": {"safe": "4"}})
    client.force_login(make.make_user(role))
    for act in ("in-force", "again", ""):
        answer = client.post(reverse("suppliers:settings_detail", args=[row.pk]), {"act": act})
        assert answer.status_code == 404
    row.refresh_from_db()
    assert row.in_force_at is None and row.previewed_at is not None


@pytest.mark.parametrize(
    "url", ["/suppliers/categories/", "/suppliers/waivers/?show=all", "/suppliers/settings/"]
)
def test_pages_of_what_officers_set_take_the_same_queries_for_one_row_and_for_three(client, officer, url):
    def row(number):
        make.make_commodity(f"c{number}")
        make.make_region(f"r{number}")
        supplier = make.make_supplier(legal_name=f"Works {number}")
        rulebook_actions.waive(
            "ID-6",
            supplier=supplier,
            commodity=None,
            reason="A trial.",
            until=make.NOW.date(),
            by=make.make_user(Role.OFFICER),
            at=make.NOW,
        )
        proposed(make.make_user(Role.OFFICER), {}, previewed=False)

    def count():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    row(1)
    count()
    one = count()
    row(2)
    row(3)
    assert count() == one
