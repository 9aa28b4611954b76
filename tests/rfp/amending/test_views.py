"""The pages of addenda: an admin drafts one, a second person publishes it, a supplier reconfirms; and bad input."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.models import Role
from rfp.amending import actions
from rfp.amending.changes import KIND
from rfp.models import Addendum, Change, Proposal, Solicitation
from tests import factories as make
from tests.rfp.amending import made
from tests.scoring.rooms import signed_in

pytestmark = pytest.mark.django_db


def at(solicitation: Solicitation, tail: str = "") -> str:
    return f"/setup/{solicitation.pk}/addenda/{tail}"


def typed(**changed: str) -> dict[str, str]:
    """R1's form as a browser sends it."""
    return {
        "text": "Load, kg?",
        "why": "",
        "unit": "kg",
        "minimum": "1500",
        "maximum": "",
        "ideal": "2000",
        "effect": "knockout",
        "evidence": "",
        **changed,
    }


def test_an_admin_drafts_a_second_publishes_and_everyone_reads_it() -> None:
    solicitation, (first, second) = make.make_solicitation(), made.admins()
    admin, other, anyone = signed_in(first), signed_in(second), Client()
    admin.post(at(solicitation))
    answer = admin.post(at(solicitation, "1/change/requirement/R1/"), typed(minimum="1900"))
    assert answer.status_code == 302, answer.content.decode()
    change = Change.objects.get()
    admin.post(at(solicitation, "1/"), {"why": "Heavier floors.", f"standing-{change.pk}": "stands"})
    page = admin.get(at(solicitation, "1/")).content.decode()
    assert "At least 1,900 kg" in page and "Ask a second person" in page and "Sealed" in page
    admin.post(at(solicitation, "1/propose/"))
    admin.post(at(solicitation, "1/publish/"))
    assert Addendum.objects.get().state == "awaiting"
    other.post(at(solicitation, "1/publish/"))
    assert Addendum.objects.get().state == "published"
    number = solicitation.number
    assert "What changed" in anyone.get(f"/rfps/{number}/").content.decode()
    changes = anyone.get(f"/rfps/{number}/changes/").content.decode()
    assert "Heavier floors." in changes and "At least 1,900 kg" in changes
    assert "At least 1,500 kg" in anyone.get(f"/rfps/{number}/versions/1/").content.decode()
    assert "At least 1,900 kg" in anyone.get(f"/rfps/{number}/versions/2/").content.decode()
    assert anyone.get(f"/rfps/{number}/versions/3/").status_code == 404


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays() -> None:
    solicitation, (first, _second) = make.make_solicitation(), made.admins()
    admin = signed_in(first)
    admin.post(at(solicitation))
    answer = admin.post(
        at(solicitation, "1/change/requirement/R1/"), typed(minimum="heavy", text="A new text")
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and "use digits only" in page and "A new text" in page
    same = admin.post(at(solicitation, "1/change/requirement/R1/"), typed()).content.decode()
    assert "Nothing would change" in same
    window = solicitation.windows.get()
    early = {"closes_at": "2020-01-01T00:00", "feedback_by": ""}
    page = admin.post(at(solicitation, f"1/change/window/{window.number}/"), early).content.decode()
    assert "The closing time must be after the opening time" in page or "only move later" in page
    assert not Change.objects.exists()


@pytest.mark.parametrize(
    "tail",
    [
        "9/",
        "1/change/nonsense/R1/",
        "1/change/requirement/R9/",
        "1/change/requirement/R1%00/",
        "1/change/window/x/",
        "1/change/window/99999999999999999999/",
        "1/change/requirement_added/R1/",
        "1/change/lot_withdrawn/L9/",
        "99999999999999999999/",
    ],
)
def test_what_is_not_there_is_not_found(tail: str) -> None:
    solicitation, (first, _second) = make.make_solicitation(), made.admins()
    admin = signed_in(first)
    admin.post(at(solicitation))
    assert admin.get(at(solicitation, tail)).status_code == 404


def test_nonsense_for_standings_and_reasons_changes_nothing() -> None:
    solicitation, (first, _second) = make.make_solicitation(), made.admins()
    addendum = made.draft_addendum(solicitation, made.heavier(solicitation), by=first)
    change, admin = addendum.changes.get(), signed_in(first)
    for text in ("minor", "never", "\x00", "reconfirm" * 100):
        admin.post(at(solicitation, "1/"), {"why": "x\x00" + "y" * 9000, f"standing-{change.pk}": text})
    change.refresh_from_db()
    addendum.refresh_from_db()
    assert change.standing == "reconfirm", "a changed limit is no correction"
    assert "\x00" not in addendum.why and len(addendum.why) <= 2000


def test_the_lists_take_the_same_queries_for_one_and_three(django_assert_max_num_queries: Any) -> None:
    solicitation, (first, _second) = make.make_solicitation(), made.admins()
    admin, anyone = signed_in(first), Client()
    for round_ in range(3):
        text = (KIND.TEXT, "", {"title": solicitation.title, "summary": f"Round {round_}"})
        row = made.draft_addendum(solicitation, text, by=first)
        actions.publish_addendum(row, by=first, at=make.NOW)
        with django_assert_max_num_queries(14):
            admin.get(at(solicitation))
        with django_assert_max_num_queries(8):
            anyone.get(f"/rfps/{solicitation.number}/changes/")


# ---- suppliers ----------------------------------------------------------------------------------------------------


def touched(*, submitted: bool) -> tuple[Proposal, Client, str]:
    """A proposal with R1 to look at again, its owner's browser, and the name of R1's radio."""
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    if submitted:
        make.submit(proposal)
    question = made.question(solicitation).question
    made.publish(solicitation, made.heavier(solicitation))
    return proposal, signed_in(make.owner_of(proposal.supplier)), f"stands-{question}"


def signed(**more: str) -> dict[str, str]:
    return {"signer_name": "Dana", "signer_title": "Owner", "agreed": "on", "version": "2", **more}


def test_an_owner_reconfirms_what_is_submitted() -> None:
    proposal, client, radio = touched(submitted=True)
    page = client.get(f"/proposals/{proposal.pk}/").content.decode()
    assert "asks you to reconfirm 1 answer" in page
    address = f"/proposals/{proposal.pk}/reconfirm/"
    page = client.get(address).content.decode()
    assert "At least 1,500 kg" in page and "At least 1,900 kg" in page and "1,800 kg" in page
    assert "Everything else stays submitted" in page
    refused = client.post(address, signed())
    assert "choose whether your answer stands" in refused.content.decode()
    assert client.post(address, signed(**{radio: "keep"})).status_code == 302
    found = made.fresh(proposal)
    assert found.current_revision is not None and found.current_revision.number == 2
    assert "nothing to reconfirm" in client.get(address, follow=True).content.decode()


@pytest.mark.parametrize("version", ["1", "x", "", "99999999999999999999", "-1"])
def test_a_signature_for_another_version_is_stopped(version: str) -> None:
    proposal, client, radio = touched(submitted=True)
    address = f"/proposals/{proposal.pk}/reconfirm/"
    client.post(address, signed(version=version, **{radio: "keep"}))
    found = made.fresh(proposal)
    assert found.current_revision is not None and found.current_revision.number == 1


def test_a_draft_is_reconfirmed_bit_by_bit_and_can_then_be_signed() -> None:
    proposal, client, radio = touched(submitted=False)
    address = f"/proposals/{proposal.pk}/reconfirm/"
    submit = client.get(f"/proposals/{proposal.pk}/submit/").content.decode()
    assert "Reconfirm R1" in submit and address in submit
    name = radio.replace("stands", "requirement")
    wrong = client.post(address, {radio: "change", name: "a lot"}).content.decode()
    assert "use digits only" in wrong
    assert client.post(address, {radio: "change", name: "2,000"}).status_code == 302
    assert make.draft_of(proposal).responses.get(requirement__code="R1").value == "2000"
    assert "Reconfirm R1" not in client.get(f"/proposals/{proposal.pk}/submit/").content.decode()
    assert client.post(address, {radio: "nonsense"}).status_code == 200


def test_a_viewer_reads_and_changes_nothing() -> None:
    proposal, _client, radio = touched(submitted=False)
    viewer = make.make_user(Role.SUPPLIER)
    proposal.supplier.memberships.create(user=viewer, level="viewer")
    client = signed_in(viewer)
    address = f"/proposals/{proposal.pk}/reconfirm/"
    assert "You can read this, not change it" in client.get(address).content.decode()
    client.post(address, {radio: "keep"})
    assert not make.draft_of(proposal).reconfirmed.exists()


def test_the_signature_form_says_what_stopped_it() -> None:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    client = signed_in(make.owner_of(proposal.supplier))
    page = client.get(f"/proposals/{proposal.pk}/submit/").content.decode()
    assert 'name="version"' in page
    made.publish(solicitation, (KIND.TEXT, "", {"title": solicitation.title, "summary": "Clearer."}))
    stopped = client.post(f"/proposals/{proposal.pk}/submit/", {"version": "1"}, follow=True).content.decode()
    assert "An addendum changed this RFP while you were signing" in stopped
    assert not made.fresh(proposal).is_submitted
    client.post(f"/proposals/{proposal.pk}/submit/", {"version": "2"})
    assert made.fresh(proposal).is_submitted


def test_reviewers_of_the_rfp_change_nothing() -> None:
    solicitation, (first, _second) = make.make_solicitation(), made.admins()
    solicitation.evaluators.create(user=first)
    client = signed_in(first)
    page = client.post(at(solicitation), follow=True).content.decode()
    assert "on this RFP’s panel" in page
    assert not Addendum.objects.exists()
