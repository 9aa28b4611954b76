"""Words of letters, and explanations in debriefs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from portal.kit.forms import PortalForm, in_our_words, portal_helper
from scoring.outcomes import wording
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
    """One explanation for each criterion of one proposal."""

    submit = "Save the explanations"

    def __init__(self, *args: Any, lines: Iterable[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            self.fields[self.name_of(line)] = forms.CharField(
                label=line.title,
                help_text=f"{line.mark or 'No'} mark, weight {line.weight}. "
                + ("Your words." if line.edited else "A draft. Edit it, or leave it as it is."),
                initial=line.text,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        in_our_words(self)

    @staticmethod
    def name_of(line: Line) -> str:
        return f"c{line.criterion}"

    def changed(self) -> list[tuple[Line, str]]:
        """The lines whose explanation is another than before. Call it when the form is valid."""
        found = ((line, self.cleaned_data[self.name_of(line)].replace("\r\n", "\n")) for line in self.lines)
        return [(line, text) for line, text in found if text != line.text]

    @property
    def helper(self) -> FormHelper:
        return portal_helper(self.submit)


class ButtonForm(PortalForm):
    """Nothing to fill in: the button is the act."""

    def __init__(self, *args: Any, submit: str, action: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit, self.action = submit, action
