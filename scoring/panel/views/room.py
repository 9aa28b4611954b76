"""What every page of one RFP's evaluation shares: who may enter, the tabs, and the window it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from portal.models import User
from rfp.models import Proposal, Solicitation, Window
from scoring.panel import names, queries
from scoring.panel.access import Access, LotAccess, Viewer, sees_names, viewer_in, window_to_sign_for
from scoring.panel.models import Evaluator

TABS = (
    ("overview", "Overview"),
    ("proposal_list", "Proposals"),
    ("queue", "Scoring"),
    ("panel_board", "Panel"),
    ("moderation_list", "Moderation"),
    ("decision_list", "Decisions"),
    ("opening_list", "Openings"),
    ("ranking", "Ranking"),
    ("coverage", "Coverage"),
    ("letter_list", "Letters"),
    ("report_list", "Reports"),
    ("conflict_list", "Conflicts"),
)


class MustDeclare(Exception):
    """A reviewer asked for a window without having signed its declaration."""

    def __init__(self, window: Window) -> None:
        super().__init__(str(window))
        self.window = window


@dataclass
class Room:
    """One RFP under evaluation, as this user enters it."""

    viewer: Viewer
    solicitation: Solicitation
    windows: list[Window]
    # The window that the answer is about, once the page has chosen one; and whether it is a page of declarations, the
    # one place where suppliers are named to reviewers who may not know whose offer is whose.
    about: Window | None = None
    is_declaration: bool = False

    @property
    def user(self) -> User:
        return self.viewer.user

    @property
    def seat(self) -> Evaluator | None:
        return self.viewer.seat

    @property
    def zone(self) -> str:
        return self.solicitation.time_zone

    @property
    def name(self) -> str:
        return f"RFP {self.solicitation.number} {self.solicitation.title}"

    @cached_property
    def access(self) -> dict[int, Access]:
        """window id → what the user may read of it; no query, as the openings came along."""
        return {window.pk: self.viewer.access(window, window.openings.all()) for window in self.windows}

    @cached_property
    def nameless(self) -> frozenset[int]:
        """Ids of the opened windows whose suppliers this user may not know yet. Of others nothing shows, not even that
        a name was left out."""
        opened = (each for each in self.windows if self.access[each.pk].technical_open)
        return frozenset(each.pk for each in opened if not sees_names(self.viewer, each))

    @property
    def sees_names(self) -> bool:
        """Whether the answer may say who the suppliers are."""
        return self.about.pk not in self.nameless if self.about is not None else not self.nameless

    @property
    def is_opened(self) -> bool:
        """Whether the technical envelope of any window is open."""
        return any(access.technical_open for access in self.access.values())

    @property
    def decides(self) -> bool:
        return self.viewer.decides

    @property
    def reads_screening(self) -> bool:
        """Chair, admins, officers and auditors read why a supplier is on hold; reviewers read that it is, and so does a
        chair who may not know who it is."""
        return self.viewer.oversees or (self.viewer.is_chair and self.sees_names)

    @property
    def sees_pairs(self) -> bool:
        """Chair, admins, officers and auditors read which two people need a countersignature."""
        return self.decides or self.viewer.oversees

    def must_declare(self, window: Window) -> bool:
        """Whether the user has to sign for this opened window before reading anything of it."""
        return self.access[window.pk].technical_open and self.viewer.must_declare(window)

    def to_sign(self) -> list[Window]:
        """Opened windows that the user has not signed for: reviewers must to read, admins to decide."""
        signs = self.seat is not None or self.user.is_admin
        return [
            window
            for window in self.windows
            if signs and self.access[window.pk].technical_open and window.pk not in self.viewer.windows
        ]

    def window(self, number: str | None) -> Window:
        """The window asked for; without one the last opened, else the first. Raises Http404 and MustDeclare."""
        chosen = self.any_window(number)
        if self.must_declare(chosen):
            raise MustDeclare(chosen)
        return chosen

    def any_window(self, number: str | None) -> Window:
        """The same, for pages that show nothing of what was received in it. Raises Http404."""
        windows = self.windows
        if number:
            chosen = [window for window in windows if str(window.number) == number]
            if not chosen:
                raise Http404
            self.about = chosen[0]
            return self.about
        opened = [window for window in windows if self.access[window.pk].technical_open]
        if not (opened or windows):
            raise Http404
        self.about = opened[-1] if opened else windows[0]
        return self.about

    def links(self, current: str) -> list[dict[str, Any]]:
        return [
            {
                "label": label,
                "url": reverse(f"scoring:{name}", args=[self.solicitation.number]),
                "current": name == current,
            }
            for name, label in TABS
            if (name != "queue" or self.seat is not None)
            and (name not in ("letter_list", "panel_board", "moderation_list") or self.sees_pairs)
            and (name != "conflict_list" or self.seat is not None or self.viewer.oversees)
        ]

    def context(self, current: str, **extra: Any) -> dict[str, Any]:
        """What `scoring/panel/base.html` needs, and what the page adds."""
        return {
            "room": self,
            "solicitation": self.solicitation,
            "zone": self.zone,
            "links": self.links(current),
            "overview_url": reverse("scoring:overview", args=[self.solicitation.number]),
            **extra,
        }


def enter(user: User, number: str, *paths: str) -> Room:
    """The room of that RFP, with what the paths lead to; one query. Raises Http404 for who may not enter."""
    solicitation = queries.room_to_enter(user, number, *paths)
    if solicitation is None:
        raise Http404
    viewer = viewer_in(user, solicitation, told=solicitation, seats=solicitation.evaluators.all())
    return Room(viewer=viewer, solicitation=solicitation, windows=list(solicitation.windows.all()))


Page = Callable[..., HttpResponseBase]


def in_room(view: Page) -> Page:
    """The view gets a Room in place of the number; a reviewer who has not signed for the window is sent to sign."""
    return in_room_with()(view)


def in_room_with(*paths: str) -> Callable[[Page], Page]:
    """The same; what the paths lead to from the RFP comes along with it."""

    def wrap(view: Page) -> Page:
        @login_required
        @wraps(view)
        def inner(request: HttpRequest, number: str, **rest: Any) -> HttpResponseBase:
            assert isinstance(request.user, User), "login_required stands before this"
            room = enter(request.user, number, *paths)
            try:
                return answer_of(room, view(request, room, **rest))
            except MustDeclare as unsigned:
                return sign_first(number, unsigned.window)

        return inner

    return wrap


def answer_of(room: Room, answer: HttpResponseBase) -> HttpResponseBase:
    """The answer as it leaves the room: without names that the user may not know."""
    if room.is_declaration or not room.nameless:
        return answer
    return names.without(answer, names.withheld(room.windows, room.nameless, about=room.about))


def sign_first(number: str, window: Window) -> HttpResponse:
    return redirect(f"{reverse('scoring:declare', args=[number])}?window={window.number}")


def with_proposal(view: Page) -> Page:
    """The view gets a Room and a Proposal in place of the id. 404 for what is not visible to the user."""

    @login_required
    @wraps(view)
    def inner(request: HttpRequest, pk: Any, **rest: Any) -> HttpResponseBase:
        assert isinstance(request.user, User), "login_required stands before this"
        proposal = queries.proposal_to_enter(request.user, pk)
        if proposal is not None:
            room = _room_of(request.user, proposal)
            return answer_of(room, view(request, room, proposal, **rest))
        unsigned = window_to_sign_for(request.user, pk)
        if unsigned is None:
            raise Http404
        return sign_first(unsigned.solicitation.number, unsigned)

    return inner


def _room_of(user: User, proposal: Proposal) -> Room:
    """The proposal's room, without the other windows; rows are tied together so that nothing is asked for twice."""
    window = proposal.window
    assert window is not None and proposal.current_revision is not None, "it is visible"
    solicitation = window.solicitation = proposal.lot.solicitation
    proposal.current_revision.proposal = proposal
    viewer = viewer_in(user, solicitation, told=proposal, seats=solicitation.evaluators.all())
    return Room(viewer=viewer, solicitation=solicitation, windows=[window], about=window)


def access_for(room: Room, proposal: Proposal) -> LotAccess:
    """What the user may read of the proposal's lot."""
    assert proposal.window_id is not None, "it is visible"
    return room.access[proposal.window_id].of(proposal.lot_id)
