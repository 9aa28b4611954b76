"""The recipes of CONTRIBUTING.md, performed to the letter in a scratch copy, and the result asked over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import servers as embedded_servers
from tests.house.scratch import Scratch, fits, make_template, paths_of
from tests.processes.site import Answer, Visitor

pytestmark = pytest.mark.slow

PASSWORD = "a long pass phrase"
PEOPLE = f"""
from portal.models import Role
from tests import factories as make
make.with_password(make.make_user(Role.OFFICER, email="officer@recipe.example"), "{PASSWORD}")
owner = make.with_password(make.make_user(email="owner@recipe.example"), "{PASSWORD}")
print(make.make_supplier(owner).pk)
"""


@pytest.fixture(scope="session")
def template(servers: embedded_servers.Servers) -> None:
    make_template(servers)


@pytest.fixture
def scratch(tmp_path: Path, servers: embedded_servers.Servers, template: None) -> Iterator[Scratch]:
    copy = Scratch(tmp_path, servers)
    yield copy
    copy.remove()


def signed_in(visitor: Visitor, who: str) -> Visitor:
    assert visitor.sign_in(f"{who}@recipe.example", PASSWORD).status == 302
    return visitor


def sent_files(visitor: Visitor, path: str, fields: dict[str, str], **files: tuple[str, str]) -> Answer:
    """Post a form with files: field → (file name, text)."""
    edge = "------------------------recipe"
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
    parts += [f'name="{field}"; filename="{name}"\r\n\r\n{text}' for field, (name, text) in files.items()]
    body = "".join(f"--{edge}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
    kind = f"multipart/form-data; boundary={edge}"
    return visitor.post(path, f"{body}--{edge}--\r\n".encode(), **{"Content-Type": kind})


def test_a_recipe_names_its_files() -> None:
    assert paths_of("Add a rule", only="rfp") == [
        "rfp/rules/<family>.py",
        "rfp/rules/__init__.py",
        "tests/rfp/rules/",
    ]
    assert fits("rfp/rules/jobs.py", "rfp/rules/<family>.py") and fits(
        "tests/rfp/rules/a.py", "tests/rfp/rules/"
    )
    assert not fits("rfp/rules/sub/jobs.py", "rfp/rules/<family>.py")
    assert not fits("rfp/facts.py", "rfp/rules/")


# ---- a rule -------------------------------------------------------------------------------------------------------

SUPPLIER_RULE = '''

@dataclass(frozen=True, kw_only=True)
class HoursParams:
    """How many hours a year we call a full year."""

    least: int = setting(2000, "Hours of a full year", unit="hours", least=1, most=9000)


@rule(
    "WS-9",
    title="Hours on file",
    basis="Portal policy",
    params=HoursParams,
    answered_in="safety",
    numbers=("hours",),
)
def hours_on_file(facts: SupplierFacts, params: HoursParams, *, on: date) -> Verdict:
    """The latest safety year has the hours of one person at least."""
    hours = max((each.hours or Decimal(0) for each in facts.safety), default=Decimal(0))
    if hours >= params.least:
        return met(f"{number(hours)} hours on file.", numbers={"hours": hours})
    return refer("Fewer hours than one person works.", fix="Check the hours.", numbers={"hours": hours})
'''
SUPPLIER_RULE_TEST = """
from datetime import date
from decimal import Decimal

import pytest

from portal.kit.compliance import Outcome
from suppliers.facts import SafetyYearFacts, SupplierFacts
from suppliers.rules import QUALIFICATION
from suppliers.rules.safety import HoursParams, hours_on_file


@pytest.mark.parametrize(("hours", "outcome"), [("2000", Outcome.MET), ("1999", Outcome.REFER)])
def test_a_full_year_counts_from_its_last_hour(hours, outcome):
    facts = SupplierFacts(legal_name="A", safety=(SafetyYearFacts(year=2026, hours=Decimal(hours)),))
    (found,) = hours_on_file.findings(facts, HoursParams(), on=date(2026, 5, 12))
    assert found.outcome is outcome and found.numbers[hours_on_file.number("hours")] == hours
    assert QUALIFICATION["WS-9"].title == "Hours on file"
"""


def test_a_rule_about_suppliers(scratch: Scratch) -> None:
    scratch.put("suppliers/rules/safety.py", SUPPLIER_RULE)
    scratch.put(
        "suppliers/rules/__init__.py",
        "        safety.hours_on_file.seen_from(supplier_in),\n",
        after="        safety.injuries.seen_from(supplier_in),\n",
    )
    scratch.put("suppliers/rules/__init__.py", "0", after='"qualification-3')
    scratch.write("tests/suppliers/rules/test_hours.py", SUPPLIER_RULE_TEST)
    scratch.test("tests/suppliers/rules/test_hours.py")
    scratch.migrate(then=PEOPLE)
    with scratch.served() as site:
        page = Visitor(site).get("/rules/").text
        assert "WS-9" in page and "The latest safety year has the hours of one person" in page
        settings = signed_in(Visitor(site), "officer").get("/suppliers/settings/new/").text
        assert "Hours of a full year, hours" in settings and "How many hours a year we call" in settings
    assert scratch.strays("Add a rule", only="suppliers") == set()


RFP_RULE = '''

@rule(
    "WS-8",
    title="Jobs kept",
    basis="RFP: skilled jobs",
    answered_in="making",
    numbers=("kept_fte",),
    markable={"kept_fte": "Jobs kept"},
)
def jobs_kept(facts: ProposalFacts, params: NoParams, *, on: date) -> Verdict:
    """The offer keeps at least one job."""
    kept = sum((line.retained for line in facts.jobs), Decimal(0))
    if kept >= 1:
        return met(f"{number(kept)} jobs kept.", numbers={"kept_fte": kept})
    return not_met("No job is kept.", fix="Enter the jobs you keep.", numbers={"kept_fte": kept})
'''
RFP_RULE_TEST = """
from datetime import date
from decimal import Decimal

import pytest

from portal.kit.compliance import NoParams, Outcome
from rfp.facts import JobsLineFacts, ProposalFacts
from rfp.rules import RULEBOOK
from rfp.rules.jobs import jobs_kept
from suppliers.facts import SupplierFacts


@pytest.mark.parametrize(("kept", "outcome"), [("1", Outcome.MET), ("0.9", Outcome.NOT_MET)])
def test_part_of_a_job_is_no_job(kept, outcome):
    jobs = (JobsLineFacts(state="OH", new=Decimal(0), retained=Decimal(kept)),)
    facts = ProposalFacts(supplier=SupplierFacts(legal_name="A"), jobs=jobs)
    (found,) = jobs_kept.findings(facts, NoParams(), on=date(2026, 5, 12))
    assert found.outcome is outcome
    assert (jobs_kept.key("kept_fte"), "Jobs kept (WS-8)") in RULEBOOK.markable
"""


def test_a_rule_about_proposals(scratch: Scratch) -> None:
    scratch.put("rfp/rules/jobs.py", "NoParams, ", after="from portal.kit.compliance import ")
    scratch.put("rfp/rules/jobs.py", RFP_RULE)
    scratch.put("rfp/rules/__init__.py", "        jobs.jobs_kept,\n", after="        jobs.jobs_and_wages,\n")
    scratch.put("rfp/rules/__init__.py", "0", after='"proposal-5')
    scratch.write("tests/rfp/rules/test_jobs_kept.py", RFP_RULE_TEST)
    scratch.test("tests/rfp/rules/test_jobs_kept.py")
    scratch.migrate()
    with scratch.served() as site:
        page = Visitor(site).get("/rules/").text
        assert "WS-8" in page and "The offer keeps at least one job." in page and "proposal-50" in page
    assert scratch.strays("Add a rule", only="rfp") == set()


# ---- a price formula --------------------------------------------------------------------------------------------

FORMULA = '''"""m·(2 − P/R), 0 to m: no points at twice the reference."""

from __future__ import annotations

from fractions import Fraction

from rfp.method.prices.base import Offer, PriceFormula, Rivals


class _LinearFromReference(PriceFormula):
    def points(self, most: Fraction, offer: Offer, rivals: Rivals, *, cap: bool) -> Fraction:
        assert offer.reference is not None
        return min(max(most * (2 - offer.price / offer.reference), Fraction(0)), most)


FORMULA = _LinearFromReference(
    name="linear_from_reference",
    version=1,
    title="Percent above a reference price",
    words="The reference price earns the most points. Each percent above it costs one percent of them.",
    parameters=("points", "reference"),
    needs_reference=True,
)
'''
FORMULA_TEST = """

def test_linear_from_reference() -> None:
    found = points(PRICES, formula="linear_from_reference", points="30", reference="120")
    assert found == {"A": 30, "B": 30, "C": 15, "D": 0}
"""
SCORED = """
from decimal import Decimal
from portal.models import Role
from tests import factories as make
admin = make.with_password(make.make_user(Role.ADMIN, email="admin@recipe.example"), "{password}")
make.make_solicitation(number="new-formula", by=admin, price_formula="linear_from_reference", published=True)
draft = make.make_solicitation(number="a-draft", by=admin, published=False)
print(draft.pk)
"""


def test_a_price_formula(scratch: Scratch) -> None:
    registry, tests = "rfp/method/prices/__init__.py", "tests/scoring/calculation/test_prices.py"
    scratch.write("rfp/method/prices/linear_from_reference.py", FORMULA)
    scratch.put(
        registry,
        "    linear_from_reference,\n",
        before="    linear_min_max,\n    lowest_ratio,\n    mean_50,\n    none,\n",
    )
    scratch.put(
        registry, "        linear_from_reference,\n", before="        linear_min_max,\n        mean_50,\n"
    )
    scratch.put(tests, FORMULA_TEST)
    scratch.test(tests, "-k", "linear_from_reference")
    scratch.python("-m", "scoring.calculation.file.manual")
    scratch.test("tests/scoring/calculation/file/test_schema.py", "-k", "current or schema_is")
    draft = scratch.migrate(then=SCORED.format(password=PASSWORD)).strip()
    with scratch.served() as site:
        page = Visitor(site).get("/rfps/new-formula/").text
        assert "The reference price earns the most points. Each percent above it costs" in page
        admin = signed_in(Visitor(site), "admin")
        setup = admin.get(f"/setup/{draft}/scoring/").text
        row = setup.partition("Percent above a reference price\n")[2].partition("</tr>")[0]
        assert re.findall(r">(\d+\.\d\d)<", row) == [
            "20.00",
            "20.00",
            "16.00",
        ]  # of 20, at 125,000: 20% above costs 4
        sent = {"price_formula": "linear_from_reference", "reference": "public", "technical_form": "sum"}
        sent |= {"technical_threshold": "60", "aggregate": "mean", "trim": "20", "tie_1": "technical"}
        saved = admin.post(f"/setup/{draft}/scoring/", sent)
        assert saved.status == 302, saved.text
    assert scratch.strays("Add a price formula") == set()


# ---- a screening list source ----------------------------------------------------------------------------------------

READER = '''"""The European Union's list of barred bidders, a CSV. Pure."""

from __future__ import annotations

from suppliers.lists.reading import Record, Sheet, plain, refuse_other_kinds, table
from suppliers.lists.records import parties_of
from suppliers.lists.values import digest
from suppliers.matching.party import ListedParty


def read(sheet: Sheet) -> tuple[tuple[ListedParty, ...], int]:
    """The parties in the order of the file, and its number of rows. Raises ListError."""
    refuse_other_kinds(sheet, "the list of barred bidders")
    return parties_of(sheet, table(sheet, required=("bidder", "barred since")).records, _party)


def _party(sheet: Sheet, record: Record) -> ListedParty:
    name = plain(record["bidder"])
    return ListedParty(record_id=digest(name), name=name, list_code="EU")
'''
SOURCE = """    Source(
        code="eu",
        title="EU barred bidders",
        files="a CSV with the columns bidder and barred since",
        basis="Policy here",
        reader=one_file(eu.read),
        knows=columns("bidder", "barred since"),
        effects={_EXCLUDES: ("EU",)},
        list_code="EU",
    ),
"""
SOURCE_TEST = """

def test_the_list_of_barred_bidders():
    found = read_files({"barred.csv": b"Bidder,Barred since\\nSeaglass Metals,2026-01-02\\n"})
    assert (found.source, [party.name for party in found.parties]) == ("eu", ["Seaglass Metals"])
    assert source_of("eu").effects[ListEffect.EXCLUDES] == ("EU",)
    with pytest.raises(ListError, match="e.csv, row 1: the header row is missing the column barred since"):
        read_files({"e.csv": b"Bidder\\nSeaglass Metals\\n"}, source="eu")
"""


def test_a_list_source(scratch: Scratch) -> None:
    sources, tests = "suppliers/lists/sources.py", "tests/suppliers/lists/test_lists.py"
    scratch.write("suppliers/lists/readers/eu.py", READER)
    scratch.put(sources, "eu, ", after="from suppliers.lists.readers import bis, consolidated, ")
    scratch.put(sources, SOURCE, before='    Source(\n        code="un",\n')
    scratch.put(tests, "    source_of,\n", before=")\nfrom suppliers.lists.readers.")
    scratch.put(
        tests, "from suppliers.lists.sources import ListEffect\n", before="from suppliers.matching.party"
    )
    scratch.put(tests, SOURCE_TEST)
    scratch.test(tests, "-k", "barred_bidders")
    scratch.migrate(then=PEOPLE)
    with scratch.served() as site:
        officer = signed_in(Visitor(site), "officer")
        assert "EU barred bidders" in officer.get("/screening/lists/load/").text
        told = {"source": "eu", "as_of": "2026-01-02"}
        answer = sent_files(
            officer,
            "/screening/lists/load/",
            told,
            list_files=("barred.csv", "Bidder,Barred since\nSeaglass Metals,2026-01-02\n"),
        )
        assert answer.status == 302, answer.text
        page = officer.get(answer.headers["Location"]).text
        assert "EU barred bidders" in page and "Seaglass Metals" not in page
        # The rules take what the list does from its row, and the settings show it.
        assert "\nEU\n" in officer.get("/suppliers/settings/new/").text
    assert scratch.strays("Add a screening list source") == set()


# ---- a section of the profile ---------------------------------------------------------------------------------------

MODEL = '''

class Patent(models.Model):
    """A patent that the company holds."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="patents")
    number = models.CharField("patent number", max_length=40)
    expires = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.number
'''
FORM = '''"""One patent of a company."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from suppliers.company.forms.fields import date_input
from suppliers.company.forms.part import PartForm
from suppliers.company.profile_models import Patent


class PatentForm(PartForm):
    submit = "Save the patent"

    class Meta:
        model = Patent
        fields: ClassVar[list[str]] = ["number", "expires"]
        widgets: ClassVar[dict[str, forms.Widget]] = {"expires": date_input()}
'''
KIND = """        Kind(
            slug="patents",
            model=Patent,
            form=PatentForm,
            one="patent",
            many="Patents",
            why="Patents that protect what you make.",
            describe=lambda row: (row.number, f"until {day(row.expires)}"),
        ),
"""
FACTS = '''@dataclass(frozen=True, kw_only=True)
class PatentFacts:
    """One patent, and its last day."""

    number: str
    expires: date | None = None


'''


def test_a_section_of_the_profile(scratch: Scratch) -> None:
    kinds, facts, profiles = (
        "suppliers/company/forms/kinds.py",
        "suppliers/facts.py",
        "suppliers/company/profiles.py",
    )
    hostile = "tests/suppliers/company/test_hostile_profile.py"
    scratch.put("suppliers/company/profile_models.py", MODEL)
    scratch.write("suppliers/company/forms/patents.py", FORM)
    scratch.put(kinds, KIND, before='        Kind(\n            slug="references",\n')
    scratch.put(
        kinds,
        "from suppliers.company.forms.patents import PatentForm\n",
        before="from suppliers.company.forms.sites",
    )
    scratch.put(kinds, "    Patent,\n", before="    Reference,\n")
    scratch.put(facts, FACTS, before="@dataclass(frozen=True, kw_only=True)\nclass FinancialYearFacts:")
    scratch.put(
        facts,
        "    patents: tuple[PatentFacts, ...] = ()\n",
        after="    workforce: tuple[WorkforceFacts, ...] = ()\n",
    )
    scratch.put(profiles, "    PatentFacts,\n", before="    SafetyYearFacts,\n")
    scratch.put(profiles, '    "patents",\n', before='    "workforce",\n')
    scratch.put(
        profiles,
        '        patents=tuple(PatentFacts(**_taken(row, ("number", "expires"))) for row in rows.patents.all()),\n',
        before="        attestations=attestation_facts(rows),\n",
    )
    scratch.put(
        hostile,
        '        ("patents", {"number": "", "expires": "yesterday"}, "expires"),\n',
        before='        ("sites", {"name": "P", "capacity_per_year": "-5"}, "capacity_per_year"),\n',
    )
    scratch.python("manage.py", "makemigrations", "suppliers", "--name=patents", "--verbosity=0")
    supplier = scratch.migrate(then=PEOPLE).strip()
    with scratch.served() as site:
        owner = signed_in(Visitor(site), "owner")
        profile = f"/company/{supplier}/"
        page = owner.get(profile).text
        assert "Patents that protect what you make." in page and f"{profile}patents/add/" in page
        owner.get(f"{profile}patents/add/")
        refused = owner.post(f"{profile}patents/add/", {"number": "", "expires": "yesterday"})
        assert refused.status == 200 and "yesterday" in refused.text
        saved = owner.post(f"{profile}patents/add/", {"number": "US 9,999,999", "expires": "2031-05-12"})
        assert saved.status == 302, saved.text
        page = owner.get(profile).text
        assert "US 9,999,999" in page and "until May 12, 2031" in page
    read = (
        "import django; django.setup()\n"
        "from suppliers.company.profiles import supplier_facts\n"
        "from suppliers.models import Supplier\n"
        "print(supplier_facts(Supplier.objects.get()).patents[0].number)"
    )
    assert scratch.python("-c", read).strip() == "US 9,999,999"
    assert scratch.strays("Add a section to the company profile") == set()


# ---- a list page ----------------------------------------------------------------------------------------------------

LISTED_CERTIFICATES = '''"""Certificates of all suppliers, and their last days."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.kit.listing import Column, Empty, File, Listing, Search
from suppliers.company.profile_models import Certificate
from suppliers.screening.views.alerts import reader

CERTIFICATES = Listing(
    name="certificates",
    title="Certificates",
    route="suppliers:certificate_list",
    export="suppliers:certificate_export",
    columns=(
        Column("Scheme", key="scheme", sort="scheme", files=(File("Scheme", lambda row: row.scheme),)),
        Column("Supplier", files=(File("Supplier", lambda row: row.supplier.legal_name),)),
        Column("Until", key="until", sort="expires", files=(File("Until", lambda row: row.expires),)),
    ),
    filters=(Search("Scheme or supplier", ("scheme__icontains", "supplier__legal_name__icontains")),),
    rows_template="suppliers/qualification/certificates_rows.html",
    nothing=Empty("No certificates yet"),
    nothing_matches=Empty("No matching certificates"),
)


@login_required
@require_GET
def certificate_list(request: HttpRequest) -> HttpResponse:
    reader(request)
    rows = Certificate.objects.select_related("supplier").order_by("id")
    return render(request, "suppliers/qualification/certificates.html", CERTIFICATES.page(request, rows))


@login_required
@require_GET
def certificate_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    reader(request)
    return CERTIFICATES.file(request, Certificate.objects.select_related("supplier").order_by("id"), kind)
'''
LIST_PAGE = """{% extends "base.html" %}
{% block title %}Certificates{% endblock %}
{% block main %}
  <section class="panel" aria-label="Certificates">
    {% include "components/lists/listing.html" %}
  </section>
{% endblock %}
"""
LIST_ROWS = """{% for row in page %}
  <tr>
    <th scope="row">{{ row.scheme }}</th>
    <td>{{ row.supplier }}</td>
    <td>{{ row.expires|day }}</td>
  </tr>
{% endfor %}
"""
MORE_ROWS = """
from suppliers.models import Certificate
held = Certificate.objects.get()
held.scheme, held.expires = "ISO 9001", "2027-03-01"
held.save()
held.pk, held.scheme, held.expires = None, "UL 891", "2027-01-31"
held.save(force_insert=True)
"""


def test_a_list_page(scratch: Scratch) -> None:
    scratch.write("suppliers/qualification/views/certificates.py", LISTED_CERTIFICATES)
    scratch.write("templates/suppliers/qualification/certificates.html", LIST_PAGE)
    scratch.write("templates/suppliers/qualification/certificates_rows.html", LIST_ROWS)
    scratch.put(
        "suppliers/urls.py",
        '    path("certificates/", certificates.certificate_list, name="certificate_list"),\n'
        '    path("certificates/export.<slug:kind>", certificates.certificate_export, name="certificate_export"),\n',
        before='    path("suppliers/waivers/", rulebook.waiver_list',
    )
    scratch.put("suppliers/urls.py", "certificates, ", after="from suppliers.qualification.views import ")
    scratch.put(
        "tests/whole/test_matrix.py",
        '    "suppliers:certificate_list": pages(COMPLIANCE),\n'
        '    "suppliers:certificate_export": pages(COMPLIANCE, lambda w: ["csv"]),\n',
        before='    "suppliers:waiver_list": pages(COMPLIANCE),\n',
    )
    scratch.put(
        "tests/house/test_listings.py",
        '    "certificates": (Role.OFFICER, lambda number: make.make_supplier()),\n',
        after='    "audit": (Role.AUDITOR, an_event),\n',
    )
    scratch.migrate(then=PEOPLE + MORE_ROWS)
    with scratch.served() as site:
        officer, owner = signed_in(Visitor(site), "officer"), signed_in(Visitor(site), "owner")
        page = officer.get("/certificates/?sort=until").text
        assert 0 < page.index("UL 891") < page.index("ISO 9001") and "sort=-until" in page
        assert "UL 891" not in officer.get("/certificates/?q=iso").text
        assert officer.get("/certificates/export.csv?q=ul").text.splitlines()[1].startswith("UL 891,")
        assert owner.get("/certificates/").status == 404
    assert scratch.strays("Add a list page") == set()
