"""How an admin writes a change of the contact, the terms or a date."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.utils.text import slugify

from rfp.amending.fact_changes import FACT_FIELDS, MILESTONE_FIELDS, questions_may_end
from rfp.amending.values import plain
from rfp.publishing.forms.heads import HeadForm
from rfp.publishing.forms.parts import LocalMoment, PartForm, plainly
from rfp.publishing.forms.windows import MilestoneForm
from rfp.publishing.key_facts import FACT_LABELS
from rfp.publishing.models import Solicitation


class FactsChangeForm(PartForm):
    """Contact, terms, and until when questions are taken: later, never earlier."""

    questions_until = LocalMoment(
        label="Questions close", required=False, help_text="In the RFP’s time zone. It can only move later."
    )
    now: datetime

    class Meta:
        model = Solicitation
        fields = FACT_FIELDS
        labels: ClassVar[dict[str, str]] = {
            name: label for name, label in FACT_LABELS.items() if name != "questions_until"
        }
        help_texts: ClassVar[dict[str, str]] = {
            name: words for name, words in HeadForm.Meta.help_texts.items() if name in FACT_FIELDS
        }

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(solicitation, *args, **kwargs)
        moment = self.fields["questions_until"]
        assert isinstance(moment, LocalMoment)
        moment.zone = solicitation.zone
        plainly(self)

    def clean_questions_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["questions_until"]
        if words := questions_may_end(self.solicitation, until, now=self.now):
            self.add_error("questions_until", words.rstrip("."))
        return until

    def subject(self) -> str:
        return ""

    def values(self) -> dict[str, Any]:
        return {name: plain(self.cleaned_data[name]) for name in FACT_FIELDS}


class MilestoneChangeForm(MilestoneForm):
    """A published date; a new one is known by its title until it is public."""

    def subject(self) -> str:
        if self.instance.pk:
            return str(self.instance.pk)
        return slugify(self.cleaned_data["title"])[:20] or "date"

    def values(self) -> dict[str, Any]:
        return {name: plain(self.cleaned_data[name]) for name in MILESTONE_FIELDS}
