"""An RFP chooses how it is scored: the form and its refusals, the live example, and what is published."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import Role, User
from rfp.models import Criterion, Item, Opening, Solicitation, Window
from rfp.publishing import actions as publishing_actions
from rfp.publishing import publication
from tests import factories as make

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


@pytest.fixture
def single(draft: Solicitation) -> Solicitation:
    """A draft whose lot has one item, so that offers compare."""
    draft.lots.get().items.get(code="L1-B").delete()
    return draft


def address(solicitation: Solicitation) -> str:
    return reverse("rfp:setup_scoring", args=[solicitation.pk])


def errors_of(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(texts) for name, texts in response.context["form"].errors.items()}


def public_text(solicitation: Solicitation) -> str:
    return Client().get(reverse("rfp:solicitation_detail", args=[solicitation.number])).content.decode()


# ---- the form --------------------------------------------------------------------------------------------


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
    sent = {"title": "Again", "number": "again", "template": single.pk}
    client.post(reverse("rfp:setup_new"), sent)
    copy = Solicitation.objects.get(number="again")
    assert (copy.price_formula, copy.tie_chain) == ("mean_50", ["T", "price", "received_at"])
    assert copy.criteria.get(code="T").scale == {"max": "60", "min": "0"}
    assert copy.criteria.get(code="T").minimum == 40


# ---- the live example ------------------------------------------------------------------------------------


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


# ---- published -------------------------------------------------------------------------------------------


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
    publishing_actions.publish_solicitation(draft, by=admin, at=make.NOW)
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


# ---- scales on the criterion's form ----------------------------------------------------------------------

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


def rows(*filled: tuple[str, ...], names: tuple[str, ...]) -> dict[str, str]:
    return {
        f"{name}_{at}": text for at, row in enumerate(filled) for name, text in zip(names, row, strict=True)
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


# ---- a sealed reference ----------------------------------------------------------------------------------

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
    client.post(reverse("rfp:setup_new"), {"title": "Again", "number": "again", "template": rfp.pk})
    copied = Item.objects.filter(lot__solicitation__number="again")
    assert [item.reference_price for item in copied] == [None, None]
    gaps = publication.gaps(Solicitation.objects.get(number="again"))
    assert "Item L1-A needs a reference price" in " ".join(gap.text for gap in gaps)


def test_an_admin_sees_it_while_it_is_a_draft_and_after_prices_are_open(client: Client) -> None:
    rfp = make.make_solicitation(published=False, reference_is_public=False, reference_sealed=True)
    Item.objects.filter(lot__solicitation=rfp).update(reference_price=SECRET)
    page = reverse("rfp:setup_lots", args=[rfp.pk])
    assert "4,321.8" in client.get(page).content.decode()
    publishing_actions.publish_solicitation(rfp, by=rfp.created_by, at=make.NOW)
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
