"""Requirements, documents, rules, the preview and publication under Setup."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.kit.parameters import settings_of
from portal.models import AuditEvent
from rfp.models import Criterion, Item, Requirement, Solicitation, Window
from rfp.publishing import publication
from rfp.rules import RULEBOOK
from tests import factories as make
from tests.rfp.publishing.setup.setup_pages import errors_of, keys_of, url

pytestmark = pytest.mark.django_db


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
    assert client.post(url("publish", draft.pk)).status_code == 200
    draft.refresh_from_db()
    assert not draft.is_published


def test_publishing(client: Client, draft: Solicitation) -> None:
    assert publication.gaps(draft) == []
    client.post(url("publish", draft.pk), {"anyway": "on", "looked": keys_of(draft)})
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
