"""An RFP chooses how it is scored: the form and its refusals, the live example, and what is published."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from rfp.models import Item, Solicitation
from rfp.publishing import publication
from rfp.publishing.preparing.copying import PARTS
from tests import factories as make
from tests.rfp.publishing.setup.choices_form import errors_of

pytestmark = pytest.mark.django_db


SENT = {
    "price_formula": "fixed_reference",
    "price_cap": "on",
    "reference": "public",
    "technical_threshold": "60",
    "technical_form": "sum",
    "technical_share": "",
    "price_share": "",
    "rounding_places": "",
    "aggregate": "mean",
    "trim": "20",
    "quorum": "",
    "tie_1": "technical",
    "tie_2": "price",
    "tie_3": "received_at",
    "tie_4": "",
    "tie_5": "",
}


OFFERS = {"offer_1": "100,000", "offer_2": "125,000", "offer_3": "150000", "offer_reference": "125000"}


@pytest.fixture
def single(draft: Solicitation) -> Solicitation:
    """A draft whose lot has one item, so that offers compare."""
    draft.lots.get().items.get(code="L1-B").delete()
    return draft


def address(solicitation: Solicitation) -> str:
    return reverse("rfp:setup_scoring", args=[solicitation.pk])


def test_choices_are_stored(client: Client, single: Solicitation) -> None:
    sent = SENT | {
        "price_formula": "lowest_ratio",
        "price_cap": "",
        "reference": "sealed",
        "technical_threshold": "55.5",
        "technical_form": "relative",
        "technical_share": "70",
        "price_share": "30",
        "rounding_places": "2",
        "aggregate": "trimmed_mean",
        "trim": "12.5",
        "quorum": "2",
        "tie_1": "T",
        "tie_2": "",
        "tie_3": "draw",
    }
    answer = client.post(address(single), sent)
    assert answer.status_code == 302, errors_of(answer)
    single.refresh_from_db()
    assert (single.price_formula, single.price_cap, single.technical_form) == (
        "lowest_ratio",
        False,
        "relative",
    )
    assert (single.reference_is_public, single.reference_sealed) == (False, True)
    assert (single.technical_share, single.price_share, single.rounding_places) == (70, 30, 2)
    assert (single.aggregate, single.trim, single.quorum) == ("trimmed_mean", Decimal("0.125"), 2)
    assert (single.tie_chain, single.technical_threshold) == (["T", "draw"], Decimal("55.5"))
    page = client.get(address(single)).content.decode()
    assert 'value="12.5"' in page
    assert re.search(r'<option value="draw"\s+selected', page)


def test_an_untouched_form_changes_nothing(client: Client, draft: Solicitation) -> None:
    before = Solicitation.objects.values().get(pk=draft.pk)
    form = client.get(address(draft)).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {
        name: "on" if value is True else value for name, value in sent.items() if value not in (None, False)
    }
    assert client.post(address(draft), sent).status_code == 302
    assert Solicitation.objects.values().get(pk=draft.pk) == before


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"price_formula": "cheapest"}, "price_formula", "Select a valid choice"),
        ({"price_formula": "none"}, "price_formula", "Remove criterion P or choose another formula"),
        ({"price_formula": "lowest_ratio"}, "price_formula", "some items of lot L1 and not others"),
        ({"reference": "whatever"}, "reference", "Select a valid choice"),
        ({"technical_threshold": "101"}, "technical_threshold", "100"),
        ({"technical_threshold": "NaN"}, "technical_threshold", "digits only"),
        ({"technical_form": "best"}, "technical_form", "Select a valid choice"),
        ({"technical_share": "70"}, "price_share", "Enter the price share too"),
        ({"technical_share": "70", "price_share": "20"}, "price_share", "add up to 90"),
        ({"technical_share": "much", "price_share": "20"}, "technical_share", "digits only"),
        ({"rounding_places": "7"}, "rounding_places", "at most 6"),
        ({"rounding_places": "-1"}, "rounding_places", "0"),
        ({"aggregate": "mode"}, "aggregate", "Select a valid choice"),
        ({"trim": "50"}, "trim", "49.9"),
        ({"quorum": "0"}, "quorum", "at least 1"),
        ({"tie_2": "luck"}, "tie_2", "“luck” isn’t a tie step or a criterion"),
        ({"tie_2": "P"}, "tie_2", "isn’t a tie step"),
        ({"tie_2": "technical"}, "tie_2", "The higher technical score can decide only once"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: Client, draft: Solicitation, change: dict[str, str], field: str, words: str
) -> None:
    found = errors_of(client.post(address(draft), SENT | change))
    assert set(found) == {field}
    assert words in found[field][0]
    draft.refresh_from_db()
    assert draft.technical_threshold == 0


def test_what_was_typed_stays(client: Client, draft: Solicitation) -> None:
    page = client.post(address(draft), SENT | {"technical_share": "71", "price_share": "9"}).content.decode()
    assert 'value="71"' in page and 'value="9"' in page
    assert "1 answer" in page or "One answer" in page


def test_rivals_do_not_go_with_two_windows(client: Client, single: Solicitation) -> None:
    last = single.windows.get()
    second = make.make_window(single, opens_at=last.closes_at, closes_at=last.closes_at.replace(year=2040))
    for change, field in (
        ({"price_formula": "lowest_ratio"}, "price_formula"),
        ({"technical_form": "relative"}, "technical_form"),
    ):
        found = errors_of(client.post(address(single), SENT | change))
        assert set(found) == {field} and "With 2 windows" in found[field][0]
    second.delete()
    assert client.post(address(single), SENT | {"price_formula": "lowest_ratio"}).status_code == 302


def test_a_window_that_is_added_later_is_refused(client: Client, single: Solicitation) -> None:
    Solicitation.objects.filter(pk=single.pk).update(price_formula="mean_50")
    sent = {"number": "2", "opens_at": "2041-06-01T00:00", "closes_at": "2041-07-01T00:00", "feedback_by": ""}
    new = reverse("rfp:setup_window_new", args=[single.pk])
    found = errors_of(client.post(new, sent))
    assert set(found) == {"number"} and "the same price would earn different points" in found["number"][0]
    # The one there is can still be moved.
    window = single.windows.get()
    change = reverse("rfp:setup_window", args=[single.pk, window.pk])
    assert client.post(change, sent | {"number": "1"}).status_code == 302
    Solicitation.objects.filter(pk=single.pk).update(price_formula="fixed_reference")
    later = sent | {"opens_at": "2042-06-01T00:00", "closes_at": "2042-07-01T00:00"}
    assert client.post(new, later).status_code == 302


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda s: Solicitation.objects.filter(pk=s.pk).update(tie_chain=["T9"]), "“T9” is neither"),
        (lambda s: Solicitation.objects.filter(pk=s.pk).update(price_formula="gone"), "“gone” isn’t one"),
        (
            lambda s: Solicitation.objects.filter(pk=s.pk).update(price_formula="lowest_ratio"),
            "some items of lot L1",
        ),
        (
            lambda s: s.criteria.filter(code="T").update(scale={"anchors": {"1": "x"}}),
            "a scale that doesn’t go",
        ),
        (
            lambda s: s.criteria.filter(code="T").update(
                scale={"anchors": {"1": "0", "2": "100"}}, anchors={}
            ),
            "needs a text for each mark",
        ),
    ],
)
def test_what_no_longer_works_together_is_not_published(
    draft: Solicitation, break_it: Any, words: str
) -> None:
    assert publication.gaps(draft) == []
    break_it(draft)
    draft.refresh_from_db()
    (gap,) = publication.gaps(draft)
    assert words in gap.text


def test_a_reference_price_is_asked_for_where_a_formula_needs_it(single: Solicitation) -> None:
    Item.objects.filter(lot__solicitation=single).update(reference_price=None)
    assert [gap.section for gap in publication.gaps(single)] == ["lots"]
    Solicitation.objects.filter(pk=single.pk).update(price_formula="lowest_ratio")
    single.refresh_from_db()
    assert publication.gaps(single) == []


def test_the_database_refuses_half_a_share(draft: Solicitation) -> None:
    rows = Solicitation.objects.filter(pk=draft.pk)
    for change in (
        {"technical_share": 70},
        {"price_share": 30},
        {"technical_share": 70, "price_share": 31},
        {"reference_sealed": True, "reference_is_public": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


def test_a_published_rfp_keeps_its_method(client: Client) -> None:
    published = make.make_solicitation()
    page = client.get(address(published)).content.decode()
    assert "Price points are the most points times the reference price" in page and "<select" not in page
    assert client.post(address(published), SENT | {"price_formula": "none"}).status_code == 404


def test_a_copy_is_scored_in_the_same_way(client: Client, single: Solicitation) -> None:
    assert client.post(address(single), SENT | {"price_formula": "mean_50", "tie_1": "T"}).status_code == 302
    single.criteria.filter(code="T").update(scale={"max": "60", "min": "0"}, minimum=40)
    sent = {"title": "Again", "number": "again", "template": single.pk, "parts": list(PARTS)}
    client.post(reverse("rfp:setup_new"), sent)
    copy = Solicitation.objects.get(number="again")
    assert (copy.price_formula, copy.tie_chain) == ("mean_50", ["T", "price", "received_at"])
    assert copy.criteria.get(code="T").scale == {"max": "60", "min": "0"}
    assert copy.criteria.get(code="T").minimum == 40


def example(client: Client, solicitation: Solicitation, **change: str) -> Any:
    return client.post(f"{address(solicitation)}?example", SENT | OFFERS | change)


def rows_of(answer: Any) -> dict[str, list[str]]:
    """Formula, with what stands beside it → its figures."""
    text = answer.content.decode()
    assert answer.status_code == 200 and "<html" not in text
    rows = [
        re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL) for row in re.findall(r"(?s)<tr.*?</tr>", text)
    ]
    plain = [[" ".join(re.sub(r"<.*?>", " ", cell).split()) for cell in row] for row in rows]
    return {row[0]: row[1:] for row in plain[1:]}


def test_the_example_follows_what_is_chosen(client: Client, draft: Solicitation) -> None:
    draft.criteria.filter(code="P").update(weight=35)
    page = client.get(address(draft))
    assert 'hx-post="?example"' in page.content.decode()
    found = rows_of(example(client, draft, price_formula="lowest_ratio"))
    assert found["Compared with the lowest price Chosen"] == ["35.00", "28.00", "23.33"]
    assert [title for title in found if "Chosen" in title] == ["Compared with the lowest price Chosen"]
    moved = rows_of(example(client, draft, offer_3="200000", price_cap=""))
    assert moved["Compared with the lowest price"] == ["35.00", "28.00", "17.50"]
    assert moved["Compared with a reference price Chosen"] == ["43.75", "35.00", "21.88"]
    assert moved["Technical score adjusted by a reference price Total"] == ["87.50", "80.00", "56.25"]
    draft.refresh_from_db()
    assert draft.price_formula == "fixed_reference"


@pytest.mark.parametrize("price", ["", "0", "-5", "cheap", "NaN", "1e400", "9" * 40])
def test_a_price_that_is_none_is_named(client: Client, draft: Solicitation, price: str) -> None:
    answer = example(client, draft, offer_2=price)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Offer B, $" in text and "<table" not in text


def test_the_example_is_for_drafts(client: Client) -> None:
    assert example(client, make.make_solicitation()).status_code == 404
