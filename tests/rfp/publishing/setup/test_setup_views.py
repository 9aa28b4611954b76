"""Preparing an RFP: who may enter, every form's bad input, copying, publishing, and the end of changing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from portal.kit.refused import Refused
from portal.models import AuditEvent, Role, User
from rfp.models import Item, Milestone, Requirement, Solicitation
from rfp.publishing import actions as publishing_actions
from rfp.publishing.preparing.copying import PARTS
from tests import factories as make
from tests.rfp.publishing.setup.setup_pages import errors_of, url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.REVIEWER, Role.OFFICER, Role.AUDITOR])
def test_nobody_but_admins_knows_the_setup(role: Role, draft: Solicitation) -> None:
    stranger = Client()
    stranger.force_login(make.make_user(role))
    for address in (url("list"), url("new"), url("basics", draft.pk), url("publish", draft.pk)):
        assert stranger.get(address).status_code == 404


def test_published_rfp_is_read_and_not_changed(client: Client) -> None:
    published = make.make_solicitation()
    lot, window = published.lots.get(), published.windows.get()
    for name in (
        "basics",
        "dates",
        "lots",
        "criteria",
        "scoring",
        "requirements",
        "documents",
        "rules",
        "publish",
        "preview",
    ):
        assert client.get(url(name, published.pk)).status_code == 200, name
    for name in ("basics", "criteria", "scoring", "documents", "publish"):
        assert client.post(url(name, published.pk), {}).status_code == 404, name
    assert client.get(url("lot", published.pk, lot.pk)).status_code == 404
    assert client.get(url("rule", published.pk, "FA-3")).status_code == 404
    assert client.post(url("window_remove", published.pk, window.pk), {"sure": "yes"}).status_code == 404
    assert published.windows.count() == 1


def test_whoever_publishes_first_wins(admin: User, draft: Solicitation) -> None:
    class Always:
        def is_valid(self) -> bool:
            return True

        def save(self) -> None:
            raise AssertionError("a published RFP was changed")

    Solicitation.objects.filter(pk=draft.pk).update(published_at=make.NOW)
    with pytest.raises(Refused):
        publishing_actions.save_part(draft, Always(), what="lot", by=admin, at=make.NOW)
    with pytest.raises(Refused):
        publishing_actions.remove_part(draft, draft.lots.get(), what="lot", by=admin, at=make.NOW)


def test_rows_of_another_rfp_are_not_found(client: Client, draft: Solicitation) -> None:
    other = make.make_solicitation(published=False)
    lot = other.lots.get()
    assert client.get(url("lot", draft.pk, lot.pk)).status_code == 404
    assert client.post(url("lot_remove", draft.pk, lot.pk), {"sure": "yes"}).status_code == 404
    assert other.lots.count() == 1


def test_blank_rfp(client: Client, admin: User) -> None:
    sent = {"title": "Racks", "number": "26-07", "buyer": "Buyer", "summary": "What we ask for."}
    response = client.post(url("new"), sent)
    created = Solicitation.objects.get(number="26-07")
    assert response.url == url("basics", created.pk)
    assert (created.created_by, created.is_published, created.lots.count()) == (admin, False, 0)
    assert AuditEvent.objects.latest("seq").verb == "solicitation.created"


def test_copy_takes_over_everything_but_dates(client: Client) -> None:
    template = make.make_solicitation()
    lot = template.lots.get()
    Requirement.objects.filter(code="R1").update(feeds=template.criteria.get(code="T"))
    template.requirements.get(code="R1").applies_to.set([lot.items.get(code="L1-A")])
    sent = {
        "title": "Again",
        "number": "again",
        "template": template.pk,
        "summary": "Its own.",
        "parts": [*PARTS],
    }
    client.post(url("new"), sent)
    copy = Solicitation.objects.get(number="again")
    assert copy.summary == "Its own."
    assert (copy.buyer, copy.delivery_years, copy.windows.count()) == (template.buyer, [make.YEAR], 0)
    assert list(copy.criteria.values_list("code", "weight")) == list(
        template.criteria.values_list("code", "weight")
    )
    question = copy.requirements.get(code="R1")
    assert question.lot == copy.lots.get() != lot
    assert question.feeds == copy.criteria.get(code="T")
    assert list(question.applies_to.all()) == [Item.objects.get(lot=copy.lots.get(), code="L1-A")]
    assert template.requirements.count() == 3


@pytest.mark.parametrize(
    "parts", [["requirements"], ["lots", "method"], ["criteria", "basics"], ["documents"], ["rules"]]
)
def test_copy_in_part(client: Client, parts: list[str]) -> None:
    template = make.make_solicitation(
        technical_threshold=40, tie_chain=["technical", "T"], rule_params={"FA-1": {}}, delivery_years=[2031]
    )
    template.requirements.update(feeds=template.criteria.get(code="T"))
    template.requirements.create(code="ALL", text="Common?", data_type="string")
    sent = {"title": "Again", "number": "again", "template": template.pk, "parts": parts}
    client.post(url("new"), sent)
    copy = Solicitation.objects.get(number="again")
    assert copy.lots.exists() == ("lots" in parts)
    assert copy.criteria.exists() == ("criteria" in parts)
    # Without its lot, a lot's requirement would be asked of all lots.
    assert set(copy.requirements.values_list("code", "feeds")) == (
        {("ALL", None)} if "requirements" in parts else set()
    )
    assert (copy.technical_threshold == 40) == ("method" in parts)
    assert "T" not in copy.tie_chain
    assert (copy.delivery_years == [2031]) == ("basics" in parts)
    assert bool(copy.rule_params) == ("rules" in parts)
    assert not copy.windows.exists() and copy.questions_until is None
    assert AuditEvent.objects.latest("seq").facts["parts"] == [part for part in PARTS if part in parts]


def test_a_copy_of_nothing_is_refused(client: Client) -> None:
    sent = {"title": "Again", "number": "again", "template": make.make_solicitation().pk}
    assert set(errors_of(client.post(url("new"), sent))) == {"parts"}


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"number": ""}, "number", "RFP number is missing"),
        ({"number": "26 07"}, "number", "RFP number: use letters, digits and dashes"),
        ({"buyer": ""}, "buyer", "Buyer is missing"),
        ({"template": "999999"}, "template", None),
    ],
)
def test_new_rfp_names_what_is_wrong(
    client: Client, change: dict[str, str], field: str, text: str | None
) -> None:
    sent = {"title": "Racks", "number": "26-07", "buyer": "Buyer", "summary": "What we ask for."} | change
    errors = errors_of(client.post(url("new"), sent))
    assert set(errors) == {field}
    assert text is None or errors[field] == [text]


HEAD = {
    "title": "Racks",
    "number": "26-08",
    "buyer": "Buyer",
    "summary": "What we ask for.",
    "time_zone": "America/Chicago",
    "delivery_years": "2029, 2027 2028",
    "price_basis": "",
    "slots_per_lot": "3",
    "standstill_days": "14",
}


def test_basics_are_stored(client: Client, draft: Solicitation) -> None:
    assert client.post(url("basics", draft.pk), HEAD).status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.delivery_years, draft.time_zone) == (
        "Racks",
        [2027, 2028, 2029],
        "America/Chicago",
    )
    assert draft.standstill_days == 14


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"delivery_years": "27, 28"}, "delivery_years"),
        ({"delivery_years": "soon"}, "delivery_years"),
        ({"slots_per_lot": "0"}, "slots_per_lot"),
        ({"slots_per_lot": "three"}, "slots_per_lot"),
        ({"standstill_days": ""}, "standstill_days"),
        ({"standstill_days": "-1"}, "standstill_days"),
        ({"standstill_days": "99999"}, "standstill_days"),
    ],
)
def test_basics_name_what_is_wrong(
    client: Client, draft: Solicitation, change: dict[str, str], field: str
) -> None:
    assert set(errors_of(client.post(url("basics", draft.pk), HEAD | change))) == {field}
    draft.refresh_from_db()
    assert draft.title.startswith("Test RFP")


def test_number_in_use_is_refused(client: Client, draft: Solicitation) -> None:
    other = make.make_solicitation()
    errors = errors_of(client.post(url("basics", draft.pk), HEAD | {"number": other.number}))
    assert errors == {"number": ["There is already an RFP with this number"]}


def test_window_is_typed_in_the_zone_of_the_rfp(client: Client, draft: Solicitation) -> None:
    draft.windows.all().delete()
    Solicitation.objects.filter(pk=draft.pk).update(time_zone="America/Los_Angeles")
    sent = {"number": "1", "opens_at": "2031-06-01T00:00", "closes_at": "2031-07-01T00:00", "feedback_by": ""}
    assert client.post(url("window_new", draft.pk), sent).status_code == 302
    window = draft.windows.get()
    assert window.closes_at == datetime(2031, 7, 1, 7, 0, tzinfo=UTC)
    page = client.get(url("window", draft.pk, window.pk)).content.decode()
    assert 'value="2031-07-01T00:00"' in page
    shown = client.get(url("dates", draft.pk)).content.decode()
    assert "Mon June 30, 2031, 11:59:59 pm PT" in shown


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"closes_at": "2031-05-01T00:00"}, "closes_at", "The closing time must be after the opening time"),
        ({"closes_at": "2031-06-01T00:00"}, "closes_at", "The closing time must be after the opening time"),
        ({"closes_at": "tomorrow"}, "closes_at", "Closes: enter a date and a time"),
        ({"closes_at": ""}, "closes_at", "Closes is missing"),
        ({"number": "1"}, "number", "There is already a window 1"),
        ({"number": "x"}, "number", "Window number: use digits only, for example 8100"),
        ({"feedback_by": "2031-06-02"}, "feedback_by", "The feedback date must be after the window closes"),
        (
            {"opens_at": "2031-03-09T02:30"},
            "opens_at",
            "Opens: this time is skipped or repeated when the clocks change",
        ),
    ],
)
def test_window_names_what_is_wrong(
    client: Client, draft: Solicitation, change: dict[str, str], field: str, text: str
) -> None:
    sent = {"number": "2", "opens_at": "2031-06-01T00:00", "closes_at": "2031-07-01T00:00"} | change
    assert errors_of(client.post(url("window_new", draft.pk), sent)) == {field: [text]}
    assert draft.windows.count() == 1


def test_forms_say_the_zone_and_show_plain_numbers(client: Client, draft: Solicitation) -> None:
    page = client.get(url("window_new", draft.pk)).content.decode()
    assert "Eastern (ET)." in page and page.count("<form") == page.count("</form") == 2
    assert (
        'value="60"'
        in client.get(url("criterion", draft.pk, draft.criteria.get(code="T").pk)).content.decode()
    )
    draft.criteria.filter(code="T").update(weight=10)
    page = client.get(url("criteria", draft.pk)).content.decode()
    # A form inside the form would end it: the rows below would not be sent.
    assert 'value="10"' in page and page.count("<form") == 3
    assert page.index("</form>", page.index("weight-")) > page.rindex('name="weight-')


def test_windows_do_not_overlap(client: Client, draft: Solicitation) -> None:
    window = draft.windows.get()
    local = window.closes_at.astimezone(draft.zone)
    sent = {
        "number": "2",
        "opens_at": (local.replace(second=0).strftime("%Y-%m-%dT00:00")),
        "closes_at": "2041-07-01T00:00",
    }
    assert errors_of(client.post(url("window_new", draft.pk), sent)) == {"opens_at": ["It overlaps window 1"]}


def test_other_dates_come_and_go(client: Client, draft: Solicitation) -> None:
    client.post(url("milestone_new", draft.pk), {"title": "Selection", "on": "2031-03-31", "by_month": "on"})
    milestone = Milestone.objects.get(solicitation=draft)
    assert "March 2031" in client.get(url("dates", draft.pk)).content.decode()
    asked = client.post(url("milestone_remove", draft.pk, milestone.pk))
    assert (asked.status_code, draft.milestones.count()) == (200, 1)
    client.post(url("milestone_remove", draft.pk, milestone.pk), {"sure": "yes"})
    assert draft.milestones.count() == 0
    wrong = client.post(url("milestone_new", draft.pk), {"title": "", "on": "31/03/2031"})
    assert set(errors_of(wrong)) == {"title", "on"}
