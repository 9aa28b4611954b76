"""Where a scored proposal stands: a table over threshold, prices, inputs, knock-outs, withdrawals and holds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D
from fractions import Fraction

import pytest

from portal.kit.compliance import Envelope
from rfp.models import Solicitation
from rfp.proposals import actions as rfp_actions
from scoring.calculation.facts import Evaluation
from scoring.facts import AutomaticFacts, CriterionFacts, MarkFacts, MethodFacts, ScoreSheet
from scoring.models import Mark, RankedProposal, Score
from scoring.ranking import method, order
from scoring.ranking.evaluation import score
from scoring.ranking.queries import ScoreRow
from tests import factories
from tests.scoring.rooms import room

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def row(**values: object) -> ScoreRow:
    """A proposal that is marked, priced and above the threshold, unless said otherwise."""
    given: dict[str, object] = {
        "score": 1,
        "lot": 1,
        "total": D(80),
        "before": None,
        "technical": D(60),
        "threshold_percent": D(75),
        "below_minimum": False,
        "priced": True,
        "price": D(100),
        "reference": D(100),
        "marks_missing": 0,
        "knocked_out": False,
        "received_at": NOON,
        "supplier_name": "A",
        "values": {},
        "preferences": [],
    }
    found = {**given, **values}
    for name in ("total", "technical", "threshold_percent"):
        found[name] = None if found[name] is None else Fraction(found[name])  # type: ignore[call-overload]
    return ScoreRow(number=f"P-{found['score']}", **found)  # type: ignore[arg-type]


def read(threshold: D | None, *, price_open: bool) -> Evaluation:
    """The engine's reading of an RFP with one technical and one price criterion."""
    criteria = [
        CriterionFacts(code="T", title="T", weight=D(80), mode="evaluator"),
        CriterionFacts(code="P", title="P", weight=D(20), mode="price", envelope="price"),
    ]
    return method.reading(MethodFacts(threshold=threshold), criteria, {0: D(0)}, price_open=price_open)


@pytest.mark.parametrize(
    ("values", "price_open", "standing"),
    [
        pytest.param({}, True, "ranked", id="above the threshold"),
        pytest.param({"threshold_percent": D(60)}, True, "ranked", id="at the threshold"),
        pytest.param({"threshold_percent": D("59.999999999999")}, True, "below_threshold", id="below"),
        pytest.param({"threshold_percent": D(10)}, False, "below_threshold", id="below, prices sealed"),
        pytest.param({"priced": False}, True, "not_scored", id="prices open without a total"),
        pytest.param({"total": None, "price": None}, False, "ranked", id="prices sealed, no total yet"),
        pytest.param({"marks_missing": 1}, True, "ranked", id="a criterion without a mark counts as 0"),
        pytest.param({"marks_missing": 1}, False, "not_scored", id="a mark is still to come"),
        pytest.param({"marks_missing": 1, "threshold_percent": D(1)}, False, "not_scored", id="marks first"),
        pytest.param({"knocked_out": True}, True, "knocked_out", id="knocked out"),
        pytest.param({"knocked_out": True, "marks_missing": 3}, False, "knocked_out", id="out, unmarked"),
        pytest.param({"knocked_out": True, "priced": False}, True, "knocked_out", id="out, no total"),
    ],
)
def test_where_a_proposal_stands(values: dict[str, object], price_open: bool, standing: str) -> None:
    assert order.standing_of(row(**values), read(D(60), price_open=price_open).method) == standing


def test_only_the_ranked_have_a_rank_and_they_come_first() -> None:
    rows = [
        row(score=1, knocked_out=True, total=D(99)),
        row(score=2, total=D(70)),
        row(score=3, threshold_percent=D(5), total=D(98)),
        row(score=4, total=D(90)),
    ]
    ordered = list(order.order_of_lot(rows, read=read(D(60), price_open=True)))
    assert [(each.score, each.place and each.place.rank) for each in ordered] == [
        (4, 1),
        (2, 2),
        (3, None),
        (1, None),
    ]


def test_a_price_that_is_sealed_breaks_no_tie() -> None:
    rows = [row(score=1, total=None, price=D(90)), row(score=2, total=None, price=D(10))]
    ordered = list(order.order_of_lot(rows, read=read(None, price_open=False)))
    assert [each.place.shared for each in ordered if each.place] == [True, True]


# ---- what the threshold tests -----------------------------------------------------------------------------------


def sheet(missing: bool, anchor: int, stand_in: str = "") -> ScoreSheet:
    """60 points from a reviewer's anchor, 20 from a computed mark."""
    value = D(0) if stand_in == "zero" else None if missing else D(100)
    return ScoreSheet(
        criteria=(
            CriterionFacts(code="T", title="T", weight=D(60), mode="evaluator"),
            CriterionFacts(code="D", title="D", weight=D(20), mode="automatic"),
        ),
        anchor_map={step: D(step * 20) for step in range(6)},
        automatic=(AutomaticFacts(criterion="D", value=value, stand_in=stand_in),),
        marks=(MarkFacts(criterion="T", evaluator="E1", anchor=anchor),),
    )


@pytest.mark.parametrize(
    ("missing", "stand_in", "percent", "for_threshold"),
    [
        # Anchor 3 is 60: 36 of 60 points. With the computed mark 56 of 80, without it 36 of 80.
        (False, "", "70.000000000000", "70.000000000000"),
        (True, "", "45.000000000000", "70.000000000000"),
        (True, "zero", "45.000000000000", "45.000000000000"),
    ],
)
def test_a_missing_input_counts_as_full_marks_for_the_threshold_only(
    missing: bool, stand_in: str, percent: str, for_threshold: str
) -> None:
    result = score(sheet(missing, 3, stand_in))
    assert (str(result.technical_percent), str(result.threshold_percent)) == (percent, for_threshold)


def test_a_computed_mark_is_no_reviewers_mark() -> None:
    unmarked = ScoreSheet(
        criteria=sheet(False, 3).criteria,
        anchor_map={step: D(step * 20) for step in range(6)},
        automatic=(AutomaticFacts(criterion="D", value=None),),
    )
    result = score(unmarked)
    assert (result.marks_missing, result.automatic_missing) == (1, 1)


# ---- stored, by the worker's code -------------------------------------------------------------------------------


def standings() -> dict[object, tuple[str, int | None]]:
    return {each.proposal_id: (each.standing, each.rank) for each in RankedProposal.objects.all()}


@pytest.mark.django_db
def test_the_threshold_of_the_rfp_decides() -> None:
    made = room(3)
    Solicitation.objects.filter(pk=made.solicitation.pk).update(technical_threshold=D(60))
    made.window.solicitation.refresh_from_db()
    low, edge, high = made.proposals
    for proposal, anchor in ((low, 2), (edge, 3), (high, 5)):
        factories.mark_all(proposal, made.seats, anchor)
    percents = {
        each.revision.proposal_id: each.technical_percent for each in Score.objects.select_related("revision")
    }
    # The computed mark: 75 percent domestic, 40 gets none and 85 all: 77.78. 60 × .6 + 20 × .7778 of 80.
    assert percents[edge.pk].quantize(D("0.0001")) == D("64.4444")
    Solicitation.objects.filter(pk=made.solicitation.pk).update(technical_threshold=percents[edge.pk])
    made.window.refresh_from_db()
    order.rank_window(type(made.window).objects.select_related("solicitation").get(pk=made.window.pk))
    found = standings()
    assert found[high.pk] == ("ranked", 1)
    assert found[low.pk] == ("below_threshold", None)
    # Equal passes; the stored threshold keeps three decimals of the percent.
    assert found[edge.pk] == ("ranked", 2)


@pytest.mark.django_db
def test_a_withdrawn_proposal_leaves_the_ranking() -> None:
    made = room(2)
    made.mark()
    gone, stays = made.proposals
    type(made.window).objects.filter(pk=made.window.pk).update(closes_at=factories.NOW.replace(year=2099))
    rfp_actions.withdraw_proposal(gone, by=factories.owner_of(gone.supplier))
    made.rank()
    assert standings() == {stays.pk: ("ranked", 1)}


@pytest.mark.django_db
def test_prices_that_are_open_without_a_price_are_not_scored() -> None:
    made = room()
    made.mark()
    made.open(Envelope.PRICE)
    # The price is not in the total yet: the worker has not come to it.
    made.rank()
    assert standings() == {made.proposals[0].pk: ("not_scored", None)}
    order.rescore_window(made.window)
    made.rank()
    assert standings() == {made.proposals[0].pk: ("ranked", 1)}


@pytest.mark.django_db
def test_reviewers_marks_are_counted_and_computed_ones_are_not() -> None:
    made = room()
    assert (Score.objects.get().marks_missing, Mark.objects.count()) == (1, 0)
    factories.mark_all(made.proposals[0], [made.chair])
    assert (Score.objects.get().marks_missing, Mark.objects.count()) == (0, 1)
