"""What a request may bring, what a company may store, and that signing up takes as long for everybody."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from portal.frame import processes
from portal.kit.refused import Refused
from portal.models import Document, Role, User
from portal.web import bodies, pages
from rfp.models import Proposal
from rfp.proposals import actions as proposals_actions
from suppliers.models import Membership
from tests import factories as make
from tests.portal.accounts.test_accounts import SIGNUP
from tests.processes.site import Site, Valkey, free_port
from tests.whole import world
from tests.whole.test_matrix import EITHER, MATRIX, OK, client_of

CHECKOUT = Path(__file__).resolve().parents[3]
MEGABYTE = 1024 * 1024


# ---- bodies ----------------------------------------------------------------------------------------------------------


def test_400_megabytes_to_the_sign_in_are_refused_before_they_are_read(tmp_path: Path) -> None:
    """As served by gunicorn. The answer comes while next to nothing is sent, and nothing is on the disk."""
    spool = tmp_path / "spool"
    spool.mkdir()
    environment = {
        "ONSHORE_ENV": "test",
        "ONSHORE_HOME": str(tmp_path / "home"),
        "DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent",
        "REDIS_URL": "unix:///nonexistent/socket",
        "TMPDIR": str(spool),
    }
    with Site(f"127.0.0.1:{free_port()}", environment, tmp_path / "web.log") as site:
        for path in ("/accounts/login/", "/proposals/", "/nothing/here/"):
            host, _, port = site.bind.rpartition(":")
            with socket.create_connection((host, int(port)), timeout=600) as visitor:
                visitor.sendall(
                    f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {400 * MEGABYTE}\r\n"
                    "Content-Type: multipart/form-data; boundary=x\r\n"
                    f"Cookie: csrftoken={'a' * 32}\r\n\r\n--x\r\n".encode()
                )
                answer = visitor.recv(64 * 1024)
            assert answer.startswith(b"HTTP/1.1 413 "), (path, answer[:200])
            assert not [
                each for each in spool.rglob("*") if each.is_file() and each.stat().st_size > MEGABYTE
            ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "path", "most"),
    [
        (None, "/accounts/login/", bodies.ANONYMOUS_BYTES),
        (None, "/company/1/certificates/add/", bodies.ANONYMOUS_BYTES),
        (Role.SUPPLIER, "/company/1/certificates/add/", 26 * MEGABYTE),
        (Role.SUPPLIER, "/accounts/email/", 5 * MEGABYTE),
        (Role.OFFICER, "/screening/lists/load/", 101 * MEGABYTE),
        (Role.SUPPLIER, "/no/such/page/", bodies.ANONYMOUS_BYTES),
    ],
)
def test_how_much_each_may_bring(who: Role | None, path: str, most: int, rf: RequestFactory) -> None:
    limit = bodies.BodyLimit(lambda request: HttpResponse("ok"))
    for length, status in ((most, 200), (most + 1, 413)):
        request = rf.post(path, CONTENT_LENGTH=str(length))
        request.user = make.make_user(who) if who else AnonymousUser()
        assert limit(request).status_code == status, length


def test_length_that_is_no_number_is_refused(client: Client) -> None:
    assert client.post("/accounts/login/", CONTENT_LENGTH="many").status_code == 400


@pytest.mark.django_db
def test_every_form_with_files_leads_to_an_address_that_takes_files() -> None:
    """Found on the pages themselves, so a new one is not forgotten."""
    made = world.build(with_reports=False)
    more = {
        "owner": [
            reverse("rfp:draft_section", args=[made.draft.pk, "bom"]),
            reverse("suppliers:part_add", args=[made.supplier.pk, "certificates"]),
        ],
        "officer": [reverse("suppliers:list_load")],
    }
    found: dict[str, set[str]] = {}
    for who in ("owner", "admin", "officer"):
        client = client_of(made, who)
        routes = [
            reverse(name, args=route.args(made)) + route.query
            for name, route in MATRIX.items()
            if route.method == "get" and route.answers.get(who) in (OK, EITHER)
        ]
        for address in routes + more.get(who, []):
            page = client.get(address)
            if page.status_code != 200 or page.streaming:
                continue
            for form in re.findall(
                r"<form[^>]*multipart/form-data[^>]*>", page.content.decode("utf-8", "replace")
            ):
                action = re.search(r'action="([^"?]*)', form)
                target = action.group(1) if action and action.group(1) else address.partition("?")[0]
                found.setdefault("yes" if hasattr(resolve(target).func, "files_of") else "no", set()).add(
                    target
                )
    assert "no" not in found, found
    assert len(found["yes"]) >= 5


# ---- quotas ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_company_stores_only_so_much(settings: Any) -> None:
    proposal = make.make_draft()
    owner = make.owner_of(proposal.supplier)
    colleague = make.make_user()
    Membership.objects.create(supplier=proposal.supplier, user=colleague, level="editor")
    settings.COMPANY_UPLOAD_BYTES = 1000
    address = reverse("rfp:draft_documents", args=[proposal.pk])

    def send(user: User, size: int) -> int:
        client = Client()
        client.force_login(user)
        upload = SimpleUploadedFile("report.txt", b"x" * size)
        answer = client.post(address, {"file": upload, "title": "Report", "save": "1"})
        if answer.status_code == 413:
            assert "Your company’s file space is full" in answer.content.decode()
        return answer.status_code

    assert [send(owner, 600), send(colleague, 600), send(colleague, 400), send(owner, 1)] == [
        302,
        413,
        302,
        413,
    ]
    assert sorted(Document.objects.values_list("size", flat=True)) == [400, 600]
    other = make.make_draft()
    address = reverse("rfp:draft_documents", args=[other.pk])
    assert send(make.owner_of(other.supplier), 600) == 302


@pytest.mark.django_db
def test_company_keeps_only_so_many_drafts_of_one_rfp(settings: Any) -> None:
    settings.COMPANY_DRAFTS = 2
    solicitation = make.make_solicitation()
    supplier = make.make_supplier()
    for _ in range(2):
        make.make_draft(solicitation, supplier)
    lot = solicitation.lots.get()
    with pytest.raises(Refused, match="2 drafts for this RFP"):
        proposals_actions.start_proposal(lot, supplier=supplier, by=make.owner_of(supplier))
    make.make_draft(solicitation)
    assert Proposal.objects.count() == 3


# ---- the same work ---------------------------------------------------------------------------------------------------


def work_of(path: str, data: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    """Passwords hashed, letters sent, statements run (to the nearest ten) for one request by somebody new."""
    hashed: list[str] = []
    encode = Argon2PasswordHasher.encode
    letters = len(mail.outbox)
    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
        patch.setattr(
            Argon2PasswordHasher, "encode", lambda self, *args: hashed.append("") or encode(self, *args)
        )
        assert Client().post(path, data).status_code == 302
    return len(hashed), len(mail.outbox) - letters, len(queries)


@pytest.mark.django_db
def test_signing_up_is_the_same_work_for_a_known_address(monkeypatch: pytest.MonkeyPatch) -> None:
    known = make.make_user()
    make.confirm_address(known)
    people = User.objects.count()
    new = work_of(reverse("account_signup"), SIGNUP, monkeypatch)
    again = work_of(reverse("account_signup"), SIGNUP | {"email": known.email}, monkeypatch)
    assert new[:2] == again[:2] == (1, 1)
    assert abs(new[2] - again[2]) <= 8, (new, again)
    assert User.objects.count() == people + 1


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["account_reset_password", "account_request_login_code"])
def test_asking_for_a_code_is_the_same_work_for_a_known_address(
    route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = make.make_user()
    make.confirm_address(known)
    new = work_of(reverse(route), {"email": "nobody@works.example"}, monkeypatch)
    again = work_of(reverse(route), {"email": known.email}, monkeypatch)
    assert new[:2] == again[:2] == (0, 1)
    assert abs(new[2] - again[2]) <= 8, (new, again)


# ---- development mode ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bind", "own"),
    [
        ("127.0.0.1:8000", True),
        ("localhost:8000", True),
        ("[::1]:8000", True),
        ("unix:/run/onshore.sock", True),
        ("0.0.0.0:8000", False),
        ("[::]:8000", False),
        (":8000", False),
        ("192.0.2.7:80", False),
        ("onshore.example:80", False),
        ("0.0.0.0", False),
    ],
)
def test_what_only_this_machine_reaches(bind: str, own: bool) -> None:
    assert processes.is_own_machine(bind) is own
    assert bool(processes.refusal(bind, development=True)) is not own
    assert processes.refusal(bind, development=False) == ""


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_development_mode_is_not_served_on_a_public_address(command: str, settings: Any) -> None:
    settings.DEVELOPMENT = True
    with pytest.raises(CommandError, match="won’t run on 0"):
        call_command(command, "--bind", "0.0.0.0:8000")


@pytest.mark.parametrize(
    ("address", "debug", "status"),
    [
        ("8.8.8.8", True, 403),
        ("2606:4700::1", True, 403),
        ("10.0.0.7", True, 200),
        ("127.0.0.1", True, 200),
        ("", True, 200),
        ("8.8.8.8", False, 200),
    ],
)
def test_development_mode_answers_no_public_address(
    address: str, debug: bool, status: int, settings: Any
) -> None:
    """However it was started: gunicorn and runserver know no refusal of their own."""
    settings.DEVELOPMENT = debug
    answer = Client(REMOTE_ADDR=address).get("/healthz")
    assert answer.status_code == status
    assert (b"does not respond to public addresses" in answer.content) == (status == 403)


@pytest.mark.parametrize(
    ("address", "forwarded", "status"),
    [("127.0.0.1", "", 200), ("", "", 200), ("192.0.2.7", "", 404), ("127.0.0.1", "192.0.2.7", 404)],
)
def test_mail_page_is_for_who_sits_at_the_machine(
    address: str, forwarded: str, status: int, rf: RequestFactory, tmp_path: Path, settings: Any
) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = rf.get("/mail/", REMOTE_ADDR=address, headers=headers)
    request.user = User()
    if status == 404:
        with pytest.raises(Http404):
            pages.mail_list(request)
    else:
        assert pages.mail_list(request).status_code == 200


# ---- Redis with a password -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["socket", "network"])
def test_redis_with_a_password_takes_cache_and_jobs(kind: str, tmp_path: Path) -> None:
    port = free_port()
    code = (
        "import django; django.setup()\n"
        "from django.core.cache import cache; from portal.frame import jobs; from portal.celery import app\n"
        "cache.set('a', [1]); app.send_task('celery.accumulate', args=[1])\n"
        "print(jobs.broker_answers(newer_than=0), cache.get('a'), cache.again_at)\n"
    )
    with tempfile.TemporaryDirectory(prefix="onshore-p-", dir="/tmp") as folder:
        network = ("--port", str(port), "--bind", "127.0.0.1") if kind == "network" else ()
        server = Valkey(Path(folder), *network, "--requirepass", "secret42")
        server.start()
        url = f"redis://:secret42@127.0.0.1:{port}" if network else f"unix://:secret42@{folder}/valkey.sock"
        try:
            done = subprocess.run(
                [sys.executable, "-c", code],
                cwd=CHECKOUT,
                env={
                    "PATH": "/usr/bin:/bin",
                    "DJANGO_SETTINGS_MODULE": "portal.settings",
                    "ONSHORE_ENV": "test",
                    "ONSHORE_HOME": str(tmp_path / "home"),
                    "DATABASE_URL": "postgresql://nobody/nothing",
                    "REDIS_URL": url,
                },
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
        finally:
            server.stop()
    assert done.stdout.strip() == "True [1] 0.0", done.stderr[-2000:]


@pytest.mark.parametrize(
    ("environment", "asked", "shown"),
    [
        ("development", "", "no"),
        ("development", "yes", "yes"),
        ("production", "yes", "no"),
        ("test", "yes", "no"),
    ],
)
def test_djangos_own_error_pages_are_for_developers_who_ask(
    environment: str, asked: str, shown: str, tmp_path: Path
) -> None:
    """They list every address there is; a demo answers as production does."""
    done = subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; print('yes' if settings.DEBUG else 'no')"],
        env={
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "ONSHORE_ENV": environment,
            "ONSHORE_DEBUG": asked,
            "ONSHORE_HOSTS": "onshore.example",
            "ONSHORE_HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
        },
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == shown
