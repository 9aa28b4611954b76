"""Where the sites are: U.S. street addresses whose ZIP codes belong to their states."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.kit.compliance import Effect, Outcome, Verdict, met, not_met, refer, rule
from portal.kit.parameters import setting
from suppliers.facts import QualificationFacts, SiteFacts
from suppliers.reference.places import STATES, TERRITORIES, zip_area

ZIP = re.compile(r"(\d{5})(-\d{4})?", re.ASCII)
PO_BOX = re.compile(r"\b(p\s*\.?\s*o\s*\.?|post\s+office)\s*box(?![a-z])|\bpob\s*\d", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class SiteParams:
    """Whether Puerto Rico, Guam, the U.S. Virgin Islands, American Samoa and the Northern Marianas count."""

    territories: bool = setting(True, "Count Puerto Rico and other territories as U.S. sites")

    @property
    def states(self) -> tuple[str, ...]:
        return STATES + TERRITORIES if self.territories else STATES


@rule(
    "FA-1",
    title="U.S. sites",
    basis="USPS ZIP codes",
    params=SiteParams,
    answered_in="sites",
)
def sites_in_the_region(facts: QualificationFacts, params: SiteParams, *, on: date) -> Sequence[Verdict]:
    """The company has a site in the region, at a U.S. street address with a ZIP code in its state."""
    region = facts.region or "the United States"
    wanted = [site for site in facts.supplier.sites if not facts.states or site.state in facts.states]
    domestic = [site for site in wanted if site.country == "US"]
    if not domestic:
        return [
            not_met(f"No site in {region}.", fix="Add a site, or choose a different region.").but(
                effect=Effect.KNOCKOUT
            )
        ]
    verdicts = [
        address_verdict(site, params).but(part=site.key, title=f"Site: {site.name or site.city}"[:120])
        for site in domestic
    ]
    if all(verdict.outcome is Outcome.NOT_MET for verdict in verdicts):
        return [verdict.but(effect=Effect.KNOCKOUT) for verdict in verdicts]
    return verdicts


def address_verdict(site: SiteFacts, params: SiteParams) -> Verdict:
    """One site's address: in the United States, a street, a ZIP code of its state."""
    if site.country != "US":
        return not_met(
            f"The site is in {site.country or 'an unnamed country'}, not in the U.S.",
            fix="Choose a U.S. site.",
        )
    if not site.street.strip():
        return refer("The street address is missing.", fix="Enter the factory’s street address.")
    if PO_BOX.search(site.street):
        return not_met("The address is a post office box.", fix="Enter the factory’s street address.")
    return _zip_verdict(site, params)


def _zip_verdict(site: SiteFacts, params: SiteParams) -> Verdict:
    shape = ZIP.fullmatch(site.zip)
    if shape is None:
        return not_met(
            f"“{site.zip}” is not a ZIP code." if site.zip else "The ZIP code is missing.",
            fix="Enter a five-digit ZIP code or ZIP+4.",
        )
    area = zip_area(shape[1])
    if area is None:
        return refer(
            f"ZIP code {shape[1]} is not in our table. A person will review it.", fix="Check the ZIP code."
        )
    if area.kind == "MILITARY":
        return not_met(
            f"ZIP code {shape[1]} is a military mail address.", fix="Enter the factory’s own address."
        )
    if area.state != site.state:
        return not_met(
            f"ZIP code {shape[1]} is in {area.state}, not {site.state or 'a blank state'}.",
            fix="Correct the ZIP code or the state.",
        )
    if site.state not in params.states:
        return not_met(f"{site.state} does not count as the U.S. here.", fix="Choose a site in a state.")
    if area.kind == "PO BOX":
        return refer(
            f"ZIP code {shape[1]} serves post office boxes only.",
            fix="Enter the ZIP code of the street address.",
        )
    return met(f"{site.city}, {site.state} {site.zip}")
