"""`manage.py verify_audit` recomputes what follows from the record, and names each row that differs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from portal.frame import roles
from portal.models import Role
from rfp.models import Attachment, Solicitation, Window
from rfp.proposals import actions
from scoring.decisions import actions as decisions_actions
from scoring.decisions import verdict_actions
from scoring.marking import removal_actions
from scoring.models import AutomaticMark, Decision, PanelMark, RankedProposal
from scoring.ranking import actions as ranking_actions
from scoring.ranking import order
from scoring.reports import verification
from suppliers.models import Supplier
from tests import factories
from tests.scoring.decisions.queue_acts import missing_room
from tests.scoring.panel.test_conflicts import late_conflict, later
from tests.scoring.rooms import Room
from tests.whole.world import attach

pytestmark = [pytest.mark.django_db, pytest.mark.tampers]


@pytest.fixture(scope="module", autouse=True)
def _owner(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """These tests are the owner of the tables: nobody else can change a row behind the record."""
    with django_db_blocker.unblock():
        roles.become_owner()
    yield
    with django_db_blocker.unblock():
        roles.become_app()


def ranked_room() -> Room:
    """Everything that has an event: decided findings, a mark in place of an input, marks, openings, a decision."""
    made = missing_room(2)
    first, second = made.proposals
    missing = AutomaticMark.objects.filter(value=None).select_related(
        "revision__proposal__window__solicitation"
    )
    for proposal, kind in ((first, PanelMark.Kind.PANEL), (second, PanelMark.Kind.ZERO)):
        mark = missing.get(revision=proposal.current_revision_id)
        decisions_actions.stand_in_for_input(
            [(mark.revision, mark.criterion)],
            kind=kind,
            value=Decimal("62.5"),
            reason="The panel agreed.",
            by=made.admin,
            at=factories.NOW,
        )
    made.open_prices()
    verdict_actions.decide(
        first, verdict=Decision.Verdict.SHORTLISTED, reason="First", by=made.chair.user, at=factories.NOW
    )
    assert list(verification.differences()) == []
    return made


def tamper(statement: str) -> None:
    """What whoever owns the tables can do; exactly one row."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount == 1
        cursor.execute("SET LOCAL session_replication_role = origin")


def one(table: str) -> str:
    return f"id = (SELECT min(id) FROM {table})"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            f"UPDATE scoring_mark SET anchor = 5 WHERE {one('scoring_mark')}",
            ["Mark of", "the table has 5, the record has 4", "Score of"],
        ),
        (
            f"DELETE FROM scoring_mark WHERE {one('scoring_mark')}",
            ["Mark of", "the record has 4, the table has none"],
        ),
        (
            "INSERT INTO scoring_mark"
            " (revision_id, criterion_id, evaluator_id, anchor, abstained, comment, confidence, marked_at)"
            " SELECT m.revision_id, c.id, m.evaluator_id, 5, false, '', '', now() FROM scoring_mark m, rfp_criterion c"
            " WHERE c.mode = 'automatic' LIMIT 1",
            ["the table has 5, the record has none"],
        ),
        (
            f"UPDATE scoring_decision SET verdict = 'eliminated' WHERE {one('scoring_decision')}",
            [
                "Decision on a proposal by",
                "eliminated: no event recorded it",
                "shortlisted: it is in the record",
            ],
        ),
        (
            f"DELETE FROM scoring_decision WHERE {one('scoring_decision')}",
            ["shortlisted: it is in the record but not in the table"],
        ),
        (
            f"UPDATE rfp_override SET outcome = 'not_met' WHERE {one('rfp_override')}",
            ["Decision on a finding by", "not_met, False: no event recorded it"],
        ),
        (
            "UPDATE scoring_panelmark SET value = 90 WHERE kind = 'panel'",
            ["Mark in place of a missing input by", "90", "Score of", "does not match its marks"],
        ),
        (
            f"DELETE FROM rfp_opening WHERE {one('rfp_opening')}",
            ["Opening confirmed by", "technical, L1: it is in the record but not in the table"],
        ),
        (
            "UPDATE rfp_revision SET content_sha256 = repeat('0', 64) WHERE id = (SELECT min(id) FROM rfp_revision)",
            ["Received revision of", "0" * 64 + ": no event recorded it"],
        ),
        (
            f"UPDATE rfp_response SET value = '1600' WHERE {one('rfp_response')}",
            ["revision 1: what is stored does not match the fingerprint on its receipt"],
        ),
        (
            f"UPDATE rfp_priceline SET unit_price = unit_price - 1 WHERE {one('rfp_priceline')}",
            ["revision 1: what is stored does not match the fingerprint on its receipt"],
        ),
        (
            "UPDATE rfp_revision SET supplier_snapshot = jsonb_set(supplier_snapshot, '{legal_name}', '\"Other\"')"
            " WHERE id = (SELECT min(id) FROM rfp_revision)",
            ["revision 1: what is stored does not match the fingerprint on its receipt"],
        ),
        (
            f"UPDATE scoring_score SET total = total + 0.000000000001 WHERE {one('scoring_score')}",
            ["Score of", "total does not match its marks", "Ranking of"],
        ),
        (
            f"UPDATE scoring_score SET knocked_out = true WHERE {one('scoring_score')}",
            ["knocked_out does not match its marks", "standing does not match the scores"],
        ),
        (
            f"UPDATE scoring_automaticmark SET value = 99 WHERE {one('scoring_automaticmark')}",
            ["Computed mark", "value does not match its input"],
        ),
        (
            f"DELETE FROM scoring_automaticmark WHERE {one('scoring_automaticmark')}",
            ["Computed mark", "is missing"],
        ),
        (
            "UPDATE scoring_rankedproposal SET rank = 9 WHERE rank = 1",
            ["Ranking of", "position 1", "rank does not match the scores"],
        ),
        (
            "UPDATE scoring_rankedproposal SET price_total = 1 WHERE rank = 2",
            ["position 2", "price_total does not match the scores"],
        ),
        ("DELETE FROM scoring_rankedproposal WHERE rank = 2", ["position 2 (no row)"]),
        (
            "UPDATE scoring_rankedproposal SET position = 3 WHERE rank = 2",
            ["position 3", "no score supports it"],
        ),
    ],
)
def test_a_row_changed_behind_the_record_is_named(statement: str, words: list[str]) -> None:
    ranked_room()
    tamper(statement)
    said = "\n".join(verification.differences())
    for expected in words:
        assert expected in said, said


def test_a_file_changed_behind_the_record_is_named() -> None:
    attachment = sent_file()
    assert list(verification.differences()) == []
    path = Path(attachment.document.file.path)
    path.write_bytes(path.read_bytes() + b" ")
    said = list(verification.differences())
    assert said == [
        f"{attachment.revision.proposal.number}, revision 1: the file of document {attachment.document_id} is missing "
        "or was changed"
    ]
    path.unlink()
    assert list(verification.differences()) == said


def sent_file(solicitation: Solicitation | None = None) -> Attachment:
    proposal = factories.make_draft(solicitation)
    attach(proposal, at=factories.NOW)
    owner = factories.owner_of(proposal.supplier)
    actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=factories.NOW)
    return factories.submit(proposal).attachments.get()


def test_a_line_of_a_bill_of_materials_changed_behind_the_record_is_named() -> None:
    sent_file()
    tamper(f"UPDATE rfp_bomline SET qty = qty + 1 WHERE {one('rfp_bomline')}")
    (said,) = verification.differences()
    assert said.endswith("revision 1: what is stored does not match the fingerprint on its receipt")


def test_what_changes_after_the_receipt_changes_no_fingerprint() -> None:
    """The window is extended, a rival sends the same file, the company changes its profile."""
    attachment = sent_file()
    proposal = attachment.revision.proposal
    sent_file(proposal.lot.solicitation)
    Window.objects.update(closes_at=factories.NOW + timedelta(days=90))
    Supplier.objects.filter(pk=proposal.supplier_id).update(legal_name="Another Name Inc.")
    assert list(verification.differences()) == []


def test_the_command_names_the_rows_and_exits_1() -> None:
    made = ranked_room()
    out, err = StringIO(), StringIO()
    call_command("verify_audit", stdout=out, stderr=err)
    assert (
        "Receipts, marks, decisions, scores and rankings match it." in out.getvalue() and not err.getvalue()
    )
    tamper("UPDATE scoring_rankedproposal SET rank = 9 WHERE rank = 1")
    number = RankedProposal.objects.get(rank=9).proposal_number
    with pytest.raises(CommandError, match="1 row differs from the record") as failed:
        call_command("verify_audit", stdout=out, stderr=err)
    assert failed.value.returncode == 1
    window = f"{made.solicitation.number}, window 1"
    assert err.getvalue() == (f"Ranking of {window}, position 1 ({number}): rank does not match the scores\n")
    call_command("verify_audit", "--chain-only", stdout=out, stderr=err)


def test_prices_are_in_no_words() -> None:
    made = ranked_room()
    prices = {str(row.price_total) for row in RankedProposal.objects.all()}
    tamper("UPDATE scoring_rankedproposal SET price_total = 1, score = 1, price_mark = 1 WHERE rank = 2")
    said = "\n".join(verification.differences())
    assert prices and not any(price in said for price in prices) and made.solicitation.number in said


def test_a_ranking_that_waits_is_not_called_wrong() -> None:
    made = ranked_room()
    ranking_actions.request_ranking(made.window)
    assert list(verification.differences()) == [
        f"Ranking of {made.solicitation.number}, window 1: waiting for an update"
    ]
    order.rank_window(made.window)
    assert list(verification.differences()) == []


def test_marks_taken_out_after_prices_agree_with_the_record_until_someone_puts_them_back() -> None:
    made, first, _second = late_conflict()
    removal = removal_actions.propose_removal(
        first, made.others[0], reason="Shares", by=made.chair.user, at=later()
    )
    removal_actions.confirm_removal(removal, by=factories.make_user(Role.OFFICER), at=later())
    made.rank()
    assert RankedProposal.objects.get(rank_before=1).rank == 2
    assert list(verification.differences()) == []
    tamper("UPDATE scoring_markremoval SET confirmed_at = NULL, confirmed_by_id = NULL")
    said = "\n".join(verification.differences())
    assert "Removal of marks confirmed by" in said and "total does not match its marks" in said
