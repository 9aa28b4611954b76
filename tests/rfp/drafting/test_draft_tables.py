"""The sections of a draft that are tables: capacity, deliveries, jobs, prices, the bill of materials, and files."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import factories as make
from tests.rfp.drafting.draft_pages import SECTIONS, address, draft, rows

pytestmark = pytest.mark.django_db


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
