"""What a published addendum makes of the RFP. Questions get another wording; the earlier one stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from portal.kit.refused import Refused
from rfp.amending import changes, fact_changes
from rfp.amending.changes import KIND
from rfp.method.scales import kind_of, points_up_to
from rfp.publishing.addendum_models import Change
from rfp.publishing.models import Item, Opening, Solicitation, Window
from rfp.publishing.question_models import Requirement

Apply = Callable[[Solicitation, Change, int, datetime], None]


def apply(solicitation: Solicitation, change: Change, *, version: int, now: datetime) -> None:
    """Make the RFP say what the change says, from that version on. Raises Refused where it no longer can."""
    APPLY[KIND(change.kind)](solicitation, change, version, now)


# ---- questions --------------------------------------------------------------------------------------------------


def _question(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    before = changes.requirement_called(solicitation, change.subject)
    items = list(before.applies_to.all())
    after = copy(changes.with_values(before, change.values))
    _end(before, version)
    after.pk, after._state.adding = None, True
    after.since, after.until, after.origin_id = version, None, before.question
    after.standing = change.standing
    after.save(force_insert=True)
    after.applies_to.set(items)


def _end(requirement: Requirement, version: int) -> None:
    Requirement.objects.filter(pk=requirement.pk).update(until=version)


def _new_question(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    values: dict[str, Any] = dict(change.values)
    lot, feeds, items = values.pop("lot", ""), values.pop("feeds", ""), values.pop("applies_to", [])
    if solicitation.requirements.filter(code__iexact=change.subject).exists():
        raise Refused(f"There is already a requirement {change.subject}.")
    row = Requirement(solicitation=solicitation, code=change.subject, since=version, standing=change.standing)
    row.lot = changes.lot_called(solicitation, lot) if lot else None
    row.feeds = changes.criterion_called(solicitation, feeds) if feeds else None
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    if row.lot is not None and items:
        row.applies_to.set(Item.objects.filter(lot=row.lot, code__in=items))


def _removed_question(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    _end(changes.requirement_called(solicitation, change.subject), version)


# ---- criteria, lots, text ---------------------------------------------------------------------------------------


def _criterion(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    if Opening.objects.filter(window__solicitation=solicitation).exists():
        raise Refused("Proposals have been opened, so criteria can’t change anymore.")
    row = changes.with_values(changes.criterion_called(solicitation, change.subject), change.values)
    if kind_of(row.scale) == "points":
        row.scale = points_up_to(row.weight)
    row.save()


def _lot(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    changes.with_values(changes.lot_called(solicitation, change.subject), change.values).save()


def _lot_withdrawn(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    lot = changes.lot_called(solicitation, change.subject)
    if Opening.objects.filter(lot=lot).exists():
        raise Refused(f"Proposals for lot {lot.code} have been opened, so it can’t be withdrawn anymore.")
    if not solicitation.lots.filter(withdrawn_at__isnull=True).exclude(pk=lot.pk).exists():
        raise Refused("This is the only lot left. Cancel the RFP instead.")
    lot.withdrawn_at = now
    lot.save(update_fields=["withdrawn_at"])


def _text(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    row = changes.with_values(solicitation, change.values)
    Solicitation.objects.filter(pk=solicitation.pk).update(title=row.title, summary=row.summary)


# ---- windows ----------------------------------------------------------------------------------------------------


def _window(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    before = changes.window_called(solicitation, change.subject)
    dates = {name: value for name, value in change.values.items() if name != "outage"}
    after = changes.with_values(before, dates)
    if objection := may_move(before, after.closes_at, is_outage=bool(change.values.get("outage")), now=now):
        raise Refused(objection)
    _must_not_overlap(after)
    after.save(update_fields=["closes_at", "feedback_by"])


def may_move(window: Window, closes_at: datetime, *, is_outage: bool, now: datetime) -> str:
    """Why the window can't close then, in a sentence; blank if it can."""
    if closes_at < window.closes_at:
        return "A published deadline can only move later."
    if closes_at == window.closes_at:
        return ""
    if window.closes_at <= now:
        if not is_outage:
            return "This window has closed. It can only be extended to make up for an outage."
        if Opening.objects.filter(window=window).exists():
            return "Proposals of this window have been opened, so it can’t be extended."
    if closes_at <= now:
        return "The new closing time is in the past."
    return ""


def _must_not_overlap(window: Window) -> None:
    others = Window.objects.filter(solicitation=window.solicitation_id).exclude(pk=window.pk)
    for other in others.filter(opens_at__lt=window.closes_at, closes_at__gt=window.opens_at):
        raise Refused(f"Window {window.number} would overlap window {other.number}.")


def _new_window(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    number = int(change.subject)
    if solicitation.windows.filter(number=number).exists():
        raise Refused(f"There is already a window {number}.")
    if (closes_at := parse_datetime(change.values["closes_at"])) is None or closes_at <= now:
        raise Refused("The new window would close in the past.")
    row = changes.with_values(Window(solicitation=solicitation, number=number), change.values)
    _must_not_overlap(row)
    row.save()


APPLY: Mapping[Change.Kind, Apply] = {
    KIND.REQUIREMENT: _question,
    KIND.REQUIREMENT_ADDED: _new_question,
    KIND.REQUIREMENT_REMOVED: _removed_question,
    KIND.CRITERION: _criterion,
    KIND.LOT: _lot,
    KIND.LOT_WITHDRAWN: _lot_withdrawn,
    KIND.WINDOW: _window,
    KIND.WINDOW_ADDED: _new_window,
    KIND.TEXT: _text,
    KIND.FACTS: fact_changes.apply_facts,
    KIND.MILESTONE: fact_changes.apply_milestone,
    KIND.MILESTONE_ADDED: fact_changes.apply_new_milestone,
    KIND.MILESTONE_REMOVED: fact_changes.apply_removed_milestone,
}
