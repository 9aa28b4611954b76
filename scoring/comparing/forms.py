"""What can be tried: weights and how price counts, in the address, so that a trial can be shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django import forms

from portal.kit import formats
from portal.kit.forms import NumberText, PortalForm, offer
from rfp.method.prices import FORMULAS
from scoring.comparing.trial import HUNDRED, Published, Trial

CAPS = [("yes", "At most the weight"), ("no", "No limit")]
STEP = Decimal("0.001")  # as finely as an RFP can weigh
PREFIX = "w-"


def select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select form-select-sm"})


def weight_field(label: str, *, least: str = "0", most: int = 100) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal(least),
        max_value=Decimal(most),
        max_digits=6,
        decimal_places=3,
        widget=NumberText(
            attrs={"inputmode": "decimal", "autocomplete": "off", "class": "form-control form-control-sm"}
        ),
        error_messages={
            "required": f"{label} is missing",
            "invalid": "Use digits only, for example 12.5",
            "max_digits": "Use at most three decimals",
            "max_decimal_places": "Use at most three decimals",
            "max_whole_digits": f"At most {most}",
            "min_value": "0 or more" if least == "0" else "More than 0",
            "max_value": f"At most {most}",
        },
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the form: the bound field, and what stands beside it."""

    field: Any
    published: str
    is_changed: bool
    errors: Sequence[str]


class TrialForm(PortalForm):
    """Weights by criterion, and the price formula. What the address doesn't name is as published."""

    use_required_attribute = False
    formula = forms.ChoiceField(label="Price formula", required=False, widget=select())
    cap = forms.ChoiceField(label="Price points", choices=CAPS, widget=select())
    reference = weight_field("Reference prices, %", least="0.001", most=999)
    price_share = weight_field("Price share, %")

    def __init__(self, asked: Mapping[str, str], *, published: Published, formulas: Sequence[str]) -> None:
        self.published = published
        start = published.trial
        defaults = {f"{PREFIX}{code}": formats.number(weight) for code, weight in start.weights.items()}
        defaults |= {
            "formula": start.formula,
            "cap": "yes" if start.cap else "no",
            "reference": "100",
            "price_share": formats.number(start.price_share),
        }
        self.defaults = defaults
        super().__init__({name: asked.get(name, default)[:200] for name, default in defaults.items()})
        for each in published.weighed:
            self.fields[f"{PREFIX}{each.code}"] = weight_field(each.title)
        offer(self, "formula", [(name, FORMULAS[name].title) for name in formulas])
        has_reference = any(FORMULAS[name].needs_reference for name in formulas)
        for name, is_asked in (
            ("formula", len(formulas) > 1),
            ("cap", has_reference),
            ("reference", has_reference),
            ("price_share", published.has_shares),
        ):
            if not is_asked:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            self._check_sum()
        return values

    def _check_sum(self) -> None:
        if self.total != self.published.sum:
            wanted = formats.number(self.published.sum)
            self.add_error(
                None,
                f"The weights add up to {formats.number(self.total)}. They must add up to {wanted}.",
            )
        elif not any(
            each.envelope == "technical" and self.cleaned_data[f"{PREFIX}{each.code}"]
            for each in self.published.weighed
        ):
            self.add_error(None, "At least one technical criterion needs a weight above 0.")

    @property
    def total(self) -> Decimal:
        """What the typed weights add up to; a weight that isn't a number counts as 0."""
        found = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        return sum(
            (found.get(f"{PREFIX}{each.code}") or Decimal(0) for each in self.published.weighed), Decimal(0)
        )

    @property
    def trial(self) -> Trial:
        """What is tried. Only for a form that is valid."""
        given = self.cleaned_data
        start = self.published.trial
        return Trial(
            weights={each.code: given[f"{PREFIX}{each.code}"] for each in self.published.weighed},
            formula=given.get("formula") or start.formula,
            cap=given["cap"] == "yes" if "cap" in given else start.cap,
            price_share=given.get("price_share", start.price_share),
            reference=given.get("reference", HUNDRED),
        )

    @property
    def lines(self) -> list[Line]:
        """The weights, then how price counts, each with what is published."""
        names = [f"{PREFIX}{each.code}" for each in self.published.weighed]
        names += [name for name in ("price_share", "formula", "cap", "reference") if name in self.fields]
        return [self._line(name) for name in names]

    def _line(self, name: str) -> Line:
        field = self[name]
        choices = dict(getattr(field.field, "choices", ()))
        published = str(choices.get(self.defaults[name], self.defaults[name]))
        is_changed = str(field.value()).strip() != self.defaults[name]
        value = getattr(self, "cleaned_data", {}).get(name)
        if isinstance(value, Decimal):
            is_changed = formats.number(value) != self.defaults[name]
        return Line(
            field=field,
            published=published,
            is_changed=is_changed,
            errors=[str(each) for each in field.errors],
        )

    def evened(self) -> dict[str, str] | None:
        """The typed weights made to add up, by field: the unchanged ones share the difference in proportion, or all do.

        None where they add up already, or where a weight isn't a number.
        """
        codes = [f"{PREFIX}{each.code}" for each in self.published.weighed]
        given = getattr(self, "cleaned_data", {})
        if any(given.get(name) is None for name in codes) or self.total in (self.published.sum, 0):
            return None
        kept = {name for name in codes if formats.number(given[name]) != self.defaults[name]}
        rest = {name: given[name] for name in codes if name not in kept and given[name]}
        left = self.published.sum - sum((given[name] for name in kept), Decimal(0))
        if not rest or left < 0:
            rest, left, kept = {name: given[name] for name in codes}, self.published.sum, set()
        shared = in_proportion(rest, left)
        return {name: formats.number(shared.get(name, given[name])) for name in codes}


def in_proportion(weights: Mapping[str, Decimal], total: Decimal) -> dict[str, Decimal]:
    """The weights made to add up to `total` exactly, to three decimals: the largest remainders are rounded up."""
    before = sum(weights.values(), Decimal(0))
    exact = {name: weight * total / before for name, weight in weights.items()}
    found = {name: weight.quantize(STEP, rounding=ROUND_DOWN) for name, weight in exact.items()}
    short = int((total - sum(found.values(), Decimal(0))) / STEP)
    for name in sorted(exact, key=lambda name: (found[name] - exact[name], name))[:short]:
        found[name] += STEP
    return found
