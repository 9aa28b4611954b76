"""What every page of one RFP's evaluation shares: who may enter, the tabs, and the window looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from portal.models import User
from rfp.models import Proposal, Solicitation, Window
from scoring import queries
from scoring.models import Evaluator

TABS = (
    ("overview", "Overview"),
    ("proposal_list", "Proposals"),
    ("queue", "Scoring"),
    ("ranking", "Ranking"),
    ("knockout_list", "Knock-outs"),
    ("opening_list", "Openings"),
    ("report_list", "Reports"),
)


@dataclass
class Room:
    """One RFP under evaluation, as this user enters it."""

    user: User
    solicitation: Solicitation
    seat: Evaluator | None
    windows: list[Window]

    @property
    def zone(self) -> str:
        return self.solicitation.time_zone

    @property
    def name(self) -> str:
        return f"RFP {self.solicitation.number} {self.solicitation.title}"

    @cached_property
    def access(self) -> dict[int, queries.Access]:
        """window id → what the user may read of it; no query, as the openings came along."""
        return {
            window.pk: queries.access_from(self.user, self.seat, window.openings.all())
            for window in self.windows
        }

    @cached_property
    def conflicts(self) -> set[int]:
        return queries.conflicts_of(self.seat)

    @property
    def is_opened(self) -> bool:
        """Whether the technical envelope of any window is open."""
        return any(access.technical_open for access in self.access.values())

    @property
    def must_declare(self) -> bool:
        """A reviewer reads nothing of a proposal before the conflict declaration is signed."""
        return self.seat is not None and not hasattr(self.seat, "declaration")

    @property
    def decides(self) -> bool:
        return self.user.is_admin or (self.seat is not None and self.seat.is_chair)

    def window(self, number: str | None) -> Window:
        """The window asked for; without one the last opened, else the first. Raises Http404."""
        windows = self.windows
        if number:
            chosen = [window for window in windows if str(window.number) == number]
            if not chosen:
                raise Http404
            return chosen[0]
        opened = [window for window in windows if self.access[window.pk].technical_open]
        if not (opened or windows):
            raise Http404
        return opened[-1] if opened else windows[0]

    def links(self, current: str) -> list[dict[str, Any]]:
        return [
            {
                "label": label,
                "url": reverse(f"scoring:{name}", args=[self.solicitation.number]),
                "current": name == current,
            }
            for name, label in TABS
            if name != "queue" or self.seat is not None
        ]

    def context(self, current: str, **extra: Any) -> dict[str, Any]:
        """What `scoring/base.html` needs, and what the page adds."""
        return {
            "room": self,
            "solicitation": self.solicitation,
            "zone": self.zone,
            "links": self.links(current),
            "overview_url": reverse("scoring:overview", args=[self.solicitation.number]),
            **extra,
        }


def enter(user: User, number: str) -> Room:
    """The room of that RFP; three or four queries. Raises Http404 for who may not enter."""
    solicitation = get_object_or_404(queries.rooms_visible_to(user), number=number)
    # The windows came without their way back; giving it saves a query each.
    for window in solicitation.windows.all():
        window.solicitation = solicitation
    seat = queries.seat_of(user, solicitation)
    return Room(user=user, solicitation=solicitation, seat=seat, windows=list(solicitation.windows.all()))


Page = Callable[..., HttpResponseBase]


def in_room(view: Page) -> Page:
    """The view gets a Room in place of the number; a reviewer who has not declared is sent to sign first."""

    @login_required
    @wraps(view)
    def inner(request: HttpRequest, number: str, **rest: Any) -> HttpResponseBase:
        room = _room(request, number)
        if room.must_declare and room.is_opened:
            return redirect("scoring:declare", number=number)
        return view(request, room, **rest)

    return inner


def in_room_undeclared(view: Page) -> Page:
    """Like `in_room`, for the page where the declaration is signed."""

    @login_required
    @wraps(view)
    def inner(request: HttpRequest, number: str, **rest: Any) -> HttpResponseBase:
        return view(request, _room(request, number), **rest)

    return inner


def _room(request: HttpRequest, number: str) -> Room:
    assert isinstance(request.user, User), "login_required stands before this"
    return enter(request.user, number)


def with_proposal(view: Page) -> Page:
    """The view gets a Room and a Proposal in place of the id. 404 for what is not visible to the user."""

    @login_required
    @wraps(view)
    def inner(request: HttpRequest, pk: Any, **rest: Any) -> HttpResponseBase:
        assert isinstance(request.user, User), "login_required stands before this"
        proposal = queries.proposal_to_read(request.user).filter(pk=pk).first()
        if proposal is None:
            return _sign_first(request.user, pk)
        return view(request, _room_of(request.user, proposal), proposal, **rest)

    return inner


def _room_of(user: User, proposal: Proposal) -> Room:
    """The proposal's room, without the other windows; rows are tied together so that nothing is asked for twice."""
    window = proposal.window
    assert window is not None and proposal.current_revision is not None, "it is visible"
    solicitation = window.solicitation
    queries.with_openings([window])
    proposal.lot.solicitation = solicitation
    proposal.current_revision.proposal = proposal
    seat = queries.seat_of(user, solicitation)
    return Room(user=user, solicitation=solicitation, seat=seat, windows=[window])


def _sign_first(user: User, pk: Any) -> HttpResponse:
    """Where a reviewer without a declaration is sent from a proposal's address; 404 for everybody else."""
    number = queries.undeclared_rfp_of(user, pk)
    if number is None:
        raise Http404
    return redirect("scoring:declare", number=number)


def access_for(room: Room, proposal: Proposal) -> queries.Access:
    assert proposal.window_id is not None, "it is visible"
    return room.access[proposal.window_id]
