"""One site of a company."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms

from suppliers.company.forms.fields import (
    COUNTRY_CHOICES,
    STATE_CHOICES,
    LinesField,
    date_input,
)
from suppliers.company.forms.part import PartForm
from suppliers.company.profile_models import (
    Site,
)
from suppliers.reference.places import STATE_NAMES, zip_area

ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")


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
