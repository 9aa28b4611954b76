"""Prices by item and delivery year. They stay sealed until the price envelope is opened."""

from __future__ import annotations

from decimal import Decimal

from django import forms

from rfp.drafting.forms.sections.parts import Data, DraftForm, GridForm, store
from rfp.drafting.forms.sections.plan import item_rows, year_columns
from rfp.proposals.line_models import PriceLine
from rfp.proposals.models import Revision
from rfp.publishing.models import COST_LABELS, CostUse

HELP = {
    "tooling_price": "One-time, separate from unit prices. Enter 0 if none.",
    "freight_price": "To the delivery sites, for all units in this offer. Enter 0 if unit prices include it.",
    "one_off_price": "Engineering, certification, setup. Enter 0 if none.",
}


class CostForm(DraftForm):
    """The costs beside the unit prices that this RFP asks for, U.S. dollars for the whole offer."""

    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        self.uses = draft.proposal.lot.solicitation.cost_uses
        super().__init__(data, initial={cost: getattr(draft, cost) for cost in self.uses})

    def add_cells(self) -> None:
        for cost, use in self.uses.items():
            counted = "Counts toward your price." if use == CostUse.COUNTED else "Shown but not counted."
            self.fields[cost] = forms.DecimalField(
                label=f"{COST_LABELS[cost]}, $",
                help_text=f"{HELP[cost]} {counted}",
                min_value=0,
                max_digits=16,
                decimal_places=2,
            )

    def save(self, draft: Revision) -> bool:
        return store(draft, self.valid_data)


# Dollars a unit. With the most units that can be offered, a hundred items and years still fit a stored total: one
# that did not would stop the scores of everybody else when prices are opened.
DEAREST = Decimal(100_000_000)


def price_cell(label: str) -> forms.Field:
    return forms.DecimalField(
        label=label, min_value=0, max_value=DEAREST, max_digits=18, decimal_places=4, required=False
    )


class PriceSection:
    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        self.form = CostForm(draft, data=data)
        self.prices = GridForm(
            name="price",
            rows=item_rows(draft),
            columns=year_columns(draft),
            cell=price_cell,
            stored={(str(line.item_id), str(line.year)): line.unit_price for line in draft.price_lines.all()},
            data=data,
        )

    def is_valid(self) -> bool:
        return not self.problems

    @property
    def problems(self) -> list[tuple[str, str]]:
        return self.prices.problems + self.form.problems

    def save(self, draft: Revision) -> bool:
        changed = self.form.save(draft)
        for (item, year), price in self.prices.changes.items():
            if price is None:
                draft.price_lines.filter(item=int(item), year=int(year)).delete()
            else:
                PriceLine.objects.update_or_create(
                    revision=draft, item_id=int(item), year=int(year), defaults={"unit_price": price}
                )
        return changed or bool(self.prices.changes)
