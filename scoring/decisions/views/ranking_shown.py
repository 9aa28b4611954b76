"""What a page about a window's ranking shows of it: the window, one lot or all of them, and what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.http import HttpRequest, QueryDict

from rfp.models import Lot, Window
from scoring.decisions.views.proposal_list import short_lot
from scoring.panel.access import Access
from scoring.panel.views.room import Room
from scoring.ranking import queries as ranking_queries
from scoring.ranking.models import Ranking

ALL = "all"


@dataclass(frozen=True, kw_only=True)
class LotTab:
    """One lot of the ranking: how many rows the user may read, where they begin, whether prices are in them."""

    lot: Lot
    count: int
    ranked: int
    first: int
    price_open: bool


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a ranking page or file shows: a window's stored ranking, one lot of it or (`lot` is None) all of them."""

    window: Window
    access: Access
    stored: Ranking
    tabs: Sequence[LotTab]
    lot: LotTab | None

    @property
    def chosen(self) -> Sequence[LotTab]:
        return [self.lot] if self.lot else self.tabs

    @property
    def count(self) -> int:
        return sum(tab.count for tab in self.chosen)

    @property
    def ranked_count(self) -> int:
        """How many of the rows have a rank."""
        return sum(tab.ranked for tab in self.chosen)

    @property
    def span(self) -> tuple[int, int] | None:
        """(first position, rows) where the chosen lots' positions follow each other; None with a gap between."""
        lots = self.chosen
        if any(a.first + a.count != b.first for a, b in pairwise(lots)):
            return None
        return (lots[0].first, sum(tab.count for tab in lots)) if lots else None

    @property
    def price_open(self) -> bool:
        """Whether there are prices to show: those of the lot, or of any lot in the list of all."""
        return self.lot.price_open if self.lot else any(tab.price_open for tab in self.tabs)


def shown_in(request: HttpRequest, room: Room) -> Shown | None:
    """What the address asks for; without a lot the first. None while nothing of the window is ranked for the user."""
    window = room.window(request.GET.get("window"))
    access = room.access[window.pk]
    stored = getattr(window, "ranking", None) if access.sees_panel else None
    if stored is None or stored.ranked_at is None:
        return None
    lots = {lot.pk: lot for lot in room.solicitation.lots.all()}
    tabs = [
        LotTab(
            lot=lots[pk],
            count=count,
            ranked=ranked,
            first=first,
            price_open=priced and pk in access.price_lots,
        )
        for pk, count, ranked, first, priced in ranking_queries.lots_visible_to(room.viewer, stored, access)
    ]
    asked = request.GET.get("lot", "")
    chosen = next((tab for tab in tabs if tab.lot.code == asked), None)
    if chosen is None and asked != ALL:
        chosen = tabs[0] if tabs else None
    return Shown(window=window, access=access, stored=stored, tabs=tabs, lot=chosen)


def lot_tabs(shown: Shown, kept: QueryDict) -> list[dict[str, Any]]:
    """A tab for each lot, and one for the list of all."""
    tabs = []
    for tab in [*shown.tabs, None]:
        address = QueryDict(mutable=True)
        address["window"], address["lot"] = str(shown.window.number), tab.lot.code if tab else ALL
        tabs.append(
            {
                "label": short_lot(tab.lot) if tab else "All lots, list only",
                "count": tab.count if tab else None,
                "url": f"?{address.urlencode()}",
                "current": tab is shown.lot
                or (tab is not None and shown.lot is not None and tab == shown.lot),
            }
        )
    return tabs if len(shown.tabs) > 1 else []


def price_shown(row: Any, access: Access) -> bool:
    """Prices are in a row once the lot's are open and the stored ranking was made with them."""
    return row.price_open and row.lot_id in access.price_lots
