"""Who owns a company, and who runs it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from portal.kit.forms import offer_rows
from suppliers.company.forms.fields import (
    COUNTRY_CHOICES,
    between,
)
from suppliers.company.forms.part import PartForm
from suppliers.company.profile_models import (
    Officer,
    Owner,
)


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
        others = self.supplier.owners.exclude(pk=self.instance.pk)
        offer_rows(self, "owns", others, blank=self.supplier.legal_name)

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
