"""A preference: what an offer gains that answers a question with yes."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from portal.kit.compliance import Envelope
from portal.kit.forms import offer
from rfp.publishing import queries
from rfp.publishing.forms.parts import PartForm, plainly
from rfp.publishing.models import Solicitation
from rfp.publishing.question_models import Preference, Requirement


class PreferenceForm(PartForm):
    submit = "Save the preference"
    claimed_by = forms.ChoiceField(
        label="Claimed by a yes to",
        help_text="A yes-or-no requirement. Ask for a file with it if a claim needs proof.",
    )

    class Meta:
        model = Preference
        fields = ("code", "title", "basis", "kind", "value", "cap", "claimed_by")
        labels: ClassVar[dict[str, str]] = {
            "basis": "Why it is given",
            "kind": "What it gives",
            "value": "How much",
            "cap": "At most, $",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "code": "For example PREF-1.",
            "basis": "Suppliers read it with the RFP, for example the law or policy.",
            "value": "Percent of the offered total, or points.",
            "cap": "The most it takes off the evaluated price. Leave blank for no limit.",
        }

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(solicitation, *args, **kwargs)
        questions = queries.asked_now(solicitation).filter(
            data_type=Requirement.DataType.BOOLEAN,
            answered_by=Requirement.AnsweredBy.RESPONSE,
            envelope=Envelope.TECHNICAL.value,
        )
        found = [
            (each.code, f"{each.code} {each.text[:100]}") for each in questions.order_by("position", "code")
        ]
        offer(self, "claimed_by", [("", "Choose a requirement"), *found])
        plainly(self)
