"""What officers fill in: a list to load, a decision on an alert."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from portal import clock
from portal.formats import file_size
from portal.forms import PortalForm
from suppliers.models import Alert, Disposition
from suppliers.screening import lists

LARGEST = 100 * 1024 * 1024
OWN = "own"
SOURCE_CHOICES = [
    *((source.code, source.title) for source in lists.SOURCES.values() if source.code != "custom"),
    (OWN, "A list of our own (CSV)"),
]


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Some files of one list; cleans to a list of uploads."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        sent = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFilesField, self).clean(each, initial) for each in sent or [None]]


class ListForm(PortalForm):
    """A list as its publisher gives it out."""

    submit = "Load the list"

    source = forms.ChoiceField(label="List", choices=SOURCE_CHOICES)
    code = forms.CharField(
        label="Short name of our own list",
        required=False,
        max_length=20,
        help_text="Small letters, digits and dashes, such as “house”. Only for a list of our own.",
        validators=[RegexValidator(r"^[a-z0-9-]+$", "Use small letters, digits and dashes only")],
    )
    as_of = forms.DateField(
        label="Published on",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="The day its publisher gives. The age of the list is counted from it.",
    )
    list_files = SeveralFilesField(
        label="Files",
        help_text="OFAC: sdn.csv, with alt.csv and add.csv if you have them. Other lists are one file.",
    )

    def clean_as_of(self) -> Any:
        day = self.cleaned_data["as_of"]
        if day > clock.wall_time().date():
            raise ValidationError("The list cannot have been published after today")
        return day

    def clean_list_files(self) -> list[Any]:
        sent: list[Any] = self.cleaned_data["list_files"]
        if sum(each.size for each in sent) > LARGEST:
            raise ValidationError(f"Together the files may have {file_size(LARGEST)}")
        if len({each.name.lower() for each in sent}) != len(sent):
            raise ValidationError("Two of the files have the same name")
        return sent

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("source") != OWN:
            return
        code = self.cleaned_data.get("code")
        if not code and "code" not in self.errors:
            self.add_error("code", "Short name of our own list is missing")
        elif code in lists.SOURCES and code != "custom":
            self.add_error("code", f"“{code}” is the name of an official list")

    @property
    def named_source(self) -> str:
        source: str = self.cleaned_data["source"]
        return self.cleaned_data["code"] if source == OWN else source

    def read(self) -> Mapping[str, bytes]:
        """File name → its bytes."""
        return {each.name: each.read() for each in self.cleaned_data["list_files"]}


class DecisionForm(PortalForm):
    """What an officer says of an alert, and why."""

    submit = "Save the decision"

    decision = forms.ChoiceField(
        label="Your decision", choices=Disposition.Decision.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you compared, and where you looked it up. It stays with the alert.",
    )

    # What the officer had before the eyes; a decision about something else is not taken.
    seen = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = alert.stamp
        # On the bound field: it took the field's help when its error messages were written.
        if alert.state == Alert.State.CLEARING:
            words = "Another officer called it a false positive. It is cleared when you agree."
        elif alert.state == Alert.State.ESCALATED:
            words = "It was escalated. Somebody else than who did that decides it."
        else:
            words = "A strong hit is cleared when two officers agree." if alert.needs_two else ""
        self["decision"].help_text = words

    def look_again(self, alert: Alert) -> None:
        """The next press is about the alert as it is now."""
        self.data = {**dict(self.data.items()), "seen": alert.stamp}

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"].strip()
        if len(reason) < 10:
            raise ValidationError("Say a little more: at least ten characters")
        return reason
