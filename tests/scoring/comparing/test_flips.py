"""What would put a proposal above the one before it: the words hold when somebody tries them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from scoring.comparing.trying.trial import Published, Trial, results_of
from scoring.models import RankChance
from scoring.panel import actions as panel_actions
from scoring.ranking import queries
from scoring.ranking.actions import count_ranking_request
from scoring.ranking.certainty import flips, stability
from tests import factories
from tests.scoring.comparing.made import OFFERS, ranked_room
from tests.scoring.rooms import Room, signed_in

pytestmark = pytest.mark.django_db
WEIGHTS = {"T": Decimal(40), "E": Decimal(20), "D": Decimal(20), "P": Decimal(20)}
CODES = {"price": "P"}


def kept_flips() -> dict[str, Any]:
    rows = RankChance.objects.filter(flip__isnull=False)
    return dict(rows.values_list("proposal__number", "flip"))


def order_with(made: Room, weights: dict[str, Decimal]) -> list[str]:
    lot = made.solicitation.lots.get(code="L1")
    published = Published.of(made.solicitation, made.solicitation.criteria.all(), price_open=True)
    trial = Trial(weights=weights, formula="fixed_reference", cap=True)
    return list(results_of(queries.score_rows(made.window, lot.pk), published, trial).places)


def test_a_little_more_than_the_stored_shift_turns_the_two() -> None:
    made = ranked_room()
    stability.measure(made.window)
    stored = kept_flips()
    before = order_with(made, WEIGHTS)
    assert set(stored) == set(before[1:])
    tried = 0
    for below, flip in stored.items():
        above = flip["above"]["number"]
        assert (before.index(above) + 1, before.index(below) + 1) == (flip["above"]["rank"], flip["rank"])
        if flip["moved"] is None:
            continue
        tried += 1
        for extra, turned in ((Decimal("0.001"), True), (Decimal("-0.001"), False)):
            moved = 100 * Decimal(flip["moved"]) + extra
            weights = dict(WEIGHTS)
            weights[CODES.get(flip["from"], flip["from"])] -= moved
            weights[CODES.get(flip["to"], flip["to"])] += moved
            after = order_with(made, weights)
            assert (after.index(below) < after.index(above)) is turned
    assert tried


def test_it_is_told_on_the_what_if_page_and_on_the_proposal() -> None:
    made = ranked_room()
    address = f"{made.base}ranking/what-if/?window=1&lot=L1"
    client = signed_in(made.chair.user)
    assert "What would change" not in client.get(address).content.decode()
    stability.measure(made.window)
    page = client.get(address).content.decode()
    assert "What would change the published order" in page
    said = re.findall(r"<li>(#[^<]+)</li>", page)
    assert len(said) == 3 and re.match(r"#2 .+ passes #1 .+ if .+ weighs more than [\d.]+% and ", said[0])
    second = next(each for each in made.proposals if each.number == order_with(made, WEIGHTS)[1])
    detail = client.get(f"/evaluate/proposals/{second.pk}/").content.decode()
    assert said[0] in detail and "In top 2" in detail
    count_ranking_request(made.window)
    detail = client.get(f"/evaluate/proposals/{second.pk}/").content.decode()
    assert said[0] not in detail and "In top 2" not in detail


def test_nobody_reads_of_a_supplier_who_is_hidden() -> None:
    made = ranked_room()
    stability.measure(made.window)
    first, second = order_with(made, WEIGHTS)[:2]
    rows = {each.number: each for each in made.proposals}
    reader = made.others[0].user
    panel_actions.add_conflict(
        made.solicitation,
        supplier=rows[first].supplier,
        statement="I worked there.",
        by=reader,
        at=factories.NOW,
    )
    detail = signed_in(reader).get(f"/evaluate/proposals/{rows[second].pk}/").content.decode()
    assert "In top 2" in detail and "What would change" not in detail
    assert rows[first].supplier.legal_name not in detail


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {},
            "#4 Tualatin passes #3 Caprock if Energy weighs more than 27.0% and Price less than 13.0%, or if its mark "
            "on Energy rises by more than 8.2 points of 100.",
        ),
        (
            {"gain": None},
            "#4 Tualatin passes #3 Caprock if Energy weighs more than 27.0% and Price less than 13.0%.",
        ),
        ({"moved": None, "from": None, "to": None, "gain": [1.0, "E"]}, "rises by more than 1 point of 100."),
        ({"moved": None, "gain": None}, "Nothing on one criterion alone puts #4 Tualatin above #3 Caprock"),
        ({"moved": 0.0}, "#4 Tualatin and #3 Caprock have the same total."),
    ],
)
def test_in_words(changes: dict[str, object], words: str) -> None:
    flip = {
        "rank": 4,
        "name": "Tualatin",
        "supplier": 4,
        "above": {"number": "P-3", "rank": 3, "name": "Caprock", "supplier": 3},
        "moved": 0.07,
        "from": "price",
        "to": "E",
        "gain": [8.21, "E"],
    } | changes
    shares, titles = {"E": 0.2, "price": 0.2}, {"E": "Energy", "price": "Price"}
    assert words in flips.in_words(flip, shares, titles)


def test_one_offer_has_nobody_to_pass() -> None:
    made = ranked_room(OFFERS[:1])
    stability.measure(made.window)
    assert kept_flips() == {}
