"""The sample's suppliers: sixteen written by hand, and variations on them so that lists have something to show."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.demo import Demo
from portal.kit.refused import Refused
from portal.models import Role
from suppliers import lists
from suppliers.company import actions as company_actions
from suppliers.company import search_text
from suppliers.models import (
    Certificate,
    Commodity,
    FinancialYear,
    InsurancePolicy,
    Membership,
    Officer,
    Owner,
    Region,
    SafetyYear,
    Site,
    Supplier,
    Workforce,
)
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import qualifying
from suppliers.rules.finances import NEEDED
from suppliers.rules.identity import CAGE, uei_check_character
from suppliers.screening import list_actions

SAMPLE = Path(__file__).parent / "sample"
MILLION = (*NEEDED, "interest_expense")
OWNERS = {
    "person": "Founder",
    "company": "Holdings",
    "trust": "Trust",
    "fund": "Fund",
    "public": "Float",
    "government fund": "State Fund",
}
KINDS = {"government fund": Owner.Kind.GOVERNMENT}

# Rivers and rock on one side, trades on the other: invented companies.
PLACES = (
    "Ashfork", "Bitterroot", "Cedar Bluff", "Dry Creek", "Elkhorn Bend", "Flint Hollow", "Granite Reach",
    "Hazel Run", "Iron Ridge", "Juniper Flat", "Kettle Moraine", "Limestone Fork", "Marble Falls", "North Branch",
    "Ochre Hills", "Pine Barren", "Quarry Lake", "Red Clay", "Slate River", "Tamarack", "Umber Valley",
    "Vermilion", "Willow Grade", "Yellow Birch",
)  # fmt: skip
FORMS = ("Inc.", "LLC", "Corp.", "Co.")
TRADES = {
    "S01": "Rack Frames", "S02": "Enclosures", "S03": "Cable Works", "S04": "Network Systems", "S05": "Thermal",
    "S06": "Cold Plates", "S07": "Transformers", "S08": "Switchgear", "S09": "Power Conversion", "S10": "Rectifiers",
    "S11": "Integration", "S12": "Tool and Mold", "S13": "Optics", "S14": "Device Assembly", "S15": "Gear",
    "S16": "Servo Drives",
}  # fmt: skip


def build(demo: Demo) -> None:
    """The sixteen, their variations, and a small synthetic screening list."""
    written = json.loads((SAMPLE / "suppliers.json").read_text())["suppliers"]
    for each in written:
        _supplier(demo, each["id"], each, name=each["legal_name"])
    for index, place in enumerate(PLACES):
        base = written[index % len(written)]
        key = f"V{index + 1:02d}"
        name = f"{place} {TRADES[base['id']]} {FORMS[index % len(FORMS)]}"
        _supplier(demo, key, _varied(demo, base, place), name=name)
        demo.made[f"base:{key}"] = base["id"]
    listed = SAMPLE / "screening.csv"
    found = lists.read_files({listed.name: listed.read_bytes()}, source="custom")
    list_actions.load_list(found, as_of=demo.today, at=demo.now)
    _categories()
    for index in range(len(written)):
        _qualified(demo, written[index], approve=index % 4 != 3)


# What the sample's suppliers make, by the words of their industry codes' beginnings.
COMMODITIES = (
    ("racks", "Racks and enclosures", ("rack", "enclosure", "cabinet"), ("332322", "332312"), ("ISO 9001",)),
    ("cooling", "Cooling", ("cooling", "thermal", "heat", "cold plate"), ("333415", "332999"), ("ISO 9001",)),
    ("power", "Power", ("transformer", "switchgear", "power"), ("335311", "335313", "335999"), ("ISO 9001",)),
    ("network", "Cable and network", ("cable", "network", "optic"), ("335921", "334210", "334417"), ("ISO 9001",)),
    ("drives", "Drives and mechanics", ("gear", "servo", "drive"), ("333612", "335312", "335314"), ("ISO 9001",)),
)  # fmt: skip
REGIONS = (
    ("us", "United States", ()),
    ("midwest", "Midwest", ("IA", "IL", "IN", "KS", "MI", "MN", "MO", "ND", "NE", "OH", "SD", "WI")),
    ("south", "South", ("AL", "AR", "FL", "GA", "KY", "LA", "MS", "NC", "OK", "SC", "TN", "TX", "VA", "WV")),
)


def _categories() -> None:
    """What a supplier may be qualified for."""
    for code, title, keywords, naics, schemes in COMMODITIES:
        Commodity.objects.create(
            code=code, title=title, keywords=list(keywords), naics=list(naics), schemes=list(schemes)
        )
    for code, title, states in REGIONS:
        Region.objects.create(code=code, title=title, states=list(states))


def _varied(demo: Demo, base: dict[str, Any], place: str) -> dict[str, Any]:
    """The same kind of company at another place, of another size, with identifiers and owners of its own."""
    size = Decimal(demo.dice.randint(40, 160)) / 100
    years = [
        {**year, **{name: round(float(Decimal(str(year[name])) * size), 3) for name in MILLION}}
        for year in base["financials"]
    ]
    numbered = [
        {**row, "number": f"SAMPLE-{demo.dice.randint(10000, 99999)}"} for row in base["certificates"]
    ]
    return {
        **base,
        "dba": "",
        "uei": _uei(demo),
        "cage": "",
        "website": "",
        "employees": int(base["employees"] * size),
        "financials": years,
        "certificates": numbered,
        "owners": [
            {
                **owner,
                "name": f"{place} {OWNERS.get(owner['type'], 'Holder')} {number} (sample)",
                "parent": None,
            }
            for number, owner in enumerate(base["owners"], start=1)
        ],
    }


def _uei(demo: Demo) -> str:
    letters, digits = "ABCDEFGHJKLMNPQRSTUVWXYZ", "123456789"
    while True:
        first = demo.dice.choice(letters) + "".join(demo.dice.choices(letters + digits, k=10))
        if not CAGE.fullmatch(first[:5]):
            return first + uei_check_character(first)


def _supplier(demo: Demo, key: str, data: dict[str, Any], *, name: str) -> Supplier:
    supplier = Supplier.objects.create(
        legal_name=name,
        dbas=[data["dba"]] if data["dba"] else [],
        country=data["country"],
        description=data["description"],
        website=data["website"] or "",
        founded=data["founded"],
        employees=data["employees"],
        uei=data["uei"] or "",
        cage=data["cage"] or "",
        lei=data["lei"] or "",
        sam_status="active" if data["sam_status"] == "active" else "",
        sam_expiry=demo.on(data["sam_expiry"]) if data["sam_expiry"] else None,
        naics=data["naics"],
    )
    demo.made[f"supplier:{key}"] = supplier
    _people(demo, key, data, supplier)
    sites = {row["id"]: _site(demo, row, supplier) for row in data["sites"]}
    demo.made.update({f"site:{key}:{site_key[-1]}": site for site_key, site in sites.items()})
    for row in data["certificates"]:
        _certificate(demo, row, supplier, sites)
    FinancialYear.objects.bulk_create(_financial_year(demo, row, supplier) for row in data["financials"])
    _papers(demo, data, supplier)
    search_text.refresh(supplier)
    return supplier


def _qualified(demo: Demo, data: dict[str, Any], *, approve: bool) -> None:
    """Statements signed, a qualification begun and handed in; most are approved where nothing stands against it."""
    supplier, owner, officer = (
        demo.made[key] for key in (f"supplier:{data['id']}", f"user:{data['id']}", "user:officer")
    )
    given = data["attestations"]
    answers = {
        "mfa": given["mfa"],
        "encryption": given["encryption"],
        "incident": given["incident_hours"] <= 72,
        "sbom": given["sbom"],
        "ip": True,
        "bribery": True,
        "labor": given["forced_labour"],
        "conflict": given["conflict_of_interest"],
        "889": not given["section_889"],
    }
    company_actions.sign_attestations(
        supplier,
        {code: (answer, "") for code, answer in answers.items()},
        signer=given["signer"],
        title=given["title"],
        by=owner,
        at=demo.now,
    )
    begun = qualification_actions.begin_qualification(
        supplier, _made_by(supplier), Region.objects.get(code="us"), by=owner, at=demo.now
    )
    qualification_actions.ask_for_approval(begun, by=owner, at=demo.now)
    qualifying.assess_supplier(supplier.pk, on=demo.today)
    if approve:
        with suppress(Refused):
            qualification_actions.act_on_standing(
                begun,
                "approve",
                reason="Sample: an officer reviewed the findings.",
                told="Welcome. We know about the findings below.",
                by=officer,
                at=demo.now,
            )


def _made_by(supplier: Supplier) -> Commodity:
    """The first commodity of one of its industries; racks for the others."""
    fitting = Commodity.objects.filter(naics__overlap=supplier.naics).order_by("pk").first()
    return fitting or Commodity.objects.get(code="racks")


def _papers(demo: Demo, data: dict[str, Any], supplier: Supplier) -> None:
    """Insurance, safety, people at work."""
    InsurancePolicy.objects.bulk_create(_policies(demo, data["insurance"], supplier))
    SafetyYear.objects.bulk_create(
        SafetyYear(
            supplier=supplier,
            year=row["year"],
            deaths=row["G"],
            days_away=row["H"],
            restricted=row["I"],
            other=row["J"],
            hours=row["hours"],
        )
        for row in data["safety"]
    )
    people = data["workforce"]
    Workforce.objects.create(
        supplier=supplier,
        state=data["sites"][0]["state"] or "OH",
        employees=people["production"] + people["maintenance"] + people["engineers"],
        skilled=people["production"],
        maintenance=people["maintenance"],
        training=people["apprentices"],
        wage=people["median_wage_usd_h"],
        wage_benchmark=people["county_benchmark_usd_h"],
    )


def _policies(demo: Demo, given: dict[str, Any], supplier: Supplier) -> list[InsurancePolicy]:
    limits = {
        InsurancePolicy.Kind.GENERAL: (given["cgl_each_usd"], given["cgl_aggregate_usd"]),
        InsurancePolicy.Kind.UMBRELLA: (given["umbrella_usd"], given["umbrella_usd"]),
        InsurancePolicy.Kind.PRODUCT: (given["product_usd"], given["product_usd"]),
        InsurancePolicy.Kind.CYBER: (given["cyber_usd"], given["cyber_usd"]),
    }
    if given["workers_comp"]:
        limits[InsurancePolicy.Kind.WORKERS] = (None, None)
    expires = demo.on(given["expires"])
    return [
        InsurancePolicy(
            supplier=supplier,
            kind=kind,
            insurer="Sample Mutual (invented)",
            number=f"SAMPLE-{kind[:2].upper()}",
            per_occurrence=each,
            aggregate=total,
            effective=expires - timedelta(days=365),
            expires=expires,
        )
        for kind, (each, total) in limits.items()
        if each or total or kind == InsurancePolicy.Kind.WORKERS
    ]


def _people(demo: Demo, key: str, data: dict[str, Any], supplier: Supplier) -> None:
    if key.startswith("S"):
        contact, email = data["contact"]["name"], data["contact"]["email"]
    else:
        contact, email = f"Contact at {supplier.legal_name}", f"{key.lower()}@onshore.example"
    person = demo.make_person(key, email, name=contact, role=Role.SUPPLIER)
    Membership.objects.create(supplier=supplier, user=person, level=Membership.Level.OWNER)
    Owner.objects.bulk_create(_owner(row, supplier) for row in data["owners"])
    Officer.objects.bulk_create(
        Officer(supplier=supplier, name=row["name"], title=row["title"]) for row in data["officers"]
    )


def _owner(row: dict[str, Any], supplier: Supplier) -> Owner:
    return Owner(
        supplier=supplier,
        name=row["name"],
        kind=KINDS.get(row["type"], row["type"]),
        country=row["country"],
        pct_equity=row["pct_equity"],
        pct_votes=row["pct_votes"],
        board_seats=row["board_seats"],
        board_size=row["board_size"],
        is_government=row["is_government"],
        parent=row["parent"] or "",
    )


def _site(demo: Demo, row: dict[str, Any], supplier: Supplier) -> Site:
    return Site.objects.create(
        supplier=supplier,
        name=row["name"],
        status=row["status"],
        street=row["street"],
        city=row["city"],
        state=row["state"],
        zip=row["zip"],
        country=row["country"],
        power_mw=row["power_mw"],
        permits_in_hand=bool(row["permits_in_hand"]),
        land_control=bool(row["land_control"]),
        start_date=demo.on(row["start_date"]) if row["start_date"] else None,
    )


def _certificate(demo: Demo, row: dict[str, Any], supplier: Supplier, sites: dict[str, Site]) -> None:
    certificate = Certificate.objects.create(
        supplier=supplier,
        scheme=row["scheme"],
        edition=row["edition"],
        number=row["number"],
        certification_body=row["certification_body"],
        accreditation_body=row["accreditation_body"] or "",
        issued=demo.on(row["issued"]),
        expires=demo.on(row["expires"]),
        last_surveillance=demo.on(row["last_surveillance"]) if row["last_surveillance"] else None,
        scope=row["scope"],
    )
    certificate.sites.set([sites[key] for key in row["sites"]])


def _financial_year(demo: Demo, row: dict[str, Any], supplier: Supplier) -> FinancialYear:
    return FinancialYear(
        supplier=supplier,
        fiscal_year=row["fiscal_year"],
        period_end=demo.on(row["period_end"]),
        assurance=row["assurance"],
        **{name: Decimal(str(row[name])) for name in MILLION},
    )
