"""The kinds of rows a profile has, each with its form and its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

from portal.kit.formats import count_of, day, number
from suppliers.company.forms.certificates import CertificateForm, InsuranceForm
from suppliers.company.forms.figures import FinancialYearForm, ReferenceForm, SafetyYearForm, WorkforceForm
from suppliers.company.forms.owners import OfficerForm, OwnerForm
from suppliers.company.forms.part import PartForm
from suppliers.company.forms.sites import SiteForm
from suppliers.company.profile_models import (
    Certificate,
    FinancialYear,
    InsurancePolicy,
    Officer,
    Owner,
    Reference,
    SafetyYear,
    Site,
    Workforce,
)
from suppliers.reference.countries import COUNTRY_NAMES
from suppliers.reference.places import STATE_NAMES


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of row of a profile: where it lives, how it is written and what it is called."""

    slug: str
    model: type[models.Model]
    form: type[PartForm]
    one: str
    many: str
    why: str
    describe: Callable[[Any], tuple[str, str]]
    years: int = 0  # how many yearly rows are asked for, where a row is a year

    @property
    def a_one(self) -> str:
        """ "an owner", "a site"."""
        return f"{'an' if self.one[0] in 'aeiou' else 'a'} {self.one}"


def _expiry(row: Certificate) -> str:
    return f"{row.certification_body}, until {day(row.expires)}"


KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            slug="sites",
            model=Site,
            form=SiteForm,
            one="site",
            many="Sites",
            why="You choose a proposal’s final manufacturing site from this list.",
            describe=lambda row: (
                row.name,
                ", ".join(filter(None, (row.city, row.state, row.get_status_display().lower()))),
            ),
        ),
        Kind(
            slug="owners",
            model=Owner,
            form=OwnerForm,
            one="owner",
            many="Owners",
            why="Everyone who owns 5% or more, and their owners.",
            describe=lambda row: (row.name, _share(row)),
        ),
        Kind(
            slug="officers",
            model=Officer,
            form=OfficerForm,
            one="officer",
            many="Officers",
            why="People who can sign for the company.",
            describe=lambda row: (row.name, row.title),
        ),
        Kind(
            slug="certificates",
            model=Certificate,
            form=CertificateForm,
            one="certificate",
            many="Certificates",
            why="Quality certificates and product listings, with the sites they cover.",
            describe=lambda row: (f"{row.scheme} {row.number}", _expiry(row)),
        ),
        Kind(
            slug="insurance",
            model=InsurancePolicy,
            form=InsuranceForm,
            one="policy",
            many="Insurance",
            why="General liability, umbrella, workers’ compensation, product and cyber.",
            describe=lambda row: (
                row.get_kind_display(),
                f"{row.insurer} {row.number}, until {day(row.expires)}",
            ),
        ),
        Kind(
            slug="safety",
            model=SafetyYear,
            form=SafetyYearForm,
            one="safety year",
            many="Safety",
            why="OSHA Form 300A for the last three years.",
            years=3,
            describe=lambda row: (f"Form 300A for {row.year}", _cases(row)),
        ),
        Kind(
            slug="workforce",
            model=Workforce,
            form=WorkforceForm,
            one="state",
            many="Workforce",
            why="Full-time jobs by state, including skilled, maintenance and training jobs.",
            describe=lambda row: (
                STATE_NAMES.get(row.state, row.state),
                f"{number(row.employees)} full-time jobs, {number(row.skilled)} skilled",
            ),
        ),
        Kind(
            slug="financials",
            model=FinancialYear,
            form=FinancialYearForm,
            one="financial year",
            many="Financials",
            years=3,
            why="The last three years, in millions of U.S. dollars. We use them to calculate financial strength.",
            describe=lambda row: (f"Fiscal year {row.fiscal_year}", row.get_assurance_display()),
        ),
        Kind(
            slug="references",
            model=Reference,
            form=ReferenceForm,
            one="reference",
            many="References",
            why="Customers we can ask about your work.",
            describe=lambda row: (row.customer, f"{row.product}; ask {row.contact}"),
        ),
    )
}


def _cases(row: SafetyYear) -> str:
    cases = row.deaths + row.days_away + row.restricted + row.other
    return f"{count_of(cases, 'recordable case')} in {number(row.hours)} hours"


def _share(owner: Owner) -> str:
    share = f"{owner.pct_equity.normalize():f}%" if owner.pct_equity is not None else "share unknown"
    if owner.owns is not None:
        share += f" of {owner.owns.name}"
    return f"{owner.get_kind_display()}, {COUNTRY_NAMES.get(owner.country, owner.country)}, {share}"
