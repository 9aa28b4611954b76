"""What winners promised, number by number, each with the day on which it is due: for planning together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.kit import formats
from rfp.models import Revision, Window
from scoring.outcomes.models import Letter

FORMAT = "onshore-commitments/1"
HEADS = ["Proposal", "Supplier", "Lot", "Commitment", "Value", "Unit", "Due", "Where it comes from"]


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """One promised number. `due`: the day by which it holds, None where the proposal names none; `source`: the part of
    the proposal that promises it."""

    kind: str
    title: str
    value: str
    unit: str
    due: date | None
    source: str


@dataclass(frozen=True, kw_only=True)
class Promised:
    """One award with everything its proposal promised."""

    letter: Letter
    commitments: Sequence[Commitment]


def commitments_of(revision: Revision) -> list[Commitment]:
    """In the order of their days, those without one last; the revision's lines come along with it."""
    ramp = [(each, quarter_end(each.period)) for each in revision.ramp_periods.all()]
    # What is promised for full production is due when the ramp ends.
    full = max((day for _each, day in ramp if day), default=revision.start_of_production)
    found = [*_milestones(revision), *_making(revision, full)]
    for each, day in ramp:
        if each.capacity is not None:
            title = f"Units that can ship in {each.label}"
            found.append(_line("ramp", title, each.capacity, "units", day, "Ramp"))
    for line in revision.delivery_lines.all():
        due = date(line.year, 12, 31)
        found.append(_line("delivery", f"{line.item.title}, {line.year}", line.units, "units", due, "Offer"))
    return sorted(found, key=lambda each: (each.due or date.max, each.kind, each.title))


def _milestones(revision: Revision) -> Iterable[Commitment]:
    for kind, title, day in (
        ("first_article", "First article", revision.first_article),
        ("start_of_production", "Start of production", revision.start_of_production),
    ):
        if day is not None:
            yield Commitment(
                kind=kind, title=title, value=day.isoformat(), unit="date", due=day, source="Plan"
            )


def _making(revision: Revision, full: date | None) -> Iterable[Commitment]:
    start = revision.start_of_production
    if revision.lead_time_days is not None:
        title = "Lead time, firm order to first shipment"
        yield _line("lead_time", title, revision.lead_time_days, "days", start, "Plan")
    score = getattr(revision, "score", None)
    if score is not None and score.domestic_low is not None:
        share = Decimal(score.domestic_low).quantize(Decimal("0.1"))
        yield _line("domestic_share", "Domestic content, at least", share, "%", start, "Bill of materials")
    for line in revision.jobs_lines.all():
        for name, words in (("new", "New jobs"), ("retained", "Jobs kept")):
            count = getattr(line, name)
            if count:
                yield _line(f"jobs_{name}", f"{words}, {line.state}", count, "jobs", full, "Jobs")


def _line(kind: str, title: str, value: Any, unit: str, due: date | None, source: str) -> Commitment:
    plain = f"{Decimal(value).normalize():f}"
    return Commitment(kind=kind, title=title, value=plain, unit=unit, due=due, source=source)


def quarter_end(period: str) -> date | None:
    """The last day of "2027Q3"; None for anything else."""
    year, quarter = period[:4], period[4:]
    if not (year.isdecimal() and quarter in ("Q1", "Q2", "Q3", "Q4")):
        return None
    month = 3 * int(quarter[1])
    after = date(int(year) + (month == 12), month % 12 + 1, 1)
    return after - timedelta(days=1)


# ---- as files ---------------------------------------------------------------------------------------------------


def table(found: Iterable[Promised]) -> Iterable[list[Any]]:
    """Heads, then a row for each commitment."""
    yield HEADS
    for each in found:
        letter = each.letter
        for said in each.commitments:
            yield [
                letter.proposal.number,
                letter.proposal.supplier.legal_name,
                letter.release.lot.code,
                said.title,
                said.value,
                said.unit,
                said.due.isoformat() if said.due else "",
                said.source,
            ]


def as_data(window: Window, found: Iterable[Promised]) -> dict[str, Any]:
    """The same for a program to read; dates and moments are ISO 8601, values are strings."""
    return {
        "format": FORMAT,
        "solicitation": {"number": window.solicitation.number, "title": window.solicitation.title},
        "window": window.number,
        "awards": [_award(each) for each in found],
    }


def _award(each: Promised) -> dict[str, Any]:
    letter = each.letter
    until, final = letter.release.standstill_until, getattr(letter, "final", None)
    return {
        "proposal": letter.proposal.number,
        "supplier": letter.proposal.supplier.legal_name,
        "lot": letter.release.lot.code,
        "awarded_at": letter.at.isoformat(),
        "standstill_until": until.isoformat() if until else None,
        "final_at": final.at.isoformat() if final else None,
        "commitments": [
            {**asdict(said), "due": said.due.isoformat() if said.due else None} for said in each.commitments
        ],
    }


def shown(said: Commitment) -> str:
    """The value as a page shows it: "12,000 units"; nothing beside a date that is the value."""
    if said.unit == "date":
        return ""
    return formats.with_unit(formats.number(said.value), said.unit)
