"""The chair signs the minutes of a moderation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.models import Lot, Window
from scoring.minutes import queries
from scoring.minutes.models import Minutes
from scoring.panel import access
from scoring.panel import queries as panel_queries
from scoring.panel.models import Evaluator


def sign(
    window: Window,
    lot: Lot,
    *,
    present: Collection[Evaluator],
    remarks: str,
    signed_name: str,
    shown: Sequence[int],
    by: User,
    at: datetime,
) -> Minutes:
    """Sign what was settled in a lot since its last minutes. Raises Refused.

    `present`: the reviewers who took part; `shown`: the `through` of what the chair read.
    """
    if not access.is_chair(by, window.solicitation):
        raise Refused("Only the chair signs minutes.")
    with transaction.atomic():
        # Two tabs sign one after the other; the second finds nothing new.
        Window.objects.select_for_update(no_key=True).get(pk=window.pk)
        content = _content(window, lot, present, shown, by)
        content["remarks"] = remarks.strip()
        last = queries.minutes_of(window, lot).values_list("number", flat=True).first()
        signed = Minutes.objects.create(
            window=window,
            lot=lot,
            number=(last or 0) + 1,
            content=content,
            signed_name=signed_name,
            by=by,
            at=at,
        )
        audit.record(
            "minutes.signed",
            window,
            by=by,
            at=at,
            lot=lot.code,
            number=signed.number,
            settled=len(content["settled"]),
        )
        return signed


def _content(
    window: Window, lot: Lot, present: Collection[Evaluator], shown: Sequence[int], by: User
) -> queries.Content:
    """What is signed. Raises Refused."""
    content = queries.since_last(window, lot, by)
    if queries.is_empty(content):
        raise Refused("Nothing was settled or opened again since the last minutes.")
    if content["through"] != list(shown):
        raise Refused("More was settled since you opened this page. Read it again, then sign.")
    declared = queries.declared_in(window, panel_queries.seats_of(window.solicitation))
    here = {seat.pk for seat in present}
    if not here & {seat.pk for seat in declared}:
        raise Refused("Choose who took part.")
    content["present"] = [seat.user.name for seat in declared if seat.pk in here]
    content["absent"] = [seat.user.name for seat in declared if seat.pk not in here]
    return content
