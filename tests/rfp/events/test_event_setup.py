"""An admin sets up an event; once it is published, it changes by addenda alone."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import Notice, Role
from rfp.amending import actions as amending
from rfp.amending.changes import KIND
from rfp.models import Milestone
from rfp.publishing.forms.windows import event_objections
from tests import factories as make
from tests.rfp.amending import made as addenda
from tests.rfp.events import made
from tests.rfp.publishing.setup.setup_pages import errors_of
from tests.scoring.rooms import signed_in

pytestmark = pytest.mark.django_db

TYPED = {
    "title": "Site visit",
    "kind": "visit",
    "on": "2031-05-06",
    "at": "09:00",
    "ends": "12:00",
    "place": made.PLACE,
    "sign_up_until": "2031-05-04T17:00",
    "places": "20",
    "per_company": "2",
    "is_mandatory": "on",
}


def test_an_admin_sets_up_an_event() -> None:
    draft = make.make_solicitation(published=False)
    client = signed_in(draft.created_by)
    client.post(reverse("rfp:setup_milestone_new", args=[draft.pk]), TYPED)
    (row,) = draft.milestones.all()
    assert (row.at, row.ends, row.places, row.per_company, row.is_mandatory) == (
        time(9),
        time(12),
        20,
        2,
        True,
    )
    assert row.sign_up_until is not None
    assert row.sign_up_until.astimezone(draft.zone).strftime("%Y-%m-%d %H:%M") == "2031-05-04 17:00"
    again = client.get(reverse("rfp:setup_milestone", args=[draft.pk, row.pk])).content.decode()
    assert "2031-05-04T17:00" in again
    assert made.PLACE in client.get(reverse("rfp:setup_preview", args=[draft.pk])).content.decode()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "award"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"at": ""}, "at"),
        ({"ends": "09:00"}, "ends"),
        ({"place": " "}, "place"),
        ({"sign_up_until": "2031-05-06T09:01"}, "sign_up_until"),
        ({"sign_up_until": "soon"}, "sign_up_until"),
        ({"sign_up_until": ""}, "places"),
        ({"per_company": ""}, "per_company"),
        ({"per_company": "21"}, "per_company"),
        ({"per_company": "0"}, "per_company"),
        ({"places": "many"}, "places"),
    ],
)
def test_what_doesnt_fit_together_is_said_beside_the_field(changed: dict[str, str], field: str) -> None:
    draft = make.make_solicitation(published=False)
    answer = signed_in(draft.created_by).post(
        reverse("rfp:setup_milestone_new", args=[draft.pk]), TYPED | changed
    )
    assert field in errors_of(answer)
    assert "Site visit" in answer.content.decode()
    assert not Milestone.objects.exists()


def test_sign_up_may_close_as_it_starts() -> None:
    zone = ZoneInfo("America/New_York")
    values: dict[str, Any] = {
        "kind": "visit",
        "on": date(2031, 5, 6),
        "at": time(9),
        "place": "Gate 4",
        "sign_up_until": make.NOW.replace(
            year=2031, month=5, day=6, hour=13, minute=0, second=0, microsecond=0
        ),
    }
    assert list(event_objections(values, zone)) == [], "9 am in New York is 1 pm UTC"
    late = values | {"sign_up_until": values["sign_up_until"] + timedelta(minutes=1)}
    assert [field for field, _words in event_objections(late, zone)] == ["sign_up_until"]


# ---- after publication --------------------------------------------------------------------------------------------


def test_an_addendum_moves_an_event_and_who_comes_gets_a_letter() -> None:
    event = made.visit()
    row = made.signed_up(event)
    made.signed_up(event, gone := make.make_supplier())
    from rfp.events import actions

    actions.cancel(event, gone, by=make.owner_of(gone), at=make.NOW)
    addenda.publish(
        event.solicitation, (KIND.MILESTONE, str(event.pk), {"place": "Gate 9", "ends": "13:00:00"})
    )
    event.refresh_from_db()
    assert (event.place, event.ends) == ("Gate 9", time(13))
    (letter,) = Notice.objects.filter(key__startswith=f"event-changed:{event.pk}:")
    assert letter.to == make.owner_of(row.supplier) and letter.kind == "due"
    assert "Gate 9" in letter.body and "Until: 1:00 pm" in letter.body and "Alma Reyes" in letter.body
    changes = reverse("rfp:rfp_changes", args=[event.solicitation.number])
    said = signed_in(make.owner_of(gone)).get(changes).content.decode()
    assert "Gate 9" in said and made.PLACE in said
    old = reverse("rfp:rfp_version", args=[event.solicitation.number, 1])
    assert made.PLACE in signed_in(make.owner_of(gone)).get(old).content.decode()


def test_who_signs_up_while_an_addendum_waits_keeps_the_event() -> None:
    """Nobody had signed up when it was written, so only its publication is refused."""
    event = made.visit()
    rfp = event.solicitation
    row = addenda.draft_addendum(rfp, (KIND.MILESTONE_REMOVED, str(event.pk), {}), by=rfp.created_by)
    amending.propose_addendum(row, by=rfp.created_by, at=make.NOW)
    made.signed_up(event)
    with pytest.raises(Refused, match="Companies have signed up for this event"):
        amending.publish_addendum(row, by=make.make_user(Role.OFFICER), at=make.NOW)
    assert Milestone.objects.filter(pk=event.pk).exists()


def test_an_event_with_sign_ups_stays_and_keeps_its_sign_up() -> None:
    event = made.visit()
    made.signed_up(event)
    for kind, values in ((KIND.MILESTONE_REMOVED, {}), (KIND.MILESTONE, {"sign_up_until": None})):
        with pytest.raises(Refused, match="Companies have signed up for this event"):
            addenda.publish(event.solicitation, (kind, str(event.pk), values))
    assert Milestone.objects.filter(pk=event.pk, sign_up_until__isnull=False).exists()


def test_an_addendum_adds_an_event_through_the_page() -> None:
    rfp = make.make_solicitation()
    client = signed_in(rfp.created_by)
    draft = amending.start_addendum(rfp, by=rfp.created_by, at=make.NOW)
    at = reverse("rfp:addendum_change", args=[rfp.pk, draft.number, "milestone_added", "new"])
    assert "place" in errors_of(client.post(at, TYPED | {"place": ""}))
    client.post(at, TYPED)
    amending.save_addendum(draft, why="Asked for.", standings={}, by=rfp.created_by, at=make.NOW)
    amending.propose_addendum(draft, by=rfp.created_by, at=make.NOW)
    amending.publish_addendum(draft, by=make.make_user(Role.OFFICER), at=make.NOW)
    (row,) = rfp.milestones.all()
    assert (row.place, row.places, row.per_company, row.is_mandatory) == (made.PLACE, 20, 2, True)
    assert row.sign_up_until is not None


def test_a_file_of_the_rfp_keeps_its_events() -> None:
    from rfp.reuse.contents import building, collecting

    event = made.visit(places=8, per_company=2, is_mandatory=True)
    contents = collecting.contents_of(event.solicitation)
    again = building.build(contents, number="AGAIN-1", title="Again", by=event.solicitation.created_by)
    (row,) = again.milestones.all()
    for name in ("title", "kind", "on", "at", "ends", "place", "places", "per_company", "is_mandatory"):
        assert getattr(row, name) == getattr(event, name), name
    assert row.sign_up_until is not None and event.sign_up_until is not None
    assert abs(row.sign_up_until - event.sign_up_until) < timedelta(minutes=1)
