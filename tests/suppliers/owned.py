"""Suppliers with owners, and listed parties among them."""

from datetime import date
from decimal import Decimal

from portal.kit.compliance import Outcome
from suppliers.facts import (
    HitFacts,
    ListFacts,
    OwnerFacts,
    QualificationFacts,
    ScreeningFacts,
    SupplierFacts,
)

ON = date(2026, 5, 12)


MET, NOT_MET, REFER = Outcome.MET, Outcome.NOT_MET, Outcome.REFER


def owner(name, pct=None, *, owns="", country="US", **more):
    share = None if pct is None else Decimal(str(pct))
    return OwnerFacts(name=name, owns=owns, country=country, pct_equity=share, **more)


def supplier(*owners, **fields):
    return SupplierFacts(legal_name="Hock Works LLC", owners=owners, **fields)


def hit(name, *, state="true_match", source="ofac", code="SDN", role="owner", band="exact", **more):
    return HitFacts(
        name=name,
        role=role,
        source=source,
        record="1",
        matched_name=name.upper(),
        programme="",
        score=Decimal(1),
        band=band,
        disposition=state,
        list_code=code,
        **more,
    )


LISTS = tuple(ListFacts(source=source, snapshot="1", as_of=ON) for source in ("ofac", "csl", "1260h"))


def facts(given_supplier, *hits, lists=LISTS):
    screened = ScreeningFacts(screened=(given_supplier.legal_name,), lists=lists, hits=hits)
    return QualificationFacts(supplier=given_supplier, screening=screened)


def found(rule, given, part="", params=None):
    rows = {each.part: each for each in rule.findings(given, params or rule.params(), on=ON)}
    return rows[part]


STATE = {"country": "CN", "is_government": True}
