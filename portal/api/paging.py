"""Pages of the API: by cursor, so that a row that comes or goes meanwhile shifts nothing."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    """`?limit=` up to 100; `next` and `previous` are whole addresses."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 100
