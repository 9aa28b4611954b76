"""What activating a list would change among our suppliers, worked out before anyone decides it.

In steps that are stored, like the screening that follows an activation, and by the same code: `assessment.plan`.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from portal.kit import clock
from suppliers.company import profiles
from suppliers.company.models import Supplier
from suppliers.facts import PROFILE_ROLES
from suppliers.qualification.models import Qualification
from suppliers.screening import queries, screen
from suppliers.screening.models import Alert, ListPreview, PreviewLine, Snapshot

STEP = 25
Effect = PreviewLine.Effect


def run(preview_id: int) -> None:
    """Bring the preview to its end. Doing it twice finds nothing left to do; a newer one of the list replaces it."""
    preview = ListPreview.objects.filter(pk=preview_id).select_related("snapshot").first()
    if preview is None:
        return
    ListPreview.objects.filter(snapshot=preview.snapshot_id, pk__lt=preview_id).delete()
    snapshots = _as_if_active(preview.snapshot)
    while _step(preview_id, snapshots):
        pass
    unfinished = ListPreview.objects.filter(pk=preview_id, finished_at=None)
    unfinished.update(finished_at=clock.wall_time())


def _as_if_active(snapshot: Snapshot) -> list[Snapshot]:
    """The lists in use, were this one activated, in the order screening reads them."""
    others = queries.active_snapshots().exclude(source=snapshot.source)
    return sorted((*others, snapshot), key=lambda each: each.source)


def _step(preview_id: int, snapshots: list[Snapshot]) -> bool:
    """Work out the next few suppliers; whether there were any."""
    with transaction.atomic():
        row = ListPreview.objects.select_for_update().filter(pk=preview_id, finished_at=None).first()
        if row is None:
            return False
        suppliers = list(Supplier.objects.filter(pk__gt=row.last_supplier).order_by("pk")[:STEP])
        if not suppliers:
            return False
        lines = [line for supplier in suppliers for line in lines_of(supplier, snapshots)]
        for line in lines:
            line.preview = row
        PreviewLine.objects.bulk_create(lines)
        ListPreview.objects.filter(pk=preview_id).update(
            done=F("done") + len(suppliers), last_supplier=suppliers[-1].pk
        )
    return True


def lines_of(supplier: Supplier, snapshots: list[Snapshot]) -> list[PreviewLine]:
    """What these lists would change for one supplier; nothing is stored."""
    plan = screen.plan(supplier.pk, profiles.supplier_facts(supplier), snapshots)
    lines = []
    for key, alert in plan.alerts.items():
        if (effect := _effect(plan.before.get(key), alert)) is not None:
            lines.append(_line(supplier, effect, alert))
    held = queries.blocking_alerts().filter(supplier=supplier.pk).exists()
    # Alerts of names and lists that this screening does not look at stay as they are.
    rest = (
        queries.blocking_alerts()
        .filter(supplier=supplier.pk)
        .exclude(pk__in=[each.pk for each in plan.alerts.values() if each.pk])
    )
    will_be_held = _holds(plan.alerts.values()) or rest.exists()
    if held != will_be_held:
        is_qualified = supplier.qualifications.filter(
            status__in=(Qualification.Status.QUALIFIED, *Qualification.HELD),
            valid_until__gte=clock.wall_time().date(),
        ).exists()
        effect = Effect.HOLDS if will_be_held else Effect.FREES
        lines.append(PreviewLine(supplier=supplier, effect=effect, is_qualified=is_qualified))
    return lines


def _holds(alerts: Iterable[Alert]) -> bool:
    return any(each.role in PROFILE_ROLES and (each.is_confirmed or each.waits) for each in alerts)


def _effect(before: tuple[str, bool] | None, alert: Alert) -> PreviewLine.Effect | None:
    """What happens to an alert that stood like `before` (its state, whether the lists held it), if anything."""
    state, was_current = before or ("", False)
    waited = was_current and state in Alert.UNDECIDED
    if alert.waits and not waited:
        return Effect.RAISES
    if waited and not alert.waits:
        return Effect.RELEASES
    if alert.is_confirmed and was_current and not alert.is_current:
        return Effect.KEEPS
    return None


def _line(supplier: Supplier, effect: PreviewLine.Effect, alert: Alert) -> PreviewLine:
    return PreviewLine(
        supplier=supplier,
        effect=effect,
        name=alert.name,
        role=alert.role,
        matched_name=alert.matched_name,
        record_id=alert.record_id,
        band=alert.band,
    )
