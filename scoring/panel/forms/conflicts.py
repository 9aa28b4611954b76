"""Declarations, conflicts, and recusals."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import QuerySet

from portal.kit.forms import PortalForm, offer_rows, portal_helper
from portal.people.signing import SignatureField, ask_signature
from scoring.panel.models import Evaluator
from suppliers.models import Supplier


class DeclarationForm(PortalForm):
    """The conflict declaration; the typed signature is the reviewer's own name."""

    submit = "Sign the declaration"
    conflicts = forms.ModelMultipleChoiceField(
        label="Suppliers you have a conflict with",
        help_text="Work, shares, family, or anything a competitor could object to. "
        "You won’t see their proposals.",
        queryset=Supplier.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose suppliers from the list."},
    )
    statement = forms.CharField(
        label="Conflict description",
        help_text="Only if you chose a supplier. The chair, admins and auditors can read this.",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    signed_name = SignatureField()

    def __init__(self, *args: Any, name: str, suppliers: QuerySet[Supplier], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "conflicts", suppliers)
        if not suppliers:
            # Nobody new in this window: the signature alone is asked for.
            del self.fields["conflicts"], self.fields["statement"]
        ask_signature(self, name)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("conflicts") and not cleaned.get("statement", "").strip():
            self.add_error("statement", "Describe the conflict")
        return {"conflicts": [], "statement": "", **cleaned}


class ConflictForm(PortalForm):
    """A conflict found after signing."""

    submit = "Record the conflict"
    action = ""
    supplier = forms.ModelChoiceField(
        label="Supplier", queryset=Supplier.objects.none(), empty_label="Choose a supplier"
    )
    statement = forms.CharField(
        label="Conflict description",
        help_text="It takes effect right away. You can no longer see this supplier’s proposals. While prices are "
        "sealed, your marks no longer count.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, suppliers: QuerySet[Supplier], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "supplier", suppliers)

    @property
    def helper(self) -> FormHelper:
        return portal_helper(self.submit, action=self.action)


class RecusalForm(PortalForm):
    """The chair takes a reviewer off one supplier's proposals, or off the whole RFP."""

    submit = "Recuse the reviewer"
    action = ""
    seat = forms.ModelChoiceField(
        label="Reviewer", queryset=Evaluator.objects.none(), empty_label="Choose a reviewer"
    )
    supplier = forms.ModelChoiceField(
        label="From",
        queryset=Supplier.objects.none(),
        required=False,
        empty_label="The whole RFP",
    )
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self, *args: Any, seats: QuerySet[Evaluator], suppliers: QuerySet[Supplier], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "seat", seats, label=lambda seat: seat.user.name)
        offer_rows(self, "supplier", suppliers)

    @property
    def helper(self) -> FormHelper:
        return portal_helper(self.submit, action=self.action)
