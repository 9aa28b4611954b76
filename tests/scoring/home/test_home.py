"""First pages: each role reads what to do next, at the same cost for one RFP and for three."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.compliance import Envelope
from portal.models import Role, User
from scoring.decisions import opening_actions
from tests import factories as make
from tests.scoring.decisions.queue_acts import missing_room
from tests.scoring.decisions.test_verdicts import priced
from tests.scoring.outcomes.test_release import begin, decided, owner, release
from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db


def home(user: User) -> str:
    return signed_in(user).get(reverse("scoring:home")).content.decode()


def test_a_reviewer_reads_the_queue_and_what_to_sign() -> None:
    made = room(2, declared=False)
    reviewer = made.others[0].user
    assert "Sign the conflict declaration" in home(reviewer) and "Nothing to mark right now." in home(
        reviewer
    )
    make.declare_all(made.window, made.seats)
    text = home(reviewer)
    assert "0 reviews done, 2 to do." in text and "Review Rack 21" in text
    make.mark_all(made.proposals[0], [made.others[0]])
    assert "1 review done, 1 to do." in home(reviewer)
    assert made.proposals[0].supplier.legal_name not in text


def test_a_reviewer_with_a_conflict_does_not_read_of_the_proposal() -> None:
    made = room(2, declared=False)
    reviewer = made.others[0].user
    make.declare(made.window, reviewer, made.proposals[0].supplier)
    assert "0 reviews done, 1 to do." in home(reviewer)
    assert made.proposals[0].number not in home(reviewer)


def test_the_chair_decides_and_is_the_second_person() -> None:
    missing = missing_room()
    assert "Decide 1 knock-out or missing input" in home(missing.chair.user)
    assert "Decide 1 knock-out" not in home(missing.others[0].user)
    made = priced(3)
    assert "Decide 3 ranked proposals in lot L1" in home(made.chair.user)
    assert "6 reviews done on 3 proposals" in home(made.chair.user)
    assert "reviews done on" not in home(made.others[0].user)
    told = decided()
    begin(told, told.admin)
    assert "Release the decisions of lot L1" in home(told.chair.user)
    assert "Release the decisions of lot L1" not in home(told.others[0].user)


def test_an_admin_opens_confirms_and_releases() -> None:
    made = room(opened=False)
    assert "Open the technical envelope of window 1" in home(made.admin)
    opening_actions.propose_openings(made.window, envelope=Envelope.TECHNICAL, lots=[], by=made.chair.user)
    assert "Confirm the technical opening of window 1" in home(made.admin)
    assert "Confirm the technical opening" not in home(made.chair.user)
    told = decided()
    begin(told)
    assert "Release the decisions of lot L1" in home(told.admin)


def test_an_officer_reads_alerts_and_releases() -> None:
    officer = make.make_user(Role.OFFICER)
    assert "No alert waits for a decision." in home(officer)
    make.make_list("Zyxtrovic Armaments Trust")
    make.screen(make.make_supplier(legal_name="Zyxtrovic Armaments Trust"))
    begin(decided())
    text = home(officer)
    assert "Zyxtrovic Armaments Trust" in text and "Release the decisions of lot L1" in text


def test_an_auditor_verifies_and_reads_what_is_new() -> None:
    made = room()
    auditor = make.make_user(Role.AUDITOR)
    text = home(auditor)
    assert "Verify the audit chain" in text and "Envelope opened" in text
    assert made.proposals[0].number not in text


def test_a_supplier_reads_drafts_findings_and_only_released_decisions() -> None:
    supplier = make.make_supplier()
    person = make.owner_of(supplier)
    assert "No proposals yet." in home(person)
    make.make_draft(supplier=supplier)
    text = home(person)
    assert "Finish and submit" in text and "6 days left" in text
    made = decided()
    assert "Read the decision" not in home(owner(made, 2))
    begun = begin(made)
    assert "Read the decision" not in home(owner(made, 2))
    begun.__class__.objects.filter(pk=begun.pk).update(dropped_at=make.NOW)
    release(made)
    text = home(owner(made, 2))
    assert "Read the decision: not selected" in text
    assert made.proposals[0].supplier.legal_name not in text


def test_a_supplier_reads_which_certificate_lapses() -> None:
    supplier = make.make_supplier()
    supplier.certificates.update(expires=make.NOW.date() + timedelta(days=20))
    assert "Renew ISO 9001 certificate" in home(make.owner_of(supplier))


def test_each_first_page_costs_the_same_for_one_rfp_and_for_three() -> None:
    make.make_solicitation()
    made: list[Any] = [decided()]
    officer, auditor = make.make_user(Role.OFFICER), make.make_user(Role.AUDITOR)
    seats = {"chair": made[0].chair.user, "admin": made[0].admin, "reviewer": made[0].others[0].user}
    people = {**seats, "officer": officer, "auditor": auditor, "supplier": owner(made[0], 0)}
    more = [(missing_room, 1), (room, 2)]

    def costs() -> dict[str, int]:
        found = {}
        for who, user in people.items():
            client = signed_in(user)
            client.get(reverse("scoring:home"))
            with CaptureQueriesContext(connection) as seen:
                assert client.get(reverse("scoring:home")).status_code == 200
            found[who] = len(seen)
        return found

    before = costs()
    for build, count in more:
        made.append(build(count))
    for proposal in range(2):
        make.make_proposal(supplier=made[0].proposals[0].supplier, price=str(100 + proposal))
    begin(made[0])
    after = costs()
    assert after == before
    assert max(after.values()) <= 32, after
