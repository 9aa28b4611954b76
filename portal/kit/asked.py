"""What a list page was asked for, from its address: words, filters, order and page.

    words = asked.text(request, "q")
    rows = asked.ordered(rows, request, SORTS, "pk")
    page = asked.page_of(request, rows, PAGE)

An address is anybody's text. What makes no sense narrows nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest

LONGEST = 200


def text(request: HttpRequest, name: str, *, most: int = LONGEST) -> str:
    """One parameter, without null characters, which the database refuses, and without blanks around it."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:most]


def texts(request: HttpRequest, *names: str) -> dict[str, str]:
    """Several parameters, by name."""
    return {name: text(request, name) for name in names}


def one_of(request: HttpRequest, name: str, allowed: Mapping[str, Any], default: str) -> str:
    """A parameter with fixed choices; the default for anything else."""
    value = text(request, name)
    return value if value in allowed else default


def ordered(rows: QuerySet[Any], sort: str, columns: Mapping[str, str], *then: str) -> QuerySet[Any]:
    """The rows by the column that `sort` names, downward after a minus, blanks last; as they are for another name."""
    column = columns.get(sort.removeprefix("-"))
    if column is None:
        return rows
    way = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return rows.order_by(way, *then)


def page_of(request: HttpRequest, rows: Any, per_page: int) -> Page[Any]:
    """The page asked for; the nearest one where it does not exist. `rows`: a list, a QuerySet, or a Paginator."""
    pages = rows if isinstance(rows, Paginator) else Paginator(rows, per_page)
    return pages.get_page(request.GET.get("page"))


class IdPages(Paginator):
    """A page is a range of ids first; only its rows are then fetched with all that they show.

    The last page costs what the first does. `ids` are ordered, flat and without annotations, so that an index alone may
    answer. The second half is counted from the end. `fetch` takes the ids of one page and gives its rows, in any order.
    With `order`, the plain columns that the ids are ordered by, both are one query.
    """

    def __init__(
        self,
        ids: QuerySet[Any, Any],
        per_page: int,
        *,
        fetch: Callable[[Any], QuerySet[Any]],
        count: int | None = None,
        order: Sequence[str] = (),
    ) -> None:
        super().__init__(ids, per_page)
        self.ids, self.fetch, self.order = ids, fetch, order
        if count is not None:
            self.count = count

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        end = min(start + self.per_page, self.count)
        from_end = start > self.count // 2
        ids = self.ids.reverse()[self.count - end : self.count - start] if from_end else self.ids[start:end]
        if self.order:
            return Page(list(self.fetch(ids).order_by(*self.order)) if self.count else [], number, self)
        keys = list(ids)[::-1] if from_end else list(ids)
        rows = {row.pk: row for row in self.fetch(keys)} if keys else {}
        # One that went meanwhile is left out.
        return Page([rows[key] for key in keys if key in rows], number, self)
