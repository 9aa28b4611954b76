"""Openings: two people, in order, never early; what is missing stands in words."""

import pytest

from portal.compliance import Envelope
from rfp.models import Opening
from tests import factories
from tests.scoring.rooms import auditor, knocked_out, room, signed_in

pytestmark = pytest.mark.django_db


def act(client, made, envelope="technical"):
    return client.post(f"{made.base}openings/1/{envelope}/", follow=True).content.decode()


def test_two_people_open_an_envelope():
    made = room(opened=False)
    chair, admin = signed_in(made.chair.user), signed_in(made.admin)
    assert "Begin the technical opening" in chair.get(made.base + "openings/").content.decode()
    assert "A second person confirms it." in act(chair, made)
    page = chair.get(made.base + "openings/").content.decode()
    assert f"{made.chair.user.name} has begun; an admin confirms." in page
    assert "Confirm the technical opening" not in page
    assert "Two people open an envelope: the chair and an admin." in act(chair, made)
    assert "Confirm the technical opening" in admin.get(made.base + "openings/").content.decode()
    assert "Technical envelope of window 1 is open." in act(admin, made)
    opening = Opening.objects.get()
    assert (opening.proposed_by, opening.confirmed_by) == (made.chair.user, made.admin)
    assert "This envelope is open already." in act(admin, made)


def test_an_open_window_says_when_it_closes_and_refuses():
    solicitation = factories.make_solicitation()
    client = signed_in(solicitation.created_by)
    path = f"/evaluate/{solicitation.number}/openings/"
    page = client.get(path).content.decode()
    assert "Nothing opens before." in page and "Begin" not in page
    refused = client.post(path + "1/technical/", follow=True).content.decode()
    assert "An envelope is opened after it closes, never before." in refused
    assert not Opening.objects.exists()


def test_prices_wait_for_marks_and_decisions_and_say_so():
    made = room()
    knocked_out_one = room()
    client = signed_in(made.admin)
    page = client.get(made.base + "openings/").content.decode()
    assert "Marks missing: 1 proposal." in page
    assert "Marks missing: 1 proposal." in act(client, made, "price")
    made.mark()
    assert "Begin the price opening" in client.get(made.base + "openings/").content.decode()
    assert knocked_out_one.solicitation != made.solicitation


def test_prices_wait_for_the_technical_envelope():
    made = room(opened=False)
    client = signed_in(made.admin)
    assert "The technical envelope opens first." in client.get(made.base + "openings/").content.decode()
    assert "The technical envelope opens first." in act(client, made, "price")


def test_an_undecided_knockout_holds_the_prices_back():
    solicitation = factories.make_solicitation()
    knocked_out(solicitation)
    window = factories.close(solicitation.windows.get())
    chair, _others = factories.make_panel(solicitation)
    factories.open_envelope(window, Envelope.TECHNICAL, chair=chair, admin=solicitation.created_by)
    page = signed_in(chair.user).get(f"/evaluate/{solicitation.number}/openings/").content.decode()
    assert "Knock-outs of 1 proposal wait for a decision." in page


@pytest.mark.parametrize("who", ["reviewer", "auditor"])
def test_others_read_and_do_not_open(who):
    made = room(opened=False)
    client = signed_in(made.others[0].user if who == "reviewer" else auditor())
    page = client.get(made.base + "openings/").content.decode()
    assert "The chair and an admin open it." in page and "Begin" not in page
    assert client.post(made.base + "openings/1/technical/").status_code == 404
    assert not Opening.objects.exists()


def test_an_unknown_envelope_or_window_is_not_found():
    made = room(opened=False)
    client = signed_in(made.admin)
    assert client.post(made.base + "openings/1/secret/").status_code == 404
    assert client.post(made.base + "openings/7/technical/").status_code == 404
    assert client.get(made.base + "openings/1/technical/").status_code == 405
