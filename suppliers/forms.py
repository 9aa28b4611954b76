"""What a company tells about itself: identity, sites, owners, officers, certificates, statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from portal import clock
from portal.compliance import Finding, Outcome, Rule
from portal.files import CheckedFile, FileRefused, check_file
from portal.formats import day
from portal.forms import PortalModelForm
from suppliers.facts import SupplierFacts
from suppliers.models import Certificate, FinancialYear, Officer, Owner, Site, Supplier
from suppliers.reference.countries import COUNTRY_NAMES
from suppliers.reference.places import STATE_NAMES, zip_area
from suppliers.rules import identity

US = ("US", COUNTRY_NAMES["US"])
COUNTRY_CHOICES = [US, *sorted((pair for pair in COUNTRY_NAMES.items() if pair != US), key=lambda p: p[1])]
STATE_CHOICES = sorted(STATE_NAMES.items(), key=lambda pair: pair[1])
MOST_LINES = 50


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    def __init__(self, *, most: int = 200, rows: int = 2, **options: Any) -> None:
        self.most = most
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": rows}), **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = [" ".join(line.split()) for line in (super().clean(value) or "").splitlines()]
        kept = list(dict.fromkeys(line for line in lines if line))
        if len(kept) > MOST_LINES:
            raise ValidationError(f"At most {MOST_LINES} lines")
        if long := next((line for line in kept if len(line) > self.most), ""):
            raise ValidationError(f"“{long[:30]}…” is longer than {self.most} characters")
        return kept


def between(field: forms.Field, low: int, high: int, words: str) -> None:
    """A number outside these limits is refused beside the field; the database would refuse it later."""
    field.validators += [MinValueValidator(low, words), MaxValueValidator(high, words)]


def code_field(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
    )


class CompanyForm(PortalModelForm):
    """Identity. An impossible code is refused beside its field; a doubtful one is saved and noted."""

    submit = "Save the company"

    country = forms.ChoiceField(label="Country of registration", choices=COUNTRY_CHOICES, initial="US")
    website = forms.URLField(label="Website", required=False, assume_scheme="https")
    dbas = LinesField(label="Doing business as", help_text="One name a line.")
    former_names = LinesField(label="Former names", help_text="One name a line.")
    uei = code_field("UEI", "The Unique Entity ID of your SAM.gov record, 12 characters.")
    cage = code_field("CAGE code", "Five characters, if you have one.")
    lei = code_field("LEI", "The Legal Entity Identifier, 20 characters, if you have one.")
    naics = LinesField(
        label="Industry codes (NAICS)",
        most=6,
        help_text="Six digits, one code a line. Manufacturing is 31 to 33.",
    )

    class Meta:
        model = Supplier
        fields: ClassVar[list[str]] = [
            "legal_name",
            "native_name",
            "dbas",
            "former_names",
            "country",
            "description",
            "website",
            "founded",
            "employees",
            "uei",
            "cage",
            "lei",
            "naics",
        ]
        labels: ClassVar[dict[str, str]] = {
            "legal_name": "Legal name",
            "founded": "Founded in",
            "description": "What you make",
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {"description": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notes: list[str] = []
        this_year = clock.wall_time().year
        between(self.fields["founded"], 1600, this_year, f"Give a year from 1600 to {this_year}")
        between(self.fields["employees"], 0, 10_000_000, "Give a number up to 10 million")

    def clean_uei(self) -> str:
        return self._code("uei")

    def clean_cage(self) -> str:
        return self._code("cage")

    def clean_lei(self) -> str:
        return self._code("lei")

    def _code(self, name: str) -> str:
        return "".join(str(self.cleaned_data[name]).split()).upper()

    def clean(self) -> None:
        data = self.cleaned_data
        facts = SupplierFacts(
            legal_name=data.get("legal_name") or "-",
            country=data.get("country") or "US",
            uei=data.get("uei") or "",
            cage=data.get("cage") or "",
            lei=data.get("lei") or "",
            naics=tuple(data.get("naics") or ()),
        )
        for name, rule in IDENTITY.items():
            for finding in _found(rule, facts):
                words = " ".join(text for text in (finding.message, finding.fix) if text)
                if finding.outcome is Outcome.NOT_MET and name not in self.errors:
                    self.add_error(name, words)
                elif finding.outcome is Outcome.REFER and name not in self.errors:
                    self.notes.append(words)


IDENTITY: dict[str, Rule[SupplierFacts]] = {
    "uei": identity.uei,
    "cage": identity.cage,
    "lei": identity.legal_entity_identifier,
    "naics": identity.naics,
}


def _found(rule: Rule[SupplierFacts], facts: SupplierFacts) -> tuple[Finding, ...]:
    return rule.findings(facts, rule.params(), on=clock.wall_time().date())


class PartForm(PortalModelForm):
    """A row that belongs to a company."""

    def __init__(self, *args: Any, supplier: Supplier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supplier = supplier
        self.instance.supplier = supplier


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class SiteForm(PartForm):
    submit = "Save the site"

    state = forms.ChoiceField(label="State", choices=[("", "Choose a state"), *STATE_CHOICES], required=False)
    country = forms.ChoiceField(label="Country", choices=COUNTRY_CHOICES, initial="US")

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
            "power_mw",
            "permits_in_hand",
            "land_control",
            "start_date",
        ]
        labels: ClassVar[dict[str, str]] = {
            "permits_in_hand": "The permits are in hand",
            "land_control": "We own or lease the land",
            "start_date": "Starts running on",
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "start_date": date_input(),
            "zip": forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
        }

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if data.get("country") != "US":
            return
        if not data.get("state"):
            self.add_error("state", "Choose the state of a U.S. site")
        zip_code = (data.get("zip") or "").strip()
        if not zip_code:
            self.add_error("zip", "ZIP code is missing")
        elif not (zip_code[:5].isdecimal() and len(zip_code) in (5, 10)):
            self.add_error("zip", f"“{zip_code}” is not a ZIP code: give five digits")
        elif data.get("state") and (area := zip_area(zip_code[:5])) and area.state != data["state"]:
            there, here = (STATE_NAMES.get(code, code) for code in (area.state, data["state"]))
            self.add_error("zip", f"ZIP {zip_code[:5]} belongs to {there}, not {here}")


class OwnerForm(PartForm):
    submit = "Save the owner"

    country = forms.ChoiceField(label="Country", choices=COUNTRY_CHOICES, initial="US")

    class Meta:
        model = Owner
        fields: ClassVar[list[str]] = [
            "name",
            "kind",
            "country",
            "pct_equity",
            "pct_votes",
            "board_seats",
            "board_size",
            "is_government",
            "parent",
        ]
        help_texts: ClassVar[dict[str, str]] = {
            "parent": "The company or person that owns this owner, if there is one.",
            "pct_equity": "25.5 means 25.5%.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("board_seats", "board_size"):
            between(self.fields[name], 0, 1000, "Give a number up to 1,000")


class OfficerForm(PartForm):
    submit = "Save the officer"

    class Meta:
        model = Officer
        fields: ClassVar[list[str]] = ["name", "title"]


class CertificateForm(PartForm):
    submit = "Save the certificate"

    upload = forms.FileField(
        label="The certificate", required=False, help_text="PDF or a picture, up to 25 MB."
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
            "scope",
            "sites",
        ]
        labels: ClassVar[dict[str, str]] = {
            "sites": "Sites it covers",
            "expires": "Expires on",
            "issued": "Issued on",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "scheme": "ISO 9001, IATF 16949, AS9100, ISO 13485, UL …",
            "edition": "2015, for ISO 9001:2015.",
            "scope": "As it stands on the certificate.",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "issued": date_input(),
            "expires": date_input(),
            "last_surveillance": date_input(),
            "scope": forms.Textarea(attrs={"rows": 3}),
            "sites": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].queryset = self.supplier.sites.all()  # type: ignore[attr-defined]
        self.fields["sites"].required = False

    def clean_upload(self) -> CheckedFile | None:
        sent = self.cleaned_data.get("upload")
        if not sent:
            return None
        try:
            return check_file(sent)
        except FileRefused as error:
            raise ValidationError(str(error)) from None

    def clean(self) -> None:
        super().clean()
        issued, surveyed = self.cleaned_data.get("issued"), self.cleaned_data.get("last_surveillance")
        if issued and surveyed and surveyed < issued:
            self.add_error("last_surveillance", "The surveillance audit cannot be before the issue")


class FinancialYearForm(PartForm):
    submit = "Save the statement"

    class Meta:
        model = FinancialYear
        fields: ClassVar[list[str]] = [
            "fiscal_year",
            "period_end",
            "assurance",
            "sales",
            "ebit",
            "interest_expense",
            "current_assets",
            "total_assets",
            "current_liabilities",
            "total_liabilities",
            "retained_earnings",
            "equity",
        ]
        labels: ClassVar[dict[str, str]] = {
            "fiscal_year": "Fiscal year",
            "assurance": "Who looked at the statement?",
            **{
                name: f"{words}, $ million"
                for name, words in (
                    ("sales", "Sales"),
                    ("ebit", "EBIT"),
                    ("interest_expense", "Interest expense"),
                    ("current_assets", "Current assets"),
                    ("total_assets", "Total assets"),
                    ("current_liabilities", "Current liabilities"),
                    ("total_liabilities", "Total liabilities"),
                    ("retained_earnings", "Retained earnings"),
                    ("equity", "Equity"),
                )
            },
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {"period_end": date_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        between(self.fields["fiscal_year"], 1990, 2100, "Give a year like 2025")

    def clean_fiscal_year(self) -> int:
        year: int = self.cleaned_data["fiscal_year"]
        if self.supplier.financials.filter(fiscal_year=year).exclude(pk=self.instance.pk).exists():
            raise ValidationError(f"There is already a statement for {year}")
        return year


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
            why="A proposal names the site of final manufacture from this list.",
            describe=lambda row: (row.name, f"{row.city}, {row.state}, {row.get_status_display().lower()}"),
        ),
        Kind(
            slug="owners",
            model=Owner,
            form=OwnerForm,
            one="owner",
            many="Owners",
            why="Everyone who holds 5% or more, and who owns them in turn.",
            describe=lambda row: (row.name, _share(row)),
        ),
        Kind(
            slug="officers",
            model=Officer,
            form=OfficerForm,
            one="officer",
            many="Officers",
            why="Who may bind the company.",
            describe=lambda row: (row.name, row.title),
        ),
        Kind(
            slug="certificates",
            model=Certificate,
            form=CertificateForm,
            one="certificate",
            many="Certificates",
            why="Quality systems and product listings, with the sites they cover.",
            describe=lambda row: (f"{row.scheme} {row.number}", _expiry(row)),
        ),
        Kind(
            slug="financials",
            model=FinancialYear,
            form=FinancialYearForm,
            one="yearly statement",
            many="Yearly statements",
            why="The latest year, in million U.S. dollars. Financial strength is worked out from it.",
            describe=lambda row: (f"Fiscal year {row.fiscal_year}", row.get_assurance_display()),
        ),
    )
}


def _share(owner: Owner) -> str:
    share = f"{owner.pct_equity.normalize():f}%" if owner.pct_equity is not None else "share not given"
    return f"{owner.get_kind_display()}, {COUNTRY_NAMES.get(owner.country, owner.country)}, {share}"
