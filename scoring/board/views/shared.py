"""What the pages of the board share: who may see it, and which lot of which window it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from portal.kit import asked
from rfp.models import Lot, Proposal, Window
from scoring.board import planning
from scoring.panel import queries as panel_queries
from scoring.panel.access import Access, proposals_in
from scoring.panel.models import Evaluator
from scoring.panel.views.room import Room, in_room
from scoring.ranking.inputs import criteria_of
from scoring.reading.queries import received_by_lot

PAGE = 50
ALL_UP_TO = 500  # proposals of a window, up to which its lots are shown together


@dataclass(frozen=True)
class Seen:
    """The window, its lots with proposals, and the one that is shown: None for all, and where none can be read.

    `has_all`: whether the lots can be shown together.
    """

    room: Room
    window: Window
    access: Access
    lots: Sequence[Lot]
    lot: Lot | None
    has_all: bool = False

    @property
    def shown(self) -> Sequence[Lot]:
        return [self.lot] if self.lot else self.lots

    @property
    def seats(self) -> list[Evaluator]:
        found = panel_queries.panel_of(self.room.solicitation)
        prefetch_related_objects(found, "knows")
        return found

    @property
    def proposals(self) -> QuerySet[Proposal]:
        """The proposals of the lots shown that the user may read."""
        found = proposals_in(self.room.viewer, self.window, self.access)
        return found.filter(lot__in=self.shown)

    @property
    def assignable(self) -> QuerySet[Proposal]:
        """Proposals of the window that the user may read and that are still to be marked."""
        visible = proposals_in(self.room.viewer, self.window, self.access)
        return visible.filter(pk__in=planning.to_be_marked(self.window).values("pk"))

    @property
    def groups(self) -> list[str]:
        """Criterion groups with something that reviewers may mark, in order."""
        found = criteria_of(self.room.solicitation)
        return list(
            dict.fromkeys(each.group for each in found if each.group and each.envelope == "technical")
        )

    def url(self, name: str = "panel_board", *args: Any) -> str:
        tail = f"&lot={self.lot.code}" if self.lot else ""
        path = reverse(f"scoring:{name}", args=[self.room.solicitation.number, *args])
        return f"{path}?window={self.window.number}{tail}"


def seen_in(request: HttpRequest, room: Room, *, together: bool = False) -> Seen:
    """`together`: all lots at once, unless one is asked for or they are too large.

    Raises Http404 for who may not see how far reviewers are, and MustDeclare.
    """
    if not room.sees_pairs:
        raise Http404
    window = room.window(request.GET.get("window"))
    access = room.access[window.pk]
    received = received_by_lot(window) if access.technical_open else {}
    lots = [lot for lot in room.solicitation.lots.all() if received.get(lot.pk)]
    code = asked.text(request, "lot")
    has_all = together and len(lots) > 1 and sum(received.values()) <= ALL_UP_TO
    first = None if has_all or not lots else lots[0]
    chosen = next((lot for lot in lots if lot.code == code), first)
    return Seen(room, window, access, lots, chosen, has_all)


def on_board(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view of who assigns gets what is seen in place of the number: chair and admins."""

    @in_room
    @wraps(view)
    def inner(request: HttpRequest, room: Room, **rest: Any) -> HttpResponseBase:
        if not room.decides:
            raise Http404
        return view(request, seen_in(request, room, together=True), **rest)

    return inner
