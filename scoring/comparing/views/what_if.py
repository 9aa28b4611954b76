"""What if the weights were different? A trial of one lot's ranking, in the address and nowhere else."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from portal.kit import asked
from portal.kit.requests import Request
from rfp.method.prices import FORMULAS
from scoring.comparing.forms import TrialForm
from scoring.comparing.trying import moves as moving
from scoring.comparing.trying.trial import Published, results_of
from scoring.decisions.views.ranking_shown import LotTab, Shown, lot_tabs, shown_in
from scoring.panel.views.room import Room, in_room
from scoring.ranking import method as methods
from scoring.ranking import queries as ranking_queries
from scoring.ranking.certainty import flips
from scoring.reading.views import NOBODY

PAGE = 100
NEAR = 3  # places on each side of the last one whose flips are told


def shown_whole(request: HttpRequest, room: Room) -> tuple[Shown, LotTab]:
    """The ranking asked for and its lot, for who reads all of the window. Raises Http404 for everybody else."""
    shown = shown_in(request, room)
    if shown is None or ranking_queries.hides_any(room.viewer, shown.window):
        raise Http404
    lot = shown.lot or (shown.tabs[0] if shown.tabs else None)
    if lot is None:
        raise Http404
    return shown, lot


@in_room
def what_if(request: Request, room: Room) -> HttpResponse:
    """The form and what it would change; only the latter for a form that is being typed in."""
    shown, lot = shown_whole(request, room)
    context = trial_context(request, room, shown, lot)
    name = "result_live" if request.htmx else "what_if"
    return render(request, f"scoring/comparing/what_if/{name}.html", room.context("ranking", **context))


def trial_context(request: Request, room: Room, shown: Shown, lot: LotTab) -> dict[str, Any]:
    published = Published.of(room.solicitation, room.solicitation.criteria.all(), price_open=lot.price_open)
    scores = list(ranking_queries.score_rows(shown.window, lot.lot.pk))
    formulas = published.formulas(has_references=any(row.reference for row in scores))
    form = TrialForm(request.GET.dict(), published=published, formulas=formulas)
    kept = QueryDict(mutable=True)
    kept["window"], kept["lot"] = str(shown.window.number), lot.lot.code
    address = reverse("scoring:what_if", args=[room.solicitation.number])
    context: dict[str, Any] = {
        "window": shown.window,
        "ranking": shown.stored,
        "lot": lot,
        "lot_tabs": lot_tabs(Shown(**{**vars(shown), "lot": lot}), kept)[:-1],
        "places": room.solicitation.slots_per_lot,
        "form": form,
        "problems": form.non_field_errors() if not form.is_valid() else [],
        "wanted": published.sum,
        "flips": [] if request.htmx else flips_near_the_cut(room, shown, lot),
        "path": address,
        "address": f"{address}?{kept.urlencode()}",
        "ranking_url": f"{reverse('scoring:ranking', args=[room.solicitation.number])}?{kept.urlencode()}",
    }
    if not form.is_valid():
        evened = form.evened()
        if evened is not None:
            same = {name: form[name].value() for name in form.fields if name not in evened}
            context["evened_url"] = f"?{_query(kept, same | evened)}"
        return context
    return context | tried(request, room, shown, lot, published, form, scores)


def flips_near_the_cut(room: Room, shown: Shown, lot: LotTab) -> list[str]:
    """What would put each proposal around the last place above the one before it, in the order of ranks."""
    places = room.solicitation.slots_per_lot
    rows = ranking_queries.ranked_visible_to(room.viewer, shown.stored, shown.access).filter(lot=lot.lot)
    near = rows.filter(rank__gt=max(1, places - NEAR), rank__lte=places + NEAR).order_by("position")
    numbers = list(near.values_list("proposal_number", flat=True)[: 2 * NEAR])
    found = ranking_queries.flips_of(shown.stored, lot.lot.pk, numbers)
    read = methods.reading_of(room.solicitation, room.solicitation.criteria.all(), price_open=lot.price_open)
    return flips.told([found[number] for number in numbers if number in found], read, room.viewer.conflicts)


def _query(kept: QueryDict, values: dict[str, Any]) -> str:
    found = kept.copy()
    for name, value in values.items():
        found[name] = value
    return found.urlencode()


def tried(
    request: HttpRequest,
    room: Room,
    shown: Shown,
    lot: LotTab,
    published: Published,
    form: TrialForm,
    scores: list[ranking_queries.ScoreRow],
) -> dict[str, Any]:
    """What the trial would move, a page of it."""
    trial = form.trial
    rows = ranking_queries.ranked_visible_to(room.viewer, shown.stored, shown.access)
    places = room.solicitation.slots_per_lot
    before, after = FORMULAS[published.method.price_formula], FORMULAS[trial.formula]
    comparable = not lot.price_open or before == after or "total" not in (before.gives, after.gives)
    moves = moving.moves_of(
        moving.stored_rows(rows.filter(lot=lot.lot)),
        results_of(scores, published, trial),
        places=places,
        price_open=lot.price_open,
        comparable=comparable,
    )
    changed = trial != published.trial
    titles = {each.code: each.title for each in published.criteria}
    titles |= {name: formula.title for name, formula in FORMULAS.items()}
    return {
        "page": asked.page_of(request, moves, PAGE),
        "headline": moving.headline(moves, places=places, changed=changed),
        "changes": moving.changes_in_words(trial, published, titles),
        "proposals_url": reverse("scoring:proposal_detail", args=[NOBODY]).removesuffix(f"{NOBODY}/"),
    }
