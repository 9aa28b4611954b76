"""What the qualification rules read about a supplier. Pure, frozen, JSON-able through `portal.codec`.

Blank text means "not given"; None means "not given" for numbers, dates and yes/no. Amounts of a financial
year are in million U.S. dollars. Shares are percent, 0 to 100. Countries are ISO 3166 alpha-2 codes.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class SiteFacts:
    """One site. `key` is what certificates, process steps and proposals refer to."""

    key: str
    name: str = ""
    status: str = "existing"
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = "US"
    power_mw: Decimal | None = None
    permits_in_hand: bool | None = None
    land_control: bool | None = None
    start_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class OwnerFacts:
    name: str
    kind: str = ""
    country: str = ""
    pct_equity: Decimal | None = None
    pct_votes: Decimal | None = None
    board_seats: int | None = None
    board_size: int | None = None
    is_government: bool = False
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class OfficerFacts:
    name: str
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class CertificateFacts:
    """`sites` holds the keys of the sites it covers."""

    scheme: str
    number: str = ""
    edition: str = ""
    certification_body: str = ""
    accreditation_body: str = ""
    issued: date | None = None
    expires: date | None = None
    last_surveillance: date | None = None
    sites: tuple[str, ...] = ()
    scope: str = ""


@dataclass(frozen=True, kw_only=True)
class FinancialYearFacts:
    """One year's statement, million U.S. dollars. `assurance`: audited, reviewed, compiled or internal."""

    fiscal_year: int
    period_end: date | None = None
    current_assets: Decimal | None = None
    current_liabilities: Decimal | None = None
    total_assets: Decimal | None = None
    total_liabilities: Decimal | None = None
    retained_earnings: Decimal | None = None
    ebit: Decimal | None = None
    equity: Decimal | None = None
    sales: Decimal | None = None
    interest_expense: Decimal | None = None
    assurance: str = ""


@dataclass(frozen=True, kw_only=True)
class ListFacts:
    """The active snapshot of one screening list. `snapshot` is its id as text."""

    source: str
    snapshot: str
    as_of: date
    parties: int = 0


@dataclass(frozen=True, kw_only=True)
class HitFacts:
    """A screened name close to a listed party.

    `role`: legal_name, native_name, dba, former_name, owner, parent, officer or manufacturer. `score`: 0 to
    1. `band`: exact, strong or possible. `why`: the pairs of tokens, in words. `disposition`: open,
    true_match or false_positive.
    """

    name: str
    role: str
    source: str
    record: str
    matched_name: str
    programme: str
    score: Decimal
    band: str
    why: str = ""
    disposition: str = "open"


@dataclass(frozen=True, kw_only=True)
class ScreeningFacts:
    """What was screened against which lists, with the hits already computed. `screened` holds the names."""

    screened: tuple[str, ...] = ()
    lists: tuple[ListFacts, ...] = ()
    hits: tuple[HitFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SupplierFacts:
    """A supplier as its rules see it; a submitted proposal keeps a copy."""

    legal_name: str
    native_name: str = ""
    dbas: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    country: str = "US"
    uei: str = ""
    cage: str = ""
    lei: str = ""
    naics: tuple[str, ...] = ()
    sites: tuple[SiteFacts, ...] = ()
    owners: tuple[OwnerFacts, ...] = ()
    officers: tuple[OfficerFacts, ...] = ()
    certificates: tuple[CertificateFacts, ...] = ()
    financials: tuple[FinancialYearFacts, ...] = ()

    def site(self, key: str) -> SiteFacts | None:
        """The site with that key, or None."""
        return next((site for site in self.sites if site.key == key), None)


@dataclass(frozen=True, kw_only=True)
class QualificationFacts:
    """A supplier and its screening: what the qualification rulebook is run on."""

    supplier: SupplierFacts
    screening: ScreeningFacts = field(default_factory=ScreeningFacts)


def names_to_screen(supplier: SupplierFacts) -> tuple[tuple[str, str], ...]:
    """(role, name) pairs, each name once: the company's names, owners of 5 % or more (or of a share not
    given), their parents, officers.
    """
    named = [
        ("legal_name", supplier.legal_name),
        ("native_name", supplier.native_name),
        *(("dba", name) for name in supplier.dbas),
        *(("former_name", name) for name in supplier.former_names),
        *(("owner", owner.name) for owner in supplier.owners if _holds_enough(owner)),
        *(("parent", owner.parent) for owner in supplier.owners),
        *(("officer", officer.name) for officer in supplier.officers),
    ]
    first: dict[str, str] = {}
    for role, name in named:
        if name.strip():
            first.setdefault(name, role)
    return tuple((role, name) for name, role in first.items())


def _holds_enough(owner: OwnerFacts) -> bool:
    shares = [share for share in (owner.pct_equity, owner.pct_votes) if share is not None]
    return not shares or max(shares) >= 5
