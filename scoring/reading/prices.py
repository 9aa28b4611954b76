"""A proposal's prices and costs. Ask only when prices are open."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kit import along, formats
from rfp.models import COST_LABELS, CostUse, Revision


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What a proposal costs, in words: (item, year, units, price a unit), and (cost, amount, whether it counts)."""

    prices: list[tuple[str, str, str, str]]
    costs: list[tuple[str, str, str]]


def offered(revision: Revision) -> Offered:
    """Call only when the price envelope is open. One query."""
    return Offered(prices=_prices_of(revision), costs=_costs_of(revision))


def _prices_of(revision: Revision) -> list[tuple[str, str, str, str]]:
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


def _costs_of(revision: Revision) -> list[tuple[str, str, str]]:
    uses = revision.proposal.lot.solicitation.cost_uses
    return [
        (
            COST_WORDS[cost],
            formats.money(getattr(revision, cost)) or "Not provided",
            "Counted in the price" if use == CostUse.COUNTED else "Shown, not counted",
        )
        for cost, use in uses.items()
    ]
