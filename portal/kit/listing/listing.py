"""One list page: what was asked of it, its page of rows, and its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from portal.kit import asked, tables
from portal.kit.listing.columns import Column
from portal.kit.listing.filters import Choice, Search

LISTINGS: dict[str, Listing] = {}


@dataclass(frozen=True)
class Empty:
    """What stands where there is no row: a title, a sentence, and one way on."""

    title: str
    text: str = ""
    url: str = ""
    action: str = ""


@dataclass(frozen=True)
class Drawn:
    """A filter as the form shows it."""

    template: str
    name: str
    label: str
    chosen: str
    options: Sequence[tuple[str, str]]
    blank: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """`route`: its page, as `reverse` knows it; `export`: the route of its files, which takes csv or xlsx.

    `then`: the order of rows that the column asked for leaves equal. `fetch`: the rows of some ids with all that a row
    shows; with it, a page is found by its ids first. Names are one word, unique in the portal.
    """

    name: str
    title: str
    route: str
    columns: tuple[Column, ...]
    filters: tuple[Search | Choice, ...] = ()
    rows_template: str
    nothing: Empty
    nothing_matches: Empty
    then: tuple[str, ...] = ("-pk",)
    fetch: Callable[[Sequence[Any]], QuerySet[Any]] | None = None
    export: str = ""
    per_page: int = 50

    def __post_init__(self) -> None:
        LISTINGS.setdefault(self.name, self)

    # ---- what was asked ---------------------------------------------------------------------------------------------

    def values(self, request: HttpRequest) -> dict[str, str]:
        """What the address asks for, by the filters' names."""
        return {each.name: each.chosen(asked.text(request, each.name)) for each in self.filters}

    def is_narrowed(self, values: Mapping[str, str]) -> bool:
        return any(values[each.name] != each.default for each in self.filters)

    def found(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that fit, in the order asked for."""
        return self._found(request, rows, self.values(request))

    def _found(self, request: HttpRequest, rows: QuerySet[Any], values: Mapping[str, str]) -> QuerySet[Any]:
        for each in self.filters:
            where = each.where(values[each.name], request.user)
            if where is not None:
                rows = rows.filter(where)
        sorts = {column.key: column.sort for column in self.columns if column.sort}
        return asked.ordered(rows, asked.text(request, "sort"), sorts, *self.then)

    # ---- the page ---------------------------------------------------------------------------------------------------

    def page(self, request: HttpRequest, rows: QuerySet[Any], *, count: int | None = None) -> dict[str, Any]:
        """What `components/lists/listing.html` draws; `rows` are those the reader may see.

        `count`: how many there are in all, where it is known without counting; used while nothing is narrowed.
        """
        values = self.values(request)
        is_narrowed, found = self.is_narrowed(values), self._found(request, rows, values)
        pages: Any = found
        if self.fetch is not None:
            ids = found.select_related(None).prefetch_related(None).values_list("pk", flat=True)
            pages = asked.IdPages(ids, self.per_page, fetch=self.fetch, count=None if is_narrowed else count)
        return {
            "listing": self,
            "page": asked.page_of(request, pages, self.per_page),
            "asked": values | {"sort": asked.text(request, "sort")},
            "is_filtered": is_narrowed,
            "filters": list(self._drawn(values)),
            "empty": self.nothing_matches if is_narrowed else self.nothing,
        }

    def _drawn(self, values: Mapping[str, str]) -> Iterator[Drawn]:
        for each in self.filters:
            yield Drawn(
                template=each.template,
                name=each.name,
                label=each.label,
                chosen=values[each.name],
                options=each.options(),
                blank=each.blank if isinstance(each, Choice) else "",
            )

    @property
    def heads(self) -> list[Column]:
        """The columns that the page shows."""
        return [column for column in self.columns if column.head]

    # ---- files ------------------------------------------------------------------------------------------------------

    def table(self, rows: Iterable[Any]) -> Iterator[list[Any]]:
        """Heads, then a row for each of the rows."""
        files = [file for column in self.columns for file in column.files]
        yield [file.head for file in files]
        for row in rows:
            yield [file.value(row) for file in files]

    def file(self, request: HttpRequest, rows: QuerySet[Any], kind: str) -> HttpResponseBase:
        """What the page shows, all pages of it, as CSV or XLSX. Raises Http404 for another kind."""
        found = self.found(request, rows).iterator(chunk_size=tables.CHUNK)
        return tables.exported(self.table(found), kind, name=self.name, title=self.title)
