"""Who enters, what a page shows before and after openings, and what it costs."""

import json
import re

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.files.storing import check_file
from portal.kit.compliance import Envelope
from portal.models import Role
from rfp.proposals import actions as rfp_actions
from scoring.models import ConflictDeclaration, Decision, Evaluator
from scoring.panel import queries
from scoring.panel.access import solicitations_visible_to
from scoring.reports import summaries
from tests import factories
from tests.scoring.rooms import auditor, room, signed_in

pytestmark = pytest.mark.django_db

TABS = ("", "proposals/", "ranking/", "decisions/", "openings/", "reports/")


def paths(made):
    proposal = f"/evaluate/proposals/{made.proposals[0].pk}/"
    return [
        "/evaluate/",
        *(made.base + tab for tab in (*TABS, "declare/", "scoring/")),
        made.base + "ranking/export/csv/",
        proposal,
        proposal + "trace/",
        proposal + "mark/",
    ]


def test_a_supplier_finds_none_of_it():
    made = room()
    client = signed_in(factories.owner_of(made.proposals[0].supplier))
    assert [client.get(path).status_code for path in paths(made)] == [404] * len(paths(made))


def test_nobody_is_asked_to_sign_in():
    made = room()
    assert {Client().get(path).status_code for path in paths(made)} == {302}


def test_a_reviewer_without_a_seat_finds_no_room():
    made = room()
    client = signed_in(factories.make_user(Role.REVIEWER))
    inside = [path for path in paths(made) if path != "/evaluate/"]
    assert {client.get(path).status_code for path in inside} == {404}
    assert made.solicitation.title not in client.get("/evaluate/").content.decode()


@pytest.mark.parametrize("tab", ["proposals/", "ranking/", "decisions/", "reports/", "scoring/"])
def test_a_reviewer_signs_before_anything_is_shown(tab):
    made, client = undeclared()
    assert client.get(made.base + tab).headers["Location"] == made.base + "declare/?window=1"
    page = client.get(f"/evaluate/proposals/{made.proposals[0].pk}/")
    assert page.headers["Location"] == made.base + "declare/?window=1"


def declare(client, made, **data):
    return client.post(made.base + "declare/", data)


def undeclared(count=1):
    made = room(count, declared=False)
    return made, signed_in(made.others[0].user)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Your full name, as your signature is missing"),
        ({"signed_name": "Somebody else"}, "The signature must match your name"),
        ({"signed_name": "{name}", "conflicts": "0"}, "Choose suppliers from the list."),
        ({"signed_name": "{name}", "conflicts": "{supplier}"}, "Describe the conflict"),
        ({"signed_name": "{name}", "conflicts": "{supplier}", "statement": "  "}, "Describe the conflict"),
    ],
)
def test_a_declaration_that_does_not_hold_is_refused(data, words):
    made, client = undeclared()
    filled = {
        key: value.format(name=made.others[0].user.name, supplier=made.proposals[0].supplier_id)
        for key, value in data.items()
    }
    page = declare(client, made, **filled)
    assert words in page.content.decode()
    assert not ConflictDeclaration.objects.filter(user=made.others[0].user).exists()


def test_a_supplier_named_in_the_declaration_stays_hidden():
    made, client = undeclared(2)
    hidden, shown = made.proposals
    name = made.others[0].user.name
    declare(
        client,
        made,
        signed_name=f"  {name.upper()} ",
        conflicts=hidden.supplier_id,
        statement="I worked there.",
    )
    page = client.get(made.base + "proposals/").content.decode()
    assert (hidden.number in page, shown.number in page) == (False, True)
    assert client.get(f"/evaluate/proposals/{hidden.pk}/").status_code == 404
    assert client.get(f"/evaluate/proposals/{hidden.pk}/mark/").status_code == 404
    own = client.get(made.base + "conflicts/").content.decode()
    assert hidden.supplier.legal_name in own and "I worked there." in own


def test_before_the_opening_names_are_not_shown_and_there_is_nothing_to_sign():
    made = room(opened=False, declared=False)
    page = signed_in(made.others[0].user).get(made.base + "declare/", follow=True).content.decode()
    assert "Nothing signed yet" in page
    assert made.proposals[0].supplier.legal_name not in page


def test_of_a_sealed_window_only_the_count_is_told_and_only_to_who_opens_it():
    made = room(2, opened=False)
    for user, opens in ((made.admin, True), (made.chair.user, True), (auditor(), False)):
        client = signed_in(user)
        assert ("2 proposals" in client.get(made.base).content.decode()) is opens
        for tab in TABS:
            page = client.get(made.base + tab).content.decode()
            for proposal in made.proposals:
                assert proposal.number not in page
                assert proposal.supplier.legal_name not in page
        assert client.get(f"/evaluate/proposals/{made.proposals[0].pk}/").status_code == 404


def queries_of(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("proposals/", 8),
        ("proposals/?q=test&lot=L1&state=OH", 8),
        ("ranking/", 5),
        ("ranking/?q=test&sort=-score", 6),
        ("scoring/?show=done", 9),
    ],
)
@pytest.mark.parametrize("who", ["chair", "admin"])
def test_a_list_costs_the_same_for_one_row_and_three(path, most, who):
    counts = []
    for count in (1, 3):
        made = room(count)
        made.open_prices()
        if who == "admin" and path.startswith("scoring"):
            return
        user = made.chair.user if who == "chair" else made.admin
        counts.append(queries_of(signed_in(user), made.base + path))
        ContentType.objects.clear_cache()
    assert counts[0] == counts[1] <= most


@pytest.mark.parametrize("part", ["offer", "answers", "bom", "making", "documents", "findings"])
def test_a_proposal_costs_nine_questions_at_most(part):
    made = room()
    made.open_prices()
    for user in (made.chair.user, made.admin):
        path = f"/evaluate/proposals/{made.proposals[0].pk}/?part={part}"
        assert queries_of(signed_in(user), path) <= 9 + (part == "answers")


def test_the_list_is_searched_and_filtered_by_the_address():
    made = room(2)
    client = signed_in(made.admin)
    first, second = made.proposals
    page = client.get(made.base + "proposals/", {"q": first.supplier.legal_name}).content.decode()
    assert (first.number in page, second.number in page) == (True, False)
    assert "No matching proposals" in client.get(made.base + "proposals/", {"state": "AK"}).content.decode()
    assert first.number in client.get(made.base + "proposals/", {"lot": "nonsense"}).content.decode()
    assert client.get(made.base + "proposals/", {"window": "9"}).status_code == 404


def test_reviewers_mark_alone_until_prices_are_open():
    made = room()
    made.mark()
    made.rank()
    client = signed_in(made.others[0].user)
    path = f"/evaluate/proposals/{made.proposals[0].pk}/"
    assert client.get(path + "trace/").status_code == 404
    assert 'id="trace"' not in client.get(path).content.decode()
    assert "Reviewers mark independently" in client.get(made.base + "ranking/").content.decode()
    assert client.get(made.base + "ranking/export/csv/").status_code == 404
    assert client.post(made.base + "reports/shortlist/").status_code == 404
    assert signed_in(made.chair.user).get(path + "trace/").status_code == 200


def test_the_trace_adds_up_and_names_who_marked():
    made = room()
    made.open_prices()
    page = (
        signed_in(made.chair.user).get(f"/evaluate/proposals/{made.proposals[0].pk}/trace/").content.decode()
    )
    points = [float(figure) for figure in re.findall(r'<td class="num">([\d.]+)</td>\s*</tr>', page)]
    assert sum(points[:-1]) == pytest.approx(points[-1], abs=0.02)
    assert made.others[0].user.name in page


def test_screening_is_for_the_chair_and_who_oversees():
    made = room()
    made.mark()
    assessment = made.proposals[0].current_revision.assessments.get()
    chair_only = set(assessment.findings.filter(audience="chair").values_list("title", flat=True))
    path = f"/evaluate/proposals/{made.proposals[0].pk}/?part=findings"
    seen = {
        user.pk: {title for title in chair_only if title in signed_in(user).get(path).content.decode()}
        for user in (made.chair.user, made.admin, made.others[0].user, auditor())
    }
    assert chair_only
    assert list(seen.values()) == [chair_only, chair_only, set(), chair_only]


def test_an_attached_file_is_handed_out_to_who_may_see_the_proposal():
    solicitation = factories.make_solicitation()
    proposal = factories.make_draft(solicitation)
    owner = factories.owner_of(proposal.supplier)
    checked = check_file(SimpleUploadedFile("note.txt", b"Tested."))
    attachment = rfp_actions.attach(proposal, checked, requirement=None, title="", by=owner, at=factories.NOW)
    rfp_actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=factories.NOW)
    factories.submit(proposal)
    factories.assess_and_score(proposal)
    window = factories.close(solicitation.windows.get())
    chair, others = factories.make_panel(solicitation, reviewers=1)
    path = f"/evaluate/proposals/{proposal.pk}/files/{attachment.pk}/"
    assert signed_in(chair.user).get(path).status_code == 404
    factories.open_envelope(window, Envelope.TECHNICAL, chair=chair, admin=solicitation.created_by)
    answer = signed_in(others[0].user).get(path)
    assert (b"".join(answer.streaming_content), answer.headers["X-Content-Type-Options"]) == (
        b"Tested.",
        "nosniff",
    )
    other = room().proposals[0]
    assert (
        signed_in(others[0].user).get(f"/evaluate/proposals/{other.pk}/files/{attachment.pk}/").status_code
        == 404
    )
    assert signed_in(owner).get(path).status_code == 404


def test_a_decision_needs_a_verdict_and_a_reason():
    made = room()
    made.open_prices()
    client = signed_in(made.chair.user)
    path = f"/evaluate/proposals/{made.proposals[0].pk}/decide/"
    page = client.post(path, {"verdict": "", "reason": ""}).content.decode()
    assert "Decision is missing" in page and "Reason is missing" in page
    page = client.post(path, {"verdict": "winner", "reason": "Best"}).content.decode()
    assert "Best</textarea>" in page
    assert not Decision.objects.exists()
    assert client.post(path, {"verdict": "shortlisted", "reason": "Best"}).status_code == 302
    assert Decision.objects.get().verdict == "shortlisted"
    assert (
        signed_in(made.others[0].user).post(path, {"verdict": "shortlisted", "reason": "x"}).status_code
        == 404
    )
    assert client.get(path).status_code == 405


def test_a_shortlist_before_prices_is_refused_in_words():
    made = room()
    client = signed_in(made.admin)
    path = f"/evaluate/proposals/{made.proposals[0].pk}/decide/"
    page = client.post(path, {"verdict": "shortlisted", "reason": "Early"}).content.decode()
    assert "You can shortlist after prices open." in page


def test_an_unknown_part_is_not_found_and_a_fragment_is_the_part_alone():
    made = room()
    client = signed_in(made.admin)
    path = f"/evaluate/proposals/{made.proposals[0].pk}/"
    assert client.get(path + "?part=secrets").status_code == 404
    part = client.get(path + "?part=bom&on=", headers={"hx-request": "true"}).content.decode()
    assert part.strip().startswith('<div id="part">') and "<html" not in part and "Frame" in part


# ---- the seal ---------------------------------------------------------------------------------------------------


def faceless(text, made):
    """A page without what may differ between two RFPs: ids, names, numbers, times and tokens."""
    for proposal in made.proposals:
        text = text.replace(str(proposal.pk), "PK").replace(proposal.number, "NUMBER")
        text = text.replace(proposal.supplier.legal_name, "SUPPLIER")
    text = text.replace(made.solicitation.number, "RFP").replace(made.solicitation.title, "TITLE")
    for user in (made.admin, *(seat.user for seat in made.seats)):
        text = text.replace(user.name, "PERSON")
    text = re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken": )[="]*[^">]+', r"\1TOKEN", text)
    text = re.sub(
        r"(anchor|comment|sure|criterion|shown|item|finding|seat|slot|window)([-=/\"]+)\d+", r"\1\2N", text
    )
    text = re.sub(r'name="C-\d+|C-\d+', "CERTIFICATE", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+|\d{1,2}:\d\d(:\d\d)? [ap]m", "TIME", text)
    return re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", text)


def everything(made, user):
    client = signed_in(user)
    number = made.proposals[0].pk
    found = {}
    addresses = [made.base + tab for tab in (*TABS, "scoring/", "ranking/export/csv/")]
    addresses += [f"/evaluate/proposals/{number}/{tail}" for tail in ("trace/", "mark/")]
    addresses += [
        f"/evaluate/proposals/{number}/?part={part}"
        for part in ("offer", "answers", "bom", "making", "documents", "findings")
    ]
    for address in addresses:
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        key = faceless(address, made)
        found[key] = (answer.status_code, faceless(body.decode(), made))
    return found


@pytest.mark.parametrize("who", ["chair", "admin", "reviewer"])
def test_before_prices_open_two_prices_give_the_same_pages(who):
    pages = []
    for price, scale in (("120", "1"), ("777.77", "3.7")):
        made = room(price=price, cost_scale=scale)
        made.mark()
        made.rank()
        user = {"chair": made.chair.user, "admin": made.admin, "reviewer": made.others[0].user}[who]
        pages.append(everything(made, user))
    assert pages[0] == pages[1]
    assert sum(status == 200 for status, _page in pages[0].values()) >= 12


def test_the_attached_data_of_a_sealed_summary_is_the_same_whatever_the_price():
    found = []
    for price, scale in (("120", "1"), ("777.77", "3.7")):
        made = room(price=price, cost_scale=scale)
        made.mark()
        made.rank()
        proposal = queries.proposal_to_read(made.admin).get(pk=made.proposals[0].pk)
        summary = summaries.summary_of(proposal, made.admin)
        found.append(faceless(json.dumps(summary.data, sort_keys=True), made))
        assert summary.context["offered"] is None
    assert found[0] == found[1]


def test_an_evaluator_of_another_rfp_sees_nothing_of_this_one():
    made, other = room(), room()
    client = signed_in(other.chair.user)
    assert client.get(made.base).status_code == 404
    assert client.get(f"/evaluate/proposals/{made.proposals[0].pk}/").status_code == 404
    assert Evaluator.objects.filter(user=other.chair.user).count() == 1
    assert solicitations_visible_to(other.chair.user).get() == other.solicitation
