"""The compliance job's work: facts → rules → one stored assessment."""

from __future__ import annotations

import os
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction

from portal import clock, compliance
from portal.codec import canonical, load
from portal.compliance import Finding as RuleFinding
from rfp import queries
from rfp.facts import ProposalFacts
from rfp.models import Assessment, Finding, MakersScreened, Override, Revision, Solicitation, Window
from rfp.rules import RULEBOOK
from rfp.signals import proposal_assessed
from suppliers import assessment as supplier_assessment
from suppliers import profiles
from suppliers.facts import ScreeningFacts, SupplierFacts


def assess(revision: Revision) -> Assessment:
    """Run the rulebook on a received revision and store what it found.

    The same input gives the row that is already there, so a redelivered task never stores anything twice.
    `revision` comes from `queries.revision_for_facts`.
    """
    started_at = clock.wall_time()
    facts, lists = frozen_facts(revision)
    solicitation = revision.proposal.lot.solicitation
    params = params_of(solicitation)
    on = assessment_date(revision)
    input_hash = compliance.input_hash(RULEBOOK, facts, params, on, lists)
    found = compliance.assess(RULEBOOK.rules, facts, params, on=on)
    with transaction.atomic():
        assessment, is_new = Assessment.objects.get_or_create(
            revision=revision,
            rulebook=RULEBOOK.version,
            input_hash=input_hash,
            defaults={
                "params": compliance.params_to_json(params),
                "lists": lists,
                "on": on,
                "started_at": started_at,
                "finished_at": clock.wall_time(),
                "worker_pid": os.getpid(),
            },
        )
        if is_new:
            Finding.objects.bulk_create([Finding(assessment=assessment, **stored(each)) for each in found])
            _carry_decisions(assessment)
        transaction.on_commit(
            partial(proposal_assessed.send_robust, sender=Assessment, revision_id=revision.pk)
        )
    return assessment


def _carry_decisions(assessment: Assessment) -> None:
    """What people decided about a finding stands while the finding is the same, whatever made the rules run again."""
    before = assessment.revision.assessments.exclude(pk=assessment.pk).order_by("-id").first()
    if before is None:
        return
    decided = {
        _what_was_decided(finding): finding.overrides.all()
        for finding in before.findings.filter(overrides__isnull=False)
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


def pre_check(revision: Revision, *, on: date, window: Window | None) -> tuple[RuleFinding, ...]:
    """The same rules on a draft, for its supplier's eyes: nothing is stored and nothing is screened."""
    supplier = profiles.supplier_facts(revision.proposal.supplier)
    facts = queries.facts_about(revision, supplier=supplier, screening=ScreeningFacts(), window=window)
    found = compliance.assess(RULEBOOK.rules, facts, params_of(revision.proposal.lot.solicitation), on=on)
    return tuple(each for each in found if each.audience is compliance.Audience.SUPPLIER)


def frozen_facts(revision: Revision) -> tuple[ProposalFacts, dict[str, str]]:
    """(facts of a received revision with its frozen supplier, list source → snapshot id).

    The revision may be sealed: what it names is compared with the lists, and raises no alert. See `screen_makers`.
    """
    supplier = load(SupplierFacts, revision.supplier_snapshot)
    screening = supplier_assessment.compare(revision.proposal.supplier_id, supplier, extra=_makers(revision))
    facts = queries.facts_about(
        revision, supplier=supplier, screening=screening, window=revision.proposal.window
    )
    return facts, {each.source: each.snapshot for each in screening.lists}


def screen_makers(revision: Revision) -> bool:
    """Raise the alerts about an opened proposal: the makers in its bill of materials, and the frozen profile. Whether
    it is opened; of a sealed one nothing is stored. Doing it twice raises nothing twice.
    """
    proposal = revision.proposal
    if not queries.opened_proposals().filter(pk=proposal.pk, current_revision=revision.pk).exists():
        return False
    supplier_assessment.screen(
        proposal.supplier_id,
        load(SupplierFacts, revision.supplier_snapshot),
        extra=_makers(revision),
        proposal=proposal.number,
    )
    MakersScreened.objects.get_or_create(revision=revision, defaults={"at": clock.wall_time()})
    return True


def _makers(revision: Revision) -> tuple[tuple[str, str], ...]:
    return tuple(("manufacturer", name) for name in sorted(queries.makers_on_bom(revision)))


def params_of(solicitation: Solicitation) -> dict[str, Any]:
    """The rulebook's parameters with what the RFP changed."""
    return compliance.params_from_json(RULEBOOK, solicitation.rule_params)


def assessment_date(revision: Revision) -> date:
    """The day of receipt where the RFP is."""
    assert revision.received_at is not None, "only a received revision has an assessment date"
    return revision.received_at.astimezone(revision.proposal.lot.solicitation.zone).date()


def stored(finding: RuleFinding) -> dict[str, Any]:
    """A rule's finding as the columns of a row."""
    return {
        "rule": finding.rule,
        "part": finding.part,
        "title": finding.title,
        "outcome": finding.outcome.value,
        "effect": finding.effect.value,
        "audience": finding.audience.value,
        "envelope": finding.envelope.value,
        "message": finding.message,
        "fix": finding.fix,
        "basis": finding.basis,
        "legal_effect": finding.legal_effect,
        "numbers": dict(finding.numbers),
    }
