"""What the pages about standings show, prepared for a reader: nothing above the reader's audience is in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse

from portal.kit import clock
from portal.kit.compliance import Audience, Outcome, may_read
from suppliers.company import namesakes
from suppliers.company.forms.kinds import KINDS
from suppliers.company.models import Supplier
from suppliers.company.pages import Gap
from suppliers.company.profile_models import Certificate, InsurancePolicy
from suppliers.qualification import qualifying, queries
from suppliers.qualification.judging import Judged, finding_key
from suppliers.qualification.models import (
    FindingOverride,
    Qualification,
    QualificationFinding,
    QualificationStep,
    Waiver,
)
from suppliers.rules import QUALIFICATION


@dataclass(frozen=True)
class Line:
    """One standing in a list: the word for it, whether it counts now, how many findings want something after
    people's words and waivers, how many of those were known when it was given, and why it does not count.
    """

    row: Qualification
    status: str
    holds: bool
    not_met: int
    referred: int
    known: int
    why: str = ""


@dataclass(frozen=True)
class Shown:
    """A stored finding as a reader sees it; `outcome` is what counts after people's words and waivers."""

    pk: int
    rule: str
    part: str
    title: str
    outcome: str
    effect: str
    message: str
    fix: str
    basis: str
    legal_effect: str
    more: str = ""
    may_decide: bool = False
    is_known: bool = False  # the approval knew and accepted it
    where: str = ""  # for the supplier: the section of the profile that answers it, and its address
    where_url: str = ""


# How long changed names are under review in their supplier's eyes.
LOOKED_AT_FOR = timedelta(days=1)


def standings(rows: QuerySet[Qualification], *, audience: Audience, sees_holds: bool) -> list[Line]:
    """The standings with their counts; the same number of queries for one and for many."""
    today = clock.wall_time().date()
    days = qualifying.settings_in_force().policy.renewal_days
    adverse = QualificationFinding.objects.filter(outcome__in=(Outcome.NOT_MET.value, Outcome.REFER.value))
    prefetched = queries.with_checked(rows).prefetch_related(
        Prefetch("latest__findings", queryset=adverse, to_attr="adverse"),
        Prefetch("approved__findings", queryset=adverse, to_attr="adverse"),
        Prefetch("overrides", queryset=FindingOverride.objects.select_related("finding").order_by("id")),
        Prefetch("steps", queryset=QualificationStep.objects.select_related("by").order_by("id")),
    )
    found = list(prefetched)
    ours = Q(supplier=None) | Q(supplier__in={row.supplier_id for row in found})
    waivers = list(Waiver.objects.filter(ours))
    return [_line(row, waivers, audience, sees_holds=sees_holds, today=today, days=days) for row in found]


def _line(
    row: Qualification,
    waivers: Iterable[Waiver],
    audience: Audience,
    *,
    sees_holds: bool,
    today: date,
    days: int,
) -> Line:
    stored = [
        each for each in getattr(row.latest, "adverse", ()) if may_read(audience, Audience(each.audience))
    ]
    mine = [
        each
        for each in waivers
        if each.supplier_id in (None, row.supplier_id) and each.commodity_id in (None, row.commodity_id)
    ]
    holding = {each.rule for each in mine if each.withdrawn_at is None and each.until >= today}
    said = {qualifying.said_of(each): Outcome(each.outcome) for each in row.overrides.all()}
    judged = qualifying.judge(
        [each.as_finding() for each in stored], waived=frozenset(holding), overrides=said
    )
    # What the approval knew is no longer anybody's task.
    ended = {each.rule for each in mine} - holding
    accepted = qualifying.known_keys(getattr(row.approved, "adverse", ()), ended=ended)
    adverse = [each for each in judged if each.is_adverse]
    new = [each for each in adverse if finding_key(each.finding) not in accepted]
    status = _status(row, row.steps.all(), audience, sees_holds=sees_holds, today=today, days=days)
    holds = status in ("qualified", "expiring")
    return Line(
        row=row,
        status=status,
        holds=holds,
        not_met=sum(each.outcome is Outcome.NOT_MET for each in new),
        referred=sum(each.outcome is Outcome.REFER for each in new),
        known=len(adverse) - len(new),
        why=""
        if holds or status in ("review", "checking")
        else _last_words(row, audience, sees_holds=sees_holds),
    )


def _status(
    row: Qualification,
    steps: Iterable[QualificationStep],
    audience: Audience,
    *,
    sees_holds: bool,
    today: date,
    days: int,
) -> str:
    """The word for a standing. To its supplier one that holds is under review for a day after each change of what is
    screened, whatever was found: otherwise names could be tried out against the lists, one a minute. A hold that
    came and went in that day shortens it by nothing.
    """
    if audience is Audience.SUPPLIER and row.status == Qualification.Status.QUALIFIED:
        changed = row.supplier.names_changed_at
        moved = max((each.at for each in steps if not _is_of_a_hold(each)), default=row.started_at)
        if changed is not None and changed > moved and clock.wall_time() - changed < LOOKED_AT_FOR:
            return "review"
    # Its supplier reads "under review" for a day instead, whatever the rules have read by then.
    is_checked = audience is Audience.SUPPLIER or cast(Any, row).is_checked
    return queries.shown_status(
        row, on=today, renewal_days=days, sees_holds=sees_holds, is_checked=is_checked
    )


def _last_words(row: Qualification, audience: Audience, *, sees_holds: bool) -> str:
    """Why the standing is where it is, in the reader's words."""
    read = [each for each in row.steps.all() if _may_read_step(each, audience)]
    return _step(read[-1], audience, sees_holds=sees_holds).words if read else ""


def standing(row: Qualification, *, audience: Audience, sees_holds: bool) -> dict[str, Any]:
    """Everything a page about one standing needs; a fixed number of queries."""
    today = clock.wall_time().date()
    policy = qualifying.settings_in_force().policy
    if audience is not Audience.SUPPLIER:
        vars(row)["is_checked"] = not queries.standings_to_look_at().filter(pk=row.pk).exists()
    steps = list(row.steps.select_related("by"))
    return {
        "standing": row,
        "status": _status(row, steps, audience, sees_holds=sees_holds, today=today, days=policy.renewal_days),
        "findings": _findings(row, audience, today),
        "steps": [
            _step(each, audience, sees_holds=sees_holds) for each in steps if _may_read_step(each, audience)
        ],
        "ever_qualified": row.valid_from is not None,
    }


def _findings(row: Qualification, audience: Audience, today: date) -> list[Shown]:
    if row.latest is None:
        return []
    stored = [each for each in row.latest.findings.all() if may_read(audience, Audience(each.audience))]
    waived = qualifying.waived_rules(row, on=today)
    words = {
        qualifying.said_of(each): each
        for each in row.overrides.select_related("finding", "by").order_by("id")
    }
    judged = qualifying.judge(
        [each.as_finding() for each in stored],
        waived=waived,
        overrides={key: Outcome(word.outcome) for key, word in words.items()},
    )
    known = qualifying.accepted_keys(row, on=today)
    return [
        _shown(
            each,
            found,
            words.get(finding_key(found.finding)),
            audience,
            is_known=found.is_adverse and finding_key(found.finding) in known,
        )
        for each, found in zip(stored, judged, strict=True)
    ]


def _shown(
    row: QualificationFinding,
    found: Judged,
    word: FindingOverride | None,
    audience: Audience,
    *,
    is_known: bool,
) -> Shown:
    said = ""
    if word is not None:
        verb = "Overridden" if word.outcome == Outcome.MET.value else "Confirmed"
        said = (
            f"{verb} by {word.by}: {word.reason}"
            if audience is not Audience.SUPPLIER
            else f"{verb} by a person"
        )
    elif found.waived:
        said = "Waived"
    elif is_known:
        said = "Known when the qualification was approved"
    return Shown(
        pk=row.pk,
        rule=row.rule,
        part=row.part,
        title=row.title,
        outcome=found.outcome.value,
        effect=row.effect,
        message=row.message,
        fix=row.fix,
        basis=row.basis,
        legal_effect=row.legal_effect,
        more=said,
        is_known=is_known,
        may_decide=row.outcome in (Outcome.NOT_MET.value, Outcome.REFER.value) and may_be_set_aside(row.rule),
        **(_where(row, found) if audience is Audience.SUPPLIER else {}),
    )


def may_be_set_aside(rule: str) -> bool:
    """Whether a person's word on the finding counts: screening is decided as alerts."""
    return rule not in QUALIFICATION.never_waived


SECTIONS = {kind.slug: kind.many for kind in KINDS.values()} | {
    "identity": "Identity",
    "statements": "Statements",
}
# Rule → its section of the profile: slug and words. A rule that names another one stops the portal from starting.
ANSWERED_IN = {
    rule.code: (rule.answered_in, SECTIONS[rule.answered_in])
    for rule in QUALIFICATION.rules
    if rule.answered_in
}


def _where(row: QualificationFinding, found: Judged) -> dict[str, str]:
    """The section to go to, for a finding that asks for something."""
    slug, name = ANSWERED_IN.get(row.rule, ("", ""))
    if not slug or not found.is_adverse:
        return {}
    supplier = row.assessment.qualification.supplier_id
    if slug == "statements":
        return {"where": name, "where_url": reverse("suppliers:statements", args=[supplier])}
    address = reverse("suppliers:company_overview", args=[supplier])
    return {"where": name, "where_url": f"{address}#{slug}"}


@dataclass(frozen=True)
class Step:
    """One entry of the history in the reader's words."""

    status: str
    words: str
    who: str
    at: Any


def _is_of_a_hold(step: QualificationStep) -> bool:
    return step.before in Qualification.HELD or step.after in Qualification.HELD


def _may_read_step(step: QualificationStep, audience: Audience) -> bool:
    """A supplier reads what it was told; a hold and its end are nobody's but the officers'."""
    hold = _is_of_a_hold(step)
    if audience is Audience.SUPPLIER:
        return bool(step.told) and not (hold and step.after in Qualification.HELD)
    return audience is Audience.CHAIR or not hold or bool(step.told)


def _step(step: QualificationStep, audience: Audience, *, sees_holds: bool) -> Step:
    status = step.after
    if not sees_holds and status in queries.UNDER_REVIEW:
        status = "review"
    words = step.reason if audience is Audience.CHAIR else step.told
    who = "The rules" if step.by is None else str(step.by)
    if audience is Audience.SUPPLIER and step.by is not None and not step.by.is_supplier:
        who = "The buyer"
    return Step(status=status, words=words, who=who, at=step.at)


@dataclass(frozen=True)
class Ending:
    """Something of a supplier that ends on a day."""

    what: str
    ends: date
    has_ended: bool


def endings(supplier: Supplier, *, most: int = 6) -> list[Ending]:
    """What ends next, the soonest first; what was replaced by a later one is left out."""
    today = clock.wall_time().date()
    found = [
        (f"{row.scheme} certificate {row.number}", row.expires)
        for row in queries.certificates_that_end(Certificate.objects.filter(supplier=supplier))
    ]
    found += [
        (f"{policy.get_kind_display()} policy", policy.expires)
        for policy in queries.policies_that_end(InsurancePolicy.objects.filter(supplier=supplier))
    ]
    if supplier.sam_expiry:
        found.append(("SAM.gov registration", supplier.sam_expiry))
    ends = sorted(found, key=lambda pair: pair[1])
    return [Ending(what, day, day < today) for what, day in ends[:most]]


def remind_words() -> str:
    """The days before an end on which we write: "90, 60 and 30"."""
    days = [str(each) for each in sorted(qualifying.settings_in_force().policy.remind_days, reverse=True)]
    return " and ".join(filter(None, (", ".join(days[:-1]), *days[-1:])))


def gaps(supplier: Supplier, missing: Iterable[str]) -> list[Gap]:
    """The sections of these names, as `actions.missing_sections` calls them, with their addresses."""
    urls = {
        "industry codes": reverse("suppliers:company_edit", args=[supplier.pk]),
        "signed statements": reverse("suppliers:statements", args=[supplier.pk]),
    }
    return [
        Gap(name, urls.get(name) or reverse("suppliers:part_add", args=[supplier.pk, name]))
        for name in missing
    ]


def answer(lines: Iterable[Line]) -> dict[str, Any]:
    """May we buy from them, and until when: the standings that hold, and those that do not."""
    lines = list(lines)
    holding = [line for line in lines if line.holds]
    return {
        "holding": holding,
        "others": [line for line in lines if not line.holds],
        "until": min((line.row.valid_until for line in holding if line.row.valid_until), default=None),
        "same_day": len({line.row.valid_until for line in holding}) == 1,
        "checking": any(line.status == "checking" for line in lines),
        "pending": next((line for line in lines if line.status == "pending"), None),
    }


def lookalikes(supplier: Supplier) -> list[tuple[Supplier, str]]:
    """Older companies that share a name, UEI or mail domain with it, for officers."""
    return list(namesakes.namesakes(supplier))[:5]
