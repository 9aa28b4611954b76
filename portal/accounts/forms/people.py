"""Forms about accounts: the name at registration, and staff accounts."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from portal.accounts import actions
from portal.kit import clock
from portal.kit.forms import PortalForm, PortalModelForm
from portal.people.models import STAFF_ROLES, User


class NameForm(forms.Form):
    """What registration asks besides the email address and the password."""

    name = forms.CharField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Your name is missing"},
    )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not any(character.isalpha() for character in name):
            raise forms.ValidationError("Enter your name in letters")
        return name

    def signup(self, request: Any, user: User) -> None:
        """Called once the account is stored."""
        actions.complete_signup(user, name=self.cleaned_data["name"], at=clock.wall_time())


class StaffForm(PortalModelForm):
    """A new staff account."""

    submit = "Create the account"
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.label) for role in STAFF_ROLES],
        widget=forms.RadioSelect,
        help_text="You choose a panel’s chair on the RFP, not here.",
        error_messages={"required": "Choose a role", "invalid_choice": "Choose one of the roles"},
    )

    class Meta:
        model = User
        fields = ("name", "email", "role")
        labels: ClassVar[dict[str, str]] = {"name": "Name", "email": "Email address"}
        help_texts: ClassVar[dict[str, str]] = {
            "email": "We’ll send the invitation here. The address can’t belong to a supplier’s account.",
        }
        error_messages: ClassVar[dict[str, Any]] = {
            "email": {"unique": "An account already uses this email address"}
        }

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError("An account already uses this email address")
        return email


class FactorResetForm(PortalForm):
    """Why a colleague's second step is to be reset."""

    submit = "Request the reset"
    reason = forms.CharField(
        label="Reason",
        max_length=300,
        help_text="How do you know it’s them? The person, admins, compliance officers, and auditors can read this.",
        error_messages={"required": "Explain why you’re asking"},
    )


class AccountForm(PortalModelForm):
    """Another name or role for a staff account, with the reason for a new role."""

    submit = "Save the account"
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.label) for role in STAFF_ROLES],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role", "invalid_choice": "Choose one of the roles"},
    )
    reason = forms.CharField(
        label="Reason for the new role",
        max_length=300,
        required=False,
        help_text="We’ll email it to the person, admins, compliance officers, and auditors.",
    )

    class Meta:
        model = User
        fields = ("name", "role")
        labels: ClassVar[dict[str, str]] = {"name": "Name"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was = self.instance.role

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("role", self.was) != self.was and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Explain why the role is changing")
        return cleaned


class CountersignForm(PortalForm):
    """An officer's word that two accounts are two people."""

    submit = "Countersign"
    reason = forms.CharField(
        label="How do you know they’re two different people?",
        max_length=1000,
        help_text="For example, I called both of them. Admins, officers, and auditors can read this.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Explain how you know they’re two different people"},
    )
