"""Lots and criteria under Setup."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from rfp.models import Lot, Solicitation
from rfp.publishing.forms.criterion import VALUE_SOURCES
from scoring.ranking import inputs
from scoring.ranking import queries as ranking_queries
from tests import factories as make
from tests.rfp.publishing.setup.setup_pages import errors_of, url

pytestmark = pytest.mark.django_db


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
