"""Places in manufacturing by state, and the investment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from rfp.drafting.forms.sections.parts import Data, DraftForm, RowForm, RowFormSet, formset, store
from rfp.proposals.line_models import JobsLine
from rfp.proposals.models import Revision
from suppliers.company.forms.fields import STATE_CHOICES


def places(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=help_text, min_value=0, max_digits=10, decimal_places=2, required=False
    )


class InvestmentForm(DraftForm):
    capex_musd = forms.DecimalField(
        label="Investment, $ million",
        help_text="Buildings, equipment and tooling for this offer. 4.5 means $4.5 million.",
        min_value=0,
        max_digits=12,
        decimal_places=3,
    )

    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        super().__init__(data, initial={"capex_musd": draft.capex_musd})

    def save(self, draft: Revision) -> bool:
        return store(draft, self.valid_data)


class JobsRow(RowForm):
    state = forms.ChoiceField(label="State", choices=[("", "Choose a state"), *STATE_CHOICES])
    new = places("New jobs", "Full-time, 2,080 hours per year")
    retained = places("Jobs kept")

    def clean(self) -> None:
        data = self.cleaned_data
        if not data.get("state") and "state" not in self.errors and (data.get("new") or data.get("retained")):
            self.add_error("state", "Choose a state for these jobs")


class JobsRows(RowFormSet):
    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            state = form.cleaned_data.get("state") if hasattr(form, "cleaned_data") else ""
            if state and state in seen:
                form.add_error("state", f"{state} is already in the table. Add the jobs there")
            seen.add(state or "")

    def stands(self, values: Any) -> bool:
        return bool(values.get("state"))


class JobsSection:
    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        self.form = InvestmentForm(draft, data=data)
        self.stored = {row.state: _values(row) for row in draft.jobs_lines.all()}
        self.rows = formset(
            JobsRow,
            [{"key": state, **values} for state, values in self.stored.items()],
            prefix="jobs",
            data=data,
            next_key=lambda n: f"NEW{n}",
            base=JobsRows,
            most=70,
        )

    def is_valid(self) -> bool:
        return not self.problems

    @property
    def problems(self) -> list[tuple[str, str]]:
        return self.form.problems + self.rows.problems

    def save(self, draft: Revision) -> bool:
        changed = self.form.save(draft)
        after: dict[str, dict[str, Any]] = {}
        for _, values in self.rows.merged(self.stored):
            whole = {name: values.get(name) or Decimal(0) for name in ("new", "retained")}
            after.setdefault(values["state"], {"state": values["state"], **whole})
        if after == self.stored:
            return changed
        draft.jobs_lines.all().delete()
        JobsLine.objects.bulk_create(JobsLine(revision=draft, **values) for values in after.values())
        return True


def _values(row: JobsLine) -> dict[str, Any]:
    return {"state": row.state, "new": row.new, "retained": row.retained}
