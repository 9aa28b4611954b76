"""Checking, signing, submitting, reading what was found, revising and withdrawing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.kit.compliance import Audience
from portal.models import Role
from rfp.compliance import queries as compliance_queries
from rfp.models import Assessment, Revision
from rfp.proposals import actions
from rfp.proposals import queries as proposals_queries
from suppliers.models import Membership
from tests import factories as make

pytestmark = pytest.mark.django_db
SIGNED = {"signer_name": "Dana Owner", "signer_title": "President", "agreed": "on"}


def address(proposal, tail=""):
    return f"/proposals/{proposal.pk}/{tail}"


def sign_in(client, proposal):
    client.force_login(make.owner_of(proposal.supplier))
    return client


def unsigned():
    proposal = make.make_draft()
    draft = make.draft_of(proposal)
    actions.touch(draft, at=make.NOW)
    return proposal


def test_what_is_missing_is_listed_with_links(client):
    empty = make.make_draft(filled=False)
    html = sign_in(client, empty).get(address(empty, "submit/")).content.decode()
    assert f'href="{address(empty, "edit/product/#title")}"' in html
    assert "Name your product" in html
    assert "Sign and submit" not in html
    response = client.post(address(empty, "submit/"), SIGNED)
    assert "Name your product" in response.content.decode()
    assert not Revision.objects.filter(received_at__isnull=False).exists()


def test_the_rules_are_run_on_the_draft_and_nothing_is_stored(client):
    proposal = make.make_draft()
    html = sign_in(client, proposal).get(address(proposal, "submit/")).content.decode()
    assert "Pre-check" in html
    assert "Domestic share" in html
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("left_out", ["signer_name", "signer_title", "agreed"])
def test_an_incomplete_signature_is_asked_for_again(client, left_out):
    proposal = unsigned()
    sent = {name: value for name, value in SIGNED.items() if name != left_out}
    response = sign_in(client, proposal).post(address(proposal, "submit/"), sent)
    assert "field-error" in response.content.decode()
    proposal.refresh_from_db()
    assert not proposal.is_submitted


def test_signing_and_submitting_is_one_press(client):
    proposal = unsigned()
    response = sign_in(client, proposal).post(address(proposal, "submit/"), SIGNED)
    assert response.url == address(proposal)
    proposal.refresh_from_db()
    assert proposal.is_submitted
    assert proposal.current_revision.signer_title == "President"
    html = client.get(address(proposal)).content.decode()
    for words in ("Submitted", "We received it on", "Fingerprint", " ET", "Checking your proposal"):
        assert words in html


def test_a_second_press_gives_no_second_submission(client):
    proposal = unsigned()
    sign_in(client, proposal).post(address(proposal, "submit/"), SIGNED)
    response = client.post(address(proposal, "submit/"), SIGNED, follow=True)
    assert "already been submitted" in response.content.decode()
    assert proposal.revisions.count() == 1


def test_after_the_close_nothing_is_taken_and_nothing_is_lost(client):
    proposal = unsigned()
    make.close(proposal.lot.solicitation.windows.get())
    response = sign_in(client, proposal).post(address(proposal, "submit/"), SIGNED, follow=True)
    html = response.content.decode()
    assert "The window has closed" in html
    assert "Not submitted" in html
    assert proposals_queries.draft_of(proposal) is not None


def test_only_owners_sign_and_submit(client):
    proposal = make.make_draft()
    editor = make.make_user()
    Membership.objects.create(supplier=proposal.supplier, user=editor, level=Membership.Level.EDITOR)
    client.force_login(editor)
    html = client.get(address(proposal, "submit/")).content.decode()
    assert "Only an owner" in html
    client.post(address(proposal, "submit/"), SIGNED)
    proposal.refresh_from_db()
    assert not proposal.is_submitted
    client.post(address(proposal, "edit/attestation/"), SIGNED)
    assert make.draft_of(proposal).signer_title == "Owner"


def test_the_attestation_is_signed_in_its_section(client):
    proposal = unsigned()
    sign_in(client, proposal).post(address(proposal, "edit/attestation/"), SIGNED)
    assert make.draft_of(proposal).attested_at is not None
    assert "Signed by Dana Owner" in client.get(address(proposal, "edit/attestation/")).content.decode()


def test_the_page_asks_until_the_findings_are_there(client):
    proposal = make.make_proposal()
    waiting = sign_in(client, proposal).get(address(proposal, "progress/")).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    make.assess_and_score(proposal)
    done = client.get(address(proposal, "progress/")).content.decode()
    assert "hx-get" not in done
    assert "rules met" in done or "Met" in done
    assert "<html" not in done


def test_a_supplier_reads_only_what_is_meant_for_it(client):
    proposal = make.make_proposal()
    make.assess_and_score(proposal)
    shown = sign_in(client, proposal).get(address(proposal)).context["findings"]
    stored = compliance_queries.findings_of(compliance_queries.latest_assessment(proposal.current_revision))
    assert {finding.audience for finding in shown} == {Audience.SUPPLIER.value}
    assert len(shown) < len(stored)
    screening = [finding for finding in shown if finding.rule in ("SC-1", "SC-2", "SC-4", "SC-7", "SC-9")]
    assert [finding.part for finding in screening] == ["notice"]
    assert [finding.part for finding in shown if finding.rule == "SC-3"] == ["told"]


def test_marks_ranks_and_rivals_are_nowhere(client):
    solicitation = make.make_solicitation()
    proposal = make.make_proposal(solicitation)
    rival = make.make_proposal(solicitation)
    make.assess_and_score(proposal)
    html = sign_in(client, proposal).get(address(proposal)).content.decode()
    assert rival.supplier.legal_name not in html
    assert str(rival.pk) not in html


@pytest.mark.parametrize("tail", ["", "progress/", "submit/", "withdraw/", "revisions/1/", "edit/"])
def test_a_proposal_is_nobody_elses(client, tail):
    proposal = make.make_proposal()
    for person in (
        make.owner_of(make.make_supplier()),
        make.make_user(Role.ADMIN),
        make.make_user(Role.AUDITOR),
    ):
        client.force_login(person)
        assert client.get(address(proposal, tail)).status_code == 404
    assert client.post(address(proposal, "revise/")).status_code == 404


def test_what_was_received_stays_readable(client):
    proposal = make.make_proposal()
    html = sign_in(client, proposal).get(address(proposal, "revisions/1/")).content.decode()
    for words in ("As received", "1,800 kg", "Shown by test.", "Cuyahoga Tube", "$120.00", "Welding"):
        assert words in html
    assert client.get(address(proposal, "revisions/2/")).status_code == 404


def test_revising_keeps_the_submitted_revision_until_the_next(client):
    proposal = make.make_proposal()
    response = sign_in(client, proposal).post(address(proposal, "revise/"))
    assert response.url == address(proposal, "edit/")
    html = client.get(address(proposal)).content.decode()
    assert "Revision 2 is a draft. You haven’t submitted it" in html
    client.post(address(proposal, "submit/"), SIGNED)
    proposal.refresh_from_db()
    assert proposal.current_revision.number == 2
    assert "Revision 1" in client.get(address(proposal)).content.decode()


def test_revising_after_the_close_is_refused(client):
    proposal = make.make_proposal()
    make.close(proposal.window)
    response = sign_in(client, proposal).post(address(proposal, "revise/"), follow=True)
    assert "The window has closed" in response.content.decode()
    assert proposals_queries.draft_of(proposal) is None


def test_withdrawing_asks_first_and_can_be_undone(client):
    proposal = make.make_proposal()
    assert (
        "Withdraw the proposal"
        in sign_in(client, proposal).get(address(proposal, "withdraw/")).content.decode()
    )
    proposal.refresh_from_db()
    assert proposal.withdrawn_at is None
    html = client.post(address(proposal, "withdraw/"), follow=True).content.decode()
    assert "Withdrawn" in html
    assert "Start a new revision" in html
    assert client.get(address(proposal, "withdraw/")).status_code == 302
    client.post(address(proposal, "revise/"))
    client.post(address(proposal, "submit/"), SIGNED)
    proposal.refresh_from_db()
    assert proposal.is_submitted


def test_the_list_shows_ones_own_with_a_constant_number_of_queries(client):
    solicitation, supplier = make.make_solicitation(), make.make_supplier()
    make.make_proposal(make.make_solicitation())
    client.force_login(make.owner_of(supplier))

    def count():
        with CaptureQueriesContext(connection) as queries_:
            response = client.get("/proposals/")
        return len(response.context["rows"]), len(queries_)

    assert client.get("/proposals/").context["rows"] == []
    make.make_proposal(solicitation, supplier)
    one = count()
    make.make_draft(solicitation, supplier)
    make.make_proposal(make.make_solicitation(), supplier)
    assert count() == (3, one[1])


def test_the_list_is_searched(client):
    proposal = make.make_draft()
    sign_in(client, proposal)
    assert len(client.get("/proposals/?q=rack").context["rows"]) == 1
    assert client.get("/proposals/?q=boat").context["rows"] == []
    assert "No matching proposals" in client.get("/proposals/?q=boat").content.decode()
