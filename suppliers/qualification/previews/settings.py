"""Whose standing would change under other settings: computed on everybody, nothing of it takes effect."""

from __future__ import annotations

from typing import Any

from portal.kit import clock, compliance
from suppliers.company import profiles
from suppliers.company.models import Supplier
from suppliers.qualification import qualifying
from suppliers.qualification.judging import next_change
from suppliers.qualification.models import Qualification, RuleSettings
from suppliers.rules import QUALIFICATION, RULE_TITLES
from suppliers.screening import screen

# How often the row tells how far the work has come.
STEP = 25
# What a rule raises over a parameter that it cannot work with.
STUMBLES = (ArithmeticError, LookupError, TypeError, ValueError)


def run(settings_id: int) -> None:
    """Fill the preview of proposed settings. Doing it twice gives the same. Values that the rules cannot work with
    are said so on the row, and never come into force.
    """
    mine = RuleSettings.objects.filter(pk=settings_id, in_force_at=None)
    row = mine.first()
    if row is None:
        return
    now = qualifying.settings_in_force()
    rows = Supplier.objects.filter(qualifications__isnull=False).distinct().order_by("legal_name", "pk")
    suppliers = list(rows)
    mine.update(preview_total=len(suppliers), preview_done=0, preview_problem="")
    changes: list[dict[str, Any]] = []
    try:
        proposed = qualifying.read_settings(row.params, version=row.version)
        for done, supplier in enumerate(suppliers, start=1):
            changes += _changes(supplier, now, proposed)
            if done % STEP == 0:
                mine.update(preview_done=done)
    except STUMBLES as problem:
        mine.update(preview_problem=f"The rules don’t work with these values: {problem}"[:500])
        return
    mine.update(
        preview=changes,
        preview_done=len(suppliers),
        preview_against=now.version,
        previewed_at=clock.wall_time(),
    )


def _changes(
    supplier: Supplier, now: qualifying.InForce, proposed: qualifying.InForce
) -> list[dict[str, Any]]:
    """One line for each standing whose status or findings would differ."""
    at = clock.wall_time()
    on = at.date()
    facts = profiles.supplier_facts(supplier)
    screening = screen.compare(supplier.pk, facts, at=at)
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
                    "titles": [RULE_TITLES[code] for code in differ],
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
