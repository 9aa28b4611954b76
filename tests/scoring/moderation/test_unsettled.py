"""Where an RFP asks for it, prices wait until marks that are far apart are settled."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from rfp.publishing.method_words import method_words
from scoring.decisions import lots, opening_actions
from tests import factories as make
from tests.scoring.moderation.test_settling import agree, mark
from tests.scoring.rooms import Room, room, signed_in

pytestmark = pytest.mark.django_db
WAITS = "1 proposal to settle in moderation. The chair settles them."


def apart(count: int = 1, *, asks: bool = True) -> Room:
    """Every proposal is marked 5 by the chair and 0 by the other reviewer."""
    made = room(count)
    type(made.solicitation).objects.update(consensus_needed=asks)
    made.window.solicitation.refresh_from_db()
    for at in range(count):
        mark(made, made.chair, 5, at)
        mark(made, made.others[0], 0, at)
    return made


def opened(made: Room) -> None:
    opening_actions.propose_openings(
        made.window, envelope=Envelope.PRICE, lots=[made.proposals[0].lot], by=made.chair.user, at=make.NOW
    )


def test_prices_wait_for_an_agreed_mark_and_the_page_says_with_whom() -> None:
    made = apart()
    [state] = lots.lots_before_prices(made.window)
    assert (state.short, state.apart, state.undecided, state.is_ready) == (0, 1, [WAITS], False)
    page = signed_in(made.chair.user).get(made.base + "openings/").content.decode()
    assert "1 proposal to settle" in page
    assert "with the chair" in page
    with pytest.raises(Refused, match="1 proposal to settle in moderation"):
        opened(made)
    agree(made, 4)
    [state] = lots.lots_before_prices(made.window)
    assert (state.apart, state.is_ready) == (0, True)
    opened(made)


def test_an_agreement_that_is_taken_back_seals_prices_again() -> None:
    made = apart()
    agree(made, 4)
    agree(made, None, reason="A mistake.")
    assert lots.lots_before_prices(made.window)[0].undecided == [WAITS]


@pytest.mark.parametrize(("first", "other"), [(4, 4), (4, 3)])
def test_marks_that_are_close_need_no_agreement(first: int, other: int) -> None:
    made = room(1)
    type(made.solicitation).objects.update(consensus_needed=True)
    made.window.solicitation.refresh_from_db()
    mark(made, made.chair, first)
    mark(made, made.others[0], other)
    assert lots.lots_before_prices(made.window)[0].is_ready


def test_an_rfp_that_does_not_ask_does_not_wait() -> None:
    assert lots.lots_before_prices(apart(asks=False).window)[0].is_ready


def test_what_waits_is_counted_with_the_same_queries_for_one_and_three() -> None:
    counts = []
    for count in (1, 3):
        made = apart(count)
        with CaptureQueriesContext(connection) as queries:
            [state] = lots.lots_before_prices(made.window)
        assert state.apart == count
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_rfp_says_so() -> None:
    solicitation = make.make_solicitation(consensus_needed=True)
    said = dict(method_words(solicitation, solicitation.criteria.all()))
    assert any("the panel agrees on marks that are far apart" in words for words in said.values())
