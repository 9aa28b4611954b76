"""Writing a draft: what is valid is saved, what is not stays in the form, and nobody else gets in."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.models import STAFF_ROLES
from rfp.models import Requirement, Response
from suppliers.models import Membership
from tests import factories as make

pytestmark = pytest.mark.django_db
SECTIONS = (
    "product",
    "answers",
    "statements",
    "bom",
    "capacity",
    "jobs",
    "documents",
    "price",
    "attestation",
)
CSV = b"line,part,qty,unit cost,freight,duty,origin,made in us\n1,Frame,1,750,0,0,US,yes\n2,Lock,2,125,0,0,TW,no\n"


@pytest.fixture
def proposal():
    return make.make_draft()


@pytest.fixture
def supplier_client(client, proposal):
    client.force_login(make.owner_of(proposal.supplier))
    return client


def address(proposal, key, tail=""):
    return f"/proposals/{proposal.pk}/edit/{key}/{tail}"


def draft(proposal):
    return make.draft_of(proposal)


def field(proposal, code):
    return f"requirement-{Requirement.objects.get(solicitation=proposal.lot.solicitation, code=code).pk}"


def answer(proposal, code):
    found = Response.objects.filter(revision=draft(proposal), requirement__code=code).first()
    return found.value if found else None


def rows(prefix, *values, initial=0):
    """A table as the browser sends it."""
    data = {f"{prefix}-TOTAL_FORMS": len(values), f"{prefix}-INITIAL_FORMS": initial}
    for at, row in enumerate(values):
        data |= {f"{prefix}-{at}-{name}": value for name, value in row.items()}
    return data


@pytest.mark.parametrize("key", SECTIONS)
def test_each_section_shows_what_the_draft_holds(supplier_client, proposal, key):
    response = supplier_client.get(address(proposal, key))
    html = response.content.decode()
    assert response.status_code == 200
    assert "Not submitted yet" in html
    assert 'aria-current="step"' in html


@pytest.mark.parametrize("key", SECTIONS)
def test_each_section_of_an_empty_draft_opens(client, key):
    empty = make.make_draft(filled=False)
    client.force_login(make.owner_of(empty.supplier))
    assert client.get(address(empty, key)).status_code == 200


@pytest.mark.parametrize("key", SECTIONS)
def test_a_draft_is_nobody_elses(client, proposal, key):
    stranger = make.owner_of(make.make_supplier())
    for person in (stranger, *(make.make_user(role) for role in STAFF_ROLES)):
        client.force_login(person)
        assert client.get(address(proposal, key)).status_code == 404
        assert client.post(address(proposal, key), {"title": "Mine"}).status_code == 404
    client.logout()
    assert client.get(address(proposal, key)).url.startswith("/accounts/login/")


def test_an_unknown_section_is_not_there(supplier_client, proposal):
    assert supplier_client.get(address(proposal, "marks")).status_code == 404


def test_edit_leads_to_the_first_section_that_is_not_complete(client):
    empty = make.make_draft(filled=False)
    client.force_login(make.owner_of(empty.supplier))
    assert client.get(f"/proposals/{empty.pk}/edit/").url == address(empty, "product")


def test_a_viewer_reads_but_does_not_change(client, proposal):
    viewer = make.make_user()
    Membership.objects.create(supplier=proposal.supplier, user=viewer, level=Membership.Level.VIEWER)
    client.force_login(viewer)
    assert "not change it" in client.get(address(proposal, "product")).content.decode()
    client.post(address(proposal, "product"), {"title": "Changed", **rows("step")})
    assert draft(proposal).title == "Rack 21"


def test_valid_answers_are_saved_and_the_wrong_one_stays_in_the_form(supplier_client, proposal):
    number, choice = field(proposal, "R1"), field(proposal, "R3")
    response = supplier_client.post(address(proposal, "answers"), {number: "a lot", choice: "no"})
    html = response.content.decode()
    assert 'value="a lot"' in html
    assert "R1: use digits only, for example 12.5" in html
    assert (answer(proposal, "R1"), answer(proposal, "R3")) == ("1800", "no")


@pytest.mark.parametrize(
    ("code", "sent", "stored"),
    [
        ("R1", "1,950.50", "1950.5"),
        ("R1", "", None),
        ("R1", "NaN", "1800"),
        ("R1", "1e99", "1800"),
        ("R2", "false", False),
        ("R2", "maybe", True),
        ("R3", "listed", "listed"),
        ("R3", "something else", "listed"),
    ],
)
def test_answers_are_stored_in_their_type(supplier_client, proposal, code, sent, stored):
    supplier_client.post(address(proposal, "answers"), {field(proposal, code): sent})
    assert answer(proposal, code) == stored


@pytest.mark.parametrize(
    ("kind", "sent", "stored"),
    [
        ("integer", "12,000", 12000),
        ("integer", "1.5", None),
        ("integer", "9" * 30, None),
        ("date", "2027-04-30", "2027-04-30"),
        ("date", "tomorrow", None),
        ("string", "  Words. ", "Words."),
        ("string", "x" * 4001, None),
    ],
)
def test_the_other_types(supplier_client, proposal, kind, sent, stored):
    Requirement.objects.create(
        solicitation=proposal.lot.solicitation, code="X1", text="What?", data_type=kind
    )
    supplier_client.post(address(proposal, "answers"), {field(proposal, "X1"): sent})
    assert answer(proposal, "X1") == stored


def test_a_table_is_stored_as_rows(supplier_client, proposal):
    Requirement.objects.create(
        solicitation=proposal.lot.solicitation,
        code="X1",
        text="Hours?",
        data_type="table",
        columns=["year", "hours"],
    )
    name = field(proposal, "X1")
    supplier_client.post(
        address(proposal, "answers"),
        {f"{name}-0-0": "2025", f"{name}-0-1": "400", f"{name}-1-0": "", f"{name}-1-1": ""},
    )
    assert answer(proposal, "X1") == [{"year": "2025", "hours": "400"}]
    html = supplier_client.get(address(proposal, "answers")).content.decode()
    assert 'value="400"' in html


def test_autosave_answers_with_the_time_and_what_was_not_saved(supplier_client, proposal):
    name = field(proposal, "R1")
    response = supplier_client.post(
        address(proposal, "answers"), {name: "1900"}, headers={"HX-Request": "true"}
    )
    html = response.content.decode()
    assert "Saved at" in html
    assert " ET" in html
    assert "<html" not in html
    assert answer(proposal, "R1") == "1900"
    refused = supplier_client.post(
        address(proposal, "answers"), {name: "heavy"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert f'data-problem="{name}"' in refused
    assert answer(proposal, "R1") == "1900"


def test_a_changed_draft_must_be_signed_again(supplier_client, proposal):
    unchanged = {
        field(proposal, "R1"): "1800",
        field(proposal, "R2"): "true",
        field(proposal, "R3"): "listed",
    }
    supplier_client.post(address(proposal, "answers"), unchanged)
    assert draft(proposal).attested_at is not None
    supplier_client.post(address(proposal, "answers"), {**unchanged, field(proposal, "R1"): "1900"})
    assert draft(proposal).attested_at is None


def product(proposal, **changes):
    item = proposal.lot.items.get(code="L1-A")
    site = proposal.supplier.sites.get()
    step = {"key": "0", "name": "Welding", "country": "US", "conversion_cost": "141", "is_transforming": "on"}
    return {
        "title": "Rack 22",
        "summary": "A rack.",
        "items": [item.pk],
        "final_site": site.pk,
        **rows("step", step, {"key": "1", "name": "Test", "country": "US"}, {"key": "2", "country": "US"}),
        **changes,
    }


def test_the_product_and_its_steps_are_saved(supplier_client, proposal):
    supplier_client.post(address(proposal, "product"), product(proposal))
    assert draft(proposal).title == "Rack 22"
    assert [step.name for step in draft(proposal).process_steps.all()] == ["Welding", "Test"]


def test_another_companys_site_is_refused(supplier_client, proposal):
    other = make.make_supplier().sites.get()
    response = supplier_client.post(address(proposal, "product"), product(proposal, final_site=other.pk))
    assert draft(proposal).final_site == proposal.supplier.sites.get()
    assert draft(proposal).title == "Rack 22"
    assert "not saved" in response.content.decode()


def test_a_step_with_a_wrong_cost_keeps_what_is_stored(supplier_client, proposal):
    wrong = rows("step", {"key": "0", "name": "Robot welding", "country": "US", "conversion_cost": "cheap"})
    response = supplier_client.post(address(proposal, "product"), product(proposal, **wrong))
    step = draft(proposal).process_steps.get()
    assert (step.name, step.conversion_cost) == ("Robot welding", Decimal(141))
    assert 'value="cheap"' in response.content.decode()


@pytest.mark.parametrize("key", ["99999999999999", "-1", "x", ""])
def test_a_made_up_key_of_a_step_does_no_harm(supplier_client, proposal, key):
    sent = rows("step", {"key": key, "name": "Odd", "country": "US", "conversion_cost": "cheap"})
    assert supplier_client.post(address(proposal, "product"), product(proposal, **sent)).status_code == 200


def test_a_post_without_its_table_deletes_nothing(supplier_client, proposal):
    supplier_client.post(address(proposal, "product"), {"title": "Rack 23"})
    assert draft(proposal).process_steps.count() == 1


def test_what_is_not_offered_any_more_has_no_figures(supplier_client, proposal):
    other = proposal.lot.items.get(code="L1-B")
    supplier_client.post(address(proposal, "product"), product(proposal, items=[other.pk]))
    assert not draft(proposal).price_lines.exists()
    assert not draft(proposal).delivery_lines.exists()


def test_statements_are_saved(supplier_client, proposal):
    criterion = proposal.lot.solicitation.criteria.get(code="T")
    supplier_client.post(address(proposal, "statements"), {f"criterion-{criterion.pk}": "Tested twice."})
    assert draft(proposal).statements.get().text == "Tested twice."
    supplier_client.post(address(proposal, "statements"), {f"criterion-{criterion.pk}": ""})
    assert not draft(proposal).statements.exists()


def test_capacity_deliveries_and_ramp_are_saved_cell_by_cell(supplier_client, proposal):
    item = proposal.lot.items.get(code="L1-A")
    response = supplier_client.post(
        address(proposal, "capacity"),
        {
            "lines": "4",
            "availability": "91.5",
            "yield_rate": "0.97",
            "shifts": "nine",
            "lead_time_days": "70",
            f"units-{item.pk}-2027": "2,500",
            "ramp-2027Q3-capacity": "700",
            "ramp-2027Q4-capacity": "-5",
        },
    )
    changed = draft(proposal)
    assert (changed.capacity.lines, changed.capacity.availability) == (4, Decimal("0.915"))
    assert (changed.capacity.yield_rate, changed.capacity.shifts) == (Decimal("0.985"), 2)
    assert changed.lead_time_days == 70
    assert changed.delivery_lines.get().units == 2500
    assert [(row.period, row.capacity) for row in changed.ramp_periods.all()] == [("2027Q3", 700)]
    html = response.content.decode()
    assert "Enter a percentage: 97" in html
    assert 'value="nine"' in html


@pytest.mark.parametrize("units", ["3000000000", "1.5", "x"])
def test_impossible_units_are_refused_beside_the_cell(supplier_client, proposal, units):
    item = proposal.lot.items.get(code="L1-A")
    name = f"units-{item.pk}-2027"
    response = supplier_client.post(address(proposal, "capacity"), {name: units})
    assert f'href="#{name}"' in response.content.decode()
    assert draft(proposal).delivery_lines.get().units == 1000


def test_jobs_are_saved_and_a_state_stands_once(supplier_client, proposal):
    sent = rows(
        "jobs",
        {"key": "OH", "state": "OH", "new": "60", "retained": "30"},
        {"key": "NEW0", "state": "TX", "new": "5", "retained": ""},
        {"key": "NEW1", "state": "TX", "new": "9"},
        {"key": "NEW2", "state": "", "new": ""},
    )
    response = supplier_client.post(address(proposal, "jobs"), {"capex_musd": "14.5", **sent})
    found = [(row.state, row.new) for row in draft(proposal).jobs_lines.all()]
    assert found == [("OH", Decimal(60)), ("TX", Decimal(5))]
    assert "already in the table" in response.content.decode()
    assert draft(proposal).capex_musd == Decimal("14.5")


def test_prices_are_saved_and_a_negative_one_is_not(supplier_client, proposal):
    item = proposal.lot.items.get(code="L1-A")
    name = f"price-{item.pk}-2027"
    supplier_client.post(address(proposal, "price"), {name: "1,119.9900", "tooling_price": "2000"})
    assert draft(proposal).price_lines.get().unit_price == Decimal("1119.99")
    assert 'value="1119.99"' in supplier_client.get(address(proposal, "price")).content.decode()
    supplier_client.post(address(proposal, "price"), {name: "-3"})
    assert draft(proposal).price_lines.get().unit_price == Decimal("1119.99")


def test_lines_are_edited_in_the_table(supplier_client, proposal):
    keys = [str(line.position) for line in draft(proposal).bom_lines.all()]
    lines = rows(
        "bom",
        {
            "key": keys[0],
            "line_no": "1",
            "part": "Frame",
            "qty": "1",
            "make_or_buy": "buy",
            "origin": "Mexico",
        },
        {"key": keys[1], "line_no": "2", "part": "", "make_or_buy": "buy"},
        {
            "key": "3",
            "line_no": "3",
            "part": "Fan",
            "qty": "two",
            "make_or_buy": "buy",
            "us_manufactured": "true",
        },
    )
    response = supplier_client.post(address(proposal, "bom", "?edit=1"), lines)
    found = [(line.line_no, line.part, line.origin, line.qty) for line in draft(proposal).bom_lines.all()]
    assert found == [("1", "Frame", "MX", Decimal(1)), ("3", "Fan", "", None)]
    assert 'value="two"' in response.content.decode()


def test_the_domestic_share_and_what_would_lift_it_are_shown(client):
    proposal = make.make_draft()
    lock = draft(proposal).bom_lines.get(part="Lock")
    lock.unit_acquisition_cost = Decimal(500)
    lock.save()
    client.force_login(make.owner_of(proposal.supplier))
    html = client.get(address(proposal, "bom")).content.decode()
    assert "42.9%" in html
    assert "What would raise it" in html
    assert "100.0%" in html


def attach(client, proposal, **data):
    return client.post(address(proposal, "documents"), {"requirement": "", "title": "", **data}, follow=True)


def test_a_file_is_attached_downloaded_and_removed(client, supplier_client, proposal):
    sent = SimpleUploadedFile("plan.txt", b"Our plan.")
    assert "plan.txt attached" in attach(supplier_client, proposal, file=sent).content.decode()
    attachment = draft(proposal).attachments.get()
    file = f"/proposals/{proposal.pk}/files/{attachment.pk}/"
    assert b"".join(supplier_client.get(file).streaming_content) == b"Our plan."
    client.force_login(make.owner_of(make.make_supplier()))
    assert client.get(file).status_code == 404
    removal = address(proposal, "documents", f"{attachment.pk}/remove/")
    assert client.post(removal).status_code == 404
    client.force_login(make.owner_of(proposal.supplier))
    client.post(removal)
    assert not draft(proposal).attachments.exists()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("plan.exe", b"MZ", "accept this file type"),
        ("plan.pdf", b"not a pdf", "content"),
        ("plan.txt", b"", "empty"),
    ],
)
def test_a_bad_file_is_refused_beside_the_field(supplier_client, proposal, name, data, words):
    html = attach(supplier_client, proposal, file=SimpleUploadedFile(name, data)).content.decode()
    assert words in html
    assert not draft(proposal).attachments.exists()


def test_a_file_that_is_missing_is_asked_for(supplier_client, proposal):
    assert "File is missing" in attach(supplier_client, proposal).content.decode()


def test_a_submitted_proposal_has_no_draft_to_write(client):
    proposal = make.make_proposal()
    client.force_login(make.owner_of(proposal.supplier))
    for key in SECTIONS:
        assert client.get(address(proposal, key)).url == f"/proposals/{proposal.pk}/"
    assert client.post(address(proposal, "bom", "upload/")).url == f"/proposals/{proposal.pk}/"
