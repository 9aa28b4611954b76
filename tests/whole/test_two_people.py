"""Two people are two people: every act that takes two, held against one person with two mailboxes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse

from portal.accounts import pairs, reset_actions
from portal.kit.compliance import Outcome
from portal.models import AuditEvent, Countersignature, Notice, Role, User
from rfp.amending import actions as amending_actions
from rfp.models import Addendum, Finding, Opening
from scoring.decisions import actions as decisions_actions
from scoring.drawing import actions as drawing_actions
from scoring.marking import removal_actions
from scoring.models import (
    AutomaticMark,
    AwardEnd,
    ChairChange,
    Decision,
    Draw,
    Evaluator,
    Letter,
    MarkRemoval,
    PanelMark,
    Release,
)
from scoring.outcomes import actions as outcomes_actions
from scoring.outcomes import award_actions
from scoring.panel import actions as panel_actions
from tests import factories as make
from tests.rfp.amending import made as made_addenda
from tests.scoring.decisions.queue_acts import missing_room, opened_room
from tests.scoring.drawing.made import equals, ties_url
from tests.scoring.drawing.made import start as start_draw
from tests.scoring.outcomes.test_awards import awarded, begin_end
from tests.scoring.outcomes.test_release import decided
from tests.scoring.panel.test_conflicts import late_conflict
from tests.scoring.rooms import knocked_out, signed_in
from tests.whole.pairs_of_acts import (
    REASON,
    Begun,
    _alert,
    a_strong_hit,
    ago,
    an_opening,
    invited,
    refused,
)

pytestmark = pytest.mark.django_db


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


def a_draw() -> Begun:
    made = equals()
    start = start_draw(made)
    return Begun(
        first=made.chair.user,
        second=made.admin,
        finish=lambda: drawing_actions.complete_draw(
            start, by=User.objects.get(pk=made.admin.pk), at=make.NOW
        ),
        done=lambda: Draw.objects.exists(),
        page=ties_url(made),
        seat=made.chair,
    )


def the_end_of_an_award() -> Begun:
    made, letter = awarded()
    end = begin_end(letter, made)
    return Begun(
        first=made.chair.user,
        second=made.admin,
        finish=lambda: award_actions.confirm_end(end, by=User.objects.get(pk=made.admin.pk), at=make.NOW),
        done=lambda: Decision.objects.filter(verdict=Decision.Verdict.WITHDREW).exists(),
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


def an_addendum() -> Begun:
    solicitation = make.make_solicitation()
    first, second = made_addenda.admins()
    row = made_addenda.draft_addendum(solicitation, made_addenda.heavier(solicitation), by=first)
    amending_actions.propose_addendum(row, by=first, at=make.NOW)
    return Begun(
        first=first,
        second=second,
        finish=lambda: amending_actions.publish_addendum(row, by=User.objects.get(pk=second.pk), at=make.NOW),
        done=lambda: Addendum.objects.filter(published_at__isnull=False).exists(),
        page=reverse("rfp:addendum", args=[solicitation.pk, row.number]),
    )


# One line an act. What takes two people and is not here fails `test_every_act_that_takes_two_is_in_the_table`.
TABLE: dict[str, Callable[[], Begun]] = {
    "addendum.publish": an_addendum,
    "envelope.open": an_opening,
    "marks.remove": a_removal,
    "alert.clear": a_strong_hit,
    "alert.end": a_confirmed_match,
    "alert.escalated": an_escalated_alert,
    "finding.change": a_decided_knockout,
    "input.change": a_decided_input,
    "chair.change": another_chair,
    "decisions.release": a_release,
    "award.end": the_end_of_an_award,
    "tie.draw": a_draw,
    "factor.reset": a_factor_reset,
}


# Refusals that speak of a second person: in which function, and which act of the table it belongs to.
SPEAKS = re.compile(
    r"\b(second|another|different|other) (person|people|officer|admin)\b|\btwo (people|officers)\b|together",
    re.I,
)


SPEAKERS = {
    "rfp/amending/actions.py _may_publish": "addendum.publish",
    "rfp/amending/actions.py _draft": "addendum.publish",
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
    "scoring/outcomes/award_actions.py propose_end": "award.end",
    "portal/accounts/reset_actions.py ask_factor_reset": "factor.reset",
    # It is about two other people.
    "portal/accounts/reset_actions.py countersign": "",
}


def test_every_act_that_takes_two_is_in_the_table() -> None:
    assert set(TABLE) == set(pairs.ACTS)
    found = {model for model in apps.get_models() if _columns(model) >= {"proposed_by", "confirmed_by"}}
    assert found == {Opening, MarkRemoval, ChairChange, Release, AwardEnd}
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


# Not those of officers and admins, who need no seat; a seat even bars from an addendum.
SEATED = [act for act in TABLE if not act.startswith(("addendum", "alert", "chair", "factor"))]


@pytest.mark.parametrize("act", SEATED)
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
