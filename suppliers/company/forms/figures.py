"""Yearly figures: finances, safety, people; and who can speak for the company."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from portal.kit.formats import number
from suppliers.company.forms.fields import (
    STATE_CHOICES,
    between,
    date_input,
)
from suppliers.company.forms.part import PartForm
from suppliers.company.profile_models import (
    FinancialYear,
    Reference,
    SafetyYear,
    Workforce,
)
from suppliers.reference.places import STATE_NAMES


class FinancialYearForm(PartForm):
    submit = "Save the year"

    class Meta:
        model = FinancialYear
        fields: ClassVar[list[str]] = [
            "fiscal_year",
            "period_end",
            "assurance",
            "sales",
            "ebit",
            "interest_expense",
            "sales_to_buyer",
            "current_assets",
            "total_assets",
            "current_liabilities",
            "total_liabilities",
            "retained_earnings",
            "equity",
        ]
        labels: ClassVar[dict[str, str]] = {
            "fiscal_year": "Fiscal year",
            "assurance": "Were the statements audited?",
            **{
                name: f"{words}, $ million"
                for name, words in (
                    ("sales", "Sales"),
                    ("ebit", "EBIT"),
                    ("interest_expense", "Interest expense"),
                    ("sales_to_buyer", "Sales to this buyer"),
                    ("current_assets", "Current assets"),
                    ("total_assets", "Total assets"),
                    ("current_liabilities", "Current liabilities"),
                    ("total_liabilities", "Total liabilities"),
                    ("retained_earnings", "Retained earnings"),
                    ("equity", "Equity"),
                )
            },
        }
        help_texts: ClassVar[dict[str, str]] = {
            "sales": "In millions: 12.5 means $12,500,000.",
            "ebit": "Earnings before interest and taxes. Use a minus sign for a loss, for example -1.2.",
            "sales_to_buyer": "Your sales to the buyer that runs this portal.",
            "retained_earnings": "Use a minus sign for a deficit.",
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {"period_end": date_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        between(self.fields["fiscal_year"], 1990, 2100, "Enter a year, for example 2025")

    def clean_fiscal_year(self) -> int:
        year: int = self.cleaned_data["fiscal_year"]
        if self.supplier.financials.filter(fiscal_year=year).exclude(pk=self.instance.pk).exists():
            raise ValidationError(f"You already have a statement for {year}")
        return year


class SafetyYearForm(PartForm):
    submit = "Save the year"

    class Meta:
        model = SafetyYear
        fields: ClassVar[list[str]] = ["year", "deaths", "days_away", "restricted", "other", "hours"]
        labels: ClassVar[dict[str, str]] = {
            "deaths": "Column G: deaths",
            "days_away": "Column H: cases with days away from work",
            "restricted": "Column I: cases with job transfer or restriction",
            "other": "Column J: other recordable cases",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "year": "The year the form covers.",
            "deaths": "Copy the totals from Form 300A. Enter 0 if there were none.",
            "hours": "From the form: “Total hours worked by all employees last year.”",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        between(self.fields["year"], 1990, 2100, "Enter a year, for example 2025")
        for name in ("deaths", "days_away", "restricted", "other"):
            between(self.fields[name], 0, 100_000, "Enter a number up to 100,000")
        between(self.fields["hours"], 0, 10**9, "Enter a number up to 1 billion")

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        if self.supplier.safety.filter(year=year).exclude(pk=self.instance.pk).exists():
            raise ValidationError(f"You already have a Form 300A for {year}")
        return year


class WorkforceForm(PartForm):
    submit = "Save the state"

    state = forms.ChoiceField(label="State", choices=[("", "Choose a state"), *STATE_CHOICES])

    class Meta:
        model = Workforce
        fields: ClassVar[list[str]] = [
            "state",
            "employees",
            "skilled",
            "maintenance",
            "training",
            "wage",
            "wage_benchmark",
        ]
        help_texts: ClassVar[dict[str, str]] = {
            "employees": "One full-time job is 2,080 hours per year.",
            "skilled": "Welders, machinists, electricians, toolmakers and similar trades.",
            "wage": "Half earn more, half earn less.",
            "wage_benchmark": "The typical local wage, from BLS or the state labor office.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:  # nobody's people are none until somebody says so
            self.initial["employees"] = None

    def clean_state(self) -> str:
        state: str = self.cleaned_data["state"]
        if self.supplier.workforce.filter(state=state).exclude(pk=self.instance.pk).exists():
            raise ValidationError(f"You already have a row for {STATE_NAMES.get(state, state)}")
        return state

    def clean(self) -> None:
        super().clean()
        whole = self.cleaned_data.get("employees")
        for name in ("skilled", "maintenance"):
            part = self.cleaned_data.get(name)
            if whole is not None and part is not None and part > whole:
                self.add_error(name, f"This can’t be more than the {number(whole)} full-time jobs")


class ReferenceForm(PartForm):
    submit = "Save the reference"

    class Meta:
        model = Reference
        fields: ClassVar[list[str]] = ["customer", "contact", "email", "product", "since"]
        help_texts: ClassVar[dict[str, str]] = {
            "contact": "Someone who knows your work. Ask them first.",
            "since": "Year.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        between(self.fields["since"], 1900, 2100, "Enter a year, for example 2019")
