"""What is asked about standings: which qualification, an officer's decision, a waiver, settings, what is bought."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from portal.kit import clock
from portal.kit.compliance import Outcome
from portal.kit.forms import PortalForm, PortalModelForm, offer
from suppliers.company.forms.fields import STATE_CHOICES, LinesField, date_field
from suppliers.company.models import Supplier
from suppliers.qualification.actions import ACTS
from suppliers.qualification.models import Commodity, Qualification, Region, Waiver
from suppliers.reference.industries import industry_title
from suppliers.rules import QUALIFICATION

LEAST_REASON = 10


def reason_field(label: str = "Reason", help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=2000, help_text=help_text, widget=forms.Textarea(attrs={"rows": 3})
    )


def enough(reason: str) -> str:
    """A reason of one word explains nothing."""
    if len(reason.strip()) < LEAST_REASON:
        raise ValidationError(f"Add more detail (at least {LEAST_REASON} characters)")
    return reason.strip()


class BeginForm(PortalForm):
    """What a supplier wants to be qualified for."""

    submit = "Start"

    commodity = forms.ModelChoiceField(
        label="What you make", queryset=Commodity.objects.filter(is_active=True), empty_label="Choose"
    )
    region = forms.ModelChoiceField(
        label="Where you make it", queryset=Region.objects.filter(is_active=True), empty_label="Choose"
    )

    def __init__(self, *args: Any, supplier: Supplier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supplier = supplier

    def clean(self) -> None:
        super().clean()
        commodity, region = self.cleaned_data.get("commodity"), self.cleaned_data.get("region")
        if self.supplier.qualifications.filter(commodity=commodity, region=region).exists():
            raise ValidationError("You already started this one. It is in the list above.")


class ActForm(PortalForm):
    """An officer's decision on a standing."""

    submit = "Save the decision"

    act = forms.ChoiceField(label="Decision", widget=forms.RadioSelect)
    reason = reason_field("Reason", "For the record. The supplier can’t see it.")
    told = forms.CharField(
        label="Message to the supplier",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Leave blank to send no email. Never mention screening.",
    )
    until = date_field(
        "Qualified until",
        required=False,
        help_text="Leave blank for the longest period the term and documents allow.",
    )
    # What the officer had before the eyes; a decision about other findings is not taken.
    seen = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Qualification, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = row.stamp
        acts = [act for act in ACTS.values() if row.status in act.before]
        self.offers = bool(acts)
        offer(self, "act", [(act.code, act.label) for act in acts])
        if not any(act.after == Qualification.Status.QUALIFIED for act in acts):
            del self.fields["until"]

    def clean_reason(self) -> str:
        return enough(self.cleaned_data["reason"])

    def look_again(self, row: Qualification) -> None:
        """The next press is about the standing as it is now."""
        self.data = {**dict(self.data.items()), "seen": row.stamp}

    def clean_told(self) -> str:
        told: str = self.cleaned_data["told"]
        if self.cleaned_data.get("act") in ("refuse", "return") and not told.strip():
            raise ValidationError("Tell the supplier why, and what they can do")
        return told.strip()


class OverrideForm(PortalForm):
    """A person's word on one finding."""

    submit = "Save"

    outcome = forms.ChoiceField(
        label="Decision",
        choices=[
            (Outcome.MET.value, "Override: count it as met"),
            (Outcome.NOT_MET.value, "Confirm: not met"),
        ],
        widget=forms.RadioSelect,
    )
    reason = reason_field("Reason", "We keep your name and the time with it.")

    def clean_reason(self) -> str:
        return enough(self.cleaned_data["reason"])


class WaiverForm(PortalModelForm):
    """An exemption from a rule for a time."""

    submit = "Grant the waiver"

    rule = forms.ChoiceField(
        label="Rule",
        choices=[(rule.code, f"{rule.code} {rule.title}") for rule in QUALIFICATION.rules if rule.waivable],
    )
    supplier = forms.ModelChoiceField(
        label="Supplier",
        required=False,
        queryset=Supplier.objects.order_by("legal_name"),
        empty_label="All suppliers",
    )
    commodity = forms.ModelChoiceField(
        label="For", required=False, queryset=Commodity.objects.all(), empty_label="Everything"
    )
    until = date_field("Last day")
    reason = reason_field()

    class Meta:
        model = Waiver
        fields: ClassVar[list[str]] = ["rule", "supplier", "commodity", "until", "reason"]

    def clean_reason(self) -> str:
        return enough(self.cleaned_data["reason"])

    def clean_until(self) -> Any:
        until, today = self.cleaned_data["until"], clock.wall_time().date()
        if until < today:
            raise ValidationError("The last day has passed")
        if until > today + timedelta(days=3 * 366):
            raise ValidationError("A waiver can last three years at most")
        return until


class WithdrawForm(PortalForm):
    """Why a waiver ends before its day."""

    submit = "Withdraw the waiver"

    reason = reason_field("Reason", "We keep your name and the time with it.")

    def clean_reason(self) -> str:
        return enough(self.cleaned_data["reason"])


class CommodityForm(PortalModelForm):
    submit = "Save"

    keywords = LinesField(
        label="Words expected in a certificate scope",
        most=60,
        help_text="One per line, for example rack, enclosure, sheet metal.",
    )
    naics = LinesField(label="Industry codes", most=6, help_text="Six digits, one per line.")
    schemes = LinesField(
        label="Required certificates",
        most=60,
        help_text="One per line, exactly as written, for example ISO 9001.",
    )

    class Meta:
        model = Commodity
        fields: ClassVar[list[str]] = ["code", "title", "keywords", "naics", "schemes", "is_active"]
        labels: ClassVar[dict[str, str]] = {"code": "Short name", "is_active": "Available to suppliers"}
        help_texts: ClassVar[dict[str, str]] = {"code": "Letters, digits and dashes. It appears in links."}

    def clean_naics(self) -> list[str]:
        codes: list[str] = self.cleaned_data["naics"]
        for code in codes:
            if industry_title(code) is None:
                raise ValidationError(f"{code} is not a six-digit NAICS 2022 code")
        return codes


class RegionForm(PortalModelForm):
    submit = "Save"

    states = forms.MultipleChoiceField(
        label="States",
        choices=STATE_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Leave blank for the whole country.",
    )

    class Meta:
        model = Region
        fields: ClassVar[list[str]] = ["code", "title", "states", "is_active"]
        labels: ClassVar[dict[str, str]] = {"code": "Short name", "is_active": "Available to suppliers"}
        help_texts: ClassVar[dict[str, str]] = {"code": "Letters, digits and dashes. It appears in links."}


CATEGORY_FORMS: dict[str, tuple[type[models.Model], type[PortalModelForm], str]] = {
    "commodities": (Commodity, CommodityForm, "commodity"),
    "regions": (Region, RegionForm, "region"),
}
