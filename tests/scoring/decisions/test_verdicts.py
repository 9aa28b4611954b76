"""Verdicts: several at once, with one reason or one each; slots; refusals one by one; places that are given up."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.refused import Refused
from rfp.models import Proposal, Solicitation
from scoring.decisions import queries, verdict_actions
from scoring.models import Decision, RankedProposal
from tests import factories as make
from tests.scoring.decisions.queue_acts import opened_room
from tests.scoring.rooms import Room, knocked_out, room, signed_in

pytestmark = pytest.mark.django_db

V = Decision.Verdict


def priced(count: int = 3, *, slots: int = 3) -> Room:
    """A room with open prices; its proposals are in the order of their rank."""
    made = room(count)
    Solicitation.objects.filter(pk=made.solicitation.pk).update(slots_per_lot=slots)
    made.open_prices()
    ranked = RankedProposal.objects.filter(ranking__window=made.window).order_by("position")
    # Made alike, they would share a rank, and equals have no order: see tests/scoring/drawing/.
    ranked.update(rank=F("position"), shared=False)
    made.proposals = [fresh(row.proposal_id) for row in ranked]
    return made


def fresh(pk: Any) -> Proposal:
    return Proposal.objects.select_related("window__solicitation", "lot__solicitation", "supplier").get(pk=pk)


def decide(made: Room, verdict: V, *which: int, reason: str = "Read and compared.") -> list[Decision]:
    chosen = [fresh(made.proposals[number].pk) for number in which]
    return verdict_actions.decide_several(
        chosen,
        verdict=verdict,
        reasons={each.pk: reason for each in chosen},
        by=made.chair.user,
        at=make.NOW,
    )


def address(made: Room, *which: int) -> str:
    items = "&".join(f"item={made.proposals[number].pk}" for number in which)
    return f"{reverse('scoring:verdicts', args=[made.solicitation.number])}?window=1&{items}"


def post(made: Room, *which: int, **data: Any) -> Any:
    picked = [str(made.proposals[number].pk) for number in which]
    return signed_in(made.chair.user).post(address(made), {"item": picked, **data})


def test_several_are_decided_with_one_reason_and_one_of_their_own() -> None:
    made = priced()
    page = signed_in(made.chair.user).get(address(made, 0, 1))
    assert "0 of 3 slots taken" in page.content.decode()
    own = {f"reason-{made.proposals[1].pk}": "Strong ramp."}
    answer = post(made, 0, 1, verdict="shortlisted", reason="Best in the lot.", **own)
    assert answer.status_code == 302
    latest = queries.latest_decisions(each.pk for each in made.proposals)
    assert latest[made.proposals[0].pk].reason == "Best in the lot."
    assert latest[made.proposals[1].pk].reason == "Strong ramp."
    again = signed_in(made.chair.user).get(address(made, 0)).content.decode()
    assert "History (1)" in again and "Best in the lot." in again and "2 of 3 slots taken" in again


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"verdict": "shortlisted"}, "Enter a reason for all, or one for each proposal"),
        ({"reason": "Good."}, "Choose a decision"),
        ({"verdict": "best", "reason": "Good."}, "Choose one of the decisions"),
    ],
)
def test_bad_input_is_shown_again_with_what_was_typed(data: dict[str, str], words: str) -> None:
    made = priced()
    own = {f"reason-{made.proposals[1].pk}": "Typed here."}
    text = post(made, 0, 1, **data, **own).content.decode()
    assert words in text and "Typed here." in text and data.get("reason", "") in text
    assert not Decision.objects.exists()


def test_no_more_than_the_slots_of_the_lot() -> None:
    made = priced(slots=2)
    decide(made, V.SHORTLISTED, 0)
    with pytest.raises(Refused, match="Lot L1 has 2 slots, and 1 taken"):
        decide(made, V.SHORTLISTED, 1, 2)
    decide(made, V.RESERVE, 2)
    # A shortlisted one keeps its slot when it wins.
    decide(made, V.SHORTLISTED, 1)
    decide(made, V.AWARDED, 0, 1)
    decide(made, V.UNDECIDED, 0)
    decide(made, V.AWARDED, 2)


def test_each_that_is_refused_is_named_and_none_is_decided() -> None:
    solicitation = make.make_solicitation()
    out = knocked_out(solicitation)
    made = opened_room(solicitation, [make.make_proposal(solicitation), out])
    for each in made.proposals[:1]:
        make.assess_and_score(each)
    made.mark()
    RankedProposal.objects.filter(proposal=out).update(standing="knocked_out")
    with pytest.raises(Refused) as refused:
        decide(made, V.SHORTLISTED, 0, 1)
    assert made.proposals[0].number in str(refused.value) and out.number in str(refused.value)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("flag", list(verdict_actions.STOPS))
@pytest.mark.parametrize("verdict", verdict_actions.PLACES)
def test_what_is_open_keeps_a_proposal_from_every_place(verdict: V, flag: str) -> None:
    made = priced(2)
    RankedProposal.objects.filter(proposal=made.proposals[1].pk).update(flags=[flag])
    answer = post(made, 0, 1, verdict=verdict.value, reason="Good.")
    text = answer.content.decode()
    assert verdict_actions.STOPS[flag] in text
    assert f"{made.proposals[1].supplier.legal_name}, {made.proposals[1].number}" in text
    assert not Decision.objects.exists()


def test_when_a_winner_withdraws_the_reserve_comes_in_order() -> None:
    made = priced(4, slots=1)
    decide(made, V.AWARDED, 0)
    decide(made, V.RESERVE, 1, 2)
    with pytest.raises(Refused, match="has a place to give up"):
        decide(made, V.WITHDREW, 3)
    decide(made, V.WITHDREW, 0)
    first = made.proposals[1].supplier.legal_name
    for late in (2, 3):
        with pytest.raises(Refused, match="Next on the reserve list: "):
            decide(made, V.AWARDED, late)
    assert (
        f"Next on the reserve list: {first}."
        in signed_in(made.chair.user).get(address(made, 1)).content.decode()
    )
    decide(made, V.AWARDED, 1)
    # The reserve turns the offer down: the next one is asked.
    decide(made, V.WITHDREW, 1)
    decide(made, V.AWARDED, 2)


def test_only_chair_and_admin_decide_and_only_in_one_lot() -> None:
    made = priced(2)
    assert signed_in(made.others[0].user).get(address(made, 0)).status_code == 404
    other = priced(1)
    mixed = f"{address(made, 0)}&item={other.proposals[0].pk}"
    assert signed_in(made.chair.user).get(mixed).status_code == 404
    assert signed_in(made.chair.user).get(address(made)).status_code == 302
    assert signed_in(made.admin).get(address(made, 0)).status_code == 200


def test_the_page_costs_the_same_for_one_and_three() -> None:
    made = priced(3)
    client = signed_in(made.chair.user)
    client.get(address(made, 0))
    counts = []
    for which in ([0], [0, 1, 2]):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(address(made, *which)).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_rows_can_be_decided_once_prices_are_open() -> None:
    """Before, and by others, they can only be compared."""
    made = room(2)
    made.rank()
    ranking = reverse("scoring:ranking", args=[made.solicitation.number])
    before = signed_in(made.chair.user).get(ranking).content.decode()
    assert "Compare selected proposals" in before and "Decide selected proposals" not in before
    made.open_prices()
    assert "Decide selected proposals" in signed_in(made.chair.user).get(ranking).content.decode()
    assert "Decide selected proposals" not in signed_in(made.others[0].user).get(ranking).content.decode()


@pytest.mark.parametrize(
    ("ranks", "said"),
    [
        ([], ""),
        ([4], "A"),
        ([4, 5], "A"),
        ([4, 4], "A and B, tied at rank 4"),
        ([4, 4, 4, 7], "A, B and C, tied at rank 4"),
        ([None, None], "A"),
    ],
)
def test_equals_in_reserve_are_all_named(ranks: list[int | None], said: str) -> None:
    reserve = [
        RankedProposal(supplier_name=name, rank=rank, position=position)
        for position, (name, rank) in enumerate(zip("ABCD", ranks, strict=False), start=1)
    ]
    assert queries.next_in_words(reserve) == said
