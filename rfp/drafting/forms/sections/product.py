"""What is offered, where it is made and by which steps."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.kit.forms import offer_rows
from rfp.drafting.forms.sections.parts import Data, DraftForm, RowForm, RowFormSet, Section, formset, store
from rfp.proposals.line_models import ProcessStep
from rfp.proposals.models import Revision
from rfp.publishing.models import Item
from suppliers.company.forms.fields import COUNTRY_CHOICES
from suppliers.models import Site


class ProductForm(DraftForm):
    title = forms.CharField(label="Product name", max_length=200, help_text="Reviewers will see this name.")
    items = forms.ModelMultipleChoiceField(
        queryset=Item.objects.none(),
        label="What are you offering?",
        help_text="Choose one or more items. Some questions depend on your choice.",
        widget=forms.CheckboxSelectMultiple,
    )
    final_site = forms.ModelChoiceField(
        queryset=Site.objects.none(),
        label="Final manufacturing site",
        help_text="Where you make the finished product. Sites come from your company profile.",
        empty_label="Choose a site",
    )
    summary = forms.CharField(
        label="Summary",
        help_text="In a few lines: what it is, what is new and where you make it. Don’t include prices.",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        self.asks_where = draft.proposal.lot.solicitation.asks_for("making")
        super().__init__(
            data,
            initial={
                "title": draft.title,
                "summary": draft.summary,
                "final_site": draft.final_site_id,
                "items": [item.pk for item in draft.items.all()],
            },
        )
        offer_rows(self, "items", draft.proposal.lot.items.all())
        if not self.asks_where:
            del self.fields["final_site"]
            self.fields["title"].label = "Name of your offer"
            self.fields["summary"].help_text = "In a few lines: what you offer and how. Don’t include prices."
            return
        offer_rows(self, "final_site", draft.proposal.supplier.sites.all())

    def save(self, draft: Revision) -> bool:
        values = dict(self.valid_data)
        items = values.pop("items", None)
        changed = store(draft, values)
        if items is not None and set(items) != set(draft.items.all()):
            draft.items.set(items)
            # Figures of an item that is not offered any more would be asked for and counted for ever.
            draft.delivery_lines.exclude(item__in=items).delete()
            draft.price_lines.exclude(item__in=items).delete()
            changed = True
        return changed


class StepForm(RowForm):
    presets = ("country", "is_transforming")

    name = forms.CharField(label="Step", max_length=200)
    country = forms.ChoiceField(label="Country", choices=COUNTRY_CHOICES, initial="US")
    site = forms.CharField(label="Site", max_length=200)
    conversion_cost = forms.DecimalField(
        label="Cost per unit, $", max_digits=18, decimal_places=6, min_value=0
    )
    is_transforming = forms.BooleanField(label="Transforms the product")

    def clean(self) -> None:
        data = self.cleaned_data
        if (data.get("site") or data.get("conversion_cost") is not None) and not data.get("name"):
            self.add_error("name", "Enter a step name")


class StepFormSet(RowFormSet):
    def stands(self, values: Any) -> bool:
        return bool(values.get("name"))


def product_section(draft: Revision, *, data: Data = None) -> Section:
    """What is offered, with the steps it is made in where the RFP asks for them."""
    asks = draft.proposal.lot.solicitation.asks_for("making")
    return ProductSection(draft, data=data) if asks else OfferSection(draft, data=data)


class OfferSection:
    """What is offered, for an RFP that doesn't ask where it is made."""

    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        self.form = ProductForm(draft, data=data)

    def is_valid(self) -> bool:
        return not self.problems

    @property
    def problems(self) -> list[tuple[str, str]]:
        return self.form.problems

    def save(self, draft: Revision) -> bool:
        return self.form.save(draft)


class ProductSection(OfferSection):
    """The product form and the table of steps as one section."""

    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        super().__init__(draft, data=data)
        self.stored = {str(step.position): step for step in draft.process_steps.all()}
        after = max((step.position for step in self.stored.values()), default=-1) + 1
        rows = [{"key": key, **_values(step)} for key, step in self.stored.items()]
        self.steps = formset(
            StepForm,
            rows,
            prefix="step",
            data=data,
            next_key=lambda n: str(after + n),
            base=StepFormSet,
            most=60,
        )

    @property
    def problems(self) -> list[tuple[str, str]]:
        return super().problems + self.steps.problems

    def save(self, draft: Revision) -> bool:
        changed = super().save(draft)
        return self._save_steps(draft) or changed

    def _save_steps(self, draft: Revision) -> bool:
        before = {key: _values(step) for key, step in self.stored.items()}
        after = {
            key: {**BLANK_STEP, **values}
            for key, values in self.steps.merged(before)
            if key.isdecimal() and int(key) <= MOST_STEPS
        }
        if after == before:
            return False
        draft.process_steps.all().delete()
        ProcessStep.objects.bulk_create(
            ProcessStep(revision=draft, position=int(key), **values) for key, values in after.items()
        )
        return True


MOST_STEPS = 10_000
STEP_FIELDS = ("name", "country", "site", "conversion_cost", "is_transforming")
BLANK_STEP: dict[str, Any] = {
    "name": "",
    "country": "US",
    "site": "",
    "conversion_cost": None,
    "is_transforming": False,
}


def _values(step: ProcessStep) -> dict[str, Any]:
    return {name: getattr(step, name) for name in STEP_FIELDS}
