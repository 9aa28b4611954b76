"""The supplier's own words for each criterion that reviewers mark."""

from __future__ import annotations

from django import forms
from django.utils.html import format_html

from portal.kit.formats import number
from rfp.drafting.forms.sections.parts import Data, DraftForm
from rfp.proposals.models import Revision, Statement
from rfp.publishing.question_models import Criterion

LONGEST = 6000


class StatementsForm(DraftForm):
    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        self.criteria = list(draft.proposal.lot.solicitation.criteria.filter(mode=Criterion.Mode.EVALUATOR))
        self.stored = {s.criterion_id: s.text for s in draft.statements.all()}
        super().__init__(data, initial={field_name(c): self.stored.get(c.pk, "") for c in self.criteria})

    def add_cells(self) -> None:
        for criterion in self.criteria:
            self.fields[field_name(criterion)] = forms.CharField(
                label=criterion.title,
                help_text=format_html(
                    "{} {} points out of 100. Reviewers mark it from 0 to 5.",
                    criterion.supplier_guidance,
                    number(criterion.weight),
                ),
                max_length=LONGEST,
                widget=forms.Textarea(attrs={"rows": 6}),
            )

    def save(self, draft: Revision) -> bool:
        changed = False
        for criterion in self.criteria:
            text = self.valid_data.get(field_name(criterion))
            if text is None or text == self.stored.get(criterion.pk, ""):
                continue
            changed = True
            if text:
                Statement.objects.update_or_create(
                    revision=draft, criterion=criterion, defaults={"text": text}
                )
            else:
                draft.statements.filter(criterion=criterion).delete()
        return changed


def field_name(criterion: Criterion) -> str:
    return f"criterion-{criterion.pk}"
