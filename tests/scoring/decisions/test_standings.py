"""The live standing follows the supplier: frozen assessments stay, but nobody shortlists what is on hold now."""

import io
import re
import zipfile
from datetime import timedelta

import pytest

from portal.kit.refused import Refused
from portal.models import Role
from rfp.compliance import assessment as rfp_assessment
from rfp.models import Assessment
from rfp.proposals import revision_facts as rfp_queries
from scoring.decisions import actions, verdict_actions
from scoring.models import Decision, StandingOverride
from scoring.reports import summaries
from suppliers.models import Alert, Qualification
from suppliers.qualification.blocks import UNDER_REVIEW
from tests import factories
from tests.scoring.rooms import room, said_in, signed_in

pytestmark = pytest.mark.django_db

NAME = "Zyxtrovic Armaments Trust"
MAKER = "Cuyahoga Tube"


def held_room():
    """Prices are open and the ranking is made when a list comes that names the first proposal's supplier."""
    made = room(2)
    made.open_prices()
    supplier = made.proposals[0].supplier
    type(supplier).objects.filter(pk=supplier.pk).update(legal_name=NAME)
    supplier.refresh_from_db()
    assessed = Assessment.objects.count()
    factories.make_list(NAME)
    factories.screen(supplier)
    assert Assessment.objects.count() == assessed, "what was decided on is frozen"
    return made, made.proposals[0]


def shortlist(proposal, by):
    return verdict_actions.decide(
        proposal, verdict=Decision.Verdict.SHORTLISTED, reason="First", by=by, at=factories.NOW
    )


def test_a_hold_shows_everywhere_and_stops_the_shortlist():
    made, held = held_room()
    chair = signed_in(made.chair.user)
    words = "On hold: 1 open screening alert"
    for page in ("ranking/", "proposals/", "decisions/"):
        assert words in chair.get(made.base + page).content.decode(), page
    assert words in chair.get(f"/evaluate/proposals/{held.pk}/").content.decode()
    table = b"".join(chair.get(made.base + "ranking/export/csv/").streaming_content).decode()
    assert words in table
    with zipfile.ZipFile(io.BytesIO(chair.get(made.base + "ranking/export/xlsx/").content)) as archive:
        assert any(words in archive.read(name).decode() for name in archive.namelist())
    # An evaluation file goes from hand to hand: it says that something holds the proposal, not what was found.
    data = said_in(summaries.shortlist_of(made.window, made.chair.user).data)
    assert UNDER_REVIEW in data and words not in data
    assert "1 supplier on hold" in chair.get(made.base).content.decode()
    with pytest.raises(Refused, match=words):
        shortlist(held, made.chair.user)
    shortlist(made.proposals[1], made.chair.user)


def test_a_reviewer_reads_that_something_is_reviewed_and_not_what():
    made, _held = held_room()
    page = signed_in(made.others[0].user).get(made.base + "ranking/").content.decode()
    assert "Under compliance review" in page and "screening" not in page.lower()


def override(proposal, officer, **data):
    page = signed_in(officer).get(f"/evaluate/proposals/{proposal.pk}/").content.decode()
    keys = re.search(r'name="keys" value="([^"]+)"', page)
    sent = {"kind": "hold", "keys": keys[1] if keys else "", "reason": "A namesake; papers seen.", **data}
    return signed_in(officer).post(f"/evaluate/proposals/{proposal.pk}/override/", sent, follow=True)


def test_an_officer_overrides_a_hold_by_name_and_reason_for_what_it_was():
    made, held = held_room()
    officer = factories.make_user(Role.OFFICER, name="Ruth Okafor")
    assert "Override recorded" in override(held, officer).content.decode()
    row = StandingOverride.objects.get()
    assert (row.by, row.reason, row.proposal) == (officer, "A namesake; papers seen.", held)
    page = signed_in(made.chair.user).get(f"/evaluate/proposals/{held.pk}/").content.decode()
    assert "(overridden)" in page and "Overridden by Ruth Okafor" in page
    shortlist(held, made.chair.user)
    # Another alert is another hold: the override was not given for it.
    factories.make_list(NAME, f"{NAME} Holding", extra="x")
    factories.screen(held.supplier)
    if Alert.objects.filter(supplier=held.supplier, state=Alert.State.OPEN).count() > 1:
        with pytest.raises(Refused, match="On hold"):
            shortlist(held, made.chair.user)


@pytest.mark.parametrize("data", [{"reason": " "}, {"reason": "x" * 2001}])
def test_an_override_without_a_fit_reason_is_refused(data):
    made, held = held_room()
    answer = override(held, factories.make_user(Role.OFFICER), **data)
    assert "Override recorded" not in answer.content.decode()
    assert not StandingOverride.objects.exists()
    assert made.window


def test_what_changed_since_the_officer_read_it_is_read_again():
    _made, held = held_room()
    answer = override(held, factories.make_user(Role.OFFICER), keys="alert:0:stale")
    assert "status has changed" in answer.content.decode()
    assert not StandingOverride.objects.exists()


def test_nobody_else_overrides():
    made, held = held_room()
    for user in (made.chair.user, made.admin, made.others[0].user):
        answer = signed_in(user).post(f"/evaluate/proposals/{held.pk}/override/", {"kind": "hold"})
        assert answer.status_code == 404
        with pytest.raises(Refused, match="compliance officer"):
            actions.override_standing(held, kind="hold", keys=[], reason="x", by=user, at=factories.NOW)


def test_a_confirmed_match_is_never_overridden():
    made, held = held_room()
    Alert.objects.filter(supplier=held.supplier).update(state=Alert.State.TRUE_MATCH)
    officer = factories.make_user(Role.OFFICER)
    page = signed_in(officer).get(f"/evaluate/proposals/{held.pk}/").content.decode()
    assert "Confirmed match" in page and "Override for this proposal" not in page
    alert = Alert.objects.filter(supplier=held.supplier).get()
    with pytest.raises(Refused, match="You can’t override this"):
        actions.override_standing(
            held,
            kind="confirmed",
            keys=[f"alert:{alert.pk}:{alert.fingerprint[:16]}"],
            reason="x",
            by=officer,
            at=factories.NOW,
        )
    with pytest.raises(Refused, match="Confirmed match"):
        shortlist(held, made.chair.user)


def test_a_suspension_or_an_expired_qualification_stops_the_shortlist():
    made = room()
    made.open_prices()
    proposal = made.proposals[0]
    standing = factories.make_standing(proposal.supplier)
    today = factories.NOW.date()
    rows = Qualification.objects.filter(pk=standing.pk)
    rows.update(status=Qualification.Status.SUSPENDED)
    with pytest.raises(Refused, match="Suspended"):
        shortlist(proposal, made.chair.user)
    rows.update(
        status=Qualification.Status.QUALIFIED,
        valid_from=today - timedelta(days=90),
        valid_until=today - timedelta(days=1),
    )
    with pytest.raises(Refused, match="expired"):
        shortlist(proposal, made.chair.user)
    rows.update(valid_until=today + timedelta(days=30))
    shortlist(proposal, made.chair.user)


def listed_maker_room():
    """Prices are open when a list comes that names a maker in the bill of materials of every proposal."""
    made = room(2)
    made.open_prices()
    factories.make_list(MAKER)
    for proposal in made.proposals:
        revision = rfp_queries.revision_for_facts(proposal.current_revision_id)
        assert rfp_assessment.screen_makers(revision)
    return made, made.proposals[0]


def test_a_listed_maker_in_an_opened_proposal_shows_everywhere_and_stops_the_shortlist():
    made, held = listed_maker_room()
    chair = signed_in(made.chair.user)
    words = "On hold: 1 open screening alert (a part’s manufacturer)"
    for page in ("ranking/", "proposals/", "decisions/"):
        assert words in chair.get(made.base + page).content.decode(), page
    assert words in chair.get(f"/evaluate/proposals/{held.pk}/").content.decode()
    table = b"".join(chair.get(made.base + "ranking/export/csv/").streaming_content).decode()
    assert table.count(words) == 2
    # An evaluation file goes from hand to hand: it says that something holds the proposal, not what was found.
    data = said_in(summaries.shortlist_of(made.window, made.chair.user).data)
    assert UNDER_REVIEW in data and words not in data
    with pytest.raises(Refused, match=re.escape(words)):
        shortlist(held, made.chair.user)


def test_an_officer_overrides_a_listed_maker_for_one_proposal_and_not_the_supplier_s_hold():
    made, held = listed_maker_room()
    officer = factories.make_user(Role.OFFICER, name="Ruth Okafor")
    assert "Override recorded" in override(held, officer).content.decode()
    shortlist(held, made.chair.user)
    with pytest.raises(Refused, match="a part’s manufacturer"):
        shortlist(made.proposals[1], made.chair.user)
    supplier = held.supplier
    type(supplier).objects.filter(pk=supplier.pk).update(legal_name=NAME)
    supplier.refresh_from_db()
    factories.make_list(MAKER, NAME)
    factories.screen(supplier)
    with pytest.raises(Refused, match=r"On hold: 1 open screening alert\."):
        shortlist(held, made.chair.user)


def test_a_confirmed_maker_is_never_overridden():
    made, held = listed_maker_room()
    Alert.objects.update(state=Alert.State.TRUE_MATCH)
    page = (
        signed_in(factories.make_user(Role.OFFICER)).get(f"/evaluate/proposals/{held.pk}/").content.decode()
    )
    assert (
        "Confirmed match with a listed party (a part’s manufacturer)" in page
        and "Override for this proposal" not in page
    )
    with pytest.raises(Refused, match="Confirmed match"):
        shortlist(held, made.chair.user)
