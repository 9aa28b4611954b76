"""What screening costs: matching, loading a list, looking at a supplier. Invented names only."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from portal.bench import Bench
from portal.kit import clock
from suppliers import lists
from suppliers.company import profiles
from suppliers.matching.match import NameIndex
from suppliers.matching.names import normalize
from suppliers.matching.party import ListedParty
from suppliers.models import Certificate, Commodity, Officer, Owner, Qualification, Region, Site, Supplier
from suppliers.qualification import qualifying
from suppliers.screening import list_actions, screen

LISTED, ASKED, LOADED, SUPPLIERS = 22_000, 500, 25_000, 50
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
    dice = random.Random(20260115)
    _match(bench, dice)
    _load(bench, dice)
    _look(bench)


def _match(bench: Bench, dice: random.Random) -> None:
    """Build an index, ask it for names, and take reading a name alone as the floor."""
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


def _load(bench: Bench, dice: random.Random) -> None:
    """Store a list of the size of the largest ones; reading its file alone is the floor."""
    rows = "".join(f"{number},{_name(dice)},BENCH,XX\n" for number in range(LOADED))
    files = {"list.csv": f"record,name,programme,countries\n{rows}".encode()}
    now = clock.wall_time()
    floor = _milliseconds(lambda: lists.read_files(files, source="bench"))
    found = lists.read_files(files, source="bench")
    took = _milliseconds(
        lambda: list_actions.load_list(found, as_of=now.date(), at=now, confirmed=True, reason="A benchmark.")
    )
    bench.lines.append(
        f"screening    {LOADED:,} parties loaded in {(floor + took) / 1000:.1f} s, {(floor + took) / floor:.1f} x "
        f"reading them ({floor / 1000:.1f} s; target 20 s)"
    )


def _look(bench: Bench) -> None:
    """Screen suppliers against that list and bring their standings up to date; screening alone is the floor."""
    now = clock.wall_time()
    commodity = Commodity.objects.create(code="bench", title="Bench", keywords=["racks"])
    region = Region.objects.create(code="bench", title="Anywhere")
    rows = [_supplier(number, commodity, region, now) for number in range(SUPPLIERS)]
    screen.screen(rows[0].pk, profiles.supplier_facts(rows[0]))
    floor = _milliseconds(lambda: [screen.screen(row.pk, profiles.supplier_facts(row)) for row in rows])
    took = _milliseconds(lambda: _each(qualifying.assess_supplier, rows))
    bench.lines.append(
        f"qualifying   a supplier {took / SUPPLIERS:.1f} ms the first time, {took / floor:.1f} x screening it "
        f"({floor / SUPPLIERS:.1f} ms)"
    )


def _each(look: Callable[[int], None], rows: list[Supplier]) -> None:
    for row in rows:
        look(row.pk)


def _supplier(number: int, commodity: Commodity, region: Region, now: datetime) -> Supplier:
    row = Supplier.objects.create(
        legal_name=f"Quarrel Bench Works {number} Inc.", naics=["334111"], founded=1990
    )
    Site.objects.create(
        supplier=row, name="Plant", street="1 Mill St", city="Lancaster", state="OH", zip="43130"
    )
    Owner.objects.create(supplier=row, name=f"Pat Founder {number}", pct_equity=100, pct_votes=100)
    Officer.objects.create(supplier=row, name=f"Sam Chief {number}", title="CEO")
    Certificate.objects.create(
        supplier=row, scheme="ISO 9001", number=f"B-{number}", certification_body="Registrar",
        issued=now.date() - timedelta(days=100), expires=now.date() + timedelta(days=900),
    )  # fmt: skip
    Qualification.objects.create(
        supplier=row, commodity=commodity, region=region, started_at=now, changed_at=now
    )
    return row


def _name(dice: random.Random) -> str:
    number = dice.randint(1, 400)
    return f"{dice.choice(FIRST)}{dice.choice(SECOND)} {dice.choice(TRADE)} {number} {dice.choice(FORM)}"


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
