"""The check before publishing, on its page: what is to be looked at again, and publishing anyway."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.kit.refused import Refused
from portal.models import AuditEvent, Role
from rfp.models import Solicitation
from rfp.publishing import actions
from rfp.publishing.preparing import second_look
from scoring.models import Evaluator
from tests import factories as make
from tests.rfp.publishing.setup.setup_pages import keys_of, url

pytestmark = pytest.mark.django_db


def test_points_are_shown_with_their_place(client: Client, draft: Solicitation) -> None:
    page = client.get(url("publish", draft.pk)).content.decode()
    for words in ("The panel has no members", "no closing date", "Criterion T has no guidance"):
        assert words in page
    assert url("criterion", draft.pk, draft.criteria.get(code="T").pk) in page


def test_they_are_shown_beside_what_must_be_fixed(client: Client, draft: Solicitation) -> None:
    draft.criteria.filter(code="T").delete()
    page = client.get(url("publish", draft.pk)).content.decode()
    assert "Weights add up to" in page and "The panel has no members" in page
    assert "Publish the RFP" not in page


def test_without_the_box_nothing_is_published(client: Client, draft: Solicitation) -> None:
    answer = client.post(url("publish", draft.pk), {"looked": keys_of(draft)})
    assert answer.status_code == 200
    assert "Fix the points above, or check this box" in answer.content.decode()
    draft.refresh_from_db()
    assert not draft.is_published


def test_a_point_that_came_up_meanwhile_is_looked_at_first(client: Client, draft: Solicitation) -> None:
    keys = keys_of(draft)
    draft.requirements.filter(code="R1").update(text="A Cisco switch?")
    client.post(url("publish", draft.pk), {"looked": keys, "anyway": "on"})
    draft.refresh_from_db()
    assert not draft.is_published
    with pytest.raises(Refused, match="names Cisco"):
        actions.publish_solicitation(draft, by=draft.created_by, looked=keys, at=make.NOW)


def test_the_event_says_what_it_was_published_with(client: Client, draft: Solicitation) -> None:
    keys = keys_of(draft)
    client.post(url("publish", draft.pk), {"looked": [*keys, "made-up"], "anyway": "on"})
    assert AuditEvent.objects.get(verb="solicitation.published").facts == {"anyway": keys}


def test_the_panel_counts(draft: Solicitation) -> None:
    Evaluator.objects.create(solicitation=draft, user=make.make_user(Role.REVIEWER))
    assert "panel:chair" in keys_of(draft)
    Evaluator.objects.create(solicitation=draft, user=make.make_user(Role.REVIEWER), is_chair=True)
    assert not any(key.startswith("panel") for key in keys_of(draft))


def test_a_contact_can_be_reached(draft: Solicitation) -> None:
    assert "contact" in keys_of(draft)
    draft.contact_email = "rfp@buyer.example"
    assert "contact" not in keys_of(draft)


def test_it_asks_as_often_for_one_as_for_three(
    draft: Solicitation, django_assert_num_queries: object
) -> None:
    for code in ("A", "B"):
        draft.requirements.create(code=code, text="?", data_type="string")
    with django_assert_num_queries(5):  # type: ignore[operator]
        second_look.points(draft, now=make.NOW)
