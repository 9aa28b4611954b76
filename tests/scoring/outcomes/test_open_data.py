"""Awards in open data: after the release, with its counts; nothing of them before."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rfp.models import Solicitation
from scoring.models import Release
from scoring.outcomes import award_actions
from tests import factories as make
from tests.rfp.opendata.official import broken
from tests.scoring.decisions.test_verdicts import decide, priced
from tests.scoring.outcomes.test_awards import awarded, begin_end
from tests.scoring.outcomes.test_release import V, accept, begin, release
from tests.scoring.rooms import Room

pytestmark = pytest.mark.django_db


def content(made: Room) -> bytes:
    return Client().get(reverse("rfp:ocds", args=[made.solicitation.number])).content


def package(made: Room) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content(made))
    assert broken(found) == []
    return found


def test_decisions_and_a_release_that_waits_change_not_a_byte() -> None:
    made = priced(3)
    before = content(made)
    decide(made, V.AWARDED, 0)
    decide(made, V.RESERVE, 1, 2)
    accept(made)
    begin(made)
    assert content(made) == before


def test_a_shortlist_is_told_to_suppliers_alone() -> None:
    made = priced(3)
    before = content(made)
    decide(made, V.SHORTLISTED, 0)
    decide(made, V.RESERVE, 1, 2)
    release(made)
    assert content(made) == before


@pytest.mark.parametrize("shows_value", [True, False])
def test_a_released_award_names_supplier_lot_and_how_many_proposals(shows_value: bool) -> None:
    made, letter = awarded()
    Solicitation.objects.filter(pk=made.solicitation.pk).update(award_value_shown=shows_value)
    last = package(made)["releases"][-1]
    assert last["tag"] == ["award"]
    (award,) = last["awards"]
    assert (award["id"], award["status"], award["relatedLots"]) == ("1-L1-1", "pending", ["L1"])
    named = [each["name"] for each in last["parties"] if "supplier" in each["roles"]]
    assert named == [made.proposals[0].supplier.legal_name]
    assert [(each["measure"], each["value"]) for each in last["bids"]["statistics"]] == [("bids", 3)]
    assert letter.value is not None
    shown = {"amount": float(letter.value), "currency": "USD"} if shows_value else None
    assert award.get("value") == shown
    whole = content(made).decode()
    for other in made.proposals[1:]:
        assert other.supplier.legal_name not in whole
    assert letter.proposal.number not in whole


def test_an_award_becomes_final() -> None:
    made, letter = awarded()
    until = Release.objects.get().standstill_until
    assert until is not None
    award_actions.finish_award(letter, by=made.chair.user, at=until)
    last = package(made)["releases"][-1]
    assert (last["tag"], last["awards"][0]["status"]) == (["awardUpdate"], "active")


def test_an_award_that_ended_is_said_once_its_letters_are_out() -> None:
    made, letter = awarded()
    before = content(made)
    end = begin_end(letter, made)
    award_actions.confirm_end(end, by=made.admin, at=make.NOW + timedelta(hours=1))
    assert content(made) == before
    decide(made, V.AWARDED, 1)
    release(made)
    releases = package(made)["releases"]
    assert [each["tag"] for each in releases[1:]] == [["award"], ["awardCancellation"]]
    statuses = {award["id"]: award["status"] for each in releases[1:] for award in each["awards"]}
    assert statuses == {"1-L1-1": "cancelled", "1-L1-2": "pending"}
