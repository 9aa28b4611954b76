"""OCDS release packages: valid against the official schema at every stage, and nothing in them before it is public."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.files.storing import check_file
from portal.models import Role
from rfp.amending import ending_actions
from rfp.amending.changes import KIND
from rfp.models import Milestone, Requirement, Solicitation
from rfp.publishing import actions
from tests import factories as make
from tests.rfp.amending import made
from tests.rfp.asking.test_asking import asked, published
from tests.rfp.opendata.official import broken

pytestmark = pytest.mark.django_db


def package_of(solicitation: Solicitation) -> dict[str, Any]:
    answer = Client().get(reverse("rfp:ocds", args=[solicitation.number]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    found: dict[str, Any] = json.loads(answer.content)
    return found


def whole_rfp() -> Solicitation:
    """With everything that a tender can say."""
    solicitation = make.make_solicitation(
        contact_name="Sourcing",
        contact_email="office@buyer.example",
        questions_until=make.NOW + timedelta(days=2),
    )
    lot = solicitation.lots.get()
    for code, values in {
        "N1": {"data_type": "number", "minimum": "1.5", "maximum": "1e3", "effect": "knockout"},
        "B1": {"data_type": "boolean", "expected": True, "effect": "knockout"},
        "D1": {"data_type": "date", "maximum": "2027-01-01"},
        "T1": {"data_type": "table", "columns": ["role", "rate"]},
        "C1": {"data_type": "choice", "choices": ["a", "b"], "lot": lot},
    }.items():
        Requirement.objects.create(solicitation=solicitation, code=code, text=f"{code}?", **values)
    for kind, at in (("conference", "14:00"), ("award", None), ("start", None), ("", None)):
        Milestone.objects.create(
            solicitation=solicitation, title=kind or "Other", kind=kind, on="2031-06-09", at=at
        )
    file = check_file(SimpleUploadedFile("Terms.txt", b"The terms."))
    actions.add_document(solicitation, file, title="Terms", by=make.make_user(Role.ADMIN), at=make.NOW)
    return solicitation


def test_a_published_rfp_is_one_valid_release_with_all_that_is_asked() -> None:
    solicitation = whole_rfp()
    package = package_of(solicitation)
    assert broken(package) == []
    (release,) = package["releases"]
    tender = release["tender"]
    assert release["ocid"] == f"ocds-213czf-{solicitation.number}"
    assert release["tag"] == ["planning", "tender"]
    assert release["parties"][0]["contactPoint"] == {"name": "Sourcing", "email": "office@buyer.example"}
    assert [each["id"] for each in tender["lots"]] == ["L1"]
    assert {each["relatedLot"] for each in tender["items"]} == {"L1"}
    asked_for = {
        each["id"]: each["requirementGroups"][0]["requirements"][0]
        for each in tender["criteria"]
        if "requirementGroups" in each
    }
    assert (asked_for["N1"]["minValue"], asked_for["N1"]["maxValue"]) == (1.5, 1000)
    assert asked_for["B1"]["expectedValue"] is True
    assert tender["enquiryPeriod"]["endDate"] < tender["tenderPeriod"]["endDate"]
    conference = next(each for each in tender["milestones"] if each.get("code") == "conference")
    assert conference["dueDate"] == "2031-06-09T14:00:00-04:00"
    assert tender["awardPeriod"] == {"endDate": "2031-06-09T23:59:59-04:00"}
    address = next(each["url"] for each in tender["documents"] if each["documentType"] == "biddingDocuments")
    assert b"The terms." in b"".join(
        Client().get(address.removeprefix("http://testserver")).streaming_content
    )
    assert "bids" not in release
    assert "awards" not in release


def test_an_addendum_is_an_amendment_and_what_was_said_before_stays_as_it_was() -> None:
    solicitation = whole_rfp()
    before = package_of(solicitation)
    text = {"title": "Another title", "summary": "Other words."}
    made.publish(solicitation, (KIND.TEXT, "", text), (KIND.REQUIREMENT, "R1", {"minimum": "1600"}))
    lot = make.make_lot(solicitation, "L2")
    made.publish(solicitation, (KIND.LOT_WITHDRAWN, lot.code, {}))
    package = package_of(solicitation)
    assert broken(package) == []
    assert package["releases"][0] == before["releases"][0]
    assert [each["tag"] for each in package["releases"]] == [
        ["planning", "tender"],
        ["tenderAmendment"],
        ["tenderAmendment"],
    ]
    tender = package["releases"][2]["tender"]
    assert tender["title"] == "Another title"
    assert [each["id"] for each in tender["amendments"]] == ["1", "2"]
    assert "Title: " in tender["amendments"][0]["description"]
    assert tender["amendments"][1]["amendsReleaseID"] == package["releases"][1]["id"]
    assert {each["id"]: each["status"] for each in tender["lots"]} == {"L1": "active", "L2": "withdrawn"}


def test_answers_are_enquiries_without_who_asked_or_when() -> None:
    solicitation, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    supplier = make.make_supplier(legal_name="Quillfeather Works")
    question, waiting = asked(solicitation, supplier), asked(solicitation)
    assert "hasEnquiries" not in package_of(solicitation)["releases"][0]["tender"]
    published(question, admin, at=make.NOW + timedelta(hours=1))
    package = package_of(solicitation)
    assert broken(package) == []
    (enquiry,) = package["releases"][1]["tender"]["enquiries"]
    assert set(enquiry) == {"id", "description", "answer", "dateAnswered"}
    whole = json.dumps(package)
    assert "Quillfeather" not in whole
    assert len(package["releases"]) == 2, f"question {waiting.pk} waits"


@pytest.mark.parametrize(
    ("status", "tag"),
    [("cancelled", "tenderCancellation"), ("unsuccessful", "tenderUpdate"), ("complete", "tenderUpdate")],
)
def test_an_end_is_a_release_of_its_own(status: str, tag: str) -> None:
    solicitation = make.make_solicitation()
    make.close(solicitation.windows.get())
    ending_actions.end_solicitation(
        solicitation, status=status, reason="No need.", by=make.make_user(Role.ADMIN), at=make.NOW
    )
    package = package_of(solicitation)
    assert broken(package) == []
    assert package["releases"][-1]["tag"] == [tag]
    assert package["releases"][-1]["tender"]["status"] == status


@pytest.mark.parametrize("role", [None, *Role])
def test_an_rfp_in_preparation_does_not_exist(client: Client, role: Role | None) -> None:
    draft = make.make_solicitation(published=False)
    if role is not None:
        client.force_login(make.make_user(role))
    assert client.get(reverse("rfp:ocds", args=[draft.number])).status_code == 404


def test_proposals_change_not_a_byte_of_it() -> None:
    solicitation = make.make_solicitation()
    address = reverse("rfp:ocds", args=[solicitation.number])
    before = Client().get(address).content
    for _ in range(2):
        make.make_proposal(solicitation)
    assert Client().get(address).content == before
    make.close(solicitation.windows.get())
    closed = json.loads(Client().get(address).content)
    assert "bids" not in json.dumps(list(closed["releases"]))


def test_who_has_it_gets_304(client: Client) -> None:
    solicitation = make.make_solicitation()
    address = reverse("rfp:ocds", args=[solicitation.number])
    etag = client.get(address)["ETag"]
    assert client.get(address, HTTP_IF_NONE_MATCH=etag).status_code == 304
    made.publish(solicitation, (KIND.TEXT, "", {"title": "New", "summary": "New"}))
    assert client.get(address, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_the_queries_do_not_grow_with_versions_and_answers(client: Client) -> None:
    solicitation, admin = make.make_solicitation(), make.make_user(Role.ADMIN)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("rfp:ocds", args=[solicitation.number]))
        return len(queries)

    def more(number: int) -> None:
        made.publish(solicitation, (KIND.TEXT, "", {"title": f"Title {number}", "summary": "x"}))
        published(asked(solicitation), admin)

    more(1)
    one = count()
    more(2)
    more(3)
    assert count() == one


def test_the_schema_in_these_tests_finds_what_is_wrong() -> None:
    package = package_of(make.make_solicitation())

    def spoiled(spoil: Any) -> list[str]:
        bad = copy.deepcopy(package)
        spoil(bad["releases"][0])
        return broken(bad)

    assert spoiled(lambda release: release.pop("ocid"))
    assert spoiled(lambda release: release.update(tag=["awarded"]))
    assert spoiled(lambda release: release.update(date="2026-06-30"))
    assert spoiled(lambda release: release["tender"].update(status="open"))
    assert spoiled(lambda release: release["tender"]["lots"][0].pop("id"))
    assert spoiled(lambda release: release["tender"].update(budget=5))
    assert spoiled(lambda release: release["tender"].update(value={"amount": "5", "currency": "USD"}))
    assert spoiled(lambda release: release.update(parties=release["parties"] * 2))
