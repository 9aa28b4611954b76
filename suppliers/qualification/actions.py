"""A supplier's standing: begun and asked for by the supplier, decided by officers, finding by finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from portal.frame.jobs import enqueue_on_commit
from portal.kit.compliance import Outcome
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from suppliers.company import profiles
from suppliers.company import queries as company_queries
from suppliers.company.models import Supplier
from suppliers.qualification import qualifying, tasks
from suppliers.qualification import queries as qualification_queries
from suppliers.qualification.judging import finding_key
from suppliers.qualification.models import (
    Commodity,
    FindingOverride,
    Qualification,
    QualificationFinding,
    QualificationStep,
    Region,
)
from suppliers.rules import QUALIFICATION
from suppliers.screening import queries as screening_queries

Status = Qualification.Status


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing an officer may do with a standing: from where, to where, and its words."""

    code: str
    label: str
    done: str
    before: frozenset[Status]
    after: Status


ACTS = {
    act.code: act
    for act in (
        Act(
            code="approve",
            label="Approve",
            done="The supplier is qualified.",
            before=frozenset((Status.PENDING, Status.NOT_QUALIFIED)),
            after=Status.QUALIFIED,
        ),
        Act(
            code="refuse",
            label="Do not qualify",
            done="The supplier is not qualified.",
            before=frozenset((Status.PENDING, *Qualification.HELD, Status.QUALIFIED, Status.EXPIRED)),
            after=Status.NOT_QUALIFIED,
        ),
        Act(
            code="return",
            label="Send back",
            done="Sent back to the supplier.",
            before=frozenset((Status.PENDING,)),
            after=Status.IN_PROGRESS,
        ),
        Act(
            code="suspend",
            label="Suspend",
            done="The qualification is suspended.",
            before=frozenset((Status.QUALIFIED, *Qualification.HELD)),
            after=Status.SUSPENDED,
        ),
        Act(
            code="reinstate",
            label="Reinstate",
            done="The qualification is valid again.",
            before=frozenset((Status.SUSPENDED,)),
            after=Status.QUALIFIED,
        ),
    )
}


def begin_qualification(
    supplier: Supplier, commodity: Commodity, region: Region, *, by: User, at: datetime
) -> Qualification:
    """Start towards a qualification; one that was begun is given back. Raises Refused for who may not change."""
    with transaction.atomic():
        if not company_queries.suppliers_changeable_by(by).filter(pk=supplier.pk).exists():
            raise Refused("Your account can view this company’s profile but not change it.")
        row, is_new = Qualification.objects.get_or_create(
            supplier=supplier,
            commodity=commodity,
            region=region,
            defaults={"started_at": at, "changed_at": at},
        )
        if is_new:
            QualificationStep.objects.create(
                qualification=row,
                after=Status.IN_PROGRESS,
                reason="Started by the supplier.",
                told="Begun.",
                by=by,
                at=at,
            )
            audit.record("qualification.begun", row, by=by, at=at)
            enqueue_on_commit(tasks.assess_supplier, supplier.pk)
        return row


def ask_for_approval(row: Qualification, *, by: User, at: datetime) -> Qualification:
    """Hand the profile in. Only owners may; a mandatory section that is empty is named. Raises Refused."""
    with transaction.atomic():
        row = _locked(row)
        if not company_queries.may_attest(by, row.supplier):
            raise Refused("Only an owner of the account can submit for review.")
        if row.status not in (Status.IN_PROGRESS, Status.NOT_QUALIFIED, Status.EXPIRED):
            raise Refused("The buyer is already reviewing this qualification.")
        if gaps := missing_sections(row.supplier):
            raise Refused(f"Still to complete: {', '.join(gaps)}.")
        qualifying.move(
            row,
            Status.PENDING,
            reason="Submitted by the supplier.",
            told="Submitted for review.",
            by=by,
            at=at,
            on=at.date(),
        )
        enqueue_on_commit(tasks.assess_supplier, row.supplier_id)
        return row


def missing_sections(supplier: Supplier) -> list[str]:
    """What must be there before a person looks: names of the sections that hold nothing."""
    rows = {
        "industry codes": bool(supplier.naics),
        "sites": supplier.sites.exists(),
        "owners": supplier.owners.exists(),
        "officers": supplier.officers.exists(),
        "signed statements": supplier.attestations.exists(),
    }
    return [name for name, is_there in rows.items() if not is_there]


def act_on_standing(
    row: Qualification,
    act: str,
    *,
    reason: str,
    told: str,
    by: User,
    at: datetime,
    until: date | None = None,
    seen: str | None = None,
) -> Qualification:
    """An officer approves, refuses, sends back, suspends or reinstates. Raises Refused, and names what stands in
    the way: an open alert, a knock-out that nobody set aside, papers that have ended, a missing reason.

    `seen` is the standing's `stamp` as the officer read it, None when nothing was shown; one that changed since is
    refused.
    """
    with transaction.atomic():
        row = _locked(row)
        doing = ACTS[act]
        if not company_queries.is_officer(by):
            raise Refused("Only officers can decide qualifications.")
        if not reason.strip():
            raise Refused("Enter a reason.")
        if row.status not in doing.before:
            raise Refused(f"The qualification is now “{row.get_status_display()}”. Review it again.")
        if seen is not None and seen != row.stamp:
            raise Refused("The findings have changed since you opened this page. Review them again.")
        on = at.date()
        last = _last_day(row, until, on) if doing.after == Status.QUALIFIED else None
        if doing.code == "reinstate" and until is None and last is not None and row.valid_until is not None:
            # What is given back is what was taken, not a term of its own; a date says otherwise.
            if row.valid_until < on:
                raise Refused("Its last day has passed. Enter a new last day.")
            last = min(last, row.valid_until)
        qualifying.move(
            row, doing.after, reason=reason.strip(), told=told.strip(), by=by, at=at, on=on, until=last
        )
        return row


def _last_day(row: Qualification, until: date | None, on: date) -> date:
    """The last day of a qualification given today, when nothing stands in its way."""
    if row.latest is None or qualification_queries.standings_to_look_at().filter(pk=row.pk).exists():
        raise Refused("Something changed since the last check. Try again in a minute.")
    # A run that found the same is not stored again: its hits are those of today, its profile may be older.
    known = qualifying.facts_of(row.latest)
    supplier = profiles.with_ein(profiles.supplier_facts(row.supplier), row.supplier)
    facts = qualifying.facts_for(row, supplier, known.screening)
    found = [each.as_finding() for each in row.latest.findings.all()]
    in_force = qualifying.settings_in_force()
    state = qualifying.standing_of(row, facts, found, in_force.policy, on)
    if state.held or _has_open_alert(row):
        raise Refused("A screening alert is open or confirmed. Decide it first.")
    if state.excluding:
        rules = ", ".join(sorted({each.finding.rule for each in state.excluding}))
        raise Refused(
            f"These knock-outs are open: {rules}. Override each one with a reason, or do not qualify."
        )
    if state.until < on:
        raise Refused("A required certificate has expired.")
    if until is not None and not on <= until <= state.until:
        raise Refused(f"The last day must be between today and {state.until.isoformat()}.")
    return until or state.until


def _has_open_alert(row: Qualification) -> bool:
    """An alert about the profile that was raised, or confirmed, since the last run counts too."""
    return screening_queries.blocking_alerts().filter(supplier=row.supplier_id).exists()


def _locked(row: Qualification) -> Qualification:
    rows = Qualification.objects.select_for_update(of=("self",))
    return rows.select_related("supplier", "commodity", "region", "latest", "approved").get(pk=row.pk)


def override_finding(
    finding: QualificationFinding, *, outcome: Outcome, reason: str, by: User, at: datetime
) -> FindingOverride:
    """Set a finding aside, or confirm it, by name and with a reason. Raises Refused.

    Screening findings follow the decisions on their alerts, so nobody sets aside what a confirmed match means.
    """
    _must_be_open_to(by, finding, reason)
    with transaction.atomic():
        row = _locked(finding.assessment.qualification)
        key = finding_key(finding.as_finding())
        now = row.latest.findings.all() if row.latest is not None else ()
        if key not in {finding_key(each.as_finding()) for each in now}:
            raise Refused("The findings have changed. Review the qualification again.")
        word = FindingOverride.objects.create(
            finding=finding,
            qualification=row,
            rule=finding.rule,
            part=finding.part,
            said=key[3],
            outcome=outcome.value,
            reason=reason.strip(),
            by=by,
            at=at,
        )
        audit.record(
            "qualification.overridden",
            row,
            by=by,
            at=at,
            rule=finding.rule,
            part=finding.part,
            outcome=outcome.value,
        )
        enqueue_on_commit(tasks.assess_supplier, row.supplier_id)
        return word


def _must_be_open_to(by: User, finding: QualificationFinding, reason: str) -> None:
    if not company_queries.is_officer(by):
        raise Refused("Only officers can decide findings.")
    if not reason.strip():
        raise Refused("Enter a reason.")
    if finding.outcome not in (Outcome.NOT_MET, Outcome.REFER):
        raise Refused("This finding has nothing to decide.")
    if finding.rule in QUALIFICATION.never_waived:
        raise Refused("Decide screening on the alert, with its evidence.")
