"""Conflicts of interest: signed per window, added at any time, effective at once on every page, export and total."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pikepdf
import pytest

from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import Role
from rfp.models import Window
from scoring.marking import queries, removal_actions
from scoring.models import Conflict, ConflictDeclaration, MarkRemoval, RankedProposal, Report, Score
from scoring.panel import access
from scoring.panel import actions as panel_actions
from scoring.ranking import order
from scoring.reports import actions as reports_actions
from scoring.reports import pdf, summaries
from tests import factories
from tests.scoring.rooms import auditor, room, said_in, signed_in

pytestmark = pytest.mark.django_db


def later():
    return datetime.now(UTC) + timedelta(minutes=1)


# ---- declarations -----------------------------------------------------------------------------------------------


def test_each_window_has_its_own_declaration_over_the_suppliers_not_asked_about_before():
    made = room()
    known = made.proposals[0].supplier
    window = factories.make_window(
        made.solicitation,
        opens_at=factories.NOW - timedelta(hours=2),
        closes_at=factories.NOW + timedelta(hours=2),
    )
    Window.objects.filter(pk=made.window.pk).update(closes_at=factories.NOW - timedelta(hours=3))
    again = factories.make_proposal(made.solicitation, known, at=factories.NOW - timedelta(minutes=90))
    fresh = factories.make_proposal(made.solicitation, at=factories.NOW - timedelta(minutes=90))
    for proposal in (again, fresh):
        factories.assess_and_score(proposal)
    factories.close(window)
    factories.open_envelope(window, Envelope.TECHNICAL, chair=made.chair, admin=made.admin, declared=False)
    client = signed_in(made.others[0].user)
    # Nothing of the new window is readable, by page or by query; the first window still is.
    moved = client.get(made.base + "proposals/?window=2")
    assert moved.headers["Location"] == made.base + "declare/?window=2"
    assert not access.proposals_visible_to(made.others[0].user).filter(window=window).exists()
    assert client.get(made.base + "proposals/?window=1").status_code == 200
    page = client.get(made.base + "declare/?window=2").content.decode()
    assert fresh.supplier.legal_name in page and known.legal_name not in page
    # The list is of names alone.
    assert fresh.number not in page and str(fresh.pk) not in page
    client.post(made.base + "declare/?window=2", {"signed_name": made.others[0].user.name})
    assert client.get(made.base + "proposals/?window=2").status_code == 200
    declaration = ConflictDeclaration.objects.get(window=window)
    assert list(declaration.listed.all()) == [fresh.supplier]


def test_names_are_sealed_until_the_technical_opening():
    made = room(opened=False)
    with pytest.raises(Refused, match="sealed until the technical opening"):
        panel_actions.declare_conflicts(
            made.window,
            signed_name="x",
            conflicts=[],
            statement="",
            by=made.others[0].user,
            at=factories.NOW,
        )


def test_an_undeclared_reviewer_sees_nothing_even_without_the_redirect():
    made = room(declared=False)
    made_by = made.others[0].user
    assert not access.proposals_visible_to(made_by).exists()
    assert not access.attachments_visible_to(made_by).exists()
    viewer = access.viewer_of(made_by, made.solicitation)
    assert viewer.access(made.window, made.window.openings.all()).panel_lots == frozenset()


# ---- added later ------------------------------------------------------------------------------------------------


def add(made, user, supplier, statement="We own shares."):
    return signed_in(user).post(
        made.base + "conflicts/add/", {"supplier": supplier.pk, "statement": statement}
    )


def test_a_conflict_added_later_hides_the_supplier_and_takes_the_marks_out_at_once():
    made = room(2)
    hidden, shown = made.proposals
    factories.mark_all(hidden, [made.chair], 2)
    factories.mark_all(hidden, made.others, 5)
    score = Score.objects.get(revision__proposal=hidden)
    before = score.technical
    answer = add(made, made.others[0].user, hidden.supplier)
    assert answer.status_code == 302
    score.refresh_from_db()
    # 60 × (40 − 70) ÷ 100: the chair's anchor of 2 alone is left.
    assert score.technical - before == Decimal(60) * (40 - 70) / 100
    client = signed_in(made.others[0].user)
    assert client.get(f"/evaluate/proposals/{hidden.pk}/").status_code == 404
    assert client.get(f"/evaluate/proposals/{shown.pk}/").status_code == 200
    # The mark itself is kept.
    assert hidden.current_revision.marks.filter(evaluator=made.others[0]).count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Supplier is missing"),
        ({"supplier": "0", "statement": "x"}, "Select a valid choice"),
        ({"supplier": "{pk}", "statement": " "}, "Conflict description is missing"),
        ({"supplier": "{pk}", "statement": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_bad_input_adds_no_conflict(data, words):
    made = room()
    sent = {key: value.format(pk=made.proposals[0].supplier_id) for key, value in data.items()}
    page = signed_in(made.others[0].user).post(made.base + "conflicts/add/", sent).content.decode()
    assert words in page
    assert not Conflict.objects.exists()


def test_a_conflict_is_recorded_once_and_only_about_suppliers_one_was_asked_about():
    made = room()
    stranger = factories.make_supplier()
    by = made.others[0].user
    with pytest.raises(Refused, match="Choose a supplier from the list"):
        panel_actions.add_conflict(made.solicitation, stranger, statement="x", by=by, at=later())
    add(made, by, made.proposals[0].supplier)
    with pytest.raises(Refused, match="Choose a supplier from the list"):
        panel_actions.add_conflict(
            made.solicitation, made.proposals[0].supplier, statement="x", by=by, at=later()
        )
    assert Conflict.objects.count() == 1


def test_the_chair_recuses_a_reviewer_from_one_supplier_or_from_everything():
    made = room(2)
    first, second = made.proposals
    chair = signed_in(made.chair.user)
    seat = made.others[0]
    sent = {"seat": seat.pk, "supplier": first.supplier_id, "reason": "Her firm audited the plant."}
    assert chair.post(made.base + "conflicts/recuse/", sent).status_code == 302
    visible = access.proposals_visible_to(seat.user)
    assert list(visible) == [second]
    chair.post(
        made.base + "conflicts/recuse/", {"seat": seat.pk, "supplier": "", "reason": "Left the company."}
    )
    assert not access.proposals_visible_to(seat.user).exists()
    page = chair.get(made.base + "conflicts/").content.decode()
    assert "Her firm audited the plant." in page and "The whole RFP" in page
    own = signed_in(seat.user).get(made.base + "conflicts/").content.decode()
    assert "Recused by" in own and "Add a conflict" not in own


@pytest.mark.parametrize("who", ["reviewer", "admin", "auditor", "officer"])
def test_nobody_but_the_chair_recuses(who):
    made = room()
    user = {
        "reviewer": made.others[0].user,
        "admin": made.admin,
        "auditor": auditor(),
        "officer": factories.make_user(Role.OFFICER),
    }[who]
    sent = {"seat": made.chair.pk, "supplier": "", "reason": "Mine"}
    assert signed_in(user).post(made.base + "conflicts/recuse/", sent).status_code == 404
    with pytest.raises(Refused):
        panel_actions.recuse(made.others[0], supplier=None, reason="x", by=user, at=later())
    assert not Conflict.objects.exists()


# ---- the rule holds everywhere ----------------------------------------------------------------------------------


def conflicted_reader():
    """Two proposals with open prices, and a reviewer who has a conflict with the first one's supplier."""
    made = room(2, declared=False)
    hidden, shown = made.proposals
    reader = made.others[0].user
    factories.declare(made.window, reader, hidden.supplier)
    factories.declare_all(made.window, made.seats)
    factories.mark_all(hidden, [made.chair])
    factories.mark_all(shown, made.seats)
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    made.rank()
    return made, reader, hidden, shown


def marks_of(proposal):
    return (proposal.number, proposal.supplier.legal_name, str(proposal.pk))


def test_a_conflict_holds_on_pages_exports_data_and_trace():
    made, reader, hidden, shown = conflicted_reader()
    client = signed_in(reader)
    texts = {
        tab: client.get(made.base + tab).content.decode()
        for tab in ("", "proposals/", "ranking/", "ranking/?lot=all", "decisions/", "scoring/", "reports/")
    }
    table = b"".join(client.get(made.base + "ranking/export/csv/").streaming_content).decode("utf-8-sig")
    texts["csv"] = table
    sheet = client.get(made.base + "ranking/export/xlsx/").content
    import zipfile

    with zipfile.ZipFile(io.BytesIO(sheet)) as archive:
        texts["xlsx"] = " ".join(archive.read(name).decode() for name in archive.namelist())
    texts["json"] = said_in(summaries.shortlist_of(made.window, reader).data)
    for name, text in texts.items():
        assert [mark for mark in marks_of(hidden) if mark in text] == [], name
    for name in ("proposals/", "ranking/", "csv", "xlsx", "json"):
        assert shown.number in texts[name], name
    assert len(list(csv.reader(io.StringIO(table)))) == 2
    for page in ("", "trace/", "mark/"):
        assert client.get(f"/evaluate/proposals/{hidden.pk}/{page}").status_code == 404
    assert client.get(f"/evaluate/proposals/{shown.pk}/trace/").status_code == 200


def test_a_conflict_holds_in_the_shortlist_pdf_and_its_attachment():
    made, reader, hidden, shown = conflicted_reader()
    report = reports_actions.request_shortlist_report(made.window, by=reader, at=factories.NOW)
    pdf.make(report.pk)
    report.refresh_from_db()
    assert report.state == Report.State.DONE, report.error
    with report.document.file.open("rb") as source, pikepdf.open(io.BytesIO(source.read())) as written:
        attached = written.attachments["evaluation.json"].get_file().read_bytes().decode()
    assert hidden.number not in attached and shown.number in attached
    rows = summaries.shortlist_of(made.window, reader).context["lots"]
    assert [row.number for lot in rows for row, _chance in lot.rows] == [shown.number]


def test_a_shortlist_report_made_before_a_conflict_was_known_is_gone():
    made = room(2)
    made.open_prices()
    reader = made.others[0].user
    report = reports_actions.request_shortlist_report(made.window, by=reader, at=factories.NOW)
    pdf.make(report.pk)
    client = signed_in(reader)
    assert client.get(f"/evaluate/reports/{report.pk}/file/").status_code == 200
    panel_actions.add_conflict(
        made.solicitation, made.proposals[0].supplier, statement="Shares", by=reader, at=later()
    )
    assert client.get(f"/evaluate/reports/{report.pk}/file/").status_code == 404


# ---- after prices are open --------------------------------------------------------------------------------------


def late_conflict():
    """Prices are open when a reviewer finds a conflict; the reviewer's marks had put the first proposal on top."""
    made = room(2)
    first, second = made.proposals
    factories.mark_all(first, [made.chair], 2)
    factories.mark_all(first, made.others, 5)
    factories.mark_all(second, made.seats, 3)
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    made.rank()
    panel_actions.add_conflict(
        made.solicitation, first.supplier, statement="Shares", by=made.others[0].user, at=later()
    )
    return made, first, second


def ranks():
    return {row.proposal_id: (row.rank, row.rank_before) for row in RankedProposal.objects.all()}


def test_after_prices_only_chair_and_officer_together_take_marks_out_and_both_rankings_are_shown():
    made, first, second = late_conflict()
    made.rank()
    assert ranks() == {first.pk: (1, None), second.pk: (2, None)}
    officer, chair = factories.make_user(Role.OFFICER), made.chair.user
    seat = made.others[0]
    with pytest.raises(Refused, match="chair and a compliance officer"):
        removal_actions.propose_removal(first, seat, reason="x", by=made.admin, at=later())
    page = signed_in(chair).get(f"/evaluate/proposals/{first.pk}/").content.decode()
    assert "recorded after prices opened" in page and "Ask to remove the marks" in page
    path = f"/evaluate/proposals/{first.pk}/marks/{seat.pk}/remove/"
    signed_in(chair).post(path, {"reason": "Shares in the company."})
    with pytest.raises(Refused, match="together"):
        removal_actions.confirm_removal(MarkRemoval.objects.get(), by=chair, at=later())
    made.rank()
    assert ranks() == {first.pk: (1, None), second.pk: (2, None)}
    signed_in(officer).post(path)
    made.rank()
    assert ranks() == {first.pk: (2, 1), second.pk: (1, 2)}
    page = signed_in(made.admin).get(made.base + "ranking/").content.decode()
    assert ">Before<" in page
    [lot] = summaries.shortlist_of(made.window, made.admin).context["lots"]
    assert lot.has_before
    assert {row.number: row.rank_before for row, _chance in lot.rows} == {
        first.number: "1",
        second.number: "2",
    }


def test_a_removal_is_confirmed_once_and_kept():
    made, first, _second = late_conflict()
    officer = factories.make_user(Role.OFFICER)
    removal = removal_actions.propose_removal(
        first, made.others[0], reason="Shares", by=made.chair.user, at=later()
    )
    with pytest.raises(Refused, match="already asked"):
        removal_actions.propose_removal(first, made.others[0], reason="x", by=officer, at=later())
    removal_actions.confirm_removal(removal, by=officer, at=later())
    with pytest.raises(Refused, match="already been removed from the total"):
        removal_actions.confirm_removal(removal, by=officer, at=later())


def test_marks_of_a_reviewer_without_a_conflict_stay():
    made, first, _second = late_conflict()
    with pytest.raises(Refused, match="no recorded conflict"):
        removal_actions.propose_removal(first, made.chair, reason="x", by=made.chair.user, at=later())
    assert queries.conflicted_marks(first)[0][0] == made.others[0]
