"""What officers fill in: a list to load and to activate, who works on an alert, a decision on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from portal.kit import clock
from portal.kit.formats import file_size
from portal.kit.forms import PortalForm, offer, offer_rows
from portal.models import User
from suppliers import lists
from suppliers.company import queries
from suppliers.screening.alert_actions import CODES
from suppliers.screening.models import Alert, Disposition, Snapshot

LARGEST = 100 * 1024 * 1024
OWN = "own"
SOURCE_CHOICES = [
    *((source.code, source.title) for source in lists.SOURCES.values() if source.code != lists.CUSTOM),
    (OWN, "Custom list (CSV)"),
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
        label="Short name of the custom list",
        required=False,
        max_length=20,
        help_text="Lowercase letters, digits and dashes, for example “house”. Only for a custom list.",
        validators=[RegexValidator(r"^[a-z0-9-]+$", "Use only lowercase letters, digits and dashes")],
    )
    as_of = forms.DateField(
        label="Published on",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="The publisher’s date. We count the age of the list from this date.",
    )
    list_files = SeveralFilesField(
        label="Files",
        help_text="OFAC: sdn.csv, with alt.csv and add.csv if you have them. Other lists are one file.",
    )

    def clean_as_of(self) -> Any:
        day = self.cleaned_data["as_of"]
        if day > clock.wall_time().date():
            raise ValidationError("The publication date can’t be in the future")
        return day

    def clean_list_files(self) -> list[Any]:
        sent: list[Any] = self.cleaned_data["list_files"]
        if sum(each.size for each in sent) > LARGEST:
            raise ValidationError(f"The files can be up to {file_size(LARGEST)} in total")
        if len({each.name.lower() for each in sent}) != len(sent):
            raise ValidationError("Two of the files have the same name")
        return sent

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("source") != OWN:
            return
        code = self.cleaned_data.get("code")
        if not code and "code" not in self.errors:
            self.add_error("code", "Enter a short name for the custom list")
        elif code in lists.SOURCES and code != lists.CUSTOM:
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
    code = forms.ChoiceField(
        label="Kind of reason",
        error_messages={"required": "Choose the kind of reason"},
    )
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you compared and where you looked it up. We keep it with the alert.",
    )

    # What the officer had before the eyes; a decision about something else is not taken.
    seen = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, alert: Alert, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = alert.stamp
        offered = [(code, words) for code, words in Disposition.Decision.choices if _is_open_to(alert, code)]
        offer(self, "decision", offered)
        groups = [(words, [(each.value, each.label) for each in CODES[code]]) for code, words in offered]
        offer(self, "code", [("", "Choose one"), *groups])
        # On the bound field: it took the field's help when its error messages were written.
        self["decision"].help_text = _help(alert, by)

    def look_again(self, alert: Alert) -> None:
        """The next press is about the alert as it is now."""
        self.data = {**dict(self.data.items()), "seen": alert.stamp}

    def clean_reason(self) -> str:
        return _enough(self.cleaned_data["reason"])

    def clean(self) -> None:
        super().clean()
        decision, code = self.cleaned_data.get("decision"), self.cleaned_data.get("code")
        if decision and code and code not in CODES[decision]:
            self.add_error("code", "Choose a kind of reason listed under your decision")


def _enough(reason: str) -> str:
    """The reason, if it says something."""
    if len(reason.strip()) < 10:
        raise ValidationError("Add more detail (at least 10 characters)")
    return reason.strip()


def _is_open_to(alert: Alert, decision: str) -> bool:
    """Whether an officer may say this of the alert as it stands."""
    if alert.is_confirmed:
        return decision != Disposition.Decision.ESCALATE
    return decision != Disposition.Decision.END


def _help(alert: Alert, by: User) -> str:
    """Whose word is still missing, as the officer who reads it must hear it."""
    said = alert.dispositions.select_related("by").order_by("id").last()
    is_mine = said is not None and said.by_id == by.pk
    if alert.state == Alert.State.CLEARING:
        if is_mine:
            return "You called it a false positive. A different officer must agree to clear it."
        return f"{said.by if said else 'Another officer'} called it a false positive. If you agree, it is cleared."
    if alert.state == Alert.State.ENDING:
        if is_mine:
            return "You proposed to end this match. It stays confirmed until a different officer agrees."
        return f"{said.by if said else 'Another officer'} proposed to end this match. If you agree, it ends."
    if alert.state == Alert.State.ESCALATED:
        return "You escalated it." if is_mine else "Escalated. A different officer must decide."
    if alert.is_confirmed:
        return "A confirmed match ends only when two officers agree, even if it is no longer on the list."
    return "It takes two officers to clear a strong hit." if alert.needs_two else ""


class AssignForm(PortalForm):
    """Who works on an alert, and by when."""

    form_tag = False

    owner = forms.ModelChoiceField(
        label="Owner",
        required=False,
        queryset=User.objects.none(),
        empty_label="No one",
        error_messages={"invalid_choice": "Choose one of the compliance officers"},
    )
    due_on = forms.DateField(
        label="Due",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Enter a date"},
    )

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        super().__init__(*args, initial={"owner": alert.owner_id, "due_on": alert.due_on}, **kwargs)
        offer_rows(self, "owner", queries.officers().order_by("name", "pk"))


class ActivateForm(PortalForm):
    """Putting a list to use. What looks wrong with it is confirmed with a reason."""

    instead_of = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    confirmed = forms.BooleanField(
        label="I checked that the list is right.",
        error_messages={"required": "Confirm that the list is right, or load a complete one"},
    )
    reason = forms.CharField(
        label="Why it is right",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For example, what the publisher announced. We keep it with the list.",
    )

    def __init__(self, *args: Any, active: Snapshot | None, doubts: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, initial={"instead_of": active.pk if active else 0}, **kwargs)
        if not doubts:
            del self.fields["confirmed"], self.fields["reason"]

    def clean_reason(self) -> str:
        return _enough(self.cleaned_data["reason"])
