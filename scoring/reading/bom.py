"""A proposal's bill of materials as rows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from portal.kit import formats
from rfp.bom.costs import line_value, percent_of, roll_up, standing
from rfp.facts import BomLineFacts
from rfp.models import Revision
from rfp.proposals import revision_facts
from suppliers.reference.countries import country_name

STANDING_WORDS = {"us": "U.S.", "foreign": "Foreign", "unknown": "Unknown"}


# ---- the bill of materials --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BomRow:
    """One line: its share of the cost of components in percent; `cost` is None while prices are sealed."""

    line: str
    part: str
    maker: str
    qty: str
    source: str
    origin: str
    standing: str
    share: str
    cost: str | None
    is_component: bool


# A page of more lines than this helps nobody.
MOST_BOM_ROWS = 500


@dataclass(frozen=True, kw_only=True)
class Bom:
    """The bill of materials as a buyer reads it; `total` is blank while prices are sealed.

    `rows` are the first MOST_BOM_ROWS lines; `more` counts the others.
    """

    rows: tuple[BomRow, ...]
    domestic: str
    unknown: str
    total: str
    more: int = 0


def bom_of(revision: Revision, *, price_open: bool) -> Bom | None:
    """Shares of the cost of components, which do not depend on the scale of the costs; None without lines."""
    lines = revision_facts.bom_facts(revision)
    if not lines:
        return None
    rolled = roll_up(lines)
    components = {component.line.line_no for component in rolled.components}

    def share(value: Decimal | None) -> str:
        if value is None or rolled.total <= 0 or rolled.other_currency:
            return ""
        return formats.percent(percent_of(value, rolled.total))

    return Bom(
        rows=tuple(
            _bom_row(line, share(line_value(line)), line.line_no in components, price_open=price_open)
            for line in lines[:MOST_BOM_ROWS]
        ),
        more=max(0, len(lines) - MOST_BOM_ROWS),
        domestic=share(rolled.us),
        unknown=share(rolled.unknown) if rolled.unknown else "",
        total=formats.money(rolled.total) if price_open and not rolled.other_currency else "",
    )


def _bom_row(line: BomLineFacts, share: str, is_component: bool, *, price_open: bool) -> BomRow:
    return BomRow(
        line=line.line_no,
        part=line.part,
        maker=" ".join(part for part in (line.manufacturer, line.mpn) if part),
        qty=formats.number(line.qty),
        source="Made" if line.make_or_buy == "make" else "Bought",
        origin=country_name(line.origin),
        standing=STANDING_WORDS[standing(line)],
        share=share,
        cost=formats.money(line_value(line), currency=line.currency) if price_open else None,
        is_component=is_component,
    )
