"""A company's own pages: registering, changing, and keeping others out."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal.models import AuditEvent, Role
from suppliers.models import Membership, Owner, Supplier
from tests import factories as make

pytestmark = pytest.mark.django_db

UEI = "ZQGGHJH74DW7"
IDENTITY = {"legal_name": "New Works Inc.", "country": "US", "naics": "334111"}
SITE = {
    "name": "Plant 2",
    "status": "existing",
    "street": "2 Mill St",
    "city": "Columbus",
    "state": "OH",
    "zip": "43215",
    "country": "US",
}
OWNER = {"name": "Pat Owner", "kind": "person", "country": "US", "pct_equity": "60"}
OFFICER = {"name": "Sam Officer", "title": "Treasurer"}
CERTIFICATE = {
    "scheme": "ISO 9001",
    "number": "Q-1",
    "certification_body": "Registrar",
    "issued": "2026-01-10",
    "expires": "2029-01-09",
}
FIGURES = (
    "sales",
    "ebit",
    "interest_expense",
    "current_assets",
    "total_assets",
    "current_liabilities",
    "total_liabilities",
    "retained_earnings",
    "equity",
)
STATEMENT = {
    "fiscal_year": "2024",
    "period_end": "2024-12-31",
    "assurance": "reviewed",
    **dict.fromkeys(FIGURES, "12.5"),
}
PARTS = {
    "sites": SITE,
    "owners": OWNER,
    "officers": OFFICER,
    "certificates": CERTIFICATE,
    "financials": STATEMENT,
}


@pytest.fixture
def supplier():
    return make.make_supplier()


@pytest.fixture
def owner_client(client, supplier):
    client.force_login(make.owner_of(supplier))
    return client


def count(supplier, kind):
    return getattr(supplier, kind).count()


def test_who_has_no_company_registers_one(client):
    person = make.make_user()
    client.force_login(person)
    assert "No company yet" in client.get("/company/").content.decode()
    client.post("/company/register/", IDENTITY)
    supplier = Supplier.objects.get()
    assert supplier.memberships.get().level == Membership.Level.OWNER
    assert supplier.naics == ["334111"]
    assert "New Works Inc." in client.get("/company/").content.decode()
    assert client.get("/company/register/").url == "/company/"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OFFICER, Role.REVIEWER, Role.AUDITOR])
def test_staff_have_no_company_pages(client, supplier, role):
    client.force_login(make.make_user(role))
    for address in (
        "/company/",
        "/company/register/",
        f"/company/{supplier.pk}/",
        f"/company/{supplier.pk}/edit/",
    ):
        assert client.get(address).status_code == 404


def test_strangers_sign_in_first(client, supplier):
    for address in ("/company/", f"/company/{supplier.pk}/", f"/company/{supplier.pk}/sites/add/"):
        assert client.get(address).url.startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("legal_name", "", "Legal name is missing"),
        ("legal_name", "\u202eCNI EMCA", "changes its direction"),
        ("dbas", "Fine\nACME \u2066Corp", "changes its direction"),
        ("uei", "123", "it has 3 characters, not 12"),
        ("cage", "OO", "is not a CAGE code"),
        ("lei", "X", "is not an LEI"),
        ("naics", "999999", "is not a six-digit NAICS"),
        ("naics", "3341111", "longer than 6"),
        ("founded", "1066", "Enter a year"),
        ("employees", "99999999999", "10 million"),
        ("employees", "many", "use digits only"),
        ("website", "no address", "URL"),
        ("country", "XX", "XX"),
        ("dbas", "x" * 201, "longer than 200"),
    ],
)
def test_impossible_identity_is_refused_beside_the_field(owner_client, supplier, field, value, words):
    response = owner_client.post(f"/company/{supplier.pk}/edit/", {**IDENTITY, field: value})
    html = response.content.decode()
    assert response.status_code == 200
    assert words in html
    assert "field-error" in html
    supplier.refresh_from_db()
    assert supplier.legal_name.startswith("Test Works")


def test_what_is_only_doubtful_is_saved_and_said(owner_client, supplier):
    response = owner_client.post(
        f"/company/{supplier.pk}/edit/",
        {**IDENTITY, "naics": "541511", "dbas": " NW \n\nNew  Works\nNW"},
        follow=True,
    )
    assert "not a manufacturing code" in response.content.decode()
    supplier.refresh_from_db()
    assert (supplier.naics, supplier.dbas) == (["541511"], ["NW", "New Works"])
    assert AuditEvent.objects.filter(verb="supplier.changed").count() == 1


@pytest.mark.parametrize("kind", PARTS)
def test_a_row_is_added_changed_and_deleted(owner_client, supplier, kind):
    base = f"/company/{supplier.pk}/{kind}/"
    before = count(supplier, kind)
    assert owner_client.get(f"{base}add/").status_code == 200
    response = owner_client.post(f"{base}add/", PARTS[kind])
    assert response.status_code == 302, response.content.decode()
    assert count(supplier, kind) == before + 1
    row = getattr(supplier, kind).order_by("-pk").first()
    assert owner_client.get(f"{base}{row.pk}/").status_code == 200
    assert owner_client.post(f"{base}{row.pk}/", PARTS[kind]).status_code == 302
    assert owner_client.get(f"{base}{row.pk}/delete/").status_code == 200
    assert count(supplier, kind) == before + 1
    owner_client.post(f"{base}{row.pk}/delete/")
    assert count(supplier, kind) == before


@pytest.mark.parametrize("kind", PARTS)
def test_rows_of_others_are_not_there(owner_client, supplier, kind):
    other = make.make_supplier()
    owner_client.force_login(make.owner_of(other))
    owner_client.post(f"/company/{other.pk}/{kind}/add/", PARTS[kind])
    row = getattr(other, kind).order_by("-pk").first()
    owner_client.force_login(make.owner_of(supplier))
    for company in (other, supplier):
        for tail in ("", "delete/"):
            address = f"/company/{company.pk}/{kind}/{row.pk}/{tail}"
            assert owner_client.get(address).status_code == 404
            assert owner_client.post(address, PARTS[kind]).status_code == 404
    assert owner_client.post(f"/company/{other.pk}/{kind}/add/", PARTS[kind]).status_code == 404
    assert type(row)._default_manager.filter(pk=row.pk).exists()


def test_a_viewer_reads_and_changes_nothing(client, supplier):
    viewer = make.make_user()
    Membership.objects.create(supplier=supplier, user=viewer, level=Membership.Level.VIEWER)
    client.force_login(viewer)
    html = client.get(f"/company/{supplier.pk}/").content.decode()
    assert supplier.legal_name in html
    assert "Add a site" not in html
    assert client.post(f"/company/{supplier.pk}/sites/add/", SITE).status_code == 404
    assert client.get(f"/company/{supplier.pk}/edit/").status_code == 404


def test_an_unknown_kind_is_not_there(owner_client, supplier):
    assert owner_client.get(f"/company/{supplier.pk}/secrets/add/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "field", "value", "words"),
    [
        ("sites", "zip", "73301", "is in Texas, not Ohio"),
        ("sites", "zip", "12", "is not a ZIP code"),
        ("sites", "zip", "", "Enter a ZIP code"),
        ("sites", "state", "", "Choose a state for this U.S. site"),
        ("sites", "name", "", "is missing"),
        ("sites", "start_date", "soon", "date"),
        ("owners", "pct_equity", "101", "100"),
        ("owners", "pct_votes", "-1", "0"),
        ("owners", "board_seats", "5000", "1,000"),
        ("certificates", "expires", "2025-01-01", "must be after the issue date"),
        ("certificates", "last_surveillance", "2020-01-01", "can’t be before the issue"),
        ("financials", "fiscal_year", "2025", "already have a statement for 2025"),
        ("financials", "fiscal_year", "99999", "Enter a year"),
        ("financials", "sales", "lots", "use digits only"),
        ("financials", "sales", "99999999999", "digits"),
    ],
)
def test_bad_rows_are_refused_with_words(owner_client, supplier, kind, field, value, words):
    before = count(supplier, kind)
    response = owner_client.post(f"/company/{supplier.pk}/{kind}/add/", {**PARTS[kind], field: value})
    assert words in response.content.decode()
    assert count(supplier, kind) == before


def test_more_seats_than_the_board_has_are_refused(owner_client, supplier):
    sent = {**OWNER, "board_seats": "5", "board_size": "3"}
    response = owner_client.post(f"/company/{supplier.pk}/owners/add/", sent)
    assert "more seats than the board" in response.content.decode()


def test_a_certificate_has_its_file_and_only_its_company_reads_it(owner_client, supplier):
    picture = BytesIO()
    Image.new("RGB", (2, 2)).save(picture, "PNG")
    sent = {**CERTIFICATE, "upload": SimpleUploadedFile("iso.png", picture.getvalue())}
    owner_client.post(f"/company/{supplier.pk}/certificates/add/", sent)
    row = supplier.certificates.get(number="Q-1")
    file = f"/company/{supplier.pk}/certificates/{row.pk}/file/"
    assert b"".join(owner_client.get(file).streaming_content) == picture.getvalue()
    bad = {**CERTIFICATE, "upload": SimpleUploadedFile("iso.exe", b"MZ")}
    html = owner_client.post(f"/company/{supplier.pk}/certificates/{row.pk}/", bad).content.decode()
    assert "PDF or an image" in html
    owner_client.force_login(make.owner_of(make.make_supplier()))
    assert owner_client.get(file).status_code == 404


def test_sites_of_another_company_are_no_choice(owner_client, supplier):
    foreign = make.make_supplier().sites.get()
    sent = {**CERTIFICATE, "sites": [foreign.pk]}
    owner_client.post(f"/company/{supplier.pk}/certificates/add/", sent)
    assert not supplier.certificates.filter(number="Q-1").exists()


def test_a_site_in_a_submitted_proposal_is_kept(client):
    proposal = make.make_proposal()
    supplier, site = proposal.supplier, proposal.supplier.sites.get()
    client.force_login(make.owner_of(supplier))
    response = client.post(f"/company/{supplier.pk}/sites/{site.pk}/delete/", follow=True)
    assert "A submitted proposal uses it" in response.content.decode()
    assert supplier.sites.filter(pk=site.pk).exists()


def test_banks_are_kept_one_a_line_and_shown(client):
    supplier = make.make_supplier()
    client.force_login(make.owner_of(supplier))
    sent = {**IDENTITY, "banks": "Mill Savings\n\n River  Trust "}
    client.post(f"/company/{supplier.pk}/edit/", sent)
    supplier.refresh_from_db()
    assert supplier.banks == ["Mill Savings", "River Trust"]
    assert "Mill Savings, River Trust" in client.get(f"/company/{supplier.pk}/").content.decode()


def test_an_owner_whom_others_hold_is_kept(client):
    supplier = make.make_supplier()
    fund = Owner.objects.create(supplier=supplier, name="Ridge Fund", kind="fund", pct_equity=100)
    holder = Owner.objects.create(supplier=supplier, name="Pat Founder", owns=fund, pct_equity=60)
    client.force_login(make.owner_of(supplier))
    base = f"/company/{supplier.pk}/owners"
    said = client.post(f"{base}/{fund.pk}/delete/", follow=True).content.decode()
    assert "Other owners have shares in this owner" in said
    assert supplier.owners.get(pk=holder.pk).owns == fund
    client.post(f"{base}/{holder.pk}/delete/")
    client.post(f"{base}/{fund.pk}/delete/")
    assert not supplier.owners.exists()


def test_who_works_for_two_companies_chooses(client, supplier):
    person = make.owner_of(supplier)
    second = make.make_supplier(owner=person)
    client.force_login(person)
    html = client.get("/company/").content.decode()
    assert f"/company/{supplier.pk}/" in html
    assert f"/company/{second.pk}/" in html


def test_the_overview_says_how_far_each_section_has_come(owner_client, supplier):
    url = f"/company/{supplier.pk}/"
    page = owner_client.get(url).content.decode()
    assert "1 of 3 years" in page  # the factory's one financial year
    assert "Still to complete:" in page
    assert f'href="{url}references/add/"' in page
    supplier.owners.create(name="Pat Founder", pct_equity="60")
    holding = supplier.owners.create(name="Holding LP", pct_equity="25.5")
    supplier.owners.create(name="Fund", pct_equity="100", owns=holding)
    assert "85.5% of equity disclosed" in owner_client.get(url).content.decode()
    supplier.owners.create(name="Rest", pct_equity="14.5")
    assert "of equity disclosed" not in owner_client.get(url).content.decode()


def test_a_viewer_reads_what_is_missing_without_ways_to_change_it(client, supplier):
    viewer = make.make_user()
    supplier.memberships.create(user=viewer, level="viewer")
    client.force_login(viewer)
    page = client.get(f"/company/{supplier.pk}/").content.decode()
    assert "Still to complete:" in page
    assert "/add/" not in page
    assert "Continue:" not in page


def test_when_everything_is_there_the_next_step_is_the_standing(owner_client, supplier, monkeypatch):
    monkeypatch.setattr("suppliers.company.views.company._gaps", lambda *_: [])
    page = owner_client.get(f"/company/{supplier.pk}/").content.decode()
    assert "Start a qualification" in page


def test_no_choice_is_a_row_of_dashes(owner_client, supplier):
    for kind in PARTS:
        assert "-----" not in owner_client.get(f"/company/{supplier.pk}/{kind}/add/").content.decode()


def test_a_foreign_site_needs_no_state(owner_client, supplier):
    sent = {**PARTS["sites"], "country": "CA", "state": "", "zip": "K1A 0B1", "name": "Ottawa plant"}
    owner_client.post(f"/company/{supplier.pk}/sites/add/", sent)
    assert supplier.sites.get(name="Ottawa plant").state == ""
    assert (
        "Choose a state for this U.S. site"
        in owner_client.post(f"/company/{supplier.pk}/sites/add/", {**sent, "country": "US"}).content.decode()
    )


def test_a_states_people_are_asked_for_not_taken_as_none(owner_client, supplier):
    url = f"/company/{supplier.pk}/workforce/add/"
    assert owner_client.get(url).context["form"]["employees"].value() is None
    sent = {"state": "TX", "employees": "", "skilled": "0", "maintenance": "0", "training": "0"}
    assert "employees" in owner_client.post(url, sent).context["form"].errors
