"""Watching: letters on addenda, answers and the end, for who has no proposal; nobody else learns who watches."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import Notice, Role, User
from rfp.amending import ending_actions
from rfp.amending.changes import KIND
from rfp.asking import actions as asking_actions
from rfp.facing import watching
from rfp.models import Solicitation, Watch
from tests import factories as make
from tests.rfp.amending import made
from tests.rfp.asking.test_asking import asked, published

pytestmark = pytest.mark.django_db
TEXT = (KIND.TEXT, "", {"title": "New title", "summary": "New summary"})


def watcher(solicitation: Solicitation) -> User:
    person = make.owner_of(make.make_supplier())
    watching.watch(solicitation, by=person, at=make.NOW)
    return person


def subjects(person: User) -> list[str]:
    return list(Notice.objects.filter(to=person).order_by("pk").values_list("subject", flat=True))


def test_a_supplier_watches_and_stops_on_the_page(client: Client) -> None:
    solicitation = make.make_solicitation()
    person = make.owner_of(make.make_supplier())
    client.force_login(person)
    page, address = (
        reverse(name, args=[solicitation.number]) for name in ("rfp:solicitation_detail", "rfp:watch")
    )
    assert "Watch this RFP" in client.get(page).content.decode()
    for _ in range(2):
        client.post(address)
    assert Watch.objects.filter(user=person).count() == 1
    assert "Stop watching" in client.get(page).content.decode()
    client.post(address, {"stop": "yes"})
    assert not Watch.objects.exists()
    draft = make.make_solicitation(published=False)
    assert client.post(reverse("rfp:watch", args=[draft.number])).status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SUPPLIER])
def test_staff_do_not_watch(client: Client, role: Role) -> None:
    solicitation, person = make.make_solicitation(), make.make_user(role)
    client.force_login(person)
    assert client.post(reverse("rfp:watch", args=[solicitation.number])).status_code == 404
    with pytest.raises(Refused):
        watching.watch(solicitation, by=person, at=make.NOW)


def test_watchers_hear_of_addenda_answers_and_the_end_once() -> None:
    solicitation, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    person, other = watcher(solicitation), watcher(make.make_solicitation())
    made.publish(solicitation, TEXT)
    published(asked(solicitation), admin)
    asking_actions.tell(solicitation, at=make.NOW + timedelta(days=2))
    ending_actions.end_solicitation(
        solicitation, status="cancelled", reason="No need.", by=admin, at=make.NOW + timedelta(days=3)
    )
    number = solicitation.number
    assert subjects(person) == [
        f"{number}: Addendum 1 published",
        f"1 new answer about {number}",
        f"{number} canceled",
    ]
    assert subjects(other) == []


def test_who_has_a_proposal_gets_the_letter_about_it_alone() -> None:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    person = make.owner_of(proposal.supplier)
    watching.watch(solicitation, by=person, at=make.NOW)
    made.publish(solicitation, TEXT)
    assert [each for each in subjects(person) if "Addendum" in each] == [
        f"{solicitation.number}: Addendum 1 published, nothing to do for {proposal.number}"
    ]


def test_nobody_reads_who_watches(client: Client) -> None:
    solicitation = make.make_solicitation()
    page = reverse("rfp:solicitation_detail", args=[solicitation.number])
    client.force_login(make.make_user(Role.ADMIN))
    before = client.get(page)
    watcher(solicitation)
    after = client.get(page)
    strip = [answer.content.decode().split("<main", 1)[1] for answer in (before, after)]
    assert len(strip[0]) == len(strip[1])
