"""Profiles and teams under hostile input: what is impossible is refused beside the field, the rest is kept as typed."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.models import Role
from suppliers import ownership
from suppliers.company import profiles, search_text
from suppliers.company.forms.figures import WorkforceForm
from suppliers.company.forms.identity import CompanyForm
from suppliers.models import Supplier
from suppliers.qualification import qualifying
from tests import factories as make

pytestmark = pytest.mark.django_db

NAUGHTY = (
    "Robert'); DROP TABLE suppliers;--",
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% csrf_token %}",
    '=HYPERLINK("http://x","y")',
    "Ｆｕｌｌ Ｗｉｄｔｈ",
    "नमस्ते Works",
    "田中金属工業",
    "Zero\u200bWidth Works",
    "Ünïcödé Ltd",
    "ﷺ",
    "🏭 Works",
    "a" * 200,
    "%s%s%s %d",
    "../../etc/passwd",
    "NULL",
    "\u0930\u094d\u0930" * 40,
    "İstanbul Çelik",
    'O\'Brien & Sons, "Best"',
)
SITE = {"name": "P", "status": "existing", "street": "1 Mill St", "city": "C", "state": "OH", "country": "US"}
PLACES = {"state": "OH", "employees": "10", "skilled": "1", "maintenance": "0", "training": "0"}
OWNER = {"name": "A", "kind": "person", "country": "US"}
DAYS = {"expires": "2026-01-01", "certification_body": "R"}
REFUSED = ("", "   ", "a" * 201, "evil\u202eexe.txt", "nul\x00name")


@pytest.mark.parametrize("name", NAUGHTY)
def test_a_naughty_name_is_kept_as_typed_and_read_everywhere(client, name):
    supplier = make.make_supplier()
    owner = make.owner_of(supplier)
    client.force_login(owner)
    url = reverse("suppliers:company_edit", args=[supplier.pk])
    client.post(url, {"legal_name": name, "country": "US", "naics": "334111", "description": name})
    supplier.refresh_from_db()
    assert supplier.legal_name == name
    row = make.make_standing(supplier)
    assert row.latest.findings.exists()
    for page in ("company_overview", "standing_list", "team", "statements"):
        answer = client.get(reverse(f"suppliers:{page}", args=[supplier.pk]))
        assert answer.status_code == 200
        assert b"<script>alert(1)" not in answer.content
    client.force_login(make.make_user(Role.OFFICER))
    for address in ("/suppliers/", f"/suppliers/{supplier.pk}/", f"/suppliers/standings/{row.pk}/"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert b"<script>alert(1)" not in answer.content
    assert client.get("/suppliers/", {"q": name}).status_code == 200


@pytest.mark.parametrize("name", REFUSED)
def test_an_impossible_name_is_refused_beside_the_field_and_nothing_is_lost(client, name):
    supplier = make.make_supplier()
    client.force_login(make.owner_of(supplier))
    url = reverse("suppliers:company_edit", args=[supplier.pk])
    answer = client.post(url, {"legal_name": name, "country": "US", "description": "What we make"})
    assert answer.context["form"].errors["legal_name"]
    assert "What we make" in answer.content.decode()
    assert Supplier.objects.get(pk=supplier.pk).legal_name == supplier.legal_name


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("owners", {"name": "A", "kind": "person", "country": "US", "pct_equity": "101"}, "pct_equity"),
        ("owners", {"name": "A", "kind": "person", "country": "US", "pct_equity": "-1"}, "pct_equity"),
        ("owners", {"name": "A", "kind": "person", "country": "US", "pct_equity": "NaN"}, "pct_equity"),
        ("owners", {"name": "A", "kind": "person", "country": "US", "owns": "999999"}, "owns"),
        ("insurance", {"kind": "cyber", "effective": "2027-01-01", "expires": "2026-01-01"}, "insurer"),
        (
            "insurance",
            {"kind": "cyber", "insurer": "M", "number": "1", "per_occurrence": "1e400"},
            "per_occurrence",
        ),
        (
            "safety",
            {"year": "2025", "deaths": "-1", "days_away": "0", "restricted": "0", "other": "0"},
            "deaths",
        ),
        ("safety", {"year": "25", "deaths": "0"}, "year"),
        ("safety", {"year": "2025", "hours": "99999999999999"}, "hours"),
        ("workforce", {"state": "ZZ", "employees": "1"}, "state"),
        ("workforce", {**PLACES, "skilled": "11"}, "skilled"),
        ("references", {"customer": "C", "contact": "D", "product": "P", "email": "nobody"}, "email"),
        ("references", {"customer": "C", "contact": "D", "product": "P", "since": "19"}, "since"),
        ("sites", {**SITE, "zip": "75001"}, "zip"),
        ("sites", {"name": "P", "capacity_per_year": "-5"}, "capacity_per_year"),
        ("certificates", {"scheme": "CMMC", "assessed_score": "x"}, "assessed_score"),
    ],
)
def test_each_kind_of_row_refuses_what_cannot_be(client, kind, data, field):
    supplier = make.make_supplier()
    client.force_login(make.owner_of(supplier))
    answer = client.post(reverse("suppliers:part_add", args=[supplier.pk, kind]), data)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors


def test_another_companys_owner_cannot_be_owned(client):
    supplier, other = make.make_supplier(), make.make_supplier()
    theirs = other.owners.create(name="Theirs", pct_equity=100)
    client.force_login(make.owner_of(supplier))
    data = {"name": "A", "kind": "person", "country": "US", "owns": str(theirs.pk)}
    answer = client.post(reverse("suppliers:part_add", args=[supplier.pk, "owners"]), data)
    assert "owns" in answer.context["form"].errors


def test_owners_in_a_circle_are_told_not_followed_for_ever():
    supplier = make.make_supplier()
    first = supplier.owners.create(name="First", pct_equity=100)
    second = supplier.owners.create(name="Second", pct_equity=60, owns=first)
    supplier.owners.create(name="First", pct_equity=60, owns=second)
    graph = ownership.graph_of(profiles.supplier_facts(supplier))
    assert len(ownership.paths(graph)) < 10
    assert make.make_standing(supplier).latest.findings.get(rule="SC-3", part="told").outcome == "refer"


def autosave(client, supplier, data):
    url = reverse("suppliers:company_edit", args=[supplier.pk])
    return client.post(url, data, headers={"HX-Request": "true"})


def test_autosave_keeps_what_fits_and_names_what_does_not(client):
    supplier = make.make_supplier(ein="123456789")
    client.force_login(make.owner_of(supplier))
    answer = autosave(
        client, supplier, {"legal_name": "New Name Inc", "country": "US", "uei": "short", "naics": "334111"}
    )
    supplier.refresh_from_db()
    assert (supplier.legal_name, supplier.uei, supplier.ein) == ("New Name Inc", "", "123456789")
    page = answer.content.decode()
    assert "data-saved-at" in page
    assert 'data-problem="id_uei"' in page
    assert "SHORT is not a UEI" in page
    # The search and the standings follow what was saved.
    assert Supplier.objects.get(search_text__contains="New Name Inc") == supplier


def test_a_blank_ein_keeps_the_one_on_file_and_it_is_never_on_the_page(client):
    supplier = make.make_supplier(ein="123456789")
    client.force_login(make.owner_of(supplier))
    url = reverse("suppliers:company_edit", args=[supplier.pk])
    data = {"legal_name": "A Inc", "country": "US", "naics": "334111"}
    client.post(url, data)
    assert Supplier.objects.get(pk=supplier.pk).ein == "123456789"
    for address in (url, reverse("suppliers:company_overview", args=[supplier.pk])):
        page = client.get(address).content.decode()
        assert "123456789" not in page
        assert "••-•••6789" in page
    wrong = client.post(url, {**data, "ein": "12-34"})
    assert wrong.context["form"].errors["ein"]
    client.post(url, {**data, "remove_ein": "on"})
    assert Supplier.objects.get(pk=supplier.pk).ein == ""


def test_a_hundred_suppliers_are_looked_at_and_found_in_a_few_queries(client, django_assert_max_num_queries):
    supplier = make.make_supplier()
    make.make_standing(supplier)
    with django_assert_max_num_queries(60):
        qualifying.assess_supplier(supplier.pk)
    with django_assert_max_num_queries(6):
        search_text.refresh(supplier)


def test_two_windows_do_not_undo_each_other(client):
    supplier = make.make_supplier(description="Racks", founded=1998, ein="123456789")
    client.force_login(make.owner_of(supplier))
    page = {"legal_name": supplier.legal_name, "country": "US", "naics": "334111", "description": "Racks"}
    autosave(client, supplier, {**page, "description": "Racks and doors", "changed_here": "description"})
    # The other window was opened before: it still shows the old words.
    autosave(client, supplier, {**page, "founded": "1999", "changed_here": "founded"})
    url = reverse("suppliers:company_edit", args=[supplier.pk])
    client.post(url, {**page, "website": "https://a.example", "changed_here": "website"})
    supplier.refresh_from_db()
    assert (supplier.description, supplier.founded) == ("Racks and doors", 1999)
    assert (supplier.website, supplier.naics, supplier.ein) == ("https://a.example", ["334111"], "123456789")


def test_what_came_back_with_an_error_still_counts_as_changed(client):
    supplier = make.make_supplier()
    client.force_login(make.owner_of(supplier))
    url = reverse("suppliers:company_edit", args=[supplier.pk])
    data = {"legal_name": "New Name Inc", "country": "US", "naics": "334111", "uei": "short"}
    page = client.post(url, {**data, "changed_here": "legal_name uei"}).content.decode()
    assert 'data-changed="legal_name uei"' in page


def test_every_kind_of_field_is_kept_when_another_one_is_sent(client):
    supplier = make.make_supplier()
    client.force_login(make.owner_of(supplier))
    site = supplier.sites.get()
    values = {"processes": ["brazing"], "permits_in_hand": True, "power_mw": Decimal("2.5")}
    supplier.sites.filter(pk=site.pk).update(**values, start_date=date(2027, 5, 1))
    url = reverse("suppliers:part_edit", args=[supplier.pk, "sites", site.pk])
    client.post(url, {"name": "North plant", "changed_here": "name"})
    site.refresh_from_db()
    assert site.name == "North plant"
    assert {name: getattr(site, name) for name in values} == values
    assert (site.start_date, site.state, site.land_control) == (date(2027, 5, 1), "OH", False)
    certificate = supplier.certificates.get()
    url = reverse("suppliers:part_edit", args=[supplier.pk, "certificates", certificate.pk])
    client.post(url, {"number": "C-99", "changed_here": "number"})
    certificate.refresh_from_db()
    assert certificate.number == "C-99"
    assert list(certificate.sites.all()) == [site]


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        (
            "owners",
            {"name": "A", "kind": "person", "country": "US", "board_seats": "9", "board_size": "5"},
            "board_seats",
        ),
        (
            "insurance",
            {"kind": "cyber", "insurer": "M", "number": "1", **DAYS, "effective": "2027-01-01"},
            "expires",
        ),
        ("certificates", {"scheme": "UL", "number": "1", **DAYS, "issued": "2026-01-01"}, "expires"),
        ("sites", {**SITE, "zip": "43130xyzab"}, "zip"),
        ("sites", {**SITE, "start_date": "0001-01-01"}, "start_date"),
        ("certificates", {"scheme": "UL", "issued": "2026-01-01", "expires": "9999-12-31"}, "expires"),
        ("financials", {"fiscal_year": "2025", "period_end": "0001-01-01"}, "period_end"),
    ],
)
def test_what_contradicts_itself_is_refused_beside_a_field(client, kind, data, field):
    supplier = make.make_supplier()
    client.force_login(make.owner_of(supplier))
    answer = client.post(reverse("suppliers:part_add", args=[supplier.pk, kind]), data)
    assert field in answer.context["form"].errors
    assert not answer.context["form"].non_field_errors()


def test_an_autosave_that_stores_nothing_says_so(client, monkeypatch):
    """The script then forgets nothing that is kept on the device."""
    supplier = make.make_supplier()
    client.force_login(make.owner_of(supplier))
    monkeypatch.setattr(CompanyForm, "clean", lambda form: form.add_error(None, "Two answers do not fit."))
    page = autosave(client, supplier, {"legal_name": "New Name Inc", "country": "US"}).content.decode()
    assert "data-nothing-saved" in page
    assert Supplier.objects.get(pk=supplier.pk).legal_name == supplier.legal_name


def test_two_people_who_add_the_same_year_at_once_lose_nothing(client, monkeypatch):
    supplier = make.make_supplier()
    client.force_login(make.owner_of(supplier))
    supplier.workforce.create(state="OH", employees=5)
    monkeypatch.setattr(WorkforceForm, "clean_state", lambda form: form.cleaned_data["state"])
    answer = client.post(reverse("suppliers:part_add", args=[supplier.pk, "workforce"]), PLACES)
    assert answer.status_code == 200
    assert "Someone just saved the same" in answer.content.decode()
    assert answer.context["form"]["employees"].value() == "10"


@pytest.mark.parametrize("name", ["list.csv", "book.xlsx", "page.svg", "paper.pdf.exe", "paper", "notes.txt"])
def test_a_certificate_is_proved_by_a_pdf_or_a_picture_alone(client, name):
    supplier = make.make_supplier()
    client.force_login(make.owner_of(supplier))
    paper = SimpleUploadedFile(name, b"a,b\n1,2\n", "application/pdf")
    data = {"scheme": "ISO 14001", "number": "N-1", "certification_body": "R", "upload": paper}
    answer = client.post(reverse("suppliers:part_add", args=[supplier.pk, "certificates"]), data)
    assert "PDF or an image" in answer.context["form"].errors["upload"][0]
    assert 'value="N-1"' in answer.content.decode()
