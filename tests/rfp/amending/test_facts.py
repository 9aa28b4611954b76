"""Addenda that change the contact, the terms and dates beside windows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import Role
from rfp.amending import actions
from rfp.amending.changes import KIND
from rfp.amending.fact_changes import FACT_FIELDS
from rfp.amending.values import plain
from rfp.models import Milestone, Solicitation
from tests import factories as make
from tests.rfp.amending import made

pytestmark = pytest.mark.django_db


def facts_of(solicitation: Solicitation, **changed: Any) -> dict[str, Any]:
    return {name: plain(getattr(solicitation, name)) for name in FACT_FIELDS} | changed


def conference(solicitation: Solicitation) -> Milestone:
    return Milestone.objects.create(
        solicitation=solicitation, title="Conference", kind="conference", on="2031-06-09", at="14:00"
    )


def test_a_new_contact_is_said_in_words_and_read_on_the_page_and_in_earlier_versions(client: Client) -> None:
    solicitation = make.make_solicitation(contact_name="Old office", contact_email="old@buyer.example")
    values = facts_of(solicitation, contact_name="New office")
    addendum = made.publish(solicitation, (KIND.FACTS, "", values))
    assert addendum.changes.get().says == [
        {"label": "Contact", "before": "Old office", "after": "New office"}
    ]
    page = client.get(reverse("rfp:solicitation_detail", args=[solicitation.number])).content.decode()
    assert "New office" in page
    assert "old@buyer.example" in page
    first = client.get(reverse("rfp:rfp_version", args=[solicitation.number, 1])).content.decode()
    assert "Old office" in first
    assert "New office" not in first


def test_a_contact_takes_one_person_and_the_end_of_questions_two() -> None:
    later = make.NOW + timedelta(days=4)
    solicitation = make.make_solicitation(questions_until=make.NOW + timedelta(days=2))
    contact = made.draft_addendum(
        solicitation, (KIND.FACTS, "", facts_of(solicitation, contact_name="Office")), by=made.admins()[0]
    )
    assert not actions.takes_two(contact)
    actions.discard_addendum(contact, by=made.admins()[0], at=make.NOW)
    made.publish(solicitation, (KIND.FACTS, "", facts_of(solicitation, questions_until=later.isoformat())))
    assert solicitation.questions_until == later


@pytest.mark.parametrize("days", [-1, 1])
def test_questions_never_close_earlier_nor_in_the_past(days: int) -> None:
    solicitation = make.make_solicitation(questions_until=make.NOW + timedelta(days=2))
    wrong = facts_of(solicitation, questions_until=(make.NOW + timedelta(days=days)).isoformat())
    with pytest.raises(Refused, match="only move later"):
        made.publish(solicitation, (KIND.FACTS, "", wrong))


def test_dates_are_added_moved_and_removed() -> None:
    solicitation = make.make_solicitation()
    row = conference(solicitation)
    moved = {
        "title": "Conference",
        "kind": "conference",
        "on": "2031-06-10",
        "at": "15:00:00",
        "by_month": False,
    }
    visit = {"title": "Visit", "kind": "visit", "on": "2031-07-01", "at": None, "by_month": False}
    addendum = made.publish(
        solicitation, (KIND.MILESTONE, str(row.pk), moved), (KIND.MILESTONE_ADDED, "visit", visit)
    )
    assert [change.says for change in addendum.changes.all()] == [
        [
            {
                "label": "Date",
                "before": "Mon June 9, 2031, 2:00 pm ET",
                "after": "Tue June 10, 2031, 3:00 pm ET",
            }
        ],
        [
            {"label": "Event", "before": "", "after": "Visit"},
            {"label": "Kind", "before": "", "after": "Site visit"},
            {"label": "Date", "before": "", "after": "July 1, 2031"},
        ],
    ]
    assert [each.title for each in solicitation.milestones.all()] == ["Conference", "Visit"]
    made.publish(solicitation, (KIND.MILESTONE_REMOVED, str(row.pk), {}))
    assert [each.title for each in solicitation.milestones.all()] == ["Visit"]
    with pytest.raises(Refused, match="no longer part"):
        made.publish(solicitation, (KIND.MILESTONE_REMOVED, str(row.pk), {}))


def test_an_admin_writes_them_through_the_pages(client: Client) -> None:
    solicitation = make.make_solicitation()
    row = conference(solicitation)
    admin = make.make_user(Role.ADMIN)
    client.force_login(admin)
    addendum = actions.start_addendum(solicitation, by=admin, at=make.NOW)
    at = [solicitation.pk, addendum.number]
    added = client.get(reverse("rfp:addendum_add", args=at)).content.decode()
    assert "Contact, terms and the end of questions" in added
    wrong = client.post(
        reverse("rfp:addendum_change", args=[*at, "facts", "-"]),
        {"contact_email": "nobody", "contact_name": "Kept"},
    )
    assert "contact_email" in wrong.context["form"].errors
    assert "Kept" in wrong.content.decode()
    client.post(reverse("rfp:addendum_change", args=[*at, "facts", "-"]), {"contact_name": "Office"})
    new = {"title": "Site visit, plant 2", "kind": "visit", "on": "2031-07-01", "at": "09:30"}
    for _ in range(2):  # writing it again replaces it
        client.post(reverse("rfp:addendum_change", args=[*at, "milestone_added", "new"]), new)
    again = client.get(reverse("rfp:addendum_change", args=[*at, "milestone_added", "site-visit-plant-2"]))
    assert 'value="09:30' in again.content.decode()
    month = {**new, "by_month": "on"}
    late = client.post(reverse("rfp:addendum_change", args=[*at, "milestone", row.pk]), month)
    assert late.context["form"].errors == {"at": ["A date shown as a month has no time"]}
    client.post(reverse("rfp:addendum_change", args=[*at, "milestone_removed", row.pk]))
    assert sorted(addendum.changes.values_list("kind", flat=True)) == [
        "facts",
        "milestone_added",
        "milestone_removed",
    ]
    assert client.get(reverse("rfp:addendum_change", args=[*at, "milestone", "7x"])).status_code == 404
