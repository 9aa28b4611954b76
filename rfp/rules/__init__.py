"""The rulebook of a proposal: the rules of the RFP and the supplier's own, in the order people read them."""

from portal.compliance import Rulebook
from rfp.facts import ProposalFacts
from rfp.rules import (
    attestations,
    certificates,
    documents,
    domestic_content,
    facilities,
    jobs,
    responses,
)
from suppliers.facts import ScreeningFacts, SupplierFacts
from suppliers.rules import SCREENING_RULES, SUPPLIER_RULES, finances


def _supplier(facts: ProposalFacts) -> SupplierFacts:
    return facts.supplier


def _screening(facts: ProposalFacts) -> ScreeningFacts:
    return facts.screening


RULEBOOK: Rulebook[ProposalFacts] = Rulebook(
    "proposal-1",
    (
        attestations.dates,
        responses.requirements,
        documents.documents,
        facilities.site_in_the_united_states,
        facilities.capacity_for_the_offer,
        domestic_content.line_valuation,
        domestic_content.component_test,
        domestic_content.deep_roll_up,
        jobs.jobs_and_wages,
        certificates.validity,
        finances.financial_strength.seen_from(_supplier),
        *(rule.seen_from(_supplier) for rule in SUPPLIER_RULES),
        *(rule.seen_from(_screening) for rule in SCREENING_RULES),
    ),
)
