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
from scoring.comparing.terms import Terms
from scoring.comparing.trying.trial import HUNDRED, Published, Trial
from suppliers.reference.places import STATE_NAMES

CAPS = [("yes", "At most the weight"), ("no", "No limit")]
STEP = Decimal("0.001")  # as finely as an RFP can weigh
PREFIX = "w-"


SMALL = "form-control form-control-sm"


def select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select form-select-sm"})


def weight_field(label: str, *, least: str = "0", most: int = 100) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal(least),
        max_value=Decimal(most),
        max_digits=6,
        decimal_places=3,
        widget=NumberText(attrs={"inputmode": "decimal", "autocomplete": "off", "class": SMALL}),
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


# ---- portfolios -------------------------------------------------------------------------------------------------

MOST_SLOTS, MOST_SOURCES = 99, 9
SOURCES = "sources-"


def whole_field(label: str, *, most: int, required: bool = False, least: int = 1) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        widget=NumberText(attrs={"inputmode": "numeric", "autocomplete": "off", "class": SMALL}),
        error_messages={
            "required": f"{label} is missing",
            "invalid": "Use digits only, for example 2",
            "min_value": f"At least {least}",
            "max_value": f"At most {most}",
        },
    )


class PortfolioForm(PortalForm):
    """What a portfolio must keep. `pin` and `exclude` are buttons beside a proposal; `free` takes either back."""

    use_required_attribute = False
    budget = forms.DecimalField(
        label="Budget, $",
        required=False,
        min_value=Decimal("0.01"),
        max_digits=16,
        decimal_places=2,
        widget=NumberText(attrs={"inputmode": "decimal", "autocomplete": "off", "class": SMALL}),
        error_messages={
            "invalid": "Use digits only, for example 1500000",
            "min_value": "More than 0",
            "max_digits": "This number is too long",
            "max_whole_digits": "This number is too long",
            "max_decimal_places": "Use at most two decimals",
        },
    )
    states = forms.MultipleChoiceField(
        label="A site in", required=False, widget=forms.CheckboxSelectMultiple()
    )

    def __init__(
        self,
        data: Any = None,
        *,
        terms: Terms,
        items: Sequence[Any],
        states: Sequence[str],
        numbers: Mapping[str, str],
    ) -> None:
        self.items, self.numbers, self.terms = items, numbers, terms
        start = {
            "slots": terms.slots,
            "budget": "" if terms.budget is None else f"{terms.budget:f}",
            "max_per_supplier": terms.max_per_supplier,
            "states": list(terms.states),
            **{f"{SOURCES}{each.code}": terms.sources.get(each.code) for each in items},
        }
        super().__init__(data, initial=start)
        self.fields["slots"] = whole_field("Places", most=MOST_SLOTS, required=True)
        self.fields["max_per_supplier"] = whole_field("Proposals per supplier, at most", most=MOST_SLOTS)
        for each in items:
            self.fields[f"{SOURCES}{each.code}"] = whole_field(each.title, most=MOST_SOURCES)
        offer(self, "states", [(code, STATE_NAMES.get(code, code)) for code in states])
        given = self.data.getlist if hasattr(self.data, "getlist") else lambda _name: []
        self.pinned = list(given("pinned")) if data is not None else list(terms.pinned)
        self.excluded = list(given("excluded")) if data is not None else list(terms.excluded)
        self._press()

    def _press(self) -> None:
        """What a button beside a proposal asks for."""
        for name, into, other in (
            ("pin", self.pinned, self.excluded),
            ("exclude", self.excluded, self.pinned),
        ):
            number = self.data.get(name)
            if number and number not in into:
                into.append(number)
                other[:] = [each for each in other if each != number]
        free = self.data.get("free")
        self.pinned[:] = [each for each in dict.fromkeys(self.pinned) if each != free]
        self.excluded[:] = [each for each in dict.fromkeys(self.excluded) if each != free]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        unknown = [each for each in (*self.pinned, *self.excluded) if each not in self.numbers]
        if unknown:
            self.add_error(None, "You can only pin or exclude ranked proposals of this lot.")
        both = set(self.pinned) & set(self.excluded)
        if both:
            self.add_error(None, "A proposal can’t be both pinned and excluded.")
        return values

    @property
    def rows(self) -> list[Any]:
        """The bound fields of the sub-components."""
        return [self[f"{SOURCES}{each.code}"] for each in self.items]

    @property
    def kept(self) -> list[tuple[str, str, str]]:
        """(number, supplier, "pinned" or "excluded") of the proposals that are."""
        return [
            (number, self.numbers[number], word)
            for word, numbers in (("pinned", self.pinned), ("excluded", self.excluded))
            for number in numbers
            if number in self.numbers
        ]

    @property
    def asked(self) -> Terms:
        """The terms. Only for a form that is valid."""
        given = self.cleaned_data
        sources = {each.code: given.get(f"{SOURCES}{each.code}") for each in self.items}
        return Terms(
            slots=given["slots"],
            budget=given.get("budget"),
            sources={code: least for code, least in sources.items() if least},
            states=given.get("states") or (),
            max_per_supplier=given.get("max_per_supplier"),
            pinned=self.pinned,
            excluded=self.excluded,
        )
