"""How an RFP is scored, and the invented offers on which an admin tries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from crispy_forms.layout import HTML, Div, Field, Fieldset
from django import forms

from portal.kit.forms import PortalForm, PortalModelForm
from rfp.method import example
from rfp.method.aggregates import AGGREGATES
from rfp.method.objections import objections
from rfp.method.prices import FORMULAS
from rfp.method.technical import TECHNICAL_FORMS
from rfp.method.ties import TIE_STEPS
from rfp.publishing.forms.parts import plainly
from rfp.publishing.method_words import REFERENCES, reference_of
from rfp.publishing.models import MarksShown, Solicitation
from rfp.publishing.publication import choices_of
from rfp.publishing.question_models import Criterion

TIES = tuple(f"tie_{at}" for at in range(1, 6))


class ScoringForm(PortalModelForm):
    """Price formula, technical points, total, marks and ties. What does not go together is said beside its field."""

    form_tag = False
    price_formula = forms.ChoiceField(
        label="Price formula", choices=[(each.name, each.title) for each in FORMULAS.values()]
    )
    reference = forms.ChoiceField(label="Reference prices", choices=list(REFERENCES.items()))
    technical_form = forms.ChoiceField(
        label="Technical points",
        choices=[(name, each.title) for name, each in TECHNICAL_FORMS.items()],
        help_text="If they are relative, the threshold is tested first, on each proposal’s own points.",
    )
    aggregate = forms.ChoiceField(
        label="Several marks count as", choices=[(each.name, each.title) for each in AGGREGATES.values()]
    )
    trim = forms.DecimalField(
        label="Extremes at each end, %",
        min_value=0,
        max_value=Decimal("49.9"),
        max_digits=3,
        decimal_places=1,
        required=False,
        help_text="Only for an average without, or with softened, extremes. It leaves out whole marks.",
    )

    marks_shown = forms.ChoiceField(
        label="Reviewers see the other reviewers’ marks",
        choices=MarksShown.choices,
        required=False,
        help_text="The chair, admins, and auditors always see them after the technical opening.",
    )

    class Meta:
        model = Solicitation
        fields = (
            "price_formula",
            "price_cap",
            "technical_threshold",
            "technical_form",
            "technical_share",
            "price_share",
            "rounding_places",
            "aggregate",
            "trim",
            "quorum",
            "comment_below",
            "comment_above",
            "marks_shown",
            "consensus_needed",
            "names_hidden",
        )
        labels: ClassVar[dict[str, str]] = {
            "price_cap": "A price below the reference earns no extra points",
            "technical_threshold": "Technical threshold, %",
            "technical_share": "Technical share, %",
            "price_share": "Price share, %",
            "rounding_places": "Decimal places of totals",
            "quorum": "Marks needed before prices open",
            "comment_below": "Comment needed for marks worth less than, %",
            "comment_above": "Comment needed for marks worth more than, %",
            "consensus_needed": "Before prices open, the panel agrees on marks that are far apart",
            "names_hidden": "Hide suppliers’ names from reviewers and the chair until all prices of a window are open",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "technical_threshold": "We don’t rank proposals below it. Enter 0 for none.",
            "technical_share": "Leave both blank to add up the points.",
            "rounding_places": "Leave blank to compare totals without rounding them.",
            "quorum": "Leave blank to wait for everyone who is asked and has no conflict.",
            "comment_below": "A mark of 1 of 5 is worth 20%. Leave blank to ask for none.",
            "comment_above": "A mark of 5 of 5 is worth 100%. Leave blank to ask for none.",
            "consensus_needed": "The chair records each agreed mark in moderation.",
            "names_hidden": "They see “Offer 7” instead. Files that name a supplier wait for an admin’s release.",
        }
        error_messages: ClassVar[dict[str, Any]] = {
            "rounding_places": {"max_value": "Enter at most 6 decimal places"}
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(self.instance.criteria.all())
        self.initial["reference"] = reference_of(self.instance)
        self.initial["trim"] = self.instance.trim * 100
        self._add_ties()
        plainly(self)

    def _add_ties(self) -> None:
        steps = [(step, words[0].upper() + words[1:]) for step, words in TIE_STEPS.items()]
        codes = [
            (each.code, f"The higher mark for {each.title}")
            for each in self.criteria
            if each.mode != Criterion.Mode.PRICE
        ]
        chain = self.instance.tie_chain
        for at, name in enumerate(TIES):
            stored = chain[at] if at < len(chain) else ""
            known = {step for step, _words in [*steps, *codes]}
            # A criterion that was removed stays on the list, so that the form can say what is wrong with it.
            lost = [(stored, stored)] if stored and stored not in known else []
            self.fields[name] = forms.ChoiceField(
                label="Equal totals: first" if at == 0 else "Then",
                choices=[("", "Nothing, they share a place"), *steps, *codes, *lost],
                required=False,
                initial=stored,
                error_messages={"invalid_choice": "“%(value)s” isn’t a tie step or a criterion"},
            )

    def layout(self) -> Sequence[Any]:
        half = "col-sm-6"
        return (
            Fieldset(
                "Price",
                "price_formula",
                HTML('{% include "rfp/publishing/setup/method/scoring_example.html" %}'),
                "price_cap",
                "reference",
            ),
            Fieldset("Technical points", "technical_threshold", "technical_form"),
            Fieldset(
                "Total",
                Div(
                    Field("technical_share", wrapper_class=half),
                    Field("price_share", wrapper_class=half),
                    css_class="row align-items-start",
                ),
                "rounding_places",
            ),
            Fieldset("Marks", "aggregate", "trim", "quorum"),
            Fieldset(
                "Reviewers",
                "comment_below",
                "comment_above",
                "marks_shown",
                "consensus_needed",
                "names_hidden",
            ),
            Fieldset("Ties", *TIES),
        )

    def clean_trim(self) -> Decimal:
        percent: Decimal | None = self.cleaned_data["trim"]
        return self.instance.trim if percent is None else percent / 100

    def clean_marks_shown(self) -> str:
        return self.cleaned_data["marks_shown"] or self.instance.marks_shown

    def clean_quorum(self) -> int | None:
        quorum: int | None = self.cleaned_data["quorum"]
        if quorum == 0:
            raise forms.ValidationError("Enter at least 1, or leave it blank")
        return quorum

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not {"price_formula", "technical_share", "price_share"} <= cleaned.keys():
            return cleaned
        ties = [name for name in TIES if cleaned.get(name)]
        chosen = self._as_chosen(cleaned, [cleaned[name] for name in ties])
        lots = self.instance.lots.prefetch_related("items")
        windows = self.instance.windows.count()
        for each in objections(choices_of(chosen, criteria=self.criteria, lots=lots, windows=windows)):
            field = ties[each.at] if each.field == "tie_chain" else each.field
            if field not in self.errors:
                self.add_error(field, each.text)
        return cleaned

    @staticmethod
    def _as_chosen(cleaned: Mapping[str, Any], chain: list[str]) -> Solicitation:
        """An RFP that is nowhere stored, with the choices on the form."""
        names = ("price_formula", "aggregate", "technical_form", "technical_share", "price_share")
        return Solicitation(**{name: cleaned[name] for name in names if name in cleaned}, tie_chain=chain)

    def save(self, commit: bool = True) -> Any:
        reference = self.cleaned_data["reference"]
        self.instance.reference_is_public = reference == "public"
        self.instance.reference_sealed = reference == "sealed"
        self.instance.tie_chain = [self.cleaned_data[name] for name in TIES if self.cleaned_data[name]]
        return super().save(commit)


def _money(label: str, amount: Fraction) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal("0.01"),
        max_digits=14,
        decimal_places=2,
        initial=int(amount),
        error_messages={
            "min_value": f"{label}: enter an amount above 0",
            "max_digits": f"{label}: enter an amount below $1 trillion",
            "max_whole_digits": f"{label}: enter an amount below $1 trillion",
            "max_decimal_places": f"{label}: enter at most 2 decimal places",
        },
    )


class ExampleForm(PortalForm):
    """Three invented offers and a reference price. Nothing of it is stored."""

    form_tag = False
    offer_1 = _money("Offer A, $", example.PRICES[0])
    offer_2 = _money("Offer B, $", example.PRICES[1])
    offer_3 = _money("Offer C, $", example.PRICES[2])
    offer_reference = _money("Reference, $", example.REFERENCE)

    def prices(self) -> list[Fraction]:
        """What the three cost; as they are at first, if the form has not been sent. Raises KeyError if one is wrong."""
        return [self._amount(name) for name in ("offer_1", "offer_2", "offer_3")]

    def reference(self) -> Fraction:
        return self._amount("offer_reference")

    def _amount(self, name: str) -> Fraction:
        if not self.is_bound:
            return Fraction(self.fields[name].initial)
        return Fraction(self.cleaned_data[name])
