"""How an RFP is scored, announced in words: the same on its public page, in its setup and in reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.kit.formats import count_of, money, number, percent, share, with_unit
from rfp.method.aggregates import AGGREGATES
from rfp.method.prices import FORMULAS, PriceFormula
from rfp.method.scales import scale_words
from rfp.method.technical import TECHNICAL_FORMS
from rfp.method.ties import chain_words
from rfp.publishing.models import Solicitation
from rfp.publishing.question_models import Criterion, Preference, Requirement
from rfp.rules import RULEBOOK

FROM_REQUIREMENTS = "requirement"
# What a computed mark may rest on: a number that a rule publishes, the lead time, or typed answers.
VALUE_SOURCES = (
    *RULEBOOK.markable,
    ("lead_time.pct_of_limit", "Lead time, % of the lot’s limit"),
    (FROM_REQUIREMENTS, "Answers to the requirements that feed this criterion"),
)
REFERENCES = {
    "public": "Published",
    "hidden": "Not shown to suppliers",
    "sealed": "Sealed until prices open",
}
REFERENCE_WORDS = {
    "public": "The reference prices are on the page of each lot.",
    "hidden": "The reference prices are set and not published.",
    "sealed": "The reference prices are set and stay sealed until prices open.",
}


def reference_of(solicitation: Solicitation) -> str:
    """Who may read the reference prices: public, hidden (from suppliers) or sealed (until prices open)."""
    if solicitation.reference_sealed:
        return "sealed"
    return "public" if solicitation.reference_is_public else "hidden"


def method_words(solicitation: Solicitation, criteria: Iterable[Criterion]) -> list[tuple[str, str]]:
    """(what, how) of everything that decides the order, in sentences. No query."""
    listed = list(criteria)
    formula = FORMULAS.get(solicitation.price_formula)
    parts = [
        ("Marks", _marks(solicitation)),
        ("Technical points", _technical(solicitation)),
        ("Price", _price(solicitation, formula, listed)),
        ("What counts as price", f"{solicitation.counted_costs.capitalize()}."),
        ("Reference prices", _reference(solicitation, formula)),
        ("Total", _total(solicitation, formula)),
        ("Ties", chain_words(solicitation.tie_chain, {each.code: each.title for each in listed})),
        ("Marks needed", _quorum(solicitation)),
    ]
    return [(what, how) for what, how in parts if how]


def _marks(solicitation: Solicitation) -> str:
    known = AGGREGATES.get(solicitation.aggregate)
    words = known.words.format(trim=share(solicitation.trim, None)) if known else ""
    scale = scale_words({}, {}, solicitation.anchor_map)
    return f"{words} Unless a criterion says otherwise, marks are worth {scale}."


def _technical(solicitation: Solicitation) -> str:
    form = TECHNICAL_FORMS.get(solicitation.technical_form)
    words = [form.words] if form else []
    if solicitation.technical_threshold:
        least = percent(solicitation.technical_threshold, None)
        words.append(f"A proposal with less than {least} of the technical points is not ranked.")
        if form and form.needs_rivals:
            words.append("That is tested on its own points, before they are compared with the best.")
    else:
        words.append("There is no threshold.")
    return " ".join(words)


def _price(solicitation: Solicitation, formula: PriceFormula | None, criteria: Sequence[Criterion]) -> str:
    if formula is None:
        return ""
    priced = next((each for each in criteria if each.mode == Criterion.Mode.PRICE), None)
    if formula.gives == "points" and priced is None:
        return "No criterion is computed from price, so price earns no points."
    words = [formula.words]
    if priced is not None and "points" in formula.parameters:
        words.append(f"The most points are {number(priced.weight)}.")
    if "cap" in formula.parameters:
        words.append(
            "A price below the reference earns no more than that."
            if solicitation.price_cap
            else "A price below the reference earns more than that."
        )
    if formula.needs_rivals:
        words.append("Only proposals that pass the threshold and all minimums are compared.")
    return " ".join(words)


def _reference(solicitation: Solicitation, formula: PriceFormula | None) -> str:
    if formula is None or not formula.needs_reference:
        return ""
    return f"{REFERENCE_WORDS[reference_of(solicitation)]} The reference covers the units that are offered."


def _total(solicitation: Solicitation, formula: PriceFormula | None) -> str:
    words = []
    if solicitation.technical_share is not None:
        words.append(
            f"Technical points count {percent(solicitation.technical_share, None)} of the total and price points "
            f"{percent(solicitation.price_share, None)}."
        )
    elif formula is not None and formula.gives == "points":
        words.append("Technical and price points add up.")
    if solicitation.rounding_places is None:
        words.append("We compare totals without rounding them.")
    elif solicitation.rounding_places == 0:
        words.append("We round totals half up to whole numbers before we compare them.")
    else:
        places = count_of(solicitation.rounding_places, "decimal place")
        words.append(f"We round totals half up to {places} before we compare them.")
    return " ".join(words)


def _quorum(solicitation: Solicitation) -> str:
    if solicitation.quorum is None:
        words = (
            "Prices open when everyone on the panel without a conflict has marked, unless a criterion asks for fewer "
            "marks."
        )
    else:
        words = (
            f"Prices open when each criterion has {count_of(solicitation.quorum, 'mark')}, unless a criterion says "
            "otherwise."
        )
    if solicitation.consensus_needed:
        words += " Before that, the panel agrees on marks that are far apart."
    return words


def preference_words(preferences: Iterable[Preference]) -> list[tuple[str, str]]:
    """(what, how) of each preference, in sentences. No query."""
    return [(f"Preference: {each.title}", _preference(each)) for each in preferences]


def _preference(preference: Preference) -> str:
    if preference.kind == Preference.Kind.POINTS:
        gives = f"adds {number(preference.value)} points to the total"
    else:
        gives = f"takes {percent(preference.value, None)} off the price we compare"
        if preference.cap is not None:
            gives += f", at most {money(preference.cap)}"
    return f"Yes to {preference.claimed_by} {gives}. {preference.basis.rstrip('.')}."


@dataclass(frozen=True, slots=True)
class CriterionWords:
    """A criterion with all that decides its points, a sentence each."""

    criterion: Criterion
    sentences: tuple[str, ...]


def criteria_words(
    solicitation: Solicitation, criteria: Iterable[Criterion], feeding: Iterable[Requirement]
) -> list[CriterionWords]:
    """How each criterion earns its points. `feeding`: the requirements that feed one. No query."""
    fed: dict[int, list[str]] = {}
    for requirement in feeding:
        if requirement.feeds_id is not None:
            fed.setdefault(requirement.feeds_id, []).append(requirement.code)
    return [
        CriterionWords(each, tuple(_sentences(solicitation, each, fed.get(each.pk, ())))) for each in criteria
    ]


def _sentences(solicitation: Solicitation, criterion: Criterion, fed: Sequence[str]) -> Iterator[str]:
    is_automatic = criterion.mode == Criterion.Mode.AUTOMATIC
    if criterion.mode == Criterion.Mode.PRICE:
        yield "Computed from price."
    if is_automatic:
        yield _computed(criterion, fed)
    if criterion.mode == Criterion.Mode.EVALUATOR or criterion.fallback_to_evaluator:
        who = "If there is no figure, reviewers mark it" if is_automatic else "Reviewers mark it"
        scale = scale_words(criterion.scale, criterion.anchors, solicitation.anchor_map)
        yield f"{who}: {scale}."
        if criterion.quorum is not None:
            yield f"It needs {count_of(criterion.quorum, 'mark')}."
    if criterion.minimum is not None:
        yield f"A proposal with less than {percent(criterion.minimum, None)} here is not ranked."


def _computed(criterion: Criterion, fed: Sequence[str]) -> str:
    if criterion.value_source == FROM_REQUIREMENTS:
        answers = f"the answers to {', '.join(fed)}" if fed else "answers to requirements"
        return f"Computed from {answers}: the limit earns nothing, the ideal earns all points."
    source = dict(VALUE_SOURCES).get(criterion.value_source, "")
    if not source:
        return "Computed."
    source = source[0].lower() + source[1:] if source[1:2].islower() else source
    if criterion.value_from is None or criterion.value_ideal is None:
        return f"Computed from {source}."
    low, high = (
        _figure(each, criterion.value_unit) for each in (criterion.value_from, criterion.value_ideal)
    )
    return f"Computed from {source}: {low} earns nothing, {high} earns all points."


def _figure(value: Decimal, unit: str) -> str:
    return with_unit(number(value), unit)
