"""Recorded draws, worked out again: `manage.py verify_audit` names those that come out otherwise."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator

from portal.models import AuditEvent
from portal.record import audit, heads
from scoring.calculation import draws
from scoring.settling.models import Draw, DrawStart


def drawn_otherwise() -> Iterator[str]:
    """Every draw that its statement, the portal's key and the record do not give, in words."""
    for draw in Draw.objects.select_related("start__window__solicitation", "start__lot").order_by("pk"):
        why = _difference(draw)
        if why:
            yield f"Draw {draw.pk}: {why}"


def _difference(draw: Draw) -> str:
    try:
        signature = base64.b64decode(draw.signature, validate=True)
    except binascii.Error:
        return "its signature can’t be read"
    if not heads.is_signed(draw.statement.encode(), signature):
        return "its statement was not signed with this portal’s key"
    if draw.seed != draws.seed_of(signature):
        return "its seed does not come from its signature"
    if draw.drawn != draws.order_of(draw.seed, draw.start.tied):
        return "its order does not come from its seed"
    return "" if draw.statement == _statement(draw) else "its statement does not match the record"


def _statement(draw: Draw) -> str:
    """What the record makes of it. Blank where the record lacks an event of it."""
    begun = AuditEvent.objects.filter(verb="tie.draw_started", subject=audit.subject_of(draw.start)).first()
    head = AuditEvent.objects.filter(seq=json.loads(draw.statement)["head"]["seq"]).first()
    return statement_of(draw.start, begun, head) if begun and head else ""


def statement_of(start: DrawStart, begun: AuditEvent, head: AuditEvent) -> str:
    """What the portal signs. `begun`: the event of the start; `head`: the newest when the second person drew."""
    return draws.statement(
        rfp=start.window.solicitation.number,
        window=start.window.number,
        lot=start.lot.code,
        tied=list(start.tied),
        started={"seq": begun.seq, "hash": begun.hash},
        head={"seq": head.seq, "hash": head.hash},
    )
