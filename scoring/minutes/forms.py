"""What the chair signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.kit.forms import PortalForm, offer
from portal.people.signing import SignatureField, ask_signature
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
    signed_name = SignatureField()
    shown = forms.RegexField(r"^\d{1,18},\d{1,18}$", widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, name: str, seats: Sequence[Evaluator], through: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.seats = {str(seat.pk): seat for seat in seats}
        offer(self, "present", [(key, seat.user.name) for key, seat in self.seats.items()])
        self.fields["present"].initial = list(self.seats)
        self.fields["shown"].initial = ",".join(map(str, through))
        ask_signature(self, name)

    @property
    def who(self) -> list[Evaluator]:
        return [self.seats[key] for key in self.cleaned_data["present"]]

    @property
    def through(self) -> list[int]:
        return [int(each) for each in self.cleaned_data["shown"].split(",")]
