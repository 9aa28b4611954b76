"""Small real rows for tests: people, a supplier, an RFP with one lot, proposals that go through the real actions."""

from __future__ import annotations

import itertools
import zlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress

from portal.kit.compliance import Envelope
from portal.models import Role, User
from rfp.facts import BomLineFacts
from rfp.models import (
    Capacity,
    Criterion,
    DeliveryLine,
    Item,
    JobsLine,
    Lot,
    PriceLine,
    ProcessStep,
    Proposal,
    RampPeriod,
    Requirement,
    Response,
    Revision,
    Solicitation,
    Statement,
    Window,
)
from rfp.proposals import actions, revision_facts
from rfp.proposals import queries as proposals_queries
from scoring.decisions import lots as decisions_lots
from scoring.decisions import opening_actions
from scoring.marking import actions as marking_actions
from scoring.models import Evaluator
from scoring.panel import actions as panel_actions
from scoring.ranking import inputs, queries
from suppliers import lists
from suppliers.company import profiles
from suppliers.models import (
    Alert,
    Certificate,
    Commodity,
    FinancialYear,
    Membership,
    Owner,
    Qualification,
    Region,
    Site,
    Snapshot,
    Supplier,
)
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import qualifying
from suppliers.qualification.previews import lists as list_previews
from suppliers.screening import list_actions
from suppliers.screening import screen as supplier_assessment

_number = itertools.count(1)
NOW = datetime.now(UTC).replace(microsecond=0)
# Since when people have their accounts and seats, unless a test says otherwise: long enough to act together.
SEATED = NOW - timedelta(days=40)
ANCHORS = {str(anchor): f"Anchor {anchor}" for anchor in range(6)}
YEAR = 2027


def make_user(role: Role | str = Role.SUPPLIER, **fields: Any) -> User:
    """A person without a password: tests sign in with `client.force_login`."""
    number = next(_number)
    values = {
        "email": f"person{number}@test.example",
        "name": f"Person {number}",
        "date_joined": NOW,
        "seated_at": SEATED,
    }
    return User.objects.create(role=role, **{**values, **fields})


def with_password(user: User, password: str) -> User:
    """The same person, able to sign in with a password at a confirmed address."""
    user.set_password(password)
    user.save(update_fields=["password"])
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def make_supplier(owner: User | None = None, **fields: Any) -> Supplier:
    """A U.S. company with one site, one certificate and one statement; `owner` (or a new person) owns its account."""
    number = next(_number)
    supplier = Supplier.objects.create(
        **{
            "legal_name": f"Test Works {number} Inc.",
            "naics": ["334111"],
            "description": "Racks",
            "changed_at": NOW,
            **fields,
        }
    )
    Membership.objects.create(supplier=supplier, user=owner or make_user(), level=Membership.Level.OWNER)
    site = Site.objects.create(
        supplier=supplier, name="Main plant", street="1 Mill St", city="Lancaster", state="OH", zip="43130"
    )
    certificate = Certificate.objects.create(
        supplier=supplier,
        scheme="ISO 9001",
        number=f"C-{number}",
        certification_body="Registrar",
        issued=date(2025, 1, 1),
        expires=date(2031, 1, 1),
    )
    certificate.sites.set([site])
    FinancialYear.objects.create(
        supplier=supplier,
        fiscal_year=2025,
        period_end=date(2025, 12, 31),
        assurance=FinancialYear.Assurance.AUDITED,
        **{
            name: Decimal(value)
            for name, value in {
                "current_assets": "92",
                "current_liabilities": "38",
                "total_assets": "168",
                "total_liabilities": "70",
                "retained_earnings": "61",
                "ebit": "27.5",
                "equity": "98",
                "sales": "268",
                "interest_expense": "2.1",
            }.items()
        },
    )
    return supplier


def make_owner(supplier: Supplier, name: str = "Wilhelmina Ashgrove") -> Owner:
    """One person in the United States who owns the company, so that no rule about owners is left open."""
    return Owner.objects.create(
        supplier=supplier,
        name=name,
        kind="person",
        country="US",
        pct_equity=Decimal(100),
        pct_votes=Decimal(100),
        board_seats=3,
        board_size=3,
    )


def make_list(*names: str, source: str = "custom", at: datetime | None = None, extra: str = "") -> Snapshot:
    """An active list that holds these names, each under a record number of its own.

    The same name keeps its record in the next list; `extra` is its remark, and so changes the record.
    """
    at = at or NOW
    rows = "".join(f"{zlib.crc32(name.encode())},{name},TEST,{extra}\n" for name in names)
    # Empty lines change the file and no record: the same file is not loaded twice.
    data = f"record,name,programme,remarks\n{rows}{chr(10) * Snapshot.objects.count()}".encode()
    found = lists.read_files({"list.csv": data}, source=source)
    return list_actions.load_list(found, as_of=at.date(), at=at, confirmed=True, reason="A test.")


def preview(snapshot: Snapshot) -> Snapshot:
    """The list, once it is worked out what using it would change."""
    list_previews.run(list_actions.preview_list(snapshot, by=None, at=NOW).pk)
    return snapshot


def screen(supplier: Supplier) -> list[Alert]:
    """Screen a supplier's profile against the active lists; its alerts, in the order of the queue."""
    supplier_assessment.screen(supplier.pk, profiles.supplier_facts(supplier))
    return list(Alert.objects.filter(supplier=supplier).order_by("-priority", "id"))


def make_commodity(code: str = "racks", **fields: Any) -> Commodity:
    values = {"title": code.title(), "keywords": ["racks"], "schemes": ["ISO 9001"]}
    return Commodity.objects.get_or_create(code=code, defaults={**values, **fields})[0]


def make_region(code: str = "midwest", **fields: Any) -> Region:
    values = {"title": code.title(), "states": ["IL", "IN", "MI", "OH", "WI"]}
    return Region.objects.get_or_create(code=code, defaults={**values, **fields})[0]


def make_standing(
    supplier: Supplier, *, commodity: Commodity | None = None, region: Region | None = None
) -> Qualification:
    """A qualification begun by the supplier's owner, and looked at by the rules today."""
    row = qualification_actions.begin_qualification(
        supplier, commodity or make_commodity(), region or make_region(), by=owner_of(supplier), at=NOW
    )
    qualifying.assess_supplier(supplier.pk)
    return fresh_standing(row)


def fresh_standing(row: Qualification) -> Qualification:
    rows = Qualification.objects.select_related("supplier", "commodity", "region", "latest", "approved")
    return rows.get(pk=row.pk)


def confirm_address(user: User) -> None:
    """The person typed the code that was sent to the address."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def owner_of(supplier: Supplier) -> User:
    return supplier.memberships.select_related("user").get(level=Membership.Level.OWNER).user


def make_solicitation(*, by: User | None = None, published: bool = True, **fields: Any) -> Solicitation:
    """An RFP with one lot (L1, items L1-A and L1-B), three requirements, three criteria and one window open now."""
    number = next(_number)
    solicitation = Solicitation.objects.create(
        **{
            "number": f"rfp-{number}",
            "title": f"Test RFP {number}",
            "buyer": "Buyer",
            "summary": "What we ask for.",
            "delivery_years": [YEAR],
            "technical_threshold": Decimal(0),
            "created_by": by or make_user(Role.ADMIN),
            **fields,
        }
    )
    make_window(solicitation)
    lot = make_lot(solicitation)
    criteria = {
        "T": Criterion.objects.create(
            solicitation=solicitation, code="T", title="Technical", weight=60, anchors=ANCHORS, position=0
        ),
        "D": Criterion.objects.create(
            solicitation=solicitation,
            code="D",
            title="Domestic share",
            weight=20,
            mode=Criterion.Mode.AUTOMATIC,
            value_source="DC-2.lo_pct",
            value_from=Decimal(40),
            value_ideal=Decimal(85),
            position=1,
        ),
        "P": Criterion.objects.create(
            solicitation=solicitation,
            code="P",
            title="Price",
            weight=20,
            mode=Criterion.Mode.PRICE,
            envelope=Envelope.PRICE.value,
            position=2,
        ),
    }
    for position, (code, fields_) in enumerate(
        {
            "R1": {
                "text": "Load, kg?",
                "data_type": "number",
                "unit": "kg",
                "minimum": "1500",
                "ideal": "2000",
                "effect": "knockout",
            },
            "R2": {"text": "Seismic version?", "data_type": "boolean", "expected": True},
            "R3": {
                "text": "Listed?",
                "data_type": "choice",
                "choices": ["listed", "no"],
                "expected": ["listed"],
            },
        }.items()
    ):
        Requirement.objects.create(
            solicitation=solicitation, lot=lot, code=code, position=position, **fields_
        )
    assert sum(criterion.weight for criterion in criteria.values()) == 100
    if published:
        Solicitation.objects.filter(pk=solicitation.pk).update(published_at=NOW - timedelta(days=30))
        solicitation.refresh_from_db()
    return solicitation


def make_window(solicitation: Solicitation, **fields: Any) -> Window:
    """A window open from three weeks ago until a week from now, unless said otherwise."""
    number = solicitation.windows.count() + 1
    return Window.objects.create(
        **{
            "solicitation": solicitation,
            "number": number,
            "opens_at": NOW - timedelta(days=21),
            "closes_at": NOW + timedelta(days=7),
            **fields,
        }
    )


def make_lot(solicitation: Solicitation, code: str = "L1") -> Lot:
    lot = Lot.objects.create(
        solicitation=solicitation, code=code, title=f"Lot {code}", lead_time_days_max=100
    )
    for part in "AB":
        Item.objects.create(
            lot=lot,
            code=f"{code}-{part}",
            title=f"Item {part}",
            unit="piece",
            reference_price=Decimal(100),
            reference_annual_volume=1000,
        )
    return lot


def make_draft(
    solicitation: Solicitation | None = None,
    supplier: Supplier | None = None,
    *,
    price: str = "120",
    cost_scale: str = "1",
    filled: bool = True,
    lot: str = "L1",
    at: datetime | None = None,
) -> Proposal:
    """A proposal whose draft is complete and signed (or empty), on a lot, started through the real action."""
    solicitation = solicitation or make_solicitation()
    supplier = supplier or make_supplier()
    if not supplier.owners.exists():
        make_owner(supplier)
    owner = owner_of(supplier)
    proposal = actions.start_proposal(solicitation.lots.get(code=lot), supplier=supplier, by=owner, at=at)
    if filled:
        fill(proposal, price=Decimal(price), cost_scale=Decimal(cost_scale))
        actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=at or NOW)
    return proposal


def draft_of(proposal: Proposal) -> Revision:
    draft = proposals_queries.draft_of(proposal)
    assert draft is not None
    return draft


def fill(proposal: Proposal, *, price: Decimal = Decimal(120), cost_scale: Decimal = Decimal(1)) -> None:
    """Give the draft an answer to everything that is asked."""
    draft = draft_of(proposal)
    item = proposal.lot.items.get(code=f"{proposal.lot.code}-A")
    draft.title, draft.summary = "Rack 21", "A rack."
    draft.final_site = proposal.supplier.sites.first()
    draft.lead_time_days, draft.capex_musd = 56, Decimal(14)
    draft.first_article, draft.start_of_production = date(2026, 11, 16), date(2027, 5, 3)
    draft.opening_stock, draft.tooling_price = 0, Decimal(1000)
    draft.save()
    draft.items.set([item])
    answers: dict[str, Any] = {"R1": "1800", "R2": True, "R3": "listed", "M1": str(price)}
    for requirement in proposal.lot.requirements.all():
        if requirement.code in answers:
            Response.objects.create(revision=draft, requirement=requirement, value=answers[requirement.code])
    for criterion in proposal.lot.solicitation.criteria.filter(mode=Criterion.Mode.EVALUATOR):
        Statement.objects.create(revision=draft, criterion=criterion, text="Shown by test.")
    Capacity.objects.create(
        revision=draft,
        lines=3,
        shifts=2,
        hours_per_shift=9,
        days_per_year=250,
        cycle_seconds=1450,
        availability=Decimal("0.88"),
        yield_rate=Decimal("0.985"),
        committed_per_year=17280,
        offered_per_year=4800,
        nameplate_per_year=29924,
    )
    DeliveryLine.objects.create(revision=draft, item=item, year=YEAR, units=1000)
    PriceLine.objects.create(revision=draft, item=item, year=YEAR, unit_price=price)
    RampPeriod.objects.create(revision=draft, period="2027Q3", demand=500, capacity=600)
    JobsLine.objects.create(revision=draft, state="OH", new=58, retained=30)
    ProcessStep.objects.create(
        revision=draft,
        name="Welding",
        site="Main plant",
        conversion_cost=141 * cost_scale,
        is_transforming=True,
    )
    actions.replace_bom(
        proposal, bom_lines(cost_scale), name="bom.csv", by=owner_of(proposal.supplier), at=NOW
    )


def bom_lines(scale: Decimal = Decimal(1)) -> list[BomLineFacts]:
    """Two bought lines, 75 % of the cost made in the United States."""
    return [
        BomLineFacts(
            line_no="1",
            part="Frame",
            qty=Decimal(1),
            unit_acquisition_cost=750 * scale,
            inbound_freight=Decimal(0),
            duty=Decimal(0),
            origin="US",
            us_manufactured=True,
            manufacturer="Cuyahoga Tube",
        ),
        BomLineFacts(
            line_no="2",
            part="Lock",
            qty=Decimal(2),
            unit_acquisition_cost=125 * scale,
            inbound_freight=Decimal(0),
            duty=Decimal(0),
            origin="TW",
            us_manufactured=False,
            manufacturer="Locks Ltd",
        ),
    ]


def submit(proposal: Proposal, *, at: datetime | None = None) -> Revision:
    return actions.submit_proposal(proposal, by=owner_of(proposal.supplier), at=at)


def make_proposal(
    solicitation: Solicitation | None = None, supplier: Supplier | None = None, **options: Any
) -> Proposal:
    """A submitted proposal; options as for `make_draft`. Assessed by nobody yet: see `assess_and_score`."""
    proposal = make_draft(solicitation, supplier, **options)
    submit(proposal, at=options.get("at"))
    proposal.refresh_from_db()
    return proposal


def assess_and_score(proposal: Proposal) -> None:
    """The workers' work, done here: for tests of pages, not of workers."""
    from rfp.compliance import assessment
    from scoring.ranking import scores

    proposal.refresh_from_db()
    assert proposal.current_revision_id is not None
    assessment.assess(revision_facts.revision_for_facts(proposal.current_revision_id))
    scores.mark_automatically(queries.revision_to_score(proposal.current_revision_id))


def close(window: Window) -> Window:
    """Let the window have closed an hour ago."""
    Window.objects.filter(pk=window.pk).update(closes_at=datetime.now(UTC) - timedelta(hours=1))
    window.refresh_from_db()
    return window


def make_panel(
    solicitation: Solicitation, *, reviewers: int = 2, declared: bool = True
) -> tuple[Evaluator, list[Evaluator]]:
    """(the chair's seat, the others'); signed for the windows that are open, see `open_envelope`."""
    people = [make_user(Role.REVIEWER) for _ in range(reviewers + 1)]
    seats = seat_panel(solicitation, people, by=solicitation.created_by)
    if declared:
        for window in solicitation.windows.all():
            if proposals_queries.open_lots(window, Envelope.TECHNICAL):
                declare_all(window, seats)
    return seats[0], seats[1:]


def seat_panel(solicitation: Solicitation, people: list[User], *, by: User) -> list[Evaluator]:
    """Seats for these reviewers, the first of whom chairs; given before the RFP was published."""
    published = solicitation.published_at
    Solicitation.objects.filter(pk=solicitation.pk).update(published_at=None)
    seats = [
        panel_actions.seat_evaluator(solicitation, user=user, is_chair=number == 0, by=by, at=SEATED)
        for number, user in enumerate(people)
    ]
    Solicitation.objects.filter(pk=solicitation.pk).update(published_at=published)
    for seat in seats:
        seat.solicitation = solicitation
    return seats


def declare(
    window: Window, user: User, *suppliers: Supplier, statement: str = "My sister works there."
) -> None:
    """Sign the window's conflict declaration, naming these suppliers; nothing if it is signed."""
    if not window.declarations.filter(user=user).exists():
        panel_actions.declare_conflicts(
            window,
            signed_name=user.name,
            conflicts=suppliers,
            statement=statement if suppliers else "",
            by=user,
            at=NOW,
        )


def declare_all(window: Window, seats: list[Evaluator]) -> None:
    """Every seat and the RFP's admin sign, without a conflict."""
    window.refresh_from_db()
    for user in (*(seat.user for seat in seats), window.solicitation.created_by):
        declare(window, user)


def open_envelope(
    window: Window, envelope: Envelope, *, chair: Evaluator, admin: User, declared: bool = True
) -> None:
    """Both people open it for every lot with proposals; the window must be closed. Then everybody signs for it."""
    lots = [state.lot for state in decisions_lots.lots_before_prices(window)]
    opening_actions.propose_openings(window, envelope=envelope, lots=lots, by=chair.user)
    opening_actions.confirm_openings(window, envelope=envelope, lots=lots, by=admin)
    if declared and envelope is Envelope.TECHNICAL:
        declare_all(window, list(Evaluator.objects.filter(solicitation=window.solicitation_id)))


def mark_all(proposal: Proposal, seats: list[Evaluator], anchor: int = 4) -> None:
    """Every seat gives every criterion of the proposal the same anchor."""
    assert proposal.current_revision_id is not None
    revision = queries.revision_to_score(proposal.current_revision_id)
    for seat in seats:
        marks = [(criterion, anchor, "") for criterion in inputs.criteria_to_mark(revision)]
        marking_actions.record_marks(revision, marks, evaluator=seat, by=seat.user, at=NOW)
