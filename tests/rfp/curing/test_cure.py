"""Cure requests: only what is missing, only in time, and nothing else changes, to the byte."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.kit.compliance import Envelope, Outcome
from portal.kit.refused import Refused
from portal.models import AuditEvent, Notice
from rfp.curing import queries
from rfp.curing.models import Cure
from rfp.models import Opening, Proposal, Response, Revision
from rfp.proposals import repeating
from rfp.proposals.repeating import Touched, content_of, differing, repeat_revision
from scoring.curing import actions as asking
from scoring.decisions import actions as decisions
from scoring.decisions import pending
from scoring.models import Mark, Score
from scoring.ranking import order
from scoring.reports import verification
from tests import factories as make
from tests.rfp.curing.made import answer, ask, field, file, fresh, lacking
from tests.scoring.rooms import Room, signed_in

pytestmark = pytest.mark.django_db


def both(proposal: Proposal) -> dict[str, Any]:
    """Answers to what the room's first proposal lacks."""
    return {field(proposal, "R1").name: "1750", field(proposal, "R4", is_file=True).name: file()}


def asked_both(room: Room, proposal: Proposal, **options: Any) -> Cure:
    return ask(room, proposal, field(proposal, "R1"), field(proposal, "R4", is_file=True), **options)


def cured() -> tuple[Room, Proposal, Revision, Revision]:
    """The room, its proposal, and the revision before and after."""
    room, proposal = lacking()
    room.mark()
    before = proposal.current_revision
    after = answer(asked_both(room, proposal), both(proposal))
    make.assess_and_score(proposal)
    assert before is not None
    return room, fresh(proposal), before, after


def test_only_what_was_named_differs() -> None:
    _room, proposal, before, after = cured()
    r1, r4 = (field(proposal, code).requirement.pk for code in ("R1", "R4"))
    assert differing(before, after) == [f"attachment:{r4}", f"response:{r1}"]
    assert proposal.current_revision == after and after.number == before.number + 1
    assert after.supplier_snapshot == before.supplier_snapshot
    assert (after.attested_at, after.rfp_version) == (before.attested_at, before.rfp_version)
    assert after.content_sha256 != before.content_sha256


def test_it_counts_as_received_when_the_first_was() -> None:
    _room, proposal, before, after = cured()
    assert after.received_at is not None and proposal.window is not None
    assert after.received_at > proposal.window.closes_at > before.received_at == after.in_time_at
    found = after.assessments.get().findings.get(rule="AT-4", effect="knockout")
    assert found.outcome == Outcome.MET.value


def test_the_rules_run_again_and_marks_stay() -> None:
    room, _proposal, before, after = cured()
    assert {f.outcome for f in after.assessments.get().findings.filter(part__in=["R1", "R4"])} == {"met"}
    given = list(Mark.objects.filter(revision=before).values_list("evaluator", "anchor", "marked_at"))
    assert (
        given
        and list(Mark.objects.filter(revision=after).values_list("evaluator", "anchor", "marked_at")) == given
    )
    assert Proposal.objects.get(pk=after.proposal_id).reviewers == len(room.seats)
    assert Score.objects.get(revision=after).marks_missing == 0
    assert not pending.findings_to_decide(room.window).exists()


def test_the_record_still_derives_what_is_stored() -> None:
    """Carried marks have no event of their own; one that was tampered with is found."""
    room, proposal, _before, after = cured()
    order.rank_window(room.window)
    assert list(verification.differences()) == []
    given = Mark.objects.filter(revision=after).earliest("pk")
    Mark.objects.filter(pk=given.pk).update(anchor=1)
    assert any(f"of revision {after.pk}" in each for each in verification.differences())
    assert proposal.pk


def test_what_people_decided_about_other_findings_stays() -> None:
    room, proposal = lacking()
    named = ask(
        room, proposal, field(proposal, "R4", is_file=True), hours=24, at=timezone.now() - timedelta(hours=30)
    )
    assert queries.state_of(named, now=timezone.now()) is queries.State.LAPSED
    finding = proposal.current_revision.assessments.get().findings.get(rule="AT-2", part="R4")  # type: ignore[union-attr]
    decisions.decide_findings(
        [finding], outcome=Outcome.MET, reason="We have it.", by=room.admin, at=timezone.now()
    )
    after = answer(ask(room, proposal, field(proposal, "R1")), {field(proposal, "R1").name: "1750"})
    make.assess_and_score(proposal)
    carried = after.assessments.get().findings.get(rule="AT-2", part="R4").overrides.get()
    assert (carried.outcome, carried.reason) == ("met", "We have it.")


@pytest.mark.parametrize("code", ["R2", "R3"])
def test_an_answer_that_was_given_or_excludes_nobody_is_not_asked_for(code: str) -> None:
    room, proposal = lacking()
    with pytest.raises(Refused, match="in the meantime"):
        ask(room, proposal, field(proposal, code))


def test_nothing_else_is_taken() -> None:
    room, proposal = lacking()
    cure = asked_both(room, proposal)
    wrong = [
        {field(proposal, "R1").name: "1750"},
        {**both(proposal), field(proposal, "R2").name: True},
        {},
    ]
    for answers in wrong:
        with pytest.raises(Refused, match="exactly"):
            answer(cure, answers)
    assert fresh(proposal).current_revision == proposal.current_revision


def test_the_server_refuses_a_revision_that_differs_elsewhere() -> None:
    room, proposal = lacking()
    owner = make.owner_of(proposal.supplier)

    def write(new: Revision) -> None:
        new.price_lines.update(unit_price=1)

    with pytest.raises(Refused, match="more than was asked"):
        repeat_revision(proposal, write, touched=Touched(), window=room.window, by=owner, at=timezone.now())


def test_every_field_and_row_of_a_revision_is_compared() -> None:
    """A table that hangs on revisions and is not copied would be lost, and one not compared could change."""
    hanging = {
        each.related_model
        for each in Revision._meta.related_objects
        if each.field.name == "revision" and each.related_model._meta.app_label == "rfp"
    }
    found = {model._meta.model_name for model in hanging}
    elsewhere = {"assessment", "precheck", "makersscreened", "clarification", "cure"}
    assert found - elsewhere == {model._meta.model_name for model in repeating.ROWS}
    room, proposal = lacking()
    assert proposal.current_revision is not None
    assert {f"field:{name}" for name in (*repeating.KEPT, "items")} <= content_of(
        proposal.current_revision
    ).keys()
    assert room.window is not None


@pytest.mark.parametrize("hours", [24, 48, 72])
def test_in_time_means_before_it_is_due(hours: int) -> None:
    room, proposal = lacking()
    now = timezone.now()
    cure = asked_both(room, proposal, hours=hours, at=now)
    assert timedelta(0) <= cure.due_at - (now + timedelta(hours=hours)) < timedelta(minutes=1)
    assert cure.due_at.second == 0
    with pytest.raises(Refused, match="time to answer is over"):
        answer(cure, both(proposal), at=cure.due_at)
    assert answer(cure, both(proposal), at=cure.due_at - timedelta(seconds=1)).number == 2


def test_only_an_owner_answers_and_only_once() -> None:
    room, proposal = lacking()
    cure = asked_both(room, proposal)
    with pytest.raises(Refused, match="owner"):
        answer(cure, both(proposal), by=make.make_user())
    answer(cure, both(proposal))
    with pytest.raises(Refused, match="already"):
        answer(cure, both(proposal))


def test_nobody_decides_while_the_supplier_has_time() -> None:
    room, proposal = lacking()
    cure = ask(room, proposal, field(proposal, "R1"))
    finding = proposal.current_revision.assessments.get().findings.get(rule="AT-2", part="R4")  # type: ignore[union-attr]
    act = {"outcome": Outcome.NOT_MET, "reason": "It is missing.", "by": room.admin}
    with pytest.raises(Refused, match="Decide after that"):
        decisions.decide_findings([finding], at=timezone.now(), **act)
    decisions.decide_findings([finding], at=cure.due_at, **act)


def test_one_thing_is_asked_for_once() -> None:
    room, proposal = lacking()
    ask(room, proposal, field(proposal, "R1"), at=timezone.now() - timedelta(days=5))
    with pytest.raises(Refused, match="in the meantime"):
        ask(room, proposal, field(proposal, "R1"))


def test_nothing_is_asked_or_answered_once_prices_are_open() -> None:
    room, proposal = lacking()
    cure = ask(room, proposal, field(proposal, "R1"), at=timezone.now() - timedelta(days=1))
    lot = proposal.lot
    begun = Opening.objects.create(
        window=room.window,
        lot=lot,
        envelope=Envelope.PRICE.value,
        proposed_by=room.chair.user,
        proposed_at=make.NOW,
    )
    begun.confirmed_by, begun.confirmed_at = room.admin, make.NOW
    begun.save()
    with pytest.raises(Refused, match="anymore"):
        answer(cure, {field(proposal, "R1").name: "1750"})


def test_amounts_of_money_are_refused_while_prices_are_sealed() -> None:
    room, proposal = lacking(with_file=False)
    requirement = field(proposal, "R1").requirement
    type(requirement).objects.filter(pk=requirement.pk).update(data_type="string")
    cure = ask(room, proposal, field(proposal, "R1"))
    with pytest.raises(Refused, match="Leave out amounts"):
        answer(cure, {field(proposal, "R1").name: "Ours costs $1,200 a piece."})


def test_letters_and_the_record_say_what_was_asked_and_received() -> None:
    _room, proposal, _before, after = cured()
    told = Notice.objects.filter(to=make.owner_of(proposal.supplier)).order_by("id")
    asked, received = (told.get(key__startswith=key) for key in ("cure:", "cured:"))
    assert "R1 answer: Load, kg?" in asked.body and "R4 file" in asked.body
    assert after.content_sha256 in received.body and "revision 2" in received.body
    verbs = AuditEvent.objects.filter(verb__in=["cure.asked", "cure.answered"]).order_by("seq")
    assert [each.verb for each in verbs] == ["cure.asked", "cure.answered"]


# ---- pages ------------------------------------------------------------------------------------------------------


def test_the_page_takes_the_named_fields_and_reads_nothing_else() -> None:
    room, proposal = lacking()
    cure = asked_both(room, proposal)
    owner = make.owner_of(proposal.supplier)
    client, address = signed_in(owner), f"/proposals/{proposal.pk}/missing/{cure.pk}/"
    page = client.get(address).content.decode()
    assert "Load, kg?" in page and "Seismic version?" not in page
    r1, r4, r2 = (field(proposal, "R1").name, field(proposal, "R4", is_file=True).name, field(proposal, "R2"))
    signed = {"signer_name": owner.name, "signer_title": "Owner", "agreed": "on"}
    wrong = client.post(address, {r1: "much", **signed})
    assert wrong.status_code == 200 and "R4: choose a file" in wrong.content.decode()
    assert 'value="much"' in wrong.content.decode()
    sent = {
        r1: "1750",
        r4: SimpleUploadedFile("report.txt", b"Tested."),
        f"requirement-{r2.requirement.pk}": "false",
        "unit_price": "1",
        **signed,
    }
    assert client.post(address, sent).status_code == 302
    revision = fresh(proposal).current_revision
    assert revision is not None and revision.number == 2
    assert Response.objects.get(revision=revision, requirement=r2.requirement).value is True


def test_the_queue_offers_it_and_says_how_it_stands() -> None:
    room, proposal = lacking()
    admin = signed_in(room.admin)
    queue = admin.get(f"{room.base}decisions/?kind=unanswered").content.decode()
    ask_at = f"/evaluate/proposals/{proposal.pk}/missing/?for={field(proposal, 'R1').name}"
    assert "Ask the supplier" in queue and ask_at in queue
    form = {"fields_asked": [field(proposal, "R1").name], "hours": "24", "text": ""}
    assert admin.post(ask_at, form).status_code == 302
    queue = admin.get(f"{room.base}decisions/?kind=unanswered").content.decode()
    assert "Asked, due" in queue and ask_at not in queue
    Cure.objects.get()
    thread = admin.get(f"{room.base}asked/").content.decode()
    assert proposal.number in thread and "Asked, due" in thread


def test_the_suppliers_home_and_proposal_say_what_waits() -> None:
    room, proposal = lacking()
    cure = asked_both(room, proposal)
    client = signed_in(make.owner_of(proposal.supplier))
    address = f"/proposals/{proposal.pk}/missing/{cure.pk}/"
    assert address in client.get("/home/").content.decode()
    assert address in client.get(f"/proposals/{proposal.pk}/").content.decode()
    answer(cure, both(proposal))
    assert address not in client.get("/home/").content.decode()


def test_a_rival_learns_nothing_from_what_is_asked() -> None:
    room, proposal = lacking()
    rival = signed_in(make.owner_of(room.proposals[1].supplier))
    pages = ("/home/", f"/proposals/{room.proposals[1].pk}/", "/proposals/")
    before = [rival.get(each).content for each in pages]
    cure = asked_both(room, proposal)
    answer(cure, both(proposal))
    after = [rival.get(each).content for each in pages]
    for then, now in zip(before, after, strict=True):
        assert set(_timeless(now)) ^ set(_timeless(then)) == set()
    assert rival.get(f"/proposals/{proposal.pk}/missing/{cure.pk}/").status_code == 404


def _timeless(page: bytes) -> list[bytes]:
    """Without tokens and the clock."""
    return [
        line for line in page.splitlines() if not any(word in line.lower() for word in (b"csrf", b"clock"))
    ]


def test_the_list_asks_as_often_for_one_row_as_for_three() -> None:
    room, proposal = lacking()
    admin = signed_in(room.admin)

    def clarify(each: Proposal) -> None:
        now = timezone.now()
        asking.ask_to_clarify(fresh(each), text="Why?", due_at=now + timedelta(days=2), by=room.admin, at=now)

    ask(room, proposal, field(proposal, "R1"))
    clarify(proposal)
    admin.get(f"{room.base}asked/")
    with CaptureQueriesContext(connection) as one:
        admin.get(f"{room.base}asked/")
    for each in room.proposals:
        clarify(each)
    with CaptureQueriesContext(connection) as three:
        admin.get(f"{room.base}asked/")
    assert len(three) == len(one)
