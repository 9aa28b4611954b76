"""Scores, rankings, pages, PDFs and files come from one engine: breaking any part of it breaks them all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from portal.kit.compliance import Envelope
from rfp.method import aggregates
from scoring.calculation import recomputing, ties, totals
from scoring.models import RankedProposal
from scoring.ranking import order, queries, scores
from scoring.reports import files, verification
from tests import factories
from tests.scoring.reports.test_pdf import shortlist, text_of
from tests.scoring.rooms import Room, room, signed_in

pytestmark = pytest.mark.django_db


def marked_room() -> Room:
    made = room(2)
    for proposal, anchor in zip(made.proposals, (5, 3), strict=True):
        factories.mark_all(proposal, made.seats, anchor)
    made.open(Envelope.PRICE)
    return made


def told(made: Room) -> dict[str, Any]:
    """What each place says after everything is computed anew."""
    for proposal in made.proposals:
        assert proposal.current_revision_id is not None
        scores.rescore(queries.revision_to_score(proposal.current_revision_id))
    order.rescore_window(made.window)
    made.rank()
    page = signed_in(made.chair.user).get(made.base + "ranking/?window=1").content.decode()
    lots = list(made.solicitation.lots.all())
    (each,) = json.loads(files.whole(made.window, lots, price_open=True).content)["sets"]
    report = shortlist(made, made.chair.user)
    assert report.state == "done", report.error
    return {
        "ranking": [
            (row.proposal_number, str(row.score)) for row in RankedProposal.objects.order_by("position")
        ],
        "page": [
            page.index(f">{proposal.number}<")
            if f">{proposal.number}<" in page
            else page.index(proposal.number)
            for proposal in made.proposals
        ],
        "figures": [f"{row.score:.2f}" in page for row in RankedProposal.objects.order_by("position")],
        "file": [(row["id"], row["total"]) for row in each["results"]],
        "pdf": text_of(report.document),
    }


def swap(module: Any, name: str, made_of: Callable[[Any], Any]) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(module, name, made_of(getattr(module, name)))


def halved(aggregate: aggregates.Aggregate) -> aggregates.Aggregate:
    return replace(aggregate, of=lambda values, trim: aggregate(values, trim) / 2)


def upside_down(rank: Any) -> Any:
    return lambda contenders, chain, drawn: rank(
        [
            ties.Contender(id=each.id, ranked_on=-each.ranked_on, technical=each.technical)
            for each in contenders
        ],
        chain,
        drawn,
    )


BREAKAGES = {
    "an aggregate": lambda patch: patch.setitem(
        aggregates.AGGREGATES, "mean", halved(aggregates.AGGREGATES["mean"])
    ),
    "a total": swap(totals, "weighted_total", lambda total: lambda *given: total(*given) - 7),
    "the order": swap(recomputing, "rank_with_draws", upside_down),
}


@pytest.mark.parametrize("broken", BREAKAGES)
def test_what_breaks_the_engine_breaks_everything(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = marked_room()
    sound = told(made)
    assert sound["figures"] == [True, True] and list(verification.differences()) == []
    BREAKAGES[broken](monkeypatch)
    found = told(made)
    assert found["ranking"] != sound["ranking"] and found["file"] != sound["file"]
    assert found["pdf"] != sound["pdf"] and found["figures"] == [True, True]
    assert [number for number, _score in found["ranking"]] == [number for number, _total in found["file"]]
    if broken == "the order":
        assert found["page"] != sound["page"]
    monkeypatch.undo()
    assert list(verification.differences()) != []
    assert told(made)["ranking"] == sound["ranking"]


def test_a_total_that_differs_in_the_thirteenth_place_is_no_tie() -> None:
    """Sums of thirds and sevenths, equal to twelve places, and a rank that the tie chain must not decide."""
    low = Fraction(2, 3)
    high = low + Fraction(1, 10**14)
    read = order.reading_of(room(1).solicitation, [], price_open=False)
    rows = [ranked_row(1, low, technical_first=True), ranked_row(2, high, technical_first=False)]
    found = [each.place for each in order.order_of_lot(rows, read=read)]
    assert [(place.id, place.rank, place.tie_step) for place in found if place] == [
        ("P-2", 1, ""),
        ("P-1", 2, ""),
    ]


def ranked_row(score: int, technical: Fraction, *, technical_first: bool) -> queries.ScoreRow:
    return queries.ScoreRow(
        score=score,
        lot=1,
        number=f"P-{score}",
        total=None,
        technical=technical,
        before=None,
        threshold_percent=Fraction(100),
        below_minimum=False,
        priced=False,
        price=None,
        reference=None,
        marks_missing=0,
        knocked_out=False,
        received_at=factories.NOW.replace(hour=1 if technical_first else 2),
        supplier_name="A",
        values={},
        preferences=[],
    )
