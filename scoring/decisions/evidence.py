"""The evidence beside a decision: what was asked, what was offered, and where to read the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.kit import formats
from portal.kit.compliance import Audience
from rfp.models import Finding, Requirement, Revision, Solicitation
from rfp.rules import RULEBOOK, certificates
from scoring.decisions.pending import Group
from scoring.methods.value import REQUIREMENT
from scoring.panel import names
from scoring.panel.access import Access, LotAccess
from scoring.ranking import inputs
from scoring.ranking.mark_models import AutomaticMark
from scoring.reading import answers as reading_answers
from scoring.reading import bom as reading_bom
from scoring.reading import company

Pairs = tuple[tuple[str, str], ...]
PART_WORDS = {
    "answers": "All answers",
    "documents": "Documents",
    "bom": "Bill of materials",
    "making": "Capacity and jobs",
    "offer": "Offer",
}
FOREIGN_LINES = 6


@dataclass(frozen=True, kw_only=True)
class ShownRule:
    """A rule in its own words."""

    code: str
    basis: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is shown beside the form about one proposal. `lines`: (part, origin, share) of the bill of materials."""

    supplier: str
    number: str
    received: Any
    revision: int
    says: str
    facts: Pairs
    lines: tuple[tuple[str, str, str], ...]
    files: tuple[tuple[str, int], ...]
    proposal: Any
    part: str

    @property
    def part_words(self) -> str:
        return PART_WORDS[self.part]


def rule_of(group: Group) -> ShownRule:
    """The rule of a group, or the criterion whose input is missing."""
    rule = RULES.get(group.code)
    if rule is None:
        return ShownRule(code=group.code, basis="Automatic criterion", words="")
    return ShownRule(code=rule.code, basis=rule.basis, words=rule.description)


RULES = {rule.code: rule for rule in RULEBOOK.rules}


def _part_of(code: str) -> str:
    """The part of the proposal that answers a rule; the offer where it is none of those that have a page."""
    part = RULES[code].answered_in if code in RULES else ""
    return part if part in PART_WORDS else "offer"


def rule_choices(solicitation: Solicitation) -> list[tuple[str, str]]:
    """(code, words) of everything that can wait for a decision: rules, then automatic criteria."""
    rules = [
        (rule.code, f"{rule.code} {rule.title}"[:40])
        for rule in RULEBOOK.rules
        if rule.audience is not Audience.CHAIR
    ]
    criteria = [
        (criterion.code, f"{criterion.code} {criterion.title}"[:40])
        for criterion in solicitation.criteria.all()
        if criterion.mode == criterion.Mode.AUTOMATIC
    ]
    return sorted(rules) + criteria


def evidence_for(
    item: Finding | AutomaticMark, access: Mapping[int, Access], *, named: bool = True
) -> Evidence:
    """The evidence on one finding or missing input. `item` comes from `pending.with_proposal`; `access` by window;
    `named`: the reader may know the supplier."""
    revision = item.assessment.revision if isinstance(item, Finding) else item.revision
    proposal = revision.proposal
    assert proposal.window_id is not None, "it is submitted"
    own = access[proposal.window_id].of(proposal.lot_id)
    if isinstance(item, Finding):
        says, part = item.message, _part_of(item.rule)
        facts, files = _answer_facts(revision, item.part, own, named=named) if part == "answers" else ((), ())
        if item.rule == certificates.validity.code and named:
            facts = _certificate_facts(revision)
        lines = _foreign_lines(revision, own) if part == "bom" else ()
    else:
        says, part, lines, files = what_is_missing(item), "answers", (), ()
        facts = _value_facts(item)
    return Evidence(
        supplier=revision.score.supplier_name,
        number=proposal.number,
        received=revision.received_at,
        revision=revision.number,
        says=says,
        facts=facts,
        lines=lines,
        files=files,
        proposal=proposal.pk,
        part=part,
    )


def _answer_facts(
    revision: Revision, code: str, access: LotAccess, *, named: bool
) -> tuple[Pairs, tuple[tuple[str, int], ...]]:
    """((label, value) of the requirement and its answer, (name, id) of its files)."""
    answers = reading_answers.answers_of(revision, price_open=access.price_open)
    answer = next((each for each in answers if each.code == code), None)
    if answer is None:
        return (), ()
    limits = _limits(answer.requirement)
    pairs = (
        (answer.code, answer.text),
        ("Required", limits),
        ("Answer", answer.value or ("In a table" if answer.rows else "None")),
        ("Requested evidence", answer.requirement.evidence),
    )
    if not named:
        names.name_neutrally(answer.files, revision.proposal)
    files = tuple((each.document.name, each.pk) for each in answer.files)
    return tuple((label, value) for label, value in pairs if value), files


def _certificate_facts(revision: Revision) -> Pairs:
    """(scheme and number, who issued it and until when) of the company's certificates as received."""
    return tuple(
        (
            f"{each.scheme} {each.number}".strip(),
            f"{each.certification_body or 'No issuer listed'}, until {formats.day(each.expires) or 'no date listed'}",
        )
        for each in company.company_of(revision).certificates
    )


def _limits(requirement: Requirement) -> str:
    def said(limit: str) -> str:
        return reading_answers.value_in_words(limit, requirement.data_type, requirement.unit)

    if requirement.minimum and requirement.maximum:
        return f"{said(requirement.minimum)} to {said(requirement.maximum)}"
    if requirement.minimum:
        return f"{said(requirement.minimum)} or more"
    if requirement.maximum:
        return f"{said(requirement.maximum)} or less"
    return ""


def _foreign_lines(revision: Revision, access: LotAccess) -> tuple[tuple[str, str, str], ...]:
    """The largest components that are not made in the United States, by their share of the cost."""
    bom = reading_bom.bom_of(revision, price_open=access.price_open)
    rows = [row for row in (bom.rows if bom else ()) if row.is_component and row.standing != "U.S."]
    rows.sort(key=lambda row: -Decimal(row.share.rstrip("%") or 0))
    return tuple(
        (f"{row.line} {row.part}", row.origin or "Unknown", row.share) for row in rows[:FOREIGN_LINES]
    )


# ---- missing inputs ---------------------------------------------------------------------------------------------


def what_is_missing(mark: AutomaticMark) -> str:
    """Which input an automatic mark lacks, in a sentence."""
    source = mark.trace.get("source", "")
    if source == REQUIREMENT:
        return f"{mark.trace.get('missing', 'The answer')} does not include a usable number."
    if source == "lead_time.pct_of_limit":
        return "The lead time, or the lot’s limit for it, is missing."
    code = source.partition(".")[0]
    rule = RULES.get(code)
    if rule is not None:
        return f"Rule {code} ({rule.title}) has no figure for this proposal."
    return "No answers feed this criterion."


def _value_facts(mark: AutomaticMark) -> Pairs:
    """(label, value): which answer is missing, and what gives full marks and none."""
    criterion, revision = mark.criterion, mark.revision
    pairs: list[tuple[str, str]] = []
    code = mark.trace.get("missing", "")
    if code:
        answers = {each.code: each for each in reading_answers.answers_of(revision, price_open=False)}
        if code in answers:
            pairs.append(("Missing", f"{code}: {answers[code].text}"))
            pairs.append(("Answer", answers[code].value or "None"))
    for label, limit in (("Full marks at", criterion.value_ideal), ("Zero points at", criterion.value_from)):
        if limit is not None:
            pairs.append((label, formats.with_unit(formats.number(limit), criterion.value_unit)))
    score = revision.score
    pairs.append(("Weight", formats.number(criterion.weight)))
    if score.technical_percent is not None and score.threshold_percent is not None:
        threshold = revision.proposal.lot.solicitation.technical_threshold
        pairs.append(
            (
                "If left out",
                f"Technical score {formats.percent(score.technical_percent)} with 0 points, "
                f"{formats.percent(score.threshold_percent)} with full marks. "
                f"The threshold is {formats.percent(threshold, None)}.",
            )
        )
    return tuple(pairs)


def gaps_in_words(revisions: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """revision id → which inputs are missing, a sentence each, where nothing stands in; one query."""
    found: dict[int, tuple[str, ...]] = {}
    for mark in inputs.missing_inputs(revisions):
        said = f"{mark.criterion.title}: {what_is_missing(mark)}"
        found[mark.revision_id] = (*found.get(mark.revision_id, ()), said)
    return found
