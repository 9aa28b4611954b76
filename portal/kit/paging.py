"""Pages of long lists whose last page costs what the first does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


class IdPages(Paginator):
    """A page is a range of ids first; only its rows are then fetched with all that they show.

    `ids` are ordered, flat and without annotations, so that an index alone may answer. The second half is counted from
    the end. `fetch` takes the ids of one page and gives its rows, in any order.
    """

    def __init__(
        self,
        ids: QuerySet[Any, Any],
        per_page: int,
        *,
        fetch: Callable[[Sequence[Any]], QuerySet[Any]],
        count: int | None = None,
    ) -> None:
        super().__init__(ids, per_page)
        self.ids, self.fetch = ids, fetch
        if count is not None:
            self.count = count

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        end = min(start + self.per_page, self.count)
        if start > self.count // 2:
            keys = list(self.ids.reverse()[self.count - end : self.count - start])[::-1]
        else:
            keys = list(self.ids[start:end])
        rows = {row.pk: row for row in self.fetch(keys)} if keys else {}
        # One that went meanwhile is left out.
        return Page([rows[key] for key in keys if key in rows], number, self)
