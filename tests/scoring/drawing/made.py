"""A lot whose proposals are equal in every way, in an RFP that has a draw decide."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from rfp.models import Solicitation, Window
from scoring.drawing import actions
from scoring.models import Draw, DrawStart, RankedProposal, Ranking
from tests import factories as make
from tests.scoring.rooms import Room, room, signed_in

CHAIN = ["technical", "price", "draw"]


def equals(count: int = 2, *, slots: int = 1, chain: list[str] = CHAIN) -> Room:
    """Prices are open, and all proposals share the first rank."""
    made = room(count)
    Solicitation.objects.filter(pk=made.solicitation.pk).update(slots_per_lot=slots, tie_chain=chain)
    made.window = Window.objects.select_related("solicitation").get(pk=made.window.pk)
    made.solicitation = made.window.solicitation
    made.open_prices()
    return made


def numbers(made: Room) -> list[str]:
    return sorted(each.number for each in made.proposals)


def start(made: Room, *, tied: list[str] | None = None, by: Any = None) -> DrawStart:
    return actions.start_draw(
        made.proposals[0].window,
        made.proposals[0].lot,
        tied=numbers(made) if tied is None else tied,
        by=by or made.chair.user,
        at=make.NOW,
    )


def drawn(made: Room, *, rank: bool = True) -> Draw:
    """The chair starts and the admin draws; the ranking is made anew."""
    draw = actions.complete_draw(start(made), by=made.admin, at=make.NOW)
    if rank:
        made.rank()
    return draw


def order(made: Room) -> list[tuple[str, int | None, bool, str]]:
    rows = RankedProposal.objects.filter(ranking__window=made.window).order_by("position")
    return [(row.proposal_number, row.rank, row.shared, row.tie_step) for row in rows]


def settle(made: Room) -> None:
    """As if no ranking were waiting."""
    stored = Ranking.objects.get(window=made.window)
    Ranking.objects.filter(pk=stored.pk).update(served=stored.requests)


def ties_url(made: Room) -> str:
    return f"{reverse('scoring:tie_list', args=[made.solicitation.number])}?window=1&lot=L1"


def chair(made: Room) -> Client:
    return signed_in(made.chair.user)
