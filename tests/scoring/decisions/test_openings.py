"""Openings: two people, in order, lot by lot, never early; what is missing stands in words and names who has it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from portal.files.storing import check_file
from portal.kit.compliance import Envelope
from portal.models import AuditEvent
from portal.record import audit, heads
from rfp.models import Attachment, Opening, Requirement
from rfp.proposals import actions as rfp_actions
from rfp.proposals import queries as rfp_queries
from scoring.panel import access
from scoring.reading import queries
from tests import factories
from tests.scoring.decisions.opening_acts import act
from tests.scoring.rooms import Room, auditor, room, signed_in

pytestmark = pytest.mark.django_db


def test_two_people_open_an_envelope():
    made = room(opened=False)
    chair, admin = signed_in(made.chair.user), signed_in(made.admin)
    assert "Start the technical opening" in chair.get(made.base + "openings/").content.decode()
    assert "A second person must confirm." in act(chair, made)
    page = chair.get(made.base + "openings/").content.decode()
    assert f"{made.chair.user.name} started it. Waiting for an admin to confirm." in page
    assert "Confirm the technical opening" not in page
    assert "It takes two people to open an envelope: the chair and an admin." in act(chair, made)
    assert "Confirm the technical opening" in admin.get(made.base + "openings/").content.decode()
    assert "Technical envelope of window 1: open." in act(admin, made)
    opening = Opening.objects.get()
    assert (opening.proposed_by, opening.confirmed_by) == (made.chair.user, made.admin)
    assert "This envelope is already open." in act(admin, made)


def test_an_opening_that_waits_for_its_second_person_opens_nothing():
    made = room(opened=False)
    chair = signed_in(made.chair.user)
    act(chair, made)
    assert Opening.objects.get().confirmed_at is None
    proposal = made.proposals[0]
    assert rfp_queries.open_lots(made.window, Envelope.TECHNICAL) == frozenset()
    assert not rfp_queries.is_open(proposal, Envelope.TECHNICAL)
    assert not rfp_queries.opened_proposals().exists()
    for user in (made.chair.user, made.admin, auditor()):
        viewer = access.viewer_of(user, made.solicitation)
        seen = viewer.access(made.window, made.window.openings.all())
        assert (seen.technical_lots, seen.panel_lots, seen.price_lots) == (frozenset(),) * 3
    assert chair.get(f"/evaluate/proposals/{proposal.pk}/").status_code == 404
    act(signed_in(made.admin), made)
    assert rfp_queries.opened_proposals().get() == proposal


def test_a_file_of_a_price_answer_waits_for_the_price_opening():
    solicitation = factories.make_solicitation()
    lot = solicitation.lots.get()
    files = [
        Requirement.objects.create(
            solicitation=solicitation,
            lot=lot,
            code=code,
            text=code,
            data_type=Requirement.DataType.FILE,
            envelope=envelope.value,
        )
        for code, envelope in (("R8", Envelope.TECHNICAL), ("R9", Envelope.PRICE))
    ]
    proposal = factories.make_draft(solicitation)
    owner = factories.owner_of(proposal.supplier)
    for requirement in files:
        rfp_actions.attach(
            proposal,
            check_file(SimpleUploadedFile("sheet.txt", requirement.code.encode())),
            requirement=requirement,
            title=requirement.code,
            by=owner,
            at=factories.NOW,
        )
    rfp_actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=factories.NOW)
    factories.submit(proposal)
    factories.assess_and_score(proposal)
    proposal.refresh_from_db()
    window = factories.close(solicitation.windows.get())
    chair, others = factories.make_panel(solicitation, reviewers=1)
    made = Room(solicitation, window, solicitation.created_by, chair, others, [proposal])
    made.open(Envelope.TECHNICAL)

    def read_by(user):
        """The titles of the files a person may know of, and of those the person is handed."""
        known = access.attachments_visible_to(user).order_by("title").values_list("title", flat=True)
        client = signed_in(user)
        handed = [
            row.title
            for row in Attachment.objects.order_by("title")
            if client.get(f"/evaluate/proposals/{proposal.pk}/files/{row.pk}/").status_code == 200
        ]
        return list(known), handed

    people = (made.chair.user, made.others[0].user, made.admin, auditor())
    assert [read_by(user) for user in people] == [(["R8"], ["R8"])] * len(people)
    made.open_prices()
    assert [read_by(user) for user in people] == [(["R8", "R9"], ["R8", "R9"])] * len(people)


def test_how_many_proposals_came_is_told_only_once_the_window_closed():
    solicitation = factories.make_solicitation()
    factories.make_proposal(solicitation)
    (window,) = solicitation.windows.all()
    overview = signed_in(solicitation.created_by).get
    assert queries.proposals_received(solicitation, now=factories.NOW) == {}
    assert "1 proposal" not in overview(f"/evaluate/{solicitation.number}/").content.decode()
    window = factories.close(window)
    assert queries.proposals_received(solicitation, now=window.closes_at) == {window.pk: 1}
    assert "1 proposal" in overview(f"/evaluate/{solicitation.number}/").content.decode()


def test_each_opening_signs_a_head_once_it_is_committed(django_capture_on_commit_callbacks):
    made = room(opened=False)
    act(signed_in(made.chair.user), made)
    with django_capture_on_commit_callbacks() as waiting:
        act(signed_in(made.admin), made)
    assert heads.read() == ([], []), "nothing is signed that may be rolled back"
    for callback in waiting:
        callback()
    factories.declare_all(made.window, made.seats)
    made.mark()
    with django_capture_on_commit_callbacks(execute=True):
        made.open(Envelope.PRICE)
    last = AuditEvent.objects.latest("seq")
    technical, price = heads.read()[0]
    assert (technical.reason, price.reason) == ("technical opening", "price opening")
    assert AuditEvent.objects.filter(seq__lte=technical.seq, verb="envelope.opened").count() == 1
    assert (price.seq, price.hash, price.count) == (last.seq, last.hash, last.seq)
    assert audit.verify()[1] == []


@pytest.mark.parametrize(
    "change", [{"confirmed_at": None, "confirmed_by": None}, {"fewer_marks_reason": "x"}]
)
def test_database_refuses_to_change_a_confirmed_opening(change):
    room()
    before = Opening.objects.values().get()
    with (
        pytest.raises(DatabaseError, match=f"opening {before['id']} stays: UPDATE refused"),
        transaction.atomic(),
    ):
        Opening.objects.update(**change)
    assert Opening.objects.values().get() == before


@pytest.mark.parametrize("confirmed", [True, False])
def test_database_refuses_to_delete_an_opening(confirmed):
    made = room(opened=confirmed)
    if not confirmed:
        act(signed_in(made.chair.user), made)
    opening = Opening.objects.get()
    assert (opening.confirmed_at is not None) == confirmed
    with (
        pytest.raises(DatabaseError, match="permission denied for table rfp_opening"),
        transaction.atomic(),
    ):
        opening.delete()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("TRUNCATE rfp_opening")
    assert Opening.objects.get() == opening
