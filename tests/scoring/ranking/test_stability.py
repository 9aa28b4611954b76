"""How sure a ranking is: computed by a worker, stored beside its ranking, and shown with what it rests on."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.kit.compliance import Envelope
from rfp.models import Solicitation
from scoring.calculation import Analyses, Simulation, analyse, load
from scoring.models import Ranking, Stability
from scoring.panel import actions as panel_actions
from scoring.ranking import order, queries
from scoring.ranking.actions import count_ranking_request
from scoring.ranking.certainty import stability
from scoring.ranking.certainty.chances import sentence
from scoring.reports import files
from tests import factories
from tests.scoring.rooms import Room, room, signed_in


def close_room() -> Room:
    """Three proposals for two places: one ahead, two with the same marks in other criteria's order of price."""
    made = room(3)
    Solicitation.objects.filter(pk=made.solicitation.pk).update(slots_per_lot=2)
    for proposal, anchors in zip(made.proposals, ((5, 5), (4, 3), (3, 4)), strict=True):
        for seat, anchor in zip(made.seats, anchors, strict=True):
            factories.mark_all(proposal, [seat], anchor)
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    made.rank()
    made.window = type(made.window).objects.select_related("solicitation").get(pk=made.window.pk)
    return made


def chances_of(stored: Stability) -> dict[str, list[float]]:
    return dict(stored.chances.values_list("proposal__number", "figures"))


@pytest.mark.django_db
def test_it_is_what_recompute_says_of_the_file() -> None:
    made = close_room()
    stability.measure(made.window)
    stored = Stability.objects.get()
    lot = made.solicitation.lots.get(code="L1")
    file = load(files.whole(made.window, [lot], price_open=True).content)
    asked = Simulation(draws=stored.draws, top=stored.places, seed=stored.seed)
    found = analyse(file, Analyses(stability=asked))["sets"][0]["analysis"]["stability"]
    assert {number: figures[0] for number, figures in chances_of(stored).items()} == found["top"]
    assert (stored.draws, stored.kappa, stored.places, stored.error) == (10_000, 100, 2, found["error"])
    assert stored.ranked == 3 and stored.served == Ranking.objects.get().served


@pytest.mark.django_db
def test_it_is_computed_once_for_each_ranking_and_waits_for_a_newer_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = close_room()
    assert list(queries.unmeasured_rankings()) == list(Ranking.objects.all())
    stability.measure(made.window)
    first = Stability.objects.get()
    chances = chances_of(first)
    assert not queries.unmeasured_rankings().exists()
    with monkeypatch.context() as patch:
        patch.setattr(stability, "analyse", lambda *_given: pytest.fail("it is there already"))
        stability.measure(made.window)
        count_ranking_request(made.window)
        stability.measure(made.window)
    page = signed_in(made.chair.user).get(made.base + "ranking/").content.decode()
    assert "Updating" in page.partition("How certain")[2].partition("</section>")[0]
    made.rank()
    assert queries.unmeasured_rankings().exists()
    stability.measure(made.window)
    again = Stability.objects.get()
    assert again.served > first.served and chances_of(again) == chances


@pytest.mark.django_db
def test_the_page_says_it_in_words_and_shows_each_rows_chance() -> None:
    made = close_room()
    stability.measure(made.window)
    stored = Stability.objects.get()
    page = signed_in(made.chair.user).get(made.base + "ranking/").content.decode()
    assert (
        "From 10,000 draws" in page and "over 3 ranked proposals" in page and "0.5 percentage points" in page
    )
    assert page.count("Chance to be in the top 2:</span>") == 3 and ">In top 2<" in page
    for each in stored.contested:
        assert f"{each['name']} " in page
    everything = signed_in(made.chair.user).get(made.base + "ranking/?lot=all").content.decode()
    assert "How certain" not in everything or len(made.solicitation.lots.all()) == 1


@pytest.mark.django_db
def test_who_is_hidden_from_a_reader_is_not_named() -> None:
    made = close_room()
    stability.measure(made.window)
    first, second = made.proposals[1], made.proposals[2]
    names = {each.pk: each.supplier.legal_name for each in (first, second)}
    contested = [
        {
            "rank": rank,
            "number": each.number,
            "name": names[each.pk],
            "supplier": each.supplier_id,
            "chance": 0.5,
        }
        for rank, each in ((2, first), (3, second))
    ]
    Stability.objects.update(contested=contested)
    panel_actions.recuse(
        made.others[0], supplier=first.supplier, reason="Old firm", by=made.chair.user, at=factories.NOW
    )
    page = signed_in(made.others[0].user).get(made.base + "ranking/").content.decode()
    assert names[first.pk] not in page and "Place 3 is contested" in page
    assert (
        "Places 2 and 3 are contested"
        in signed_in(made.chair.user).get(made.base + "ranking/").content.decode()
    )


@pytest.mark.django_db
def test_the_ranking_takes_six_queries_whatever_the_number_of_rows() -> None:
    counts = []
    for count in (1, 3):
        made = room(count)
        made.open_prices()
        stability.measure(type(made.window).objects.select_related("solicitation").get(pk=made.window.pk))
        client = signed_in(made.chair.user)
        client.get(made.base + "ranking/")
        with CaptureQueriesContext(connection) as captured:
            client.get(made.base + "ranking/")
        counts.append(len([each for each in captured if "scoring_stability" in each["sql"]]))
        counts.append(len(captured))
    assert counts[0] == counts[2] and counts[1] == counts[3] <= 6


def contested(*ranks: int) -> list[dict[str, Any]]:
    return [{"rank": rank, "name": f"S{rank}", "chance": 0.5} for rank in ranks]


@pytest.mark.parametrize(
    ("ranks", "ranked", "said"),
    [
        ((), 2, "No place is contested: the shortlist has room for 3, and 2 are ranked."),
        ((), 9, "No place is contested: the top 3 are the same in almost every draw."),
        ((3,), 9, "Place 3 is contested. Chance to be in the top 3: S3 50%."),
        ((2, 3), 9, "Places 2 and 3 are contested. Chance to be in the top 3: S2 50%, S3 50%."),
        ((2, 3, 4), 9, "Places 2 to 4 are contested. Chance to be in the top 3: S2 50%, S3 50%, S4 50%."),
        (
            (1, 3, 4),
            9,
            "Places 1, 3, and 4 are contested. Chance to be in the top 3: S1 50%, S3 50%, S4 50%.",
        ),
    ],
)
def test_contested_places_in_words(ranks: tuple[int, ...], ranked: int, said: str) -> None:
    assert sentence(contested(*ranks), places=3, ranked=ranked) == said


def test_many_contested_proposals_are_counted() -> None:
    said = sentence(contested(*range(1, 10)), places=3, ranked=20)
    assert said.startswith("Places 1 to 9 are contested.") and said.endswith("S6 50%, and 3 more.")


def test_only_what_is_between_in_and_out_is_contested() -> None:
    rows = [
        {"rank": 1, "proposal_number": "A", "supplier_name": "A", "supplier_id": 1},
        {"rank": 2, "proposal_number": "B", "supplier_name": "B", "supplier_id": 2},
        {"rank": 3, "proposal_number": "C", "supplier_name": "C", "supplier_id": 3},
    ]
    chances = {"A": (0.99, [0.9]), "B": (0.95, [0.1]), "C": (0.06, [0.0])}
    assert [each["number"] for each in stability.contested(rows, chances)] == ["C"]
    assert stability.contested(rows, chances)[0]["chance"] == 0.06
