"""Decisions, openings, and the filters of the lists that lead to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from portal.kit.compliance import Outcome
from portal.kit.forms import PortalForm, in_our_words, offer, portal_helper
from rfp.models import Proposal
from scoring.decisions.models import Decision
from scoring.ranking.mark_models import PanelMark


class DecisionForm(PortalForm):
    """The panel's word on one proposal."""

    submit = "Record the decision"
    action = ""
    verdict = forms.ChoiceField(
        label="Decision", choices=Decision.Verdict.choices, widget=forms.RadioSelect, initial=""
    )
    reason = forms.CharField(
        label="Reason",
        help_text="It appears in the report and the debrief.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @property
    def helper(self) -> FormHelper:
        return portal_helper(self.submit, action=self.action)


class VerdictsForm(PortalForm):
    """One verdict for the proposals that were chosen, with one reason for all, or one for each."""

    CHOICES = (
        (Decision.Verdict.SHORTLISTED.value, "Shortlist", "Takes one of the lot’s slots."),
        (
            Decision.Verdict.RESERVE.value,
            "Reserve",
            "Takes a place, in order of rank, if someone withdraws.",
        ),
        (Decision.Verdict.ELIMINATED.value, "Eliminate", "Not selected. The supplier gets a debrief."),
        (Decision.Verdict.AWARDED.value, "Award", "Final only after the standstill period."),
        (
            Decision.Verdict.WITHDREW.value,
            "Withdrew",
            "The supplier gave up its place. The next reserve gets it.",
        ),
        (Decision.Verdict.UNDECIDED.value, "Undecided", "Takes the last decision back."),
    )
    verdict = forms.ChoiceField(
        label="Decision",
        choices=[(value, label) for value, label, _help in CHOICES],
        error_messages={"required": "Choose a decision", "invalid_choice": "Choose one of the decisions"},
    )
    reason = forms.CharField(
        label="Reason for all", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, proposals: Sequence[Proposal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposals = proposals
        for proposal in proposals:
            self.fields[self.name_of(proposal.pk)] = forms.CharField(
                label=f"Own reason for {proposal.number}", max_length=2000, required=False
            )
        in_our_words(self)

    @staticmethod
    def name_of(pk: UUID) -> str:
        """The name of the field with a proposal's own reason."""
        return f"reason-{pk}"

    def reasons(self) -> dict[UUID, str]:
        """proposal id → its own reason, or else that for all. Call it when the form is valid."""
        shared = self.cleaned_data["reason"]
        return {each.pk: self.cleaned_data[self.name_of(each.pk)] or shared for each in self.proposals}

    def refuse(self, why: Mapping[UUID, str]) -> None:
        """Say beside each proposal why it can't be decided."""
        for proposal in self.proposals:
            if proposal.pk in why:
                said = f"{proposal.supplier.legal_name}, {proposal.number}: {why[proposal.pk]}"
                self.add_error(self.name_of(proposal.pk), said)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        own = [cleaned.get(self.name_of(each.pk)) for each in self.proposals]
        if "reason" not in self.errors and not cleaned.get("reason") and not all(own):
            self.add_error("reason", "Enter a reason for all, or one for each proposal")
        return cleaned


class FindingsForm(PortalForm):
    """One decision and one reason for the findings that were picked."""

    KNOCK_OUT, EXCEPTION, WRONG = "not_met", "exception", "met"
    CHOICES = (
        (KNOCK_OUT, "Knock out", "Removes it from the ranking. Its price stays sealed."),
        (
            EXCEPTION,
            "Keep in, with an exception",
            "It still competes. The finding and your reason stay visible.",
        ),
        (WRONG, "The finding is wrong", "Counts as met. Cite your evidence."),
    )
    outcome = forms.ChoiceField(
        label="Decision",
        choices=[(value, label) for value, label, _help in CHOICES],
        error_messages={"invalid_choice": "Choose one of the three decisions"},
    )
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    @property
    def verdict(self) -> tuple[Outcome, bool]:
        """(outcome, whether it is an exception). Call it when the form is valid."""
        chosen = self.cleaned_data["outcome"]
        return (Outcome.NOT_MET if chosen == self.KNOCK_OUT else Outcome.MET), chosen == self.EXCEPTION


class InputsForm(PortalForm):
    """What stands in for missing inputs: a mark of the panel, or a recorded zero."""

    CHOICES = (
        (PanelMark.Kind.PANEL.value, "Panel mark", "Record what the panel agreed."),
        (PanelMark.Kind.ZERO.value, "Recorded zero", "0 points. The debrief lists the missing answer."),
    )
    kind = forms.ChoiceField(
        label="Decision",
        choices=[(value, label) for value, label, _help in CHOICES],
        error_messages={"invalid_choice": "Choose a panel mark or a recorded zero"},
    )
    value = forms.DecimalField(
        label="Mark, 0 to 100",
        required=False,
        min_value=0,
        max_value=100,
        max_digits=15,
        decimal_places=12,
    )
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        is_panel = cleaned.get("kind") == PanelMark.Kind.PANEL
        if is_panel and "value" not in self.errors and cleaned.get("value") is None:
            self.add_error("value", "Enter the panel’s mark, from 0 to 100")
        return cleaned


class OverrideForm(PortalForm):
    """A compliance officer's override of what stops a proposal's shortlisting; `keys` name what was read."""

    submit = "Override for this proposal"
    action = ""
    kind = forms.CharField(widget=forms.HiddenInput)
    keys = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason to allow shortlisting",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    @property
    def helper(self) -> FormHelper:
        return portal_helper(self.submit, action=self.action)


class ClaimForm(PortalForm):
    """Why a claimed preference doesn't count."""

    submit = "Don’t count this preference"
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class FewerMarksForm(PortalForm):
    """The chair's reason for opening prices below the quorum of marks."""

    fewer_marks_reason = forms.CharField(
        label="Reason for opening prices early",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class OpeningForm(PortalForm):
    """Nothing to fill in: the button is the act."""

    def __init__(self, *args: Any, submit: str, action: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit, self.action = submit, action

    @property
    def helper(self) -> FormHelper:
        return portal_helper(self.submit, action=self.action)


# ---- filters ----------------------------------------------------------------------------------------------------


class FilterForm(PortalForm):
    """A list's search and filters, kept in the address. A value that makes no sense filters nothing."""

    use_required_attribute = False
    q = forms.CharField(label="Search", required=False, max_length=120, widget=forms.SearchInput)
    window = forms.ChoiceField(label="Window", required=False)
    lot = forms.ChoiceField(label="Lot", required=False)
    rule = forms.ChoiceField(label="Rule", required=False)
    state = forms.ChoiceField(label="State", required=False)
    standing = forms.ChoiceField(label="Status", required=False)
    decision = forms.ChoiceField(label="Decision", required=False)

    def __init__(self, *args: Any, choices: Mapping[str, Sequence[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if name == "q":
                continue
            if name not in choices:
                del self.fields[name]
            else:
                offer(self, name, choices[name])

    def values(self) -> dict[str, str]:
        """name → value, for what was given and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ReportForm(OpeningForm):
    """Asks for a PDF; nothing to fill in."""

    @property
    def helper(self) -> FormHelper:
        helper = portal_helper(action=self.action)
        helper.add_input(Submit("save", self.submit, css_class="btn btn-plain"))
        return helper


class ColumnsForm(PortalForm):
    """Columns of a ranking; with a name, a view to save. `query`: the filters and the order that it keeps."""

    columns = forms.MultipleChoiceField(required=False)
    name = forms.CharField(
        label="Name of the view",
        max_length=60,
        required=False,
        error_messages={"max_length": "Use at most 60 characters for the name of the view"},
    )
    query = forms.CharField(max_length=400, required=False)

    def __init__(self, *args: Any, columns: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "columns", columns)

    def clean_name(self) -> str:
        """Blank unless the button that saves a view was pressed."""
        name: str = self.cleaned_data["name"].strip()
        if "as_view" not in self.data:
            return ""
        if not name:
            raise forms.ValidationError("Name the view to save it")
        return name
