"""Whose standing would change under other settings: computed on everybody, nothing of it takes effect."""

from __future__ import annotations

from typing import Any

from portal import clock, compliance
from suppliers import assessment, profiles, qualifying
from suppliers.models import Qualification, RuleSettings, Supplier
from suppliers.rules import QUALIFICATION
from suppliers.rules.standing import next_change


def run(settings_id: int) -> None:
    """Fill the preview of proposed settings. Doing it twice gives the same."""
    row = RuleSettings.objects.get(pk=settings_id)
    if row.in_force_at is not None:
        return
    proposed = qualifying.read_settings(row.params, version=row.version)
    now = qualifying.settings_in_force()
    suppliers = Supplier.objects.filter(qualifications__isnull=False).distinct().order_by("legal_name", "pk")
    changes = [line for supplier in suppliers for line in _changes(supplier, now, proposed)]
    RuleSettings.objects.filter(pk=settings_id, in_force_at=None).update(
        preview=changes, previewed_at=clock.wall_time()
    )


def _changes(
    supplier: Supplier, now: qualifying.InForce, proposed: qualifying.InForce
) -> list[dict[str, Any]]:
    """One line for each standing whose status or findings would differ."""
    on = clock.wall_time().date()
    facts = profiles.supplier_facts(supplier)
    screening = assessment.screen(supplier.pk, facts)
    with_ein = profiles.with_ein(facts, supplier)
    rows = supplier.qualifications.select_related("commodity", "region", "supplier", "approved").order_by(
        "pk"
    )
    lines = []
    for row in rows:
        whole = qualifying.facts_for(row, with_ein, screening)
        before, after = (
            compliance.assess(QUALIFICATION.rules, whole, each.params, on=on) for each in (now, proposed)
        )
        status = _status(row, whole, after, proposed)
        outcomes = {(each.rule, each.part): each.outcome.value for each in before}
        differ = sorted(
            {each.rule for each in after if outcomes.get((each.rule, each.part)) != each.outcome.value}
        )
        if differ or status != row.status:
            lines.append(
                {
                    "qualification": row.pk,
                    "supplier": supplier.legal_name,
                    "supplier_id": supplier.pk,
                    "what": f"{row.commodity.title}, {row.region.title}",
                    "before": row.status,
                    "after": status,
                    "rules": differ,
                }
            )
    return lines


def _status(
    row: Qualification,
    facts: Any,
    found: tuple[compliance.Finding, ...],
    proposed: qualifying.InForce,
) -> str:
    on = clock.wall_time().date()
    change = next_change(
        row.status,
        qualifying.standing_of(row, facts, found, proposed.policy, on),
        until=row.valid_until,
        accepted=qualifying.accepted_keys(row, on=on),
        policy=proposed.policy,
        on=on,
    )
    return change.status if change else row.status
