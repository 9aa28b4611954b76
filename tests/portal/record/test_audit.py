"""The chain: the database refuses to change it, a change behind its back is found, and who may read it."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from portal.kit.compliance import Envelope
from portal.models import AuditEvent, Role
from portal.record import audit
from portal.record.views import VERBS
from tests import factories as make
from tests.conftest import as_owner
from tests.scoring.rooms import room

pytestmark = pytest.mark.django_db


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(make.make_user(role))
    return client


@pytest.fixture
def chain() -> list[AuditEvent]:
    """Four events about one account."""
    user = make.make_user(Role.ADMIN)
    return [
        audit.record(f"test.step{step}", user, by=user if step else None, at=make.NOW, step=step)
        for step in range(4)
    ]


def behind_its_back(statement: str) -> None:
    with as_owner() as cursor:
        cursor.execute(statement)


def test_untouched_chain_holds(chain: list[AuditEvent]) -> None:
    assert audit.verify() == (4, [])
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert out.getvalue() == (
        "4 events read. The chain is intact. There are no signed heads to compare it with.\n"
        "Receipts, marks, decisions, scores and rankings match it.\n"
    )


@pytest.mark.parametrize(
    "act",
    [
        lambda: AuditEvent.objects.filter(seq=2).update(verb="other"),
        lambda: AuditEvent.objects.filter(seq=2).delete(),
        lambda: AuditEvent.objects.all().delete(),
        lambda: connection.cursor().execute("TRUNCATE portal_auditevent"),
    ],
)
def test_database_refuses_to_change_it(chain: list[AuditEvent], act: Callable[[], Any]) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied for table portal_auditevent"),
        transaction.atomic(),
    ):
        act()
    assert audit.verify() == (4, [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE portal_auditevent SET verb = 'other' WHERE seq = 2",
        "DELETE FROM portal_auditevent WHERE seq = 2",
        "TRUNCATE portal_auditevent",
    ],
)
def test_triggers_refuse_the_owner_too(chain: list[AuditEvent], statement: str) -> None:
    refusal = f"portal_auditevent is append-only: {statement.split()[0]} refused"
    with pytest.raises(DatabaseError, match=refusal), as_owner(triggers=True) as cursor:
        cursor.execute(statement)
    assert audit.verify() == (4, [])


@pytest.mark.parametrize(
    ("statement", "breaks"),
    [
        ("UPDATE portal_auditevent SET verb = 'x' WHERE seq = 2", [(2, "its content was changed")]),
        ("UPDATE portal_auditevent SET actor = 'user:1' WHERE seq = 1", [(1, "its content was changed")]),
        (
            "UPDATE portal_auditevent SET at = at + interval '1 us' WHERE seq = 4",
            [(4, "its content was changed")],
        ),
        (
            """UPDATE portal_auditevent SET facts = '{"step": 9}' WHERE seq = 3""",
            [(3, "its content was changed")],
        ),
        (
            "DELETE FROM portal_auditevent WHERE seq = 2",
            [(3, "event 2 is missing"), (3, "it does not match the event before it")],
        ),
        (
            "DELETE FROM portal_auditevent WHERE seq = 1",
            [(2, "event 1 is missing"), (2, "it does not match the event before it")],
        ),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_change_behind_its_back_is_found(
    chain: list[AuditEvent], statement: str, breaks: list[tuple[int, str]]
) -> None:
    behind_its_back(statement)
    assert [(found.seq, found.reason) for found in audit.verify()[1]] == breaks
    said = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("verify_audit", stdout=StringIO(), stderr=said)
    assert failed.value.returncode == 1
    assert said.getvalue().splitlines() == [f"event {seq}: {reason}" for seq, reason in breaks]


def test_page_lists_newest_first_and_filters(chain: list[AuditEvent]) -> None:
    client = signed_in(Role.AUDITOR)
    page = client.get(reverse("portal:audit_list"))
    assert [row["event"].seq for row in page.context["rows"]] == [4, 3, 2, 1]
    one = client.get(reverse("portal:audit_list") + "?verb=test.step2")
    assert [row["event"].seq for row in one.context["rows"]] == [3]
    none = client.get(reverse("portal:audit_list") + "?q=rfp.proposal")
    assert "No matching events" in none.content.decode()


def test_page_says_what_happened_in_words_and_to_what() -> None:
    here = room()
    proposal = here.proposals[0]
    client = signed_in(Role.AUDITOR)
    page = client.get(reverse("portal:audit_list"), {"q": proposal.number})
    submitted = [row for row in page.context["rows"] if row["event"].verb == "proposal.submitted"]
    assert [(row["words"], row["number"]) for row in submitted] == [("Proposal submitted", proposal.number)]
    assert {row["event"].subject for row in page.context["rows"]} == {f"rfp.proposal:{proposal.pk}"}


def test_every_verb_has_words() -> None:
    """A verb that the code records stands in the table of words."""
    recorded = set()
    for app in ("portal", "suppliers", "rfp", "scoring"):
        for file in (settings.BASE_DIR / app).rglob("*.py"):
            recorded |= set(re.findall(r"\brecord\(\s*\"([a-z_]+\.[a-z_]+)\"", file.read_text()))
    assert recorded and recorded <= set(VERBS)


def test_page_shows_neither_hashes_nor_fingerprints() -> None:
    """With everything else known, a price could be tried on them."""
    proposal = make.make_proposal()
    assert proposal.current_revision is not None
    event = AuditEvent.objects.get(verb="proposal.submitted")
    operator = make.make_user(Role.ADMIN, is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(operator)
    pages = [reverse("portal:audit_list"), reverse("admin:portal_auditevent_change", args=[event.seq])]
    pages.append(reverse("admin:portal_notice_changelist"))
    for address in pages:
        shown = client.get(address).content.decode()
        for secret in (proposal.current_revision.content_sha256, event.hash, event.previous):
            assert secret not in shown


@pytest.mark.django_db(transaction=True)
def test_verify_button_says_what_it_found(chain: list[AuditEvent]) -> None:
    client = signed_in(Role.ADMIN)
    page = client.post(reverse("portal:audit_verify"), follow=True).content.decode()
    assert "4 events read. The chain is intact." in page
    behind_its_back("UPDATE portal_auditevent SET verb = 'x' WHERE seq = 2")
    page = client.post(reverse("portal:audit_verify"), follow=True).content.decode()
    assert "The chain is broken. event 2: its content was changed." in page


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.REVIEWER, Role.OFFICER])
def test_others_do_not_know_the_chain(role: Role) -> None:
    client = signed_in(role)
    assert client.get(reverse("portal:audit_list")).status_code == 404
    assert client.post(reverse("portal:audit_verify")).status_code == 404


def test_no_filter_or_search_tells_what_a_sealed_event_is() -> None:
    """Without a filter its row shows number and time alone; with one it is left out, whatever it would fit."""
    proposal = make.make_proposal()
    sealed = AuditEvent.objects.get(verb="proposal.submitted")
    client = signed_in(Role.AUDITOR)
    page = client.get(reverse("portal:audit_list"))
    assert sealed.seq in {row["event"].seq for row in page.context["rows"] if row["is_sealed"]}
    # The choices are the same whatever happened.
    assert {verb for verb, _words in page.context["filters"][0].options} == set(VERBS)
    for asked in ({"verb": "proposal.submitted"}, {"q": proposal.number}, {"q": str(proposal.pk)}):
        page = client.get(reverse("portal:audit_list"), asked)
        assert [row["event"].seq for row in page.context["rows"]] == [], asked
    make.open_envelope(
        make.close(proposal.lot.solicitation.windows.get()),
        Envelope.TECHNICAL,
        chair=make.make_panel(proposal.lot.solicitation)[0],
        admin=proposal.lot.solicitation.created_by,
    )
    for asked in ({"verb": "proposal.submitted"}, {"q": proposal.number}):
        page = client.get(reverse("portal:audit_list"), asked)
        assert sealed.seq in [row["event"].seq for row in page.context["rows"]], asked
