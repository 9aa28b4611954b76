"""The ranking as a file: what its page shows, all pages of it, as CSV or XLSX."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response

from portal.kit import tables
from scoring.decisions import exports, standings
from scoring.decisions import rows as decisions_rows
from scoring.decisions.models import Decision
from scoring.decisions.views.ranking import as_shown, filter_form, rows_of, stabilities_of
from scoring.decisions.views.ranking_shown import Shown, price_shown, shown_in
from scoring.panel.views.room import Room, in_room_with
from scoring.ranking.certainty.chances import cells_of
from scoring.ranking.models import Stability
from scoring.ranking.queries import with_chances


def etag_of(
    request: HttpRequest,
    room: Room,
    shown: Shown,
    blocks: standings.Blocks,
    measured: Sequence[Stability],
) -> str:
    """Changes with all that a file of the ranking shows this reader: the stored ranking, verdicts, live standings."""
    stored = shown.stored
    decided = Decision.objects.filter(proposal__window=shown.window).aggregate(last=Max("pk"))["last"]
    parts = (
        *(stored.pk, stored.served, stored.ranked_at, decided, request.get_full_path()),
        (shown.window.feedback_by, shown.stored.is_stale, room.solicitation.slots_per_lot),
        [(each.pk, each.served, each.computed_at) for each in measured],
        *(sorted(shown.access.panel_lots), sorted(shown.access.price_lots), room.reads_screening),
        *(room.viewer.conflicts.everybody, sorted(room.viewer.conflicts.suppliers)),
        sorted((str(pk), repr(found)) for pk, found in blocks.items()),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


@in_room_with("windows__ranking__stabilities")
def export(request: HttpRequest, room: Room, kind: str) -> HttpResponseBase:
    """What the page shows, all pages of it, as CSV or XLSX."""
    shown = shown_in(request, room)
    if shown is None or kind not in ("csv", "xlsx"):
        raise Http404
    values = filter_form(request, room, shown).values()
    rows = rows_of(room, shown, values, request.GET.get("sort", ""))
    criteria = list(room.solicitation.criteria.all())
    blocks = standings.blocks_among(rows)
    measured = stabilities_of(shown)
    etag = etag_of(request, room, shown, blocks, measured)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    in_full = room.reads_screening
    table = exports.table(
        as_shown(with_chances(rows, measured), "chances").iterator(chunk_size=tables.CHUNK),
        criteria,
        price_open=shown.price_open,
        shows_price=lambda row: price_shown(row, shown.access),
        flags=lambda row: decisions_rows.flags_of(row, blocks.get(row.proposal_id, ()), in_full=in_full),
        chance=cells_of(measured, shown.stored, room.viewer.conflicts),
        places=room.solicitation.slots_per_lot,
        selected_on=shown.window.feedback_by,
    )
    lot = shown.lot.lot.code if shown.lot else ""
    name = exports.file_name(room.solicitation.number, shown.window.number, lot, kind)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    headers["ETag"] = etag
    if kind == "csv":
        return StreamingHttpResponse(
            tables.csv_lines(table), content_type="text/csv; charset=utf-8", headers=headers
        )
    return HttpResponse(
        tables.xlsx(table, title=f"Window {shown.window.number}"),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers=headers,
    )
