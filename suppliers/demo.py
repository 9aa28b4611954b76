"""The sample's suppliers: sixteen written by hand, and variations on them so that lists have something to show."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.demo import Demo
from portal.models import Role
from suppliers import actions
from suppliers.models import Certificate, FinancialYear, Membership, Officer, Owner, Site, Supplier
from suppliers.rules.identity import CAGE, uei_check_character
from suppliers.screening import lists

SAMPLE = Path(__file__).parent / "sample"
MILLION = (
    "current_assets",
    "current_liabilities",
    "total_assets",
    "total_liabilities",
    "retained_earnings",
    "ebit",
    "equity",
    "sales",
    "interest_expense",
)
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
        _supplier(demo, key, _varied(demo, base), name=name)
        demo.made[f"base:{key}"] = base["id"]
    listed = SAMPLE / "screening.csv"
    found = lists.read_files({listed.name: listed.read_bytes()}, source="custom")
    actions.load_list(found, as_of=demo.today, at=demo.now, by=None)


def _varied(demo: Demo, base: dict[str, Any]) -> dict[str, Any]:
    """The same kind of company, another size, with identifiers of its own."""
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
        "owners": [{**owner, "name": f"{owner['name']} (sample)"} for owner in base["owners"]],
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
        naics=data["naics"],
    )
    demo.made[f"supplier:{key}"] = supplier
    _people(demo, key, data, supplier)
    sites = {row["id"]: _site(demo, row, supplier) for row in data["sites"]}
    demo.made.update({f"site:{key}:{site_key[-1]}": site for site_key, site in sites.items()})
    for row in data["certificates"]:
        _certificate(demo, row, supplier, sites)
    FinancialYear.objects.bulk_create(_financial_year(demo, row, supplier) for row in data["financials"])
    return supplier


def _people(demo: Demo, key: str, data: dict[str, Any], supplier: Supplier) -> None:
    if key.startswith("S"):
        contact, email = data["contact"]["name"], data["contact"]["email"]
    else:
        contact, email = f"Contact of {supplier.legal_name}", f"{key.lower()}@onshore.example"
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
