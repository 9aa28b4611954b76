"""The reviewer's running total: points so far, and a bar with a slot for each criterion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.kit import formats


@dataclass(frozen=True, kw_only=True)
class RunningSlot:
    """A criterion's slot in the running bar, in percent of its width."""

    key: int
    x: str
    width: str
    filled: str


@dataclass(frozen=True, kw_only=True)
class Running:
    """Points so far, of the weight marked, of the weight to mark."""

    points: str
    marked: str
    whole: str
    given: int
    asked: int
    slots: tuple[RunningSlot, ...]


def running_total(asked: Iterable[Any], chosen: Mapping[int, Any]) -> Running:
    """Σ weight × mark ÷ 100 over the criteria with an anchor; abstentions are neither marked nor lost."""
    listed = list(asked)
    whole = sum((each.criterion.weight for each in listed), Decimal(0))
    points, marked, given, x, slots = Decimal(0), Decimal(0), 0, Decimal(0), []
    for each in listed:
        weight, choice = each.criterion.weight, chosen.get(each.criterion.pk)
        width = weight / whole * 100
        mark = each.worth(str(choice or ""))
        given += bool(choice)
        if mark is not None:
            points += weight * mark / 100
            marked += weight
        slots.append(
            RunningSlot(
                key=each.criterion.pk,
                x=f"{x:.2f}%",
                width=f"{max(width - 1, Decimal(0)):.2f}%",
                filled=f"{max(width - 1, Decimal(0)) * (mark or 0) / 100:.2f}%",
            )
        )
        x += width
    return Running(
        points=formats.number(points, 1),
        marked=formats.number(marked),
        whole=formats.number(whole),
        given=given,
        asked=len(listed),
        slots=tuple(slots),
    )
