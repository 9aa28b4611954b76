"""What the chair or an admin asks a supplier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from portal.kit.forms import PortalForm, offer
from rfp.curing.queries import HOURS, Field
from rfp.publishing.forms.parts import ZONES, LocalMoment

LONGEST = 2000


class CureForm(PortalForm):
    """What of the missing things may be answered, and for how long. `may`: what can be asked for."""

    submit = "Ask the supplier"
    fields_asked = forms.MultipleChoiceField(
        label="What may be answered",
        widget=forms.CheckboxSelectMultiple,
        help_text="Only what is missing or unreadable. Nothing else in the proposal can change.",
        error_messages={"required": "Select at least one"},
    )
    hours = forms.TypedChoiceField(
        label="Time to answer",
        coerce=int,
        choices=[(hours, f"{hours} hours") for hours in HOURS],
        initial=48,
        help_text="It can’t be extended, and you can ask only once.",
    )
    text = forms.CharField(
        label="Note to the supplier",
        max_length=LONGEST,
        required=False,
        help_text="The letter already names what is missing. Don’t mention marks or other proposals.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, may: Sequence[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may = {each.name: each for each in may}
        offer(self, "fields_asked", [(name, _called(each)) for name, each in self.may.items()])

    def chosen(self) -> list[Field]:
        """Of a valid form."""
        return [self.may[name] for name in self.cleaned_data["fields_asked"]]


def _called(field: Field) -> str:
    what = "File for" if field.is_file else "Answer to"
    return f"{what} {field.requirement.code}: {field.requirement.text}"


class ClarifyForm(PortalForm):
    """A question about the proposal, with a due time on the RFP's clock."""

    submit = "Send the question"
    text = forms.CharField(
        label="Your question",
        max_length=LONGEST,
        help_text="Ask about what is in the proposal. Don’t mention marks, prices or other proposals.",
        error_messages={"required": "Write your question"},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    due = LocalMoment(label="Answer due", help_text="Between one day and two weeks from now.")

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["due"]
        assert isinstance(field, LocalMoment)
        field.zone = ZoneInfo(zone)
        field.help_text = f"{dict(ZONES).get(zone, zone)}. {field.help_text}"
