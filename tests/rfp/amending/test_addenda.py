"""An addendum: drafted, published by two, and what it leaves as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from portal.kit.codec import load
from portal.kit.refused import Refused
from portal.models import AuditEvent, Notice, Role
from rfp.amending import actions, supplier_actions
from rfp.amending.changes import KIND
from rfp.amending.supplier_actions import Answer
from rfp.models import PublishedVersion, Response, Revision, Window
from rfp.proposals import actions as proposals_actions
from rfp.proposals import manifest, reconfirming, revision_facts
from scoring.models import Evaluator
from suppliers.facts import ScreeningFacts, SupplierFacts
from tests import factories as make
from tests.rfp.amending import made

pytestmark = pytest.mark.django_db


def waiting(proposal: object) -> list[str]:
    found = made.fresh(proposal)  # type: ignore[arg-type]
    revision = found.current_revision or make.draft_of(found)
    whole = revision_facts.revision_for_facts(revision.pk)
    return [each.requirement.code for each in reconfirming.waiting(whole)]


def test_a_changed_question_is_another_row_and_the_old_one_stays() -> None:
    solicitation = make.make_solicitation()
    before = made.question(solicitation)
    addendum = made.publish(solicitation, made.heavier(solicitation))
    after = made.question(solicitation)
    before.refresh_from_db()
    assert (before.minimum, before.since, before.until) == ("1500", 1, 2)
    assert (after.minimum, after.since, after.until) == ("1900", 2, None)
    assert after.question == before.pk
    assert (addendum.version, solicitation.version) == (2, 2)
    assert addendum.changes.get().says == [
        {"label": "Limits", "before": "At least 1,500 kg", "after": "At least 1,900 kg"}
    ]
    versions = PublishedVersion.objects.filter(solicitation=solicitation)
    limits = {
        each.number: next(r["wanted"] for r in each.content["requirements"] if r["code"] == "R1")
        for each in versions
    }
    assert limits == {1: "At least 1,500 kg", 2: "At least 1,900 kg"}


def test_only_the_touched_answer_waits_and_the_others_are_the_same_rows() -> None:
    solicitation = make.make_solicitation()
    draft, submitted = make.make_draft(solicitation), make.make_draft(solicitation)
    make.submit(submitted)
    before = {each.pk: (each.revision_id, each.value) for each in Response.objects.all()}
    made.publish(solicitation, made.heavier(solicitation))
    assert {each.pk: (each.revision_id, each.value) for each in Response.objects.all()} == before
    assert waiting(draft) == ["R1"]
    assert waiting(submitted) == ["R1"]
    assert make.draft_of(draft).attested_at is None


def test_a_received_revision_is_read_against_its_own_version() -> None:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    sealed = make.submit(proposal)
    made.publish(solicitation, made.heavier(solicitation))
    whole = revision_facts.revision_for_facts(sealed.pk)
    facts = revision_facts.facts_about(
        whole, supplier=frozen(whole), screening=ScreeningFacts(), window=whole.proposal.window
    )
    asked = {each.requirement.code: each.requirement.minimum for each in facts.responses}
    assert asked["R1"] == "1500"
    assert manifest.fingerprint_of(whole, frozen(whole)) == sealed.content_sha256


def frozen(whole: Revision) -> SupplierFacts:
    return load(SupplierFacts, whole.supplier_snapshot)


def test_my_answer_stands_makes_a_new_revision_and_nothing_else_differs() -> None:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    first = make.submit(proposal)
    made.publish(solicitation, made.heavier(solicitation))
    owner = make.owner_of(proposal.supplier)
    now_asked = made.question(solicitation)
    second = supplier_actions.reconfirm_submitted(
        made.fresh(proposal),
        [Answer(now_asked, is_kept=True)],
        shown=2,
        name=owner.name,
        title="Owner",
        by=owner,
        at=make.NOW,
    )
    assert (first.rfp_version, second.rfp_version, second.number) == (1, 2, 2)
    said = {each.requirement.code: each.value for each in second.responses.select_related("requirement")}
    assert said == {
        each.requirement.code: each.value for each in first.responses.select_related("requirement")
    }
    assert second.responses.get(requirement=now_asked).value == "1800"
    assert waiting(proposal) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        second.reconfirmed.all().delete()


def test_a_draft_cannot_be_submitted_until_it_is_reconfirmed() -> None:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    made.publish(solicitation, made.heavier(solicitation))
    owner, found = make.owner_of(proposal.supplier), made.fresh(proposal)
    proposals_actions.attest(found, name=owner.name, title="Owner", by=owner, at=make.NOW)
    with pytest.raises(proposals_actions.Incomplete):
        make.submit(found)
    answer = Answer(made.question(solicitation), is_kept=False, value="2000")
    supplier_actions.reconfirm_draft(found, [answer], by=owner, at=make.NOW)
    proposals_actions.attest(found, name=owner.name, title="Owner", by=owner, at=make.NOW)
    revision = make.submit(made.fresh(proposal))
    assert revision.rfp_version == 2
    assert revision.responses.get(requirement__code="R1").value == "2000"


def test_an_addendum_in_the_meantime_stops_the_signature() -> None:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    made.publish(solicitation, (KIND.TEXT, "", {"title": solicitation.title, "summary": "Clearer."}))
    owner = make.owner_of(proposal.supplier)
    with pytest.raises(proposals_actions.Changed):
        proposals_actions.attest(
            made.fresh(proposal), name=owner.name, title="Owner", by=owner, at=make.NOW, shown=1
        )
    with pytest.raises(proposals_actions.Changed):
        proposals_actions.submit_proposal(made.fresh(proposal), by=owner, shown=1)
    proposals_actions.submit_proposal(made.fresh(proposal), by=owner, shown=2)


@pytest.mark.parametrize("standing", ["stands", "minor"])
def test_answers_that_stand_need_nothing(standing: str) -> None:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    values = made.values_of(made.question(solicitation, "R2"), text="Is there a seismic version?")
    made.publish(solicitation, (KIND.REQUIREMENT, "R2", values), R2=standing)
    assert waiting(proposal) == []
    draft = make.draft_of(proposal)
    assert draft.responses.get(requirement=made.question(solicitation, "R2")).value is True
    assert draft.attested_at is not None


def test_two_people_who_do_not_review_publish_what_touches_knockouts() -> None:
    solicitation = make.make_solicitation()
    first, second = made.admins()
    addendum = made.draft_addendum(solicitation, made.heavier(solicitation), by=first)
    with pytest.raises(Refused, match="takes two people"):
        actions.publish_addendum(addendum, by=first, at=make.NOW)
    actions.propose_addendum(addendum, by=first, at=make.NOW)
    with pytest.raises(Refused, match="A second person"):
        actions.publish_addendum(addendum, by=first, at=make.NOW)
    Evaluator.objects.create(solicitation=solicitation, user=second)
    with pytest.raises(Refused, match="panel"):
        actions.publish_addendum(addendum, by=second, at=make.NOW)
    officer = make.make_user(Role.OFFICER)
    assert actions.publish_addendum(addendum, by=officer, at=make.NOW).version == 2
    with pytest.raises(Refused, match="already been published"):
        actions.publish_addendum(addendum, by=officer, at=make.NOW)
    verbs = AuditEvent.objects.filter(verb__startswith="addendum.").order_by("seq")
    assert list(verbs.values_list("verb", flat=True))[-2:] == ["addendum.proposed", "addendum.published"]


def test_text_alone_takes_one_admin() -> None:
    solicitation = make.make_solicitation()
    first, _second = made.admins()
    text = (KIND.TEXT, "", {"title": solicitation.title, "summary": "Clearer."})
    addendum = made.draft_addendum(solicitation, text, by=first)
    actions.publish_addendum(addendum, by=first, at=make.NOW)
    solicitation.refresh_from_db()
    assert solicitation.summary == "Clearer."


def test_a_published_addendum_and_its_changes_stay() -> None:
    solicitation = make.make_solicitation()
    addendum = made.publish(solicitation, made.heavier(solicitation))
    for act in (
        lambda: addendum.changes.update(title="Other"),
        lambda: addendum.changes.all().delete(),
        lambda: type(addendum).objects.filter(pk=addendum.pk).update(why="Other"),
        lambda: PublishedVersion.objects.update(content={}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_window_moves_later_and_never_earlier() -> None:
    solicitation = make.make_solicitation()
    window = solicitation.windows.get()
    later, earlier = window.closes_at + timedelta(days=14), window.closes_at - timedelta(days=1)
    first, _second = made.admins()
    early = (KIND.WINDOW, "1", {"closes_at": earlier.isoformat(), "feedback_by": None})
    addendum = made.draft_addendum(solicitation, early, by=first)
    with pytest.raises(Refused, match="only move later"):
        actions.propose_addendum(addendum, by=first, at=make.NOW)
    window.refresh_from_db()
    assert window.closes_at != earlier
    actions.discard_addendum(addendum, by=first, at=make.NOW)
    made.publish(
        solicitation,
        (KIND.WINDOW, "1", {"closes_at": later.isoformat(), "feedback_by": None, "outage": True}),
    )
    window.refresh_from_db()
    assert (window.closes_at, window.version) == (later, 2)


def test_a_window_is_added() -> None:
    solicitation = make.make_solicitation(price_formula="fixed_reference")
    opens, closes = make.NOW + timedelta(days=30), make.NOW + timedelta(days=60)
    values = {"opens_at": opens.isoformat(), "closes_at": closes.isoformat(), "feedback_by": None}
    made.publish(solicitation, (KIND.WINDOW_ADDED, "2", values))
    window = Window.objects.get(solicitation=solicitation, number=2)
    assert (window.opens_at, window.closes_at, window.version) == (opens, closes, 2)


def test_weights_must_still_total_100() -> None:
    solicitation = make.make_solicitation()
    first, _second = made.admins()
    heavier = (
        KIND.CRITERION,
        "T",
        {"title": "Technical", "weight": "70", "minimum": None, "supplier_guidance": ""},
    )
    addendum = made.draft_addendum(solicitation, heavier, by=first)
    with pytest.raises(Refused, match="Weights add up to 110"):
        actions.propose_addendum(addendum, by=first, at=make.NOW)
    lighter = {"title": "Domestic share", "weight": "10", "minimum": None, "supplier_guidance": ""}
    actions.set_change(addendum, kind=KIND.CRITERION, subject="D", values=lighter, by=first, at=make.NOW)
    actions.propose_addendum(addendum, by=first, at=make.NOW)
    solicitation.refresh_from_db()
    assert solicitation.version == 1, "trying it changes nothing"
    assert solicitation.criteria.get(code="T").weight == 60


def test_letters_say_what_to_do_and_only_to_those_with_a_proposal() -> None:
    solicitation = make.make_solicitation()
    touched, outsider = make.make_draft(solicitation), make.make_supplier()
    untouched = make.make_draft(solicitation, filled=False)
    made.publish(solicitation, made.heavier(solicitation))
    letters = Notice.objects.filter(key__startswith="addendum:")
    to = {letter.to_id: letter for letter in letters}
    assert "reconfirm 1 answer" in to[make.owner_of(touched.supplier).pk].subject
    assert "At least 1,500 kg → At least 1,900 kg" in to[make.owner_of(touched.supplier).pk].body
    assert "nothing to do" in to[make.owner_of(untouched.supplier).pk].subject
    assert make.owner_of(outsider).pk not in to


def test_a_code_is_never_used_twice() -> None:
    solicitation = make.make_solicitation()
    made.publish(solicitation, (KIND.REQUIREMENT_REMOVED, "R3", {}))
    first, _second = made.admins()
    values = made.values_of(
        made.question(solicitation), lot="L1", feeds="", applies_to=[], data_type="number"
    )
    addendum = made.draft_addendum(solicitation, (KIND.REQUIREMENT_ADDED, "R3", values), by=first)
    with pytest.raises(Refused, match="already a requirement R3"):
        actions.propose_addendum(addendum, by=first, at=make.NOW)
