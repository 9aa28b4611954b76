"""Whom a company sends to an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.kit.formats import count_of
from portal.kit.forms import PortalForm, offer_rows
from rfp.publishing.forms.parts import lines_of
from rfp.publishing.models import Milestone
from suppliers.models import Supplier

LONGEST = 120


class SignUpForm(PortalForm):
    """One name per line."""

    submit = "Sign up"
    supplier = forms.ModelChoiceField(queryset=Supplier.objects.none(), label="Company", empty_label=None)
    names = forms.CharField(
        label="Who comes",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One name per line.",
    )

    def __init__(
        self, event: Milestone, most: int, companies: Sequence[Supplier], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.most = most
        rows = Supplier.objects.filter(pk__in=[each.pk for each in companies])
        offer_rows(self, "supplier", rows.order_by("legal_name"))
        if len(companies) == 1:
            self.fields["supplier"].widget = forms.HiddenInput()
            self.initial["supplier"] = companies[0].pk
        if event.per_company:
            self.fields[
                "names"
            ].help_text = f"One name per line, {count_of(most, 'person', 'people')} at most."

    def clean_names(self) -> list[str]:
        names = [" ".join(line.split()) for line in lines_of(self.cleaned_data["names"])]
        if not names:
            raise forms.ValidationError("Enter the name of at least one person")
        if len(names) > self.most:
            raise forms.ValidationError(
                f"A company can send {count_of(self.most, 'person', 'people')} at most"
            )
        if long := next((each for each in names if len(each) > LONGEST), None):
            raise forms.ValidationError(f"“{long[:30]}…” is longer than {LONGEST} characters")
        folded = [each.casefold() for each in names]
        if twice := next((each for each in names if folded.count(each.casefold()) > 1), None):
            raise forms.ValidationError(f"“{twice}” is there twice")
        return names
