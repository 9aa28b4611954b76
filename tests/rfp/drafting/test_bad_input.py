"""Odd input: characters no column takes, figures no total holds, an RFP that was called off."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.models import Role
from rfp.bom import reading
from rfp.models import Proposal, Requirement, Solicitation
from rfp.proposals import actions
from scoring.models import Score
from scoring.ranking import inputs as scoring_queries
from tests import factories as make
from tests.scoring.rooms import signed_in

pytestmark = pytest.mark.django_db
NUL = "%00"


@pytest.fixture
def draft():
    return make.make_draft()


def client_of(proposal):
    return signed_in(make.owner_of(proposal.supplier))


@pytest.mark.parametrize("path", ["lots/L%001/", "lots/%00/"])
def test_a_lot_called_nul_is_not_found(path):
    solicitation = make.make_solicitation()
    assert Client().get(f"/rfps/{solicitation.number}/{path}").status_code == 404


def test_a_proposal_on_a_lot_called_nul_is_not_started(draft):
    number = draft.lot.solicitation.number
    assert client_of(draft).post(f"/rfps/{number}/lots/%00/start/").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["q=%00", "stage=%00", "page=%00", "page=999999", "page=-1", "page=" + "9" * 400, "q=" + "a" * 5000],
)
def test_lists_stand_odd_queries(draft, query):
    assert Client().get(f"/rfps/?{query}").status_code == 200
    assert client_of(draft).get(f"/proposals/?{query}").status_code == 200


@pytest.mark.parametrize("rule", ["%00", "XX-9", "a" * 500])
def test_a_rule_that_is_not_there_is_not_found(rule):
    admin = make.make_user(Role.ADMIN)
    solicitation = make.make_solicitation(by=admin, published=False)
    assert signed_in(admin).get(f"/setup/{solicitation.pk}/rules/{rule}/").status_code == 404


@pytest.mark.parametrize("number", ["2147483648", "9" * 30])
def test_numbers_out_of_range_in_addresses_are_not_found(draft, number):
    client, base = client_of(draft), f"/proposals/{draft.pk}/"
    assert client.get(f"{base}revisions/{number}/").status_code == 404
    assert client.get(f"{base}files/{number}/").status_code == 404
    assert client.post(f"{base}edit/documents/{number}/remove/").status_code == 404
    assert client.get(f"/company/{number}/").status_code == 404
    assert Client().get(f"/rfps/{draft.lot.solicitation.number}/documents/{number}/").status_code == 404


def test_a_table_cell_with_a_nul_is_an_error_in_words(draft):
    requirement = Requirement.objects.create(
        solicitation=draft.lot.solicitation,
        code="T9",
        text="List them",
        data_type="table",
        columns=["A", "B"],
    )
    name = f"requirement-{requirement.pk}"
    path = f"/proposals/{draft.pk}/edit/answers/"
    answer = client_of(draft).post(
        path, {f"{name}-0-0": "a\x00b", f"{name}-0-1": "c"}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 200
    assert not make.draft_of(draft).responses.filter(requirement=requirement).exists()


SECTIONS = ("product", "answers", "statements", "bom", "capacity", "jobs", "price")
ODD = ("\x00", "NaN", "Infinity", "-1", "1e999999", "9" * 400, "null", "\u202e\U0001f4a3", "{", "1e-999999")


@pytest.mark.parametrize("odd", ODD)
def test_every_field_of_every_section_stands_odd_input(draft, odd):
    client = client_of(draft)
    for key in SECTIONS:
        path = f"/proposals/{draft.pk}/edit/{key}/"
        form = client.get(path + ("?edit" if key == "bom" else "")).context["form"]
        parts = (
            getattr(form, "parts", None)
            or [
                part
                for name in ("form", "dates", "prices", "rows", "steps")
                if (part := getattr(form, name, None)) is not None
            ]
            or [form]
        )
        data: dict[str, str] = {}
        for part in parts:
            forms = getattr(part, "forms", None) or [part]
            if hasattr(part, "management_form"):
                data |= {f"{part.prefix}-TOTAL_FORMS": str(len(forms)), f"{part.prefix}-INITIAL_FORMS": "0"}
            for each in forms:
                data |= {each.add_prefix(name): odd for name in each.fields}
                if "key" in each.fields:
                    data[each.add_prefix("key")] = str(each["key"].value())
        for headers in ({}, {"hx-request": "true"}):
            assert client.post(path, data, headers=headers).status_code in (200, 302), (key, odd)


def test_a_price_no_total_can_hold_is_refused_in_words(draft):
    line = make.draft_of(draft).price_lines.first()
    path = f"/proposals/{draft.pk}/edit/price/"
    name = f"price-{line.item_id}-{line.year}"
    client_of(draft).post(path, {name: "99999999999999.9999"})
    line.refresh_from_db()
    assert line.unit_price < Decimal(10) ** 9


def test_the_dearest_offer_that_can_be_typed_has_a_total_the_score_can_hold(draft):
    client, revision = client_of(draft), make.draft_of(draft)
    years = [line.year for line in revision.price_lines.all()]
    item = revision.items.get()
    from rfp.drafting.forms.sections.capacity import MOST_UNITS
    from rfp.drafting.forms.sections.price import DEAREST

    for year in years:
        client.post(f"/proposals/{draft.pk}/edit/capacity/", {f"units-{item.pk}-{year}": str(MOST_UNITS)})
        client.post(f"/proposals/{draft.pk}/edit/price/", {f"price-{item.pk}-{year}": str(DEAREST)})
    offered = scoring_queries.price_facts(make.draft_of(draft)).offered
    assert offered == sum(DEAREST * MOST_UNITS for _ in years)
    field = Score._meta.get_field("price_total")
    assert offered * 100 < Decimal(10) ** (field.max_digits - field.decimal_places)


def test_a_bom_with_nul_characters_is_read_and_stored(draft):
    data = b"line,part,qty,unit cost,origin,manufacturer\n1,Board,1,2,US,A\x00cme\n"
    lines = reading.read_bom(data).facts
    actions.replace_bom(draft, lines, name="a.csv", by=make.owner_of(draft.supplier), at=make.NOW)
    assert make.draft_of(draft).bom_lines.get().manufacturer == "Acme"
    padding = "".join(f"{at},Board,1,2,US,Acme\n" for at in range(2, 400))
    upload = SimpleUploadedFile(
        "bom.csv",
        b"line,part,qty,unit cost,origin,manufacturer\n"
        + padding.encode()
        + b"900,Bo\x00ard,1,2,US,Ac\x00me\n",
    )
    client = client_of(draft)
    answer = client.post(f"/proposals/{draft.pk}/edit/bom/upload/", {"file": upload})
    if answer.status_code == 302:
        assert client.get(answer["Location"]).status_code == 200
        assert client.post(answer["Location"]).status_code in (200, 302)


@pytest.mark.parametrize("status", ["cancelled", "unsuccessful", "complete"])
def test_an_rfp_that_was_called_off_takes_nothing(draft, status):
    other = make.make_proposal(draft.lot.solicitation)
    Solicitation.objects.update(final_status=status)
    fresh = Proposal.objects.get(pk=draft.pk)
    with pytest.raises(actions.TooLate):
        make.submit(fresh)
    with pytest.raises(actions.TooLate):
        actions.start_proposal(fresh.lot, supplier=fresh.supplier, by=make.owner_of(fresh.supplier))
    with pytest.raises(actions.TooLate):
        actions.revise_proposal(Proposal.objects.get(pk=other.pk), by=make.owner_of(other.supplier))


def test_a_computed_criterion_in_the_price_envelope_is_not_left_to_reviewers():
    admin = make.make_user(Role.ADMIN)
    solicitation = make.make_solicitation(by=admin, published=False)
    data = {
        "code": "Z9",
        "title": "Computed",
        "weight": "5",
        "position": "9",
        "mode": "automatic",
        "envelope": "price",
        "value_source": "requirement",
        "fallback_to_evaluator": "on",
        **{f"anchor_{anchor}": "text" for anchor in range(6)},
    }
    answer = signed_in(admin).post(f"/setup/{solicitation.pk}/criteria/new/", data)
    assert answer.status_code == 200
    assert not solicitation.criteria.filter(code="Z9").exists()
