"""What the chair signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.kit.forms import PortalForm, offer
from scoring.panel.forms.conflicts import same_name
from scoring.panel.models import Evaluator


class MinutesForm(PortalForm):
    """Who took part, remarks, and the signature. `shown` is what the page covered when it was read."""

    submit = "Sign the minutes"
    present = forms.MultipleChoiceField(
        label="Who took part",
        widget=forms.CheckboxSelectMultiple,
        help_text="Reviewers who signed the conflict declaration for this window.",
        error_messages={
            "required": "Choose who took part",
            "invalid_choice": "Choose reviewers from the list",
        },
    )
    remarks = forms.CharField(
        label="Remarks", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    signed_name = forms.CharField(label="Your full name, as your signature", max_length=120)
    shown = forms.RegexField(r"^\d{1,18},\d{1,18}$", widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, name: str, seats: Sequence[Evaluator], through: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.seats = {str(seat.pk): seat for seat in seats}
        offer(self, "present", [(key, seat.user.name) for key, seat in self.seats.items()])
        self.fields["present"].initial = list(self.seats)
        self.fields["shown"].initial = ",".join(map(str, through))
        self.fields["signed_name"].help_text = f"Type it exactly as it appears on your account: {name}."

    def clean_signed_name(self) -> str:
        if not same_name(self.cleaned_data["signed_name"], self.name):
            raise forms.ValidationError(f"The signature must match your name: {self.name}")
        return self.name

    @property
    def who(self) -> list[Evaluator]:
        return [self.seats[key] for key in self.cleaned_data["present"]]

    @property
    def through(self) -> list[int]:
        return [int(each) for each in self.cleaned_data["shown"].split(",")]
