"""Everybody screened again after a list changed: in steps that are stored, so that a dead worker loses little."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from portal.kit import clock
from suppliers.company import profiles
from suppliers.company.models import Supplier
from suppliers.screening import screen
from suppliers.screening.models import Alert, ScreeningRun
from suppliers.signals import lists_refreshed, screening_changed

STEP = 25


def run(run_id: int) -> None:
    """Bring the run to its end. Doing it twice finds nothing left to do."""
    while _step(run_id):
        pass
    unfinished = ScreeningRun.objects.filter(pk=run_id, finished_at__isnull=True)
    if unfinished.exists():
        # First: a worker that dies in between says it twice, and never not at all.
        lists_refreshed.send_robust(sender=ScreeningRun)
        unfinished.update(finished_at=clock.wall_time())


def _step(run_id: int) -> bool:
    """Screen the next few suppliers; whether there were any. Two workers on one run wait for each other."""
    with transaction.atomic():
        row = ScreeningRun.objects.select_for_update().get(pk=run_id)
        if row.finished_at is not None:
            return False
        rows = list(Supplier.objects.filter(pk__gt=row.last_supplier).order_by("pk")[:STEP])
        if not rows:
            return False
        changed = [each.pk for each in rows if _changed(each)]
        ScreeningRun.objects.filter(pk=run_id).update(
            done=F("done") + len(rows), changed=F("changed") + len(changed), last_supplier=rows[-1].pk
        )
    for pk in changed:
        screening_changed.send_robust(sender=ScreeningRun, supplier_id=pk)
    return True


def _changed(supplier: Supplier) -> bool:
    """Screen one supplier; whether an alert was raised, opened again or laid by."""
    before = _standing(supplier)
    screen.screen(supplier.pk, profiles.supplier_facts(supplier))
    return _standing(supplier) != before


def _standing(supplier: Supplier) -> list[tuple[object, ...]]:
    rows = Alert.objects.filter(supplier=supplier).order_by("pk")
    return list(rows.values_list("pk", "state", "is_current", "fingerprint"))
