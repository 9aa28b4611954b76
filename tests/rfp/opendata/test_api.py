"""The read API: published RFPs for everyone, one’s own proposals and marks with a token; errors, pages, the schema."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from drf_spectacular.validation import validate_schema

from portal.api import tokens
from portal.kit.refused import Refused
from portal.models import AccessEvent, ApiToken, AuditEvent, Role, User
from tests import factories as make
from tests.portal.accounts.test_access import PASSWORD, reauthenticated
from tests.scoring.decisions.test_verdicts import priced

pytestmark = pytest.mark.django_db
SCOPE = ApiToken.Scope
RFPS, PROPOSALS, EVALUATIONS = (
    reverse(name) for name in ("rfp:api_rfps", "rfp:api_proposals", "scoring:api_evaluations")
)


def token(user: User, scope: str = SCOPE.PROPOSALS, days: int = 30) -> tuple[ApiToken, str]:
    return tokens.create_token(user, name="ERP", scopes=[scope], days=days, at=make.NOW)


def read(address: str, secret: str = "") -> Any:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}"} if secret else {}
    return Client().get(address, **headers)


def problem_of(answer: Any, status: int) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    found: dict[str, Any] = json.loads(answer.content)
    assert set(found) == {"type", "title", "status", "detail"}
    assert found["status"] == status
    return found


# ---- RFPs ---------------------------------------------------------------------------------------------------------


def test_published_rfps_are_read_page_by_page_without_a_token() -> None:
    numbers = [make.make_solicitation().number for _ in range(3)]
    make.make_solicitation(published=False)
    first = read(f"{RFPS}?limit=2").json()
    second = read(first["next"]).json()
    assert second["next"] is None
    assert sorted(each["number"] for each in first["results"] + second["results"]) == sorted(numbers)
    assert read(f"{RFPS}?cursor=nonsense").status_code == 404
    assert len(read(f"{RFPS}?limit=0").json()["results"]) == 3


def test_one_rfp_says_all_that_is_asked_and_a_draft_does_not_exist() -> None:
    rfp = make.make_solicitation(contact_name="Sourcing")
    found = read(reverse("rfp:api_rfp", args=[rfp.number])).json()
    assert found["facts"]["contact_name"] == "Sourcing"
    assert found["stage"] == "open"
    assert [each["code"] for each in found["lots"]] == ["L1"]
    assert {"code", "text", "effect"} <= set(found["requirements"][0])
    draft = make.make_solicitation(published=False)
    for number in (draft.number, "nothing"):
        problem_of(read(reverse("rfp:api_rfp", args=[number])), 404)
    problem_of(Client().post(RFPS, "{}", content_type="application/json"), 405)


def test_the_list_asks_as_often_for_three_as_for_one() -> None:
    person = make.owner_of(make.make_supplier())
    _row, secret = token(person)
    rfp = make.make_solicitation()
    supplier = person.memberships.get().supplier

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert read(address, secret).status_code == 200
        return len(queries)

    make.make_draft(rfp, supplier)
    before = count(RFPS), count(PROPOSALS)
    for _ in range(2):
        make.make_draft(make.make_solicitation(), supplier)
    assert (count(RFPS), count(PROPOSALS)) == before


# ---- one's own ----------------------------------------------------------------------------------------------------


def test_a_supplier_reads_its_own_proposals_and_no_others() -> None:
    rfp = make.make_solicitation()
    mine, other = make.make_proposal(rfp), make.make_proposal(rfp)
    _row, secret = token(make.owner_of(mine.supplier))
    found = read(PROPOSALS, secret).json()["results"]
    assert [each["number"] for each in found] == [mine.number]
    assert found[0]["revision"] == 1
    assert read(reverse("rfp:api_proposal", args=[mine.pk]), secret).json() == found[0]
    problem_of(read(reverse("rfp:api_proposal", args=[other.pk]), secret), 404)


def test_a_reviewer_reads_the_marks_that_they_gave() -> None:
    made = priced(2)
    chair, other = made.chair.user, made.others[0].user
    _row, secret = token(chair, SCOPE.EVALUATIONS)
    found = read(EVALUATIONS, secret).json()["results"]
    assert found
    assert {each["proposal"] for each in found} == {each.number for each in made.proposals}
    text = json.dumps(found)
    for proposal in made.proposals:
        assert proposal.supplier.legal_name not in text
    assert other.name not in text


def test_staff_tokens_open_no_proposals_and_suppliers_tokens_no_marks() -> None:
    for role in Role:
        person = make.make_user(role)
        wrong = SCOPE.EVALUATIONS if role == Role.SUPPLIER else SCOPE.PROPOSALS
        with pytest.raises(Refused):
            token(person, wrong)
    _row, secret = token(make.make_user(Role.SUPPLIER))
    problem_of(read(EVALUATIONS, secret), 403)
    _row, secret = token(make.make_user(Role.ADMIN), SCOPE.EVALUATIONS)
    problem_of(read(PROPOSALS, secret), 403)


# ---- tokens -------------------------------------------------------------------------------------------------------


def test_a_session_or_a_wrong_ended_revoked_or_orphaned_token_opens_nothing() -> None:
    person = make.owner_of(make.make_supplier())
    client = Client()
    client.force_login(person)
    problem_of(client.get(PROPOSALS), 401)
    row, secret = token(person)
    assert read(PROPOSALS, secret).status_code == 200
    for wrong in (secret[:-1], secret + "x", "x" * 5000, "\x01", row.digest):
        assert "not valid" in problem_of(read(PROPOSALS, wrong), 401)["detail"]
    tokens.revoke_token(row, by=person, at=make.NOW)
    problem_of(read(PROPOSALS, secret), 401)
    with pytest.raises(Refused):
        tokens.revoke_token(row, by=person, at=make.NOW)
    ended, old = tokens.create_token(
        person, name="Old", scopes=[SCOPE.PROPOSALS], days=1, at=make.NOW - timedelta(days=2)
    )
    assert not ended.is_live(make.NOW)
    problem_of(read(PROPOSALS, old), 401)
    _row, last = token(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    problem_of(read(PROPOSALS, last), 401)


def test_the_token_is_kept_nowhere_and_its_row_stays() -> None:
    person = make.make_user(Role.REVIEWER)
    row, secret = token(person, SCOPE.EVALUATIONS)
    kept = json.dumps([*AuditEvent.objects.values("verb", "facts", "subject")], default=str)
    stored = json.dumps([*ApiToken.objects.values()], default=str)
    assert secret[len(row.hint) :] not in kept + stored
    assert "token.created" in kept
    with pytest.raises(DatabaseError), transaction.atomic():
        ApiToken.objects.update(expires_at=make.NOW + timedelta(days=9999))
    read(EVALUATIONS, secret)
    assert AccessEvent.objects.filter(kind="api", user=person, about=f"API {EVALUATIONS}").count() == 1
    supplier = make.make_user(Role.SUPPLIER)
    _row, secret = token(supplier)
    read(PROPOSALS, secret)
    assert not AccessEvent.objects.filter(user=supplier).exists()


def test_tokens_are_made_shown_once_and_revoked_on_the_page() -> None:
    person = make.with_password(make.make_user(Role.SUPPLIER), PASSWORD)
    client = reauthenticated(person)
    page = reverse("portal:token_list")
    typed = {"name": "Our ERP", "scopes": ["evaluations"], "days": "9999"}
    wrong = client.post(page, typed)
    assert set(wrong.context["form"].errors) == {"scopes", "days"}
    assert "Our ERP" in wrong.content.decode()
    made = client.post(page, {"name": "Our ERP", "scopes": ["proposals"], "days": "30"})
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert made["Cache-Control"] == "private, no-store"
    assert secret not in client.get(page).content.decode()
    assert read(PROPOSALS, secret).status_code == 200
    row = ApiToken.objects.get()
    stranger = Client()
    stranger.force_login(make.make_user(Role.SUPPLIER))
    assert stranger.post(reverse("portal:token_revoke", args=[row.pk])).status_code == 404
    client.post(reverse("portal:token_revoke", args=[row.pk]))
    problem_of(read(PROPOSALS, secret), 401)


def test_the_number_of_tokens_is_bounded() -> None:
    person = make.make_user(Role.SUPPLIER)
    for _ in range(tokens.MOST_LIVE):
        token(person)
    with pytest.raises(Refused, match="Revoke one first"):
        token(person)


def test_the_schema_is_valid_openapi_3_1_and_names_every_address() -> None:
    answer = read(reverse("portal:api_schema"))
    assert answer.status_code == 200
    schema = json.loads(answer.content)
    validate_schema(schema)
    assert schema["openapi"].startswith("3.1")
    assert set(schema["paths"]) == {
        "/api/rfps/",
        "/api/rfps/{number}/",
        "/api/proposals/",
        "/api/proposals/{id}/",
        "/api/evaluations/",
    }
    assert schema["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
