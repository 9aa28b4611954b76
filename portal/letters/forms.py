"""How often a person hears from us, and where they are."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.kit.formats import ZONES
from portal.kit.forms import PortalForm
from portal.letters.kinds import KINDS
from portal.letters.models import How


class NoticeSettingsForm(PortalForm):
    """One choice for each kind that may wait, and the time zone."""

    submit = "Save"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in KINDS:
            if not kind.must_go:
                self.fields[kind.name] = forms.ChoiceField(
                    label=kind.title, choices=How.choices, initial=How.AT_ONCE, widget=forms.RadioSelect
                )
        self.fields["time_zone"] = forms.ChoiceField(
            label="Your time zone",
            choices=[("", "Same as this browser"), *ZONES],
            required=False,
            help_text="Deadlines show the RFP’s time and yours, where they differ.",
        )

    def hows(self) -> dict[str, str]:
        """kind → how. Of a valid form."""
        return {name: value for name, value in self.cleaned_data.items() if name != "time_zone"}
