"""An RFP as a file and back: the same to the byte, and nothing of a file that is wrong."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from portal.models import AuditEvent, Role, User
from rfp.models import Criterion, Requirement, Solicitation
from rfp.publishing import actions as publishing_actions
from rfp.reuse import actions
from rfp.reuse.contents import schema
from rfp.reuse.contents.collecting import as_file, contents_of
from rfp.reuse.contents.problems import FileWrong
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make.make_user(Role.ADMIN)


@pytest.fixture
def rfp() -> Solicitation:
    """A draft with something of everything that is typed."""
    rfp = make.make_solicitation(
        published=False,
        summary="First line\n\nÜber “quotes”",
        time_zone="America/Chicago",
        questions_until=make.NOW + timedelta(days=2),
        technical_share=Decimal(70),
        price_share=Decimal(30),
        tie_chain=["price", "T"],
        sections_off=["jobs"],
        rule_uses={"WS-2": {"use": "advisory", "reason": "A small lot"}},
    )
    rfp.milestones.create(title="Award", on=date(2027, 4, 5), by_month=True)
    rfp.windows.update(feedback_by=date(2099, 1, 2))
    lot = rfp.lots.get()
    Criterion.objects.filter(solicitation=rfp, code="T").update(
        scale={"anchors": {"1": "0", "2": "40", "3": "100"}},
        anchors={"1": "None", "2": "Some", "3": "All"},
        weight=50,
    )
    yes = {"scale": {"anchors": {"0": "0", "1": "100"}}, "anchors": {"0": "No", "1": "Yes"}}
    rfp.criteria.create(code="Y", title="Plan", weight=5, position=3, **yes)
    rfp.criteria.create(code="O", title="Own points", weight=5, position=4, scale={"max": "5", "min": "0"})
    rows: list[dict[str, Any]] = [
        {"data_type": "choice", "choices": ["a", "b"], "expected": ["a"]},
        {"data_type": "boolean", "expected": True, "effect": "knockout", "why": "Law"},
        {"data_type": "table", "columns": ["Year", "Hours"]},
        {"data_type": "date", "minimum": "2027-01-01", "maximum": "2027-12-31"},
        {"data_type": "number", "minimum": "1.5", "ideal": "9", "unit": "kg", "lot": lot},
        {"data_type": "file", "evidence": "A report", "evidence_required": True},
        {"data_type": "string", "text": "Price list?", "envelope": "price"},
    ]
    for at, row in enumerate(rows):
        made = rfp.requirements.create(**{"code": f"X{at}", "text": f"Question {at}?", "position": at, **row})
        if made.lot:
            made.applies_to.set(lot.items.all()[:1])
    rfp.preferences.create(code="P1", title="Small", basis="Policy", value=5, cap=1000, claimed_by="X1")
    return rfp


def test_the_file_in_the_repository_is_the_schema() -> None:
    assert schema.FILE.read_text() == schema.written(), "manage.py rfp_schema"
    Draft202012Validator.check_schema(schema.schema())


def test_round_trip_to_the_byte(rfp: Solicitation, admin: User) -> None:
    first = as_file(rfp)
    Draft202012Validator(schema.schema()).validate(json.loads(first))
    made = actions.import_solicitation(first, number="again", by=admin, at=make.NOW)
    second = as_file(made)
    assert second.replace(b'"again"', f'"{rfp.number}"'.encode()) == first
    assert not made.is_published and made.created_by == admin
    assert AuditEvent.objects.latest("seq").verb == "solicitation.imported"


def test_rows_that_no_form_wrote_come_back_as_well(rfp: Solicitation, admin: User) -> None:
    """What the builder would not keep is not in the file: units, texts and limits that a criterion has no use for."""
    rfp.criteria.filter(code="D").update(anchors={"0": "Below"}, scale={"max": "20", "min": "0"}, quorum=2)
    rfp.criteria.filter(code="T").update(value_unit="kg", value_source="DC-2.lo_pct", value_from=1)
    rfp.criteria.filter(code="P").update(minimum=10, value_unit="USD")
    rfp.criteria.filter(code="Y").update(anchors={"1": "Signed"})
    rfp.requirements.filter(code="X1").update(unit="kg", minimum="1", choices=["a"], columns=["b"])
    first = as_file(rfp)
    made = actions.import_solicitation(first, number="again", by=admin, at=make.NOW)
    assert as_file(made).replace(b'"again"', f'"{rfp.number}"'.encode()) == first


def test_a_published_rfp_comes_back_as_a_draft(admin: User) -> None:
    rfp = make.make_solicitation()
    made = actions.import_solicitation(as_file(rfp), number="again", title="Another", by=admin, at=make.NOW)
    assert (made.published_at, made.title) == (None, "Another")
    assert {**contents_of(made), "head": None} == {**contents_of(rfp), "head": None}


def test_sealed_reference_prices_are_left_out(admin: User) -> None:
    rfp = make.make_solicitation(reference_is_public=False, reference_sealed=True)
    assert {item["reference_price"] for item in contents_of(rfp)["lots"][0]["items"]} == {None}


def wrong(content: bytes, admin: User) -> dict[str, str]:
    before = Solicitation.objects.count(), Requirement.objects.count()
    with pytest.raises(FileWrong) as caught:
        actions.import_solicitation(content, number="new", by=admin, at=make.NOW)
    assert (Solicitation.objects.count(), Requirement.objects.count()) == before
    return {each.where: each.why for each in caught.value.problems}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON: line 1, column 1"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nests more than"),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "nests more than"),
        (b'{"format": NaN}', "it holds NaN"),
        (b'{"a": 1, "a": 2}', "“a” is in one object twice"),
        (b'{"format": "\\ud800"}', "not UTF-8"),
        (b'{"format": ' + b"9" * 5000 + b"}", "not JSON that we can read"),
        (b" " * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
        (b"[]", "Must be an object"),
        (b"PK\x03\x04", "not JSON"),
    ],
)
def test_hostile_files(content: bytes, why: str, admin: User) -> None:
    assert why in wrong(content, admin)["The file"]


def _changed(rfp: Solicitation, change: Any) -> bytes:
    contents = contents_of(rfp)
    change(contents)
    return json.dumps(contents).encode()


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        (lambda c: c.update(format="other"), "format", "Must be one of"),
        (lambda c: c.pop("head"), "head", "Is missing"),
        (lambda c: c["head"].update(owner="me"), "head.owner", "don’t know this name"),
        (lambda c: c["head"].update(time_zone="Mars/Olympus"), "head.time_zone", "time zone"),
        (lambda c: c["head"].update(title="x" * 201), "head.title", "at most 200"),
        (lambda c: c["head"].update(title=" "), "head.title", "missing"),
        (lambda c: c["head"].update(summary="a\x00b"), "head.summary", "Null"),
        (lambda c: c["head"].update(is_sample=1), "head.is_sample", "true or false"),
        (lambda c: c["lots"].append(dict(c["lots"][0])), "lots[1].code", "already a lot"),
        (
            lambda c: c["lots"][0]["items"][0].update(reference_price=12.5),
            "lots[0].items[0].reference_price",
            "text",
        ),
        (lambda c: c["lots"][0]["items"][1].update(code="L1-A"), "lots[0].items[1].code", "Two items"),
        (lambda c: c["criteria"][0].update(weight="101"), "criteria[0].weight", ""),
        (lambda c: c["criteria"][0]["steps"][0].update(worth="7"), "criteria[0].steps[0].worth", "worth 0"),
        (lambda c: c["requirements"][0].update(lot="L9"), "requirements[0].lot", "no lot L9"),
        (lambda c: c["requirements"][0].update(data_type="essay"), "requirements[0].data_type", "one of"),
        (lambda c: c["requirements"][0].update(feeds="Q"), "requirements[0].feeds", "no criterion Q"),
        (lambda c: c["requirements"][0].update(applies_to=["Z"]), "requirements[0].applies_to", "no item Z"),
        (lambda c: c.update(requirements=[{}] * 501), "requirements", "at most 500"),
        (
            lambda c: c["dates"]["windows"][0].update(opens_at="soon"),
            "dates.windows[0].opens_at",
            "date and time",
        ),
        (
            lambda c: c["dates"]["windows"][0].update(opens_at="2026-99-99T00:00:00Z"),
            "dates.windows[0].opens_at",
            "enter a date",
        ),
        (lambda c: c["method"].update(price_formula="none"), "method.price_formula", ""),
        (lambda c: c["method"].update(ties=["nothing"]), "method.ties[0]", "isn’t a tie step"),
        (lambda c: c.update(rules={"XX": {}}), "rules", "no rule XX"),
        (lambda c: c.update(rule_uses={"XX": {"use": "off", "reason": "a"}}), "rule_uses.XX", "no such rule"),
        (
            lambda c: c.update(rule_uses={"RQ-1": {"use": "off", "reason": "a"}}),
            "rule_uses.RQ-1",
            "every RFP",
        ),
        (lambda c: c["rule_uses"]["WS-2"].update(reason=" "), "rule_uses.WS-2.reason", "Say why"),
        (lambda c: c.update(sections_off=["price"]), "sections_off.asked", "Price is scored"),
        (lambda c: c["preferences"][0].update(claimed_by="X0"), "preferences[0].claimed_by", ""),
    ],
)
def test_what_is_wrong_is_named_with_its_path(
    rfp: Solicitation, admin: User, change: Any, where: str, why: str
) -> None:
    assert why in wrong(_changed(rfp, change), admin)[where]


def test_a_number_that_is_taken(rfp: Solicitation, admin: User) -> None:
    with pytest.raises(FileWrong, match="already an RFP with this number"):
        actions.import_solicitation(as_file(rfp), number=rfp.number, by=admin, at=make.NOW)


def test_an_import_can_be_published(admin: User) -> None:
    made = actions.import_solicitation(
        as_file(make.make_solicitation()), number="again", by=admin, at=make.NOW
    )
    assert publishing_actions.publication_gaps(made) == []
