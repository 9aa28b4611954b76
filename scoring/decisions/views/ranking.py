"""The ranking of one lot of a window: stored rows, a page at a time, and the same rows as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.forms import HiddenInput
from django.http import (
    HttpRequest,
    HttpResponse,
    QueryDict,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe

from rfp.models import Window
from scoring.decisions import queries as decisions_queries
from scoring.decisions import rows as decisions_rows
from scoring.decisions import standings
from scoring.decisions.forms import FilterForm
from scoring.decisions.models import Decision
from scoring.decisions.views.proposal_list import ANY, STATE_CHOICES, short_lot
from scoring.decisions.views.ranking_columns import chosen_columns
from scoring.decisions.views.ranking_shown import ALL, Shown, lot_tabs, price_shown, shown_in
from scoring.drawing import queries as drawing
from scoring.panel.views.room import Room, in_room_with
from scoring.ranking import cards
from scoring.ranking import queries as ranking_queries
from scoring.ranking.certainty.chances import Certainty, certainty_of, certainty_of_all
from scoring.ranking.models import RankedProposal, Stability
from scoring.ranking.queries import ranked_visible_to
from scoring.reading.views import NOBODY

PAGE = 100
SORTS = {
    "rank": "position",
    "supplier": "supplier_name",
    "number": "proposal_number",
    "lot": "lot_code",
    "score": "score",
    "spread": "spread",
    "domestic": "domestic_low",
    "lead": "lead_time_days",
    "jobs": "jobs",
    "expires": "expires_on",
    "decision": "verdict",
}
PRICE_SORTS = {"price": "price_total"}


class StoredPages(Paginator):
    """Pages of a ranking in its stored order: ranges of positions, so the last page costs what the first does."""

    def __init__(self, rows: QuerySet[RankedProposal], per_page: int, *, total: int, first: int) -> None:
        super().__init__(rows, per_page)
        self.rows = rows
        self.count = total
        self.first = first

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = self.first + (number - 1) * self.per_page
        rows = self.rows.filter(position__gte=start, position__lt=start + self.per_page)
        return Page(list(rows), number, self)


class NarrowedPages(Paginator):
    """Pages of a ranking that is filtered or sorted otherwise: a range of ids first, and only its rows in whole; one
    query. The second half is counted from the end."""

    def __init__(self, rows: QuerySet[Any, Any], per_page: int, *, total: int) -> None:
        super().__init__(rows, per_page)
        self.rows = rows
        self.count = total

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        end = min(start + self.per_page, self.count)
        ids = self.rows.values("pk")
        if start > self.count // 2:
            keys = ids.reverse()[self.count - end : self.count - start]
        else:
            keys = ids[start:end]
        return Page(list(self.rows.filter(pk__in=keys)), number, self)


# What a row of the page or the file needs: values by name, for a model instance costs three times as much.
VALUES = (
    *("pk", "proposal_id", "proposal_number", "lot_id", "lot_code", "supplier_id", "supplier_name", "place"),
    *("standing", "rank", "rank_before", "score_before", "price_open", "shared", "score", "technical"),
    *("price_mark", "price_total", "domestic_low", "domestic_high", "spread", "marks", "flags", "verdict"),
    *("lead_time_days", "jobs", "expires_on", "expires_what"),
)


def with_verdict(rows: QuerySet[RankedProposal]) -> QuerySet[RankedProposal]:
    return rows.annotate(verdict=decisions_queries.latest_verdict("proposal"))


def as_shown(rows: QuerySet[RankedProposal], *more: str) -> QuerySet[Any, Any]:
    """The rows' values by name, and `more`, each with the verdict that counts."""
    found = rows if "verdict" in rows.query.annotations else with_verdict(rows)
    return found.values_list(*VALUES, *more, named=True)


def as_told(rows: QuerySet[RankedProposal]) -> QuerySet[Any, Any]:
    """The same for `kept_row`: a row is a key, so its lists stay text. `rows` come from `queries.with_chances`."""
    found = rows if "verdict" in rows.query.annotations else with_verdict(rows)
    told = {f"{name}_told": Cast(name, TextField()) for name in ("marks", "flags", "chances")}
    plain = [name for name in VALUES if name not in ("marks", "flags")]
    return found.annotate(**told).values_list(*plain, *told, named=True)


@in_room_with("windows__ranking__stabilities", "ranking_views")
def ranking(request: HttpRequest, room: Room) -> HttpResponse:
    """A hundred rows a page; the lot, search, filters and order are in the address."""
    window = room.window(request.GET.get("window"))
    shown = shown_in(request, room)
    context: dict[str, Any] = {
        "window": window,
        "window_access": room.access[window.pk],
        "ranking": shown.stored if shown else None,
        "is_ranked": shown is not None,
    }
    if shown is not None:
        context |= ranked_context(request, room, shown)
    return render(request, "scoring/decisions/ranking/ranking.html", room.context("ranking", **context))


def ranked_context(request: HttpRequest, room: Room, shown: Shown) -> dict[str, Any]:
    form = filter_form(request, room, shown)
    if len(shown.tabs) > 1:
        # The tabs choose the lot; the filters keep it.
        form.fields["lot"].widget = HiddenInput()
    values = form.values()
    rows = rows_of(room, shown, values, request.GET.get("sort", ""))
    count, ranked = (
        ranking_queries.ranked_counts(rows) if is_narrowed(values) else (shown.count, shown.ranked_count)
    )
    measured = stabilities_of(shown)
    with_all = as_told(ranking_queries.with_chances(rows, measured))
    page = page_of(with_all, shown, room, request, values, count=count)
    kept = _kept(request, shown)
    sure = certainty(measured, room, shown)
    choice = chosen_columns(request, room, kept)
    listed = shown_rows(page, shown, room, sure)
    weights = [(c.code, c.weight, 100, c.mode) for c in room.solicitation.criteria.all()]
    key = cards.slots_of(weights, price_open=shown.price_open)
    has_before = any(row.rank_before is not None for row in page)
    look = look_of(shown, sure, choice.columns, track=key.track, has_before=has_before)
    return {
        "form": form,
        "page": page,
        "price_open": shown.price_open,
        "lot_tabs": lot_tabs(shown, kept),
        "lot": shown.lot,
        "ranked_count": ranked,
        "rows": mark_safe("".join(decisions_rows.html_of(row, look) for row in listed)),
        "certainty": sure,
        "may_pick": may_pick(room, shown),
        "has_before": has_before,
        "key": key,
        "choice": choice,
        "ties": ties_of(room, shown),
        **addresses(room, shown, kept),
    }


def addresses(room: Room, shown: Shown, kept: QueryDict) -> dict[str, Any]:
    """Where the page leads, with what it shows kept."""
    number = room.solicitation.number
    return {
        "decide_url": reverse("scoring:verdicts", args=[number]),
        "changes_url": changes_url(room, kept) if shown.lot else "",
        "csv_url": f"{reverse('scoring:ranking_export', args=[number, 'csv'])}?{kept.urlencode()}",
        "file_links": file_links(room, shown),
        "what_if_url": what_if_url(room, shown),
        "xlsx_url": f"{reverse('scoring:ranking_export', args=[number, 'xlsx'])}?{kept.urlencode()}",
    }


def look_of(
    shown: Shown, sure: Certainty | None, columns: frozenset[str], *, track: str, has_before: bool
) -> decisions_rows.Look:
    return decisions_rows.Look(
        columns=columns,
        price_open=shown.price_open,
        has_before=has_before,
        names_lot=shown.lot is None,
        places=sure.places if sure else 0,
        cut=sure.cut if sure else 0,
        shows_chances=bool(sure and sure.shows_chances and "chance" in columns),
        track=track,
        # One address for all rows: resolving two hundred would be a tenth of the page's time.
        proposals_url=reverse("scoring:proposal_detail", args=[NOBODY]).removesuffix(f"{NOBODY}/"),
    )


def _kept(request: HttpRequest, shown: Shown) -> QueryDict:
    """The address without its page, and with the window and lot that are shown."""
    kept = request.GET.copy()
    kept["window"], kept["lot"] = str(shown.window.number), shown.lot.lot.code if shown.lot else ALL
    kept.pop("page", None)
    return kept


def shown_rows(
    page: Page[Any], shown: Shown, room: Room, sure: Certainty | None
) -> list[decisions_rows.RankRow]:
    """The page's rows with what the database doesn't store with them: live standings, and the chance of a place."""
    blocks = standings.blocks_of((row.proposal_id, row.proposal_number, row.supplier_id) for row in page)
    contested = sure.contested if sure else frozenset()
    seen = {
        (priced, is_contested): decisions_rows.Seen(
            price_open=priced,
            selected_on=shown.window.feedback_by,
            places=sure.places if sure else None,
            is_contested=is_contested,
        )
        for priced in (False, True)
        for is_contested in (False, True)
    }
    found = []
    for row in page:
        way = seen[price_shown(row, shown.access), row.proposal_number in contested]
        one = decisions_rows.kept_row(row, way)
        if stopped := blocks.get(row.proposal_id):
            said = decisions_rows.blocks_in_words(stopped, in_full=room.reads_screening)
            one = replace(one, flags=said + one.flags)
        found.append(one)
    return found


def stabilities_of(shown: Shown) -> list[Stability]:
    """How sure the places of the lot are, or of each lot in the list of all; none before a worker computed it."""
    found = (ranking_queries.stability_of(shown.stored, tab.lot.pk) for tab in shown.chosen)
    return [each for each in found if each is not None]


def certainty(measured: Sequence[Stability], room: Room, shown: Shown) -> Certainty | None:
    """What the page says of it: in words for one lot, and in the rows."""
    if shown.lot is None:
        return certainty_of_all(measured, shown.stored, room.viewer.conflicts)
    return certainty_of(measured[0] if measured else None, shown.stored, room.viewer.conflicts)


def ties_of(room: Room, shown: Shown) -> dict[str, Any] | None:
    """What is tied or was drawn in the lot that is shown, and where it says more; None where there is neither.

    Queries only for an RFP that settles ties by a draw.
    """
    if shown.lot is None or not shown.lot.price_open or not drawing.settles_by_draw(room.solicitation):
        return None
    lot, slots = shown.lot.lot, room.solicitation.slots_per_lot
    sentences = drawing.in_words(shown.stored, lot, room.viewer.conflicts, slots=slots, zone=room.zone)
    address = reverse("scoring:tie_list", args=[room.solicitation.number])
    url = f"{address}?window={shown.window.number}&lot={lot.code}"
    return {"sentences": sentences, "url": url} if sentences else None


def changes_url(room: Room, kept: QueryDict) -> str:
    """Where it says what changed since the ranking before."""
    query = QueryDict(mutable=True)
    query["window"], query["lot"] = str(kept["window"]), str(kept["lot"])
    return f"{reverse('scoring:ranking_changes', args=[room.solicitation.number])}?{query.urlencode()}"


def file_links(room: Room, shown: Shown) -> list[tuple[str, str]]:
    """(words, address) of the evaluation files: none for who has a conflict with a supplier in the window."""
    if ranking_queries.hides_any(room.viewer, shown.window):
        return []
    opened = {tab.lot.pk in shown.access.price_lots for tab in shown.tabs}
    return export_links(room, shown.window, with_prices=True in opened, sealed=False in opened)


def what_if_url(room: Room, shown: Shown) -> str:
    """Where other weights are tried on the lot; blank for who has a conflict with a supplier in the window."""
    if shown.lot is None or ranking_queries.hides_any(room.viewer, shown.window):
        return ""
    query = QueryDict(mutable=True)
    query["window"], query["lot"] = str(shown.window.number), shown.lot.lot.code
    return f"{reverse('scoring:what_if', args=[room.solicitation.number])}?{query.urlencode()}"


def export_links(room: Room, window: Window, *, with_prices: bool, sealed: bool) -> list[tuple[str, str]]:
    """One file for the lots whose prices are open, one for those that are sealed."""
    address = f"{reverse('scoring:evaluation_file', args=[room.solicitation.number])}?window={window.number}"
    both = with_prices and sealed
    found = []
    if with_prices:
        found.append(("Export evaluation file, open prices" if both else "Export evaluation file", address))
    if sealed:
        words = "Export evaluation file, sealed prices" if both else "Export evaluation file"
        found.append((words, f"{address}&prices=sealed"))
    return found


def may_pick(room: Room, shown: Shown) -> bool:
    """Whether this user may choose rows to decide: in one lot with open prices, after signing for the window."""
    declared = shown.window.pk in room.viewer.windows
    return room.decides and declared and shown.lot is not None and shown.lot.price_open


def filter_form(request: HttpRequest, room: Room, shown: Shown) -> FilterForm:
    return FilterForm(
        {
            **request.GET.dict(),
            "window": str(shown.window.number),
            "lot": shown.lot.lot.code if shown.lot else ALL,
        },
        choices={
            "window": [(str(each.number), f"Window {each.number}") for each in room.windows],
            "lot": [(tab.lot.code, short_lot(tab.lot)) for tab in shown.tabs]
            + [(ALL, "All lots, list only")],
            "state": STATE_CHOICES,
            "standing": [ANY, *RankedProposal.Standing.choices],
            "decision": [ANY, *Decision.Verdict.choices],
        },
    )


def rows_of(room: Room, shown: Shown, values: Mapping[str, str], sort: str) -> QuerySet[RankedProposal]:
    """The rows that are shown, in the order that is shown."""
    rows = ranked_visible_to(room.viewer, shown.stored, shown.access)
    if shown.lot is not None:
        rows = rows.filter(lot=shown.lot.lot)
    if values.get("decision") or sort.lstrip("-") == "decision":
        rows = with_verdict(rows)
    if not room.sees_names and sort.lstrip("-") == "supplier":
        sort = sort.replace("supplier", "number")
    return ordered(filtered(rows, values, by_name=room.sees_names), sort, price_open=shown.price_open)


def is_narrowed(values: Mapping[str, str]) -> bool:
    """Whether a search or a filter is on."""
    return bool(set(values) - {"window", "lot"})


def filtered(
    rows: QuerySet[RankedProposal], values: Mapping[str, str], *, by_name: bool
) -> QuerySet[RankedProposal]:
    """`by_name`: the reader may know the suppliers, so that a search finds them too."""
    if words := values.get("q"):
        found = Q(proposal_number__icontains=words)
        rows = rows.filter(found | Q(supplier_name__icontains=words) if by_name else found)
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
    rows: QuerySet[Any, Any],
    shown: Shown,
    room: Room,
    request: HttpRequest,
    values: Mapping[str, str],
    *,
    count: int,
) -> Page[Any]:
    """In the stored order and unfiltered by position; everything else by ids first. One query."""
    asked = request.GET.get("page")
    is_default = not is_narrowed(values) and request.GET.get("sort", "") in ("", "rank")
    span = shown.span
    if is_default and span is not None and not room.viewer.conflicts:
        first, total = span
        return StoredPages(rows, PAGE, total=total, first=first).get_page(asked)
    return NarrowedPages(rows, PAGE, total=count).get_page(asked)
