"""Awards that suppliers know of: the standstill, the final award, its end by two people, and the public notices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts.fresh import fresh_sign_in
from portal.kit import asked, clock, formats
from portal.web.acting import act_and_say
from rfp.models import Lot, Window
from rfp.publishing import queries as publishing_queries
from scoring.decisions import queries as decisions_queries
from scoring.outcomes import award_actions, queries
from scoring.outcomes.forms import ButtonForm, EndForm
from scoring.outcomes.models import AwardEnd, Letter
from scoring.outcomes.views.acting import back_to
from scoring.panel.access import proposals_visible_to
from scoring.panel.views.room import Room, in_room

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One award on the letters' page. `form` makes it final or starts its end; `end` waits for a second person.

    `next_in_line`: who gets the place if it ends.
    """

    letter: Letter
    until: datetime
    is_over: bool
    final: Any
    form: ButtonForm | None
    end: AwardEnd | None
    start: EndForm | None
    confirm: ButtonForm | None
    drop_url: str
    next_in_line: str


def awards_in(room: Room, window: Window, lot: Lot, now: datetime) -> list[Shown]:
    """The lot's awards that stand, without suppliers that the user has a conflict with; a fixed number of queries."""
    hidden = room.viewer.conflicts
    letters = [
        each
        for each in queries.standing_awards(window)
        if each.release.lot_id == lot.pk
        and not hidden.everybody
        and each.proposal.supplier_id not in hidden.suppliers
    ]
    if not letters:
        return []
    ends = queries.ends_of(letters)
    first = decisions_queries.next_in_words(decisions_queries.reserve_of(window.pk, lot.pk))
    return [_shown(room, each, ends.get(each.pk), now, first) for each in letters]


def _shown(room: Room, letter: Letter, end: AwardEnd | None, now: datetime, first: str) -> Shown:
    until = letter.release.standstill_until
    assert until is not None, "its release is confirmed"
    final = getattr(letter, "final", None)
    args = [room.solicitation.number, letter.pk]
    may = room.decides
    may_confirm = end is not None and may and end.proposed_by_id != room.user.pk
    finish = ButtonForm(submit="Make the award final", action=reverse("scoring:award_final", args=args))
    start = EndForm()
    start.action = reverse("scoring:award_end", args=args)
    return Shown(
        letter=letter,
        until=until,
        is_over=now >= until,
        final=final,
        form=finish if may and now >= until and end is None and final is None else None,
        end=end,
        start=start if may and end is None else None,
        confirm=ButtonForm(
            submit="End the award", action=reverse("scoring:award_end_confirm", args=[args[0], end.pk])
        )
        if end is not None and may_confirm
        else None,
        drop_url=reverse("scoring:award_end_drop", args=[args[0], end.pk]) if end is not None and may else "",
        next_in_line=first,
    )


def _letter(room: Room, pk: int) -> Letter:
    """Raises Http404, also for a supplier that the user has a conflict with."""
    if not room.decides:
        raise Http404
    found = Letter.objects.filter(
        release__window__in=room.windows, proposal__in=proposals_visible_to(room.user)
    ).select_related(
        "release__window__solicitation", "release__lot", "proposal__window__solicitation", "proposal__lot"
    )
    return get_object_or_404(found, pk=pk)


@require_POST
@in_room
@fresh_sign_in
def finish(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    """An award becomes final after its standstill."""
    letter = _letter(room, pk)

    def act() -> str:
        award_actions.finish_award(letter, by=room.user)
        return f"The award to {letter.proposal.number} is final."

    act_and_say(request, act)
    return back_to(room, letter.release.window, letter.release.lot)


@require_POST
@in_room
@fresh_sign_in
def start_end(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    """The first of two people: the winner withdrew."""
    letter = _letter(room, pk)
    form = EndForm(request.POST)

    def act() -> str:
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        award_actions.propose_end(letter, reason=reason, by=room.user, at=clock.wall_time())
        return f"The end of the award to {letter.proposal.number} started. A second person must confirm it."

    act_and_say(request, act)
    return back_to(room, letter.release.window, letter.release.lot)


def _end(room: Room, pk: int) -> AwardEnd:
    if not room.decides:
        raise Http404
    found = AwardEnd.objects.filter(
        letter__release__window__in=room.windows, letter__proposal__in=proposals_visible_to(room.user)
    )
    return get_object_or_404(found.select_related("letter__release__window", "letter__release__lot"), pk=pk)


def _act_on(request: HttpRequest, room: Room, end: AwardEnd, act: Callable[[], str]) -> HttpResponse:
    act_and_say(request, act)
    return back_to(room, end.letter.release.window, end.letter.release.lot)


@require_POST
@in_room
@fresh_sign_in
def confirm_end(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    """The second person: the award ends, and the reserve is next."""
    end = _end(room, pk)

    def act() -> str:
        award_actions.confirm_end(end, by=room.user, at=clock.wall_time())
        release = end.letter.release
        waiting = decisions_queries.reserve_of(release.window_id, release.lot_id)
        if not waiting:
            return "The award ended. No one is on the reserve list."
        return (
            f"The award ended. Next on the reserve list: {decisions_queries.next_in_words(waiting)}. "
            "Decide in the ranking, then release the letters."
        )

    return _act_on(request, room, end, act)


@require_POST
@in_room
@fresh_sign_in
def drop_end(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    """Take back the end of an award that waits."""
    end = _end(room, pk)

    def act() -> str:
        award_actions.drop_end(end, by=room.user, at=clock.wall_time())
        return "The award stays."

    return _act_on(request, room, end, act)


# ---- for everybody ----------------------------------------------------------------------------------------------


def award_notices(request: HttpRequest, number: str) -> HttpResponse:
    """The RFP's released awards: who, which lot, when, until when the standstill runs. Nothing before the release."""
    visible = publishing_queries.solicitations_visible_to(request.user)
    solicitation = get_object_or_404(visible, number=number)
    found: Sequence[queries.Award] = queries.awards_of(solicitation.pk)
    now = clock.wall_time()
    page = asked.page_of(request, found, PAGE)
    context = {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "page": page,
        "rows": [_notice(each, now, shows_value=solicitation.award_value_shown) for each in page],
        "shows_value": solicitation.award_value_shown,
    }
    return render(request, "scoring/outcomes/award_notices.html", context)


def _notice(award: queries.Award, now: datetime, *, shows_value: bool) -> dict[str, Any]:
    letter, until = award.letter, award.letter.release.standstill_until
    runs = until is not None and now < until
    if award.ended:
        state, words = "na", "Ended"
    elif award.final:
        state, words = "met", "Final"
    elif runs:
        state, words = "run", "Standstill"
    else:
        state, words = "open", "Standstill over, not final yet"
    return {
        "letter": letter,
        "lot": letter.release.lot,
        "state": state,
        "words": words,
        "until": until,
        "runs": runs and not award.ended and not award.final,
        "ended": award.ended,
        "final": award.final,
        "value": formats.money(letter.value, 0) if shows_value and letter.value is not None else "",
    }
