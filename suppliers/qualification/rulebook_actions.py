"""What officers set for everybody: waivers, categories, and the rules' parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal.frame.jobs import enqueue_on_commit
from portal.kit.parameters import ParamsError
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from suppliers.company import queries
from suppliers.company.models import Supplier
from suppliers.qualification import qualifying, tasks
from suppliers.qualification.models import (
    Commodity,
    Qualification,
    RuleSettings,
    Waiver,
)
from suppliers.rules import QUALIFICATION


def waive(
    rule: str,
    *,
    supplier: Supplier | None,
    commodity: Commodity | None,
    reason: str,
    until: date,
    by: User,
    at: datetime,
) -> Waiver:
    """Exempt one supplier, or everybody, from a rule until a day. Raises Refused for screening rules."""
    if not queries.is_officer(by):
        raise Refused("Only officers can waive rules.")
    if rule not in {each.code for each in QUALIFICATION.rules}:
        raise Refused("This rule does not exist.")
    if rule in QUALIFICATION.never_waived:
        raise Refused("Screening can’t be waived.")
    if not reason.strip():
        raise Refused("Enter a reason.")
    if until < at.date():
        raise Refused("The last day has passed.")
    with transaction.atomic():
        row = Waiver.objects.create(
            rule=rule,
            supplier=supplier,
            commodity=commodity,
            reason=reason.strip(),
            until=until,
            by=by,
            at=at,
        )
        audit.record("waiver.given", row, by=by, at=at, rule=rule, until=until.isoformat())
        _look_again(_whom(supplier))
        return row


def withdraw_waiver(row: Waiver, *, reason: str, by: User, at: datetime) -> None:
    """End a waiver now. Raises Refused for others than officers, without a reason, and for one that has ended."""
    if not queries.is_officer(by):
        raise Refused("Only officers can waive rules.")
    if not reason.strip():
        raise Refused("Enter a reason.")
    with transaction.atomic():
        holding = Waiver.objects.filter(pk=row.pk, withdrawn_at=None, until__gte=at.date())
        if not holding.update(withdrawn_by=by, withdrawn_at=at, withdrawn_why=reason.strip()):
            raise Refused("This waiver has already ended or been withdrawn.")
        audit.record("waiver.withdrawn", row, by=by, at=at, rule=row.rule)
        _look_again(_whom(row.supplier))


def _whom(supplier: Supplier | None) -> QuerySet[Qualification]:
    """The standings that a waiver may be about; without a supplier it is for everybody."""
    return Qualification.objects.filter(supplier=supplier) if supplier else Qualification.objects.all()


def _look_again(rows: QuerySet[Qualification]) -> None:
    """Have the rules look at everybody with one of these standings."""
    for pk in rows.order_by("supplier").values_list("supplier", flat=True).distinct():
        enqueue_on_commit(tasks.assess_supplier, pk)


def save_category(save: Callable[[], Any], *, by: User, at: datetime) -> None:
    """Run `save`, which stores and gives a Commodity or a Region, and have the rules look at whom it concerns;
    nothing of it is approved before they have. Raises Refused for others than officers.
    """
    if not queries.is_officer(by):
        raise Refused("Only officers can change commodities and regions.")
    with transaction.atomic():
        saved = save()
        kind = "commodity" if isinstance(saved, Commodity) else "region"
        audit.record("category.saved", saved, by=by, at=at, kind=kind, code=saved.code)
        rows = Qualification.objects.filter(**{kind: saved})
        rows.update(checked_at=None, checked_on=None)
        _look_again(rows)


def propose_settings(params: Mapping[str, Any], *, reason: str, by: User, at: datetime) -> RuleSettings:
    """Write the next version of the rules' parameters and have its effect worked out. Nothing changes yet.

    Raises Refused for a parameter that does not exist or fit, and without a reason.
    """
    if not queries.is_officer(by):
        raise Refused("Only officers can change rule settings.")
    if not reason.strip():
        raise Refused("Enter a reason.")
    try:
        proposed = qualifying.read_settings(params, version=0)
    except ParamsError as error:
        raise Refused(str(error)) from None
    for (code, name), words in qualifying.insane(proposed).items():
        raise Refused(f"{code}, {name.replace('_', ' ')}: {words}.")
    with transaction.atomic():
        newest = RuleSettings.objects.select_for_update().order_by("-version").first()
        row = RuleSettings.objects.create(
            version=newest.version + 1 if newest else 1,
            params=dict(params),
            reason=reason.strip(),
            by=by,
            at=at,
        )
        audit.record("settings.proposed", row, by=by, at=at, version=row.version)
        enqueue_on_commit(tasks.preview_settings, row.pk)
        return row


def preview_again(row: RuleSettings, *, by: User, at: datetime) -> None:
    """Have the effect of proposed settings worked out anew. Raises Refused for those that were in force."""
    if not queries.is_officer(by):
        raise Refused("Only officers can change rule settings.")
    with transaction.atomic():
        fresh: dict[str, Any] = {
            "previewed_at": None,
            "preview": [],
            "preview_done": 0,
            "preview_problem": "",
        }
        if not RuleSettings.objects.filter(pk=row.pk, in_force_at=None).update(**fresh):
            raise Refused("These settings are already in effect.")
        audit.record("settings.previewed", row, by=by, at=at, version=row.version)
        enqueue_on_commit(tasks.preview_settings, row.pk)


def put_in_force(row: RuleSettings, *, by: User, at: datetime) -> None:
    """Use proposed settings from now on and have everybody looked at again. Raises Refused before the preview is
    there, and when a newer version is in force.
    """
    if not queries.is_officer(by):
        raise Refused("Only officers can change rule settings.")
    with transaction.atomic():
        # All versions, so that of two officers the second learns what the first put in force.
        versions = RuleSettings.objects.select_for_update().order_by("version")
        row = next(each for each in versions if each.pk == row.pk)
        if row.in_force_at is not None:
            raise Refused("These settings are already in effect.")
        if row.preview_problem:
            raise Refused(row.preview_problem)
        if row.previewed_at is None:
            raise Refused("Wait for the preview of which qualifications would change.")
        if RuleSettings.objects.filter(version__gt=row.version, in_force_at__isnull=False).exists():
            raise Refused("A newer version is in effect. Propose these settings again.")
        if row.preview_against != qualifying.settings_in_force().version:
            raise Refused("The settings have changed since the last preview. Recalculate the effect.")
        row.in_force_at = at
        row.save(update_fields=["in_force_at"])
        audit.record("settings.in_force", row, by=by, at=at, version=row.version)
        _look_again(Qualification.objects.all())
