"""What the site can make, when, and how much of it is offered."""

from __future__ import annotations

from typing import Any

from django import forms

from rfp.drafting.forms.sections.parts import Data, DraftForm, GridForm, Section, store
from rfp.drafting.forms.sections.plan import item_rows, year_columns, years_of
from rfp.proposals.line_models import Capacity, DeliveryLine, RampPeriod
from rfp.proposals.models import Revision

MOST_UNITS = 2_000_000_000


class PercentField(forms.DecimalField):
    """A share typed in percent, kept as a fraction of one."""

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if number is None:
            return None
        if 0 < number <= 1:
            raise forms.ValidationError(f"Enter a percentage: {number * 100:f}, not {number:f}")
        return number / 100


def whole(label: str, help_text: str = "", *, most: int = MOST_UNITS) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=most, required=False)


class CapacityForm(DraftForm):
    lines = whole("Production lines", most=10_000)
    shifts = whole("Shifts per day", most=6)
    hours_per_shift = forms.DecimalField(
        label="Hours per shift", min_value=0, max_value=24, max_digits=6, decimal_places=2
    )
    days_per_year = whole("Working days per year", most=366)
    cycle_seconds = forms.DecimalField(
        label="Cycle time (seconds per unit, per line)", min_value=0, max_digits=14, decimal_places=4
    )
    availability = PercentField(
        label="Availability, percent",
        help_text="How much of the planned time the line actually runs.",
        min_value=0,
        max_value=100,
        max_digits=6,
        decimal_places=2,
    )
    yield_rate = PercentField(
        label="First-pass yield, %",
        help_text="Units that pass without rework.",
        min_value=0,
        max_value=100,
        max_digits=6,
        decimal_places=2,
    )
    nameplate_per_year = whole("Nameplate capacity (units per year)")
    committed_per_year = whole("Units already committed per year", "To other customers, on the same lines.")
    offered_per_year = whole("Units offered per year")

    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        self.stored = getattr(draft, "capacity", None)
        names = self.base_fields
        initial: dict[str, Any] = {name: getattr(self.stored, name, None) for name in names}
        for name in ("availability", "yield_rate"):
            if initial[name] is not None:
                initial[name] *= 100
        super().__init__(data, initial=initial)

    def save(self, draft: Revision) -> bool:
        row = self.stored or Capacity(revision=draft)
        changed = [name for name, value in self.valid_data.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, self.valid_data[name])
        if changed:
            row.save()
        return bool(changed)


class DatesForm(DraftForm):
    lead_time_days = whole("Days from firm order to first shipment", most=3650)
    first_article = forms.DateField(
        label="First article", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    start_of_production = forms.DateField(
        label="Start of production",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    opening_stock = whole("Units in stock when the ramp starts")

    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        super().__init__(data, initial={name: getattr(draft, name) for name in self.base_fields})
        longest = draft.proposal.lot.lead_time_days_max
        if longest:
            self.fields["lead_time_days"].help_text = f"At most {longest} days for this lot."
        for name in ("first_article", "start_of_production"):
            self.fields[name].error_messages["invalid"] = (
                f"{self.fields[name].label}: enter a date, for example 2027-04-30"
            )

    def save(self, draft: Revision) -> bool:
        return store(draft, self.valid_data)


def capacity_section(draft: Revision, *, data: Data = None) -> Section:
    """The whole capacity section, or the delivery plan alone where the RFP asks for no more."""
    asks = draft.proposal.lot.solicitation.asks_for("capacity")
    return CapacitySection(draft, data=data) if asks else DeliveryPlan(draft, data=data)


class DeliveryPlan:
    """How much is delivered each year: what prices are multiplied by."""

    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        self.deliveries = GridForm(
            name="units",
            rows=item_rows(draft),
            columns=year_columns(draft),
            cell=whole,
            stored={(str(line.item_id), str(line.year)): line.units for line in draft.delivery_lines.all()},
            data=data,
        )

    @property
    def parts(self) -> tuple[DraftForm, ...]:
        return (self.deliveries,)

    def is_valid(self) -> bool:
        return not self.problems

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [problem for part in self.parts for problem in part.problems]

    def save(self, draft: Revision) -> bool:
        for (item, year), units in self.deliveries.changes.items():
            if units is None:
                draft.delivery_lines.filter(item=int(item), year=int(year)).delete()
            else:
                DeliveryLine.objects.update_or_create(
                    revision=draft, item_id=int(item), year=int(year), defaults={"units": units}
                )
        return bool(self.deliveries.changes)


class CapacitySection(DeliveryPlan):
    """Capacity, dates, the delivery plan and the ramp as one section."""

    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        self.form = CapacityForm(draft, data=data)
        self.dates = DatesForm(draft, data=data)
        super().__init__(draft, data=data)
        self.periods = {row.period: row for row in draft.ramp_periods.all()}
        quarters = {f"{year}Q{quarter}" for year in years_of(draft) for quarter in (1, 2, 3, 4)}
        self.ramp = GridForm(
            name="ramp",
            rows=[
                (period, f"{period[:4]} {period[4:]}", "") for period in sorted(quarters | set(self.periods))
            ],
            columns=[("demand", "Demand (units)"), ("capacity", "Units you can ship")],
            cell=whole,
            stored={
                (period, name): getattr(row, name)
                for period, row in self.periods.items()
                for name in ("demand", "capacity")
            },
            data=data,
        )

    @property
    def parts(self) -> tuple[DraftForm, ...]:
        return (self.form, self.dates, self.deliveries, self.ramp)

    def save(self, draft: Revision) -> bool:
        changed = [self.form.save(draft), self.dates.save(draft)]
        return any([*changed, super().save(draft), self._save_ramp(draft)])

    def _save_ramp(self, draft: Revision) -> bool:
        changes = self.ramp.changes
        for period in {period for period, _ in changes}:
            row = self.periods.get(period) or RampPeriod(revision=draft, period=period)
            for name in ("demand", "capacity"):
                if (period, name) in changes:
                    setattr(row, name, changes[period, name])
            if row.demand is None and row.capacity is None:
                draft.ramp_periods.filter(period=period).delete()
            else:
                row.save()
        return bool(changes)
