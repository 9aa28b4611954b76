"""Citations: what the desk offers, how a comment shows them, and that they tell nobody what they may not know."""

from __future__ import annotations

import re

import pytest

from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from rfp.proposals import actions
from scoring.models import DebriefText, Mark
from scoring.outcomes import actions as outcomes_actions
from scoring.reading import citing
from tests import factories as make
from tests.scoring.decisions.test_verdicts import fresh, priced
from tests.scoring.marking.test_desk import desk, marks
from tests.scoring.rooms import Room, room, signed_in
from tests.whole.world import attach

pytestmark = pytest.mark.django_db

CITE = re.compile(r'data-cite="([^"]*)"')


def offered(made: Room, part: str, *, address: str = "") -> list[str]:
    """What can be cited on this part of the first proposal, as the reviewer's page offers it."""
    url = address or desk(made)
    shown = signed_in(made.others[0].user).get(f"{url}?part={part}").content.decode()
    return [each.replace("&quot;", '"') for each in CITE.findall(shown)]


def test_the_desk_offers_each_answer_with_its_words() -> None:
    made = room()
    found = offered(made, "answers")
    assert "[R1: “1,800 kg”]" in found and "[R3: “listed”]" in found
    assert not any("M1" in each for each in found)
    fragment = f"/evaluate/proposals/{made.proposals[0].pk}/?part=answers&on=desk"
    shown = signed_in(made.others[0].user).get(fragment, headers={"HX-Request": "true"}).content.decode()
    assert set(CITE.findall(shown)) <= set(found) and "[R1: “1,800 kg”]" in shown


def test_only_the_desk_offers_it_and_only_while_marks_are_open() -> None:
    made = room()
    assert not offered(made, "answers", address=f"/evaluate/proposals/{made.proposals[0].pk}/")
    made.mark()
    made.open(Envelope.PRICE)
    assert not offered(made, "answers")


def test_documents_are_cited_by_their_place_and_a_page() -> None:
    made = hidden_room("Quillorb Dynamics Inc.", names_hidden=False)
    found = [each for each in offered(made, "documents") if "Text" not in each]
    assert found == ["[Document 1]", "[Document 2]"]
    pages = made.proposals[0].current_revision.attachments.order_by("pk")[1].document
    type(pages).objects.filter(pk=pages.pk).update(pages=7)
    shown = signed_in(made.others[0].user).get(f"{desk(made)}?part=documents").content.decode()
    assert 'max="7"' in shown and shown.count("data-cite-page") == 1 and 'id="document-2"' in shown


def test_a_long_answer_is_cut_at_a_word() -> None:
    said = citing.quoted("R1", "word " * 100)
    assert said.endswith("word…”]") and len(said) < citing.LONGEST + 20
    assert citing.quoted("R1", " \n ") == ""
    assert citing.quoted("R1", "“Quoted” twice") == '[R1: “"Quoted" twice”]'


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("[R4: “99.2%”]", "?part=answers#answer-R4"),
        ("[R7: table]", "?part=answers#answer-R7"),
        ("[Text T: “Two lines”]", "?part=offer#text-T"),
        ("[Document 2]", "?part=documents#document-2"),
        ("[Document 02, page 14]", "?part=documents#document-2"),
    ],
)
def test_a_citation_is_a_link(text: str, link: str) -> None:
    shown = citing.linked(f"See {text}.\nThen <b>", "/p/1/")
    assert shown == f'See <a href="/p/1/{link}">{text}</a>.<br>Then &lt;b&gt;'


@pytest.mark.parametrize(
    "text",
    [
        "[R4]",
        "[R4: no quotes]",
        "[see above]",
        "[R4: “”]",
        "[Document x]",
        "[R 4: “a”]",
        "[R4: “two\nlines”]",
    ],
)
def test_other_brackets_are_words(text: str) -> None:
    assert "<a" not in citing.linked(text, "/p/1/")


def test_a_citation_cannot_carry_markup() -> None:
    shown = citing.linked('[R4: “<script>alert(1)</script>"”]', "/p/1/")
    assert "<script>" not in shown and shown.count("<a ") == 1
    assert "<script>" not in citing.linked('[R"><script>: “a”]', "/p/1/")


def test_a_stored_comment_shows_the_answer_behind_it() -> None:
    made = room()
    client = signed_in(made.others[0].user)
    said = "Heavier than asked [R1: “1,800 kg”] and <proven>"
    client.post(desk(made), {**marks(made, anchor="4", comment=said), "save": "save"})
    assert Mark.objects.get().comment == said
    pk = made.proposals[0].pk
    link = (
        f'<a href="/evaluate/proposals/{pk}/?part=answers#answer-R1">[R1: “1,800 kg”]</a> and &lt;proven&gt;'
    )
    found = signed_in(made.chair.user).get(f"/evaluate/proposals/{pk}/moderation/")
    assert link in found.content.decode()
    answers = signed_in(made.chair.user).get(f"/evaluate/proposals/{pk}/?part=answers").content.decode()
    assert 'id="answer-R1"' in answers


def hidden_room(name: str, *, names_hidden: bool = True) -> Room:
    """An RFP that hides names; an answer of its one proposal names the supplier."""
    made = room(0)
    solicitation = make.make_solicitation(names_hidden=names_hidden)
    proposal = make.make_draft(solicitation, make.make_supplier(legal_name=name))
    make.draft_of(proposal).responses.filter(requirement__code="R3").update(value=f"Built by {name} itself")
    for file in ("quillorb-test.txt", "quillorb-plan.txt"):
        attach(proposal, at=make.NOW, name=file)
    owner = make.owner_of(proposal.supplier)
    actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=make.NOW)
    make.submit(proposal)
    make.assess_and_score(proposal)
    proposal.refresh_from_db()
    made.solicitation, made.proposals = solicitation, [proposal]
    made.window, made.admin = make.close(solicitation.windows.get()), solicitation.created_by
    made.chair, made.others = make.make_panel(solicitation, reviewers=1)
    made.open(Envelope.TECHNICAL)
    return made


def test_cited_words_are_redacted_as_the_answer_is() -> None:
    name = "Quillorb Dynamics Inc."
    made = hidden_room(name)
    found = next(each for each in offered(made, "answers") if each.startswith("[R3"))
    assert "Quillorb" not in found and "Built by" in found
    cited = [each for each in offered(made, "documents") if "Text" not in each]
    assert cited == ["[Document 1]", "[Document 2]"]
    # Also where somebody typed the name into the comment.
    client = signed_in(made.others[0].user)
    client.post(
        desk(made),
        {**marks(made, anchor="4", comment=f"Good [R3: “Built by {name} itself”]"), "save": "save"},
    )
    pk = made.proposals[0].pk
    shown = signed_in(made.chair.user).get(f"/evaluate/proposals/{pk}/moderation/")
    text = shown.content.decode()
    assert "Quillorb" not in text and "#answer-R3" in text and "Built by" in text


def explain(made: Room, which: int, text: str) -> None:
    said = outcomes_actions.Explanation(
        criterion=made.solicitation.criteria.get(code="T"), text=text, mark="80"
    )
    outcomes_actions.answer_for(
        fresh(made.proposals[which].pk), edited=[said], accepted=[], by=made.chair.user, at=make.NOW
    )


def test_a_debrief_quotes_its_own_supplier_and_no_other() -> None:
    made = priced(2)
    explain(made, 0, "Strong load [R1: “1,800 kg”], listed [R3: “LISTED”], [Text T: “shown by test”].")
    explain(made, 0, "As in brackets [see the RFP].")
    assert DebriefText.objects.count() == 2
    for foreign in (
        "[R1: “2,400 kg”]",
        "[R9: “1,800 kg”]",
        "[Document 1]",
        "[Text T: “not so”]",
        "[R1: table]",
    ):
        with pytest.raises(Refused, match="isn’t in this supplier’s proposal"):
            explain(made, 0, f"Compare {foreign}.")
    assert DebriefText.objects.count() == 2
