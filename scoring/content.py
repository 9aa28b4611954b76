"""What buyers read about one proposal: composed once, shown by the pages, the PDFs and the attached data.

Everything here is already what its reader may see: sealed figures are left out, not hidden later. Values are
formatted in Python, so that templates only place them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from portal import charts, formats
from portal.codec import load
from portal.compliance import Envelope, Outcome
from rfp.bom.costs import line_value, percent_of, roll_up, standing
from rfp.compliance import queries as compliance_queries
from rfp.facts import BomLineFacts
from rfp.models import COST_LABELS, Attachment, CostUse, Finding, Override, Proposal, Requirement, Revision
from rfp.proposals import revision_facts
from rfp.publishing import queries as publishing_queries
from scoring.models import Decision, RankedProposal, Score
from scoring.standings import LiveBlock
from suppliers.facts import SiteFacts, SupplierFacts
from suppliers.reference.countries import country_name

Pairs = tuple[tuple[str, str], ...]
MANUAL = "Reviewers"
MODE_WORDS = {
    "evaluator": MANUAL,
    "automatic": "Computed",
    "price": "Computed from price",
    "panel": "Panel mark",
    "zero": "Recorded zero",
}
STANDING_WORDS = {"us": "U.S.", "foreign": "Foreign", "unknown": "Unknown"}


# ---- the company ------------------------------------------------------------------------------------------------


def company_of(revision: Revision) -> SupplierFacts:
    """The supplier as it was when the revision was received; a later change of the profile does not reach it."""
    return load(SupplierFacts, revision.supplier_snapshot)


def final_site(revision: Revision, company: SupplierFacts) -> SiteFacts | None:
    """The site of final manufacture, as it was."""
    return company.site(str(revision.final_site_id)) if revision.final_site_id else None


def site_line(site: SiteFacts | None) -> str:
    """ "Toledo works, Toledo, OH 43604"."""
    if site is None:
        return ""
    place = ", ".join(part for part in (site.name, site.city, site.state) if part)
    return f"{place} {site.zip}".strip()


def company_facts(company: SupplierFacts) -> Pairs:
    """(label, value) of the company, blanks left out."""
    owners = "; ".join(
        f"{owner.name} ({country_name(owner.country)}"
        + (f", {formats.percent(owner.pct_equity, None)}" if owner.pct_equity is not None else "")
        + ")"
        for owner in company.owners
    )
    pairs = (
        ("Legal name", company.legal_name),
        ("Name in original script", company.native_name),
        ("Also known as", ", ".join(company.dbas)),
        ("Former names", ", ".join(company.former_names)),
        ("Country", country_name(company.country)),
        ("UEI", company.uei),
        ("CAGE code", company.cage),
        ("LEI", company.lei),
        ("NAICS", ", ".join(company.naics)),
        ("Sites", "; ".join(site_line(site) for site in company.sites)),
        ("Owners", owners),
        ("Officers", "; ".join(f"{o.name}, {o.title}" if o.title else o.name for o in company.officers)),
        ("Certificates", "; ".join(_certificate(c) for c in company.certificates)),
    )
    return tuple((label, value) for label, value in pairs if value)


def _certificate(certificate: Any) -> str:
    until = f", until {formats.day(certificate.expires, short=True)}" if certificate.expires else ""
    return f"{certificate.scheme} {certificate.number}".strip() + until


# ---- answers ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One requirement with its answer as people read it; `rows` for a table, its first being the heads.

    `is_sealed`: it belongs to the price envelope, which is closed; then it has no value.
    """

    requirement: Requirement
    code: str
    text: str
    value: str
    effect: str
    feeds: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    files: tuple[Attachment, ...] = ()
    is_sealed: bool = False


AnsweredBy = Requirement.AnsweredBy
ELSEWHERE = "See “Capacity and jobs”."


def answers_of(revision: Revision, *, price_open: bool) -> list[Answer]:
    """All applicable requirements with their answers, in order; five queries."""
    items = {item.pk for item in revision.items.all()}
    requirements = publishing_queries.applicable(
        publishing_queries.requirements_for(revision.proposal.lot), items
    )
    values = dict(revision.responses.values_list("requirement_id", "value"))
    files: dict[int | None, list[Attachment]] = {}
    for attachment in revision.attachments.select_related("document"):
        files.setdefault(attachment.requirement_id, []).append(attachment)
    sections = {
        AnsweredBy.SITE: site_line(final_site(revision, company_of(revision))),
        AnsweredBy.LEAD_TIME: formats.count_of(revision.lead_time_days, "day")
        if revision.lead_time_days is not None
        else "",
        AnsweredBy.START: formats.day(revision.start_of_production),
    }
    return [
        _answer(each, values.get(each.pk), files.get(each.pk, []), sections)
        if price_open or each.envelope == Envelope.TECHNICAL.value
        else _sealed_answer(each)
        for each in requirements
    ]


def _sealed_answer(requirement: Requirement) -> Answer:
    return Answer(
        requirement=requirement,
        code=requirement.code,
        text=requirement.text,
        value="",
        effect=requirement.effect,
        is_sealed=True,
    )


def _answer(
    requirement: Requirement, value: Any, files: Sequence[Attachment], sections: Mapping[Any, str]
) -> Answer:
    rows: tuple[tuple[str, ...], ...] = ()
    if requirement.answered_by != AnsweredBy.RESPONSE:
        text = sections.get(requirement.answered_by, ELSEWHERE)
    elif isinstance(value, list):
        rows, text = _table(requirement, value), ""
    else:
        text = value_in_words(value, requirement.data_type, requirement.unit)
    return Answer(
        requirement=requirement,
        code=requirement.code,
        text=requirement.text,
        value=text,
        effect=requirement.effect,
        feeds=requirement.feeds.code if requirement.feeds else "",
        rows=rows,
        files=tuple(files),
    )


def value_in_words(value: Any, data_type: str, unit: str = "") -> str:
    """A typed answer as people read it; empty when there is none."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if data_type == Requirement.DataType.DATE:
        return _date(str(value))
    if data_type in (Requirement.DataType.NUMBER, Requirement.DataType.INTEGER):
        return formats.with_unit(_number(value), unit)
    return str(value)


def _date(text: str) -> str:
    try:
        return formats.day(date.fromisoformat(text))
    except ValueError:
        return text


def _number(value: Any) -> str:
    try:
        return formats.number(value)
    except ValueError:
        return str(value)


def _table(requirement: Requirement, value: list[Any]) -> tuple[tuple[str, ...], ...]:
    if not value:
        return ()
    if isinstance(value[0], Mapping):
        heads = list(requirement.columns) or list(value[0])
        return (tuple(heads), *(tuple(str(row.get(head, "")) for head in heads) for row in value))
    rows = [tuple(str(cell) for cell in row) if isinstance(row, list) else (str(row),) for row in value]
    heads = list(requirement.columns)[: len(rows[0])]
    return (tuple(heads or [""] * len(rows[0])), *rows)


# ---- making it --------------------------------------------------------------------------------------------------


def capacity_facts(revision: Revision) -> Pairs:
    """(label, value) of the capacity sheet, blanks left out."""
    row = getattr(revision, "capacity", None)
    pairs: list[tuple[str, Any]] = []
    if row is not None:
        pairs = [
            ("Production lines", _number_or_blank(row.lines)),
            ("Shifts per day", _number_or_blank(row.shifts)),
            ("Hours per shift", _number_or_blank(row.hours_per_shift)),
            ("Working days per year", _number_or_blank(row.days_per_year)),
            ("Cycle time (seconds per unit, per line)", _number_or_blank(row.cycle_seconds)),
            ("Availability", formats.share(row.availability)),
            ("First-pass yield", formats.share(row.yield_rate)),
            ("Nameplate capacity (units per year)", _number_or_blank(row.nameplate_per_year)),
            ("Already committed (units per year)", _number_or_blank(row.committed_per_year)),
            ("Offered (units per year)", _number_or_blank(row.offered_per_year)),
        ]
    if revision.lead_time_days is not None:
        pairs.append(("Firm order to first shipment", formats.count_of(revision.lead_time_days, "day")))
    pairs += [
        ("First article", formats.day(revision.first_article)),
        ("Start of production", formats.day(revision.start_of_production)),
    ]
    return tuple((label, value) for label, value in pairs if value)


def _number_or_blank(value: Any) -> str:
    return formats.number(value)


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """A ramp chart and what it says."""

    drawing: charts.Chart
    says: str


def ramp_of(revision: Revision, *, height: float = 190, left: float = 12) -> Ramp | None:
    """Cumulative supply, opening stock included, against cumulative demand; None without a ramp."""
    rows = list(revision.ramp_periods.all())
    if not rows:
        return None
    supply = list(accumulate((row.capacity or 0 for row in rows), initial=revision.opening_stock or 0))[1:]
    demand = list(accumulate(row.demand or 0 for row in rows))
    periods = [
        charts.Period(f"{row.period[2:4]} {row.period[-2:]}", have, need)
        for row, have, need in zip(rows, supply, demand, strict=True)
    ]
    drawing = charts.ramp(periods, height=height, left=left)
    return Ramp(drawing=drawing, says=drawing.desc)


def jobs_of(revision: Revision) -> list[tuple[str, str, str]]:
    """(state, new places, kept places)."""
    return [
        (row.state, formats.number(row.new), formats.number(row.retained))
        for row in revision.jobs_lines.all()
    ]


def deliveries_of(revision: Revision) -> list[tuple[str, str, str]]:
    """(item, year, units)."""
    rows = revision.delivery_lines.select_related("item").order_by("item__code", "year")
    return [(f"{row.item.code} {row.item.title}", str(row.year), formats.number(row.units)) for row in rows]


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """A process step; `cost` is blank while the price envelope is closed."""

    name: str
    site: str
    country: str
    transforms: bool
    cost: str = ""


def steps_of(revision: Revision, *, price_open: bool) -> list[StepRow]:
    return [
        StepRow(
            name=step.name,
            site=step.site,
            country=step.country,
            transforms=step.is_transforming,
            cost=formats.money(step.conversion_cost) if price_open else "",
        )
        for step in revision.process_steps.all()
    ]


# ---- the bill of materials --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BomRow:
    """One line: its share of the cost of components in percent; dollars only once prices are open."""

    line: str
    part: str
    maker: str
    qty: str
    source: str
    origin: str
    standing: str
    share: str
    cost: str
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
        cost=formats.money(line_value(line), currency=line.currency) if price_open else "",
        is_component=is_component,
    )


# ---- prices -----------------------------------------------------------------------------------------------------


def prices_of(revision: Revision) -> list[tuple[str, str, str, str]]:
    """(item, year, units, price a unit). Call only when the price envelope is open."""
    units = {(line.item_id, line.year): line.units for line in revision.delivery_lines.all()}
    return [
        (
            f"{line.item.code} {line.item.title}",
            str(line.year),
            formats.number(units.get((line.item_id, line.year))),
            formats.money(line.unit_price),
        )
        for line in revision.price_lines.select_related("item").order_by("item__code", "year")
    ]


COST_WORDS = {"units": "Units × unit prices", **COST_LABELS}


def costs_of(revision: Revision) -> list[tuple[str, str, str]]:
    """(cost, amount, whether it counts) for the costs beside unit prices. Call only when the envelope is open."""
    uses = revision.proposal.lot.solicitation.cost_uses
    return [
        (
            COST_WORDS[cost],
            formats.money(getattr(revision, cost)) or "Not provided",
            "Counted in the price" if use == CostUse.COUNTED else "Shown, not counted",
        )
        for cost, use in uses.items()
    ]


# ---- the score and its trace ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """One criterion of a score, ready to be shown. `given`: (reviewer, anchor or "abstained")."""

    code: str
    title: str
    mode: str
    how: str
    weight: str
    mark: str
    points: str
    spread: str
    spread_state: str
    given: Pairs
    bar: charts.Chart
    is_price: bool


@dataclass(frozen=True, kw_only=True)
class ScoreCard:
    """A score with every line it is the sum of. `total` and price figures are blank until prices are open."""

    lines: tuple[ScoreLine, ...]
    technical: str
    technical_percent: str
    technical_weight: str
    total: str
    shown: str
    shown_of: str
    price_mark: str
    price_total: str
    price_parts: Pairs
    method: str
    rulebook: str
    marks_missing: int
    automatic_missing: int


def score_card(score: Score | None, *, reviewers: Mapping[str, str], price_open: bool) -> ScoreCard | None:
    """The card of a stored score. `reviewers` says how each evaluator key of the trace is called here."""
    if score is None:
        return None
    stored = [line for line in score.trace["lines"] if price_open or line["envelope"] == "technical"]
    weight = sum((Decimal(line["weight"]) for line in stored if line["envelope"] == "technical"), Decimal(0))
    has_total = price_open and score.total is not None
    return ScoreCard(
        lines=tuple(_score_line(line, reviewers) for line in stored),
        technical=formats.number(score.technical, 2),
        technical_percent=formats.percent(score.technical_percent),
        technical_weight=formats.number(weight),
        total=formats.number(score.total, 2) if has_total else "",
        shown=formats.number(score.total if has_total else score.technical, 2),
        shown_of="100" if has_total else formats.number(weight),
        price_mark=formats.number(score.price_mark, 1) if has_total else "",
        price_total=formats.money_short(score.price_total) if has_total else "",
        price_parts=tuple(
            (COST_WORDS.get(name, name), formats.money(Decimal(amount)))
            for name, amount in (score.trace.get("price", {}) if has_total else {}).items()
        ),
        method=score.trace["method"],
        rulebook=score.trace["rulebook"],
        marks_missing=score.marks_missing,
        automatic_missing=score.automatic_missing,
    )


def _score_line(line: Mapping[str, Any], reviewers: Mapping[str, str]) -> ScoreLine:
    given = [anchor for anchor in line["marks"].values() if anchor is not None]
    spread = Decimal(max(given) - min(given)) / 5 * 100 if len(given) > 1 else None
    mark = None if line["mark"] is None else Decimal(line["mark"])
    is_price = line["mode"] == "price"
    return ScoreLine(
        code=line["criterion"],
        title=line["title"],
        mode=line["mode"],
        how=MODE_WORDS[line["mode"]],
        weight=formats.number(line["weight"]),
        mark=formats.number(mark, 1),
        points=formats.number(line["points"], 2),
        spread=formats.percent(spread, 0),
        spread_state=spread_state(spread),
        given=tuple(
            (reviewers.get(key, key), "abstained" if anchor is None else str(anchor))
            for key, anchor in sorted(line["marks"].items())
        ),
        bar=charts.mark_slots([charts.Slot(line["title"], 1, mark, is_price)], height=9, title=line["title"]),
        is_price=is_price,
    )


def spread_state(spread: Decimal | None) -> str:
    """How far reviewers are apart: "" below 20 % of the scale, "open" to 50 %, "not" above."""
    if spread is None or spread < 20:
        return ""
    return "open" if spread <= 50 else "not"


def pseudonyms(keys: Iterable[str]) -> dict[str, str]:
    """Evaluator key → "Reviewer 1" and so on, in the order of the seats."""
    ordered = sorted(set(keys), key=lambda key: int(key[1:]))
    return {key: f"Reviewer {number}" for number, key in enumerate(ordered, start=1)}


def evaluators_in(scores: Iterable[Score | None]) -> set[str]:
    """Every evaluator key that the traces name."""
    return {key for score in scores if score for line in score.trace["lines"] for key in line["marks"]}


# ---- the attached data ------------------------------------------------------------------------------------------


def score_data(
    score: Score | None, *, reviewers: Mapping[str, str], price_open: bool
) -> dict[str, Any] | None:
    """A score as data: exact figures as text, reviewers by their pseudonyms."""
    if score is None:
        return None
    lines = [
        {**line, "marks": {reviewers.get(key, key): anchor for key, anchor in sorted(line["marks"].items())}}
        for line in score.trace["lines"]
        if price_open or line["envelope"] == "technical"
    ]
    data: dict[str, Any] = {
        "method": score.trace["method"],
        "rulebook": score.trace["rulebook"],
        "lines": lines,
        "technical": str(score.technical),
        "technical_percent": str(score.technical_percent),
    }
    if price_open and score.total is not None:
        data |= {
            "price_parts": score.trace.get("price", {}),
            "total_before": None if score.total_before is None else str(score.total_before),
            "price_mark": None if score.price_mark is None else str(score.price_mark),
            "price_total": None if score.price_total is None else str(score.price_total),
            "total": str(score.total),
        }
    return data


def finding_data(finding: Any) -> dict[str, Any]:
    """A finding as data, with the decisions on it."""
    return {
        "rule": finding.rule,
        "part": finding.part,
        "title": finding.title,
        "outcome": finding.outcome,
        "effect": finding.effect,
        "message": finding.message,
        "basis": finding.basis,
        "numbers": finding.numbers,
        "decisions": [
            {"outcome": override.outcome, "reason": override.reason, "at": override.at.isoformat()}
            for override in finding.overrides.all()
        ],
    }


def row_data(row: RankedProposal, *, price_open: bool) -> dict[str, Any]:
    """A row of a ranking as data."""
    data: dict[str, Any] = {
        "position": row.position,
        "rank": row.rank,
        "rank_before": row.rank_before,
        "shared": row.shared,
        "standing": row.standing,
        "tie_step": row.tie_step,
        "technical": None if row.technical is None else str(row.technical),
    }
    if price_open:
        data |= {
            "score": None if row.score is None else str(row.score),
            "price_mark": None if row.price_mark is None else str(row.price_mark),
            "price_total": None if row.price_total is None else str(row.price_total),
        }
    return data


def proposal_data(proposal: Proposal, revision: Revision) -> dict[str, Any]:
    """Which proposal this is about."""
    return {
        "proposal": proposal.number,
        "revision": revision.number,
        "received_at": revision.received_at.isoformat() if revision.received_at else None,
        "lot": proposal.lot.code,
        "supplier": company_of(revision).legal_name,
        "title": revision.title,
    }


@dataclass(frozen=True, kw_only=True)
class Method:
    """The published method, in words and as data."""

    words: Pairs
    data: dict[str, Any] = field(default_factory=dict)


def method_of(solicitation: Any, criteria: Sequence[Any]) -> Method:
    """Criteria, weights, scale, threshold, price formula and tie chain of an RFP."""
    scale = ", ".join(f"{anchor} = {mark}" for anchor, mark in sorted(solicitation.anchor_map.items()))
    return Method(
        words=(
            ("Marks", f"Anchors 0 to 5 ({scale}). We use the average of all marks."),
            (
                "Threshold",
                f"{formats.percent(solicitation.technical_threshold, None)} of technical points",
            ),
            ("Price basis", solicitation.counted_costs.capitalize()),
            (
                "Price",
                "Reference total ÷ offered total, up to 100. The reference covers the offered units.",
            ),
            ("Rank", "Within the lot"),
            (
                "Ties",
                "Technical score, then lower price, then earlier receipt. Otherwise the rank is shared.",
            ),
        ),
        data={
            "criteria": [
                {
                    "code": criterion.code,
                    "title": criterion.title,
                    "weight": str(criterion.weight),
                    "mode": criterion.mode,
                    "envelope": criterion.envelope,
                }
                for criterion in criteria
            ],
            "anchor_map": solicitation.anchor_map,
            "technical_threshold_percent": str(solicitation.technical_threshold),
            "aggregate": "mean",
            "price_method": "fixed_reference 1",
            "price_basis": [
                "units",
                *(c for c, use in solicitation.cost_uses.items() if use == CostUse.COUNTED),
            ],
            "ranks": "within the lot",
            "tie_chain": ["technical", "price", "received_at"],
        },
    )


# ---- rows of a ranking ------------------------------------------------------------------------------------------

DECISION_STATES = {
    Decision.Verdict.SHORTLISTED: "met",
    Decision.Verdict.ELIMINATED: "not",
    Decision.Verdict.UNDECIDED: "todo",
}
FLAG_WORDS = {
    "not_met": ("open", "Knock-out to decide"),
    "referred": ("open", "A person decides"),
    "unanswered": ("open", "Question not answered"),
    "mark_missing": ("open", "Input missing"),
}
BLOCK_STATES = {"confirmed": "not", "hold": "hit", "suspended": "not", "expired": "open"}


def blocks_in_words(blocks: Iterable[LiveBlock], *, in_full: bool) -> Pairs:
    """(state, words) of what stops a proposal as of now."""
    return tuple((BLOCK_STATES[each.block.kind], each.words(in_full=in_full)) for each in blocks)


def flags_of(row: Any, blocks: Iterable[LiveBlock], *, in_full: bool) -> Pairs:
    """(state, words) of all that a reader must know before trusting the place, live standing first."""
    return blocks_in_words(blocks, in_full=in_full) + tuple(
        FLAG_WORDS.get(flag, ("open", flag)) for flag in row.flags
    )


STANDING_STATES = {
    RankedProposal.Standing.RANKED: "met",
    RankedProposal.Standing.KNOCKED_OUT: "not",
    RankedProposal.Standing.BELOW_THRESHOLD: "not",
    RankedProposal.Standing.NOT_SCORED: "todo",
}


@dataclass(frozen=True, kw_only=True)
class RankRow:
    """One row of a ranking, every value as text; `rank` is the one in its lot, `price` is blank until prices are open.

    `rank_before` and `score_before`: with marks that were taken out after prices opened; blank where none were.
    """

    pk: Any
    rank: str
    shared: str
    supplier: str
    number: str
    place: str
    lot: str
    score: str
    technical: str
    slots: Slots
    spread: str
    spread_state: str
    price: str
    domestic: str
    flags: Pairs
    price_open: bool
    rank_before: str
    score_before: str
    standing: str
    standing_state: str
    decision: str
    decision_state: str
    reason: str


def rank_row(
    row: Any,
    decision: Decision | None,
    *,
    price_open: bool,
    blocks: Iterable[LiveBlock] = (),
    in_full: bool = False,
) -> RankRow:
    """A stored row, or its values by name, as its readers see it. `blocks`: what stops the proposal as of now."""
    standing = RankedProposal.Standing(row.standing)
    verdict = Decision.Verdict(decision.verdict) if decision else Decision.Verdict.UNDECIDED
    return RankRow(
        pk=str(row.proposal_id),
        rank=str(row.rank) if row.rank is not None else "",
        shared="Tied after all tie-breakers" if row.shared else "",
        supplier=row.supplier_name,
        number=row.proposal_number,
        place=row.place,
        lot=row.lot_code,
        score=formats.number(row.score if price_open else row.technical, 2),
        technical=formats.number(row.technical, 2),
        slots=slots_of(row.marks, price_open=price_open),
        spread=formats.percent(row.spread, 0),
        spread_state=spread_state(row.spread),
        price=formats.money_short(row.price_total) if price_open else "",
        domestic=domestic_range(row.domestic_low, row.domestic_high),
        flags=flags_of(row, blocks, in_full=in_full),
        price_open=price_open,
        rank_before=str(row.rank_before) if row.rank_before is not None else "",
        score_before=formats.number(row.score_before, 2) if price_open else "",
        standing="" if standing is RankedProposal.Standing.RANKED else str(standing.label),
        standing_state=STANDING_STATES[standing],
        decision=str(verdict.label),
        decision_state=DECISION_STATES[verdict],
        reason=decision.reason if decision else "",
    )


@dataclass(frozen=True, slots=True)
class Slots:
    """A mark bar as four paths in a box 100 wide and 18 high: hundreds of bars stand on a page, so each is short.

    The slots are those of `charts.mark_slots`: as wide as the weight, filled to the mark, price in gray.
    """

    track: str
    fill: str
    fill_2: str
    price: str
    words: str


def slots_of(marks: Iterable[Sequence[Any]], *, price_open: bool) -> Slots:
    """The bar of a row's stored marks: (criterion, weight, mark, mode)."""
    shown = [each for each in marks if price_open or each[3] != "price"]
    places, track = _places(tuple((str(weight), mode) for _code, weight, _mark, mode in shown))
    fills: tuple[list[str], list[str], list[str]] = ([], [], [])
    words: list[str] = []
    for (code, _weight, mark, _mode), (start, inner, kind) in zip(shown, places, strict=True):
        if mark is None:
            words.append(f"{code} no mark")
            continue
        value = float(mark)
        words.append(f"{code} {value:.0f}")
        filled = inner * min(max(value, 0), 100) / 100
        if filled > 0:
            fills[kind].append(f"{start}h{filled:.1f}v18h-{filled:.1f}z")
    fill, fill_2, price = ("".join(each) for each in fills)
    return Slots(track, fill, fill_2, price, ", ".join(words))


@lru_cache(maxsize=256)
def _places(weights: tuple[tuple[str, str], ...]) -> tuple[tuple[tuple[str, float, int], ...], str]:
    """((where a slot starts, its width, which of the three fills it belongs to) of each (weight, mode), all tracks).

    A window's rows share them.
    """
    whole = sum(float(weight) for weight, _mode in weights) or 1.0
    places, track, x = [], [], 0.0
    for index, (weight, mode) in enumerate(weights):
        width = float(weight) / whole * 100
        inner = max(width - 0.5, 0.1)
        track.append(f"M{x:.1f} 0h{inner:.1f}v18h-{inner:.1f}z")
        places.append((f"M{x:.1f} 0", inner, 2 if mode == "price" else index % 2))
        x += width
    return tuple(places), "".join(track)


def domestic_range(low: Decimal | None, high: Decimal | None) -> str:
    """ "68.0%", or "61.0–68.0%" where origins are unknown."""
    if low is None:
        return ""
    if high is None or formats.number(high, 1) == formats.number(low, 1):
        return formats.percent(low)
    return f"{formats.number(low, 1)}–{formats.percent(high)}"


# ---- findings ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ShownFinding:
    """A finding with the decision on it in words."""

    finding: Finding
    outcome: str
    decided: str
    reason: str
    verb: str = ""

    @property
    def decided_words(self) -> str:
        """ "Kept in by Name, Mar 9, 2028: reason", blank when nobody decided."""
        if not self.decided:
            return ""
        return f"{self.verb} by {self.decided}: {self.reason}"

    @property
    def is_settled_well(self) -> bool:
        return self.outcome in ("met", "not_applicable")


def shown_finding(finding: Finding, *, zone: ZoneInfo) -> ShownFinding:
    """The outcome that stands, who decided and why; the day is the RFP's."""
    overrides = list(finding.overrides.all())
    last = overrides[-1] if overrides else None
    return ShownFinding(
        finding=finding,
        outcome=compliance_queries.standing_outcome(finding).value,
        decided=f"{last.by.name}, {formats.day(last.at.astimezone(zone).date(), short=True)}" if last else "",
        reason=last.reason if last else "",
        verb=_verb(last) if last else "",
    )


def _verb(override: Override) -> str:
    if override.outcome == Outcome.NOT_MET.value:
        return "Knocked out"
    return "Kept in" if override.exception else "Finding overridden"
