"""Releases: two people, once, and nothing before; letters with their states; awards after the standstill."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit import clock
from portal.kit.refused import Refused
from portal.letters import notices
from portal.models import Notice, Role, User
from rfp.models import Solicitation
from scoring.models import Decision, Letter, RankedProposal, Release
from scoring.outcomes import actions, debriefs, queries, wording
from scoring.outcomes.models import Outcome
from suppliers.models import Membership
from tests import factories as make
from tests.portal.accounts.test_access import PASSWORD, reauthenticated
from tests.scoring.decisions.test_verdicts import decide, fresh, priced
from tests.scoring.rooms import Room, signed_in

pytestmark = pytest.mark.django_db

V = Decision.Verdict


def decided(count: int = 3) -> Room:
    """The best is shortlisted, the second is on the reserve list, the others are out; every draft is accepted."""
    made = priced(count)
    decide(made, V.SHORTLISTED, 0)
    decide(made, V.RESERVE, 1)
    decide(made, V.ELIMINATED, *range(2, count))
    accept(made)
    return made


def accept(made: Room) -> None:
    """The chair accepts each draft of the lot as it is."""
    criteria = {each.pk: each for each in made.solicitation.criteria.all()}
    found = queries.due_in(window(made), lot(made))
    told = debriefs.debriefs_of(Solicitation.objects.get(pk=made.solicitation.pk), found)
    for due in found:
        accepted = [
            actions.Explanation(criterion=criteria[line.criterion], text=line.text, mark=line.mark)
            for line in told[due.row.proposal_id].waiting
        ]
        proposal = fresh(due.row.proposal_id)
        actions.answer_for(proposal, edited=[], accepted=accepted, by=made.chair.user, at=make.NOW)


def lot(made: Room) -> Any:
    return made.solicitation.lots.get()


def begin(made: Room, by: User | None = None) -> Release:
    return actions.propose_release(window(made), lot(made), by=by or made.chair.user, at=make.NOW)


def window(made: Room) -> Any:
    return fresh(made.proposals[0].pk).window


def explain(made: Room, which: int, text: str, by: User | None = None) -> None:
    """The chair's own words on the technical criterion, for a mark of 80."""
    said = actions.Explanation(criterion=made.solicitation.criteria.get(code="T"), text=text, mark="80.0")
    proposal = fresh(made.proposals[which].pk)
    actions.answer_for(proposal, edited=[said], accepted=[], by=by or made.chair.user, at=make.NOW)


def release(made: Room) -> list[Letter]:
    accept(made)
    return actions.confirm_release(begin(made), by=made.admin, at=make.NOW)


def owner(made: Room, which: int) -> User:
    return make.owner_of(made.proposals[which].supplier)


def seen_by_suppliers(made: Room) -> dict[str, bytes]:
    """Everything that each supplier can ask for about its own proposals and about letters."""
    seen = {}
    for which, proposal in enumerate(made.proposals):
        client = signed_in(owner(made, which))
        for name in ("rfp:proposal_detail", "rfp:proposal_progress", "scoring:outcome"):
            answer = client.get(reverse(name, args=[proposal.pk]))
            seen[f"{which} {name}"] = bytes(str(answer.status_code), "ascii") + _plain(answer.content)
        for address in (reverse("rfp:proposal_list"), "/", f"/rfps/{made.solicitation.number}/"):
            seen[f"{which} {address}"] = _plain(client.get(address, follow=True).content)
        posted = client.post(reverse("scoring:debrief_request", args=[proposal.pk]))
        seen[f"{which} pdf"] = bytes(str(posted.status_code), "ascii")
        seen[f"{which} letters"] = repr(
            list(Notice.objects.filter(to=owner(made, which)).values_list("key"))
        ).encode()
    return seen


def _plain(content: bytes) -> bytes:
    return re.sub(rb'csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"', b"", content)


def test_suppliers_learn_nothing_before_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    made = priced(3)
    moment = datetime.now(UTC)
    monkeypatch.setattr(clock, "wall_time", lambda: moment)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    before = seen_by_suppliers(made)
    decide(made, V.SHORTLISTED, 0)
    decide(made, V.RESERVE, 1)
    decide(made, V.ELIMINATED, 2)
    explain(made, 2, "Too little.")
    accept(made)
    begun = begin(made)
    assert seen_by_suppliers(made) == before
    actions.drop_release(begun, by=made.chair.user, at=make.NOW)
    assert seen_by_suppliers(made) == before
    release(made)
    after = seen_by_suppliers(made)
    assert {name for name in before if before[name] == after[name]} <= {
        f"{which} /rfps/{made.solicitation.number}/" for which in range(3)
    }


def test_two_people_release_all_letters_together_and_once() -> None:
    made = decided()
    begun = begin(made)
    assert not Letter.objects.exists()
    sent = actions.confirm_release(begun, by=made.admin, at=make.NOW)
    assert [each.outcome for each in sent] == ["shortlisted", "reserve", "not_selected"]
    assert Notice.objects.filter(key__startswith="outcome:").count() == 3
    with pytest.raises(Refused, match="already confirmed"):
        actions.confirm_release(begun, by=made.admin, at=make.NOW)
    with pytest.raises(Refused, match="already know every decision"):
        begin(made)
    assert Letter.objects.count() == 3
    assert Notice.objects.filter(key__startswith="outcome:").count() == 3


@pytest.mark.parametrize("first", ["chair", "admin", "officer"])
def test_one_of_the_two_chairs_and_the_other_is_admin_or_officer(first: str) -> None:
    made = decided()
    people = {"chair": made.chair.user, "admin": made.admin, "officer": make.make_user(Role.OFFICER)}
    begun = begin(made, people[first])
    for second, person in people.items():
        if (first == "chair") == (second == "chair"):
            with pytest.raises(Refused, match="Two people release decisions"):
                actions.confirm_release(begun, by=person, at=make.NOW)
    with pytest.raises(Refused, match="Two people release decisions"):
        actions.confirm_release(begun, by=made.others[0].user, at=make.NOW)
    actions.confirm_release(begun, by=people["admin" if first == "chair" else "chair"], at=make.NOW)


def test_an_undecided_proposal_keeps_the_lot_back() -> None:
    made = priced(3)
    decide(made, V.SHORTLISTED, 0)
    with pytest.raises(Refused, match="2 proposals without a decision"):
        begin(made)
    # What is knocked out needs no verdict.
    RankedProposal.objects.filter(proposal__in=[each.pk for each in made.proposals[1:]]).update(
        standing="knocked_out"
    )
    assert [each.outcome for each in release(made)] == ["shortlisted", "not_selected", "not_selected"]


def test_what_opened_since_the_decision_keeps_the_lot_back() -> None:
    made = decided()
    RankedProposal.objects.filter(proposal=made.proposals[0].pk).update(flags=["referred"])
    with pytest.raises(Refused, match=r"An open finding needs a person’s decision\."):
        begin(made)


def test_what_changed_between_the_two_is_read_again() -> None:
    made = decided()
    begun = begin(made)
    actions.change_letter(
        made.solicitation,
        Outcome.RESERVE,
        subject="Hello {company}",
        body="On reserve.",
        by=made.admin,
        at=make.NOW,
    )
    with pytest.raises(Refused, match="changed since then"):
        actions.confirm_release(begun, by=made.admin, at=make.NOW)
    assert not Letter.objects.exists()
    actions.drop_release(begun, by=made.admin, at=make.NOW)
    assert release(made)[1].body == "On reserve.\n"


def test_a_letter_says_the_own_outcome_and_the_number_of_proposals_and_nothing_of_rivals() -> None:
    made = decided()
    Solicitation.objects.filter(pk=made.solicitation.pk).update(debrief_compares=True)
    sent = release(made)
    names = {each.supplier.legal_name for each in made.proposals} | {each.number for each in made.proposals}
    for letter, proposal in zip(sent, made.proposals, strict=True):
        own = {proposal.supplier.legal_name, proposal.number}
        text = f"{letter.subject} {letter.body} {letter.debrief}"
        assert "We received 3 proposals for this lot." in letter.body and proposal.number in letter.body
        assert [name for name in names - own if name in text] == []
        assert [seat.user.name for seat in made.seats if seat.user.name in text] == []


def test_every_member_of_the_supplier_gets_the_letter() -> None:
    made = decided()
    colleague = make.make_user()
    Membership.objects.create(
        supplier=made.proposals[0].supplier, user=colleague, level=Membership.Level.VIEWER
    )
    sent = release(made)
    assert Notice.objects.filter(key__startswith=f"{sent[0].key}:").count() == 2
    assert signed_in(colleague).get(reverse("scoring:outcome", args=[sent[0].proposal_id])).status_code == 200
    assert (
        signed_in(owner(made, 1)).get(reverse("scoring:outcome", args=[sent[0].proposal_id])).status_code
        == 404
    )


# ---- pages --------------------------------------------------------------------------------------------------------


def page(made: Room, user: User) -> str:
    url = reverse("scoring:letter_list", args=[made.solicitation.number])
    return signed_in(user).get(f"{url}?window=1&lot=L1").content.decode()


def test_the_page_releases_with_a_double_click_once() -> None:
    made = decided()
    assert "3 letters held" in page(made, made.chair.user) and "Start the release" in page(
        made, made.chair.user
    )
    people = [make.with_password(user, PASSWORD) for user in (made.chair.user, made.admin)]
    chair, admin = (reauthenticated(user) for user in people)
    start = reverse("scoring:release_start", args=[made.solicitation.number, 1, "L1"])
    for _ in range(2):
        chair.post(start)
    begun = Release.objects.get()
    assert "Release the letters" not in page(made, made.chair.user)
    assert "Release the letters" in page(made, made.admin)
    confirm = reverse("scoring:release_confirm", args=[made.solicitation.number, begun.pk])
    chair.post(confirm)
    assert not Letter.objects.exists()
    answer = admin.post(confirm, follow=True)
    said = answer.content.decode()
    assert "3 letters released." in said, (answer.redirect_chain, re.sub(r"<[^>]+>|\s+", " ", said)[-2500:])
    assert "already confirmed" in admin.post(confirm, follow=True).content.decode()
    assert Letter.objects.count() == 3
    assert "In the outbox" in page(made, made.admin)
    notices.send_waiting(at=make.NOW)
    assert "Sent" in page(made, made.admin) and "Released before" in page(made, made.admin)


def test_reviewers_read_no_letters_and_auditors_release_none() -> None:
    made = decided()
    url = reverse("scoring:letter_list", args=[made.solicitation.number])
    assert signed_in(made.others[0].user).get(url).status_code == 404
    for name in ("letter_preview", "debrief_edit"):
        address = reverse(f"scoring:{name}", args=[made.proposals[0].pk])
        assert signed_in(made.others[0].user).get(address).status_code == 404
        assert signed_in(made.admin).get(address).status_code == 200
    assert "Start the release" not in page(made, make.make_user(Role.AUDITOR))


def test_a_refused_letter_shows_why_and_goes_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = decided()
    release(made)
    address = owner(made, 0).email
    send = notices.EmailMultiAlternatives.send

    def refuse(message: Any) -> Any:
        if message.to == [address]:
            raise SMTPRecipientsRefused({address: (550, b"no such person")})
        return send(message)

    monkeypatch.setattr(notices.EmailMultiAlternatives, "send", refuse)
    notices.send_waiting(at=make.NOW)
    text = page(made, made.admin)
    assert f"{address}: 550 no such person" in text and "Send again" in text
    monkeypatch.setattr(notices.EmailMultiAlternatives, "send", send)
    assert notices.send_waiting(at=make.NOW) == 0
    letter = Letter.objects.get(proposal=made.proposals[0].pk)
    signed_in(made.admin).post(reverse("scoring:letter_again", args=[made.solicitation.number, letter.pk]))
    assert notices.send_waiting(at=make.NOW) == 1
    assert "550" not in page(made, made.admin)


def test_the_page_of_letters_costs_the_same_for_three_and_five() -> None:
    counts = []
    for count in (3, 5):
        made = decided(count)
        release(made)
        client = signed_in(made.admin)
        url = reverse("scoring:letter_list", args=[made.solicitation.number])
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            client.get(url)
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello {nobody}", "There is no placeholder {nobody}"),
        ("Hello {company", "A brace has no partner"),
        ("", "Letter is missing"),
    ],
)
def test_a_letter_with_a_wrong_placeholder_is_shown_again(text: str, words: str) -> None:
    made = decided()
    url = reverse("scoring:letter_words", args=[made.solicitation.number, "reserve"])
    answer = signed_in(made.admin).post(url, {"subject": "About {rfp}", "body": text})
    assert words in answer.content.decode() and text in answer.content.decode()
    assert (
        signed_in(made.admin).post(url, {"subject": "About {rfp}", "body": "Hello {company}"}).status_code
        == 302
    )


def test_placeholders_have_types() -> None:
    for outcome in Outcome:
        words = wording.DEFAULTS[outcome.value]
        assert not wording.problems_in(words.subject) and not wording.problems_in(words.body)
    assert wording.filled("{received}", {"received": 1}, zone="America/New_York") == "1 proposal"
    with pytest.raises(TypeError):
        wording.filled("{received}", {"received": "many"}, zone="America/New_York")
    assert (
        wording.filled("{company}", {"company": "A\nBcc: b {rfp}"}, zone="America/New_York")
        == "A Bcc: b {rfp}"
    )


# ---- standstill and what comes after ------------------------------------------------------------------------------


def test_the_database_keeps_a_release_and_its_letters() -> None:
    made = decided()
    sent = release(made)
    for change in (
        lambda: Letter.objects.filter(pk=sent[0].pk).update(body="Other"),
        lambda: Release.objects.update(standstill_until=make.NOW),
        lambda: Release.objects.all().delete(),
        lambda: Release.objects.create(
            window=made.window,
            lot=lot(made),
            digest="",
            proposed_by=made.admin,
            proposed_at=make.NOW,
            confirmed_by=made.chair.user,
            confirmed_at=make.NOW,
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
