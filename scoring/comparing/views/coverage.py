"""What a lot's proposals cover, and the portfolio that a worker suggests."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.kit import asked, clock
from portal.kit.charts import bars
from portal.kit.refused import Refused
from portal.kit.requests import Request
from scoring.comparing import actions, covering, queries
from scoring.comparing.forms import PortfolioForm
from scoring.comparing.models import Portfolio
from scoring.comparing.terms import Terms
from scoring.comparing.views.what_if import shown_whole
from scoring.decisions.views.ranking_shown import LotTab, Shown, lot_tabs, shown_in
from scoring.panel.views.room import Room, in_room
from scoring.ranking.queries import hides_any, ranked_rows
from scoring.reading.views import NOBODY

COLUMNS = 8  # suppliers on a page of the matrix
STORED = (
    *("proposal_id", "proposal_number", "revision_id", "supplier_name", "state", "rank", "position", "score"),
    *("price_total", "place", "flags"),
)


@in_room
def coverage(request: Request, room: Room) -> HttpResponse:
    """One lot: the matrix, capacity, places, and the latest suggestion or the one asked for."""
    window = room.window(request.GET.get("window"))
    shown = shown_in(request, room)
    if shown is None or not shown.tabs or hides_any(room.viewer, window):
        context = {"window": window, "window_access": room.access[window.pk], "is_ranked": shown is not None}
        return render(request, "scoring/comparing/coverage/closed.html", room.context("coverage", **context))
    context = coverage_context(request, room, shown, shown.lot or shown.tabs[0])
    name = "portfolio" if request.htmx else "coverage"
    return render(request, f"scoring/comparing/coverage/{name}.html", room.context("coverage", **context))


@require_POST
@in_room
def request_portfolio(request: HttpRequest, room: Room) -> HttpResponse:
    """Ask for a suggestion; a form that doesn't fit comes back with what was typed."""
    if not room.decides:
        raise Http404
    shown, lot = shown_whole(request, room)
    context = coverage_context(request, room, shown, lot, data=request.POST)
    form = context["form"]
    if form is None:
        messages.error(request, "We can suggest a portfolio once prices are open and proposals are ranked.")
        return redirect(context["address"])
    if form.is_valid():
        try:
            made = actions.request_portfolio(
                shown.window, lot.lot, form.asked, by=room.user, at=clock.wall_time()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(f"{context['address']}&portfolio={made.pk}#portfolio")
    return render(request, "scoring/comparing/coverage/coverage.html", room.context("coverage", **context))


def coverage_context(
    request: HttpRequest, room: Room, shown: Shown, lot: LotTab, data: QueryDict | None = None
) -> dict[str, Any]:
    rows = list(ranked_rows(shown.window.pk, lot.lot.pk).values_list(*STORED, named=True))
    by_number = {row.proposal_number: row for row in rows}
    items = list(lot.lot.items.all())
    portfolio = _portfolio(request, shown, lot) if lot.price_open else None
    chosen = frozenset((portfolio.result.get("chosen") or ()) if portfolio else ())
    years = room.solicitation.delivery_years
    year = (
        int(asked.one_of(request, "year", {str(each): each for each in years}, str(years[0]))) if years else 0
    )
    query = QueryDict(mutable=True)
    query["window"], query["lot"] = str(shown.window.number), lot.lot.code
    address = reverse("scoring:coverage", args=[room.solicitation.number])
    context: dict[str, Any] = {
        "window": shown.window,
        "lot": lot,
        "lot_tabs": lot_tabs(Shown(**{**vars(shown), "lot": lot}), query)[:-1],
        "ranking": shown.stored,
        "year": year,
        "years": years if len(years) > 1 else [],
        "ranked_count": len(rows),
        "address": f"{address}?{query.urlencode()}",
        "ranking_url": f"{reverse('scoring:ranking', args=[room.solicitation.number])}?{query.urlencode()}",
        "proposals_url": reverse("scoring:proposal_detail", args=[NOBODY]).removesuffix(f"{NOBODY}/"),
        "portfolio": portfolio,
        "may_ask": room.decides,
    }
    context |= matrix(request, rows, items, chosen, year)
    context |= places(rows, portfolio, chosen)
    return context | suggestion(room, lot, items, portfolio, by_number, context["offered"], data)


def _portfolio(request: HttpRequest, shown: Shown, lot: LotTab) -> Portfolio | None:
    """The one that the address names, or the latest. Raises Http404 for one of another lot."""
    found = queries.portfolios_of(shown.window.pk, lot.lot.pk)
    wanted = asked.text(request, "portfolio", most=18)
    if not wanted:
        return found.first()
    one = found.filter(pk=int(wanted)).first() if wanted.isdecimal() and wanted.isascii() else None
    if one is None:
        raise Http404
    return one


def matrix(
    request: HttpRequest, rows: list[Any], items: list[Any], chosen: frozenset[str], year: int
) -> dict[str, Any]:
    """Who makes what: totals over all ranked proposals, and a page of suppliers, the chosen ones first."""
    ordered = sorted(rows, key=lambda row: row.proposal_number not in chosen)
    page = asked.page_of(request, ordered, COLUMNS)
    columns = list(page)
    ranked = [row.revision_id for row in rows]
    inside = [row.revision_id for row in rows if row.proposal_number in chosen]
    found = queries.offered(items, ranked, year)
    wanted = dict.fromkeys([*(row.revision_id for row in columns), *inside])
    cells = queries.cells(items, wanted, year)
    covered = frozenset(item for item, revision in cells if revision in set(inside))
    whose = "the suggested proposals" if inside else "all ranked proposals"
    return {
        "page": page,
        "columns": [(row, row.proposal_number in chosen) for row in columns],
        "matrix": covering.rows_of(found, columns, cells, chosen),
        "verdict": covering.verdict_of(found, covered, has_set=bool(chosen)),
        "capacity": covering.capacity_chart(found, inside or ranked, whose=whose),
        "whose": whose,
        "offered": [each.item.code for each in found if each.sources],
    }


def places(rows: list[Any], portfolio: Portfolio | None, chosen: frozenset[str]) -> dict[str, Any]:
    """States, and countries of origin as far as a worker added them up."""
    origins = portfolio.result.get("origins", {}) if portfolio else {}
    shares = origins.get("chosen") or origins.get("all") or []
    words, is_concentrated = covering.concentration_in_words(shares)
    return {
        "states": covering.states_of(rows, chosen),
        "origins": covering.origins_in_rows(shares),
        "concentration": words,
        "is_concentrated": is_concentrated,
    }


def suggestion(
    room: Room,
    lot: LotTab,
    items: list[Any],
    portfolio: Portfolio | None,
    by_number: dict[str, Any],
    offered: list[str],
    data: QueryDict | None,
) -> dict[str, Any]:
    """The portfolio in words, or how far it is, and the form for another. `offered`: codes of sub-components."""
    if not lot.price_open or not by_number:
        return {"form": None}
    terms = (
        Terms.from_file(portfolio.terms, lot.lot.code)
        if portfolio
        else Terms(slots=room.solicitation.slots_per_lot, sources=dict.fromkeys(offered, 1))
    )
    form = PortfolioForm(
        data,
        terms=terms,
        items=items,
        states=sorted({row.state for row in by_number.values() if row.state}),
        numbers={number: row.supplier_name for number, row in by_number.items()},
    )
    form.action = reverse("scoring:portfolio_request", args=[room.solicitation.number])
    context: dict[str, Any] = {"form": form}
    if portfolio is not None and portfolio.state == Portfolio.State.DONE:
        names = {each.code: each.title for each in items}
        context["suggestion"] = covering.suggestion_of(portfolio, by_number, names, lot.lot.code)
    elif portfolio is not None and not portfolio.is_settled:
        context["drawing"] = bars.progress(portfolio.done, portfolio.total or 1)
    return context
