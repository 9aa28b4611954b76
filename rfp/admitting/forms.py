"""Who can see an RFP, who is invited, and what companies say and sign."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from portal.kit.forms import PortalForm, PortalModelForm, offer_rows
from portal.people.signing import SignatureField, ask_signature
from rfp.publishing.forms.parts import LocalMoment, lines_of
from rfp.publishing.models import Solicitation
from suppliers.company.queries import suppliers_changeable_by
from suppliers.models import Supplier

MOST_AT_ONCE = 200


class AccessForm(PortalModelForm):
    """Who can see the RFP, and the agreement before its documents."""

    submit = "Save who can see it"
    says_nothing_optional = True

    class Meta:
        model = Solicitation
        fields = ("access", "nda")
        labels: ClassVar[dict[str, str]] = {
            "access": "Who can see this RFP",
            "nda": "Non-disclosure agreement",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "access": "For companies that aren’t invited, the RFP doesn’t exist: no page, no search result, no feed.",
            "nda": "Leave blank for none. Suppliers sign it by name before they download documents that need it.",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "access": forms.RadioSelect,
            "nda": forms.Textarea(attrs={"rows": 8}),
        }


class InviteForm(PortalForm):
    """Companies by name or UEI, one a line; all of them or none."""

    submit = "Invite"
    companies = forms.CharField(
        label="Companies",
        help_text="One per line: the legal name as registered here, or the UEI.",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    found: list[Supplier]

    def clean_companies(self) -> str:
        typed: str = self.cleaned_data["companies"]
        lines = lines_of(typed)
        if len(lines) > MOST_AT_ONCE:
            raise forms.ValidationError(f"Invite up to {MOST_AT_ONCE} companies at once")
        problems = []
        self.found = []
        for line in lines:
            rows = list(Supplier.objects.filter(Q(legal_name__iexact=line) | Q(uei__iexact=line))[:2])
            if len(rows) == 1:
                self.found += rows
            else:
                why = (
                    "no company has this name or UEI"
                    if not rows
                    else "several companies have this name, use the UEI"
                )
                problems.append(f"“{line}”: {why}")
        if problems:
            raise forms.ValidationError(problems)
        return typed


class CodeForm(PortalForm):
    """A code for companies that aren't registered yet."""

    submit = "Make a code"
    label = forms.CharField(label="Who it is for", max_length=80, help_text="Only admins see this.")
    expires_at = LocalMoment(label="Expires", help_text="In the RFP’s time zone.")
    most_uses = forms.IntegerField(label="Companies it admits at most", min_value=1, max_value=500, initial=1)

    def __init__(self, solicitation: Solicitation, now: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["expires_at"]
        field.zone = solicitation.zone
        self.now = now
        self.initial.setdefault("expires_at", now + timedelta(days=14))

    def clean_expires_at(self) -> datetime:
        expires_at: datetime = self.cleaned_data["expires_at"]
        if expires_at <= self.now:
            raise forms.ValidationError("Choose a time in the future")
        return expires_at


class _ForACompany(PortalForm):
    """What somebody does for one of the companies that the person may answer for."""

    supplier = forms.ModelChoiceField(queryset=Supplier.objects.none(), label="Company", empty_label=None)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        companies = suppliers_changeable_by(user).order_by("legal_name")
        offer_rows(self, "supplier", companies)
        only = list(companies[:2])
        if len(only) == 1:
            self.fields["supplier"].widget = forms.HiddenInput()
            self.initial["supplier"] = only[0].pk


class UseCodeForm(_ForACompany):
    submit = "Open the RFP"
    code = forms.CharField(
        label="Access code", max_length=40, help_text="From the buyer, for example ABCD-EFGH-JKMN-PQRS."
    )
    field_order = ("code", "supplier")


class IntentForm(_ForACompany):
    submit = "Tell the buyer"
    will_respond = forms.ChoiceField(
        label="Will you respond?",
        choices=[("yes", "Yes, we intend to respond"), ("no", "No, we won’t")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="If not, why?", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    field_order = ("supplier", "will_respond", "reason")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("will_respond") == "no" and not (cleaned.get("reason") or "").strip():
            self.add_error("reason", "Say why your company won’t respond")
        return cleaned


class NdaForm(_ForACompany):
    submit = "Sign the agreement"
    signed_name = SignatureField()
    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    field_order = ("supplier", "signed_name", "sha256")

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        ask_signature(self, user.name)
