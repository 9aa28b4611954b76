"""Certificates and insurance: each with its document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from crispy_forms.layout import HTML
from django import forms

from portal.kit.forms import offer_rows
from suppliers.company.forms.fields import (
    LinesField,
    date_input,
)
from suppliers.company.forms.part import FileForm, in_order
from suppliers.company.profile_models import (
    Certificate,
    InsurancePolicy,
)


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
            "named_company": "Only if it differs from your legal name.",
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
        offer_rows(self, "sites", self.supplier.sites.all())
        self.fields["sites"].required = False

    def clean(self) -> None:
        super().clean()
        issued, surveyed = self.cleaned_data.get("issued"), self.cleaned_data.get("last_surveillance")
        if issued and surveyed and surveyed < issued:
            self.add_error("last_surveillance", "The surveillance audit can’t be before the issue date")
        in_order(self, "issued", "expires", "The expiration date must be after the issue date")


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
            "named_company": "Only if it differs from your legal name.",
            "per_occurrence": "Whole dollars, for example 1,000,000.",
            "aggregate": "The most the policy pays in one year.",
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {"effective": date_input(), "expires": date_input()}

    def clean(self) -> None:
        super().clean()
        in_order(self, "effective", "expires", "The end date must be after the start date")
