"""What the compliance rules read about one proposal. Pure, frozen, JSON-able through `portal.kit.codec`.

Blank text means "not given"; None means "not given" for numbers, dates and yes/no. Money is U.S. dollars
unless a name says otherwise; quantities in a bill of materials count per one finished product at every level.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from suppliers.facts import ScreeningFacts, SiteFacts, SupplierFacts


@dataclass(frozen=True, kw_only=True)
class RequirementFacts:
    """One requirement. `data_type`: string, number, integer, boolean, date, choice, table or file.

    `answered_by` says where the answer lives: response, site, process_steps, capacity, ramp, lead_time,
    start_of_production or jobs. `minimum`, `maximum` and `ideal` are decimals or ISO dates as text, blank
    when not set; `expected` and `choices` are texts (a yes/no is "true" or "false"). `effect`: knockout,
    scored or informative. `envelope`: technical or price. `items` holds item codes, empty = all.
    """

    code: str
    text: str = ""
    data_type: str = "string"
    answered_by: str = "response"
    envelope: str = "technical"
    unit: str = ""
    minimum: str = ""
    maximum: str = ""
    ideal: str = ""
    expected: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    effect: str = "scored"
    feeds: str = ""
    items: tuple[str, ...] = ()
    evidence: str = ""
    evidence_required: bool = False


@dataclass(frozen=True, kw_only=True)
class ResponseFacts:
    """The answer to one requirement; blank = not answered.

    Always text: "true" or "false", ISO dates, plain decimals, a choice's own words, a table's rows as JSON.
    """

    requirement: RequirementFacts
    value: str = ""
    evidence_present: bool = False
    # An addendum changed the question, and the window closed before the supplier reconfirmed its answer.
    was_not_reconfirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class CapacityFacts:
    """FA-3's inputs. `availability` and `yield_rate` are fractions of 1; the last three, units a year."""

    lines: Decimal | None = None
    shifts: Decimal | None = None
    hours_per_shift: Decimal | None = None
    days_per_year: Decimal | None = None
    cycle_seconds: Decimal | None = None
    availability: Decimal | None = None
    yield_rate: Decimal | None = None
    committed_per_year: Decimal | None = None
    offered_per_year: Decimal | None = None
    nameplate_per_year: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class RampPeriodFacts:
    """One period of the ramp, in order; `period` like 2027Q3."""

    period: str
    demand: Decimal | None = None
    capacity: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class JobsLineFacts:
    """Full-time places (2,080 hours a year) in one state, new and retained counted apart.

    Wages are U.S. dollars an hour: the median of these places and the local benchmark, None when not stated.
    """

    state: str
    new: Decimal = Decimal(0)
    retained: Decimal = Decimal(0)
    wage: Decimal | None = None
    wage_benchmark: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class ProcessStepFacts:
    name: str
    country: str = "US"
    site: str = ""
    conversion_cost: Decimal | None = None
    is_transforming: bool = False


@dataclass(frozen=True, kw_only=True)
class BomLineFacts:
    """One line of the bill of materials. Blank `parent_line` = level 1; blank `origin` = unknown.

    `make_or_buy` is make or buy. A yes/no that is None was left blank.
    """

    line_no: str
    parent_line: str = ""
    part: str = ""
    qty: Decimal | None = None
    make_or_buy: str = "buy"
    unit_acquisition_cost: Decimal | None = None
    inbound_freight: Decimal | None = None
    duty: Decimal | None = None
    materials: Decimal | None = None
    direct_labor: Decimal | None = None
    allocable_overhead: Decimal | None = None
    profit: Decimal | None = None
    origin: str = ""
    us_manufactured: bool | None = None
    is_iron_steel: bool | None = None
    fe_estimated: bool = False
    is_cots_fastener: bool | None = None
    final_assembly: bool = False
    manufacturer: str = ""
    mpn: str = ""
    currency: str = "USD"


@dataclass(frozen=True, kw_only=True)
class PriceFacts:
    item: str
    year: int
    unit_price: Decimal


@dataclass(frozen=True, kw_only=True)
class DeliveryFacts:
    item: str
    year: int
    units: Decimal


@dataclass(frozen=True, kw_only=True)
class DocumentFacts:
    """An attachment as the upload checks saw it. `size` in bytes; `extension` and `sniffed` have no dot.

    `opens` None means nobody could tell. `requirement` is the code it answers, blank for a free attachment.
    `envelope`: that of the requirement.
    """

    name: str
    size: int
    extension: str
    sniffed: str = ""
    opens: bool | None = None
    encrypted: bool = False
    pages: int | None = None
    shared_with_other_supplier: bool = False
    mandatory: bool = False
    requirement: str = ""
    envelope: str = "technical"


@dataclass(frozen=True, kw_only=True)
class RequiredDocumentFacts:
    """A document the lot asks for; `code` is the requirement's. What was sent for it is in `documents`."""

    code: str
    title: str = ""
    mandatory: bool = True
    envelope: str = "technical"


@dataclass(frozen=True, kw_only=True)
class ProposalFacts:
    """One revision of a proposal with the supplier as it was then.

    `final_site` is the key of the site of final manufacture. `bom` None means that none was given.
    `received_at` is None on a draft. `closes_at` is exclusive.
    """

    supplier: SupplierFacts
    lot: str = ""
    items: tuple[str, ...] = ()
    final_site: str = ""
    responses: tuple[ResponseFacts, ...] = ()
    capacity: CapacityFacts | None = None
    deliveries: tuple[DeliveryFacts, ...] = ()
    delivery_years: tuple[int, ...] = ()
    opening_stock: Decimal | None = None
    ramp: tuple[RampPeriodFacts, ...] = ()
    jobs: tuple[JobsLineFacts, ...] = ()
    capex_musd: Decimal | None = None
    process_steps: tuple[ProcessStepFacts, ...] = ()
    bom: tuple[BomLineFacts, ...] | None = None
    bom_is_asked: bool = True
    prices: tuple[PriceFacts, ...] = ()
    documents: tuple[DocumentFacts, ...] = ()
    required_documents: tuple[RequiredDocumentFacts, ...] = ()
    received_at: datetime | None = None
    closes_at: datetime | None = None
    time_zone: str = "America/New_York"
    first_article: date | None = None
    start_of_production: date | None = None
    lead_time_days: int | None = None
    lead_time_days_max: int | None = None
    attested_at: datetime | None = None
    attested_dates: Mapping[str, date] = field(default_factory=dict)
    screening: ScreeningFacts = field(default_factory=ScreeningFacts)

    @property
    def final_manufacture_site(self) -> SiteFacts | None:
        """The chosen site of final manufacture, or None when none (or an unknown one) is chosen."""
        return self.supplier.site(self.final_site) if self.final_site else None

    @property
    def years(self) -> tuple[int, ...]:
        """Every year with deliveries planned, else the RFP's delivery years."""
        planned = {delivery.year for delivery in self.deliveries if delivery.units > 0}
        return tuple(sorted(planned)) or self.delivery_years
