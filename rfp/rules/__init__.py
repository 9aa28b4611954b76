"""The rulebook of a proposal: the rules of the RFP and the supplier's own, in the order people read them."""

from portal.kit.compliance import Rulebook
from rfp.facts import ProposalFacts
from rfp.rules import (
    attestations,
    certificates,
    consistency,
    deep_content,
    documents,
    domestic_content,
    facilities,
    jobs,
    responses,
    restricted_parts,
)
from suppliers.facts import QualificationFacts
from suppliers.rules import (
    FINANCE_RULES,
    IDENTITY_RULES,
    OWNERSHIP_RULES,
    SCREENING_RULES,
    screening_in,
    supplier_in,
)


def _qualification(facts: ProposalFacts) -> QualificationFacts:
    return QualificationFacts(supplier=facts.supplier, screening=facts.screening)


RULEBOOK: Rulebook[ProposalFacts] = Rulebook(
    "proposal-5",
    (
        attestations.dates,
        responses.requirements,
        documents.documents,
        facilities.site_in_the_united_states,
        facilities.substantial_manufacture,
        facilities.capacity_for_the_offer,
        facilities.ramp,
        facilities.lead_time,
        domestic_content.line_valuation,
        domestic_content.component_test,
        deep_content.deep_roll_up,
        jobs.jobs_and_wages,
        certificates.validity,
        consistency.consistency,
        restricted_parts.named_brands,
        restricted_parts.forced_labor,
        *(rule.seen_from(supplier_in) for rule in (*FINANCE_RULES, *IDENTITY_RULES)),
        *(rule.seen_from(screening_in) for rule in SCREENING_RULES),
        *(rule.seen_from(_qualification) for rule in OWNERSHIP_RULES),
    ),
)
