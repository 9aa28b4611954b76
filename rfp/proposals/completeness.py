"""How much of a draft is there, section by section, and what still stands in the way of submitting it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rfp.proposals import queries, reconfirming
from rfp.proposals.models import Revision
from rfp.publishing.models import COST_LABELS, CostUse, Solicitation
from rfp.publishing.question_models import Criterion, Requirement


@dataclass(frozen=True)
class Gap:
    """Something not given yet. `field` is the id of the field in its section; a `blocking` gap stops submission."""

    text: str
    field: str
    blocking: bool = False


@dataclass(frozen=True)
class Section:
    """One section of a proposal: `done` of `total` parts are there."""

    key: str
    title: str
    done: int
    total: int
    gaps: tuple[Gap, ...]

    @property
    def is_complete(self) -> bool:
        return self.done == self.total

    @property
    def blocking(self) -> tuple[Gap, ...]:
        return tuple(gap for gap in self.gaps if gap.blocking)


def sections_of(revision: Revision) -> list[Section]:
    """The sections of a draft in the order of its form. `revision` comes from `queries.revision_for_facts`."""
    lot = revision.proposal.lot
    requirements = queries.asked_in(revision)
    criteria = [each for each in lot.solicitation.criteria.all() if each.mode == Criterion.Mode.EVALUATOR]
    found = [
        *_changed(revision),
        _product(revision),
        _answers(revision, requirements),
        _statements(revision, criteria),
        _bom(revision),
        _capacity(revision),
        _jobs(revision),
        _documents(revision, requirements),
        _price(revision),
        _attestation(revision),
    ]
    return [each for each in found if is_asked(lot.solicitation, each.key)]


def is_asked(solicitation: Solicitation, key: str) -> bool:
    """Whether a draft has this section. The delivery plan is there as long as something is priced."""
    if key == "capacity":
        return solicitation.asks_for("capacity") or solicitation.asks_for("price")
    return solicitation.asks_for(key)


def blocking_gaps(sections: Iterable[Section]) -> list[tuple[Section, Gap]]:
    """What must be given before the draft can be submitted."""
    return [(section, gap) for section in sections for gap in section.blocking]


def _section(key: str, title: str, parts: Iterable[tuple[Any, Gap]]) -> Section:
    """Parts are (what is there, the gap if it is not). Zero and False are answers; None and blank are not."""
    listed = list(parts)
    gaps = tuple(gap for value, gap in listed if value is None or value in ("", [], ()))
    return Section(key, title, len(listed) - len(gaps), len(listed), gaps)


def _changed(revision: Revision) -> list[Section]:
    """What an addendum asked again, while there is such a thing; before everything else."""
    again = reconfirming.asked_again(revision)
    if not again:
        return []
    parts = [
        (
            each.is_confirmed or None,
            Gap(
                f"Reconfirm {each.requirement.code}",
                f"requirement-{each.requirement.question}",
                blocking=True,
            ),
        )
        for each in again
    ]
    return [_section("reconfirm", "Changed questions", parts)]


def _product(revision: Revision) -> Section:
    made = revision.proposal.lot.solicitation.asks_for("making")
    site = (revision.final_site_id, Gap("Choose the final manufacturing site", "final_site", blocking=True))
    steps = (list(revision.process_steps.all()), Gap("List the manufacturing steps", "steps"))
    return _section(
        "product",
        "Product and site" if made else "Your offer",
        [
            (revision.title, Gap("Name your product" if made else "Name your offer", "title", blocking=True)),
            (list(revision.items.all()), Gap("Choose what you offer", "items", blocking=True)),
            *([site] if made else ()),
            (revision.summary, Gap("Summarize your offer", "summary")),
            *([steps] if made else ()),
        ],
    )


def _answers(revision: Revision, requirements: list[Requirement]) -> Section:
    answers = {response.requirement_id: response.value for response in revision.responses.all()}
    asked = [
        r
        for r in requirements
        if r.answered_by == Requirement.AnsweredBy.RESPONSE and r.data_type != Requirement.DataType.FILE
    ]
    return _section(
        "answers",
        "Answers",
        [(answers.get(r.pk), Gap(f"Answer {r.code}", f"requirement-{r.question}")) for r in asked],
    )


def _statements(revision: Revision, criteria: Iterable[Criterion]) -> Section:
    written = {s.criterion_id: s.text for s in revision.statements.all()}
    return _section(
        "statements",
        "In your words",
        [(written.get(c.pk), Gap(f"Write about “{c.title}”", f"criterion-{c.pk}")) for c in criteria],
    )


def _bom(revision: Revision) -> Section:
    return _section(
        "bom",
        "Bill of materials",
        [
            (
                getattr(revision, "has_bom", None) or None,
                Gap("Add your bill of materials (some marks depend on it)", "bom"),
            )
        ],
    )


def _capacity(revision: Revision) -> Section:
    plan = (
        list(revision.delivery_lines.all()),
        Gap("Add your delivery plan by year", "deliveries", blocking=True),
    )
    if not revision.proposal.lot.solicitation.asks_for("capacity"):
        return _section("capacity", "Delivery plan", [plan])
    capacity = getattr(revision, "capacity", None)
    fields = (
        ("lines", "Production lines"),
        ("shifts", "Shifts per day"),
        ("hours_per_shift", "Hours per shift"),
        ("days_per_year", "Working days per year"),
        ("cycle_seconds", "Cycle time"),
        ("availability", "Availability"),
        ("yield_rate", "First-pass yield"),
        ("committed_per_year", "Units already committed"),
        ("offered_per_year", "Units offered"),
    )
    return _section(
        "capacity",
        "Capacity and ramp",
        [
            *((getattr(capacity, name, None), Gap(f"Enter {label.lower()}", name)) for name, label in fields),
            plan,
            (list(revision.ramp_periods.all()), Gap("Add your ramp by quarter", "ramp")),
            (revision.lead_time_days, Gap("Enter your lead time", "lead_time_days")),
            (revision.start_of_production, Gap("Enter the start of production", "start_of_production")),
        ],
    )


def _jobs(revision: Revision) -> Section:
    return _section(
        "jobs",
        "Jobs and investment",
        [
            (list(revision.jobs_lines.all()), Gap("Add jobs by state", "jobs")),
            (revision.capex_musd, Gap("Enter the investment", "capex_musd")),
        ],
    )


def _documents(revision: Revision, requirements: list[Requirement]) -> Section:
    sent = {attachment.requirement_id for attachment in revision.attachments.all()}
    wanted = [r for r in requirements if r.data_type == Requirement.DataType.FILE or r.evidence_required]
    return _section(
        "documents",
        "Documents",
        [(r.pk in sent or None, Gap(f"Attach: {r.text}", f"requirement-{r.question}")) for r in wanted],
    )


def _price(revision: Revision) -> Section:
    priced = {(line.item_id, line.year) for line in revision.price_lines.all()}
    offered = [(line.item_id, line.year) for line in revision.delivery_lines.all() if line.units]
    codes = {item.pk: item.code for item in revision.items.all()}
    return _section(
        "price",
        "Price",
        _unit_prices(priced, offered, codes) + _counted_costs(revision),
    )


def _unit_prices(
    priced: set[tuple[int, int]], offered: list[tuple[int, int]], codes: dict[int, str]
) -> list[tuple[Any, Gap]]:
    if not offered:
        return [(list(priced), Gap("Enter your prices", "prices", blocking=True))]
    return [
        (
            (pair in priced) or None,
            Gap(f"Price {codes.get(pair[0], 'the item')} for {pair[1]}", "prices", blocking=True),
        )
        for pair in offered
    ]


def _counted_costs(revision: Revision) -> list[tuple[Any, Gap]]:
    """A cost that counts in the price has to be there, be it 0."""
    return [
        (
            getattr(revision, cost),
            Gap(f"Enter {COST_LABELS[cost].lower()}, or 0 if there is none", cost, blocking=True),
        )
        for cost, use in revision.proposal.lot.solicitation.cost_uses.items()
        if use == CostUse.COUNTED
    ]


def _attestation(revision: Revision) -> Section:
    return _section(
        "attestation",
        "Attestation",
        [(revision.attested_at, Gap("Sign the attestation", "signer_name", blocking=True))],
    )
