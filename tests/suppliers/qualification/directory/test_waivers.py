"""The list of waivers, and taking one back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from suppliers.models import Waiver
from tests import factories as make
from tests.suppliers.qualification.directory.pages import (
    TODAY,
    made,
)

pytestmark = pytest.mark.django_db


def waiver(by, **fields):
    values = {"rule": "ID-6", "reason": "A trial of a quarter.", "until": TODAY, "by": by, "at": make.NOW}
    return Waiver.objects.create(**{**values, **fields})


def test_waivers_are_narrowed_sorted_and_exported_as_shown(client, desk_officer):
    supplier = made("=Works")
    now = waiver(desk_officer, supplier=supplier, until=TODAY + timedelta(days=9))
    ended = waiver(desk_officer, rule="CE-1", until=TODAY - timedelta(days=1))
    gone = waiver(
        desk_officer, withdrawn_at=make.NOW, withdrawn_by=desk_officer, withdrawn_why="Papers came."
    )

    def shown(query=""):
        return [row for row, *_words in client.get("/suppliers/waivers/" + query).context["rows"]]

    assert shown() == [now] == shown("?show=x")
    assert shown("?show=ended") == [gone, ended]
    assert shown("?show=all&sort=until")[0] == ended
    assert shown("?show=all&rule=CE-1") == [ended]
    assert shown("?show=all&q=works") == [now]
    assert shown("?q=%00nobody") == []
    page = client.get("/suppliers/waivers/?show=all").content.decode()
    assert "Papers came." in page and "SAM" in page
    text = b"".join(client.get("/suppliers/waivers/export.csv?show=all").streaming_content).decode()
    assert len(text.strip().splitlines()) == 4 and "'=Works" in text
    assert client.get("/suppliers/waivers/export.xlsx").status_code == 200


def test_a_waiver_is_withdrawn_with_a_reason(client, desk_officer):
    row = waiver(desk_officer)
    url = reverse("suppliers:waiver_withdraw", args=[row.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": "no"}).context["form"].errors["reason"]
    row.refresh_from_db()
    assert row.withdrawn_at is None
    client.post(url, {"reason": "The papers came."})
    row.refresh_from_db()
    assert (row.withdrawn_by, row.withdrawn_why) == (desk_officer, "The papers came.")
    assert (
        "already ended or been withdrawn" in client.post(url, {"reason": "The papers came."}).content.decode()
    )
