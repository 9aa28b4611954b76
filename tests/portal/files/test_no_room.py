"""A full disk: said in words, with nothing half-written left and the draft as it was."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.files import storing
from portal.models import Document
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def full_disk() -> Iterator[None]:
    """The operating system refuses to write more than a few bytes to any file of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def stored_files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def test_upload_to_a_full_disk_is_answered_in_words(full_disk: None, client: Client) -> None:
    proposal = make.make_draft()
    before = stored_files()
    client.force_login(make.owner_of(proposal.supplier))
    upload = SimpleUploadedFile("report.txt", b"A test report of more than ten bytes.")
    answer = client.post(
        reverse("rfp:draft_documents", args=[proposal.pk]), {"file": upload, "title": "Report", "save": "1"}
    )
    assert answer.status_code == 507
    assert b"Your earlier work is safe" in answer.content
    assert Document.objects.count() == 0
    assert stored_files() == before
    assert make.draft_of(proposal).bom_lines.count() == 2


def test_address_that_takes_forms_only_says_so(client: Client) -> None:
    proposal = make.make_draft()
    client.force_login(make.owner_of(proposal.supplier))
    answer = client.get(reverse("rfp:proposal_revise", args=[proposal.pk]))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert b"Nothing was saved" in answer.content


def test_nothing_half_written_is_left(full_disk: None) -> None:
    before = stored_files()
    checked = storing.check_file(SimpleUploadedFile("report.txt", b"More than ten bytes of text."))
    with pytest.raises(storing.NotStored):
        storing.store(checked, by=None, at=make.NOW)
    assert stored_files() == before
