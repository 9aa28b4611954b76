"""Preparing an RFP: who may enter, every form's bad input, copying, publishing, and the end of changing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.kit.parameters import settings_of
from portal.kit.refused import Refused
from portal.models import AuditEvent, Role, User
from rfp.models import Criterion, Item, Lot, Milestone, Requirement, Solicitation, Window
from rfp.publishing import actions as publishing_actions
from rfp.publishing import publication
from rfp.publishing.forms.criterion import VALUE_SOURCES
from rfp.rules import RULEBOOK
from scoring.ranking import inputs
from scoring.ranking import queries as ranking_queries
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make.make_user(Role.ADMIN)


@pytest.fixture
def client(admin: User) -> Client:
    signed_in = Client()
    signed_in.force_login(admin)
    return signed_in


@pytest.fixture
def draft() -> Solicitation:
    return make.make_solicitation(published=False)


def errors_of(response: Any, form: str = "form") -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(texts) for name, texts in response.context[form].errors.items()}


def url(name: str, *args: Any) -> str:
    return reverse(f"rfp:setup_{name}", args=args)


# ---- who may enter ------------------------------------------------------------------------------------------------


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


# ---- a new RFP ----------------------------------------------------------------------------------------------------


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
    sent = {"title": "Again", "number": "again", "template": template.pk, "summary": "Its own."}
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


# ---- basics -------------------------------------------------------------------------------------------------------

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


# ---- dates --------------------------------------------------------------------------------------------------------


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


# ---- lots ---------------------------------------------------------------------------------------------------------


def lot_data(*items: dict[str, str], lot: Lot | None = None, **changes: str) -> dict[str, str]:
    data = {
        "code": "L2",
        "title": "Power",
        "area": "",
        "summary": "",
        "price_unit": "",
        "position": "2",
    } | changes
    stored = lot.items.count() if lot else 0
    data |= {"items-TOTAL_FORMS": str(len(items)), "items-INITIAL_FORMS": str(stored)}
    for number, item in enumerate(items):
        data |= {f"items-{number}-{name}": value for name, value in item.items()}
    return data


ITEM = {"code": "L2-A", "title": "Shelf", "unit": "piece", "reference_price": "12,000.50"}


def test_lot_is_stored_with_its_items(client: Client, draft: Solicitation) -> None:
    assert client.post(url("lot_new", draft.pk), lot_data(ITEM, {"code": ""})).status_code == 302
    lot = draft.lots.get(code="L2")
    assert [(item.code, item.reference_price) for item in lot.items.all()] == [("L2-A", Decimal("12000.50"))]
    row = ITEM | {"id": str(lot.items.get().pk), "DELETE": "on"}
    assert client.post(url("lot", draft.pk, lot.pk), lot_data(row, lot=lot)).status_code == 302
    assert lot.items.count() == 0


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"reference_price": "-1"}, "reference_price"),
        ({"reference_price": "Infinity"}, "reference_price"),
        ({"reference_price": "cheap"}, "reference_price"),
        ({"reference_annual_volume": "-5"}, "reference_annual_volume"),
        ({"title": ""}, "title"),
        ({"code": "L2/A"}, "code"),
    ],
)
def test_items_name_what_is_wrong(
    client: Client, draft: Solicitation, item: dict[str, str], field: str
) -> None:
    response = client.post(url("lot_new", draft.pk), lot_data(ITEM | item))
    assert response.status_code == 200
    assert [set(each) for each in response.context["form"].items.errors] == [{field}]
    assert not draft.lots.filter(code="L2").exists()


def test_codes_are_used_once(client: Client, draft: Solicitation) -> None:
    twice = client.post(url("lot_new", draft.pk), lot_data(ITEM, ITEM | {"code": "l2-a"}))
    assert twice.context["form"].items.errors[1] == {"code": ["Two items have the code l2-a"]}
    taken = client.post(url("lot_new", draft.pk), lot_data(ITEM, code="l1"))
    assert taken.context["form"].head.errors == {"code": ["There is already a lot l1"]}


# ---- criteria -----------------------------------------------------------------------------------------------------

CRITERION = {"code": "N", "title": "New sectors", "group": "", "weight": "5", "position": "9"}
WRITTEN = {f"anchor_{anchor}": f"Text {anchor}" for anchor in range(6)}


def test_marked_criterion_has_anchors(client: Client, draft: Solicitation) -> None:
    sent = CRITERION | WRITTEN | {"mode": "evaluator"}
    assert client.post(url("criterion_new", draft.pk), sent).status_code == 302
    criterion = draft.criteria.get(code="N")
    assert criterion.anchors == {str(anchor): f"Text {anchor}" for anchor in range(6)}


def test_price_belongs_to_its_envelope(client: Client, draft: Solicitation) -> None:
    draft.criteria.filter(mode="price").delete()
    client.post(url("criterion_new", draft.pk), CRITERION | {"mode": "price", "envelope": "technical"})
    assert draft.criteria.get(code="N").envelope == "price"
    assert draft.criteria.get(code="N").anchors == {}


def test_computed_criterion(client: Client, draft: Solicitation) -> None:
    sent = CRITERION | {
        "mode": "automatic",
        "value_source": "DC-2.lo_pct",
        "value_from": "40",
        "value_ideal": "85",
        "envelope": "technical",
    }
    assert client.post(url("criterion_new", draft.pk), sent).status_code == 302
    stored = draft.criteria.get(code="N")
    assert (stored.value_source, stored.value_from, stored.value_ideal) == ("DC-2.lo_pct", 40, 85)
    # Left to reviewers after all: nothing of the computation stays behind.
    client.post(url("criterion", draft.pk, stored.pk), CRITERION | WRITTEN | {"mode": "evaluator"})
    stored.refresh_from_db()
    assert (stored.value_source, stored.value_from, stored.value_ideal) == ("", None, None)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"mode": "evaluator", "weight": "0"}, {"weight"}),
        ({"mode": "evaluator", "weight": "101"}, {"weight"}),
        ({"mode": "evaluator", "weight": "NaN"}, {"weight"}),
        ({"mode": "evaluator", "weight": ""}, {"weight"}),
        ({"mode": "evaluator", "code": "T"}, {"code"}),
        ({"mode": "evaluator", "anchor_3": ""}, {"anchor_3"}),
        ({"mode": "automatic", "envelope": "technical"}, {"value_source", "value_from", "value_ideal"}),
        (
            {"mode": "automatic", "envelope": "technical", "value_source": "AT-1.secret"},
            {"value_source", "value_from", "value_ideal"},
        ),
        (
            {
                "mode": "automatic",
                "envelope": "technical",
                "value_source": "DC-2.lo_pct",
                "value_from": "5",
                "value_ideal": "5",
            },
            {"value_ideal"},
        ),
        ({"mode": "oracle"}, {"mode"}),
    ],
)
def test_criterion_names_what_is_wrong(
    client: Client, draft: Solicitation, change: dict[str, str], fields: set[str]
) -> None:
    sent = CRITERION | WRITTEN | change
    assert set(errors_of(client.post(url("criterion_new", draft.pk), sent))) == fields
    assert not draft.criteria.filter(code="N").exists()


def test_weights_are_stored_together_and_totaled_while_typing(client: Client, draft: Solicitation) -> None:
    sent = {
        f"weight-{each.pk}": weight
        for each, weight in zip(draft.criteria.all(), ("50", "20", "27"), strict=True)
    }
    part = client.post(url("criteria", draft.pk) + "?total", sent, headers={"HX-Request": "true"})
    assert "97" in part.content.decode() and "3 points left to assign" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert draft.criteria.get(code="T").weight == 60
    assert client.post(url("criteria", draft.pk), sent).status_code == 302
    assert draft.criteria.get(code="T").weight == 50
    wrong = client.post(url("criteria", draft.pk), sent | {f"weight-{draft.criteria.get(code='T').pk}": ""})
    assert list(errors_of(wrong).values()) == [["Enter a weight, or remove this criterion"]]


def test_form_follows_the_mode_without_storing(client: Client, draft: Solicitation) -> None:
    sent = CRITERION | {"mode": "automatic", "value_source": "requirement"}
    part = client.post(url("criterion_new", draft.pk) + "?rebuild", sent).content.decode()
    assert "id_value_source" in part and "id_value_from" not in part and "id_anchor_0" not in part
    assert 'value="New sectors"' in part and "error-summary" not in part
    assert not draft.criteria.filter(code="N").exists()


def test_every_source_of_a_computed_mark_exists() -> None:
    """A figure that no rule gives would leave every mark missing."""
    proposal = make.make_proposal()
    make.assess_and_score(proposal)
    revision = ranking_queries.revision_to_score(proposal.current_revision_id)
    assessment, findings = ranking_queries.latest_findings(revision)
    assert assessment is not None
    figures = inputs.numbers_of(findings, revision)
    assert {source for source, _ in VALUE_SOURCES} - {"requirement"} <= set(figures)


# ---- requirements -------------------------------------------------------------------------------------------------

QUESTION = {
    "code": "Q1",
    "lot": "",
    "text": "How heavy?",
    "why": "",
    "answered_by": "response",
    "effect": "scored",
    "feeds": "",
    "evidence": "",
    "position": "1",
}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"data_type": "string", "expected": "a\n\nb\na"}, {"expected": ["a", "b"]}),
        (
            {"data_type": "number", "unit": "kg", "minimum": "1,500", "ideal": "2000.5"},
            {"unit": "kg", "minimum": "1500", "maximum": "", "ideal": "2000.5"},
        ),
        ({"data_type": "integer", "maximum": "105", "ideal": "56"}, {"maximum": "105", "ideal": "56"}),
        ({"data_type": "boolean", "expected": "false"}, {"expected": False}),
        ({"data_type": "boolean", "expected": ""}, {"expected": None}),
        (
            {"data_type": "date", "minimum": "2027-01-01", "maximum": "2028-06-30"},
            {"minimum": "2027-01-01", "maximum": "2028-06-30"},
        ),
        (
            {"data_type": "choice", "choices": "UL\nCE\nnone", "expected": "UL\nCE"},
            {"choices": ["UL", "CE", "none"], "expected": ["UL", "CE"]},
        ),
        ({"data_type": "table", "columns": "year\nhours"}, {"columns": ["year", "hours"]}),
        (
            {"data_type": "file", "evidence": "Drawing", "evidence_required": "on"},
            {"evidence_required": True},
        ),
        ({"data_type": "integer", "answered_by": "lead_time"}, {"answered_by": "lead_time"}),
    ],
)
def test_every_kind_of_answer(
    client: Client, draft: Solicitation, sent: dict[str, str], stored: dict[str, Any]
) -> None:
    response = client.post(url("requirement_new", draft.pk), QUESTION | sent)
    assert response.status_code == 302, errors_of(response)
    requirement = draft.requirements.get(code="Q1")
    assert {name: getattr(requirement, name) for name in stored} == stored
    assert client.get(url("requirement", draft.pk, requirement.pk)).status_code == 200
    again = client.post(url("requirement", draft.pk, requirement.pk), QUESTION | sent)
    assert again.status_code == 302, errors_of(again)


@pytest.mark.parametrize(
    ("sent", "field", "text"),
    [
        ({"data_type": ""}, "data_type", "Answer type is missing"),
        (
            {"data_type": "number", "minimum": "many"},
            "minimum",
            "At least: use digits only, for example 12.5",
        ),
        (
            {"data_type": "number", "minimum": "Infinity"},
            "minimum",
            "At least: use digits only, for example 12.5",
        ),
        ({"data_type": "integer", "maximum": "1.5"}, "maximum", "At most: use digits only, for example 8100"),
        (
            {"data_type": "number", "minimum": "5", "maximum": "4"},
            "maximum",
            "“At most” can’t be below “At least”",
        ),
        (
            {"data_type": "number", "minimum": "5", "maximum": "9", "ideal": "12"},
            "ideal",
            "The ideal is outside the limits",
        ),
        ({"data_type": "date", "minimum": "1 July"}, "minimum", "At least: enter a date"),
        (
            {"data_type": "date", "minimum": "2028-01-02", "maximum": "2028-01-01"},
            "maximum",
            "“At most” can’t be below “At least”",
        ),
        (
            {"data_type": "choice", "choices": ""},
            "choices",
            "Answers to choose from: enter at least one line",
        ),
        ({"data_type": "choice", "choices": "one"}, "choices", "Enter at least 2 lines"),
        (
            {"data_type": "choice", "choices": "a\nb", "expected": "c"},
            "expected",
            "“c” is not among the answers to choose from",
        ),
        ({"data_type": "table", "columns": ""}, "columns", "Columns of the table: enter at least one line"),
        ({"data_type": "string", "code": "R1"}, "code", "There is already a requirement R1"),
        ({"data_type": "string", "text": ""}, "text", "Requirement is missing"),
        ({"data_type": "string", "lot": "999999"}, "lot", None),
        ({"data_type": "file", "evidence_required": "on"}, "evidence", "Describe the required file"),
        (
            {"data_type": "string", "answered_by": "ramp"},
            "data_type",
            "The ramp sheet needs the answer type “Table”",
        ),
    ],
)
def test_requirement_names_what_is_wrong(
    client: Client, draft: Solicitation, sent: dict[str, str], field: str, text: str | None
) -> None:
    errors = errors_of(client.post(url("requirement_new", draft.pk), QUESTION | sent))
    assert set(errors) == {field}
    assert text is None or errors[field] == [text]
    assert not draft.requirements.filter(code="Q1").exists()


def test_number_that_a_mark_rests_on_needs_both_ends(client: Client, draft: Solicitation) -> None:
    criterion = draft.criteria.get(code="D")
    Criterion.objects.filter(pk=criterion.pk).update(value_source="requirement")
    sent = QUESTION | {"data_type": "number", "feeds": str(criterion.pk)}
    assert set(errors_of(client.post(url("requirement_new", draft.pk), sent))) == {"minimum", "ideal"}
    assert (
        client.post(url("requirement_new", draft.pk), sent | {"minimum": "1", "ideal": "2"}).status_code
        == 302
    )


def test_items_are_those_of_the_lot(client: Client, draft: Solicitation) -> None:
    lot = draft.lots.get()
    other = make.make_lot(draft, "L2").items.all()[0]
    sent = QUESTION | {"data_type": "string", "lot": str(lot.pk), "applies_to": [str(other.pk)]}
    assert set(errors_of(client.post(url("requirement_new", draft.pk), sent))) == {"applies_to"}
    own = lot.items.get(code="L1-A")
    assert (
        client.post(url("requirement_new", draft.pk), sent | {"applies_to": [str(own.pk)]}).status_code == 302
    )
    requirement = draft.requirements.get(code="Q1")
    assert list(requirement.applies_to.all()) == [own]
    client.post(url("requirement", draft.pk, requirement.pk), QUESTION | {"data_type": "string"})
    assert list(draft.requirements.get(code="Q1").applies_to.all()) == []


def test_form_follows_the_kind_of_answer(client: Client, draft: Solicitation) -> None:
    lot = draft.lots.get()
    sent = QUESTION | {"data_type": "choice", "lot": str(lot.pk)}
    part = client.post(url("requirement_new", draft.pk) + "?rebuild", sent).content.decode()
    assert "id_choices" in part and "id_minimum" not in part and "L1-A Item A" in part
    assert "How heavy?" in part and "error-summary" not in part


# ---- documents, rules ---------------------------------------------------------------------------------------------


def test_documents_are_checked_and_handed_out(client: Client, draft: Solicitation) -> None:
    bad = SimpleUploadedFile("tool.exe", b"MZ")
    assert set(errors_of(client.post(url("documents", draft.pk), {"file": bad}))) == {"file"}
    assert set(errors_of(client.post(url("documents", draft.pk), {}))) == {"file"}
    good = SimpleUploadedFile("terms.txt", b"Terms")
    assert client.post(url("documents", draft.pk), {"file": good}).status_code == 302
    row = draft.documents.get()
    handed = client.get(url("document", draft.pk, row.pk))
    assert b"".join(handed.streaming_content) == b"Terms"  # type: ignore[attr-defined]
    assert handed["Content-Disposition"].startswith("attachment")
    client.post(url("document_remove", draft.pk, row.pk), {"sure": "yes"})
    assert draft.documents.count() == 0


def test_rule_settings_differ_only_where_changed(client: Client, draft: Solicitation) -> None:
    page = client.get(url("rule", draft.pk, "DC-2"))
    initial = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    assert client.post(url("rule", draft.pk, "DC-2"), initial).status_code == 302
    draft.refresh_from_db()
    assert draft.rule_params == {}
    assert client.post(url("rule", draft.pk, "DC-2"), {"steps": "0: 55\n2029: 70%"}).status_code == 302
    draft.refresh_from_db()
    assert draft.rule_params == {
        "DC-2": {"steps": [{"year": 0, "percent": "55"}, {"year": 2029, "percent": "70"}]}
    }
    assert "changed for this RFP" in client.get(url("rules", draft.pk)).content.decode()
    client.post(url("rule", draft.pk, "DC-2"), initial)
    draft.refresh_from_db()
    assert draft.rule_params == {}


@pytest.mark.parametrize("steps", ["", "2029", "2029: much", "2029: 101", "x: 5", "2029: NaN", "2035: 70"])
def test_rule_settings_name_what_is_wrong(client: Client, draft: Solicitation, steps: str) -> None:
    assert set(errors_of(client.post(url("rule", draft.pk, "DC-2"), {"steps": steps}))) == {"steps"}
    draft.refresh_from_db()
    assert draft.rule_params == {}


def as_shown(client: Client, draft: Solicitation, code: str) -> dict[str, object]:
    """What the form of a rule sends when nothing is changed."""
    form = client.get(url("rule", draft.pk, code)).context["form"]
    return {name: form[name].value() for name in form.fields}


@pytest.mark.parametrize("code", [rule.code for rule in RULEBOOK.rules if settings_of(rule.params)])
def test_every_rule_saved_as_it_is_shown_changes_nothing(
    client: Client, draft: Solicitation, code: str
) -> None:
    assert client.post(url("rule", draft.pk, code), as_shown(client, draft, code)).status_code == 302
    draft.refresh_from_db()
    assert draft.rule_params == {}


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("FA-3", "comfortable", "101"),
        ("CE-1", "longest_term_years", "51"),
        ("SC-1", "fresh", "31"),
        ("AT-2", "largest", "1000000001"),
    ],
)
def test_rule_settings_stay_within_what_they_declare(
    client: Client, draft: Solicitation, code: str, name: str, value: str
) -> None:
    sent = as_shown(client, draft, code) | {name: value}
    answer = client.post(url("rule", draft.pk, code), sent)
    assert set(errors_of(answer)) == {name} and value in answer.content.decode()
    draft.refresh_from_db()
    assert draft.rule_params == {}


def test_rules_that_do_not_exist_or_have_no_settings(client: Client, draft: Solicitation) -> None:
    assert client.get(url("rule", draft.pk, "XX-1")).status_code == 404
    assert client.get(url("rule", draft.pk, "RQ-1")).status_code == 404


# ---- preview and publication --------------------------------------------------------------------------------------


def test_preview_is_the_public_page(client: Client, draft: Solicitation) -> None:
    page = client.get(url("preview", draft.pk)).content.decode()
    assert draft.title in page and "Preview" in page
    assert Client().get(reverse("rfp:solicitation_detail", args=[draft.number])).status_code == 404


def test_publishing_names_every_gap_with_its_place(client: Client, draft: Solicitation) -> None:
    lot = draft.lots.get()
    lot.items.all().delete()
    draft.criteria.filter(code="D").update(weight=10, value_source="")
    draft.windows.all().delete()
    page = client.get(url("publish", draft.pk)).content.decode()
    for gap in publication.gaps(draft):
        assert gap.text in page.replace("&#x27;", "'")
    assert url("lot", draft.pk, lot.pk) in page
    assert url("criterion", draft.pk, draft.criteria.get(code="D").pk) in page
    assert client.post(url("publish", draft.pk)).status_code == 302
    draft.refresh_from_db()
    assert not draft.is_published


def test_publishing(client: Client, draft: Solicitation) -> None:
    assert publication.gaps(draft) == []
    client.post(url("publish", draft.pk))
    draft.refresh_from_db()
    assert draft.is_published
    assert AuditEvent.objects.latest("seq").verb == "solicitation.published"
    assert client.get(reverse("rfp:solicitation_detail", args=[draft.number])).status_code == 200
    assert client.post(url("publish", draft.pk)).status_code == 404


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (
            lambda s: Solicitation.objects.filter(pk=s.pk).update(delivery_years=[]),
            "Enter the delivery years",
        ),
        (lambda s: Window.objects.filter(solicitation=s).delete(), "Add at least one window"),
        (
            lambda s: Item.objects.filter(lot__solicitation=s).update(reference_price=None),
            "needs a reference price",
        ),
        (lambda s: s.criteria.filter(code="T").update(weight=59), "add up to 99. They must add up to 100"),
        (lambda s: s.criteria.filter(code="T").update(anchors={"0": "x"}), "needs an anchor for each"),
        (
            lambda s: s.criteria.filter(code="D").update(value_from=None),
            "needs the figures for 0 and for 100",
        ),
        (
            lambda s: s.criteria.filter(code="D").update(value_source="requirement"),
            "No requirement with a number",
        ),
        (lambda s: s.requirements.filter(code="R3").update(choices=[]), "is a choice with no answers"),
        (
            lambda s: s.criteria.filter(code="D").update(mode="price", envelope="price"),
            "only one criterion can be computed",
        ),
    ],
)
def test_each_gap_is_found(draft: Solicitation, spoil: Any, text: str) -> None:
    spoil(draft)
    draft.refresh_from_db()
    assert any(text in gap.text for gap in publication.gaps(draft))


def test_list_asks_as_often_for_one_as_for_three(
    client: Client, draft: Solicitation, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    addresses = [url(name, draft.pk) for name in ("dates", "lots", "criteria", "requirements", "documents")]
    before = [count(address) for address in (url("list"), *addresses)]
    for number in (2, 3):
        make.make_solicitation(published=False)
        lot = make.make_lot(draft, f"L{number}")
        Requirement.objects.create(
            solicitation=draft, lot=lot, code=f"N{number}", text="?", data_type="string"
        )
        Criterion.objects.create(solicitation=draft, code=f"N{number}", title="New", weight=1)
    assert [count(address) for address in (url("list"), *addresses)] == before


def test_search(client: Client, draft: Solicitation) -> None:
    assert draft.title in client.get(url("list") + f"?q={draft.number}").content.decode()
    assert "No matching RFPs" in client.get(url("list") + "?q=nothing-like-it").content.decode()
    found = client.get(url("requirements", draft.pk) + "?q=Seismic").content.decode()
    assert "Seismic version?" in found and "Load, kg?" not in found
    assert (
        "No matching requirements" in client.get(url("requirements", draft.pk) + "?lot=all").content.decode()
    )
