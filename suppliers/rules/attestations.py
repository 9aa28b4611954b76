"""What the company's owner signed."""

from collections.abc import Sequence
from datetime import date

from portal.kit.compliance import NoParams, Verdict, met, not_applicable, not_met, refer, rule
from portal.kit.formats import day
from suppliers.facts import AttestationFacts, SupplierFacts


@rule(
    "AT-1",
    title="Statements",
    basis="Portal policy",
    answered_in="statements",
)
def statements(facts: SupplierFacts, params: NoParams, *, on: date) -> Sequence[Verdict]:
    """Each statement is signed in its current wording, with name, title and date. A person reviews adverse answers."""
    if not facts.attestations:
        return [not_applicable("No statements are required.")]
    return [
        _statement(each, on).but(part=each.code, title=each.title or each.code) for each in facts.attestations
    ]


def _statement(given: AttestationFacts, on: date) -> Verdict:
    fix = "Have an owner of the account sign under Statements."
    if given.answer is None or given.signed_at is None or not given.signer.strip():
        return not_met("Not signed.", fix=fix)
    if not given.signer_title.strip():
        return not_met(f"Signed by {given.signer} without a title.", fix=fix)
    if given.text_version != given.current_version:
        return not_met(
            f"Signed under wording {given.text_version}. The current wording is {given.current_version}.",
            fix="Sign the current wording.",
        )
    signed = given.signed_at.date()
    if signed > on:
        return not_met(f"Signed on {day(signed)}, after {day(on)}.", fix="Sign again.")
    by = f"{given.signer}, {given.signer_title}"
    if given.answer != given.favourable:
        return refer(f"Answered “{'yes' if given.answer else 'no'}” by {by}. A person will review it.")
    return met(f"Signed by {by} on {day(signed)}.")
