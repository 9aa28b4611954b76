"""AT-4: in time, and no date from the future."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from portal.kit.compliance import Effect, Verdict, met, not_applicable, not_met, refer, rule
from portal.kit.formats import day, deadline, when
from rfp.facts import ProposalFacts


@rule(
    "AT-4",
    title="Received in time",
    basis="RFP: closing date",
    effect=Effect.KNOCKOUT,
    optional=False,
    answered_in="documents",
    automatic=True,
    numbers=("received_at", "closes_at"),
)
def dates(facts: ProposalFacts, params: object, *, on: date) -> Sequence[Verdict]:
    """We received the proposal before the window closed, and nothing it attests is dated in the future."""
    return [_in_time(facts), _not_in_the_future(facts, on)]


def _in_time(facts: ProposalFacts) -> Verdict:
    if facts.closes_at is None:
        return refer("This proposal is not in any window.")
    closes = deadline(facts.closes_at, facts.time_zone)
    if facts.received_at is None:
        return not_applicable(f"Not submitted yet. The window closes {closes}.")
    received = when(facts.received_at, facts.time_zone, seconds=True)
    numbers = {"received_at": facts.received_at.isoformat(), "closes_at": facts.closes_at.isoformat()}
    if facts.received_at < facts.closes_at:
        return met(f"Received {received}. The window closed {closes}.", numbers=numbers)
    return not_met(f"Received {received}, after the window closed {closes}.", numbers=numbers)


def _not_in_the_future(facts: ProposalFacts, on: date) -> Verdict:
    verdict = _attested(facts, on)
    return verdict.but(part="dates", title="Attestation dates", effect=Effect.ADVISORY)


def _attested(facts: ProposalFacts, on: date) -> Verdict:
    given = dict(facts.attested_dates)
    if facts.attested_at is not None:
        given["attestation"] = facts.attested_at.astimezone(ZoneInfo(facts.time_zone)).date()
    if not given:
        return refer("The attestation is not signed.", fix="Sign the attestation.")
    late = [f"{name} ({day(signed)})" for name, signed in sorted(given.items()) if signed > on]
    if late:
        return not_met(f"Dated after {day(on)}: {', '.join(late)}.", fix="Correct the dates.")
    return met(f"No date is later than {day(on)}.")
