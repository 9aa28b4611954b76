"""Writing a draft: what is valid is saved, what is not stays in the form, and nobody else gets in."""

from decimal import Decimal

import pytest

from portal.models import STAFF_ROLES
from rfp.models import Requirement, Response
from suppliers.models import Membership
from tests import factories as make
from tests.rfp.drafting.draft_pages import SECTIONS, address, draft, product, rows

pytestmark = pytest.mark.django_db


CSV = b"line,part,qty,unit cost,freight,duty,origin,made in us\n1,Frame,1,750,0,0,US,yes\n2,Lock,2,125,0,0,TW,no\n"


def field(proposal, code):
    return f"requirement-{Requirement.objects.get(solicitation=proposal.lot.solicitation, code=code).pk}"


def answer(proposal, code):
    found = Response.objects.filter(revision=draft(proposal), requirement__code=code).first()
    return found.value if found else None


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
