"""What the qualification rules read about a supplier. Pure, frozen, JSON-able through `portal.kit.codec`.

Blank text means "not given"; None means "not given" for numbers, dates and yes/no. Amounts of a financial
year are in million U.S. dollars. Shares are percent, 0 to 100. Countries are ISO 3166 alpha-2 codes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
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
    """One stake: `name` holds these shares of `owns`, another owner's name, or of the company when blank.

    The same name in several rows is the same party. `parent` names who owns the owner when the stake is not
    known. `controls` is effective control by license or contract, without a stake.
    """

    name: str
    owns: str = ""
    kind: str = ""
    country: str = ""
    pct_equity: Decimal | None = None
    pct_votes: Decimal | None = None
    board_seats: int | None = None
    board_size: int | None = None
    is_government: bool = False
    controls: bool = False
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class OfficerFacts:
    name: str
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class CertificateFacts:
    """`sites` holds the keys of the sites it covers. `named_company` is the company's name as printed on it.

    `registry_id` is the IATF number or OASIS id; `methods` the accredited test methods; `assessed_score` the
    points of a CMMC assessment; `smelters` the smelters a minerals report lists. Contents are percent by weight.
    """

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
    iaf_code: str = ""
    named_company: str = ""
    registry_id: str = ""
    methods: tuple[str, ...] = ()
    assessed_score: int | None = None
    smelters: int | None = None
    lead_pct: Decimal | None = None
    cadmium_pct: Decimal | None = None
    svhc_pct: Decimal | None = None
    has_file: bool = False


@dataclass(frozen=True, kw_only=True)
class InsuranceFacts:
    """One policy. `kind`: general, umbrella, workers, product or cyber. Limits are U.S. dollars."""

    kind: str
    insurer: str = ""
    number: str = ""
    named_company: str = ""
    per_occurrence: Decimal | None = None
    aggregate: Decimal | None = None
    effective: date | None = None
    expires: date | None = None


@dataclass(frozen=True, kw_only=True)
class SafetyYearFacts:
    """One year of OSHA Form 300A: the columns G (deaths), H (days away), I (restricted), J (other), hours."""

    year: int
    deaths: int | None = None
    days_away: int | None = None
    restricted: int | None = None
    other: int | None = None
    hours: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class WorkforceFacts:
    """Full-time places (2,080 hours a year) in one state, what they are for counted apart.

    Wages are U.S. dollars an hour: the median of these places and the local benchmark.
    """

    state: str
    employees: Decimal = Decimal(0)
    skilled: Decimal = Decimal(0)
    maintenance: Decimal = Decimal(0)
    training: Decimal = Decimal(0)
    wage: Decimal | None = None
    wage_benchmark: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class AttestationFacts:
    """One signed statement. `answer` None means not answered; `current_version` is the text now in force."""

    code: str
    title: str = ""
    answer: bool | None = None
    favourable: bool = True
    signer: str = ""
    signer_title: str = ""
    signed_at: datetime | None = None
    text_version: str = ""
    current_version: str = ""


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
    sales_to_buyer: Decimal | None = None
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

    `role`: legal_name, native_name, dba, former_name, owner, parent, officer, site, bank or manufacturer. `score`:
    0 to 1. `band`: exact, strong, possible or logged. `why`: the pairs of tokens, in words. `disposition`:
    open, escalated, true_match, false_positive or ended. `list_code` names the list inside a source that joins
    several: SDN, EL, DPL. `identifier` is one the supplier shares with the record exactly, "UEI …". `ended` is
    the day the listing ended, when it has. Without `is_listed` it is a confirmed match that the lists in use no
    longer hold: it stays one until two officers end it.
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
    list_code: str = ""
    kind: str = "entity"
    identifier: str = ""
    ended: date | None = None
    is_listed: bool = True

    @property
    def wants_a_person(self) -> bool:
        """Whether an officer has to look."""
        return wants_a_person(band=self.band, kind=self.kind, role=self.role)

    @property
    def is_open(self) -> bool:
        """Nobody has decided it."""
        return self.disposition in ("open", "escalated")

    def is_in_force(self, on: date) -> bool:
        """Whether the listing had not ended on that day."""
        return self.ended is None or self.ended >= on


def wants_a_person(*, band: str, kind: str, role: str) -> bool:
    """Whether an officer looks at a hit: at close names, and at every hit on a person who owns or leads.

    Officers are persons; lists that do not say of what kind a party is (BIS) call all entities.
    """
    if role == "officer":
        return kind not in ("vessel", "aircraft")
    close = band in ("exact", "strong", "possible")
    return close or (kind == "individual" and role in ("owner", "parent"))


@dataclass(frozen=True, kw_only=True)
class ScreeningFacts:
    """What was screened against which lists, with the hits already computed. `screened` holds the names;
    `legal_name` is there where the rules run, and not stored twice.
    """

    legal_name: str = ""
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
    banks: tuple[str, ...] = ()
    country: str = "US"
    headquarters_country: str = ""
    founded: int | None = None
    uei: str = ""
    cage: str = ""
    ein: str = ""
    lei: str = ""
    duns: str = ""
    sam_status: str = ""
    sam_expiry: date | None = None
    naics: tuple[str, ...] = ()
    sites: tuple[SiteFacts, ...] = ()
    owners: tuple[OwnerFacts, ...] = ()
    officers: tuple[OfficerFacts, ...] = ()
    certificates: tuple[CertificateFacts, ...] = ()
    insurance: tuple[InsuranceFacts, ...] = ()
    safety: tuple[SafetyYearFacts, ...] = ()
    workforce: tuple[WorkforceFacts, ...] = ()
    attestations: tuple[AttestationFacts, ...] = ()
    financials: tuple[FinancialYearFacts, ...] = ()

    def site(self, key: str) -> SiteFacts | None:
        """The site with that key, or None."""
        return next((site for site in self.sites if site.key == key), None)


@dataclass(frozen=True, kw_only=True)
class CommodityFacts:
    """What a qualification is for: words found in a fitting certificate scope, and certificates asked for."""

    code: str
    title: str = ""
    keywords: tuple[str, ...] = ()
    naics: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class QualificationFacts:
    """A supplier, its screening, and the commodity and region (states) it is to be qualified for.

    Without a commodity the whole profile is looked at; without states every site is.
    """

    supplier: SupplierFacts
    commodity: CommodityFacts | None = None
    region: str = ""
    states: tuple[str, ...] = ()
    screening: ScreeningFacts = field(default_factory=ScreeningFacts)


# The roles of names that are the supplier's own: its country, sites and identifiers are theirs.
OWN_NAMES = frozenset(("legal_name", "native_name", "dba", "former_name"))
# The roles of names that stand in a profile, not in one proposal.
PROFILE_ROLES = OWN_NAMES | {"owner", "parent", "officer", "site", "bank"}


def names_to_screen(supplier: SupplierFacts) -> tuple[tuple[str, str], ...]:
    """(role, name) pairs, each once: the company's names, owners of 5 % or more (or of a share not given, or who
    control it), their parents, officers, sites, banks. One name may have several roles.
    """
    named = [
        ("legal_name", supplier.legal_name),
        ("native_name", supplier.native_name),
        *(("dba", name) for name in supplier.dbas),
        *(("former_name", name) for name in supplier.former_names),
        *(("owner", owner.name) for owner in supplier.owners if _holds_enough(owner, supplier.owners)),
        *(("parent", owner.parent) for owner in supplier.owners),
        *(("officer", officer.name) for officer in supplier.officers),
        *(("site", site.name) for site in supplier.sites),
        *(("bank", name) for name in supplier.banks),
    ]
    return tuple(dict.fromkeys((role, name) for role, name in named if name.strip()))


def _holds_enough(owner: OwnerFacts, owners: tuple[OwnerFacts, ...]) -> bool:
    """Whether all rows of one name in one company come to 5 %, or leave its share or its control open."""
    rows = [each for each in owners if (each.name, each.owns) == (owner.name, owner.owns)]
    if any(each.controls or (each.pct_equity is None and each.pct_votes is None) for each in rows):
        return True
    equity = sum((each.pct_equity or Decimal(0) for each in rows), Decimal(0))
    votes = sum((each.pct_votes or Decimal(0) for each in rows), Decimal(0))
    return max(equity, votes) >= 5
