"""The rows of a profile: sites, owners, officers, certificates, insurance, safety, people, statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from crispy_forms.layout import HTML
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import BLANK_CHOICE_DASH

from portal.files import CheckedFile, FileRefused, check_file
from portal.formats import count_of, day, number
from portal.forms import PortalModelForm
from suppliers.forms.fields import (
    COUNTRY_CHOICES,
    STATE_CHOICES,
    LinesField,
    between,
    date_input,
    possible_dates,
)
from suppliers.models import (
    Certificate,
    FinancialYear,
    InsurancePolicy,
    Officer,
    Owner,
    Reference,
    SafetyYear,
    Site,
    Supplier,
    Workforce,
)
from suppliers.reference.countries import COUNTRY_NAMES
from suppliers.reference.places import STATE_NAMES, zip_area

DASHES = BLANK_CHOICE_DASH[0]
PAPERS = ("pdf", "png", "jpg", "jpeg")
ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")


class PartForm(PortalModelForm):
    """A row that belongs to a company."""

    def __init__(self, *args: Any, supplier: Supplier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supplier = supplier
        self.instance.supplier = supplier
        possible_dates(self)
        chosen: list[Any] = [
            each for each in self.fields.values() if isinstance(each, forms.TypedChoiceField)
        ]
        for field in chosen:
            # The framework's row of dashes says nothing.
            field.choices = [("", "Choose") if each == DASHES else each for each in field.choices]


def in_order(form: forms.ModelForm[Any], first: str, last: str, words: str) -> None:
    """A last day before the first, or on it, is refused beside the last."""
    start, end = form.cleaned_data.get(first), form.cleaned_data.get(last)
    if start and end and end <= start:
        form.add_error(last, words)


class SiteForm(PartForm):
    submit = "Save the site"

    state = forms.ChoiceField(label="State", choices=[("", "Choose a state"), *STATE_CHOICES], required=False)
    country = forms.ChoiceField(label="Country", choices=COUNTRY_CHOICES, initial="US")
    processes = LinesField(
        label="Processes",
        most=80,
        help_text="One per line, for example sheet metal, brazing, final assembly.",
    )

    class Meta:
        model = Site
        fields: ClassVar[list[str]] = [
            "name",
            "status",
            "street",
            "city",
            "state",
            "zip",
            "country",
            "processes",
            "capacity_per_year",
            "capacity_of",
            "power_mw",
            "permits",
            "permits_in_hand",
            "land_control",
            "start_date",
        ]
        labels: ClassVar[dict[str, str]] = {
            "permits_in_hand": "We have the permits",
            "land_control": "We own or lease the land",
            "start_date": "Start date",
            "capacity_per_year": "Capacity (units per year)",
            "capacity_of": "Unit",
            "permits": "Permits held or applied for",
            "power_mw": "Electric power at the site (MW)",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "status": "Planned means you make nothing there yet.",
            "state": "For U.S. sites.",
            "zip": "Five digits.",
            "capacity_per_year": "At full load, with your current staff and equipment.",
            "capacity_of": "For example racks, cable assemblies or transformers.",
            "power_mw": "What your connection supplies today. 2.5 means 2,500 kW.",
            "permits": "Air, water, building: list each with its number.",
            "start_date": "For a site that is planned or expanding.",
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "start_date": date_input(),
            "zip": forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # They are not optional in the United States, so the page does not call them so.
        is_us = self["country"].value() == "US"
        for name, words in (("state", "Choose a state for this U.S. site"), ("zip", "Enter a ZIP code")):
            self.fields[name].required = is_us
            self.fields[name].error_messages["required"] = words

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if data.get("country") != "US":
            return
        zip_code = (data.get("zip") or "").strip()
        if not zip_code:
            return
        if not ZIP.fullmatch(zip_code):
            self.add_error("zip", f"“{zip_code}” is not a ZIP code. Enter five digits")
        elif data.get("state") and (area := zip_area(zip_code[:5])) and area.state != data["state"]:
            there, here = (STATE_NAMES.get(code, code) for code in (area.state, data["state"]))
            self.add_error("zip", f"ZIP {zip_code[:5]} is in {there}, not {here}")


class OwnerForm(PartForm):
    submit = "Save the owner"

    country = forms.ChoiceField(label="Country", choices=COUNTRY_CHOICES, initial="US")

    class Meta:
        model = Owner
        fields: ClassVar[list[str]] = [
            "name",
            "kind",
            "country",
            "owns",
            "pct_equity",
            "pct_votes",
            "board_seats",
            "board_size",
            "is_government",
            "controls",
            "parent",
        ]
        labels: ClassVar[dict[str, str]] = {
            "owns": "Owns shares of",
            "parent": "Owned by",
            "is_government": "This owner is a government or owned by one",
            "controls": "Controls the company through a license or contract",
            "kind": "Type of owner",
            "board_seats": "Board seats this owner fills",
            "board_size": "Total board seats",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "name": "A person’s full name, or a company’s legal name.",
            "pct_votes": "If different from equity.",
            "owns": "Your company, or another owner listed here. This is how we trace the ownership chain.",
            "parent": "The company or person that owns this owner, if you don’t know the share.",
            "pct_equity": "25.5 means 25.5%.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("board_seats", "board_size"):
            between(self.fields[name], 0, 1000, "Enter a number up to 1,000")
        owns = self.fields["owns"]
        owns.queryset = self.supplier.owners.exclude(pk=self.instance.pk)  # type: ignore[attr-defined]
        owns.empty_label = self.supplier.legal_name  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        seats, size = self.cleaned_data.get("board_seats"), self.cleaned_data.get("board_size")
        if seats is not None and size is not None and seats > size:
            self.add_error("board_seats", "An owner can’t have more seats than the board")


class OfficerForm(PartForm):
    submit = "Save the officer"

    class Meta:
        model = Officer
        fields: ClassVar[list[str]] = ["name", "title"]
        help_texts: ClassVar[dict[str, str]] = {
            "name": "First and last name, as on an official ID.",
            "title": "For example chief executive, treasurer or secretary.",
        }


class FileForm(PartForm):
    """A row with the paper that proves it."""

    upload = forms.FileField(
        label="Document",
        required=False,
        help_text="PDF or image (PNG, JPEG), up to 25 MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(f".{kind}" for kind in PAPERS)}),
    )

    def clean_upload(self) -> CheckedFile | None:
        sent = self.cleaned_data.get("upload")
        if not sent:
            return None
        if str(sent.name).rpartition(".")[2].strip(" .").lower() not in PAPERS:
            raise ValidationError("Upload a PDF or an image (PNG, JPEG).")
        try:
            return check_file(sent)
        except FileRefused as error:
            raise ValidationError(str(error)) from None


class CertificateForm(FileForm):
    submit = "Save the certificate"

    methods = LinesField(
        label="Accredited test methods", most=120, help_text="For ISO/IEC 17025. One per line."
    )

    # What single schemes ask for besides; most certificates need none of it.
    single: ClassVar[tuple[str, ...]] = (
        "registry_id",
        "methods",
        "assessed_score",
        "smelters",
        "lead_pct",
        "cadmium_pct",
        "svhc_pct",
    )

    class Meta:
        model = Certificate
        fields: ClassVar[list[str]] = [
            "scheme",
            "edition",
            "number",
            "certification_body",
            "accreditation_body",
            "issued",
            "expires",
            "last_surveillance",
            "named_company",
            "scope",
            "iaf_code",
            "sites",
            "registry_id",
            "methods",
            "assessed_score",
            "smelters",
            "lead_pct",
            "cadmium_pct",
            "svhc_pct",
        ]
        labels: ClassVar[dict[str, str]] = {
            "sites": "Sites it covers",
            "expires": "Expires on",
            "issued": "Issued on",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "scheme": "ISO 9001, IATF 16949, AS9100, ISO 13485, UL …",
            "edition": "For example 2015 for ISO 9001:2015.",
            "number": "As printed on the certificate.",
            "certification_body": "The registrar or laboratory that issued it.",
            "last_surveillance": "The yearly check between two certification audits.",
            "iaf_code": "The industry code on the certificate. For example, 17 is metal products.",
            "sites": "All sites listed on the certificate.",
            "scope": "As worded on the certificate.",
            "accreditation_body": "The accreditation mark next to the registrar’s, for example ANAB, UKAS or DAkkS.",
            "named_company": "If not exactly your legal name.",
            "registry_id": "For IATF 16949 and AS9100.",
            "assessed_score": "For CMMC level 2. Points out of 110.",
            "smelters": "For a conflict minerals report (CMRT).",
            "lead_pct": "For RoHS: 0.1 means 0.1%.",
            "svhc_pct": "For REACH.",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "issued": date_input(),
            "expires": date_input(),
            "last_surveillance": date_input(),
            "scope": forms.Textarea(attrs={"rows": 3}),
            "sites": forms.CheckboxSelectMultiple,
        }

    def layout(self) -> Sequence[Any]:
        """The common fields, the file, then what single schemes ask for, folded away while it is empty."""
        filled = any(self[name].value() not in (None, "", []) for name in self.single)
        is_open = " open" if filled or any(name in self.errors for name in self.single) else ""
        common = [name for name in self.fields if name not in self.single]
        summary = "Only for IATF 16949, AS9100, ISO/IEC 17025, CMMC, RoHS, REACH and minerals reports"
        return [
            *common,
            HTML(f'<details class="mb-3"{is_open}><summary class="mb-2">{summary}</summary>'),
            *self.single,
            HTML("</details>"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].queryset = self.supplier.sites.all()  # type: ignore[attr-defined]
        self.fields["sites"].required = False

    def clean(self) -> None:
        super().clean()
        issued, surveyed = self.cleaned_data.get("issued"), self.cleaned_data.get("last_surveillance")
        if issued and surveyed and surveyed < issued:
            self.add_error("last_surveillance", "The surveillance audit can’t be before the issue date")
        in_order(self, "issued", "expires", "The expiration date must be after the issue date")


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


class InsuranceForm(FileForm):
    submit = "Save the policy"

    class Meta:
        model = InsurancePolicy
        fields: ClassVar[list[str]] = [
            "kind",
            "insurer",
            "number",
            "named_company",
            "per_occurrence",
            "aggregate",
            "effective",
            "expires",
        ]
        labels: ClassVar[dict[str, str]] = {"kind": "Coverage", "number": "Policy number"}
        help_texts: ClassVar[dict[str, str]] = {
            "named_company": "If not exactly your legal name.",
            "per_occurrence": "Whole dollars, for example 1,000,000.",
            "aggregate": "The most the policy pays in one year.",
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {"effective": date_input(), "expires": date_input()}

    def clean(self) -> None:
        super().clean()
        in_order(self, "effective", "expires", "The end date must be after the start date")


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


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of row of a profile: where it lives, how it is written and what it is called."""

    slug: str
    model: type[models.Model]
    form: type[PartForm]
    one: str
    many: str
    why: str
    describe: Callable[[Any], tuple[str, str]]
    years: int = 0  # how many yearly rows are asked for, where a row is a year

    @property
    def a_one(self) -> str:
        """ "an owner", "a site"."""
        return f"{'an' if self.one[0] in 'aeiou' else 'a'} {self.one}"


def _expiry(row: Certificate) -> str:
    return f"{row.certification_body}, until {day(row.expires)}"


KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            slug="sites",
            model=Site,
            form=SiteForm,
            one="site",
            many="Sites",
            why="You choose a proposal’s final manufacturing site from this list.",
            describe=lambda row: (
                row.name,
                ", ".join(filter(None, (row.city, row.state, row.get_status_display().lower()))),
            ),
        ),
        Kind(
            slug="owners",
            model=Owner,
            form=OwnerForm,
            one="owner",
            many="Owners",
            why="Everyone who owns 5% or more, and their owners.",
            describe=lambda row: (row.name, _share(row)),
        ),
        Kind(
            slug="officers",
            model=Officer,
            form=OfficerForm,
            one="officer",
            many="Officers",
            why="People who can sign for the company.",
            describe=lambda row: (row.name, row.title),
        ),
        Kind(
            slug="certificates",
            model=Certificate,
            form=CertificateForm,
            one="certificate",
            many="Certificates",
            why="Quality certificates and product listings, with the sites they cover.",
            describe=lambda row: (f"{row.scheme} {row.number}", _expiry(row)),
        ),
        Kind(
            slug="insurance",
            model=InsurancePolicy,
            form=InsuranceForm,
            one="policy",
            many="Insurance",
            why="General liability, umbrella, workers’ compensation, product and cyber.",
            describe=lambda row: (
                row.get_kind_display(),
                f"{row.insurer} {row.number}, until {day(row.expires)}",
            ),
        ),
        Kind(
            slug="safety",
            model=SafetyYear,
            form=SafetyYearForm,
            one="safety year",
            many="Safety",
            why="OSHA Form 300A for the last three years.",
            years=3,
            describe=lambda row: (f"Form 300A for {row.year}", _cases(row)),
        ),
        Kind(
            slug="workforce",
            model=Workforce,
            form=WorkforceForm,
            one="state",
            many="Workforce",
            why="Full-time jobs by state, including skilled, maintenance and training jobs.",
            describe=lambda row: (
                STATE_NAMES.get(row.state, row.state),
                f"{number(row.employees)} full-time jobs, {number(row.skilled)} skilled",
            ),
        ),
        Kind(
            slug="financials",
            model=FinancialYear,
            form=FinancialYearForm,
            one="financial year",
            many="Financials",
            years=3,
            why="The last three years, in millions of U.S. dollars. We use them to calculate financial strength.",
            describe=lambda row: (f"Fiscal year {row.fiscal_year}", row.get_assurance_display()),
        ),
        Kind(
            slug="references",
            model=Reference,
            form=ReferenceForm,
            one="reference",
            many="References",
            why="Customers we can ask about your work.",
            describe=lambda row: (row.customer, f"{row.product}; ask {row.contact}"),
        ),
    )
}


def _cases(row: SafetyYear) -> str:
    cases = row.deaths + row.days_away + row.restricted + row.other
    return f"{count_of(cases, 'recordable case')} in {number(row.hours)} hours"


def _share(owner: Owner) -> str:
    share = f"{owner.pct_equity.normalize():f}%" if owner.pct_equity is not None else "share unknown"
    if owner.owns is not None:
        share += f" of {owner.owns.name}"
    return f"{owner.get_kind_display()}, {COUNTRY_NAMES.get(owner.country, owner.country)}, {share}"
