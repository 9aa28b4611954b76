"""The qualification rulebook: every rule about a supplier, in the order people read them."""

from dataclasses import replace
from typing import Protocol

from portal.kit.compliance import Rulebook
from suppliers.facts import QualificationFacts, ScreeningFacts, SupplierFacts
from suppliers.rules import (
    attestations,
    certificates,
    certification,
    control,
    covered_nations,
    finances,
    identity,
    insurance,
    safety,
    schemes,
    screening,
    sites,
)


class AboutASupplier(Protocol):
    """Facts of a wider subject that a supplier and its screening are part of."""

    @property
    def supplier(self) -> SupplierFacts: ...

    @property
    def screening(self) -> ScreeningFacts: ...


def supplier_in(facts: AboutASupplier) -> SupplierFacts:
    return facts.supplier


def screening_in(facts: AboutASupplier) -> ScreeningFacts:
    """With the legal name, which is not stored twice."""
    return replace(facts.screening, legal_name=facts.supplier.legal_name)


IDENTITY_RULES = (
    identity.uei,
    identity.cage,
    identity.legal_entity_identifier,
    identity.duns,
    identity.naics,
    identity.sam_registration,
)
SCREENING_RULES = (screening.names, screening.list_effects, screening.freshness)
OWNERSHIP_RULES = (
    control.fifty_percent,
    control.affiliates,
    control.listed_parent,
    covered_nations.foreign_entity,
)
FINANCE_RULES = (
    finances.financial_strength,
    finances.strength_without_sales,
    finances.ratios,
    finances.statement,
)

QUALIFICATION: Rulebook[QualificationFacts] = Rulebook(
    "qualification-3",
    (
        sites.sites_in_the_region,
        *(rule.seen_from(supplier_in) for rule in (*IDENTITY_RULES, identity.ein)),
        *(rule.seen_from(screening_in) for rule in SCREENING_RULES),
        *OWNERSHIP_RULES,
        certificates.validity,
        certification.accreditation,
        certification.scope,
        certification.edition,
        schemes.scheme,
        safety.injuries.seen_from(supplier_in),
        insurance.insurance.seen_from(supplier_in),
        *(rule.seen_from(supplier_in) for rule in FINANCE_RULES),
        attestations.statements.seen_from(supplier_in),
    ),
)

# Code → title of each rule.
RULE_TITLES = {rule.code: rule.title for rule in QUALIFICATION.rules}
