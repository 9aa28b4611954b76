"""What is public of awards. Decisions are made in a higher street: it says here what was released of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class PublicAward:
    """An award that suppliers were told of. `supplier_key`: the same for all awards of a supplier, and says nothing.

    `value`: U.S. dollars, None where the RFP shows no prices.
    """

    lot: str
    window: int
    supplier_key: str
    supplier: str
    value: Decimal | None
    at: datetime
    final_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PublicCount:
    """How many proposals a lot with released awards got in a window."""

    lot: str
    window: int
    received: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """In the order in which it was released."""

    awards: tuple[PublicAward, ...] = ()
    counts: tuple[PublicCount, ...] = ()


def named(awards: Iterable[PublicAward]) -> Iterator[tuple[str, PublicAward]]:
    """Each with its id, which stays: window, lot, and its place among the awards of that lot."""
    seen: dict[tuple[int, str], int] = {}
    for award in awards:
        key = (award.window, award.lot)
        seen[key] = seen.get(key, 0) + 1
        yield f"{award.window}-{award.lot}-{seen[key]}", award


Teller = Callable[[int], Outcome]
_TELLERS: list[Teller] = []


def tell(teller: Teller) -> None:
    """Have `outcome_of` ask this: an RFP's id → what was released."""
    _TELLERS.append(teller)


def outcome_of(solicitation: int) -> Outcome:
    """What was released of the RFP's awards; nothing before."""
    found = [teller(solicitation) for teller in _TELLERS]
    return Outcome(
        awards=tuple(award for each in found for award in each.awards),
        counts=tuple(count for each in found for count in each.counts),
    )
