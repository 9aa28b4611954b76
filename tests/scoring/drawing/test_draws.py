"""Draws of ties: two people, an order that neither can know, kept for good; and no tie is broken in silence."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import AuditEvent, Role
from portal.record import heads
from scoring.calculation.ties import Contender, rank_with_draws
from scoring.drawing import actions
from scoring.models import Decision, Draw, DrawStart
from scoring.panel import actions as panel_actions
from scoring.ranking.actions import count_ranking_request
from scoring.reports import files, verification
from tests import factories as make
from tests.scoring.decisions.test_verdicts import V, decide, fresh
from tests.scoring.drawing.made import drawn, equals, numbers, order, settle, start
from tests.scoring.reports.test_evaluation_file import recomputed
from tests.scoring.rooms import Room, room

pytestmark = pytest.mark.django_db


def hashed(seed: str, number: str) -> str:
    """As somebody with sha256sum works it out."""
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def exported(made: Room) -> bytes:
    return files.whole(made.window, [made.proposals[0].lot], price_open=True).content


def test_a_tie_that_was_not_drawn_is_a_shared_rank() -> None:
    made = equals(3)
    assert [row[1:] for row in order(made)] == [(1, True, ""), (1, True, "none"), (1, True, "none")]
    assert all("draw" not in each for each in json.loads(exported(made))["sets"][0]["proposals"])


def test_a_draw_gives_the_order_of_ranking_file_and_recompute(tmp_path: Path) -> None:
    made = equals(3)
    draw = drawn(made)
    assert sorted(draw.drawn) == numbers(made)
    assert order(made) == [
        (draw.drawn[0], 1, False, ""),
        (draw.drawn[1], 2, False, "draw"),
        (draw.drawn[2], 3, False, "draw"),
    ]
    content = exported(made)
    held = {each["id"]: each["draw"] for each in json.loads(content)["sets"][0]["proposals"]}
    assert held == {number: str(place) for place, number in enumerate(draw.drawn, start=1)}
    assert [each["id"] for each in json.loads(content)["sets"][0]["results"]] == draw.drawn
    assert recomputed(content, tmp_path) == (0, "All results are equal: 3 proposals in 1 set.\n")
    code, said = recomputed(content.replace(b'"draw": "1"', b'"draw": "9"'), tmp_path)
    assert (code, "rank" in said) == (1, True)


def test_anyone_can_work_the_order_out_again() -> None:
    made = equals(4)
    draw = drawn(made)
    signature = base64.b64decode(draw.signature)
    assert heads.is_signed(draw.statement.encode(), signature)
    assert not heads.is_signed(draw.statement.encode() + b" ", signature)
    assert draw.seed == hashlib.sha256(signature).hexdigest()
    assert draw.drawn == sorted(numbers(made), key=lambda number: hashed(draw.seed, number))
    said = json.loads(draw.statement)
    begun = AuditEvent.objects.get(verb="tie.draw_started")
    head = AuditEvent.objects.get(seq=said["head"]["seq"])
    assert said["started"] == {"seq": begun.seq, "hash": begun.hash}
    assert (said["head"]["hash"], said["tied"]) == (head.hash, numbers(made))
    # What it is drawn from was recorded before the draw, and the draw after it.
    assert begun.seq <= head.seq < AuditEvent.objects.get(verb="tie.drawn").seq
    assert list(verification.differences()) == []


def test_it_takes_the_chair_and_an_admin() -> None:
    made = equals()
    begun = start(made)
    reviewer, second_admin = made.others[0].user, make.make_user(Role.ADMIN)
    with pytest.raises(Refused, match="takes two people"):
        actions.complete_draw(begun, by=made.chair.user, at=make.NOW)
    for other in (reviewer, make.make_user(Role.OFFICER), make.make_user(Role.AUDITOR)):
        with pytest.raises(Refused, match="takes two people"):
            actions.complete_draw(begun, by=other, at=make.NOW)
    with pytest.raises(Refused, match="Sign your conflict declaration"):
        actions.complete_draw(begun, by=second_admin, at=make.NOW)
    with pytest.raises(DatabaseError, match="two people draw"), transaction.atomic():
        Draw.objects.create(
            start=begun, statement="", signature="", seed="", drawn=[], by=made.chair.user, at=make.NOW
        )
    assert not Draw.objects.exists()


def test_two_admins_are_not_the_two() -> None:
    made = equals()
    other = make.make_user(Role.ADMIN)
    make.declare(made.window, other)
    begun = start(made, by=made.admin)
    with pytest.raises(Refused, match="takes two people"):
        actions.complete_draw(begun, by=other, at=make.NOW)


def test_a_tie_is_drawn_once_and_kept() -> None:
    made = equals()
    draw = drawn(made)
    with pytest.raises(Refused, match="changed in the meantime"):
        start(made)
    with pytest.raises(Refused, match="already drawn"):
        actions.complete_draw(draw.start, by=made.admin, at=make.NOW)
    for change in (
        lambda: Draw.objects.update(drawn=draw.drawn[::-1]),
        lambda: Draw.objects.all().delete(),
        lambda: DrawStart.objects.update(tied=[]),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_same_draw_is_not_started_twice() -> None:
    made = equals()
    start(made)
    with pytest.raises(Refused, match="already started"):
        start(made, by=made.admin)


@pytest.mark.parametrize("tied", [[], ["none"], "some"])
def test_only_a_whole_tie_is_drawn(tied: Any) -> None:
    made = equals(3)
    with pytest.raises(Refused, match="changed in the meantime"):
        start(made, tied=numbers(made)[:2] if tied == "some" else tied)


def test_a_tie_that_changed_is_not_drawn() -> None:
    made = equals(3)
    begun = start(made)
    gone = fresh(made.proposals[0].pk)
    type(gone).objects.filter(pk=gone.pk).update(withdrawn_at=make.NOW)
    made.rank()
    with pytest.raises(Refused, match="changed in the meantime"):
        actions.complete_draw(begun, by=made.admin, at=make.NOW)


def test_nobody_draws_while_the_ranking_is_behind() -> None:
    made = equals()
    begun = start(made)
    count_ranking_request(made.window)
    with pytest.raises(Refused, match="being updated"):
        actions.complete_draw(begun, by=made.admin, at=make.NOW)
    settle(made)
    assert actions.complete_draw(begun, by=made.admin, at=make.NOW).drawn


def test_nobody_draws_before_prices_open() -> None:
    made = room(2)
    type(made.solicitation).objects.filter(pk=made.solicitation.pk).update(tie_chain=["draw"])
    made.mark()
    made.rank()
    with pytest.raises(Refused, match="after prices open"):
        start(made)


def test_an_rfp_without_a_draw_has_none() -> None:
    made = equals(chain=["technical", "price"])
    with pytest.raises(Refused, match="doesn’t settle ties by a draw"):
        start(made)


def test_who_has_a_conflict_does_not_draw() -> None:
    made = equals()
    begun = start(made)
    panel_actions.add_conflict(
        made.solicitation, made.proposals[0].supplier, statement="Shares", by=made.admin, at=make.NOW
    )
    with pytest.raises(Refused, match="You have a conflict"):
        actions.complete_draw(begun, by=made.admin, at=make.NOW)


def contenders(*names: str) -> list[Contender]:
    return [Contender(id=each, ranked_on=make.Decimal(5), technical=make.Decimal(5)) for each in names]


def places(*names: str, drawn: list[dict[str, int]]) -> list[tuple[str, int, bool]]:
    found = rank_with_draws(contenders(*names), ["technical", "draw"], drawn)
    return [(each.id, each.rank, each.shared) for each in found]


def test_who_was_not_drawn_is_tied_and_never_last() -> None:
    first = {"A": 2, "B": 1}
    assert places("A", "B", drawn=[first]) == [("B", 1, False), ("A", 2, False)]
    assert places("A", "B", "C", drawn=[first]) == [("A", 1, True), ("B", 1, True), ("C", 1, True)]
    assert places("A", "B", "C", "D", drawn=[first, {"C": 1, "D": 2}])[0] == ("A", 1, True)


def test_the_first_draw_that_held_them_all_counts() -> None:
    """A tie that grows and shrinks again gets no second draw."""
    first, larger = {"A": 2, "B": 1}, {"A": 1, "B": 2, "C": 3}
    assert places("A", "B", "C", drawn=[first, larger]) == [("A", 1, False), ("B", 2, False), ("C", 3, False)]
    assert places("A", "B", drawn=[first, larger]) == [("B", 1, False), ("A", 2, False)]
    assert places("A", "C", drawn=[first, larger]) == [("A", 1, False), ("C", 2, False)]


def test_a_chain_without_a_draw_ignores_one() -> None:
    found = rank_with_draws(contenders("A", "B"), ["technical"], [{"A": 2, "B": 1}])
    assert [each.rank for each in found] == [1, 1]


# ---- decisions --------------------------------------------------------------------------------------------------


def test_nobody_gets_a_slot_over_an_equal_that_waits() -> None:
    made = equals(2, slots=1)
    with pytest.raises(Refused, match="draw first"):
        decide(made, V.SHORTLISTED, 0)
    draw = drawn(made)
    first = next(at for at, each in enumerate(made.proposals) if each.number == draw.drawn[0])
    assert decide(made, V.SHORTLISTED, first)[0].verdict == V.SHORTLISTED


def test_equals_may_be_decided_together_or_after_one_is_out() -> None:
    made = equals(3, slots=3)
    assert len(decide(made, V.SHORTLISTED, 0, 1, 2)) == 3
    made = equals(2, slots=1)
    decide(made, V.ELIMINATED, 0)
    assert decide(made, V.SHORTLISTED, 1)[0].verdict == Decision.Verdict.SHORTLISTED


def test_equals_in_reserve_are_not_ahead_of_each_other() -> None:
    made = equals(3, slots=3, chain=["technical"])
    decide(made, V.SHORTLISTED, 0)
    decide(made, V.RESERVE, 1, 2)
    decide(made, V.WITHDREW, 0)
    last = max((1, 2), key=lambda at: order_of(made).index(made.proposals[at].number))
    assert decide(made, V.SHORTLISTED, last)[0].verdict == V.SHORTLISTED


def order_of(made: Room) -> list[str]:
    return [row[0] for row in order(made)]


def test_sealed_files_hold_no_draw() -> None:
    made = room(2)
    type(made.solicitation).objects.filter(pk=made.solicitation.pk).update(tie_chain=["draw"])
    made.mark()
    made.rank()
    content = files.whole(made.window, [made.proposals[0].lot], price_open=False).content
    assert b'"draw":' not in content and not made.window.openings.filter(envelope=Envelope.PRICE).exists()
