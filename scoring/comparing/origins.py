"""Countries that the components of proposals come from, by share of their cost. Shares stay the same at any scale."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from rfp.bom.costs import UNKNOWN, US, line_value, standing
from rfp.facts import BomLineFacts
from rfp.models import BomLine

CONCENTRATED = Decimal(25)  # percent of one country abroad that is pointed out
HOME, NOWHERE = "US", ""
READ = (
    *(
        "line_no",
        "part",
        "qty",
        "make_or_buy",
        "unit_acquisition_cost",
        "inbound_freight",
        "duty",
        "materials",
    ),
    *("direct_labor", "allocable_overhead", "origin", "us_manufactured"),
)


def origins_of(revisions: Iterable[int]) -> dict[int, dict[str, Decimal]]:
    """revision → country code (blank: unknown) → percent of the cost of components; one query.

    Revisions without a cost that can be added up are left out.
    """
    costs: dict[int, dict[str, Decimal]] = {}
    rows = BomLine.objects.filter(revision__in=list(revisions), parent_line="", currency="USD")
    for revision, *values in rows.values_list("revision_id", *READ).iterator(chunk_size=5000):
        line = BomLineFacts(**dict(zip(READ, values, strict=True)))
        value = line_value(line)
        if value is not None and value > 0:
            place = {US: HOME, UNKNOWN: NOWHERE}.get(standing(line), line.origin)
            of = costs.setdefault(revision, {})
            of[place] = of.get(place, Decimal(0)) + value
    found = {}
    for revision, of in costs.items():
        whole = sum(of.values())
        found[revision] = {place: 100 * value / whole for place, value in of.items()}
    return found


def averaged(shares: Iterable[dict[str, Decimal]]) -> list[tuple[str, str]]:
    """(country code, average percent as text) over proposals, the largest first."""
    each = list(shares)
    summed: dict[str, Decimal] = {}
    for of in each:
        for place, share in of.items():
            summed[place] = summed.get(place, Decimal(0)) + share
    ordered = sorted(summed.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(place, f"{share / len(each):.4f}") for place, share in ordered]


def concentration(shares: Iterable[Any]) -> tuple[str, Decimal] | None:
    """The country abroad with the largest share, and the share in percent."""
    abroad = [(place, Decimal(share)) for place, share in shares if place not in (HOME, NOWHERE)]
    return max(abroad, key=lambda pair: pair[1], default=None)
