"""Letters of an RFP, held and sent, lot by lot: previews, words, debriefs, and the release by two people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts import pairs
from portal.accounts.fresh import fresh_sign_in
from portal.kit import asked, clock, formats
from portal.kit.formats import count_of
from portal.letters import notices
from portal.models import Notice
from portal.web.acting import act_and_say
from rfp.models import Lot, Window
from scoring.outcomes import actions, letters, queries
from scoring.outcomes.forms import ButtonForm, ReleaseForm
from scoring.outcomes.models import Letter, Outcome, Release
from scoring.outcomes.queries import STATES, Due
from scoring.outcomes.views import awards
from scoring.outcomes.views.acting import back_to
from scoring.panel.access import proposals_visible_to
from scoring.panel.views.room import Room, in_room

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Row:
    """One proposal's letter: what it says, whether it is held, waiting, sent or refused, and what the server said.

    `drafts`: explanations of its debrief that wait for the chair.
    """

    due: Due
    outcome: str
    outcome_state: str
    state: str
    words: str
    note: str
    drafts: int
    again: ButtonForm | None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How many letters of one outcome a release would send."""

    outcome: Outcome
    state: str
    held: int
    subject: str


@in_room
def letter_list(request: HttpRequest, room: Room) -> HttpResponse:
    """One lot of a window: what a release would send, whether it can go out, each letter with its state."""
    return render_list(request, room)


def render_list(request: HttpRequest, room: Room, *, failed: ReleaseForm | None = None) -> HttpResponse:
    window = _window(request, room)
    lots = [lot for lot in room.solicitation.lots.all() if lot.pk in room.access[window.pk].price_lots]
    lot = next((each for each in lots if each.code == request.GET.get("lot")), lots[0] if lots else None)
    context: dict[str, Any] = {"window": window, "lot": lot, "lots": _lots(room, window, lots, lot)}
    if lot is not None:
        context |= _lot_context(request, room, window, lot, failed)
    return render(request, "scoring/outcomes/letters.html", room.context("letter_list", **context))


def _window(request: HttpRequest, room: Room) -> Window:
    """The window asked for, or the last with open prices, for those who may read letters. Raises Http404."""
    if not room.sees_pairs:
        raise Http404
    priced = [each for each in room.windows if room.access[each.pk].price_lots]
    latest = str(priced[-1].number) if priced else None
    return room.window(request.GET.get("window") or latest)


def _lots(room: Room, window: Window, lots: Iterable[Lot], chosen: Lot | None) -> list[dict[str, Any]]:
    address = reverse("scoring:letter_list", args=[room.solicitation.number])
    return [
        {
            "label": f"{lot.code} {lot.title}",
            "url": f"{address}?window={window.number}&lot={lot.code}",
            "current": lot == chosen,
        }
        for lot in lots
    ]


def _lot_context(
    request: HttpRequest, room: Room, window: Window, lot: Lot, failed: ReleaseForm | None
) -> dict[str, Any]:
    now = clock.wall_time()
    draft = letters.draft_of(window, lot, at=now)
    releases = queries.releases_in([window]).get((window.pk, lot.pk), [])
    waiting = next((each for each in releases if each.confirmed_at is None), None)
    page = asked.page_of(request, _visible(room, draft.due), PAGE)
    given = awards.awards_in(room, window, lot, now)
    return {
        "draft": draft,
        "kinds": _kinds(draft),
        "page": page,
        "rows": _rows(room, page, draft),
        "history": [_told(each, room.zone) for each in releases if each.confirmed_at],
        "waiting": waiting,
        "held_back": None if waiting else queries.held_back_in(window, lot),
        "start": (failed or _start(room, window, lot)) if waiting is None and not draft.obstacles else None,
        **(_confirm(room, waiting) if waiting else {}),
        "cards": pairs.cards_about(
            [*([waiting] if waiting else []), *(each.end for each in given if each.end)], room.user, at=now
        ),
        "standstill": letters.standstill_end(now, room.solicitation.standstill_days, room.zone),
        "awards": given,
        "has_awards": bool(given),
    }


def _visible(room: Room, found: Iterable[Due]) -> list[Due]:
    """Without suppliers that the user has a conflict with."""
    hidden = room.viewer.conflicts
    return [due for due in found if not hidden.everybody and due.row.supplier_id not in hidden.suppliers]


def _kinds(draft: letters.Draft) -> list[Kind]:
    held = [each.outcome for each in draft.letters]
    return [
        Kind(outcome=each, state=STATES[each], held=held.count(each), subject=draft.words[each].subject)
        for each in Outcome
    ]


def _rows(room: Room, page: Page[Due], draft: letters.Draft) -> list[Row]:
    posted = notices.posted(due.told.key for due in page if due.told and not due.is_news)
    drafts = {each.due.row.proposal_id: len(each.debrief.waiting) for each in draft.letters}
    return [_row(room, due, posted, drafts.get(due.row.proposal_id, 0)) for due in page]


def _row(room: Room, due: Due, posted: dict[str, list[Notice]], drafts: int) -> Row:
    outcome = due.outcome
    if outcome is None:
        state, words, note = "open", "Undecided", ""
    elif due.is_news:
        state, words, note = "sealed", "Held", ""
    else:
        assert due.told is not None, "it was told"
        state, words, note = _sent(posted[due.told.key], room.zone)
    again = None
    if words == "Refused" and due.told is not None:
        again = ButtonForm(
            submit="Send again",
            action=reverse("scoring:letter_again", args=[room.solicitation.number, due.told.pk]),
        )
    return Row(
        due=due,
        outcome=outcome.label if outcome else "",
        outcome_state=STATES[outcome] if outcome else "todo",
        state=state,
        words=words,
        note=note,
        drafts=drafts,
        again=again,
    )


def _sent(copies: Sequence[Notice], zone: str) -> tuple[str, str, str]:
    """(state, word, note) of a letter's copies, one for each member of the supplier: the worst counts."""
    if not copies:
        return "not", "No recipient", "No one at this supplier has an active account."
    refused = [each for each in copies if each.refused_at]
    waiting = [each for each in copies if each.sent_at is None and not each.refused_at]
    if refused:
        address = refused[0].to.email if refused[0].to else ""
        return "not", "Refused", f"{address}: {refused[0].error}"
    if waiting:
        said = next((each.error for each in waiting if each.error), "")
        tries = max(each.attempts for each in waiting)
        return (
            "run",
            "In the outbox",
            f"{said} Tried {count_of(tries, 'time')}. We keep trying." if said else "",
        )
    latest = max(each.sent_at for each in copies if each.sent_at)
    return "met", "Sent", formats.when(latest, zone)


def _told(release: Release, zone: str) -> str:
    assert release.confirmed_at is not None and release.standstill_until is not None
    return (
        f"Released {formats.when(release.confirmed_at, zone)} by {release.proposed_by} and {release.confirmed_by}. "
        f"Standstill ends {formats.deadline(release.standstill_until, zone)}."
    )


# ---- the release --------------------------------------------------------------------------------------------------


def _may_release(room: Room) -> bool:
    return room.viewer.is_chair or room.user.is_admin or room.user.is_officer


def _start(room: Room, window: Window, lot: Lot, data: Any = None) -> ReleaseForm | None:
    if not _may_release(room):
        return None
    action = reverse("scoring:release_start", args=[room.solicitation.number, window.number, lot.code])
    zone = room.solicitation.zone
    return ReleaseForm(data, zone=zone, now=clock.wall_time(), action=action)


def _confirm(room: Room, release: Release) -> dict[str, Any]:
    """What this user may do about a release that waits, and for whom it waits."""
    by_chair = _is_chair(room, release)
    is_other = release.proposed_by_id != room.user.pk and by_chair != room.viewer.is_chair
    args = [room.solicitation.number, release.pk]
    may_act = is_other and _may_release(room) and release.agreed_at is None
    words = "Agree to this time" if release.goes_at else "Release the letters"
    button = ButtonForm(submit=words, action=reverse("scoring:release_confirm", args=args))
    return {
        "waits_for": "an admin or a compliance officer" if by_chair else "the chair",
        "confirm": button if may_act else None,
        "drop_url": reverse("scoring:release_drop", args=args) if _may_release(room) else "",
    }


def _is_chair(room: Room, release: Release) -> bool:
    return room.solicitation.evaluators.filter(user=release.proposed_by_id, is_chair=True).exists()


@require_POST
@in_room
@fresh_sign_in
def start_release(request: HttpRequest, room: Room, window: int, lot: str) -> HttpResponse:
    """The first of two people."""
    if not _may_release(room):
        raise Http404
    chosen = room.window(str(window))
    found = get_object_or_404(room.solicitation.lots, code=lot, pk__in=room.access[chosen.pk].technical_lots)

    form = _start(room, chosen, found, request.POST)
    assert form is not None, "this user may release"
    if not form.is_valid():
        return render_list(_at(request, chosen, found), room, failed=form)

    def act() -> str:
        actions.propose_release(chosen, found, by=room.user, goes_at=form.cleaned_data["goes_at"])
        return f"Release of lot {found.code} started. A second person must confirm it. Nothing has gone out."

    act_and_say(request, act)
    return back_to(room, chosen, found)


def _at(request: HttpRequest, window: Window, lot: Lot) -> HttpRequest:
    """The request as if it asked for the lot's page, for a form that comes back with what is wrong."""
    request.GET = QueryDict(f"window={window.number}&lot={lot.code}")
    return request


def _release(room: Room, pk: int) -> Release:
    if not _may_release(room):
        raise Http404
    found = Release.objects.filter(window__in=room.windows).select_related("window", "lot")
    return get_object_or_404(found, pk=pk)


@require_POST
@in_room
@fresh_sign_in
def confirm_release(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    """The second person: all letters of the lot go out together, once."""
    release = _release(room, pk)

    def act() -> str:
        sent = actions.confirm_release(release, by=room.user)
        if release.goes_at is not None:
            return f"Letters of lot {release.lot.code} go out {formats.when(release.goes_at, room.zone)}."
        return f"{count_of(len(sent), 'letter')} released. Suppliers can read decisions and debriefs now."

    act_and_say(request, act)
    return back_to(room, release.window, release.lot)


@require_POST
@in_room
@fresh_sign_in
def drop_release(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    """Take back a release that waits."""
    release = _release(room, pk)

    def act() -> str:
        actions.drop_release(release, by=room.user, at=clock.wall_time())
        return f"Release of lot {release.lot.code} taken back."

    act_and_say(request, act)
    return back_to(room, release.window, release.lot)


def _letter(room: Room, pk: int) -> Letter:
    """Raises Http404, also for a supplier that the user has a conflict with."""
    found = Letter.objects.filter(
        release__window__in=room.windows, proposal__in=proposals_visible_to(room.user)
    ).select_related(
        "release__window__solicitation", "release__lot", "proposal__window__solicitation", "proposal__lot"
    )
    return get_object_or_404(found, pk=pk)


@require_POST
@in_room
def send_again(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    """Try a refused letter again."""
    if not _may_release(room):
        raise Http404
    letter = _letter(room, pk)

    def act() -> str:
        count = actions.send_letter_again(letter, by=room.user, at=clock.wall_time())
        return f"{count_of(count, 'copy', 'copies')} back in the outbox."

    act_and_say(request, act)
    return back_to(room, letter.release.window, letter.release.lot)
