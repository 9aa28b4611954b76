"""The sample’s choices: minutes, a portfolio for the largest lot of the decided window, and a saved view."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from portal.demo import Demo, DemoError
from rfp.models import Lot, Window
from scoring.comparing import actions
from scoring.comparing.models import Portfolio
from scoring.comparing.terms import Terms
from scoring.decisions.models import RankingView
from scoring.minutes import actions as minutes_actions
from scoring.minutes import queries as minutes_queries
from scoring.models import RankedProposal
from scoring.panel import queries as panel_queries


def build(demo: Demo, window: Window, *, at: datetime) -> None:
    """The chair signs minutes and asks for a portfolio that covers every sub-component that is offered."""
    _sign_minutes(demo, window, at=at)
    lot = _largest_lot(window)
    ranked = RankedProposal.objects.filter(ranking__window=window, lot=lot, rank__isnull=False)
    offered = lot.items.filter(pk__in=ranked.values("revision__items")).values_list("code", flat=True)
    slots = window.solicitation.slots_per_lot
    asked = actions.request_portfolio(
        window,
        lot,
        Terms(slots=slots, sources=dict.fromkeys(sorted(offered), 1)),
        by=demo.person("chair"),
        at=at,
    )
    demo.wait_for("the portfolio", lambda: _settled(asked.pk))
    if not Portfolio.objects.filter(pk=asked.pk, state=Portfolio.State.DONE).exists():
        raise DemoError("The portfolio could not be computed.")
    RankingView.objects.create(
        user=demo.person("chair"),
        solicitation=window.solicitation,
        name="Jobs and lead time",
        columns=["chance", "domestic", "lead", "jobs", "expires", "flags"],
        query="sort=-jobs",
    )


def _sign_minutes(demo: Demo, window: Window, *, at: datetime) -> None:
    """Of each lot in which something was settled."""
    chair = demo.person("chair")
    declared = minutes_queries.declared_in(window, panel_queries.seats_of(window.solicitation))
    for lot in window.solicitation.lots.all():
        content = minutes_queries.since_last(window, lot, chair)
        if minutes_queries.is_empty(content):
            continue
        minutes_actions.sign(
            window,
            lot,
            present=declared,
            remarks="We met by video. Everyone had read the reports beforehand.",
            signed_name=chair.name,
            shown=content["through"],
            by=chair,
            at=at,
        )


def _largest_lot(window: Window) -> Lot:
    """The lot with the most ranked proposals."""
    ranked = RankedProposal.objects.filter(ranking__window=window, rank__isnull=False)
    most = ranked.values("lot").annotate(count=Count("pk")).order_by("-count", "lot").first()
    if most is None:
        raise DemoError("The sample has no ranked proposal in its first window.")
    return window.solicitation.lots.get(pk=most["lot"])


def _settled(pk: int) -> bool:
    return Portfolio.objects.get(pk=pk).is_settled
