"""Who judges, and whom suppliers can reach."""

from __future__ import annotations

from collections.abc import Iterable

from rfp.checks.declared import Found, check
from rfp.checks.facts import RfpFacts


@check("panel", says="A panel with a chair", section="panel")
def panel(facts: RfpFacts) -> Iterable[Found]:
    if not facts.seats:
        yield Found(
            "The panel has no members. Suppliers can’t know that anyone will score their proposals.", "empty"
        )
    elif not facts.has_chair:
        yield Found("The panel has no chair. Envelopes can’t be opened without one.", "chair")


@check("contact", says="A contact for suppliers", section="basics")
def contact(facts: RfpFacts) -> Iterable[Found]:
    if not facts.has_contact:
        yield Found("Suppliers can’t see who to contact. Give an email address or a phone number.")


CHECKS = (panel, contact)
