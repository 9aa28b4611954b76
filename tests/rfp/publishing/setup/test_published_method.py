"""What an RFP publishes about how it scores, and the scales on a criterion's form."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import Role, User
from rfp.models import Criterion, Item, Opening, Solicitation, Window
from rfp.publishing import actions as publishing_actions
from rfp.publishing import publication
from rfp.publishing.preparing.copying import PARTS
from tests import factories as make
from tests.rfp.publishing.setup.choices_form import errors_of, rows
from tests.rfp.publishing.setup.setup_pages import keys_of

pytestmark = pytest.mark.django_db


def public_text(solicitation: Solicitation) -> str:
    return Client().get(reverse("rfp:solicitation_detail", args=[solicitation.number])).content.decode()


def test_the_public_page_says_how_it_is_scored() -> None:
    plain = make.make_solicitation(technical_threshold=Decimal(60))
    text = public_text(plain)
    for words in (
        "Each criterion counts the average of its marks.",
        "0 = 0%, 1 = 20%, 2 = 40%, 3 = 60%, 4 = 80%, 5 = 100%",
        "A proposal with less than 60% of the technical points is not ranked.",
        "The most points are 20.",
        "The reference prices are on the page of each lot.",
        "We compare totals without rounding them.",
        "the higher technical score, then the lower price, then the proposal received earlier decides",
        "Computed from",
        "40 earns nothing, 85 earns all points",
    ):
        assert words in text, words


def test_the_public_page_says_what_was_chosen(admin: User) -> None:
    draft = make.make_solicitation(
        published=False,
        price_formula="lowest_ratio",
        technical_form="relative",
        technical_threshold=Decimal("62.5"),
        technical_share=Decimal(70),
        price_share=Decimal(30),
        rounding_places=2,
        aggregate="trimmed_mean",
        trim=Decimal("0.25"),
        quorum=2,
        tie_chain=["T", "draw"],
    )
    draft.lots.get().items.get(code="L1-B").delete()
    draft.criteria.filter(code="T").update(
        scale={"anchors": {"1": "0", "2": "40", "3": "100"}},
        anchors={"1": "No plan", "2": "A plan", "3": "<Proof>"},
        minimum=40,
        quorum=3,
    )
    publishing_actions.publish_solicitation(draft, by=admin, looked=keys_of(draft, at=make.NOW), at=make.NOW)
    text = public_text(draft)
    for words in (
        "without the highest and the lowest 25% of them",
        "The best proposal that passes gets all technical points.",
        "less than 62.5% of the technical points",
        "That is tested on its own points, before they are compared with the best.",
        "times the lowest price",
        "Only proposals that pass the threshold and all minimums are compared.",
        "Technical points count 70% of the total and price points 30%.",
        "We round totals half up to 2 decimal places before we compare them.",
        "the higher mark for Technical, then a recorded draw decides",
        "Prices open when each criterion has 2 marks",
        "No plan: 0%, A plan: 40%, &lt;Proof&gt;: 100%",
        "It needs 3 marks.",
        "A proposal with less than 40% here is not ranked.",
    ):
        assert words in text, words
    assert "reference price" not in text.lower().replace("reference prices</th>", "")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reference_is_public": False}, "The reference prices are set and not published."),
        (
            {"reference_is_public": False, "reference_sealed": True},
            "The reference prices are set and stay sealed until prices open.",
        ),
        ({"price_cap": False}, "A price below the reference earns more than that."),
    ],
)
def test_the_reference_is_announced(change: dict[str, Any], words: str) -> None:
    assert words in public_text(make.make_solicitation(**change))


def test_what_earns_a_mark_stays_with_reviewers() -> None:
    rfp = make.make_solicitation()
    Criterion.objects.filter(solicitation=rfp, code="T").update(
        scale={"anchors": {"0": "0", "10": "100"}}, anchors={"0": "Nothing at all", "10": "Everything"}
    )
    text = public_text(rfp)
    assert "0 = 0%, 10 = 100%" in text and "Nothing at all" not in text


def test_the_public_page_asks_as_often_for_many_criteria() -> None:
    rfp = make.make_solicitation()
    path = reverse("rfp:solicitation_detail", args=[rfp.number])
    with CaptureQueriesContext(
        connection,
    ) as few:
        Client().get(path)
    for at in range(3):
        Criterion.objects.create(
            solicitation=rfp,
            code=f"X{at}",
            title="More",
            weight=1,
            mode="automatic",
            value_source="requirement",
        )
    with CaptureQueriesContext(connection) as many:
        Client().get(path)
    assert len(few) == len(many)


CRITERION = {
    "code": "T8",
    "title": "Plan",
    "group": "",
    "weight": "15",
    "position": "8",
    "mode": "evaluator",
    "supplier_guidance": "",
    "scorer_guidance": "",
    "minimum": "",
    "quorum": "",
}


OWN = ("mark", "text", "value")


CHOICE = ("text", "value")


@pytest.mark.parametrize(
    ("sent", "scale", "anchors"),
    [
        ({"scale_kind": "rfp"}, {}, {}),
        ({"scale_kind": "points"}, {"max": "15", "min": "0"}, {}),
        (
            {"scale_kind": "yes_no", "anchor_1": "A signed letter"},
            {"anchors": {"0": "0", "1": "100"}},
            {"0": "", "1": "A signed letter"},
        ),
        (
            {"scale_kind": "anchors"}
            | rows(("0", "None", "0"), ("2.50", "Some", "37.5"), ("10", "All", "100"), names=OWN),
            {"anchors": {"0": "0", "2.5": "37.5", "10": "100"}},
            {"0": "None", "2.5": "Some", "10": "All"},
        ),
        (
            {"scale_kind": "choices"} | rows(("None", "0"), ("Both", "100"), ("One", "100"), names=CHOICE),
            {"anchors": {"1": "0", "2": "100", "3": "100"}},
            {"1": "None", "2": "Both", "3": "One"},
        ),
    ],
)
def test_each_scale_is_stored_and_comes_back(
    client: Client, draft: Solicitation, sent: dict[str, str], scale: Any, anchors: Any
) -> None:
    answer = client.post(reverse("rfp:setup_criterion_new", args=[draft.pk]), CRITERION | sent)
    assert answer.status_code == 302, errors_of(answer)
    stored = draft.criteria.get(code="T8")
    assert (stored.scale, stored.anchors) == (scale, anchors)
    change = reverse("rfp:setup_criterion", args=[draft.pk, stored.pk])
    form = client.get(change).context["form"]
    again = {name: form[name].value() for name in form.fields}
    again = {name: value for name, value in again.items() if value not in (None, False)}
    assert client.post(change, again).status_code == 302
    stored.refresh_from_db()
    assert (stored.scale, stored.anchors) == (scale, anchors)


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"scale_kind": "stars"}, "scale_kind", "Select a valid choice"),
        (
            {"scale_kind": "anchors"} | rows(("low", "", "0"), ("1", "", "100"), names=OWN),
            "mark_0",
            "digits only",
        ),
        (
            {"scale_kind": "anchors"} | rows(("0", "", "0"), ("1", "", "most"), names=OWN),
            "value_1",
            "digits only",
        ),
        (
            {"scale_kind": "anchors"} | rows(("0", "", "0"), ("1", "", "101"), names=OWN),
            "value_1",
            "0 to 100",
        ),
        ({"scale_kind": "anchors"} | rows(("0", "", "0"), ("1", "", ""), names=OWN), "value_1", "Enter what"),
        (
            {"scale_kind": "anchors"} | rows(("0", "", "0"), ("", "Good", "100"), names=OWN),
            "mark_1",
            "Enter the mark",
        ),
        (
            {"scale_kind": "anchors"} | rows(("0", "", "0"), ("0.0", "", "100"), names=OWN),
            "mark_1",
            "already",
        ),
        (
            {"scale_kind": "anchors"} | rows(("1", "", "20"), ("5", "", "100"), names=OWN),
            "value_0",
            "worth 0",
        ),
        (
            {"scale_kind": "anchors"} | rows(("1", "", "0"), ("5", "", "80"), names=OWN),
            "value_1",
            "worth 100",
        ),
        (
            {"scale_kind": "anchors"} | rows(("1", "", "0"), ("2", "", "100"), ("3", "", "50"), names=OWN),
            "value_2",
            "Mark 3 is worth less than mark 2",
        ),
        ({"scale_kind": "anchors"} | rows(("1", "", "0"), names=OWN), "mark_1", "at least two marks"),
        ({"scale_kind": "choices"} | rows(("None", "0"), names=CHOICE), "text_1", "at least two choices"),
        (
            {"scale_kind": "choices"} | rows(("", "0"), ("All", "100"), names=CHOICE),
            "text_0",
            "Name the choice",
        ),
        ({"scale_kind": "choices"}, "text_0", "at least two choices"),
        ({"scale_kind": "rfp", "minimum": "101"}, "minimum", "100"),
        ({"scale_kind": "rfp", "code": "price"}, "code", "a step of the tie chain"),
    ],
)
def test_a_scale_names_what_is_wrong(
    client: Client, draft: Solicitation, sent: dict[str, str], field: str, words: str
) -> None:
    found = errors_of(client.post(reverse("rfp:setup_criterion_new", args=[draft.pk]), CRITERION | sent))
    assert set(found) == {field}
    assert words in found[field][0]
    assert not draft.criteria.filter(title="Plan").exists()


def test_points_follow_the_weight(client: Client, draft: Solicitation) -> None:
    draft.criteria.filter(code="T").update(scale={"max": "60", "min": "0"}, anchors={})
    sent = {f"weight-{each.pk}": str(each.weight) for each in draft.criteria.all()}
    sent[f"weight-{draft.criteria.get(code='T').pk}"] = "55.5"
    assert client.post(reverse("rfp:setup_criteria", args=[draft.pk]), sent).status_code == 302
    assert draft.criteria.get(code="T").scale == {"max": "55.5", "min": "0"}


def test_the_form_is_drawn_anew_for_another_scale(client: Client, draft: Solicitation) -> None:
    path = reverse("rfp:setup_criterion_new", args=[draft.pk]) + "?rebuild"
    text = client.post(path, CRITERION | {"scale_kind": "choices"}).content.decode()
    assert 'name="text_0"' in text and 'name="anchor_0"' not in text and 'name="mark_0"' not in text
    assert 'value="Plan"' in text


SECRET = Decimal("4321.8765")


def test_a_sealed_reference_is_nowhere_before_price_opening(client: Client, admin: User) -> None:
    rfp = make.make_solicitation(reference_is_public=False, reference_sealed=True)
    Item.objects.filter(lot__solicitation=rfp).update(reference_price=SECRET)
    supplier = Client()
    owner = make.make_user()
    make.make_supplier(owner)
    supplier.force_login(owner)
    lot = rfp.lots.get()
    paths = [
        reverse("rfp:solicitation_detail", args=[rfp.number]),
        reverse("rfp:lot_detail", args=[rfp.number, lot.code]),
        *(
            reverse(f"rfp:setup_{name}", args=[rfp.pk])
            for name in ("basics", "lots", "scoring", "preview", "publish")
        ),
    ]
    for path in paths:
        for reader in (Client(), supplier, client):
            assert "4,321.8" not in reader.get(path).content.decode(), path
    # A copy would show it to whoever makes one.
    sent = {"title": "Again", "number": "again", "template": rfp.pk, "parts": list(PARTS)}
    client.post(reverse("rfp:setup_new"), sent)
    copied = Item.objects.filter(lot__solicitation__number="again")
    assert [item.reference_price for item in copied] == [None, None]
    gaps = publication.gaps(Solicitation.objects.get(number="again"))
    assert "Item L1-A needs a reference price" in " ".join(gap.text for gap in gaps)


def test_an_admin_sees_it_while_it_is_a_draft_and_after_prices_are_open(client: Client) -> None:
    rfp = make.make_solicitation(published=False, reference_is_public=False, reference_sealed=True)
    Item.objects.filter(lot__solicitation=rfp).update(reference_price=SECRET)
    page = reverse("rfp:setup_lots", args=[rfp.pk])
    assert "4,321.8" in client.get(page).content.decode()
    publishing_actions.publish_solicitation(
        rfp, by=rfp.created_by, looked=keys_of(rfp, at=make.NOW), at=make.NOW
    )
    assert "4,321.8" not in client.get(page).content.decode()
    assert "Sealed until prices open" in client.get(page).content.decode()
    chair, admin = make.make_user(Role.REVIEWER), rfp.created_by
    lot, window = rfp.lots.get(), Window.objects.get(solicitation=rfp)
    opening = Opening.objects.create(
        window=window, lot=lot, envelope="price", proposed_by=chair, proposed_at=make.NOW
    )
    assert "4,321.8" not in client.get(page).content.decode()
    Opening.objects.filter(pk=opening.pk).update(confirmed_by=admin, confirmed_at=make.NOW)
    assert "4,321.8" in client.get(page).content.decode()
