"""An addendum tells nobody who has a draft or a proposal, nor how many there are, nor what they say."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from portal.kit import clock
from portal.models import Notice, Role
from rfp.models import Solicitation
from tests import factories as make
from tests.rfp.amending import made
from tests.scoring.rooms import signed_in

pytestmark = pytest.mark.django_db

# Masked anew in each answer; and the clock in the bar goes on.
CHANGES = re.compile(
    r'csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"|<span class="clock.*?</span>', re.S
)


@pytest.fixture(autouse=True)
def same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' clocks stand still."""
    monkeypatch.setattr(clock, "wall_time", lambda: make.NOW)
    monkeypatch.setattr("django.utils.timezone.now", lambda: make.NOW)


def pages(solicitation: Solicitation, people: dict[str, Client]) -> dict[str, str]:
    """What each of them gets of the addendum."""
    setup, public = f"/setup/{solicitation.pk}", f"/rfps/{solicitation.number}"
    asked = (
        f"{setup}/addenda/",
        f"{setup}/addenda/1/",
        f"{setup}/addenda/1/add/",
        f"{setup}/end/",
        f"{public}/changes/",
        f"{public}/versions/1/",
        f"{public}/",
    )
    found = {}
    for who, client in people.items():
        for url in asked:
            answer = client.get(url)
            found[f"{who} {url}"] = f"{answer.status_code} {CHANGES.sub('', answer.content.decode())}"
    return found


def people_of(solicitation: Solicitation) -> dict[str, Client]:
    staff = (Role.ADMIN, Role.OFFICER, Role.AUDITOR, Role.REVIEWER)
    return {"nobody": Client(), **{role: signed_in(make.make_user(role)) for role in staff}}


def test_the_pages_are_the_same_with_and_without_proposals() -> None:
    solicitation, (first, second) = make.make_solicitation(), made.admins()
    people = people_of(solicitation)
    addendum = made.draft_addendum(solicitation, made.heavier(solicitation), by=first)
    before = pages(solicitation, people)
    drafted, submitted = make.make_draft(solicitation), make.make_draft(solicitation)
    make.submit(submitted)
    after = pages(solicitation, people)
    assert [name for name in before if after[name] != before[name]] == []
    made.actions.propose_addendum(addendum, by=first, at=make.NOW)
    made.actions.publish_addendum(addendum, by=second, at=make.NOW)
    published = pages(solicitation, people)
    for proposal in (drafted, submitted):
        secrets = (proposal.number, proposal.supplier.legal_name, str(proposal.pk), "1,800 kg")
        assert [name for name, page in published.items() for secret in secrets if secret in page] == []
    to_others = Notice.objects.exclude(to__role=Role.SUPPLIER)
    assert not to_others.filter(key__startswith="addendum:").exists()


def test_nobody_else_reads_what_a_supplier_has_to_reconfirm() -> None:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    made.publish(solicitation, made.heavier(solicitation))
    rival = signed_in(make.owner_of(make.make_supplier()))
    for who, client in {**people_of(solicitation), "rival": rival}.items():
        answer = client.get(f"/proposals/{proposal.pk}/reconfirm/")
        assert answer.status_code == (302 if who == "nobody" else 404), who
        answer = client.post(f"/proposals/{proposal.pk}/reconfirm/", {"x": "y"})
        assert answer.status_code == (302 if who == "nobody" else 404), who
    assert not make.draft_of(proposal).reconfirmed.exists()
