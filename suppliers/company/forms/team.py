"""Who works for a company, and what its owners sign."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.kit.forms import PortalForm
from suppliers.company.models import Membership, Supplier
from suppliers.reference.attestation_texts import TEXTS


class InviteForm(PortalForm):
    submit = "Send the invitation"

    email = forms.EmailField(label="Email address", max_length=254)
    level = forms.ChoiceField(
        label="Access",
        choices=[
            (Membership.Level.EDITOR, "Edit the profile and proposals"),
            (Membership.Level.VIEWER, "View only"),
            (Membership.Level.OWNER, "Full access: sign, submit, manage the team"),
        ],
        widget=forms.RadioSelect,
        initial=Membership.Level.EDITOR,
    )


class LevelForm(PortalForm):
    submit = "Save"

    level = forms.ChoiceField(label="Access", choices=Membership.Level.choices)


class StatementsForm(PortalForm):
    """Every statement with yes or no, and one signature under all of them."""

    submit = "Sign the statements"
    says_nothing_optional = True  # the labels say when something is wanted

    signer = forms.CharField(
        label="Your full name", max_length=120, help_text="Typing your name is your signature."
    )
    title = forms.CharField(label="Your title", max_length=120)

    def __init__(self, *args: Any, supplier: Supplier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signature = {name: self.fields.pop(name) for name in ("signer", "title")}
        latest = {row.code: row for row in supplier.attestations.order_by("id")}
        for text in TEXTS:
            row = latest.get(text.code)
            still = row if row is not None and row.version == text.version else None
            self.fields[text.code] = forms.TypedChoiceField(
                label=text.title,
                help_text=text.text,
                choices=[("yes", "Yes"), ("no", "No")],
                coerce=lambda answer: answer == "yes",
                widget=forms.RadioSelect,
                initial=None if still is None else "yes" if still.answer else "no",
                error_messages={"required": f"Answer “{text.title}”"},
            )
            self.fields[f"{text.code}-why"] = forms.CharField(
                label=f"If {'no' if text.favourable else 'yes'}: what should we know?",
                required=False,
                max_length=1000,
                initial="" if still is None else still.explanation,
                widget=forms.Textarea(attrs={"rows": 1}),
            )
        self.fields |= signature

    def answers(self) -> dict[str, tuple[bool, str]]:
        """Code → (answer, explanation)."""
        return {
            text.code: (self.cleaned_data[text.code], self.cleaned_data[f"{text.code}-why"]) for text in TEXTS
        }

    def clean(self) -> None:
        super().clean()
        for text in TEXTS:
            answer = self.cleaned_data.get(text.code)
            if (
                answer in (True, False)
                and answer != text.favourable
                and not self.cleaned_data.get(f"{text.code}-why")
            ):
                self.add_error(f"{text.code}-why", f"“{text.title}”: explain in a sentence")
