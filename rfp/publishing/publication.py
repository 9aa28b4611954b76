"""What an RFP still lacks before it can be published: one list for the page, the checklist and the refusal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rfp.publishing.models import Criterion, Lot, Requirement, Solicitation

MODE = Criterion.Mode
NUMERIC = (Requirement.DataType.NUMBER, Requirement.DataType.INTEGER)
FROM_REQUIREMENTS = "requirement"
MONEY = re.compile(
    r"\$|\b(USD|dollars?|prices?|pricing|costs?|fees?|rates? per|quotation|quote)\b", re.IGNORECASE
)


def looks_like_money(text: str) -> bool:
    """Whether a question or its unit seems to ask for an amount of money. A hint, never a verdict."""
    return bool(MONEY.search(text))


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
    """The checklist; five queries."""
    lots = list(solicitation.lots.prefetch_related("items"))
    criteria = list(solicitation.criteria.all())
    requirements = list(solicitation.requirements.select_related("feeds"))
    return [
        Check("Delivery years", tuple(_years(solicitation))),
        Check("At least one window", tuple(_windows(solicitation))),
        Check("Items for all lots", tuple(_lots(lots))),
        Check("Reference prices for all items", tuple(_references(lots, criteria))),
        Check("Weights total 100", tuple(_weights(criteria))),
        Check("Anchors for all marks", tuple(_anchors(criteria))),
        Check("Figures for all computed criteria", tuple(_values(criteria, requirements))),
        Check("Answers for all choices", tuple(_choices(requirements))),
    ]


def _years(solicitation: Solicitation) -> Iterable[Gap]:
    if not solicitation.delivery_years:
        yield Gap("basics", "Enter the delivery years. Suppliers enter prices and units for each year.")


def _windows(solicitation: Solicitation) -> Iterable[Gap]:
    if not solicitation.windows.exists():
        yield Gap("dates", "Add at least one window with an opening and closing time.")


def _lots(lots: list[Lot]) -> Iterable[Gap]:
    if not lots:
        yield Gap("lots", "Add at least one lot.")
    for lot in lots:
        if not lot.items.all():
            yield Gap("lots", f"Lot {lot.code} has no items.", lot.pk)


def _references(lots: list[Lot], criteria: list[Criterion]) -> Iterable[Gap]:
    """Without a reference price there is no mark for the price."""
    if not any(criterion.mode == MODE.PRICE for criterion in criteria):
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


def _anchors(criteria: list[Criterion]) -> Iterable[Gap]:
    for criterion in criteria:
        marked = criterion.mode == MODE.EVALUATOR or (
            criterion.mode == MODE.AUTOMATIC and criterion.fallback_to_evaluator
        )
        if marked and len([text for text in criterion.anchors.values() if text.strip()]) != 6:
            yield Gap(
                "criteria",
                f"Criterion {criterion.code} needs an anchor for each mark from 0 to 5.",
                criterion.pk,
            )


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
