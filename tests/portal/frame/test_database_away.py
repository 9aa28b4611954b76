"""PostgreSQL stopped, restarting, or killed in the middle: every page says so in words, and nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.db import DatabaseError, connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from portal.embedded import servers as embedded_servers
from portal.frame import outage, roles
from portal.models import AuditEvent, Role
from portal.people.sessions import SessionStore
from rfp.models import Proposal, Revision
from tests import factories as make
from tests.conftest import as_owner, worker_environment
from tests.processes.site import Answer, Postgres, Site, Visitor, free_port, wait_until
from tests.whole import world
from tests.whole.test_matrix import MATRIX

PASSWORD = "a long enough passphrase"
# Where a visitor who is not signed in is sent on without a look into the database.
ALIVE = ("/healthz", "/static/css/portal.css")


@pytest.fixture(params=["test", "development"])
def site(
    request: pytest.FixtureRequest, servers: embedded_servers.Servers, transactional_db: None, tmp_path: Path
) -> Iterator[Site]:
    """As it is served, and as the demo serves it, where Django would show a page of debugging."""
    environment = {
        **worker_environment(servers),
        "ONSHORE_ENV": request.param,
        "ONSHORE_STAFF_MFA": "offered",
    }
    with Site(f"127.0.0.1:{free_port()}", environment, tmp_path / "web.log") as site:
        yield site
    connections.close_all()


def says_so(answer: Answer) -> bool:
    calm = "right back" in answer.text or answer.text in (outage.SENTENCE, outage.SENTENCE_SENT)
    return answer.status == 503 and calm and int(answer.headers["Retry-After"]) > 0


def test_every_page_says_that_the_database_is_away(site: Site) -> None:
    made = world.build(with_reports=False)
    admin = make.with_password(made.people["admin"], PASSWORD)
    routes = {reverse(name, args=route.args(made)): route.method for name, route in MATRIX.items()}
    routes |= dict.fromkeys(("/accounts/login/", "/accounts/email/", "/operate/", "/nowhere/"), "get")
    visitor, nobody = Visitor(site), Visitor(site)
    assert visitor.sign_in(admin.email, PASSWORD).status == 302
    assert nobody.get("/accounts/login/").status == 200
    connections.close_all()
    dumb = {}
    with Postgres().away():
        for path, method in routes.items():
            answer = visitor.get(path) if method == "get" else visitor.post(path, {})
            part = visitor.get(path, **{"HX-Request": "true"})
            if not says_so(answer) or not says_so(part) or "<" in part.text:
                dumb[path] = (answer.status, part.status)
        assert dumb.pop("/nowhere/", (404, 404)) == (404, 404)
        # Without a token the API says so, and how it works, without asking the database.
        said = {path: dumb.pop(path) for path in list(dumb) if path.startswith("/api/")}
        assert set(said.values()) <= {(401, 401), (200, 200)} and said.get("/api/rfps/") is None
        assert dumb == {}
        assert all(Visitor(site).get(path).status == 200 for path in ALIVE)
        assert Visitor(site).get("/readyz").status == 503
        late = nobody.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
        assert says_so(late) and "It’s safe to send it again" in late.text
        assert "Try again" in visitor.get("/audit/?q=opened&page=2").text
    wait_until(lambda: visitor.get("/audit/").status == 200)  # still signed in
    log = site.log.read_text()
    assert "Traceback" not in log and "Internal Server Error" not in log
    assert "the database does not answer: OperationalError" in log


@pytest.mark.parametrize("site", ["test"], indirect=True)
def test_a_submission_that_is_sent_again_is_stored_once(site: Site) -> None:
    """The postmaster dies while the submission waits for a lock, inside its transaction; the supplier tries again."""
    proposal = make.make_draft()
    owner = make.with_password(make.owner_of(proposal.supplier), PASSWORD)
    supplier = Visitor(site)
    assert supplier.sign_in(owner.email, PASSWORD).status == 302
    postgres = Postgres()
    answers: list[Answer] = []

    def submit() -> Answer:
        answers.append(supplier.post(f"/proposals/{proposal.pk}/submit/", {}))
        return answers[-1]

    first = threading.Thread(target=submit)
    with pytest.raises(DatabaseError), as_owner() as cursor:
        # The receipt's letter is written in the transaction that stores the submission.
        cursor.execute("LOCK TABLE portal_notice IN ACCESS EXCLUSIVE MODE")
        first.start()
        wait_until(_somebody_waits)
        pid = postgres.pid
        postgres.kill()
        postgres.wait(other_than=pid)
        cursor.execute("SELECT 1")
    first.join(60)
    connections.close_all()
    assert says_so(answers[0])
    assert Revision.objects.get(proposal=proposal).received_at is None
    assert submit().status == 302
    assert submit().status == 302  # and once more, as somebody impatient does
    stored = Proposal.objects.get(pk=proposal.pk)
    assert stored.revisions.count() == 1 and stored.current_revision is not None
    assert AuditEvent.objects.filter(verb="proposal.submitted").count() == 1


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'portal_notice'::regclass"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_only_a_database_that_is_away_counts_as_away() -> None:
    """A deadlock, a timeout or a refused row is a fault of ours, and is logged as one."""
    for statement in ("SELECT nothing", "SELECT 1/0", "SET LOCAL statement_timeout = 1; SELECT pg_sleep(10)"):
        with pytest.raises(DatabaseError) as raised, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert not outage.is_outage(raised.value), statement
    make.make_user(Role.ADMIN)
    with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert outage.is_outage(raised.value)
    connection.close()
    with pytest.raises(psycopg2.OperationalError) as nobody:
        psycopg2.connect("postgresql://nobody@/nothing?host=/nonexistent")
    assert outage.is_outage(nobody.value)
    wrapped = ValueError("while closing")
    wrapped.__context__ = nobody.value
    assert outage.is_outage(wrapped) and not outage.is_outage(ValueError("no"))


@pytest.mark.django_db(transaction=True)
def test_a_session_that_cannot_be_saved_is_no_session_that_was_deleted(rf: RequestFactory) -> None:
    """The view has done its work when the database goes; Django would answer 400."""
    session = SessionStore()
    session.create()

    def work(request: HttpRequest) -> HttpResponse:
        request.session["said"] = "saved"
        other = roles.owner_connection()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [connection.connection.info.backend_pid])
        other.close()
        return HttpResponse(status=302)

    request = rf.post("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    layers = outage.DatabaseAway(convert_exception_to_response(outage.KeptSessions(work)))
    answer = layers(request)
    connection.close()
    assert (answer.status_code, answer.content.decode().count("It’s safe to send it again")) == (503, 1)
    # One that really was deleted stays what Django makes of it.
    session.delete()

    def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
        request.session["said"] = "saved"
        SessionStore(session_key=request.session.session_key).delete()
        return HttpResponse(status=302)

    session.create()
    request = rf.post("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    layers = outage.DatabaseAway(convert_exception_to_response(outage.KeptSessions(sign_out_elsewhere)))
    assert layers(request).status_code == 400
