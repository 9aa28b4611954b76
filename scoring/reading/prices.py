"""A proposal's prices and costs. Ask only when prices are open."""

from __future__ import annotations

from portal.kit import along, formats
from rfp.models import COST_LABELS, CostUse, Revision

# ---- prices -----------------------------------------------------------------------------------------------------


def prices_of(revision: Revision) -> list[tuple[str, str, str, str]]:
    """(item, year, units, price a unit). Call only when the price envelope is open. One query."""
    along.bring(revision, "delivery_lines", "price_lines__item")
    units = {(line.item_id, line.year): line.units for line in revision.delivery_lines.all()}
    return [
        (
            f"{line.item.code} {line.item.title}",
            str(line.year),
            formats.number(units.get((line.item_id, line.year))),
            formats.money(line.unit_price),
        )
        for line in sorted(revision.price_lines.all(), key=lambda each: (each.item.code, each.year))
    ]


COST_WORDS = {"units": "Units × unit prices", **COST_LABELS}


def costs_of(revision: Revision) -> list[tuple[str, str, str]]:
    """(cost, amount, whether it counts) for the costs beside unit prices. Call only when the envelope is open."""
    uses = revision.proposal.lot.solicitation.cost_uses
    return [
        (
            COST_WORDS[cost],
            formats.money(getattr(revision, cost)) or "Not provided",
            "Counted in the price" if use == CostUse.COUNTED else "Shown, not counted",
        )
        for cost, use in uses.items()
    ]
