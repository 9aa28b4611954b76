"""Two to six proposals side by side, for a report: what the page shows to the same reader."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rfp.models import Window
from scoring.comparing.side_by_side import side_by_side
from scoring.panel.access import Access, Viewer
from scoring.panel.views.room import Room
from scoring.ranking import queries as ranking_queries
from scoring.ranking.models import RankedProposal
from scoring.reports.queries import NotReadable

LEAST, MOST = 2, 6


def rows_of(viewer: Viewer, window: Window, access: Access, proposals: Iterable[Any]) -> list[RankedProposal]:
    """The rows of these proposals that the reader may read, in the order of ranks.

    Raises NotReadable when fewer than two are left: the reader's access may have changed since.
    """
    ranking = ranking_queries.ranking_of(window)
    if not access.sees_panel or ranking is None or ranking.ranked_at is None:
        raise NotReadable("You don’t have access to a ranking.")
    found = ranking_queries.ranked_visible_to(viewer, ranking, access).filter(proposal__in=list(proposals))
    rows = list(found.select_related("lot").order_by("position")[:MOST])
    if len(rows) < LEAST:
        raise NotReadable("You no longer have access to these proposals.")
    return rows


def context_of(viewer: Viewer, window: Window, access: Access, rows: list[RankedProposal]) -> dict[str, Any]:
    """What the report's template shows."""
    solicitation = window.solicitation
    room = Room(viewer=viewer, solicitation=solicitation, windows=[window])
    compared = side_by_side(rows, room, access)
    priced = all(row.price_open and row.lot_id in access.price_lots for row in rows)
    return {
        "window": window,
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "ranking": rows[0].ranking,
        "compared": compared,
        "price_open": priced,
    }
