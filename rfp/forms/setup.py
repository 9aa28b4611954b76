"""Forms on which an admin prepares an RFP: its head, dates, lots with items, documents and rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, ClassVar

from crispy_forms.layout import Div, Field
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.utils import timezone

from portal.files import CheckedFile, FileRefused, check_file
from portal.forms import PortalForm, PortalModelForm, in_our_words
from rfp.models import Item, Lot, Milestone, Solicitation, Window

ZONES = (
    ("America/New_York", "Eastern (ET)"),
    ("America/Chicago", "Central (CT)"),
    ("America/Denver", "Mountain (MT)"),
    ("America/Phoenix", "Arizona (MST)"),
    ("America/Los_Angeles", "Pacific (PT)"),
    ("America/Anchorage", "Alaska (AKT)"),
    ("Pacific/Honolulu", "Hawaii (HT)"),
    ("UTC", "UTC"),
)
_CODE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_NEWEST_YEAR = 2100


def check_code(code: str) -> str:
    """A short code that can stand in an address. Raises ValidationError."""
    if not _CODE.fullmatch(code):
        raise forms.ValidationError("Use letters, digits, dots and dashes, for example L1-A")
    return code


def lines_of(text: str) -> list[str]:
    """The lines of a text area, trimmed, empty ones left out, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def plainly(form: forms.BaseForm) -> None:
    """Numbers without the column's trailing zeros; and what was changed on fields is drawn as changed."""
    for name, value in form.initial.items():
        if isinstance(value, Decimal):
            form.initial[name] = f"{value.normalize():f}"
    # A field drawn or named once is kept with its label and help as they were then.
    form._bound_fields_cache.clear()  # type: ignore[attr-defined]


class PartForm(PortalModelForm):
    """A part of an RFP; codes are compared within it."""

    form_tag = False

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.solicitation = solicitation
        if self.instance._state.adding:
            self.instance.solicitation = solicitation
            if "position" in self.fields:
                self.initial.setdefault("position", self.siblings().count() + 1)
        plainly(self)

    def siblings(self) -> Any:
        """The other rows of this kind."""
        rows = type(self.instance).objects.filter(solicitation=self.solicitation)  # type: ignore[attr-defined]
        return rows.exclude(pk=self.instance.pk)

    def clean_code(self) -> str:
        code = check_code(self.cleaned_data["code"].strip())
        if self.siblings().filter(code__iexact=code).exists():
            raise forms.ValidationError(f"There is already a {self.instance._meta.verbose_name} {code}")
        return code


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

    class Meta:
        model = Solicitation
        fields = (
            "title",
            "number",
            "buyer",
            "summary",
            "time_zone",
            "delivery_years",
            "price_basis",
            "tooling_use",
            "freight_use",
            "one_off_use",
            "technical_threshold",
            "slots_per_lot",
            "reference_is_public",
            "is_sample",
        )
        labels: ClassVar[dict[str, str]] = {
            "technical_threshold": "Technical threshold, %",
            "tooling_use": "Tooling",
            "freight_use": "Freight",
            "one_off_use": "Other one-off costs",
            "slots_per_lot": "Shortlist slots per lot",
            "reference_is_public": "Show reference prices to suppliers",
            "is_sample": "Label criteria and thresholds as a sample",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "number": "Appears in the link, for example 26-01. Letters, digits and dashes.",
            "technical_threshold": "We don’t rank proposals below it.",
            "price_basis": "Delivery terms, for example delivered duty paid to a U.S. site.",
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
        zones = dict(ZONES)
        if self.instance.time_zone not in zones:
            own = (self.instance.time_zone, self.instance.time_zone)
            self.fields["time_zone"].choices = [*ZONES, own]  # type: ignore[attr-defined]
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
        help_text="A copy includes lots, items, criteria, requirements, documents and rules, but not dates.",
    )

    class Meta:
        model = Solicitation
        fields = ("title", "number", "buyer", "summary")
        help_texts: ClassVar[dict[str, str]] = {"number": HeadForm.Meta.help_texts["number"]}
        widgets = HeadForm.Meta.widgets
        error_messages = HeadForm.Meta.error_messages

    def __init__(self, *args: Any, templates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = templates  # type: ignore[attr-defined]
        for name in ("buyer", "summary"):
            self.fields[name].required = False
            self.fields[name].help_text = "Leave blank to copy it."
        plainly(self)

    def layout(self) -> Sequence[Any]:
        return ("template", "title", "number", "buyer", "summary")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("template"):
            for name, words in (("buyer", "Buyer is missing"), ("summary", "Summary is missing")):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return cleaned


# ---- dates --------------------------------------------------------------------------------------------------------


class LocalMoment(forms.DateTimeField):
    """A moment typed as local time of the RFP's zone."""

    zone: tzinfo

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        super().__init__(widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and timezone.is_aware(value):
            return value.astimezone(self.zone).replace(tzinfo=None)
        return value

    def to_python(self, value: Any) -> datetime | None:
        try:
            with timezone.override(self.zone):
                return super().to_python(value)
        except forms.ValidationError as error:
            if error.code == "invalid":
                raise forms.ValidationError(f"{self.label}: enter a date and a time") from None
            raise forms.ValidationError(
                f"{self.label}: this time is skipped or repeated when the clocks change"
            ) from None


class WindowForm(PartForm):
    opens_at = LocalMoment(label="Opens")
    closes_at = LocalMoment(
        label="Closes",
        help_text="Proposals received before this time are on time. For midnight, suppliers see 11:59:59 pm on the "
        "day before, the last second that counts.",
    )

    class Meta:
        model = Window
        fields = ("number", "opens_at", "closes_at", "feedback_by")
        labels: ClassVar[dict[str, str]] = {"number": "Window number", "feedback_by": "Feedback by"}
        help_texts: ClassVar[dict[str, str]] = {
            "feedback_by": "The date by which all suppliers hear from you."
        }
        widgets: ClassVar[dict[str, Any]] = {
            "feedback_by": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        }

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(solicitation, *args, **kwargs)
        zone_words = dict(ZONES).get(solicitation.time_zone, solicitation.time_zone)
        for name in ("opens_at", "closes_at"):
            field = self.fields[name]
            field.zone = solicitation.zone  # type: ignore[attr-defined]
            field.help_text = f"{zone_words}. {field.help_text}".strip()
        plainly(self)
        if self.instance._state.adding:
            self.initial.setdefault("number", self.siblings().count() + 1)

    def clean_number(self) -> int:
        number: int = self.cleaned_data["number"]
        if self.siblings().filter(number=number).exists():
            raise forms.ValidationError(f"There is already a window {number}")
        return number

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", "The closing time must be after the opening time")
            return cleaned
        if opens and closes:
            for other in self.siblings():
                if opens < other.closes_at and other.opens_at < closes:
                    self.add_error("opens_at", f"It overlaps window {other.number}")
        feedback = cleaned.get("feedback_by")
        if closes and feedback and feedback < closes.astimezone(self.solicitation.zone).date():
            self.add_error("feedback_by", "The feedback date must be after the window closes")
        return cleaned


class MilestoneForm(PartForm):
    class Meta:
        model = Milestone
        fields = ("title", "on", "by_month")
        labels: ClassVar[dict[str, str]] = {
            "title": "Event",
            "on": "Date",
            "by_month": "Show the month only",
        }
        widgets: ClassVar[dict[str, Any]] = {"on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}


# ---- lots ---------------------------------------------------------------------------------------------------------


class LotHeadForm(PartForm):
    class Meta:
        model = Lot
        fields = ("code", "title", "area", "summary", "price_unit", "lead_time_days_max", "position")
        labels: ClassVar[dict[str, str]] = {
            "position": "Position in the list",
            "price_unit": "Price unit",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "code": "For example L1.",
            "area": "We group lots by area.",
            "price_unit": "For example USD per unit, delivered.",
            "lead_time_days_max": "From firm order to first shipment. We compare lead times with it.",
        }
        widgets: ClassVar[dict[str, Any]] = {"summary": forms.Textarea(attrs={"rows": 3})}

    def layout(self) -> Sequence[Any]:
        return (
            Div(
                Field("code", wrapper_class="col-sm-4"),
                Field("title", wrapper_class="col-sm-8"),
                css_class="row",
            ),
            "area",
            "summary",
            "price_unit",
            Div(
                Field("lead_time_days_max", wrapper_class="col-sm-6"),
                Field("position", wrapper_class="col-sm-6"),
                css_class="row align-items-end",
            ),
        )


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Item
        fields = ("code", "title", "unit", "reference_price", "reference_annual_volume")
        labels: ClassVar[dict[str, str]] = {
            "reference_price": "Reference price, $",
            "reference_annual_volume": "Units per year",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_our_words(self)
        plainly(self)

    def clean_code(self) -> str:
        return check_code(self.cleaned_data["code"].strip())

    def clean_reference_price(self) -> Decimal | None:
        price: Decimal | None = self.cleaned_data["reference_price"]
        if price is not None and price <= 0:
            raise forms.ValidationError("Reference price must be more than 0")
        return price


class ItemFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The items of a lot, a line each."""

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            code = getattr(form, "cleaned_data", {}).get("code", "")
            if not code or form.cleaned_data.get("DELETE"):
                continue
            if code.casefold() in seen:
                form.add_error("code", f"There are two items {code}")
            seen.add(code.casefold())

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Remove"


LotItems = inlineformset_factory(Lot, Item, form=ItemForm, formset=ItemFormSet, extra=2, can_delete=True)


class LotForm:
    """A lot with its items: two forms that are checked and stored as one."""

    def __init__(self, solicitation: Solicitation, data: Any = None, *, instance: Lot | None = None) -> None:
        self.head = LotHeadForm(solicitation, data, instance=instance)
        self.items: Any = LotItems(data, instance=self.head.instance, prefix="items")

    def is_valid(self) -> bool:
        return all([self.head.is_valid(), self.items.is_valid()])

    def save(self) -> Lot:
        lot: Lot = self.head.save()
        self.items.instance = lot
        self.items.save()
        return lot


# ---- documents ----------------------------------------------------------------------------------------------------


class DocumentForm(PortalForm):
    """A file suppliers may read; `checked` after validation."""

    submit = "Add the document"
    file = forms.FileField(label="File", help_text="PDF, image, Excel, Word, CSV or text.")
    title = forms.CharField(
        label="Title", max_length=200, required=False, help_text="Leave blank to use the file name."
    )
    checked: CheckedFile

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        try:
            self.checked = check_file(upload)
        except FileRefused as refused:
            raise forms.ValidationError(str(refused)) from None
        return upload
