"""Letters set to go out later: at their time, once, as two people read them; stopped until then; nothing before."""

from __future__ import annotations

import html
import re
import threading
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from portal.kit import clock
from portal.kit.refused import Refused
from portal.letters.kinds import kind_of
from portal.models import AuditEvent, Notice, Role, User
from scoring import schedule
from scoring.decisions import queries as decisions_queries
from scoring.home import queries as home
from scoring.models import Decision, Letter, Release
from scoring.outcomes import actions, scheduled_actions
from scoring.ranking.actions import count_ranking_request
from scoring.reports import verification
from tests import factories as make
from tests.scoring.decisions.test_verdicts import V, decide
from tests.scoring.outcomes.test_release import decided, explain, lot, seen_by_suppliers, window
from tests.scoring.rooms import Room, signed_in

pytestmark = pytest.mark.django_db

SOON = make.NOW + timedelta(hours=3)
LATER = SOON + timedelta(minutes=1)


def begin(made: Room, *, goes_at: datetime = SOON, at: datetime = make.NOW) -> Release:
    return actions.propose_release(window(made), lot(made), by=made.chair.user, at=at, goes_at=goes_at)


def scheduled(made: Room) -> Release:
    row = begin(made)
    assert actions.confirm_release(row, by=made.admin, at=make.NOW) == []
    row.refresh_from_db()
    return row


def test_letters_go_out_at_their_time_and_once() -> None:
    made = decided()
    row = scheduled(made)
    assert (row.agreed_by, row.confirmed_at) == (made.admin, None)
    assert scheduled_actions.send_due(SOON - timedelta(seconds=1)) == 0 and not Letter.objects.exists()
    assert scheduled_actions.send_due(SOON) == 3
    row.refresh_from_db()
    assert (row.confirmed_by, row.confirmed_at) == (made.admin, SOON)
    assert scheduled_actions.send_due(LATER) == 0
    assert Letter.objects.count() == 3 and Notice.objects.filter(key__startswith="outcome:").count() == 3
    event = AuditEvent.objects.get(verb="release.confirmed")
    assert (event.facts["letters"], event.facts["goes_at"]) == (3, SOON.isoformat())
    made.rank()
    assert list(verification.differences()) == []


def test_a_worker_that_was_dead_sends_late_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = decided()
    row = scheduled(made)
    monkeypatch.setattr(clock, "wall_time", lambda: SOON + timedelta(days=2))
    for _round in range(3):
        schedule.send_scheduled_letters()
    row.refresh_from_db()
    assert row.confirmed_at == SOON + timedelta(days=2)
    assert row.standstill_until is not None and row.standstill_until > row.confirmed_at
    assert Letter.objects.count() == 3


def test_suppliers_learn_nothing_before(monkeypatch: pytest.MonkeyPatch) -> None:
    made = decided()
    monkeypatch.setattr(clock, "wall_time", lambda: make.NOW)
    monkeypatch.setattr("django.utils.timezone.now", lambda: make.NOW)
    before = seen_by_suppliers(made)
    scheduled(made)
    scheduled_actions.send_due(SOON - timedelta(seconds=1))
    assert seen_by_suppliers(made) == before
    scheduled_actions.send_due(SOON)
    assert seen_by_suppliers(made) != before


@pytest.mark.parametrize("who", ["chair", "admin"])
def test_either_side_can_stop_it_until_then(who: str) -> None:
    made = decided()
    row = scheduled(made)
    actions.drop_release(row, by=made.chair.user if who == "chair" else made.admin, at=make.NOW)
    assert scheduled_actions.send_due(LATER) == 0 and not Letter.objects.exists()
    assert actions.confirm_release(begin(made, goes_at=LATER), by=made.admin, at=make.NOW) == []
    assert scheduled_actions.send_due(LATER) == 3
    with pytest.raises(Refused, match="The letters went out"):
        actions.drop_release(Release.objects.latest("id"), by=made.admin, at=LATER)


def test_what_one_person_began_never_goes_out_by_itself() -> None:
    made = decided()
    begin(made)
    assert scheduled_actions.send_due(LATER) == 0 and not Letter.objects.exists()


def test_it_takes_the_second_person_once() -> None:
    made = decided()
    row = begin(made)
    with pytest.raises(Refused, match="Two people release"):
        actions.confirm_release(row, by=made.chair.user, at=make.NOW)
    actions.confirm_release(row, by=made.admin, at=make.NOW)
    with pytest.raises(Refused, match="already confirmed"):
        actions.confirm_release(row, by=make.make_user(Role.OFFICER), at=make.NOW)


@pytest.mark.parametrize(
    ("goes_at", "words"),
    [
        (make.NOW, "in the future"),
        (make.NOW - timedelta(days=1), "in the future"),
        (make.NOW + timedelta(days=91), "next 90 days"),
    ],
)
def test_only_a_moment_ahead_can_be_set(goes_at: datetime, words: str) -> None:
    made = decided()
    with pytest.raises(Refused, match=words):
        begin(made, goes_at=goes_at)


def test_a_moment_that_passed_before_the_second_person_sends_nothing() -> None:
    made = decided()
    row = begin(made)
    with pytest.raises(Refused, match="has passed"):
        actions.confirm_release(row, by=made.admin, at=SOON)
    assert scheduled_actions.send_due(LATER) == 0


def test_what_changed_since_keeps_the_letters_back_and_both_hear_why() -> None:
    made = decided()
    row = scheduled(made)
    explain(made, 0, "Other words.")
    assert scheduled_actions.send_due(SOON) == 0 and not Letter.objects.exists()
    row.refresh_from_db()
    assert row.dropped_at == SOON and row.held_back == scheduled_actions.CHANGED
    letters = Notice.objects.filter(key__startswith="release-held:")
    assert {each.to_id for each in letters} == {made.chair.user.pk, made.admin.pk}
    assert all(scheduled_actions.CHANGED in each.body for each in letters)
    assert kind_of("release-held:1").name == "work"
    scheduled_actions.send_due(LATER)
    assert letters.count() == 2
    assert "did not go out" in page(made, made.chair.user)


def test_an_undecided_proposal_keeps_them_back() -> None:
    made = decided()
    scheduled(made)
    decide(made, V.UNDECIDED, 2)
    assert scheduled_actions.send_due(SOON) == 0
    assert "without a decision" in Release.objects.get().held_back
    assert decisions_queries.latest_decisions([made.proposals[2].pk])[made.proposals[2].pk].verdict == (
        Decision.Verdict.UNDECIDED
    )


def test_a_ranking_that_is_behind_makes_them_wait() -> None:
    made = decided()
    row = scheduled(made)
    count_ranking_request(made.window)
    assert scheduled_actions.send_due(SOON) == 0
    row.refresh_from_db()
    assert row.dropped_at is None
    made.rank()
    assert scheduled_actions.send_due(LATER) == 3


def test_one_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = decided()
    scheduled(made)
    with monkeypatch.context() as broken:
        broken.setattr(actions, "_send", lambda *_args, **_more: 1 / 0)
        assert scheduled_actions.send_due(SOON) == 0
    assert not Letter.objects.exists() and Release.objects.get().confirmed_at is None
    assert scheduled_actions.send_due(LATER) == 3


def test_the_database_keeps_what_two_people_agreed_to() -> None:
    made = decided()
    row = begin(made)
    other = make.make_user(Role.ADMIN)
    for change in (
        {"agreed_by": made.chair.user, "agreed_at": make.NOW},
        {"goes_at": LATER},
        {"confirmed_by": made.admin, "confirmed_at": SOON},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Release.objects.filter(pk=row.pk).update(**change)
    actions.confirm_release(row, by=made.admin, at=make.NOW)
    for change in (
        {"agreed_by": other},
        {"agreed_by": None, "agreed_at": None},
        {"confirmed_by": made.admin, "confirmed_at": SOON - timedelta(seconds=1)},
        {"confirmed_by": other, "confirmed_at": LATER},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Release.objects.filter(pk=row.pk).update(**change)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_once() -> None:
    made = decided()
    scheduled(made)
    ready = threading.Barrier(2)
    sent: list[int] = []

    def work() -> None:
        ready.wait()
        sent.append(scheduled_actions.send_due(SOON))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert sorted(sent) == [0, 3] and Letter.objects.count() == 3


# ---- on the page ------------------------------------------------------------------------------------------------


def page(made: Room, user: User) -> str:
    url = reverse("scoring:letter_list", args=[made.solicitation.number])
    return words(signed_in(user).get(f"{url}?window=1&lot=L1").content)


def words(content: bytes) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(content.decode())).split())


def local(made: Room, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(made.solicitation.time_zone)).strftime("%Y-%m-%dT%H:%M")


def send_start(made: Room, typed: str) -> Any:
    url = reverse("scoring:release_start", args=[made.solicitation.number, 1, "L1"])
    return signed_in(made.chair.user).post(url, {"goes_at": typed}, follow=True)


def test_the_page_takes_a_time_of_the_rfp_and_says_whose_it_is() -> None:
    made = decided()
    assert "Date and time in the RFP’s zone, ET" in page(made, made.chair.user)
    moment = (clock.wall_time() + timedelta(days=3)).replace(second=0, microsecond=0)
    send_start(made, local(made, moment))
    row = Release.objects.get()
    assert row.goes_at == moment
    shown = page(made, made.admin)
    assert "Set to go out" in shown and "Agree to this time" in shown and "ET (time of the RFP)" in shown
    assert [each.pk for each in home.releases_begun(made.admin)] == [row.pk]
    confirm = reverse("scoring:release_confirm", args=[made.solicitation.number, row.pk])
    said = words(signed_in(made.admin).post(confirm, follow=True).content)
    assert "Letters of lot L1 go out" in said and "Stop: send nothing" in said and "Scheduled" in said
    assert home.releases_begun(made.admin) == [] and not Letter.objects.exists()
    drop = reverse("scoring:release_drop", args=[made.solicitation.number, row.pk])
    signed_in(made.chair.user).post(drop)
    assert "Start the release" in page(made, made.chair.user)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("2020-01-01T10:00", "Choose a time in the future"),
        ("soon", "enter a date and a time"),
        ("2199-01-01T10:00", "within the next 90 days"),
        ("2027-03-14T02:30", "skipped or repeated when the clocks change"),
    ],
)
def test_a_wrong_time_is_said_beside_its_field_and_kept(typed: str, why: str) -> None:
    made = decided()
    shown = send_start(made, typed).content
    assert why in words(shown) and f'value="{typed}"' in shown.decode()
    assert not Release.objects.exists()


def test_without_a_time_letters_go_out_at_once() -> None:
    made = decided()
    send_start(made, "")
    row = Release.objects.get()
    assert row.goes_at is None
    assert len(actions.confirm_release(row, by=made.admin, at=make.NOW)) == 3
