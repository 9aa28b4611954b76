"""Files and the malware scanner: waiting, clean or infected, and who gets them meanwhile."""

from __future__ import annotations

import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal import schedule
from portal.files import scanner, storing, tasks
from portal.kit import clock
from portal.models import AccessEvent, Document, Notice, Role, User
from rfp.proposals import actions as proposals_actions
from rfp.publishing import actions as publishing_actions
from tests import factories as make

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
Scan = Document.Scan


class Clamd(threading.Thread):
    """Speaks clamd's protocol on a socket and knows one signature, as a freshly made database would."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.says: bytes | None = None

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack("!I", stream.read(4))[0]:
                    content += stream.read(size)
                found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
                stream.write(self.says if self.says is not None else found)
                stream.flush()


@pytest.fixture
def clamd(settings: Any) -> Iterator[Clamd]:
    with tempfile.TemporaryDirectory(prefix="onshore-c-", dir="/tmp") as folder:
        path = Path(folder) / "clamd.sock"
        daemon = Clamd(path)
        daemon.start()
        settings.CLAMD = f"unix://{path}"
        yield daemon
        daemon.listener.close()


def stored(content: bytes = b"Plain text.", *, by: User | None = None) -> Document:
    checked = storing.check_file(SimpleUploadedFile("report.txt", content))
    return storing.store(checked, by=by or make.make_user(), at=make.NOW)


@pytest.mark.django_db
def test_without_a_scanner_nothing_waits() -> None:
    assert stored().scan == Scan.UNSCANNED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "verdict"), [(b"Plain text.", Scan.CLEAN), (b"x" * 200_000 + EICAR, Scan.INFECTED)]
)
def test_file_waits_and_then_has_its_verdict(clamd: Clamd, content: bytes, verdict: str) -> None:
    document = stored(content)
    assert document.scan == Scan.PENDING
    tasks.scan_document(str(document.pk))
    document.refresh_from_db()
    assert document.scan == verdict
    assert Notice.objects.filter(to=document.uploaded_by).exists() == (verdict == Scan.INFECTED)


@pytest.mark.django_db
@pytest.mark.parametrize("says", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"nonsense"])
def test_no_verdict_is_no_verdict(clamd: Clamd, says: bytes) -> None:
    clamd.says = says
    document = stored()
    tasks.scan_document(str(document.pk))
    document.refresh_from_db()
    assert document.scan == Scan.PENDING


@pytest.mark.django_db
def test_scanner_that_is_down_leaves_the_file_waiting(settings: Any) -> None:
    settings.CLAMD = "unix:///nonexistent/clamd.sock"
    document = stored()
    tasks.scan_document(str(document.pk))
    document.refresh_from_db()
    assert document.scan == Scan.PENDING
    with pytest.raises(scanner.ScannerError):
        scanner.is_clean(document.file.open("rb"))


def test_worker_scans_what_was_uploaded_and_what_a_sweep_finds(clamd: Clamd, worker: Any) -> None:
    """The session's worker has no scanner of its own: the message reaches it, and it leaves the file waiting."""
    document = stored()
    worker.wait_until_idle()
    document.refresh_from_db()
    assert document.scan == Scan.PENDING
    before = worker.log.read_text().count("portal.files.tasks.scan_document")
    schedule.sweep_unscanned()
    worker.wait_until_idle()
    assert worker.log.read_text().count("portal.files.tasks.scan_document") > before > 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scan", "owner", "admin"),
    [("unscanned", 200, 200), ("pending", 200, 409), ("clean", 200, 200), ("infected", 409, 409)],
)
def test_others_get_no_file_that_waits_and_nobody_an_infected_one(scan: str, owner: int, admin: int) -> None:
    rfp_admin = make.make_user(Role.ADMIN)
    solicitation = make.make_solicitation(by=rfp_admin)
    document = publishing_actions.add_document(
        solicitation,
        storing.check_file(SimpleUploadedFile("terms.txt", b"Terms.")),
        title="Terms",
        by=rfp_admin,
        at=make.NOW,
    )
    Document.objects.update(scan=scan)
    address = reverse("rfp:setup_document", args=[solicitation.pk, document.pk])
    public = reverse("rfp:solicitation_document", args=[solicitation.number, document.pk])
    got = {}
    for name, user in (("owner", rfp_admin), ("admin", make.make_user(Role.ADMIN))):
        client = Client()
        client.force_login(user)
        got[name] = client.get(address).status_code
    visitor = Client().get(public)
    assert (got["owner"], got["admin"], visitor.status_code) == (owner, admin, admin)
    if admin == 409:
        assert visitor["Retry-After"] == "60"
        assert ("malware" in visitor.content.decode()) and b"Terms." not in visitor.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scan", "words"), [("pending", "Checking for malware"), ("infected", "Malware found")]
)
def test_state_is_shown_beside_the_file(scan: str, words: str, client: Client) -> None:
    proposal = make.make_draft()
    owner = make.owner_of(proposal.supplier)
    checked = storing.check_file(SimpleUploadedFile("report.txt", b"Plain."))
    proposals_actions.attach(proposal, checked, requirement=None, title="Report", by=owner, at=make.NOW)
    client.force_login(owner)
    address = reverse("rfp:draft_documents", args=[proposal.pk])
    assert words not in client.get(address).content.decode()
    Document.objects.update(scan=scan)
    assert words in client.get(address).content.decode()


@pytest.mark.django_db
def test_staff_downloads_are_in_the_access_log_and_suppliers_are_not(client: Client) -> None:
    proposal = make.make_draft()
    owner = make.owner_of(proposal.supplier)
    checked = storing.check_file(SimpleUploadedFile("report.txt", b"Plain."))
    attachment = proposals_actions.attach(
        proposal, checked, requirement=None, title="R", by=owner, at=make.NOW
    )
    client.force_login(owner)
    assert client.get(reverse("rfp:attachment", args=[proposal.pk, attachment.pk])).status_code == 200
    assert not AccessEvent.objects.filter(kind="download").exists()


@pytest.mark.django_db(transaction=True)
def test_files_that_nothing_uses_are_removed_after_a_day() -> None:
    now = clock.wall_time()
    proposal = make.make_draft()
    owner = make.owner_of(proposal.supplier)
    used = storing.check_file(SimpleUploadedFile("used.txt", b"Used."))
    proposals_actions.attach(
        proposal, used, requirement=None, title="Used", by=owner, at=now - timedelta(days=3)
    )
    unused = storing.check_file(SimpleUploadedFile("unused.csv", b"part;qty\n"))
    old = storing.store(unused, by=owner, at=now - timedelta(days=2))
    new = storing.store(unused, by=owner, at=now)
    path = Path(old.file.path)
    assert path.exists()
    schedule.remove_stale_uploads()
    assert not path.exists()
    assert set(Document.objects.values_list("name", flat=True)) == {"used.txt", "unused.csv"}
    assert not Document.objects.filter(pk=old.pk).exists() and Document.objects.filter(pk=new.pk).exists()


@pytest.mark.parametrize("value", ["clamd", "localhost:", "tcp://x"])
def test_setting_that_makes_no_sense_is_named(value: str) -> None:
    from tests.processes.test_embedded import settings_error

    assert "ONSHORE_CLAMD" in settings_error({"ONSHORE_CLAMD": value})
    assert ImproperlyConfigured.__name__ in settings_error({"ONSHORE_CLAMD": value})
