"""The criteria builder: weights, who marks, anchors and value functions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from crispy_forms.layout import Div, Field, Fieldset
from django import forms

from portal.kit.compliance import Envelope
from portal.kit.forms import PortalForm
from rfp.method.scales import kind_of, points_up_to
from rfp.method.ties import TIE_STEPS
from rfp.publishing.forms.parts import PartForm
from rfp.publishing.forms.scales import ScaleFields
from rfp.publishing.method_words import FROM_REQUIREMENTS, VALUE_SOURCES
from rfp.publishing.models import Solicitation
from rfp.publishing.question_models import Criterion

MODE = Criterion.Mode


class CriterionForm(PartForm):
    """A criterion. Which fields there are follows from the mode: `rebuilt` draws it anew after the mode changed."""

    value_source = forms.ChoiceField(
        label="Computed from",
        choices=[("", "Choose"), *VALUE_SOURCES],
        error_messages={"required": "Choose what it is computed from"},
    )
    rebuilds = ("mode", "value_source", "fallback_to_evaluator", "scale_kind")

    class Meta:
        model = Criterion
        fields = (
            "code",
            "title",
            "group",
            "weight",
            "position",
            "mode",
            "envelope",
            "value_source",
            "value_from",
            "value_ideal",
            "value_unit",
            "fallback_to_evaluator",
            "minimum",
            "quorum",
            "supplier_guidance",
            "scorer_guidance",
        )
        labels: ClassVar[dict[str, str]] = {
            "mode": "Marked by",
            "position": "Position in the list",
            "supplier_guidance": "Guidance for suppliers",
            "scorer_guidance": "Guidance for reviewers",
            "value_unit": "Unit of the figure",
            "quorum": "Marks needed before prices open",
            "minimum": "Minimum, %",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "code": "For example T1.",
            "weight": "Points out of 100.",
            "group": "We group criteria by this name.",
            "envelope": "The price envelope stays sealed until marking is done.",
            "value_from": "The figure that earns 0 marks.",
            "value_ideal": "The figure that earns 100 marks. It can be lower than the figure for 0.",
            "supplier_guidance": "Suppliers see it next to the field.",
            "scorer_guidance": "Suppliers can’t see it.",
            "quorum": "Leave blank to do as the RFP does.",
            "minimum": "We don’t rank proposals that earn less of this criterion. Leave blank for none.",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "supplier_guidance": forms.Textarea(attrs={"rows": 3}),
            "scorer_guidance": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(solicitation, *args, **kwargs)
        self.mode = str(self["mode"].value() or MODE.EVALUATOR)
        fallback = self.mode == MODE.AUTOMATIC and bool(self["fallback_to_evaluator"].value())
        self.is_marked = self.mode == MODE.EVALUATOR or fallback
        self._fit_fields()
        for name in self.rebuilds:
            if name in self.fields:
                self.fields[name].widget.attrs |= {
                    "hx-post": "?rebuild",
                    "hx-trigger": "change",
                    "hx-target": "#part-form",
                    "hx-swap": "outerHTML",
                }

    def _fit_fields(self) -> None:
        if self.mode == MODE.AUTOMATIC:
            if self["value_source"].value() == FROM_REQUIREMENTS:
                for name in ("value_from", "value_ideal", "value_unit"):
                    del self.fields[name]
        else:
            for name in ("value_source", "value_from", "value_ideal", "value_unit", "fallback_to_evaluator"):
                del self.fields[name]
        if self.mode != MODE.AUTOMATIC:
            # Reviewers mark before prices are open, and the price is in its own envelope: nothing to choose.
            del self.fields["envelope"]
        if not self.is_marked:
            del self.fields["quorum"]
        if self.mode == MODE.PRICE:
            del self.fields["minimum"]
        if self.is_marked:
            self.scale = ScaleFields(self)

    def layout(self) -> Sequence[Any]:
        parts: list[Any] = [
            Div(
                Field("code", wrapper_class="col-sm-3"),
                Field("title", wrapper_class="col-sm-9"),
                css_class="row",
            ),
            Div(
                Field("weight", wrapper_class="col-sm-3"),
                Field("group", wrapper_class="col-sm-6"),
                Field("position", wrapper_class="col-sm-3"),
                css_class="row align-items-end",
            ),
            "mode",
        ]
        computed = [name for name in COMPUTED if name in self.fields]
        if computed:
            parts.append(Fieldset("How it is computed", *computed))
        if self.is_marked:
            parts.append(Fieldset("Scale", "scale_kind", *self.scale.layout()))
        limits = [name for name in ("minimum", "quorum") if name in self.fields]
        if limits:
            parts.append(Fieldset("Limits", *limits))
        return [*parts, Fieldset("Guidance", "supplier_guidance", "scorer_guidance")]

    def clean_code(self) -> str:
        code = super().clean_code()
        if code.lower() in TIE_STEPS:
            raise forms.ValidationError(f"“{code}” is a step of the tie chain. Choose another code")
        return code

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.mode == MODE.AUTOMATIC and "value_from" in self.fields:
            start, ideal = cleaned.get("value_from"), cleaned.get("value_ideal")
            if start is None and "value_from" not in self.errors:
                self.add_error("value_from", "Enter the figure that earns 0 marks")
            if ideal is None and "value_ideal" not in self.errors:
                self.add_error("value_ideal", "Enter the figure that earns 100 marks")
            if start is not None and start == ideal:
                self.add_error("value_ideal", "The figures for 0 and for 100 marks must differ")
        if cleaned.get("fallback_to_evaluator") and cleaned.get("envelope") == Envelope.PRICE.value:
            self.add_error(
                "fallback_to_evaluator",
                "Reviewers mark before prices open, so put it in the technical envelope",
            )
        if self.is_marked:
            self.scale.clean(cleaned)
        return cleaned

    def _post_clean(self) -> None:
        """What the mode decides is set before the model's own checks."""
        criterion = self.instance
        if self.mode == MODE.PRICE:
            criterion.envelope = Envelope.PRICE.value
        elif self.mode == MODE.EVALUATOR:
            criterion.envelope = Envelope.TECHNICAL.value
        if self.mode != MODE.AUTOMATIC:
            criterion.value_source, criterion.value_unit, criterion.fallback_to_evaluator = "", "", False
        if not self.is_marked:
            criterion.quorum = None
        if "value_from" not in self.fields:
            criterion.value_from = criterion.value_ideal = None
        if "minimum" not in self.fields:
            criterion.minimum = None
        super()._post_clean()  # type: ignore[misc]  # Django's hook, not in its types

    def save(self, commit: bool = True) -> Any:
        self.instance.scale, self.instance.anchors = {}, {}
        if self.is_marked:
            self.instance.scale, self.instance.anchors = self.scale.stored(self.cleaned_data)
        return super().save(commit)


COMPUTED = ("value_source", "value_from", "value_ideal", "value_unit", "envelope", "fallback_to_evaluator")


class WeightsForm(PortalForm):
    """The weights of all criteria at once. They may miss 100 while the RFP is prepared; publishing refuses that."""

    form_tag = False

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        self.criteria = list(solicitation.criteria.all())
        super().__init__(*args, **kwargs)
        for criterion in self.criteria:
            self.fields[self.name_of(criterion)] = forms.DecimalField(
                label=f"Weight of {criterion.title}",
                min_value=Decimal("0.001"),
                max_value=100,
                max_digits=6,
                decimal_places=3,
                initial=f"{criterion.weight.normalize():f}",
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
                error_messages={
                    "required": "Enter a weight, or remove this criterion",
                    "invalid": "Use digits only, for example 12.5",
                    "min_value": "Enter a weight above 0",
                    "max_value": "Enter a weight of at most 100",
                },
            )

    @staticmethod
    def name_of(criterion: Criterion) -> str:
        return f"weight-{criterion.pk}"

    def rows(self) -> list[tuple[Criterion, forms.BoundField]]:
        return [(criterion, self[self.name_of(criterion)]) for criterion in self.criteria]

    def weights(self) -> list[tuple[Criterion, Decimal]]:
        """As typed where that is a weight, else as nothing: for the bar while one types."""
        self.is_valid()
        typed = getattr(self, "cleaned_data", {})
        if not self.is_bound:
            return [(criterion, criterion.weight) for criterion in self.criteria]
        return [(criterion, typed.get(self.name_of(criterion)) or Decimal(0)) for criterion in self.criteria]

    def save(self) -> None:
        for criterion in self.criteria:
            criterion.weight = self.cleaned_data[self.name_of(criterion)]
            if kind_of(criterion.scale) == "points":
                criterion.scale = points_up_to(criterion.weight)
        Criterion.objects.bulk_update(self.criteria, ["weight", "scale"])
