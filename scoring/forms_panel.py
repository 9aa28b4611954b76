"""Who sits on a panel."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.forms import PortalForm
from portal.models import Role, User
from rfp.models import Solicitation


class SeatForm(PortalForm):
    """A seat for a reviewer who has none on this RFP yet."""

    submit = "Give a seat"
    user = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Reviewer", empty_label="Choose a reviewer"
    )
    is_chair = forms.BooleanField(label="Chairs the panel", required=False)

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = User.objects.filter(role=Role.REVIEWER, is_active=True).exclude(
            evaluators__solicitation=solicitation
        )
        field = self.fields["user"]
        field.queryset = free.order_by("name", "email")  # type: ignore[attr-defined]
        field.label_from_instance = lambda user: f"{user.name}, {user.email}"  # type: ignore[attr-defined]
