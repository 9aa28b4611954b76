"""The head of an RFP: what it is, what it shows, and its documents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.files.storing import CheckedFile, FileRefused, check_file
from portal.kit.forms import PortalForm, PortalModelForm, offer, offer_rows
from rfp.publishing.forms.parts import ZONES, LocalMoment, plainly
from rfp.publishing.key_facts import FACT_LABELS, OPENED_BY
from rfp.publishing.models import Solicitation
from rfp.publishing.preparing.copying import PARTS

_NEWEST_YEAR = 2100


# ---- the head -----------------------------------------------------------------------------------------------------


class HeadForm(PortalModelForm):
    """Title, buyer, zone and the figures that hold for the whole RFP."""

    submit = "Save the basics"
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=ZONES,
        help_text="We show all dates for this RFP in this time zone. Changing it does not move any deadline.",
    )
    delivery_years = forms.CharField(
        label="Delivery years",
        required=False,
        help_text="Separate with commas, for example 2027, 2028, 2029. Suppliers enter units and prices for each year.",
    )

    questions_until = LocalMoment(
        label="Questions close",
        required=False,
        help_text="In the RFP’s time zone. Leave blank to take questions until the last window closes.",
    )

    class Meta:
        model = Solicitation
        fields = (
            "title",
            "number",
            "buyer",
            "summary",
            "time_zone",
            "questions_until",
            "contact_name",
            "contact_email",
            "contact_phone",
            "contract_term",
            "opened_by",
            "protest_period",
            "delivery_years",
            "price_basis",
            "tooling_use",
            "freight_use",
            "one_off_use",
            "slots_per_lot",
            "standstill_days",
            "debrief_compares",
            "award_value_shown",
            "is_sample",
        )
        labels: ClassVar[dict[str, str]] = {
            **FACT_LABELS,
            "tooling_use": "Tooling",
            "freight_use": "Freight",
            "one_off_use": "Other one-off costs",
            "slots_per_lot": "Shortlist slots per lot",
            "standstill_days": "Standstill, days",
            "debrief_compares": "In debriefs, show where a selected proposal scored higher",
            "award_value_shown": "On public award notices, show the price of each award",
            "is_sample": "Label criteria and thresholds as a sample",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "number": "Appears in the link, for example 26-01. Letters, digits and dashes.",
            "contact_name": "The office that answers. Suppliers see it with its email and phone.",
            "contract_term": "For example two years from the award, with one renewal.",
            "opened_by": f"Leave blank for “{OPENED_BY}”.",
            "protest_period": "Until when and how a supplier can protest an award.",
            "price_basis": "Delivery terms, for example delivered duty paid to a U.S. site.",
            "standstill_days": "No award is final until this many days after the letters go out.",
            "debrief_compares": "Never shows names, totals or prices of other suppliers.",
            "award_value_shown": "Award notices always name the supplier, the lot and the standstill.",
            "tooling_use": "Unit prices × quantities always count. Suppliers can see what else counts.",
            "is_sample": "",
        }
        widgets: ClassVar[dict[str, Any]] = {"summary": forms.Textarea(attrs={"rows": 6})}
        error_messages: ClassVar[dict[str, Any]] = {
            "number": {
                "unique": "There is already an RFP with this number",
                "invalid": "RFP number: use letters, digits and dashes",
            }
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["delivery_years"] = ", ".join(str(year) for year in self.instance.delivery_years)
        moment = self.fields["questions_until"]
        assert isinstance(moment, LocalMoment)
        moment.zone = self.instance.zone
        zones = dict(ZONES)
        if self.instance.time_zone not in zones:
            own = (self.instance.time_zone, self.instance.time_zone)
            offer(self, "time_zone", [*ZONES, own])
        plainly(self)

    def clean_delivery_years(self) -> list[int]:
        parts = [part for part in re.split(r"[\s,;]+", self.cleaned_data["delivery_years"]) if part]
        if not all(re.fullmatch(r"20\d\d", part) and int(part) <= _NEWEST_YEAR for part in parts):
            raise forms.ValidationError("Enter four-digit years separated by commas, for example 2027, 2028")
        return sorted({int(part) for part in parts})

    def clean_slots_per_lot(self) -> int:
        slots: int = self.cleaned_data["slots_per_lot"]
        if slots < 1:
            raise forms.ValidationError("Enter at least one shortlist slot per lot")
        return slots


class NewForm(PortalModelForm):
    """A new RFP: its number and title, blank or after another one."""

    submit = "Create the RFP"
    template = forms.ModelChoiceField(
        queryset=Solicitation.objects.none(),
        required=False,
        label="Start with",
        empty_label="A blank RFP",
        help_text="A copy never includes dates or the panel.",
    )
    parts = forms.MultipleChoiceField(
        label="Copy",
        choices=list(PARTS.items()),
        initial=list(PARTS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Requirements of a lot are only copied with the lots. Ignored for a blank RFP.",
    )

    class Meta:
        model = Solicitation
        fields = ("title", "number", "buyer", "summary")
        help_texts: ClassVar[dict[str, str]] = {"number": HeadForm.Meta.help_texts["number"]}
        widgets = HeadForm.Meta.widgets
        error_messages = HeadForm.Meta.error_messages

    def __init__(self, *args: Any, templates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "template", templates)
        for name in ("buyer", "summary"):
            self.fields[name].required = False
            self.fields[name].help_text = "Leave blank to copy it."
        plainly(self)

    def layout(self) -> Sequence[Any]:
        return ("template", "parts", "title", "number", "buyer", "summary")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("template") and not cleaned.get("parts"):
            self.add_error("parts", "Choose what to copy, or start with a blank RFP")
        if not cleaned.get("template"):
            for name, words in (("buyer", "Buyer is missing"), ("summary", "Summary is missing")):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return cleaned


# ---- documents ----------------------------------------------------------------------------------------------------


class DocumentForm(PortalForm):
    """A file suppliers may read; `checked` after validation."""

    submit = "Add the document"
    file = forms.FileField(label="File", help_text="PDF, image, Excel, Word, CSV or text.")
    title = forms.CharField(
        label="Title", max_length=200, required=False, help_text="Leave blank to use the file name."
    )
    needs_nda = forms.BooleanField(
        label="Suppliers sign the non-disclosure agreement first",
        required=False,
        help_text="Enter the agreement under Access.",
    )
    export_control = forms.CharField(
        label="Export control",
        max_length=200,
        required=False,
        help_text="Leave blank if there is none. Otherwise the regime and the reason, for example “ITAR, USML "
        "Category XI(c)”. Everyone reads it. A compliance officer releases the file to each company.",
    )
    checked: CheckedFile

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        try:
            self.checked = check_file(upload)
        except FileRefused as refused:
            raise forms.ValidationError(str(refused)) from None
        return upload
