"""The compliance job's work: facts → rules → one stored assessment."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, QuerySet

from portal.kit import clock, compliance, parameters
from portal.kit.codec import canonical, dump, load
from portal.kit.compliance import Finding as RuleFinding
from rfp.compliance.models import Assessment, Finding, MakersScreened, Override, PreCheck
from rfp.facts import BomLineFacts, ProposalFacts
from rfp.proposals import queries as proposals_queries
from rfp.proposals import reconfirming, revision_facts
from rfp.proposals.models import Revision
from rfp.publishing import queries as publishing_queries
from rfp.publishing.asked_words import rules_of
from rfp.publishing.models import Solicitation, Window
from rfp.rules import RULEBOOK
from rfp.rules.chosen import changed
from rfp.signals import proposal_assessed
from suppliers.company import profiles
from suppliers.facts import ScreeningFacts, SupplierFacts
from suppliers.screening import screen as supplier_assessment


def assess(revision: Revision) -> Assessment:
    """Run the rulebook on a received revision and store what it found.

    The same input gives the row that is already there, so a redelivered task never stores anything twice.
    `revision` comes from `queries.revision_for_facts`.
    """
    started_at = clock.wall_time()
    facts, lists = frozen_facts(revision, at=started_at)
    solicitation = revision.proposal.lot.solicitation
    params = params_of(solicitation)
    on = assessment_date(revision)
    input_hash = compliance.input_hash(RULEBOOK, facts, params, on, lists, uses_of(solicitation))
    found = compliance.assess(rules_of(solicitation), facts, params, on=on)
    known = Assessment.objects.filter(revision=revision, rulebook=RULEBOOK.version, input_hash=input_hash)
    assessment = known.first()
    if assessment is None:
        new = Assessment(
            revision=revision,
            rulebook=RULEBOOK.version,
            input_hash=input_hash,
            params=parameters.params_to_json(params),
            lists=lists,
            on=on,
            started_at=started_at,
            finished_at=clock.wall_time(),
            worker_pid=os.getpid(),
        )
        # Two workers at once: the second stores nothing and takes what the first has stored.
        assessment = _store(new, found) or known.get()
    transaction.on_commit(
        partial(proposal_assessed.send_robust, sender=Assessment, revision_id=revision.pk, revision=revision)
    )
    return assessment


def _store(assessment: Assessment, found: Iterable[RuleFinding]) -> Assessment | None:
    """The stored assessment with its findings, or None where another worker was first."""
    try:
        with transaction.atomic():
            assessment.save(force_insert=True)
            Finding.objects.bulk_create([Finding(assessment=assessment, **dump(each)) for each in found])
            _carry_decisions(assessment)
    except IntegrityError:
        return None
    return assessment


def _carry_decisions(assessment: Assessment) -> None:
    """What people decided about a finding stands while the finding is the same, whatever made the rules run again."""
    before = _assessed_before(assessment).exclude(pk=assessment.pk).order_by("-id").values("id")[:1]
    decided = {
        _what_was_decided(finding): finding.overrides.all()
        for finding in Finding.objects.filter(assessment=before, overrides__isnull=False)
        .prefetch_related("overrides")
        .distinct()
    }
    Override.objects.bulk_create(
        Override(
            finding=finding,
            outcome=each.outcome,
            exception=each.exception,
            reason=each.reason,
            by_id=each.by_id,
            at=each.at,
        )
        for finding in (assessment.findings.all() if decided else ())
        for each in decided.get(_what_was_decided(finding), ())
    )


def _assessed_before(assessment: Assessment) -> QuerySet[Assessment]:
    """Of the same revision; or, the first time, of the one that it repeats with what was missing."""
    revision = assessment.revision
    own = Assessment.objects.filter(revision=revision)
    if revision.counts_from is None or own.exclude(pk=assessment.pk).exists():
        return own
    earlier = Revision.objects.filter(
        proposal=revision.proposal_id, received_at__isnull=False, number__lt=revision.number
    )
    return Assessment.objects.filter(revision=earlier.order_by("-number").values("pk")[:1])


def _what_was_decided(finding: Finding) -> tuple[str, ...]:
    """All that a person read of a finding: where one word differs, it is decided anew."""
    return (
        finding.rule,
        finding.part,
        finding.outcome,
        finding.effect,
        finding.message,
        canonical(finding.numbers),
    )


# From so many lines on, the rules take longer than a page may: what they found is kept until something changes.
MANY_LINES = 1000


def pre_check(revision: Revision, *, on: date, window: Window | None) -> tuple[RuleFinding, ...]:
    """The same rules on a draft, for its supplier's eyes: nothing is screened."""
    lines = revision.bom_lines.aggregate(count=Count("pk"), newest=Max("pk"))
    if lines["count"] < MANY_LINES:
        return _checked(revision, revision_facts.bom_facts(revision), on=on, window=window)
    key = _key_of(revision, lines, on=on, window=window)
    kept = PreCheck.objects.filter(revision=revision, key=key).first()
    if kept is not None:
        return tuple(load(RuleFinding, each) for each in kept.findings)
    found = _checked(revision, revision_facts.bom_facts(revision), on=on, window=window)
    PreCheck.objects.update_or_create(
        revision=revision, defaults={"key": key, "findings": [dump(each) for each in found]}
    )
    return found


def _key_of(revision: Revision, lines: dict[str, Any], *, on: date, window: Window | None) -> str:
    """SHA-256 (hex) of all that decides a draft's pre-check. Stored lines are never changed, only replaced by newer
    ones, so their number and the newest stand for them."""
    facts = _draft_facts(revision, (), window=window)
    solicitation = revision.proposal.lot.solicitation
    params = params_of(solicitation)
    stands_for = {**{name: str(value) for name, value in lines.items()}, "saved": str(revision.saved_at)}
    return compliance.input_hash(RULEBOOK, facts, params, on, stands_for, uses_of(solicitation))


def _checked(
    revision: Revision, lines: tuple[BomLineFacts, ...], *, on: date, window: Window | None
) -> tuple[RuleFinding, ...]:
    facts = _draft_facts(revision, lines, window=window)
    solicitation = revision.proposal.lot.solicitation
    found = compliance.assess(rules_of(solicitation), facts, params_of(solicitation), on=on)
    return tuple(each for each in found if each.audience is compliance.Audience.SUPPLIER)


def _draft_facts(
    revision: Revision, lines: tuple[BomLineFacts, ...], *, window: Window | None
) -> ProposalFacts:
    supplier = profiles.supplier_facts(revision.proposal.supplier)
    return revision_facts.facts_about(
        revision, supplier=supplier, screening=ScreeningFacts(), window=window, lines=lines
    )


def pre_check_ahead(revision: Revision) -> None:
    """Work out what the submit page of a draft with very many lines will show."""
    solicitation = revision.proposal.lot.solicitation
    now = clock.wall_time()
    window = revision.proposal.window or publishing_queries.open_window(solicitation, now=now)
    pre_check(revision, on=now.astimezone(solicitation.zone).date(), window=window)


def frozen_facts(revision: Revision, *, at: datetime) -> tuple[ProposalFacts, dict[str, str]]:
    """(facts of a received revision with its frozen supplier, list source → snapshot id) as of now, `at`.

    The revision may be sealed: what it names is compared with the lists, and raises no alert. See `screen_makers`.
    """
    supplier = load(SupplierFacts, revision.supplier_snapshot)
    lines = revision_facts.bom_facts(revision)
    makers = {line.manufacturer for line in lines if line.manufacturer}
    screening = supplier_assessment.compare(
        revision.proposal.supplier_id, supplier, extra=_in_role(makers), at=at
    )
    window = revision.proposal.window
    is_over = window is not None and window.closes_at <= at
    facts = revision_facts.facts_about(
        revision,
        supplier=supplier,
        screening=screening,
        window=window,
        lines=lines,
        missed=[each.requirement for each in reconfirming.waiting(revision)] if is_over else (),
    )
    return facts, {each.source: each.snapshot for each in screening.lists}


def screen_makers(revision: Revision) -> bool:
    """Raise the alerts about an opened proposal: the makers in its bill of materials, and the frozen profile. Whether
    it is opened; of a sealed one nothing is stored. Doing it twice raises nothing twice.
    """
    proposal = revision.proposal
    if not proposals_queries.opened_proposals().filter(pk=proposal.pk, current_revision=revision.pk).exists():
        return False
    supplier_assessment.screen(
        proposal.supplier_id,
        load(SupplierFacts, revision.supplier_snapshot),
        extra=_in_role(revision_facts.makers_on_bom(revision)),
        proposal=proposal.number,
    )
    MakersScreened.objects.get_or_create(revision=revision, defaults={"at": clock.wall_time()})
    return True


def _in_role(makers: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple(("manufacturer", name) for name in sorted(makers))


def uses_of(solicitation: Solicitation) -> dict[str, str]:
    """Rule → what the RFP does with it, where that is not what is built in."""
    return changed(RULEBOOK.rules, solicitation.sections_off, solicitation.rule_uses)


def params_of(solicitation: Solicitation) -> dict[str, Any]:
    """The rulebook's parameters with what the RFP changed."""
    return parameters.params_from_json(RULEBOOK, solicitation.rule_params)


def assessment_date(revision: Revision) -> date:
    """The day of receipt where the RFP is."""
    assert revision.in_time_at is not None, "only a received revision has an assessment date"
    return revision.in_time_at.astimezone(revision.proposal.lot.solicitation.zone).date()
