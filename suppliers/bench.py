"""What screening costs, against scoring every pair of names; sample names only."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from portal.bench import Bench
from suppliers.screening.match import NameIndex
from suppliers.screening.names import normalize
from suppliers.screening.party import ListedParty

LISTED, ASKED = 22_000, 500
FIRST = (
    "Ash",
    "Bitter",
    "Cedar",
    "Dry",
    "Elk",
    "Flint",
    "Granite",
    "Hazel",
    "Iron",
    "Juniper",
    "Kettle",
    "Lime",
)
SECOND = (
    "fork",
    "root",
    "bluff",
    "creek",
    "horn",
    "hollow",
    "reach",
    "run",
    "ridge",
    "flat",
    "stone",
    "wood",
)
TRADE = (
    "Trading",
    "Metals",
    "Shipping",
    "Holdings",
    "Logistics",
    "Energy",
    "Plastics",
    "Optics",
    "Racks",
    "Drives",
)
FORM = ("LLC", "Ltd", "GmbH", "Inc.", "S.A.", "Co.", "JSC", "Corp.")


def run(bench: Bench) -> None:
    """Build an index, ask it for names, and take reading a name alone as the floor."""
    dice = random.Random(20260115)
    listed = [ListedParty(record_id=str(number), name=_name(dice)) for number in range(LISTED)]
    names = [_name(dice) for _ in range(ASKED)]
    built = _milliseconds(lambda: NameIndex(listed))
    index = NameIndex(listed)
    index.matches(names[0])
    asked = _milliseconds(lambda: [index.matches(name) for name in names]) / ASKED
    floor = _milliseconds(lambda: [normalize(name) for name in names]) / ASKED
    bench.lines.append(f"screening    index of {LISTED:,} names {built:,.0f} ms")
    bench.lines.append(
        f"screening    a name {asked:.2f} ms, {asked / floor:.0f} x reading it ({floor:.3f} ms); "
        f"18,000 names {asked * 18:.0f} s (target 60 s)"
    )


def _name(dice: random.Random) -> str:
    number = dice.randint(1, 400)
    return f"{dice.choice(FIRST)}{dice.choice(SECOND)} {dice.choice(TRADE)} {number} {dice.choice(FORM)}"


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
