"""The ranking of one window: stored rows, a page at a time, and the same rows as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal import tables
from rfp.models import Window
from scoring import content, exports, queries
from scoring.forms import FilterForm
from scoring.models import Decision, RankedProposal, Ranking
from scoring.views.proposals import ANY, NOBODY, STATE_CHOICES, short_lot
from scoring.views.room import Room, in_room

PAGE = 100
SORTS = {
    "rank": "position",
    "supplier": "supplier_name",
    "lot": "lot_code",
    "score": "score",
    "spread": "spread",
    "domestic": "domestic_low",
    "decision": "verdict",
}
PRICE_SORTS = {"price": "price_total"}


class StoredPages(Paginator):  # type: ignore[type-arg]
    """Pages of a ranking in its stored order: a range of positions, so the last page costs what the first does."""

    def __init__(self, rows: QuerySet[RankedProposal], per_page: int, *, total: int) -> None:
        super().__init__(rows, per_page)
        self.rows = rows
        self.count = total

    def page(self, number: int | str) -> Page[RankedProposal]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows = self.rows.filter(position__gt=first, position__lte=first + self.per_page)
        return Page(list(rows), number, self)


@in_room
def ranking(request: HttpRequest, room: Room) -> HttpResponse:
    """A hundred rows a page; search, filters and order are in the address."""
    window = room.window(request.GET.get("window"))
    access = room.access[window.pk]
    stored = queries.ranking_of(window) if access.sees_panel else None
    is_ranked = stored is not None and stored.ranked_at is not None
    context: dict[str, Any] = {
        "window": window,
        "window_access": access,
        "ranking": stored,
        "is_ranked": is_ranked,
    }
    if is_ranked and stored is not None:
        context |= ranked_context(request, room, window, stored)
    return render(request, "scoring/ranking.html", room.context("ranking", **context))


def ranked_context(request: HttpRequest, room: Room, window: Window, stored: Ranking) -> dict[str, Any]:
    price_open = prices_shown(room, window, stored)
    form = filter_form(request, room, window)
    values = form.values()
    rows = rows_of(room, stored, values, request.GET.get("sort", ""), price_open=price_open)
    page = page_of(rows, stored, room, request, values)
    number = room.solicitation.number
    kept = request.GET.copy()
    kept["window"] = str(window.number)
    kept.pop("page", None)
    return {
        "form": form,
        "page": page,
        "price_open": price_open,
        # One address for all rows: resolving two hundred would be a tenth of the page's time.
        "proposals_url": reverse("scoring:proposal_detail", args=[NOBODY]).removesuffix(f"{NOBODY}/"),
        "rows": [content.rank_row(row, _verdict(row), price_open=price_open) for row in page],
        "key": content.slots_of(
            [(c.code, c.weight, 100, c.mode) for c in room.solicitation.criteria.all()], price_open=price_open
        ),
        "csv_url": f"{reverse('scoring:ranking_export', args=[number, 'csv'])}?{kept.urlencode()}",
        "xlsx_url": f"{reverse('scoring:ranking_export', args=[number, 'xlsx'])}?{kept.urlencode()}",
    }


def prices_shown(room: Room, window: Window, stored: Ranking) -> bool:
    """Prices are on the page once they are open and the stored ranking was made with them."""
    return room.access[window.pk].price_open and stored.price_open


def filter_form(request: HttpRequest, room: Room, window: Window) -> FilterForm:
    lots = room.solicitation.lots.all()
    return FilterForm(
        {**request.GET.dict(), "window": str(window.number)},
        choices={
            "window": [(str(each.number), f"Window {each.number}") for each in room.windows],
            "lot": [("", "All lots"), *((lot.code, short_lot(lot)) for lot in lots)],
            "state": STATE_CHOICES,
            "standing": [ANY, *RankedProposal.Standing.choices],
            "decision": [ANY, *Decision.Verdict.choices],
        },
    )


def rows_of(
    room: Room, stored: Ranking, values: Mapping[str, str], sort: str, *, price_open: bool
) -> QuerySet[RankedProposal]:
    """The rows that are shown, in the order that is shown."""
    rows = stored.rows.annotate(verdict=queries.latest_verdict("proposal"))
    if room.conflicts:
        rows = rows.exclude(supplier__in=room.conflicts)
    return ordered(filtered(rows, values), sort, price_open=price_open)


def filtered(rows: QuerySet[RankedProposal], values: Mapping[str, str]) -> QuerySet[RankedProposal]:
    if words := values.get("q"):
        rows = rows.filter(Q(supplier_name__icontains=words) | Q(proposal_number__icontains=words))
    if lot := values.get("lot"):
        rows = rows.filter(lot_code=lot)
    if state := values.get("state"):
        rows = rows.filter(state=state)
    if standing := values.get("standing"):
        rows = rows.filter(standing=standing)
    if decision := values.get("decision"):
        is_open = decision == Decision.Verdict.UNDECIDED
        rows = rows.filter(Q(verdict=decision) | Q(verdict__isnull=True) if is_open else Q(verdict=decision))
    return rows


def ordered(rows: QuerySet[RankedProposal], sort: str, *, price_open: bool) -> QuerySet[RankedProposal]:
    """By the column asked for; an unknown one, or price before it is open, gives the stored order."""
    column = (SORTS | (PRICE_SORTS if price_open else {})).get(sort.lstrip("-"))
    if column is None:
        return rows.order_by("position")
    by = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return rows.order_by(by, "position")


def page_of(
    rows: QuerySet[RankedProposal],
    stored: Ranking,
    room: Room,
    request: HttpRequest,
    values: Mapping[str, str],
) -> Page[RankedProposal]:
    """In the stored order and unfiltered by position; everything else by counting."""
    asked = request.GET.get("page")
    is_default = not (set(values) - {"window"}) and request.GET.get("sort", "") in ("", "rank")
    if is_default and not room.conflicts:
        return StoredPages(rows, PAGE, total=stored.ranked_count + stored.unranked_count).get_page(asked)
    return Paginator(rows, PAGE).get_page(asked)


def _verdict(row: Any) -> Decision | None:
    return Decision(verdict=row.verdict) if row.verdict else None


@in_room
def export(request: HttpRequest, room: Room, kind: str) -> HttpResponseBase:
    """What the page shows, all pages of it, as CSV or XLSX."""
    window = room.window(request.GET.get("window"))
    stored = queries.ranking_of(window) if room.access[window.pk].sees_panel else None
    if stored is None or stored.ranked_at is None or kind not in ("csv", "xlsx"):
        raise Http404
    price_open = prices_shown(room, window, stored)
    values = filter_form(request, room, window).values()
    rows = rows_of(room, stored, values, request.GET.get("sort", ""), price_open=price_open)
    flags = {flag: words for flag, (_state, words) in content.FLAG_WORDS.items()}
    criteria = list(room.solicitation.criteria.all())
    table = exports.table(rows.iterator(chunk_size=tables.CHUNK), criteria, flags, price_open=price_open)
    name = exports.file_name(room.solicitation.number, window.number, kind)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    if kind == "csv":
        return StreamingHttpResponse(
            tables.csv_lines(table), content_type="text/csv; charset=utf-8", headers=headers
        )
    return HttpResponse(
        tables.xlsx(table, title=f"Window {window.number}"),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers=headers,
    )
