"""What the findings, the waivers and people's words mean for a supplier's standing. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.kit.compliance import Effect, Finding, Outcome
from portal.kit.formats import plus_months
from portal.kit.parameters import setting
from suppliers.facts import CommodityFacts, HitFacts, ScreeningFacts, SupplierFacts
from suppliers.rules import QUALIFICATION
from suppliers.rules.certificates import named_in

FindingKey = tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class StandingPolicy:
    """A qualification holds for the maximum term, or until a required certificate ends. Near its end it is renewed
    when nothing stands against it. After the end, reminders go out every 30 days.
    """

    by_rule: bool = setting(False, "Qualify automatically when all rules are met")
    term_months: int = setting(12, "Maximum term", unit="months", least=1, most=60)
    renewal_days: int = setting(90, "Renew and show “expires soon”", unit="days before the end", most=365)
    remind_days: tuple[int, ...] = setting(
        (90, 60, 30), "Reminder emails", unit="days before the end", least=1, most=365
    )


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A finding with what people said: `outcome` is what counts."""

    finding: Finding
    outcome: Outcome
    waived: bool = False
    overridden: bool = False

    @property
    def is_adverse(self) -> bool:
        return self.outcome in (Outcome.NOT_MET, Outcome.REFER)

    @property
    def excludes(self) -> bool:
        return self.outcome is Outcome.NOT_MET and self.finding.effect is Effect.KNOCKOUT


def finding_key(finding: Finding) -> FindingKey:
    """What makes two findings of two runs the same: rule, part, outcome and words (as SHA-256)."""
    said = hashlib.sha256(finding.message.encode()).hexdigest()
    return (finding.rule, finding.part, finding.outcome.value, said)


def judge(
    findings: Sequence[Finding], *, waived: frozenset[str], overrides: Mapping[FindingKey, Outcome]
) -> tuple[Judged, ...]:
    """Each finding with the outcome that counts: a person's word, else a waiver, else the rule's own. Neither a word
    nor a waiver counts for screening.
    """
    return tuple(_judged(each, waived=waived, overrides=overrides) for each in findings)


def _judged(finding: Finding, *, waived: frozenset[str], overrides: Mapping[FindingKey, Outcome]) -> Judged:
    if finding.rule in QUALIFICATION.never_waived:
        return Judged(finding=finding, outcome=finding.outcome)
    said = overrides.get(finding_key(finding))
    if said is not None:
        return Judged(finding=finding, outcome=said, overridden=True)
    if finding.outcome in (Outcome.NOT_MET, Outcome.REFER) and finding.rule in waived:
        return Judged(finding=finding, outcome=Outcome.NOT_APPLICABLE, waived=True)
    return Judged(finding=finding, outcome=finding.outcome)


def open_hits(screening: ScreeningFacts) -> tuple[HitFacts, ...]:
    """The hits that nobody has decided yet."""
    return tuple(hit for hit in screening.hits if hit.is_open and hit.wants_a_person)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """All that decides: `held` by screening, in which case a match may be `confirmed`, `excluding` knock-outs, what
    is `adverse` in any way, and the last day the papers allow.
    """

    held: bool
    confirmed: bool = False
    excluding: tuple[Judged, ...]
    adverse: tuple[Judged, ...]
    until: date

    @property
    def is_clean(self) -> bool:
        """Nothing at all for a person to look at."""
        return not self.held and not self.adverse


def standing(
    judged: Sequence[Judged],
    *,
    supplier: SupplierFacts,
    commodity: CommodityFacts,
    screening: ScreeningFacts,
    policy: StandingPolicy,
    on: date,
) -> Standing:
    # Whatever list it is on, and whether or not that list still holds it: two officers end a confirmed match.
    confirmed = any(hit.disposition == "true_match" for hit in screening.hits)
    return Standing(
        held=confirmed or bool(open_hits(screening)),
        confirmed=confirmed,
        excluding=tuple(each for each in judged if each.excludes),
        adverse=tuple(each for each in judged if each.is_adverse),
        until=lasts_until(supplier, commodity, policy, on=on),
    )


def lasts_until(
    supplier: SupplierFacts, commodity: CommodityFacts, policy: StandingPolicy, *, on: date
) -> date:
    """The last day: the term's, or earlier when a certificate that the commodity asks for ends before.

    Of several certificates of one scheme the longest counts. May lie before `on`.
    """
    ends = [plus_months(on, policy.term_months)]
    for scheme in commodity.schemes:
        held = [
            each.expires for each in supplier.certificates if each.expires and named_in(each.scheme, [scheme])
        ]
        if held:
            ends.append(max(held))
    return min(ends)


@dataclass(frozen=True, kw_only=True)
class Change:
    """Where a standing goes by rule, and why. `told` is what the supplier reads: blank when it hears nothing."""

    status: str
    reason: str
    told: str = ""
    until: date | None = None


def next_change(
    status: str,
    found: Standing,
    *,
    until: date | None,
    accepted: frozenset[FindingKey],
    policy: StandingPolicy,
    on: date,
) -> Change | None:
    """What the rules change by themselves; None when nothing.

    `until` is the last day of the present standing, `accepted` the keys of what its approval knew. Rows in
    progress, refused and suspended wait for people.
    """
    if status == "pending":
        return _pending(found, policy, on)
    if status == "expired":
        return _expired(found, on)
    if status in HELD:
        return _held(status, found, until, on)
    if status == "qualified":
        return _qualified(found, until, accepted, policy, on)
    return None


def _pending(found: Standing, policy: StandingPolicy, on: date) -> Change | None:
    # A waiver may cover a paper that has ended, but gives no days.
    if not policy.by_rule or not found.is_clean or found.until < on:
        return None
    return Change(
        status="qualified", reason="All rules are met.", told="All rules are met.", until=found.until
    )


def _expired(found: Standing, on: date) -> Change | None:
    if found.until <= on or found.excluding:
        return None
    return Change(
        status="pending",
        reason="The expired items were renewed.",
        told="You renewed the expired items. The qualification is pending approval.",
    )


HELD = ("on_hold", "confirmed")


def _hold(found: Standing) -> Change:
    if found.confirmed:
        return Change(status="confirmed", reason="An officer confirmed a match with a listed party.")
    return Change(status="on_hold", reason="A screening alert is open.")


def _held(status: str, found: Standing, until: date | None, on: date) -> Change | None:
    if found.held:
        change = _hold(found)
        return change if change.status != status else None
    if found.excluding:
        # The match was ended; what else excludes is not for screening to say.
        if status == "confirmed":
            return Change(status="on_hold", reason="The confirmed match was ended. Knock-outs remain.")
        return None
    if until is not None and until < on:
        return Change(status="expired", reason="The hold is over, but the last day has passed.")
    return Change(status="qualified", reason="The hold is over, with no open items.", until=until)


def _qualified(
    found: Standing, until: date | None, accepted: frozenset[FindingKey], policy: StandingPolicy, on: date
) -> Change | None:
    assert until is not None, "a qualified standing has a last day"
    if found.held:
        return _hold(found)
    if until < on:
        words = f"The last day was {until.isoformat()}."
        return Change(status="expired", reason=words, told=f"{words} Renew the expired items.")
    # Nothing is approved over a knock-out, so each is news, or its waiver has ended.
    if found.excluding:
        messages = " ".join(each.finding.message for each in found.excluding)
        return Change(
            status="pending",
            reason=messages,
            told="Something in your profile changed. A person is reviewing it.",
        )
    near = (until - on).days <= policy.renewal_days
    if near and found.until > until and not _new(found.adverse, accepted):
        words = "Renewed: no new open items."
        return Change(status="qualified", reason=words, told=words, until=found.until)
    return None


def _new(judged: Sequence[Judged], accepted: frozenset[FindingKey]) -> list[Judged]:
    return [each for each in judged if finding_key(each.finding) not in accepted]
