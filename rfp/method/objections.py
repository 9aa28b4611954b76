"""What an RFP can't combine: each objection names the field it concerns and the reason. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.kit.formats import number
from rfp.method.aggregates import AGGREGATES
from rfp.method.prices import FORMULAS
from rfp.method.technical import TECHNICAL_FORMS
from rfp.method.ties import TIE_STEPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What is chosen, and what it is chosen for. `items`: lot’s code → how many items it has."""

    formula: str
    aggregate: str = "mean"
    technical_form: str = "sum"
    technical_share: Decimal | None = None
    price_share: Decimal | None = None
    tie_chain: Sequence[str] = ()
    codes: Sequence[str] = ()
    price_criterion: str = ""
    price_envelope: Sequence[str] = ()
    has_technical: bool = True
    windows: int = 1
    items: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """`at`: the step of the tie chain it concerns, from 0."""

    field: str
    text: str
    at: int = 0


def rivals_objection(formula: str, technical_form: str, windows: int) -> Objection | None:
    """Why points that depend on rivals don't go with several windows; None if they do."""
    if windows < 2:
        return None
    known = FORMULAS.get(formula)
    if known is not None and known.needs_rivals:
        return Objection(
            "price_formula",
            f"With {windows} windows, the same price would earn different points in each, because this formula "
            "compares rivals. Choose a formula with a reference price, or keep one window",
        )
    form = TECHNICAL_FORMS.get(technical_form)
    if form is not None and form.needs_rivals:
        return Objection(
            "technical_form",
            f"With {windows} windows, the same marks would earn different points in each, because the best proposal "
            "differs. Count the points as they are, or keep one window",
        )
    return None


def objections(chosen: Choices) -> Iterator[Objection]:
    """Everything that does not go together, in the order of the form."""
    yield from _known(chosen)
    formula = FORMULAS.get(chosen.formula)
    if formula is None:
        return
    if found := rivals_objection(chosen.formula, chosen.technical_form, chosen.windows):
        yield found
    mixed = [lot for lot, items in (chosen.items or {}).items() if items > 1]
    if "basis" in formula.parameters and mixed:
        yield Objection(
            "price_formula",
            f"Suppliers may offer some items of lot {mixed[0]} and not others, so this formula would compare prices of "
            "different things. Choose a formula with a reference price, or make a lot for each item",
        )
    if formula.gives != "points" and chosen.price_criterion:
        yield Objection(
            "price_formula",
            f"This formula gives no points for price. Remove criterion {chosen.price_criterion} or choose another "
            "formula",
        )
    if formula.gives == "points" and not chosen.price_criterion and chosen.price_share is not None:
        yield Objection("price_share", "Price has a share, but no criterion is computed from price")
    if formula.gives == "total" and chosen.price_envelope:
        yield Objection(
            "price_formula",
            f"This formula makes the whole total, so criterion {chosen.price_envelope[0]} in the price envelope would "
            "not count. Move it to the technical envelope",
        )
    if formula.gives == "total" and not chosen.has_technical:
        yield Objection("price_formula", "This formula needs a criterion in the technical envelope")
    yield from _shares(chosen, formula.gives)
    yield from _ties(chosen)


def _known(chosen: Choices) -> Iterator[Objection]:
    for field, name, known in (
        ("price_formula", chosen.formula, FORMULAS),
        ("aggregate", chosen.aggregate, AGGREGATES),
        ("technical_form", chosen.technical_form, TECHNICAL_FORMS),
    ):
        if name not in known:
            yield Objection(field, f"“{name}” isn’t one of the choices")


def _shares(chosen: Choices, gives: str) -> Iterator[Objection]:
    technical, price = chosen.technical_share, chosen.price_share
    if technical is None and price is None:
        return
    if technical is None or price is None:
        field, other = ("technical_share", "technical") if technical is None else ("price_share", "price")
        yield Objection(field, f"Enter the {other} share too, or leave both blank")
    elif technical + price != 100:
        yield Objection(
            "price_share", f"The shares add up to {number(technical + price)}. They must add up to 100"
        )
    elif gives != "points":
        yield Objection("price_share", "This formula doesn’t use shares. Leave both blank")


def _ties(chosen: Choices) -> Iterator[Objection]:
    seen: set[str] = set()
    for at, step in enumerate(chosen.tie_chain):
        if step not in TIE_STEPS and step not in chosen.codes:
            yield Objection("tie_chain", f"“{step}” is neither a tie step nor the code of a criterion", at)
        elif step in seen:
            words = TIE_STEPS.get(step) or f"criterion {step}"
            yield Objection("tie_chain", f"{words[:1].upper()}{words[1:]} can decide only once", at)
        elif step == "draw" and at < len(chosen.tie_chain) - 1:
            yield Objection(
                "tie_chain", "A draw decides every tie that is left, so it must be the last step", at
            )
        seen.add(step)
