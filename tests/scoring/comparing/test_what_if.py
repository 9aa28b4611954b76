"""What if the weights were different: figures equal a recompute of the edited file, and nothing is stored."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from rfp.models import Solicitation
from scoring.calculation import load, recompute
from scoring.comparing.forms import in_proportion
from scoring.comparing.trying.trial import Published, Trial, results_of
from scoring.ranking import queries
from scoring.ranking.actions import count_ranking_request
from scoring.reports import files
from tests import factories
from tests.scoring.comparing.made import OFFERS, ranked_room
from tests.scoring.rooms import Room, auditor, signed_in

pytestmark = pytest.mark.django_db


def address(made: Room, **asked: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"{made.base}ranking/what-if/?window=1&lot=L1&{query}"


def page_of(made: Room, **asked: str) -> str:
    answer = signed_in(made.chair.user).get(address(made, **asked))
    assert answer.status_code == 200
    return answer.content.decode()


def result_of(made: Room, **asked: str) -> str:
    return page_of(made, **asked).partition('id="trial"')[2].partition("</main>")[0]


def edited(made: Room, trial: Trial, *, price_open: bool) -> list[dict[str, Any]]:
    """The results of the lot's exported file with the trial's changes made in it by hand."""
    lot = made.solicitation.lots.get(code="L1")
    raw = json.loads(files.whole(made.window, [lot], price_open=price_open).content)
    del raw["inputs_sha256"]
    for line in raw["criteria"]:
        line["weight"] = str(trial.weights.get(line["code"], line["weight"]))
    price = raw["method"]["price"]
    price["formula"], price["cap"] = trial.formula, trial.cap
    if "P" in trial.weights:
        price["points"] = str(trial.weights["P"])
    if trial.price_share is not None:
        raw["method"]["price_share"] = str(trial.price_share)
        raw["method"]["technical_share"] = str(100 - trial.price_share)
    for proposal in raw["sets"][0]["proposals"]:
        if proposal["reference"] is not None:
            proposal["reference"] = str(Decimal(proposal["reference"]) * trial.reference / 100)
        proposal["holds"] = []
    (found,) = recompute(load(json.dumps(raw).encode()))
    return found.as_json()


def compared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All figures: what counts marks or flags them is not computed from weights."""
    for row in rows:
        del row["flags"]
        for criterion in row["criteria"]:
            del criterion["n"]
    return rows


WEIGHTS = {"T": Decimal(40), "E": Decimal(20), "D": Decimal(20), "P": Decimal(20)}
TRIALS = {
    "published": Trial(weights=WEIGHTS, formula="fixed_reference", cap=True),
    "weights": Trial(
        weights={"T": Decimal("12.5"), "E": Decimal("52.375"), "D": Decimal("0.125"), "P": Decimal(35)},
        formula="fixed_reference",
        cap=True,
    ),
    "nothing for price": Trial(
        weights={"T": Decimal(50), "E": Decimal(50), "D": Decimal(0), "P": Decimal(0)},
        formula="fixed_reference",
        cap=True,
    ),
    "no cap": Trial(weights=WEIGHTS, formula="fixed_reference", cap=False),
    "reference": Trial(weights=WEIGHTS, formula="fixed_reference", cap=True, reference=Decimal("87.5")),
    **{
        formula: Trial(weights=WEIGHTS, formula=formula, cap=True)
        for formula in (
            "lowest_ratio",
            "linear_from_lowest",
            "linear_min_max",
            "mean_50",
            "price_per_quality",
            "adjusted_score",
            "none",
        )
    },
}


@pytest.mark.parametrize("name", TRIALS)
def test_its_figures_are_those_of_the_edited_file(name: str) -> None:
    made = ranked_room()
    trial = TRIALS[name]
    lot = made.solicitation.lots.get(code="L1")
    published = Published.of(made.solicitation, made.solicitation.criteria.all(), price_open=True)
    found = results_of(queries.score_rows(made.window, lot.pk), published, trial)
    assert len(found.places) == 4
    assert compared(found.as_json()) == compared(edited(made, trial, price_open=True))


def test_so_they_are_with_a_threshold_shares_relative_points_and_rounding() -> None:
    made = ranked_room(
        technical_threshold=Decimal(70),
        technical_form="relative",
        technical_share=Decimal(70),
        price_share=Decimal(30),
        rounding_places=1,
    )
    lot = made.solicitation.lots.get(code="L1")
    published = Published.of(made.solicitation, made.solicitation.criteria.all(), price_open=True)
    weights = {"T": Decimal(10), "E": Decimal(50), "D": Decimal(20)}
    trial = Trial(weights=weights, formula="lowest_ratio", cap=True, price_share=Decimal(45))
    found = results_of(queries.score_rows(made.window, lot.pk), published, trial)
    assert compared(found.as_json()) == compared(edited(made, trial, price_open=True))
    assert {row.standing for row in found.rows} == {"ranked", "below_threshold"}


def test_while_prices_are_sealed_it_works_on_technical_points_alone() -> None:
    made = ranked_room(prices=False)
    lot = made.solicitation.lots.get(code="L1")
    published = Published.of(made.solicitation, made.solicitation.criteria.all(), price_open=False)
    trial = Trial(
        weights={"T": Decimal(10), "E": Decimal(50), "D": Decimal(20)}, formula="fixed_reference", cap=True
    )
    found = results_of(queries.score_rows(made.window, lot.pk), published, trial)
    assert compared(found.as_json()) == compared(edited(made, trial, price_open=False))
    page = page_of(made, **{"w-T": "10", "w-E": "50", "w-D": "20"})
    assert "Prices are sealed and don’t count." in page and 'name="w-P"' not in page
    assert 'name="formula"' not in page and "Total 80" in page


def test_the_page_says_who_moves_and_who_enters_or_leaves() -> None:
    made = ranked_room()
    before = result_of(made)
    assert "This is the published order" in before
    names = dict(re.findall(r'href="/evaluate/proposals/([^/]+)/">([^<]+)<', before))
    by_number = {str(each.pk): each for each in made.proposals}
    assert set(names) == set(by_number)
    after = result_of(made, **{"w-T": "5", "w-E": "55"})
    assert "Technical 5, not 40. Energy 55, not 20." in after
    assert "Enters the top 2" in after and "Leaves the top 2" in after
    assert "would replace" in after
    assert re.search(r'class="move up">\d up<', after) and re.search(r'class="move down">\d down<', after)
    assert "Cut line: 2 places" in after


def test_it_is_labeled_and_nothing_is_stored() -> None:
    made = ranked_room()
    client = signed_in(made.chair.user)
    client.get(address(made))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        page = client.get(address(made, **{"w-T": "5", "w-E": "55"})).content.decode()
    assert "What-if, not the published method." in page
    written = [each["sql"] for each in seen if not each["sql"].startswith("SELECT")]
    assert written == []
    count_ranking_request(made.window)
    assert "Updating ranking" in page_of(made)


def test_typing_gets_the_result_and_what_stands_beside_the_fields_alone() -> None:
    made = ranked_room()
    client = signed_in(made.chair.user)
    asked = address(made, **{"w-T": "5", "w-E": "55"})
    part = client.get(asked, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "<form" not in part and "would replace" in part
    assert 'id="beside-w-T"' in part and "published 40" in part and "Total 100" in part


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"w-T": "50"}, "The weights add up to 110. They must add up to 100."),
        ({"w-T": "fifty"}, "Use digits only"),
        ({"w-T": ""}, "Technical is missing"),
        ({"w-T": "-1"}, "0 or more"),
        ({"w-T": "101"}, "At most 100"),
        ({"w-T": "NaN"}, "Use digits only"),
        ({"w-T": "1e400"}, "At most"),
        ({"w-T": "40.0001"}, "Use at most three decimals"),
        ({"w-T": "0", "w-E": "0", "w-D": "0", "w-P": "100"}, "At least one technical criterion"),
        ({"formula": "magic"}, "magic is not one of the available choices"),
        ({"cap": "maybe"}, "maybe is not one of the available choices"),
        ({"reference": "0"}, "More than 0"),
    ],
)
def test_what_can_not_be_tried_is_named(asked: dict[str, str], words: str) -> None:
    made = ranked_room(OFFERS[:1])
    page = page_of(made, **asked)
    assert words in page
    for name, value in asked.items():
        assert name in ("formula", "cap") or f'value="{value}"' in page or not value


def test_weights_that_do_not_add_up_can_be_adjusted() -> None:
    """The ones that were changed stay; the others share the difference in proportion."""
    made = ranked_room(OFFERS[:2])
    page = page_of(made, **{"w-E": "60", "cap": "no"})
    link = re.search(r'href="(\?[^"]+)">Adjust the other weights', page)
    assert link
    adjusted = link[1].replace("&amp;", "&")
    assert "w-T=20&" in adjusted and "w-D=10&" in adjusted and "w-P=10" in adjusted and "cap=no" in adjusted
    assert "w-E=60" in adjusted
    answer = signed_in(made.chair.user).get(f"{made.base}ranking/what-if/{adjusted}").content.decode()
    assert "Total 100" in answer and "Energy 60, not 20." in answer


@given(
    st.dictionaries(st.text(max_size=3), st.decimals("0.001", 100, places=3), min_size=1, max_size=12),
    st.decimals(1, 100, places=3),
)
def test_weights_in_proportion_add_up_exactly(weights: dict[str, Decimal], total: Decimal) -> None:
    found = in_proportion(weights, total)
    assert sum(found.values()) == total
    whole = sum(weights.values())
    for name, weight in weights.items():
        assert abs(Fraction(found[name]) - Fraction(weight) * Fraction(total) / Fraction(whole)) <= Fraction(
            1, 1000
        )


def test_who_may_not_read_all_of_the_ranking_finds_nothing() -> None:
    made = ranked_room(prices=False)
    reviewer = signed_in(made.others[0].user)
    assert reviewer.get(address(made)).status_code == 404
    assert signed_in(auditor()).get(address(made)).status_code == 200
    supplier = signed_in(factories.owner_of(made.proposals[0].supplier))
    assert supplier.get(address(made)).status_code == 404
    assert signed_in(made.chair.user).get(address(made).replace("window=1", "window=9")).status_code == 404


def test_who_has_a_conflict_in_the_window_finds_nothing() -> None:
    from scoring.panel import actions as panel_actions

    made = ranked_room()
    assert signed_in(made.others[0].user).get(address(made)).status_code == 200
    panel_actions.add_conflict(
        made.solicitation,
        supplier=made.proposals[0].supplier,
        statement="I worked there.",
        by=made.others[0].user,
        at=factories.NOW,
    )
    client = signed_in(made.others[0].user)
    assert client.get(address(made)).status_code == 404
    assert "what-if" not in client.get(made.base + "ranking/").content.decode()


def test_it_is_flat() -> None:
    counts = []
    for offers in (OFFERS[:2], OFFERS):
        made = ranked_room(offers)
        client = signed_in(made.chair.user)
        client.get(address(made))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address(made, **{"w-T": "5", "w-E": "55"})).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 15


def test_the_ranking_leads_to_it() -> None:
    made = ranked_room()
    page = signed_in(made.chair.user).get(made.base + "ranking/").content.decode()
    assert f"{made.base}ranking/what-if/?window=1&amp;lot=L1" in page
    Solicitation.objects.filter(pk=made.solicitation.pk).update(title="Racks")
    assert "What if" in page
