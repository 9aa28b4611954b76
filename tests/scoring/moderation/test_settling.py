"""An agreed mark counts beside the marks; a criterion that is opened again is marked again, and nothing is lost."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.kit.refused import Refused
from portal.models import Notice
from scoring.calculation.file.command import main
from scoring.decisions import lots
from scoring.marking import actions as marking_actions
from scoring.models import Consensus, Mark, MarkVersion, Score
from scoring.moderation import actions
from scoring.panel import actions as panel_actions
from scoring.panel.views.room import enter
from scoring.ranking import queries as ranking_queries
from scoring.reports import files
from tests import factories as make
from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db
LATER = make.NOW + timedelta(hours=1)
REASON = "We read the test report together."


def criterion(made, code="T"):
    return made.solicitation.criteria.get(code=code)


def revision(made, at=0):
    return ranking_queries.revision_to_score(made.proposals[at].current_revision_id)


def mark(made, seat, anchor, at=0, *, comment="", when=make.NOW):
    return marking_actions.record_marks(
        revision(made, at), [(criterion(made), anchor, comment)], evaluator=seat, by=seat.user, at=when
    )


def agree(made, anchor, *, by=None, reason=REASON, code="T", at=0):
    return actions.agree(
        revision(made, at),
        criterion(made, code),
        anchor,
        reason=reason,
        by=by or made.chair.user,
        at=make.NOW,
    )


def reopen(made, seat, *, by=None, reason=REASON, at=make.NOW):
    return actions.reopen(
        revision(made), criterion(made), seat, reason=reason, by=by or made.chair.user, at=at
    )


def apart(count=1):
    """A room whose two reviewers are three anchors apart on every proposal."""
    made = room(count)
    for at in range(count):
        mark(made, made.chair, 5, at)
        mark(made, made.others[0], 2, at)
    return made


def line(made):
    score = Score.objects.get(revision=made.proposals[0].current_revision_id)
    return next(each for each in score.trace["lines"] if each["criterion"] == "T"), score


def test_an_agreed_mark_replaces_the_mean_and_the_marks_stay():
    made = apart()
    before, score = line(made)
    assert Decimal(before["mark"]) == 70 and "agreed" not in before
    agree(made, 3)
    after, changed = line(made)
    assert (Decimal(after["mark"]), after["agreed"]) == (60, 3)
    assert after["marks"] == before["marks"]
    assert changed.technical < score.technical
    assert sorted(Mark.objects.values_list("anchor", flat=True)) == [2, 5]
    agree(made, None, reason="The report was withdrawn.")
    assert Decimal(line(made)[0]["mark"]) == 70
    assert Consensus.objects.count() == 2


def test_the_evaluation_file_carries_the_agreement_and_recomputes(tmp_path):
    made = apart(2)
    agree(made, 3)
    made.rank()
    content = files.whole(made.window, [made.proposals[0].lot], price_open=False).content
    (found,) = json.loads(content)["sets"]
    assert found["consensus"] == [
        {"proposal": made.proposals[0].number, "criterion": "T", "mark": "3", "reason": REASON}
    ]
    path = tmp_path / "evaluation.json"
    path.write_bytes(content)
    assert main([str(path)]) == 0
    path.write_bytes(content.replace(b'"mark": "3"', b'"mark": "4"').replace(b'"mark":"3"', b'"mark":"4"'))
    assert main([str(path)]) == 1


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("reason", "Enter a reason"),
        ("reviewer", "Only the chair settles marks"),
        ("scale", "9 is not on the scale of T"),
        ("automatic", "D is automatic"),
        ("missing", "Still to mark T"),
        ("abstained", "No one has marked T"),
        ("none", "There is no agreement to take back"),
        ("conflict", "You can’t settle marks on this proposal"),
        ("priced", "Prices are open. Technical marks are final"),
    ],
)
def test_an_agreement_that_cannot_be_is_refused(what, words):
    made = room()
    if what != "missing":
        for seat in made.seats:
            mark(made, seat, None if what == "abstained" else 4)
    if what == "conflict":
        panel_actions.recuse(
            made.chair, supplier=made.proposals[0].supplier, reason="Kin.", by=made.chair.user, at=make.NOW
        )
    if what == "priced":
        made.open_prices()
    with pytest.raises(Refused, match=words):
        agree(
            made,
            {"scale": 9, "none": None}.get(what, 3),
            by=made.others[0].user if what == "reviewer" else None,
            reason="" if what == "reason" else REASON,
            code="D" if what == "automatic" else "T",
        )
    assert not Consensus.objects.exists()


def test_after_an_agreement_marks_stay_until_the_chair_opens_them():
    made = apart()
    agree(made, 3)
    seat = made.others[0]
    with pytest.raises(Refused, match="The panel agreed on T"):
        mark(made, seat, 3)
    page = signed_in(seat.user).get(f"/evaluate/proposals/{made.proposals[0].pk}/mark/").content.decode()
    assert "Agreed: 3" in page and "Yours: 2" in page
    reopen(made, seat)
    mark(made, seat, 3, comment="Read again.", when=LATER)
    assert Mark.objects.get(evaluator=seat).anchor == 3
    old = MarkVersion.objects.get()
    assert (old.anchor, old.evaluator) == (2, seat)
    with pytest.raises(Refused, match="The panel agreed on T"):
        mark(made, seat, 4, when=LATER)


def test_a_criterion_that_is_opened_again_waits_and_its_reviewer_is_told():
    made = apart()
    seat = made.others[0]
    assert lots.lots_before_prices(made.window)[0].short == 0
    reopen(made, seat)
    state = lots.lots_before_prices(made.window)[0]
    assert (state.short, dict(state.left)) == (1, {seat.pk: 1})
    letter = Notice.objects.get(to=seat.user, key__startswith="reopened:")
    assert REASON in letter.body
    page = signed_in(seat.user).get(made.base + "scoring/").content.decode()
    assert made.proposals[0].number in page
    desk = signed_in(seat.user).get(f"/evaluate/proposals/{made.proposals[0].pk}/mark/").content.decode()
    assert "The chair asks you to mark this again" in desk
    with pytest.raises(Refused, match="already open"):
        reopen(made, seat)
    mark(made, seat, 2, comment="I stand by it.", when=LATER)
    assert lots.lots_before_prices(made.window)[0].short == 0


@pytest.mark.parametrize("what", ["reason", "reviewer", "unmarked"])
def test_a_reopening_that_cannot_be_is_refused(what):
    made = apart()
    if what == "unmarked":
        Mark.objects.filter(evaluator=made.others[0]).delete()
    by = made.others[0].user if what == "reviewer" else None
    with pytest.raises(Refused):
        reopen(made, made.others[0], by=by, reason="" if what == "reason" else REASON)


@pytest.mark.parametrize(
    ("anchor", "comment", "words"),
    [
        (1, "", "a mark worth less than 40% needs a comment"),
        (5, " ", "worth more than 80% needs"),
        (3, "", ""),
    ],
)
def test_a_comment_is_required_where_the_rfp_says_so(anchor, comment, words):
    made = room()
    type(made.solicitation).objects.update(comment_below=40, comment_above=80)
    client = signed_in(made.chair.user)
    pk = criterion(made).pk
    path = f"/evaluate/proposals/{made.proposals[0].pk}/mark/"
    assert "Needed for a mark worth less than 40% or more than 80%." in client.get(path).content.decode()
    answer = client.post(path, {f"anchor-{pk}": str(anchor), f"comment-{pk}": comment})
    if words:
        assert answer.content.decode().count(words) >= 2 and not Mark.objects.exists()
        with pytest.raises(Refused, match=words):
            mark(made, made.chair, anchor, comment=comment)
    else:
        assert answer.status_code == 302 and Mark.objects.count() == 1


def test_who_sees_the_others_marks_cannot_change_own_ones():
    made = room()
    type(made.solicitation).objects.update(marks_shown="own")
    mark(made, made.chair, 4)
    with pytest.raises(Refused, match="yours are final"):
        mark(made, made.chair, 5)


@pytest.mark.parametrize(("shown", "sees"), [("never", False), ("close", True), ("own", True)])
def test_an_rfp_chooses_whether_reviewers_ever_see_the_others(shown, sees):
    made = room()
    made.open_prices()
    type(made.solicitation).objects.update(marks_shown=shown)
    entered = enter(made.others[0].user, made.solicitation.number)
    assert entered.access[made.window.pk].sees_panel is sees
    assert enter(made.chair.user, made.solicitation.number).access[made.window.pk].sees_panel


def test_after_own_marks_the_desk_shows_the_others():
    made = apart()
    type(made.solicitation).objects.update(marks_shown="own")
    page = (
        signed_in(made.chair.user).get(f"/evaluate/proposals/{made.proposals[0].pk}/mark/").content.decode()
    )
    assert f"{made.others[0].user.name} 2" in page and "Yours: 5" in page
