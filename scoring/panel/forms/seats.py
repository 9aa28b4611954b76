"""Who sits on a panel."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse

from portal.kit.forms import PortalForm, offer_rows
from portal.models import Role, User
from rfp.models import Solicitation


class SeatForm(PortalForm):
    """A seat for a reviewer who has none on this RFP yet."""

    submit = "Add to panel"
    user = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Reviewer", empty_label="Choose a reviewer"
    )
    is_chair = forms.BooleanField(label="Chairs the panel", required=False)

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if solicitation.is_published:
            # From then on two people change the chair.
            del self.fields["is_chair"]
        free = User.objects.filter(role=Role.REVIEWER, is_active=True).exclude(
            evaluators__solicitation=solicitation
        )
        _choose_from(self, free)


class ChairForm(PortalForm):
    """Another chair for a published RFP, with the reason."""

    submit = "Propose this chair"
    user = forms.ModelChoiceField(
        queryset=User.objects.none(), label="New chair", empty_label="Choose a reviewer"
    )
    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        help_text="We’ll email it to the panel, admins, compliance officers, and auditors.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="chair", **kwargs)
        self.action = reverse("scoring:chair_change", args=[solicitation.pk])
        now = solicitation.evaluators.filter(is_chair=True).values("user")
        able = User.objects.filter(role=Role.REVIEWER, is_active=True).exclude(pk__in=now)
        _choose_from(self, able.exclude(pk=solicitation.created_by_id))


def _choose_from(form: forms.Form, people: QuerySet[User]) -> None:
    rows = people.order_by("name", "email")
    offer_rows(form, "user", rows, label=lambda user: f"{user.name}, {user.email}")
