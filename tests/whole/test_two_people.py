"""Two people are two people: every act that takes two, held against one person with two mailboxes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts import actions, pairs, reset_actions
from portal.kit import refused as kit_refused
from portal.kit import refused as portal_refused
from portal.kit.compliance import Envelope, Outcome
from portal.kit.refused import Refused
from portal.models import AuditEvent, Countersignature, Notice, Role, User
from rfp.models import Finding, Opening
from scoring.decisions import actions as decisions_actions
from scoring.decisions import opening_actions
from scoring.marking import removal_actions
from scoring.models import (
    AutomaticMark,
    ChairChange,
    Evaluator,
    Letter,
    MarkRemoval,
    PanelMark,
    Release,
)
from scoring.outcomes import actions as outcomes_actions
from scoring.panel import actions as panel_actions
from suppliers.models import Alert
from suppliers.screening import alert_actions
from tests import factories as make
from tests.portal.accounts.test_access import PASSWORD, reauthenticated
from tests.scoring.decisions.test_queue import missing_room, opened_room
from tests.scoring.outcomes.test_release import decided
from tests.scoring.panel.test_conflicts import late_conflict
from tests.scoring.rooms import knocked_out, room, signed_in

pytestmark = pytest.mark.django_db

LISTED = "Zyxtrovic Armaments Trust"
HOUR = timedelta(hours=1)
REASON = "Read and compared."


@dataclass(frozen=True, kw_only=True)
class Begun:
    """An act that `first` has begun: how `second` completes it, whether it is done, and the page it is on."""

    first: User
    second: User
    finish: Callable[[], Any]
    done: Callable[[], bool]
    page: str
    seat: Evaluator | None = None


def an_opening() -> Begun:
    made = room(opened=False)
    asked = {"envelope": Envelope.TECHNICAL, "lots": []}
    opening_actions.propose_openings(made.window, by=made.chair.user, **asked)
    return Begun(
        first=made.chair.user,
        second=made.admin,
        finish=lambda: opening_actions.confirm_openings(
            made.window, by=User.objects.get(pk=made.admin.pk), at=make.NOW, **asked
        ),
        done=lambda: Opening.objects.filter(confirmed_at__isnull=False).exists(),
        page=made.base + "openings/",
        seat=made.chair,
    )


def a_removal() -> Begun:
    made, proposal, _other = late_conflict()
    officer = make.make_user(Role.OFFICER)
    removal = removal_actions.propose_removal(
        proposal, made.others[0], reason=REASON, by=made.chair.user, at=make.NOW
    )
    return Begun(
        first=made.chair.user,
        second=officer,
        finish=lambda: removal_actions.confirm_removal(
            removal, by=User.objects.get(pk=officer.pk), at=make.NOW
        ),
        done=lambda: MarkRemoval.objects.filter(confirmed_at__isnull=False).exists(),
        page=f"/evaluate/proposals/{proposal.pk}/",
        seat=made.chair,
    )


def _alert(*before: tuple[str, int], finish: str, state: str) -> Begun:
    """`before`: what was said so far, and by which of the two officers (0 is the first)."""
    officers = [make.make_user(Role.OFFICER) for _ in range(2)]
    make.make_list(LISTED, "Somebody Else Foundry")
    alert = make.screen(make.make_supplier(legal_name=LISTED))[0]

    def say(decision: str, by: User) -> None:
        code = alert_actions.CODES[decision][-1]
        alert_actions.decide_alert(alert, decision=decision, code=code, reason=REASON, by=by, at=make.NOW)

    for decision, who in before:
        say(decision, officers[who])
    return Begun(
        first=officers[0],
        second=officers[1],
        finish=lambda: say(finish, User.objects.get(pk=officers[1].pk)),
        done=lambda: Alert.objects.get().state == state,
        page=reverse("suppliers:alert_detail", args=[alert.pk]),
    )


def a_strong_hit() -> Begun:
    return _alert(("false_positive", 0), finish="false_positive", state="false_positive")


def a_confirmed_match() -> Begun:
    return _alert(("true_match", 0), ("end", 0), finish="end", state="ended")


def an_escalated_alert() -> Begun:
    return _alert(("escalate", 0), finish="true_match", state="true_match")


def a_decided_knockout() -> Begun:
    solicitation = make.make_solicitation()
    made = opened_room(solicitation, [knocked_out(solicitation)])

    def decide(outcome: Outcome, by: User) -> None:
        found = Finding.objects.filter(rule="RQ-1", part="R1").select_related(
            "assessment__revision__proposal__window__solicitation"
        )
        decisions_actions.decide_findings(found, outcome=outcome, reason=REASON, by=by, at=make.NOW)

    decide(Outcome.NOT_MET, made.chair.user)
    return Begun(
        first=made.chair.user,
        second=made.admin,
        finish=lambda: decide(Outcome.MET, User.objects.get(pk=made.admin.pk)),
        done=lambda: Finding.objects.get(rule="RQ-1", part="R1").overrides.count() == 2,
        page=made.base + "decisions/?state=decided",
        seat=made.chair,
    )


def a_decided_input() -> Begun:
    made = missing_room()
    mark = AutomaticMark.objects.select_related("revision__proposal__window__solicitation").get(
        criterion__code="D"
    )

    def decide(by: User) -> None:
        decisions_actions.stand_in_for_input(
            [(mark.revision, mark.criterion)],
            kind=PanelMark.Kind.PANEL,
            value=make.Decimal(40),
            reason=REASON,
            by=by,
            at=make.NOW,
        )

    decide(made.chair.user)
    return Begun(
        first=made.chair.user,
        second=made.admin,
        finish=lambda: decide(User.objects.get(pk=made.admin.pk)),
        done=lambda: PanelMark.objects.count() == 2,
        page=made.base + "decisions/?state=decided",
        seat=made.chair,
    )


def another_chair() -> Begun:
    solicitation = make.make_solicitation()
    _chair, (other, _third) = make.make_panel(solicitation)
    second = make.make_user(Role.ADMIN)
    change = panel_actions.propose_chair(
        solicitation, user=other.user, reason=REASON, by=solicitation.created_by, at=make.NOW
    )
    return Begun(
        first=solicitation.created_by,
        second=second,
        finish=lambda: panel_actions.confirm_chair(change, by=User.objects.get(pk=second.pk), at=make.NOW),
        done=lambda: Evaluator.objects.get(is_chair=True).user_id == other.user_id,
        page=f"/evaluate/{solicitation.number}/",
    )


def a_release() -> Begun:
    made = decided()
    release = outcomes_actions.propose_release(
        made.proposals[0].window, made.proposals[0].lot, by=made.chair.user, at=make.NOW
    )
    return Begun(
        first=made.chair.user,
        second=made.admin,
        finish=lambda: outcomes_actions.confirm_release(
            release, by=User.objects.get(pk=made.admin.pk), at=make.NOW
        ),
        done=lambda: Letter.objects.exists(),
        page=made.base + "letters/?window=1&lot=L1",
        seat=made.chair,
    )


def a_factor_reset() -> Begun:
    lost, first, second = (make.make_user(role) for role in (Role.REVIEWER, Role.ADMIN, Role.OFFICER))
    lost.authenticator_set.create(type="totp", data={"secret": ""})
    reset = reset_actions.ask_factor_reset(lost, reason=REASON, by=first, at=make.NOW)
    return Begun(
        first=first,
        second=second,
        finish=lambda: reset_actions.confirm_factor_reset(
            reset, by=User.objects.get(pk=second.pk), at=make.NOW
        ),
        done=lambda: not lost.authenticator_set.exists(),
        page=reverse("portal:factor_reset_list"),
    )


# One line an act. What takes two people and is not here fails `test_every_act_that_takes_two_is_in_the_table`.
TABLE: dict[str, Callable[[], Begun]] = {
    "envelope.open": an_opening,
    "marks.remove": a_removal,
    "alert.clear": a_strong_hit,
    "alert.end": a_confirmed_match,
    "alert.escalated": an_escalated_alert,
    "finding.change": a_decided_knockout,
    "input.change": a_decided_input,
    "chair.change": another_chair,
    "decisions.release": a_release,
    "factor.reset": a_factor_reset,
}
REFUSALS = (kit_refused.Refused, portal_refused.Refused, Refused)

# Refusals that speak of a second person: in which function, and which act of the table it belongs to.
SPEAKS = re.compile(
    r"\b(second|another|different|other) (person|people|officer|admin)\b|\btwo (people|officers)\b|together",
    re.I,
)
SPEAKERS = {
    "rfp/compliance/actions.py override_finding": "finding.change",
    "scoring/decisions/actions.py _stand_in": "input.change",
    "scoring/decisions/opening_actions.py propose_openings": "envelope.open",
    "scoring/decisions/opening_actions.py _must_be_two_people": "envelope.open",
    "scoring/panel/actions.py seat_evaluator": "chair.change",
    "scoring/panel/actions.py unseat_evaluator": "chair.change",
    "scoring/panel/actions.py confirm_chair": "chair.change",
    "scoring/marking/removal_actions.py propose_removal": "marks.remove",
    "scoring/marking/removal_actions.py confirm_removal": "marks.remove",
    "scoring/marking/removal_actions.py _must_remove_marks": "marks.remove",
    "suppliers/screening/alert_actions.py _decided": "alert.clear",
    "suppliers/screening/alert_actions.py _of_confirmed": "alert.end",
    "scoring/outcomes/actions.py propose_release": "decisions.release",
    "portal/accounts/reset_actions.py ask_factor_reset": "factor.reset",
    # It is about two other people.
    "portal/accounts/reset_actions.py countersign": "",
}


def test_every_act_that_takes_two_is_in_the_table() -> None:
    assert set(TABLE) == set(pairs.ACTS)
    found = {model for model in apps.get_models() if _columns(model) >= {"proposed_by", "confirmed_by"}}
    assert found == {Opening, MarkRemoval, ChairChange, Release}
    spoken = {place for path in _modules() for place in _speakers(path)}
    assert spoken == set(SPEAKERS), "a refusal speaks of a second person: give the act a line in TABLE"
    assert {act for act in SPEAKERS.values() if act} <= set(TABLE)


def _columns(model: Any) -> set[str]:
    return {field.name for field in model._meta.get_fields()}


def _modules() -> list[Path]:
    """Where business verbs live: `actions.py`, `<what>_actions.py`, or a folder `actions`, in every app and wing."""
    root = Path(settings.BASE_DIR)
    found = (path for app in settings.ONSHORE_APPS for path in (root / app).rglob("*.py"))
    return [path for path in found if path.stem.endswith("actions") or path.parent.name == "actions"]


def _speakers(path: Path) -> set[str]:
    """Functions that refuse in words about a second person."""
    place = path.relative_to(settings.BASE_DIR)
    return {
        f"{place} {function.name}"
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for raised in ast.walk(function)
        if isinstance(raised, ast.Raise)
        for text in ast.walk(raised)
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and SPEAKS.search(text.value)
    }


# ---- each act of the table --------------------------------------------------------------------------------------


def invited(user: User, by: User | None, *, at: Any = make.SEATED) -> None:
    User.objects.filter(pk=user.pk).update(invited_by=by, seated_at=at)


def ago(hours: float) -> Any:
    return make.NOW - hours * HOUR


def refused(begun: Begun) -> str:
    """What the second person reads; nothing was done, and nothing is lost."""
    with pytest.raises(REFUSALS) as refusal:
        begun.finish()
    assert not begun.done()
    assert "Ask a compliance officer to countersign. It can’t be an officer either of you invited." in str(
        refusal.value
    )
    return str(refusal.value)


@pytest.mark.parametrize("act", TABLE)
def test_one_who_invited_the_other_is_no_second_person(act: str) -> None:
    begun = TABLE[act]()
    invited(begun.second, begun.first)
    assert f"{begun.second} was invited by {begun.first}." in refused(begun)
    invited(begun.second, None)
    invited(begun.first, begun.second)
    assert f"{begun.first} was invited by {begun.second}." in refused(begun)
    invited(begun.first, make.make_user(Role.ADMIN))
    begun.finish()
    assert begun.done()


@pytest.mark.parametrize("act", TABLE)
def test_who_is_new_since_yesterday_is_no_second_person_yet(act: str) -> None:
    begun = TABLE[act]()
    for person in (begun.first, begun.second):
        invited(person, None, at=ago(23.9))
        assert f"{person} got an account or a new role less than 24 hours ago." in refused(begun)
        invited(person, None, at=ago(24.1))
    begun.finish()
    assert begun.done()


@pytest.mark.parametrize("act", [act for act in TABLE if not act.startswith(("alert", "chair", "factor"))])
def test_a_new_seat_on_the_panel_counts_for_its_acts(act: str) -> None:
    begun = TABLE[act]()
    assert begun.seat is not None
    seat = Evaluator.objects.filter(pk=begun.seat.pk)
    seat.update(seated_at=ago(23.9))
    assert f"{begun.first} joined this panel or became its chair less than 24 hours ago." in refused(begun)
    seat.update(seated_at=ago(24.1))
    begun.finish()
    assert begun.done()


@pytest.mark.parametrize("act", TABLE)
def test_an_officer_countersigns_and_then_it_works(act: str) -> None:
    begun = TABLE[act]()
    invited(begun.second, begun.first)
    officer, auditor = make.make_user(Role.OFFICER), make.make_user(Role.AUDITOR)
    refused(begun)
    refused(begun)
    row = Countersignature.objects.get()
    assert (row.act, row.first, row.second) == (act, begun.first, begun.second)
    asked = AuditEvent.objects.get(verb="pair.asked")
    letters = Notice.objects.filter(key__startswith=f"countersign:{asked.seq}:")
    assert {officer, auditor} <= {each.to for each in letters}
    assert "Countersign" in letters.get(to=officer).body
    page = signed_in(officer).get(begun.page).content.decode()
    assert reverse("portal:countersign", args=[row.pk]) in page
    assert str(row.why) in page
    address = reverse("portal:countersign", args=[row.pk])
    assert "How do you know they’re two different people?" in signed_in(officer).get(address).content.decode()
    answer = signed_in(officer).post(address, {"reason": "I called both of them."})
    assert answer.url == reverse("portal:countersign_list")
    signed = AuditEvent.objects.get(verb="pair.countersigned")
    told = {each.to for each in Notice.objects.filter(key__startswith=f"countersigned:{signed.seq}:")}
    assert {begun.first, begun.second, auditor} <= told and officer not in told
    assert address not in signed_in(officer).get(begun.page).content.decode()
    begun.finish()
    assert begun.done()


# ---- who may countersign ----------------------------------------------------------------------------------------


def asked_for() -> tuple[Begun, Countersignature]:
    begun = an_opening()
    invited(begun.second, begun.first)
    refused(begun)
    return begun, Countersignature.objects.get()


def sign(row: Countersignature, officer: User) -> Countersignature:
    return reset_actions.countersign(
        row, reason="I called both.", by=User.objects.get(pk=officer.pk), at=make.NOW
    )


def test_an_officer_whom_one_of_the_two_invited_does_not_countersign() -> None:
    begun, row = asked_for()
    officer = make.make_user(Role.OFFICER)
    for host in (begun.first, begun.second):
        invited(officer, host)
        with pytest.raises(kit_refused.Refused, match=f"{host} invited you"):
            sign(row, officer)
        page = signed_in(officer).get(begun.page).content.decode()
        assert reverse("portal:countersign", args=[row.pk]) not in page and str(row.why) in page
        assert (
            "invited you"
            in signed_in(officer).get(reverse("portal:countersign", args=[row.pk])).content.decode()
        )
    refused(begun)
    # Whoever runs the server vouches for the officer, from the first minute.
    actions.name_officer(officer.email, name="", at=make.NOW)
    sign(row, officer)
    begun.finish()
    assert begun.done()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("new", "less than 24 hours ago"),
        ("host", "You invited"),
        ("admin", "Only a compliance officer"),
        ("off", "Only a compliance officer"),
    ],
)
def test_others_do_not_countersign_either(how: str, words: str) -> None:
    begun, row = asked_for()
    signer = make.make_user(Role.ADMIN if how == "admin" else Role.OFFICER, is_active=how != "off")
    if how == "new":
        invited(signer, make.make_user(Role.ADMIN), at=ago(1))
    if how == "host":
        invited(begun.first, signer)
    with pytest.raises(kit_refused.Refused, match=words):
        sign(row, signer)
    refused(begun)


def test_one_of_the_two_does_not_countersign() -> None:
    begun = a_strong_hit()
    invited(begun.second, begun.first)
    refused(begun)
    for person in (begun.first, begun.second):
        with pytest.raises(kit_refused.Refused, match="one of the two"):
            sign(Countersignature.objects.get(), person)


def test_a_countersignature_needs_a_reason_and_is_given_once_and_kept() -> None:
    begun, row = asked_for()
    officer = make.make_user(Role.OFFICER)
    client, address = signed_in(officer), reverse("portal:countersign", args=[row.pk])
    answer = client.post(address, {"reason": " "})
    assert set(answer.context["form"].errors) == {"reason"}
    with pytest.raises(kit_refused.Refused, match="Explain how you know"):
        reset_actions.countersign(row, reason=" ", by=officer, at=make.NOW)
    sign(row, officer)
    again = client.post(address, {"reason": "Once more."})
    assert "already been countersigned" in again.content.decode() and "Once more." in again.content.decode()
    for change in (
        lambda: Countersignature.objects.update(reason="x"),
        Countersignature.objects.all().delete,
    ):
        with pytest.raises(Error), transaction.atomic():
            change()
    assert begun.first in User.objects.filter(pk=begun.first.pk)


def test_a_countersignature_is_for_these_two_and_this_act() -> None:
    begun, row = asked_for()
    sign(row, make.make_user(Role.OFFICER))
    other = room(opened=False)
    asked = {"envelope": Envelope.TECHNICAL, "lots": []}
    opening_actions.propose_openings(other.window, by=other.chair.user, **asked)
    invited(other.admin, other.chair.user)
    with pytest.raises(portal_refused.Refused, match="countersign"):
        opening_actions.confirm_openings(
            other.window, by=User.objects.get(pk=other.admin.pk), at=make.NOW, **asked
        )
    third = make.make_user(Role.ADMIN)
    invited(third, begun.first)
    window = Opening.objects.filter(proposed_by=begun.first).first().window  # type: ignore[union-attr]
    with pytest.raises(portal_refused.Refused, match="countersign"):
        opening_actions.confirm_openings(window, by=User.objects.get(pk=third.pk), at=make.NOW, **asked)
    assert Countersignature.objects.filter(officer=None).count() == 2


def test_what_another_pair_completes_needs_no_countersignature_any_more() -> None:
    begun, row = asked_for()
    window = Opening.objects.first().window  # type: ignore[union-attr]
    opening_actions.confirm_openings(
        window, envelope=Envelope.TECHNICAL, lots=[], by=make.make_user(Role.ADMIN), at=make.NOW
    )
    officer = make.make_user(Role.OFFICER)
    with pytest.raises(kit_refused.Refused, match="This is done"):
        sign(row, officer)
    page = signed_in(officer).get(reverse("portal:countersign_list")).content.decode()
    assert "No longer needed" in page and reverse("portal:countersign", args=[row.pk]) not in page
    assert begun.done()


def test_where_no_officer_can_countersign_the_refusal_says_who_helps() -> None:
    begun = an_opening()
    invited(begun.second, begun.first)
    assert "Your operator can name a compliance officer on the server" in refused(begun)


def test_reviewers_read_nothing_of_it() -> None:
    begun, row = asked_for()
    assert begun.seat is not None
    other = begun.seat.solicitation.evaluators.filter(is_chair=False).select_related("user").first()
    assert other is not None
    assert row.why not in signed_in(other.user).get(begun.page).content.decode()
    assert row.why in signed_in(begun.second).get(begun.page).content.decode()
    assert signed_in(other.user).get(reverse("portal:countersign_list")).status_code == 404


def test_the_list_asks_the_same_for_one_row_and_for_three(django_assert_num_queries: Any) -> None:
    officer = make.make_user(Role.OFFICER)
    client = signed_in(officer)

    def row(number: int) -> None:
        Countersignature.objects.create(
            act="envelope.open",
            about=f"window {number}",
            subjects=[f"rfp.opening:{number}"],
            digest=str(number),
            first=make.make_user(Role.ADMIN),
            second=make.make_user(Role.REVIEWER),
            why="A trial.",
            asked_at=make.NOW,
        )

    row(1)
    client.get(reverse("portal:countersign_list"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("portal:countersign_list"))
    row(2), row(3)
    with django_assert_num_queries(len(one)):
        page = client.get(reverse("portal:countersign_list")).content.decode()
    assert page.count("Waiting for an officer") == 3


# ---- who brought whom in, and since when ------------------------------------------------------------------------


def test_accounts_know_who_invited_them_and_since_when_they_have_their_role() -> None:
    admin = make.make_user(Role.ADMIN)
    user = actions.invite_staff(
        User(name="New", email="new@buyer.example", role=Role.REVIEWER), login_url="x", by=admin, at=ago(60)
    )
    assert (user.invited_by, user.seated_at) == (admin, ago(60))
    change: dict[str, Any] = {"reason": "x", "by": admin}
    user = actions.change_account(user, name="Newer", role=Role.REVIEWER, at=ago(50), **change)
    assert user.seated_at == ago(60)
    user = actions.change_account(user, name="Newer", role=Role.OFFICER, at=ago(40), **change)
    assert user.seated_at == ago(40)
    actions.set_active(user, active=False, by=admin, at=ago(30))
    assert user.seated_at == ago(40)
    actions.set_active(user, active=True, by=admin, at=ago(20))
    assert User.objects.get(pk=user.pk).seated_at == ago(20)


def test_an_officer_is_named_on_the_server() -> None:
    overseer = make.make_user(Role.AUDITOR)
    call_command("name_officer", "Ruth@buyer.example", "--name", "Ruth Okafor")
    officer = User.objects.get(email="ruth@buyer.example")
    assert (officer.role, officer.name, officer.invited_by) == (Role.OFFICER, "Ruth Okafor", None)
    event = AuditEvent.objects.latest("seq")
    assert (event.verb, event.actor) == ("account.invited", "system")
    letters = Notice.objects.filter(key__startswith=f"account:{event.seq}:")
    assert [each.to for each in letters] == [overseer]
    assert "server’s command line added Ruth Okafor" in letters.get().body
    reviewer = make.make_user(Role.REVIEWER, invited_by=overseer)
    call_command("name_officer", reviewer.email)
    reviewer.refresh_from_db()
    assert (reviewer.role, reviewer.invited_by) == (Role.OFFICER, None)
    event = AuditEvent.objects.latest("seq")
    assert (event.verb, event.facts["before"]) == ("account.named", "reviewer")
    told = {each.to for each in Notice.objects.filter(key__startswith=f"account:{event.seq}:")}
    assert told == {reviewer, overseer, officer}
    for email, words in (
        (make.make_user().email, "separate accounts"),
        ("nobody", "not an email address"),
        ("fresh@buyer.example", "name"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("name_officer", email)


# ---- the chair, and who hears of it -----------------------------------------------------------------------------


def told(verb: str, key: str) -> set[User]:
    event = AuditEvent.objects.filter(verb=verb).latest("seq")
    return {each.to for each in Notice.objects.filter(key__startswith=f"{key}:{event.seq}:") if each.to}


def test_two_people_change_the_chair_of_a_published_rfp_and_everyone_hears() -> None:
    solicitation = make.make_solicitation()
    chair, (other, third) = make.make_panel(solicitation)
    admin, second = solicitation.created_by, make.make_user(Role.ADMIN)
    officer, auditor = make.make_user(Role.OFFICER), make.make_user(Role.AUDITOR)
    panel = {chair.user, other.user, third.user}
    refusal = pytest.raises(portal_refused.Refused, match="changing its chair takes two people")
    with refusal:
        panel_actions.seat_evaluator(solicitation, user=chair.user, is_chair=False, by=admin, at=make.NOW)
    with refusal:
        panel_actions.unseat_evaluator(chair, by=admin, at=make.NOW)
    client, address = signed_in(admin), reverse("scoring:panel", args=[solicitation.pk])
    client.post(reverse("scoring:panel_chair", args=[solicitation.pk, chair.pk]))
    assert Evaluator.objects.get(is_chair=True) == chair
    ask = reverse("scoring:chair_change", args=[solicitation.pk])
    empty = client.post(ask, {"chair-user": other.user_id, "chair-reason": " "})
    assert set(empty.context["chair_form"].errors) == {"reason"}
    assert client.post(ask, {"chair-user": other.user_id, "chair-reason": "On leave."}).url == address
    change = ChairChange.objects.get()
    assert told("panel.chair_asked", "panel") == panel | {second, officer, auditor}
    page = client.get(address).content.decode()
    assert "On leave." in page and "Confirm the new chair" not in page
    confirm = reverse("scoring:chair_confirm", args=[solicitation.number, change.pk])
    client.post(confirm)
    assert Evaluator.objects.get(is_chair=True) == chair
    assert signed_in(other.user).post(confirm).status_code == 404
    overview = signed_in(officer).get(reverse("scoring:overview", args=[solicitation.number]))
    assert "Confirm the new chair" in overview.content.decode()
    signed_in(officer).post(confirm)
    assert Evaluator.objects.get(is_chair=True).user == other.user
    assert solicitation.evaluators.filter(user=chair.user, is_chair=False).exists()
    assert told("panel.chair_changed", "panel") == panel | {admin, second, auditor}
    # The new chair is new as the chair.
    assert pairs.objection(
        other.user,
        admin,
        at=make.NOW + HOUR,
        seats={other.user_id: Evaluator.objects.get(is_chair=True).seated_at},
    )
    with pytest.raises(Error), transaction.atomic():
        ChairChange.objects.update(reason="x")


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.SUPPLIER])
def test_only_admins_ask_and_admins_and_officers_confirm(role: Role) -> None:
    solicitation = make.make_solicitation()
    _chair, (other, _third) = make.make_panel(solicitation)
    somebody = make.make_user(role)
    asked: dict[str, Any] = {"user": other.user, "reason": "x", "at": make.NOW}
    with pytest.raises(portal_refused.Refused, match="Only an admin can propose"):
        panel_actions.propose_chair(solicitation, by=somebody, **asked)
    first = panel_actions.propose_chair(solicitation, by=solicitation.created_by, **asked)
    with pytest.raises(portal_refused.Refused, match="Another admin or a compliance officer"):
        panel_actions.confirm_chair(first, by=somebody, at=make.NOW)
    with pytest.raises(portal_refused.Refused, match="A second person"):
        panel_actions.confirm_chair(first, by=solicitation.created_by, at=make.NOW)
    second = panel_actions.propose_chair(
        solicitation, by=solicitation.created_by, **(asked | {"user": make.make_user(Role.REVIEWER)})
    )
    admin = make.make_user(Role.ADMIN)
    with pytest.raises(portal_refused.Refused, match="Review it again"):
        panel_actions.confirm_chair(first, by=admin, at=make.NOW)
    seat = panel_actions.confirm_chair(second, by=admin, at=make.NOW)
    assert seat.is_chair and solicitation.evaluators.count() == 4


def test_a_panel_hears_of_roles_and_addresses_of_its_members() -> None:
    solicitation = make.make_solicitation()
    chair, (member, _third) = make.make_panel(solicitation)
    stranger = make.make_user(Role.REVIEWER)
    officer = make.make_user(Role.OFFICER)
    others = set(User.objects.filter(evaluators__solicitation=solicitation)) - {member.user}
    actions.change_account(
        member.user,
        name=member.user.name,
        role=Role.AUDITOR,
        reason="x",
        by=solicitation.created_by,
        at=make.NOW,
    )
    heard = told("account.role_changed", "account")
    assert others | {officer, member.user} <= heard and stranger not in heard
    user, old = chair.user, chair.user.email
    make.with_password(user, PASSWORD)
    user.emailaddress_set.create(email="elsewhere@buyer.example", verified=True, primary=False)
    sent = {"email": "elsewhere@buyer.example", "action_primary": ""}
    reauthenticated(user).post(reverse("account_email"), sent)
    event = AuditEvent.objects.get(verb="account.address_changed")
    assert event.facts == {}
    heard = told("account.address_changed", "account")
    assert {officer, member.user, solicitation.created_by} <= heard and user not in heard
    letter = Notice.objects.filter(key__startswith=f"account:{event.seq}:").first()
    assert letter is not None and old in letter.body and "elsewhere@buyer.example" in letter.body
    actions.address_changed(make.make_user(), was="x", at=make.NOW)
    assert AuditEvent.objects.filter(verb="account.address_changed").count() == 1
