"""Suppliers and steps for the rules about sites."""

from datetime import date
from decimal import Decimal

from portal.kit.compliance import Outcome
from rfp.facts import (
    ProcessStepFacts,
    ProposalFacts,
)
from rfp.rules import facilities
from suppliers.facts import SiteFacts, SupplierFacts

ON = date(2026, 5, 12)


MET, NOT_MET, REFER, NA = Outcome.MET, Outcome.NOT_MET, Outcome.REFER, Outcome.NOT_APPLICABLE


def supplier_with(**site):
    values = {
        "key": "1",
        "name": "Plant",
        "street": "1 Mill St",
        "city": "Columbus",
        "state": "OH",
        "zip": "43215",
    }
    return SupplierFacts(legal_name="A", sites=(SiteFacts(**{**values, **site}),))


def steps(*given, site=None):
    """FA-2 over (country, cost, is transforming) steps."""
    made = tuple(
        ProcessStepFacts(
            name=f"step {n}",
            country=country,
            conversion_cost=None if cost is None else Decimal(cost),
            is_transforming=transforming,
        )
        for n, (country, cost, transforming) in enumerate(given)
    )
    facts = ProposalFacts(supplier=supplier_with(**(site or {})), final_site="1", process_steps=made)
    rule = facilities.substantial_manufacture
    return {each.part: each for each in rule.findings(facts, rule.params(), on=ON)}
