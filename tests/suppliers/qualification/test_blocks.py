"""What stands against buying from a supplier now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.models import Role
from suppliers.models import Alert, Qualification
from suppliers.qualification.blocks import UNDER_REVIEW, Block, BlockKind, live_blocks, may_be_stopped
from suppliers.screening import alert_actions
from tests import factories as make

pytestmark = pytest.mark.django_db

LISTED = "Listed Trading Trust"
TODAY = make.NOW.date()


def blocks(supplier) -> list[Block]:
    return live_blocks([("P-0", supplier.pk)], on=TODAY)["P-0"]


def alert_of(name=LISTED) -> Alert:
    make.make_list(name)
    return make.screen(make.make_supplier(legal_name=name))[0]


def decide(alert, decision):
    return alert_actions.decide_alert(
        alert, decision=decision, reason="The address agrees.", by=make.make_user(Role.OFFICER), at=make.NOW
    )


def standing(supplier, *, status="qualified", until=TODAY, commodity="racks"):
    row = make.make_standing(supplier, commodity=make.make_commodity(commodity))
    dates = {"valid_from": TODAY - timedelta(days=365), "valid_until": until}
    Qualification.objects.filter(pk=row.pk).update(status=status, changed_at=make.NOW, **dates)
    return row


def test_a_supplier_with_nothing_against_it_has_no_block():
    supplier = make.make_supplier()
    assert live_blocks([("P-0", supplier.pk)]) == {"P-0": []}


def test_an_open_alert_holds_and_an_officer_may_override_it():
    alert = alert_of()
    (block,) = blocks(alert.supplier)
    assert (block.kind, block.since) == (BlockKind.HOLD, alert.raised_at)
    assert block.words == "On hold: 1 open screening alert" and block.buyer_words == UNDER_REVIEW
    assert block.is_covered_by(block.keys)


def test_an_override_does_not_cover_an_alert_raised_after_it():
    alert = alert_of()
    (before,) = blocks(alert.supplier)
    make.make_list(LISTED, source="custom2")
    make.screen(alert.supplier)
    (after,) = blocks(alert.supplier)
    assert not after.is_covered_by(before.keys) and after.is_covered_by(after.keys)


def test_a_confirmed_match_blocks_and_nobody_overrides_it():
    alert = decide(alert_of(), "true_match")
    (block,) = blocks(alert.supplier)
    assert (block.kind, block.since) == (BlockKind.CONFIRMED, make.NOW)
    assert block.words == "Confirmed match with a listed party" and block.buyer_words == UNDER_REVIEW
    assert not block.may_be_overridden and not block.is_covered_by(block.keys)


def test_a_confirmed_match_blocks_when_the_active_list_no_longer_holds_it():
    alert = decide(alert_of(), "true_match")
    make.make_list("Somebody Else")
    make.screen(alert.supplier)
    assert [block.kind for block in blocks(alert.supplier)] == [BlockKind.CONFIRMED]


def test_a_cleared_alert_and_one_that_is_no_longer_listed_do_not_block():
    alert = alert_of()
    Alert.objects.filter(pk=alert.pk).update(state="false_positive")
    assert blocks(alert.supplier) == []
    Alert.objects.filter(pk=alert.pk).update(state="open", is_current=False)
    assert blocks(alert.supplier) == []


def test_makers_in_a_proposal_do_not_block_the_supplier():
    alert = alert_of()
    Alert.objects.filter(pk=alert.pk).update(role="manufacturer")
    assert blocks(alert.supplier) == []


def test_a_suspension_blocks_and_nobody_overrides_it():
    supplier = make.make_supplier()
    standing(supplier)
    standing(supplier, status="suspended", commodity="busbars")
    (block,) = blocks(supplier)
    assert (block.kind, block.since) == (BlockKind.SUSPENDED, make.NOW)
    assert "busbars" in block.words.lower() and block.words == block.buyer_words
    assert not block.is_covered_by(block.keys)


@pytest.mark.parametrize(
    ("status", "days_left", "kinds"),
    [
        ("qualified", 0, []),
        ("qualified", -1, [BlockKind.EXPIRED]),  # also before a worker has written it down
        ("expired", -1, [BlockKind.EXPIRED]),
        ("pending", -1, []),
    ],
)
def test_a_qualification_blocks_from_the_day_after_its_last(status, days_left, kinds):
    supplier = make.make_supplier()
    standing(supplier, status=status, until=TODAY + timedelta(days=days_left))
    found = blocks(supplier)
    assert [block.kind for block in found] == kinds
    assert all(block.since.date() == TODAY and block.is_covered_by(block.keys) for block in found)


def test_an_expired_qualification_does_not_block_while_another_holds():
    supplier = make.make_supplier()
    standing(supplier, status="expired", until=TODAY - timedelta(days=9))
    standing(supplier, commodity="busbars")
    assert blocks(supplier) == []


def test_blocks_take_one_query_for_one_supplier_and_for_three():
    names = [f"Listed {word} Trust" for word in ("Amber", "Birch", "Cedar")]
    make.make_list(*names)
    suppliers = [make.make_supplier(legal_name=name) for name in names]
    for supplier in suppliers:
        standing(supplier, status="expired", until=TODAY - timedelta(days=1))
    for some in (suppliers[:1], suppliers):
        with CaptureQueriesContext(connection) as caught:
            found = live_blocks([(f"P-{each.pk}", each.pk) for each in some], on=TODAY)
        assert len(caught) == 1
        assert found.keys() and {each.pk for each in some} <= set(may_be_stopped()[0])
        assert all(
            each.kind in (BlockKind.HOLD, BlockKind.EXPIRED) for rows in found.values() for each in rows
        )
