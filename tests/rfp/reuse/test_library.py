"""The library: kept from one RFP, searched, added to another, several at once or none."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import Role
from rfp.models import LibraryEntry, Solicitation
from rfp.reuse import library_actions
from rfp.reuse.contents.collecting import criterion_of, requirement_of
from rfp.reuse.contents.problems import FileWrong
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    signed_in = Client()
    signed_in.force_login(make.make_user(Role.ADMIN))
    return signed_in


def keep_all(rfp: Solicitation) -> int:
    return library_actions.keep(
        rfp, requirements=rfp.requirements.all(), criteria=rfp.criteria.all(), by=rfp.created_by, at=make.NOW
    )


def test_kept_then_added_elsewhere(client: Client) -> None:
    rfp, draft = make.make_solicitation(), make.make_solicitation(published=False)
    draft.criteria.all().delete()
    r1, t = rfp.requirements.get(code="R1"), rfp.criteria.get(code="T")
    client.post(reverse("rfp:setup_keep", args=[rfp.pk]), {"requirement": [r1.pk], "criterion": [t.pk]})
    assert sorted(LibraryEntry.objects.values_list("code", "source")) == [
        ("R1", rfp.number),
        ("T", rfp.number),
    ]
    chosen = {"entry": list(LibraryEntry.objects.values_list("pk", flat=True))}
    client.post(reverse("rfp:setup_library", args=[draft.pk]), chosen)
    added = draft.requirements.get(code="R1-2")
    apart = {"code", "lot", "position", "applies_to", "feeds"}
    assert {k: v for k, v in requirement_of(added).items() if k not in apart} == {
        k: v for k, v in requirement_of(r1).items() if k not in apart
    }
    assert added.lot is None
    assert criterion_of(draft.criteria.get()) | {"position": 0} == criterion_of(t) | {"position": 0}


def test_nothing_is_kept_twice() -> None:
    rfp = make.make_solicitation()
    assert (keep_all(rfp), keep_all(rfp)) == (6, 0)


def test_of_several_all_or_none_are_added() -> None:
    rfp, draft = make.make_solicitation(), make.make_solicitation(published=False)
    keep_all(rfp)
    broken = LibraryEntry.objects.filter(kind="requirement").last()
    assert broken is not None
    LibraryEntry.objects.filter(pk=broken.pk).update(
        content=broken.content | {"data_type": "choice", "choices": []}
    )
    before = draft.requirements.count(), draft.criteria.count()
    with pytest.raises(FileWrong) as caught:
        library_actions.add(draft, list(LibraryEntry.objects.all()), by=rfp.created_by, at=make.NOW)
    assert caught.value.problems[0].where.startswith(broken.code)
    assert (draft.requirements.count(), draft.criteria.count()) == before


def test_a_published_rfp_takes_none(client: Client) -> None:
    rfp = make.make_solicitation()
    keep_all(rfp)
    entry = LibraryEntry.objects.filter(kind="requirement").first()
    assert entry is not None
    assert client.post(reverse("rfp:setup_library", args=[rfp.pk]), {"entry": [entry.pk]}).status_code == 404


@pytest.mark.parametrize("sent", [{}, {"entry": ["x", "999999", "-1", "9" * 30]}])
def test_nothing_chosen_adds_nothing(client: Client, sent: dict[str, Any]) -> None:
    draft = make.make_solicitation(published=False)
    answer = client.post(reverse("rfp:setup_library", args=[draft.pk]), sent, follow=True)
    assert "Choose at least one entry" in answer.content.decode()
    assert "Choose at least one requirement" in (
        client.post(reverse("rfp:setup_keep", args=[draft.pk]), sent, follow=True).content.decode()
    )


def test_search_and_remove(client: Client) -> None:
    keep_all(make.make_solicitation())
    page = client.get(reverse("rfp:library"), {"q": "Seismic"}).content.decode()
    assert "Seismic version?" in page and "Load, kg?" not in page
    entry = LibraryEntry.objects.get(code="P")
    client.post(reverse("rfp:library_remove", args=[entry.pk]))
    assert not LibraryEntry.objects.filter(code="P").exists()


def test_another_rfps_rows_are_not_kept(client: Client) -> None:
    rfp, other = make.make_solicitation(), make.make_solicitation()
    client.post(
        reverse("rfp:setup_keep", args=[rfp.pk]),
        {"requirement": [other.requirements.all()[0].pk], "criterion": [other.criteria.all()[0].pk]},
    )
    assert not LibraryEntry.objects.exists()


def test_picking_asks_as_often_for_one_as_for_six(client: Client) -> None:
    rfp, draft = make.make_solicitation(), make.make_solicitation(published=False)
    addresses = [reverse("rfp:setup_library", args=[draft.pk]), reverse("rfp:setup_keep", args=[rfp.pk])]

    def counts() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    library_actions.keep(rfp, criteria=rfp.criteria.filter(code="T"), by=rfp.created_by, at=make.NOW)
    counts()
    before = counts()
    keep_all(rfp)
    rfp.requirements.create(code="N", text="New?", data_type="string")
    assert counts() == before
