"""A company's identity: names, codes, registrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from crispy_forms.layout import HTML
from django import forms

from portal.kit import clock
from portal.kit.compliance import Finding, Outcome, Rule
from portal.kit.forms import PortalModelForm
from suppliers.company.forms.fields import (
    COUNTRY_CHOICES,
    LinesField,
    between,
    code_field,
    date_field,
    possible_dates,
)
from suppliers.company.models import Supplier
from suppliers.facts import SupplierFacts
from suppliers.rules import identity


class CompanyForm(PortalModelForm):
    """Identity. An impossible code is refused beside its field; a doubtful one is saved and noted."""

    submit = "Save the company"

    country = forms.ChoiceField(label="Country of registration", choices=COUNTRY_CHOICES, initial="US")
    website = forms.URLField(label="Website", required=False, assume_scheme="https")
    dbas = LinesField(label="Doing business as", help_text="Trade names you sell under, one per line.")
    former_names = LinesField(
        label="Former names",
        help_text="Legal names from the last five years, one per line. Older certificates often use them.",
    )
    banks = LinesField(
        label="Banks that receive your payments", help_text="Names only, one per line. No account numbers."
    )
    uei = code_field("UEI", "The 12-character Unique Entity ID in your SAM.gov record.")
    cage = code_field("CAGE code", "Five characters, if you have one.")
    lei = code_field("LEI", "The 20-character Legal Entity Identifier, if you have one.")
    duns = code_field("DUNS number", "Nine digits, if you have one.")
    headquarters_country = forms.ChoiceField(
        label="Headquarters country",
        required=False,
        choices=[("", "Same as country of registration"), *COUNTRY_CHOICES],
        help_text="If the company is run from a different country.",
    )
    ein = forms.CharField(
        label="EIN",
        required=False,
        max_length=40,
        help_text="Your nine-digit federal tax ID. We encrypt it and show only the last four digits.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "data-private": ""}),
    )
    remove_ein = forms.BooleanField(label="Remove the EIN on file", required=False)
    sam_expiry = date_field("SAM.gov registration expires on", required=False)
    naics = LinesField(
        label="Industry codes (NAICS)",
        most=6,
        help_text="Six digits, one code per line. Manufacturing codes start with 31, 32 or 33.",
    )

    class Meta:
        model = Supplier
        fields: ClassVar[list[str]] = [
            "legal_name",
            "native_name",
            "dbas",
            "former_names",
            "banks",
            "country",
            "headquarters_country",
            "description",
            "website",
            "founded",
            "employees",
            "uei",
            "cage",
            "lei",
            "duns",
            "sam_status",
            "sam_expiry",
            "naics",
        ]
        labels: ClassVar[dict[str, str]] = {
            "legal_name": "Legal name",
            "founded": "Year founded",
            "description": "What you make",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "legal_name": "As registered with the state, including Inc., LLC or Corp.",
            "native_name": "Only if the name is registered in a non-Latin script.",
            "description": "In plain words, for example racks, busbars, cold plates. Buyers search this text.",
            "employees": "Total at all sites.",
            "sam_status": "Look up your UEI at SAM.gov.",
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {"description": forms.Textarea(attrs={"rows": 4})}

    # The parts of the page in their order; each field once.
    parts: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = (
        ("Names", ("legal_name", "native_name", "dbas", "former_names")),
        ("Products and industry", ("description", "naics", "website", "founded", "employees")),
        ("Registration and headquarters", ("country", "headquarters_country")),
        (
            "Registrations and numbers",
            ("uei", "sam_status", "sam_expiry", "cage", "ein", "remove_ein", "lei", "duns"),
        ),
        ("Payments", ("banks",)),
    )
    picker = HTML('{% include "suppliers/company/registering/industry_picker.html" %}')

    def layout(self) -> Sequence[Any]:
        """The fields in their parts, with the way to find a code below the codes."""
        rows: list[Any] = []
        for title, names in self.parts:
            rows.append(HTML(f'<h2 class="h3-size form-part">{title}</h2>'))
            rows += self._with_picker(names)
        return rows

    def _with_picker(self, names: Sequence[str]) -> list[Any]:
        rows: list[Any] = []
        for name in names:
            if name in self.fields:
                rows += [name, self.picker] if name == "naics" else [name]
        return rows

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notes: list[str] = []
        possible_dates(self)
        this_year = clock.wall_time().year
        between(self.fields["founded"], 1600, this_year, f"Enter a year from 1600 to {this_year}")
        between(self.fields["employees"], 0, 10_000_000, "Enter a number up to 10 million")
        sam: Any = self.fields["sam_status"]
        sam.choices = [
            ("", "Not registered or unknown"),
            *Supplier.SamStatus.choices,
        ]
        if self.instance.ein:
            self.fields["ein"].widget.attrs["placeholder"] = f"{self.instance.masked_ein} is on file"
        else:
            del self.fields["remove_ein"]

    def clean_uei(self) -> str:
        return self._code("uei")

    def clean_cage(self) -> str:
        return self._code("cage")

    def clean_lei(self) -> str:
        return self._code("lei")

    def clean_duns(self) -> str:
        return self._code("duns").replace("-", "")

    def clean_ein(self) -> str:
        return self._code("ein").replace("-", "")

    def _post_clean(self) -> None:
        """A blank EIN leaves the one on file as it is."""
        super()._post_clean()  # type: ignore[misc]  # Django's hook, not in its types
        if self.cleaned_data.get("remove_ein"):
            self.instance.ein = ""
        if (typed := self.cleaned_data.get("ein")) and "ein" not in self.errors:
            self.instance.ein = typed

    def to_store(self) -> list[str]:
        """The EIN is no field of the model's form: a blank one means that nothing changes."""
        data = self.cleaned_data
        return [*super().to_store(), *(["ein"] if data.get("ein") or data.get("remove_ein") else [])]

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
            duns=data.get("duns") or "",
            ein=data.get("ein") or "",
            naics=tuple(data.get("naics") or ()),
        )
        for name, rule in IDENTITY.items():
            for finding in _found(rule, facts):
                words = " ".join(text for text in (finding.message, finding.fix) if text)
                if finding.outcome is Outcome.NOT_MET and name not in self.errors:
                    self.add_error(name, words)
                elif finding.outcome is Outcome.REFER and name not in self.errors and data.get(name):
                    self.notes.append(words)


class RegisterForm(CompanyForm):
    """The same at the beginning: three answers, and the rest folded away for who has it at hand."""

    submit = "Register the company"
    first: ClassVar[tuple[str, ...]] = ("legal_name", "country", "description")

    def layout(self) -> Sequence[Any]:
        rest = [name for _, names in self.parts for name in names if name not in self.first]
        is_open = " open" if any(name in self.errors for name in rest) else ""
        return [
            *self.first,
            HTML(f'<details class="mb-3"{is_open}><summary class="mb-3">More (optional)</summary>'),
            *self._with_picker(rest),
            HTML("</details>"),
        ]


IDENTITY: dict[str, Rule[SupplierFacts]] = {
    "uei": identity.uei,
    "cage": identity.cage,
    "lei": identity.legal_entity_identifier,
    "duns": identity.duns,
    "ein": identity.ein,
    "naics": identity.naics,
}


def _found(rule: Rule[SupplierFacts], facts: SupplierFacts) -> tuple[Finding, ...]:
    return rule.findings(facts, rule.params(), on=clock.wall_time().date())
