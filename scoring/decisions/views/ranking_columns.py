"""Which columns of a ranking one person sees, remembered for each RFP, and the views that the person saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.kit import asked
from scoring.decisions.forms import ColumnsForm
from scoring.decisions.models import RankingView
from scoring.decisions.views.ranking_shown import ALL, Shown, shown_in
from scoring.panel.views.room import Room, in_room

COLUMNS: Mapping[str, str] = {
    "chance": "Chance of a place",
    "marks": "Mark by criterion",
    "spread": "Spread of marks",
    "price": "Price",
    "domestic": "Domestic content",
    "lead": "Lead time",
    "jobs": "Jobs",
    "expires": "Expires before selection",
    "flags": "Flags",
}
USUAL = ("chance", "marks", "spread", "price", "domestic", "flags")
KEPT = ("q", "state", "standing", "decision", "sort")  # what a saved view keeps of an address
MOST_VIEWS = 20


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The columns that are shown, all that there are, and the person's saved views with their addresses."""

    columns: frozenset[str]
    options: Sequence[tuple[str, str, bool]]
    views: Sequence[tuple[int, str, str, bool]]
    action: str
    query: str


def chosen_columns(request: HttpRequest, room: Room, kept: QueryDict) -> Choice:
    """By the saved view that the address names, else as the person chose last; no query where views came along."""
    mine = [each for each in room.solicitation.ranking_views.all() if each.user_id == room.user.pk]
    wanted = asked.text(request, "view", most=18)
    named = next((each for each in mine if each.name and str(each.pk) == wanted), None)
    chosen = named or next((each for each in mine if not each.name), None)
    columns = frozenset(chosen.columns if chosen else USUAL)
    place = {name: str(kept[name]) for name in ("window", "lot")}
    return Choice(
        columns=columns,
        options=[(code, label, code in columns) for code, label in COLUMNS.items()],
        views=[
            (
                each.pk,
                each.name,
                f"?{_query(place, QueryDict(each.query).dict() | {'view': each.pk})}",
                each == named,
            )
            for each in mine
            if each.name
        ],
        action=f"{reverse('scoring:ranking_columns', args=[room.solicitation.number])}?{_query(place)}",
        query=_query({name: request.GET[name] for name in KEPT if request.GET.get(name)}),
    )


def _query(*parts: Mapping[str, Any]) -> str:
    query = QueryDict(mutable=True)
    for part in parts:
        query.update({name: str(value) for name, value in part.items()})
    return query.urlencode()


def _address(room: Room, shown: Shown, kept: Mapping[str, Any]) -> str:
    """The ranking that the form came from."""
    place = {"window": shown.window.number, "lot": shown.lot.lot.code if shown.lot else ALL}
    return f"{reverse('scoring:ranking', args=[room.solicitation.number])}?{_query(place, kept)}"


@require_POST
@in_room
def choose(request: HttpRequest, room: Room) -> HttpResponse:
    """Remember the columns, or save them with the filters as a view of that name. Wrong input changes nothing."""
    shown = shown_in(request, room)
    if shown is None:
        raise Http404
    form = ColumnsForm(request.POST, columns=list(COLUMNS.items()))
    if not form.is_valid():
        for error in (words for errors in form.errors.values() for words in errors):
            messages.error(request, str(error))
        return redirect(_address(room, shown, {}))
    name = form.cleaned_data["name"]
    given = QueryDict(form.cleaned_data["query"])
    kept = {key: given[key][:120] for key in KEPT if given.get(key)}
    mine = RankingView.objects.filter(user=room.user, solicitation=room.solicitation)
    if name and mine.exclude(name__in=["", name]).count() >= MOST_VIEWS:
        messages.error(request, f"You have {MOST_VIEWS} saved views. Remove one first.")
        return redirect(_address(room, shown, kept))
    view, _ = RankingView.objects.update_or_create(
        user=room.user,
        solicitation=room.solicitation,
        name=name,
        defaults={"columns": form.cleaned_data["columns"], "query": _query(kept)[:400] if name else ""},
    )
    return redirect(_address(room, shown, kept | ({"view": view.pk} if name else {})))


@require_POST
@in_room
def remove_view(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    """Take one of the person's own views off the list."""
    mine = RankingView.objects.filter(user=room.user, solicitation=room.solicitation).exclude(name="")
    view = get_object_or_404(mine, pk=pk)
    view.delete()
    messages.success(request, f"View “{view.name}” removed.")
    return redirect("scoring:ranking", number=room.solicitation.number)
