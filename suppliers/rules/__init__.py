"""The qualification rulebook: every rule about a supplier, in the order people read them."""

from portal.compliance import Rulebook
from suppliers.facts import QualificationFacts, ScreeningFacts, SupplierFacts
from suppliers.rules import certificates, finances, identity, screening


def _supplier(facts: QualificationFacts) -> SupplierFacts:
    return facts.supplier


def _screening(facts: QualificationFacts) -> ScreeningFacts:
    return facts.screening


SUPPLIER_RULES = (identity.uei, identity.cage, identity.legal_entity_identifier, identity.naics)
SCREENING_RULES = (screening.names, screening.list_effects, screening.freshness)

QUALIFICATION: Rulebook[QualificationFacts] = Rulebook(
    "qualification-1",
    (
        *(rule.seen_from(_supplier) for rule in SUPPLIER_RULES),
        *(rule.seen_from(_screening) for rule in SCREENING_RULES),
        certificates.validity.seen_from(_supplier),
        finances.financial_strength.seen_from(_supplier),
    ),
)
