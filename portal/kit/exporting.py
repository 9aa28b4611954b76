"""A table of rows as the file a person asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse

from portal.kit import tables

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def exported(table: Iterable[list[Any]], kind: str, *, name: str, title: str) -> HttpResponseBase:
    """`table` as CSV, streamed, or as XLSX; 404 for another kind. Not for anybody's cache: it tells of holds."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "private, no-store",
    }
    if kind == "csv":
        lines = tables.csv_lines(table)
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
    return HttpResponse(tables.xlsx(table, title=title), content_type=SHEET, headers=headers)
