"""The bill of materials: the file, and its lines in a table, fifty at a time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile

from portal.files.storing import CheckedFile, FileRefused, check_file
from portal.kit.forms import PortalForm
from rfp.drafting.forms.sections.parts import Data, RowForm, RowFormSet, formset
from rfp.proposals.line_models import BomLine
from rfp.proposals.models import Revision
from suppliers.reference.countries import country_code

PAGE = 50
FIELDS = (
    "line_no",
    "parent_line",
    "part",
    "manufacturer",
    "qty",
    "make_or_buy",
    "unit_acquisition_cost",
    "inbound_freight",
    "duty",
    "materials",
    "direct_labor",
    "allocable_overhead",
    "origin",
    "us_manufactured",
)


EXTENSIONS = ("csv", "tsv", "txt", "xlsx")
MOST_PASTED = 1_000_000


class BomUploadForm(PortalForm):
    """A file, or rows pasted from a spreadsheet."""

    submit = "Read these lines"
    says_nothing_optional = True

    file = forms.FileField(
        label="BOM file",
        help_text=(
            "XLSX, CSV, TSV, or TXT, up to 25 MB, with any headings. You review the lines before anything changes."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        required=False,
    )
    pasted = forms.CharField(
        label="Or paste rows",
        help_text="Copy the rows from your spreadsheet, including headings, and paste them here.",
        widget=forms.Textarea(
            attrs={"rows": 4, "wrap": "off", "spellcheck": "false", "class": "font-monospace"}
        ),
        required=False,
        strip=False,
    )

    def clean_pasted(self) -> str:
        text: str = self.cleaned_data["pasted"]
        if len(text) > MOST_PASTED:
            raise forms.ValidationError("That is too much text to paste. Upload the file instead.")
        return text if text.strip() else ""

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        return _checked(sent) if sent else None

    def clean(self) -> None:
        if self.errors:
            return
        sent, text = self.cleaned_data.get("file"), self.cleaned_data.get("pasted", "")
        if sent and text:
            self.add_error("pasted", "Upload a file or paste rows, not both.")
        elif text:
            try:
                self.cleaned_data["file"] = _checked(SimpleUploadedFile("pasted rows.txt", text.encode()))
            except forms.ValidationError as error:
                self.add_error("pasted", error)
        elif not sent:
            self.add_error("file", "Choose a file or paste rows below.")


def _checked(sent: UploadedFile) -> CheckedFile:
    try:
        checked = check_file(sent)
    except FileRefused as error:
        raise forms.ValidationError(str(error)) from None
    if checked.extension not in EXTENSIONS:
        raise forms.ValidationError("Upload the BOM as XLSX, CSV, TSV, or TXT.")
    return checked


class OriginField(forms.CharField):
    """A country by code or name; blank means unknown."""

    def clean(self, value: Any) -> str:
        code = country_code(super().clean(value))
        if code is None:
            raise forms.ValidationError("Enter the country or its two-letter code")
        return code


def cost(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_digits=18, decimal_places=6, required=False)


class BomRow(RowForm):
    presets = ("make_or_buy", "us_manufactured", "line_no")

    line_no = forms.CharField(label="Line", max_length=20)
    parent_line = forms.CharField(label="Part of line", max_length=20)
    part = forms.CharField(label="Part", max_length=300)
    manufacturer = forms.CharField(label="Manufacturer", max_length=200)
    qty = cost("Quantity")
    make_or_buy = forms.ChoiceField(label="Make or buy", choices=BomLine.Source.choices, initial="buy")
    unit_acquisition_cost = cost("Unit cost, $")
    inbound_freight = cost("Freight, $")
    duty = cost("Duty, $")
    materials = cost("Materials, $")
    direct_labor = cost("Labor, $")
    allocable_overhead = cost("Overhead, $")
    origin = OriginField(label="Origin", max_length=60)
    us_manufactured = forms.NullBooleanField(
        label="Made in U.S.",
        widget=forms.NullBooleanSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["us_manufactured"].widget.choices = [
            ("unknown", "Not stated"),
            ("true", "Yes"),
            ("false", "No"),
        ]

    def clean(self) -> None:
        data = self.cleaned_data
        typed = any(data.get(name) not in (None, "") for name in FIELDS if name not in self.presets)
        if typed:
            for name, words in (("line_no", "Enter a line number"), ("part", "Enter the part name")):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, words)
        elif self.initial.get("part") and data.get("line_no"):
            # Every cell but the number was emptied: the line goes.
            data["line_no"] = ""


class BomRows(RowFormSet):
    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            number = form.cleaned_data.get("line_no") if hasattr(form, "cleaned_data") else ""
            if number and number in seen and not form.is_blank:
                form.add_error("line_no", f"Line {number} is already in the table")
            seen.add(number or "")

    def stands(self, values: Any) -> bool:
        return bool(values.get("line_no") and values.get("part"))


class BomSection:
    """One page of lines. `page` counts from 1; the last page has blank rows to go on."""

    def __init__(self, draft: Revision, *, data: Data = None, page: int = 1) -> None:
        positions = list(draft.bom_lines.values_list("position", flat=True))
        self.pages = max(1, -(-len(positions) // PAGE))
        self.page = min(max(page, 1), self.pages)
        self.count = len(positions)
        here = positions[(self.page - 1) * PAGE : self.page * PAGE]
        self.lines = {str(line.position): line for line in draft.bom_lines.filter(position__in=here)}
        self.stored = {key: _values(line) for key, line in self.lines.items()}
        after = max(positions, default=0) + 1
        self.rows = formset(
            BomRow,
            [{"key": key, **values} for key, values in self.stored.items()],
            prefix="bom",
            data=data,
            extra=3 if self.page == self.pages else 0,
            next_key=lambda n: str(after + n),
            base=BomRows,
            most=PAGE * 2,
        )

    def is_valid(self) -> bool:
        return not self.problems

    @property
    def problems(self) -> list[tuple[str, str]]:
        return list(self.rows.problems)

    def save(self, draft: Revision) -> bool:
        after = {key: values for key, values in self.rows.merged(self.stored) if key.isdecimal()}
        sent = {form.data.get(form.add_prefix("key"), "") for form in self.rows.forms}
        gone = [int(key) for key in self.stored if key in sent and key not in after]
        draft.bom_lines.filter(position__in=gone).delete()
        changed = bool(gone)
        for key, values in after.items():
            if values == self.stored.get(key):
                continue
            changed = True
            line = self.lines.get(key) or BomLine(revision=draft, position=int(key))
            for name, value in values.items():
                setattr(line, name, value)
            line.save()
        return changed


def _values(line: BomLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in FIELDS}
