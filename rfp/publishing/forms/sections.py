"""The sections that the proposals to an RFP have."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.kit.forms import PortalForm
from rfp.method.prices import FORMULAS
from rfp.publishing.models import Solicitation
from rfp.sections import KEYS, OPTIONAL


class SectionsForm(PortalForm):
    """Which of the optional sections are asked for. Only those left out are stored."""

    submit = "Save the sections"
    says_nothing_optional = True
    asked = forms.MultipleChoiceField(
        label="Ask suppliers for",
        choices=[(each.key, f"{each.title}: {each.about}") for each in OPTIONAL],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        self.solicitation = solicitation
        initial = [key for key in KEYS if solicitation.asks_for(key)]
        super().__init__(*args, initial={"asked": initial}, **kwargs)

    def clean_asked(self) -> list[str]:
        asked: list[str] = self.cleaned_data["asked"]
        formula = FORMULAS.get(self.solicitation.price_formula)
        if "price" not in asked and formula is not None and formula.needs_price:
            raise forms.ValidationError(
                f"Price is scored ({formula.title}). Choose a method without price under How we score first."
            )
        return asked

    def save(self) -> None:
        self.solicitation.sections_off = [key for key in KEYS if key not in self.cleaned_data["asked"]]
        self.solicitation.save(update_fields=["sections_off"])
