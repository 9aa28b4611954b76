"""What an RFP still lacks before it can be published: one list for the page, the checklist and the refusal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from portal.kit.compliance import Envelope
from rfp.conditions import objection
from rfp.method.objections import Choices, objections
from rfp.method.prices import FORMULAS
from rfp.method.scales import is_scale, kind_of, steps_of
from rfp.publishing.asked_words import rules_of
from rfp.publishing.method_words import FROM_REQUIREMENTS
from rfp.publishing.models import Lot, Solicitation
from rfp.publishing.queries import condition_of
from rfp.publishing.question_models import Criterion, Requirement
from rfp.sections import OPTIONAL

MODE = Criterion.Mode
NUMERIC = (Requirement.DataType.NUMBER, Requirement.DataType.INTEGER)


@dataclass(frozen=True)
class Gap:
    """Something that keeps the RFP from being published: in which section, and on which row of it, if on one."""

    section: str
    text: str
    part: int | None = None


@dataclass(frozen=True)
class Check:
    """One line of the checklist: what holds when there are no gaps."""

    says: str
    gaps: tuple[Gap, ...]


def gaps(solicitation: Solicitation) -> list[Gap]:
    """Every gap, in the order of the sections."""
    return [gap for check in checks(solicitation) for gap in check.gaps]


def checks(solicitation: Solicitation) -> list[Check]:
    """The checklist; six queries."""
    lots = list(solicitation.lots.prefetch_related("items"))
    criteria = list(solicitation.criteria.all())
    requirements = list(solicitation.requirements.filter(until__isnull=True).select_related("feeds"))
    windows = solicitation.windows.count()
    chosen = choices_of(solicitation, criteria=criteria, lots=lots, windows=windows)
    return [
        Check("Delivery years", tuple(_years(solicitation))),
        Check("At least one window", tuple(_windows(windows))),
        Check("Items for all lots", tuple(_lots(lots))),
        Check("Reference prices for all items", tuple(_references(solicitation, lots, criteria))),
        Check("Weights total 100", tuple(_weights(criteria))),
        Check("Anchors for all marks", tuple(_anchors(solicitation, criteria))),
        Check("Scoring choices that work together", tuple(_method(chosen))),
        Check("Figures for all computed criteria", tuple(_values(criteria, requirements))),
        Check("Answers for all choices", tuple(_choices(requirements))),
        Check("Conditions that fit", tuple(_conditions(requirements))),
        Check(
            "Sections and rules for all that counts", tuple(_left_out(solicitation, criteria, requirements))
        ),
    ]


def _years(solicitation: Solicitation) -> Iterable[Gap]:
    if not solicitation.delivery_years:
        yield Gap("basics", "Enter the delivery years. Suppliers enter prices and units for each year.")


def choices_of(
    solicitation: Solicitation, *, criteria: Iterable[Criterion], lots: Iterable[Lot], windows: int
) -> Choices:
    """How the RFP is scored, with what it is scored for. Prefetch the lots’ items."""
    listed = list(criteria)
    return Choices(
        formula=solicitation.price_formula,
        aggregate=solicitation.aggregate,
        technical_form=solicitation.technical_form,
        technical_share=solicitation.technical_share,
        price_share=solicitation.price_share,
        tie_chain=tuple(solicitation.tie_chain),
        codes=tuple(each.code for each in listed),
        price_criterion=next((each.code for each in listed if each.mode == MODE.PRICE), ""),
        price_envelope=tuple(
            each.code for each in listed if each.envelope == Envelope.PRICE and each.mode != MODE.PRICE
        ),
        has_technical=any(each.envelope == Envelope.TECHNICAL for each in listed),
        windows=windows,
        items={lot.code: len(lot.items.all()) for lot in lots},
    )


def _method(chosen: Choices) -> Iterable[Gap]:
    """Choices that were fine when they were made, and no longer are."""
    for each in objections(chosen):
        yield Gap("scoring", f"{each.text}.")


def _windows(windows: int) -> Iterable[Gap]:
    if not windows:
        yield Gap("dates", "Add at least one window with an opening and closing time.")


def _lots(lots: list[Lot]) -> Iterable[Gap]:
    if not lots:
        yield Gap("lots", "Add at least one lot.")
    for lot in lots:
        if not lot.items.all():
            yield Gap("lots", f"Lot {lot.code} has no items.", lot.pk)


def _references(solicitation: Solicitation, lots: list[Lot], criteria: list[Criterion]) -> Iterable[Gap]:
    """A formula with a reference price says nothing of an item without one."""
    formula = FORMULAS.get(solicitation.price_formula)
    if formula is None or not formula.needs_reference:
        return
    if formula.gives == "points" and not any(criterion.mode == MODE.PRICE for criterion in criteria):
        return
    for lot in lots:
        for item in lot.items.all():
            if item.reference_price is None:
                yield Gap(
                    "lots", f"Item {item.code} needs a reference price, because its price is marked.", lot.pk
                )


def _weights(criteria: list[Criterion]) -> Iterable[Gap]:
    total = sum((criterion.weight for criterion in criteria), Decimal(0))
    if total != 100:
        yield Gap("criteria", f"Weights add up to {total.normalize():f}. They must add up to 100.")
    priced = [criterion for criterion in criteria if criterion.mode == MODE.PRICE]
    for criterion in priced[1:]:
        yield Gap(
            "criteria",
            f"Criterion {criterion.code}: only one criterion can be computed from price.",
            criterion.pk,
        )


def _anchors(solicitation: Solicitation, criteria: list[Criterion]) -> Iterable[Gap]:
    for criterion in criteria:
        marked = criterion.mode == MODE.EVALUATOR or (
            criterion.mode == MODE.AUTOMATIC and criterion.fallback_to_evaluator
        )
        if not marked:
            continue
        if not is_scale(criterion.scale):
            yield Gap(
                "criteria",
                f"Criterion {criterion.code} has a scale that doesn’t go from 0 to 100. Choose it again.",
                criterion.pk,
            )
        elif kind_of(criterion.scale) not in ("points", "yes_no"):
            yield from _unwritten(solicitation, criterion)


def _unwritten(solicitation: Solicitation, criterion: Criterion) -> Iterable[Gap]:
    """Marks that nobody can tell the meaning of."""
    steps = steps_of(criterion.scale, criterion.anchors, solicitation.anchor_map)
    if all(step.text.strip() for step in steps):
        return
    if criterion.scale:
        words = f"Criterion {criterion.code} needs a text for each mark of its scale."
    else:
        words = f"Criterion {criterion.code} needs an anchor for each mark from 0 to 5."
    yield Gap("criteria", words, criterion.pk)


def _values(criteria: list[Criterion], requirements: list[Requirement]) -> Iterable[Gap]:
    for criterion in criteria:
        if criterion.mode != MODE.AUTOMATIC:
            continue
        if not criterion.value_source:
            yield Gap(
                "criteria",
                f"Criterion {criterion.code} is computed. Choose what it is computed from.",
                criterion.pk,
            )
        elif criterion.value_source == FROM_REQUIREMENTS:
            yield from _fed(criterion, requirements)
        elif criterion.value_from is None or criterion.value_ideal is None:
            yield Gap(
                "criteria",
                f"Criterion {criterion.code} needs the figures for 0 and for 100 marks.",
                criterion.pk,
            )


def _fed(criterion: Criterion, requirements: list[Requirement]) -> Iterable[Gap]:
    feeding = [each for each in requirements if each.feeds_id == criterion.pk and each.data_type in NUMERIC]
    if not feeding:
        yield Gap(
            "requirements", f"No requirement with a number feeds criterion {criterion.code}.", criterion.pk
        )
    for requirement in feeding:
        if not requirement.ideal or not (requirement.minimum or requirement.maximum):
            yield Gap(
                "requirements",
                f"Requirement {requirement.code} feeds {criterion.code}: give it a limit and an ideal.",
                requirement.pk,
            )


def _choices(requirements: list[Requirement]) -> Iterable[Gap]:
    for requirement in requirements:
        own = requirement.answered_by == Requirement.AnsweredBy.RESPONSE
        if requirement.data_type == Requirement.DataType.CHOICE and own and not requirement.choices:
            yield Gap(
                "requirements", f"Requirement {requirement.code} is a choice with no answers.", requirement.pk
            )


def _conditions(requirements: list[Requirement]) -> Iterable[Gap]:
    """Conditions that were fine when they were made, and no longer are."""
    questions = [condition_of(each) for each in requirements]
    for requirement, question in zip(requirements, questions, strict=True):
        if wrong := objection(question, questions):
            text = f"Requirement {question.code} is asked only if {question.only_if} is {question.only_if_answer}."
            yield Gap("requirements", f"{text} {wrong}.", requirement.pk)


def _left_out(
    solicitation: Solicitation, criteria: list[Criterion], requirements: list[Requirement]
) -> Iterable[Gap]:
    """What is computed from a section or a rule that this RFP does without."""
    formula = FORMULAS.get(solicitation.price_formula)
    if formula is not None and formula.needs_price and not solicitation.asks_for("price"):
        yield Gap(
            "sections", "Price is scored, but proposals have no prices. Ask for them, or score without."
        )
    sources = {
        *(rule.code for rule in rules_of(solicitation)),
        *(["lead_time"] if solicitation.asks_for("capacity") else []),
    }
    for criterion in criteria:
        source = criterion.value_source.rpartition(".")[0]
        if criterion.mode == MODE.AUTOMATIC and source and source not in sources:
            yield Gap(
                "criteria",
                f"Criterion {criterion.code} is computed from what this RFP doesn’t ask for or check.",
                criterion.pk,
            )
    questions = {each.code for each in requirements if each.data_type == Requirement.DataType.BOOLEAN}
    for preference in solicitation.preferences.all():
        if preference.claimed_by not in questions:
            yield Gap(
                "scoring",
                f"Preference {preference.code} is claimed by {preference.claimed_by}, which isn’t a question.",
            )
    answered = {word: each for each in OPTIONAL for word in each.answers}
    for requirement in requirements:
        section = answered.get(requirement.answered_by)
        if section is not None and not solicitation.asks_for(section.key):
            yield Gap(
                "requirements",
                f"Requirement {requirement.code} is answered in “{section.title}”, which this RFP doesn’t ask for.",
                requirement.pk,
            )
