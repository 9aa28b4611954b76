"""The worker's side of qualification: facts → rules → a stored run → where the standing goes by rule."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.kit import clock, compliance, parameters
from portal.kit.codec import CodecError, canonical, dump, load
from portal.kit.compliance import Finding, Outcome
from portal.kit.formats import day
from portal.letters import notices
from portal.models import User
from portal.record import audit
from suppliers.company import profiles
from suppliers.company.models import Membership, Supplier
from suppliers.facts import CommodityFacts, QualificationFacts, ScreeningFacts, SupplierFacts
from suppliers.qualification.judging import (
    FindingKey,
    Judged,
    Standing,
    StandingPolicy,
    finding_key,
    judge,
    next_change,
    standing,
)
from suppliers.qualification.models import (
    Commodity,
    FindingOverride,
    Qualification,
    QualificationAssessment,
    QualificationFinding,
    QualificationStep,
    RuleSettings,
    Waiver,
)
from suppliers.rules import QUALIFICATION
from suppliers.screening import screen

Status = Qualification.Status
# Where the settings keep the policy, beside the rules' own parameters.
POLICY = "standing"


@dataclass(frozen=True)
class InForce:
    """The rules' parameters and the policy of one version of the settings; version 0 is what is built in."""

    version: int
    params: Mapping[str, Any]
    policy: StandingPolicy


def settings_in_force() -> InForce:
    row = RuleSettings.objects.filter(in_force_at__isnull=False).order_by("-version").first()
    return read_settings(row.params, version=row.version) if row else read_settings({}, version=0)


def read_settings(data: Mapping[str, Any], *, version: int) -> InForce:
    """Stored settings over the built-in ones. Raises ParamsError for what does not exist or does not fit."""
    rules = {code: settings for code, settings in data.items() if code != POLICY}
    try:
        policy = load(StandingPolicy, {**dump(StandingPolicy()), **data.get(POLICY, {})})
    except CodecError as error:
        raise parameters.ParamsError(f"{POLICY}: {error}") from error
    return InForce(version, parameters.params_from_json(QUALIFICATION, rules), policy)


def insane(settings: InForce) -> dict[tuple[str, str], str]:
    """(rule's code, setting) → why its value is none to work with."""
    return parameters.problems({POLICY: settings.policy, **settings.params})


def assess_supplier(supplier_id: int, *, on: date | None = None) -> None:
    """Screen one supplier's profile and bring every standing of it up to date. The same input a second time changes
    nothing.
    """
    # Before anything is read: what changes from here on was not looked at.
    read_at = clock.wall_time()
    supplier = Supplier.objects.get(pk=supplier_id)
    # Also without a standing: an alert must not tell, by when it comes, that somebody proposes.
    screening = screen.screen(supplier_id, profiles.supplier_facts(supplier))
    rows = list(supplier.qualifications.select_related("commodity", "region").order_by("pk"))
    if not rows:
        return
    on = on or clock.wall_time().date()
    facts = profiles.with_ein(profiles.supplier_facts(supplier), supplier)
    in_force = settings_in_force()
    for row in rows:
        _assess(row, facts, screening, in_force, on, read_at)


def facts_for(row: Qualification, supplier: SupplierFacts, screening: ScreeningFacts) -> QualificationFacts:
    return QualificationFacts(
        supplier=supplier,
        commodity=_commodity_facts(row.commodity),
        region=row.region.title,
        states=tuple(row.region.states),
        screening=screening,
    )


def _commodity_facts(commodity: Commodity) -> CommodityFacts:
    return CommodityFacts(
        code=commodity.code,
        title=commodity.title,
        keywords=tuple(commodity.keywords),
        naics=tuple(commodity.naics),
        schemes=tuple(commodity.schemes),
    )


def _assess(
    row: Qualification,
    supplier: SupplierFacts,
    screening: ScreeningFacts,
    in_force: InForce,
    on: date,
    read_at: datetime,
) -> None:
    facts = facts_for(row, supplier, screening)
    found = compliance.assess(QUALIFICATION.rules, facts, in_force.params, on=on)
    with transaction.atomic():
        locked = Qualification.objects.select_for_update(of=("self",)).select_related("supplier")
        row = locked.select_related("commodity", "region", "supplier", "latest", "approved").get(pk=row.pk)
        if row.checked_at is not None and row.checked_at > read_at:
            return  # somebody who read later was faster
        row.latest = _stored(row, facts, found, in_force, on, read_at)
        row.checked_on, row.checked_at = on, read_at
        row.save(update_fields=["latest", "checked_on", "checked_at"])
        _settle(row, facts, found, in_force, on)


def _stored(
    row: Qualification,
    facts: QualificationFacts,
    found: tuple[Finding, ...],
    in_force: InForce,
    on: date,
    started_at: datetime,
) -> QualificationAssessment:
    """The newest run when it found the same under the same rules, else a new one."""
    latest = row.latest
    if latest is not None and _same(latest, found, in_force):
        return latest
    lists = {each.source: each.snapshot for each in facts.screening.lists}
    run, is_new = QualificationAssessment.objects.get_or_create(
        qualification=row,
        rulebook=QUALIFICATION.version,
        input_hash=compliance.input_hash(QUALIFICATION, facts, in_force.params, on, lists),
        defaults={
            "params": parameters.params_to_json(in_force.params),
            "settings_version": in_force.version,
            "lists": lists,
            "on": on,
            "facts": canonical(dump(facts)),
            "started_at": started_at,
            "finished_at": clock.wall_time(),
            "worker_pid": os.getpid(),
        },
    )
    if is_new:
        QualificationFinding.objects.bulk_create(
            QualificationFinding(assessment=run, **dump(each)) for each in found
        )
    return run


def _same(latest: QualificationAssessment, found: tuple[Finding, ...], in_force: InForce) -> bool:
    return (
        latest.rulebook == QUALIFICATION.version
        and latest.params == parameters.params_to_json(in_force.params)
        and [stored.as_finding() for stored in latest.findings.all()] == list(found)
    )


def facts_of(run: QualificationAssessment) -> QualificationFacts:
    """What a stored run read."""
    return load(QualificationFacts, json.loads(run.facts))


def judged(row: Qualification, found: Iterable[Finding], *, on: date) -> tuple[Judged, ...]:
    """The findings with people's words and waivers applied; two queries."""
    return judge(tuple(found), waived=waived_rules(row, on=on), overrides=overrides_of(row))


def waived_rules(row: Qualification, *, on: date) -> frozenset[str]:
    """The rules this standing is exempted from on that day."""
    rows = _waivers_of(row).filter(until__gte=on, withdrawn_at=None)
    return frozenset(rows.values_list("rule", flat=True))


def _waivers_of(row: Qualification) -> QuerySet[Waiver]:
    """Every waiver that covers this standing, ended ones too."""
    return Waiver.objects.filter(
        Q(supplier=None) | Q(supplier=row.supplier_id), Q(commodity=None) | Q(commodity=row.commodity_id)
    )


def overrides_of(row: Qualification) -> dict[FindingKey, Outcome]:
    """The latest word on each finding. A word holds for later runs while the finding says the same."""
    said = FindingOverride.objects.filter(qualification=row).order_by("id").select_related("finding")
    return {said_of(each): Outcome(each.outcome) for each in said}


def said_of(word: FindingOverride) -> FindingKey:
    """The finding that a word is about; its finding is read with it."""
    return (word.rule, word.part, word.finding.outcome, word.said)


def accepted_keys(row: Qualification, *, on: date) -> frozenset[FindingKey]:
    """What the approval knew: the findings of the run it rests on, without those of rules whose waiver has ended
    since; two queries.
    """
    if row.approved is None:
        return frozenset()
    ended = _waivers_of(row).filter(Q(until__lt=on) | Q(withdrawn_at__isnull=False))
    return known_keys(row.approved.findings.all(), ended=frozenset(ended.values_list("rule", flat=True)))


def known_keys(rows: Iterable[QualificationFinding], *, ended: Collection[str]) -> frozenset[FindingKey]:
    """What an approval that rests on these findings knew; not those of rules whose waiver has `ended` since."""
    return frozenset(finding_key(each.as_finding()) for each in rows if each.rule not in ended)


def standing_of(
    row: Qualification, facts: QualificationFacts, found: Iterable[Finding], policy: StandingPolicy, on: date
) -> Standing:
    assert facts.commodity is not None
    return standing(
        judged(row, found, on=on),
        supplier=facts.supplier,
        commodity=facts.commodity,
        screening=facts.screening,
        policy=policy,
        on=on,
    )


def _settle(
    row: Qualification,
    facts: QualificationFacts,
    found: tuple[Finding, ...],
    in_force: InForce,
    on: date,
) -> None:
    """Let the rules change the status until they have nothing more to change: expired may become pending, and
    pending qualified, in one go.
    """
    state = standing_of(row, facts, found, in_force.policy, on)
    for _ in range(3):
        change = next_change(
            row.status,
            state,
            until=row.valid_until,
            accepted=accepted_keys(row, on=on),
            policy=in_force.policy,
            on=on,
        )
        if change is None:
            return
        move(
            row,
            Status(change.status),
            reason=change.reason,
            told=change.told,
            until=change.until,
            by=None,
            at=clock.wall_time(),
            on=on,
        )


def move(
    row: Qualification,
    after: Qualification.Status,
    *,
    reason: str,
    told: str,
    by: User | None,
    at: datetime,
    on: date,
    until: date | None = None,
) -> QualificationStep:
    """Write one step of a standing: the row, its history, the audit, and a letter to the owners if they are told.

    The caller holds the row's lock. `until` is the new last day of a qualified standing.
    """
    before = row.status
    if after == Status.QUALIFIED:
        _approve(row, before, on=on, until=until)
    row.status, row.changed_at = after, at
    row.save(update_fields=["status", "changed_at", "valid_from", "valid_until", "approved"])
    step = QualificationStep.objects.create(
        qualification=row,
        before=before,
        after=after,
        reason=reason,
        told=told,
        by=by,
        at=at,
        assessment=row.latest,
    )
    audit.record(
        "qualification.moved",
        row,
        by=by,
        at=at,
        before=before,
        after=str(after),
        until=row.valid_until.isoformat() if row.valid_until and after == Status.QUALIFIED else None,
    )
    if told:
        _tell(row, step)
    return step


def _approve(row: Qualification, before: str, *, on: date, until: date | None) -> None:
    was_held = before in Qualification.HELD
    if before != Status.QUALIFIED and not was_held:
        row.valid_from = on
    row.valid_until = until
    # The end of a hold approves nothing: what was known before is what is known.
    if not was_held:
        row.approved = row.latest


def _tell(row: Qualification, step: QualificationStep) -> None:
    owners = User.objects.filter(
        memberships__supplier=row.supplier_id, memberships__level=Membership.Level.OWNER, is_active=True
    )
    words = {
        Status.QUALIFIED: "is qualified",
        Status.NOT_QUALIFIED: "is not qualified",
        Status.SUSPENDED: "is suspended",
        Status.EXPIRED: "has expired",
        Status.PENDING: "is pending approval",
        Status.IN_PROGRESS: "needs your attention",
    }
    said = words.get(Status(step.after), "has changed")
    what = f"{row.commodity.title}, {row.region.title}"
    until = (
        f" It is valid until {day(row.valid_until)}."
        if row.valid_until and step.after == Status.QUALIFIED
        else ""
    )
    notices.post(
        owners,
        key=f"standing:{step.pk}",
        subject=f"{row.supplier.legal_name}: qualification {said}",
        body=f"The qualification for {what} {said}.{until}\n\n{step.told}\n\n"
        "See all findings and what to do under “Qualifications”.\n",
        at=step.at,
    )
