"""Clarifications: a question about one proposal and its answer in words, which changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.kit.refused import Refused
from portal.models import Notice
from rfp.curing import actions, letters
from rfp.models import Revision
from scoring.curing import actions as asking
from tests import factories as make
from tests.rfp.curing.made import clarified, fresh, lacking
from tests.scoring.rooms import auditor, signed_in

pytestmark = pytest.mark.django_db
ANSWER = "Our own shop in Toledo."


def test_an_answer_stands_beside_the_proposal_and_changes_nothing() -> None:
    room, proposal, asked = clarified()
    before = Revision.objects.filter(proposal=proposal).count()
    owner = signed_in(make.owner_of(proposal.supplier))
    address = f"/proposals/{proposal.pk}/asked/{asked.pk}/"
    assert "Who makes the frame?" in owner.get(address).content.decode()
    assert address in owner.get("/home/").content.decode()
    assert owner.post(address, {"answer": ANSWER}).status_code == 302
    for reader in (room.admin, room.chair.user, room.others[0].user, auditor()):
        for page in (f"/evaluate/proposals/{proposal.pk}/", f"/evaluate/proposals/{proposal.pk}/asked/"):
            assert ANSWER in signed_in(reader).get(page).content.decode()
    assert Revision.objects.filter(proposal=proposal).count() == before
    assert ANSWER in owner.get(address).content.decode()


def test_names_are_redacted_where_the_rfp_hides_them() -> None:
    room, proposal = lacking(names_hidden=True)
    due = make.NOW + timedelta(days=2)
    asked = asking.ask_to_clarify(proposal, text="Who makes it?", due_at=due, by=room.admin, at=make.NOW)
    name = proposal.supplier.legal_name
    by = make.owner_of(proposal.supplier)
    actions.answer_clarification(asked, f"{name} makes it.", by=by, at=make.NOW)
    address = f"/evaluate/proposals/{proposal.pk}/asked/"
    assert name in signed_in(room.admin).get(address).content.decode()
    read = signed_in(room.chair.user).get(address).content.decode()
    assert name not in read and "makes it." in read


@pytest.mark.parametrize(
    ("days", "why"),
    [(0.5, "between one day"), (15, "between one day"), (3, "")],
    ids=["short", "long", "fits"],
)
def test_a_supplier_gets_a_day_at_least_and_two_weeks_at_most(days: float, why: str) -> None:
    room, proposal = lacking()
    due = make.NOW + timedelta(days=days)
    if not why:
        assert asking.ask_to_clarify(proposal, text="Why?", due_at=due, by=room.admin, at=make.NOW).pk
        return
    with pytest.raises(Refused, match=why):
        asking.ask_to_clarify(proposal, text="Why?", due_at=due, by=room.admin, at=make.NOW)


def test_who_does_not_decide_does_not_ask() -> None:
    room, proposal = lacking()
    due, reviewer = make.NOW + timedelta(days=2), room.others[0].user
    with pytest.raises(Refused, match="Only the chair or an admin"):
        asking.ask_to_clarify(proposal, text="Why?", due_at=due, by=reviewer, at=make.NOW)
    sent = signed_in(reviewer).post(f"/evaluate/proposals/{proposal.pk}/asked/", {"text": "Why?"})
    assert sent.status_code == 404


def test_it_is_answered_once_in_time_and_without_prices() -> None:
    _room, proposal, asked = clarified()
    by = make.owner_of(proposal.supplier)
    with pytest.raises(Refused, match="Leave out amounts"):
        actions.answer_clarification(asked, "It costs $900.", by=by, at=make.NOW)
    with pytest.raises(Refused, match="Write your answer"):
        actions.answer_clarification(asked, " ", by=by, at=make.NOW)
    with pytest.raises(Refused, match="time to answer is over"):
        actions.answer_clarification(asked, ANSWER, by=by, at=asked.due_at)
    actions.answer_clarification(asked, ANSWER, by=by, at=asked.due_at - timedelta(seconds=1))
    with pytest.raises(Refused, match="already"):
        actions.answer_clarification(asked, ANSWER, by=by, at=make.NOW)


def test_a_rival_and_a_stranger_find_nothing() -> None:
    room, proposal, asked = clarified()
    address = f"/proposals/{proposal.pk}/asked/{asked.pk}/"
    for stranger in (make.owner_of(room.proposals[1].supplier), room.admin, room.chair.user):
        assert signed_in(stranger).get(address).status_code == 404


def test_a_letter_goes_out_and_another_four_hours_before_it_is_due() -> None:
    _room, proposal, asked = clarified()
    owner = make.owner_of(proposal.supplier)
    letters.remind_due(at=asked.due_at - timedelta(hours=5))
    letters.remind_due(at=asked.due_at - timedelta(hours=4))
    letters.remind_due(at=asked.due_at - timedelta(hours=3))
    keys = [
        each.key.partition(":")[0]
        for each in Notice.objects.filter(to=owner, key__startswith="clar").order_by("id")
    ]
    assert keys == ["clarification", "clarification-soon"]
    assert fresh(proposal).clarifications.get() == asked
