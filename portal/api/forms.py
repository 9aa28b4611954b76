"""A new token."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.api.tokens import MOST_DAYS, scopes_for
from portal.kit.forms import PortalForm
from portal.people.models import User


class TokenForm(PortalForm):
    submit = "Create the token"
    name = forms.CharField(label="Name", max_length=60, help_text="What will use it, for example our ERP.")
    scopes = forms.MultipleChoiceField(label="It may", widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(
        label="Days until it ends",
        min_value=1,
        max_value=MOST_DAYS,
        initial=90,
        help_text=f"At most {MOST_DAYS}.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = scopes_for(user)
