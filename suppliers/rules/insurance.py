"""Insurance: what is covered, for how much, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.kit.compliance import Verdict, met, not_met, refer, rule
from portal.kit.formats import day, money
from portal.kit.parameters import setting
from suppliers.facts import InsuranceFacts, SupplierFacts

NOTHING = Decimal(0)
NAMES = {
    "general": "Commercial general liability",
    "umbrella": "Umbrella",
    "workers": "Workers’ compensation",
    "product": "Product liability",
    "cyber": "Cyber",
}


@dataclass(frozen=True, kw_only=True)
class InsuranceParams:
    """Which policies are required, and for how much."""

    kinds: tuple[str, ...] = setting(
        ("general", "umbrella", "workers", "product", "cyber"), "Required policies"
    )
    general_per_occurrence: Decimal = setting(
        Decimal(1_000_000), "Minimum general liability per occurrence", unit="$"
    )
    general_aggregate: Decimal = setting(Decimal(2_000_000), "Minimum aggregate general liability", unit="$")
    umbrella: Decimal = setting(Decimal(5_000_000), "Minimum umbrella limit", unit="$")
    product: Decimal = setting(Decimal(5_000_000), "Minimum product liability", unit="$")
    cyber: Decimal = setting(Decimal(5_000_000), "Minimum cyber limit", unit="$")


@rule(
    "WS-3",
    title="Insurance",
    basis="Portal policy",
    params=InsuranceParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    answered_in="insurance",
    numbers=("expires",),
)
def insurance(facts: SupplierFacts, params: InsuranceParams, *, on: date) -> Sequence[Verdict]:
    """All required policies are in effect with the required limits. An umbrella policy can supplement general
    liability."""
    return [
        _kind(facts, kind, params, on).but(part=kind, title=f"Insurance: {NAMES.get(kind, kind)}")
        for kind in params.kinds
    ]


def _kind(facts: SupplierFacts, kind: str, params: InsuranceParams, on: date) -> Verdict:
    held = [policy for policy in facts.insurance if policy.kind == kind]
    name = NAMES.get(kind, kind)
    if not held:
        return refer(f"{name}: no policy on file.", fix="Add the policy with its limits.")
    # A renewal that begins later does not hide the policy that is in force.
    policy = max(held, key=lambda each: (_dates(each, name, on) is None, each.expires or date.min))
    if problem := _dates(policy, name, on):
        return problem
    assert policy.expires is not None, "a current policy has its dates"
    numbers = {"expires": policy.expires}
    if kind != "general" and _least(kind, params) is None:
        return met(f"{name} is in effect until {day(policy.expires)}.", numbers=numbers)
    short = _short(facts, policy, params, on)
    if short is None:
        return refer(f"{name}: the limits are missing.", fix="Enter the policy limits.")
    if short:
        return not_met(
            f"{name}: {short}.", fix="Raise the limit, or explain how you cover the gap.", numbers=numbers
        )
    return met(f"{name} is in effect until {day(policy.expires)} with the required limits.", numbers=numbers)


def _dates(policy: InsuranceFacts, name: str, on: date) -> Verdict | None:
    if policy.effective is None or policy.expires is None:
        return refer(f"{name}: the policy dates are missing.", fix="Enter both dates.")
    if policy.expires < on:
        return not_met(f"{name} expired on {day(policy.expires)}.", fix="Add the new policy.")
    if policy.effective > on:
        return refer(
            f"{name} does not start until {day(policy.effective)}.",
            fix="Add the policy that covers you until then.",
        )
    return None


def _least(kind: str, params: InsuranceParams) -> Decimal | None:
    """The least limit of a policy; None where only its dates count, as the law sets the limits of workers'."""
    return {"umbrella": params.umbrella, "product": params.product, "cyber": params.cyber}.get(kind)


def _short(facts: SupplierFacts, policy: InsuranceFacts, params: InsuranceParams, on: date) -> str | None:
    """What is missing of the limits, in words; blank when nothing, None when no limit is given."""
    single, total = policy.per_occurrence, policy.aggregate
    if policy.kind != "general":
        least = _least(policy.kind, params) or NOTHING
        # Where both limits are given, the lower is what one loss is paid.
        limit = min((each for each in (single, total) if each is not None), default=None)
        return None if limit is None else "" if limit >= least else f"{money(limit, 0)} of {money(least, 0)}"
    if single is None or total is None:
        return None
    more_single, more_total = _umbrella(facts, on)
    if single + more_single < params.general_per_occurrence:
        return f"{money(single + more_single, 0)} per occurrence, {money(params.general_per_occurrence, 0)} required"
    if total + more_total < params.general_aggregate:
        return f"{money(total + more_total, 0)} aggregate, {money(params.general_aggregate, 0)} required"
    return ""


def _umbrella(facts: SupplierFacts, on: date) -> tuple[Decimal, Decimal]:
    """What the largest umbrella in force adds to general liability: (an occurrence, in all)."""
    in_force = [each for each in facts.insurance if each.kind == "umbrella" and not _dates(each, "", on)]
    limits = [
        (each.per_occurrence or each.aggregate, each.aggregate or each.per_occurrence) for each in in_force
    ]
    return max(((one, total) for one, total in limits if one and total), default=(NOTHING, NOTHING))
