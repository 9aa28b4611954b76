"""Words of letters, and explanations in debriefs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from django import forms

from portal.kit import formats
from portal.kit.forms import PortalForm, in_our_words
from rfp.publishing.forms.parts import LocalMoment
from scoring.outcomes import actions, wording
from scoring.outcomes.debriefs import Line


class LetterForm(PortalForm):
    """A letter's subject and body, with placeholders in braces."""

    submit = "Save the letter"
    subject = forms.CharField(label="Subject", max_length=160)
    body = forms.CharField(label="Letter", max_length=6000, widget=forms.Textarea(attrs={"rows": 16}))

    def _checked(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        if problems := wording.problems_in(text):
            raise forms.ValidationError(problems)
        return text

    def clean_subject(self) -> str:
        return self._checked("subject")

    def clean_body(self) -> str:
        return self._checked("body")


class DebriefForm(PortalForm):
    """One explanation for each criterion of one proposal. Saving it accepts the drafts that were left as they are."""

    submit = "Save and accept these explanations"

    def __init__(self, *args: Any, lines: Iterable[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            self.fields[self.name_of(line)] = forms.CharField(
                label=line.title,
                help_text=f"{f'Mark {line.mark}' if line.mark else 'No mark'}, weight {line.weight}. {_state(line)}",
                initial=line.text,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        in_our_words(self)

    @staticmethod
    def name_of(line: Line) -> str:
        return f"c{line.criterion}"

    def said(self) -> list[tuple[Line, str]]:
        """Each line with its explanation. Call it when the form is valid."""
        return [(line, self.cleaned_data[self.name_of(line)].replace("\r\n", "\n")) for line in self.lines]

    def rows(self) -> list[tuple[Line, forms.BoundField]]:
        """Each line with its field."""
        return [(line, self[self.name_of(line)]) for line in self.lines]


def _state(line: Line) -> str:
    if line.edited is None:
        return "A draft. Edit it, or accept it as it is."
    if line.is_outdated:
        return f"The mark was {line.edited.mark or 'missing'} when you wrote this. Check that it still fits."
    return "Accepted."


class ButtonForm(PortalForm):
    """Nothing to fill in: the button is the act."""

    def __init__(self, *args: Any, submit: str, action: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit, self.action = submit, action


class ReleaseForm(PortalForm):
    """Start a release, to go out at once after the second person or at a moment in the RFP's zone."""

    submit = "Start the release"
    goes_at = LocalMoment(label="Send on", required=False)

    def __init__(self, *args: Any, zone: tzinfo, now: datetime, action: str = "", **kwargs: Any) -> None:
        self.action, self.now = action, now
        super().__init__(*args, **kwargs)
        field = self.fields["goes_at"]
        assert isinstance(field, LocalMoment)
        field.zone = zone
        label = formats.zone_label(now, zone)
        field.help_text = (
            f"Date and time in the RFP’s zone, {label}. Blank: as soon as a second person confirms."
        )

    def clean_goes_at(self) -> datetime | None:
        goes_at: datetime | None = self.cleaned_data["goes_at"]
        if goes_at is not None and (why := actions.objection_to(goes_at, now=self.now)):
            raise forms.ValidationError(why)
        return goes_at


class EndForm(PortalForm):
    """Why an award ends."""

    submit = "Start to end the award"
    reason = forms.CharField(
        label="Why the award ends",
        max_length=2000,
        help_text="For example the date and the words with which the supplier withdrew.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
