"""What an owner signs, and what an officer rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from portal.kit.forms import PortalForm, offer_rows, portal_helper
from portal.people.signing import SignatureField, ask_signature
from suppliers.models import Supplier


class CertifyForm(PortalForm):
    """Signed by an owner for one of the companies that haven't certified yet."""

    submit = "Sign and ask for the document"
    supplier = forms.ModelChoiceField(queryset=Supplier.objects.none(), label="Company", empty_label=None)
    signed_name = SignatureField()

    def __init__(self, name: str, companies: Sequence[Supplier], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Supplier.objects.filter(pk__in=[each.pk for each in companies])
        offer_rows(self, "supplier", rows.order_by("legal_name"))
        if len(companies) == 1:
            self.fields["supplier"].widget = forms.HiddenInput()
            self.initial["supplier"] = companies[0].pk
        ask_signature(self, name)


class RuleForm(PortalForm):
    """Release the document to the company, or refuse with a reason."""

    submit = "Record the decision"
    action = ""
    ruling = forms.ChoiceField(
        label="Your decision",
        choices=[("release", "Release the document to this company"), ("refuse", "Refuse")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        required=False,
        help_text="The company reads it. You need one to refuse.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("ruling") == "refuse" and not (cleaned.get("reason") or "").strip():
            self.add_error("reason", "Say why you don’t release the document")
        return cleaned

    @property
    def helper(self) -> FormHelper:
        return portal_helper(self.submit, action=self.action)


class RevokeForm(PortalForm):
    """End a release."""

    submit = "Revoke the release"
    action = ""
    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        help_text="The company reads it. From now on it can’t download the document.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @property
    def helper(self) -> FormHelper:
        return portal_helper(self.submit, action=self.action)
