"""Whatever an RFP chooses, the stored ranking is what its evaluation file recomputes to."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from portal.kit.compliance import Envelope
from rfp.models import Criterion, PriceLine, Solicitation, Window
from scoring.models import RankedProposal, Score
from scoring.ranking import order, queries, scores
from scoring.reports import files, verification
from tests import factories
from tests.conftest import as_owner
from tests.scoring.rooms import Room, room, signed_in

CHOICES: dict[str, dict[str, Any]] = {
    "as until now": {},
    "the lowest price": {"price_formula": "lowest_ratio"},
    "the mean price": {"price_formula": "mean_50", "aggregate": "median"},
    "price for quality": {"price_formula": "price_per_quality"},
    "relative and shares": {
        "technical_form": "relative",
        "technical_share": Decimal(70),
        "price_share": Decimal(30),
        "price_formula": "linear_min_max",
    },
    "rounded": {"rounding_places": 0, "tie_chain": ["T", "price"]},
}


def priced_room() -> Room:
    """Three proposals, marked apart, each with another price."""
    made = room(3)
    for proposal, anchors, price in zip(
        made.proposals, ((5, 4), (4, 4), (3, 5)), ("150", "120", "97.31"), strict=True
    ):
        for seat, anchor in zip(made.seats, anchors, strict=True):
            factories.mark_all(proposal, [seat], anchor)
        set_price(proposal.current_revision_id, Decimal(price))
    made.open(Envelope.PRICE)
    return made


def set_price(revision: int | None, price: Decimal) -> None:
    """Another price in a frozen revision, which nobody but the owner of the tables can change."""
    with as_owner() as cursor:
        cursor.execute("UPDATE rfp_priceline SET unit_price = %s WHERE revision_id = %s", [price, revision])
    assert PriceLine.objects.filter(revision=revision, unit_price=price).exists()


def rank(made: Room) -> Window:
    window = Window.objects.select_related("solicitation").get(pk=made.window.pk)
    for proposal in made.proposals:
        assert proposal.current_revision_id is not None
        with transaction.atomic():
            scores.rescore(queries.revision_to_score(proposal.current_revision_id))
    order.rescore_window(window)
    order.rank_window(window)
    return window


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("chosen", CHOICES)
def test_the_file_gives_the_stored_ranking(chosen: str) -> None:
    made = priced_room()
    Solicitation.objects.filter(pk=made.solicitation.pk).update(**CHOICES[chosen])
    window = rank(made)
    lots = list(window.solicitation.lots.filter(code="L1"))
    (each,) = json.loads(files.whole(window, lots, price_open=True).content)["sets"]
    rows = list(RankedProposal.objects.order_by("position"))
    assert [(row.proposal_number, row.rank, row.tie_step) for row in rows] == [
        (line["id"], line["rank"], line["tie_step"]) for line in each["results"]
    ]
    for row, line in zip(rows, each["results"], strict=True):
        assert abs(row.score - Decimal(line["total"])) <= Decimal("1E-12")
        # Where totals are rounded, printed points are rounded too, so that they add up.
        if row.price_mark is not None and chosen != "rounded":
            points = row.price_mark * Decimal(20) / 100
            assert abs(points - Decimal(line["price_points"])) <= Decimal("1E-10")
    # The prices were set behind the receipts, and nothing else differs.
    assert [each for each in verification.differences() if "fingerprint on its receipt" not in each] == []
    page = signed_in(made.chair.user).get(made.base + "ranking/").content.decode()
    trace = (
        signed_in(made.chair.user).get(f"/evaluate/proposals/{rows[0].proposal_id}/trace/").content.decode()
    )
    assert f"{rows[0].score:,.2f}" in page and f"{rows[0].score:,.2f}" in trace


@pytest.mark.django_db(transaction=True)
def test_a_minimum_of_a_criterion_keeps_out() -> None:
    made = priced_room()
    Criterion.objects.filter(solicitation=made.solicitation, code="T").update(minimum=Decimal(85))
    rank(made)
    assert {row.proposal_number: row.standing for row in RankedProposal.objects.all()} == {
        made.proposals[0].number: "ranked",
        made.proposals[1].number: "below_threshold",
        made.proposals[2].number: "below_threshold",
    }
    assert Score.objects.filter(below_minimum=True).count() == 2
