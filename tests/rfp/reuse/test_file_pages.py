"""The pages on which an RFP is exported and imported."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.models import Role
from rfp.models import Solicitation
from rfp.reuse.contents.collecting import as_file
from tests import factories as make

pytestmark = pytest.mark.django_db
IMPORT = "rfp:setup_import"


@pytest.fixture
def client() -> Client:
    signed_in = Client()
    signed_in.force_login(make.make_user(Role.ADMIN))
    return signed_in


def sent(content: bytes, **others: str) -> dict[str, object]:
    return {"file": SimpleUploadedFile("rfp.json", content), "number": "again", **others}


def test_out_and_in(client: Client) -> None:
    rfp = make.make_solicitation()
    file = client.get(reverse("rfp:setup_export", args=[rfp.pk]))
    assert file["Content-Disposition"] == f'attachment; filename="rfp-{rfp.number}.json"'
    answer = client.post(reverse(IMPORT), sent(file.content, title="Racks again"))
    made = Solicitation.objects.get(number="again")
    assert answer["Location"] == reverse("rfp:setup_basics", args=[made.pk])
    assert (made.title, made.requirements.count(), made.is_published) == ("Racks again", 3, False)


def test_what_is_wrong_is_shown_and_nothing_is_made(client: Client) -> None:
    contents = json.loads(as_file(make.make_solicitation()))
    contents["requirements"][1]["minimum"] = "many"
    contents["lots"][0]["items"][0]["code"] = "<b>"
    page = client.post(reverse(IMPORT), sent(json.dumps(contents).encode())).content.decode()
    assert "Nothing was imported" in page and "lots[0].items[0].code" in page and "again" in page
    assert not Solicitation.objects.filter(number="again").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": ""}, "RFP number is missing"),
        ({"number": "no good"}, "RFP number"),
        ({"file": ""}, "File"),
        ({"file": SimpleUploadedFile("a.json", b" " * (2 * 1024 * 1024 + 1))}, "larger than 2 MB"),
    ],
)
def test_bad_forms(client: Client, change: dict[str, object], words: str) -> None:
    page = client.post(reverse(IMPORT), sent(b"{}") | change)
    assert page.status_code == 200 and words in page.content.decode()


def test_many_problems_are_not_all_shown(client: Client) -> None:
    contents = json.loads(as_file(make.make_solicitation()))
    contents["requirements"] = [{"code": "A"}] * 400
    page = client.post(reverse(IMPORT), sent(json.dumps(contents).encode())).content.decode()
    assert page.count('scope="row"') == 200


def test_a_number_that_is_taken(client: Client) -> None:
    rfp = make.make_solicitation()
    page = client.post(reverse(IMPORT), sent(as_file(rfp), number=rfp.number)).content.decode()
    assert "already an RFP with this number" in page
