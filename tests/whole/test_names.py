"""Where an RFP hides names, nobody on its panel finds one: on no page, in no fragment, file, report or letter.

One world with marks in whatever names a supplier: its names, owners, numbers, answers, bill of materials, the names of
its files, what is in them, and their metadata.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
import weasyprint
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portal.files import storing
from portal.kit.refused import Refused
from portal.models import Notice
from rfp.models import Opening, Proposal
from rfp.proposals import actions as proposals_actions
from scoring.models import Conflict
from scoring.panel import names
from scoring.ranking import order
from scoring.reading import actions as reading_actions
from scoring.reading.views import PARTS
from tests import factories as make
from tests.whole import world
from tests.whole.test_matrix import MATRIX, client_of
from tests.whole.test_seal import _content
from tests.whole.world import World

pytestmark = pytest.mark.django_db

NAME = "Quillorb Zander Works, Inc."
CALLED = {
    "legal_name": NAME,
    "native_name": "威可索重工",
    "dbas": ["Vexmoor Frames"],
    "former_names": ["Oldbrook Lattice Co."],
    "uei": "QZWX12345678",
}
OWNER = "Tamsin Ferrowick"
# Each is in one of the names, or in a file's name or metadata.
MARKS = re.compile(
    "quillorb|威可索|vexmoor|oldbrook|qzwx12345678|ferrowick|lumenquay|metavane", re.IGNORECASE
)
# The one place where suppliers are named to the panel, and the directory of all suppliers: beside no offer.
DECLARING = {"scoring:declare", "scoring:conflict_list", "scoring:conflict_add", "scoring:recuse"}
READERS = ("chair", "reviewer", "undeclared", "conflicted")
SAID = "We, Quillorb Zander, once OLDBROOK LATTICE CO, make it. See quillorbzander.com. 威可索重工制造。"


def build(**options: Any) -> World:
    return world.build(hides_names=True, called=CALLED, write=write, **options)


def write(proposal: Proposal) -> None:
    """A draft that says everywhere who made it."""
    supplier, draft = proposal.supplier, make.draft_of(proposal)
    supplier.owners.update(name=OWNER)
    draft.title, draft.summary = "Zander rack by Quillorb Zander", SAID
    draft.save()
    draft.statements.update(text=SAID)
    draft.responses.filter(requirement__code="R3").update(value=SAID)
    draft.bom_lines.update(manufacturer="Quillorb Zander Works", part="Vexmoor Frames rail")
    owner = make.owner_of(supplier)
    files = {
        "lumenquay-plain.txt": b"A test of a rack, and nothing else in it.",
        "lumenquay-named.txt": b"A test by Quillorb Zander Works.",
        "lumenquay-report.pdf": a_pdf("A load test of a rack, passed in June."),
        "lumenquay-letter.pdf": a_pdf("Dear reader, thus writes Quillorb Zander."),
        "lumenquay-photo.png": A_PICTURE,
    }
    for name, content in files.items():
        checked = storing.check_file(SimpleUploadedFile(name, content))
        proposals_actions.attach(
            proposal, checked, requirement=None, title=name, by=owner, at=make.NOW - timedelta(days=2)
        )
    # What was signed before the changes is signed again.
    proposals_actions.attest(
        proposal, name=owner.name, title="Owner", by=owner, at=make.NOW - timedelta(days=2)
    )


def a_pdf(text: str) -> bytes:
    return bytes(
        weasyprint.HTML(
            string=f"<title>metavane</title><meta name=author content=metavane><p>{text}"
        ).write_pdf()
    )


A_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def answers(made: World, who: str) -> Iterator[tuple[str, str, Any]]:
    """(route, what was asked, the answer): every route that the person may ask for, in each of its forms."""
    client = client_of(made, who)
    for name, route in MATRIX.items():
        url = reverse(name, args=route.args(made)) + route.query
        with transaction.atomic():
            yield name, f"{route.method} {url}", getattr(client, route.method)(url)
            if route.method == "get" and name.startswith("scoring:") and who in ("chair", "reviewer"):
                yield name, f"fragment {url}", client.get(url, headers={"HX-Request": "true"})
            transaction.set_rollback(True)
    for name, url in more(made):
        yield name, url, client.get(url)


def more(made: World) -> Iterator[tuple[str, str]]:
    numbered = {name: reverse(f"scoring:{name}", args=[made.number]) for name in ("ranking", "proposal_list")}
    for sort in ("supplier", "-supplier", "rank"):
        for lot in ("L1", "all"):
            yield "scoring:ranking", f"{numbered['ranking']}?window=1&lot={lot}&sort={sort}"
    yield (
        "scoring:ranking_export",
        reverse("scoring:ranking_export", args=[made.number, "xlsx"]) + "?window=1",
    )
    yield "scoring:decision_list", reverse("scoring:decision_list", args=[made.number]) + "?state=decided"
    picked = "".join(f"&item={each.pk}" for each in (made.proposal, made.knocked))
    yield "scoring:compare", reverse("scoring:compare", args=[made.number]) + f"?window=1&lot=L1{picked}"
    yield "scoring:report_file", reverse("scoring:report_file", args=[made.report.pk])
    yield "scoring:report_file", reverse("scoring:report_file", args=[made.shortlist.pk])
    for proposal in (made.proposal, made.knocked):
        for page in ("proposal_detail", "proposal_mark"):
            for part, _label in PARTS:
                yield f"scoring:{page}", reverse(f"scoring:{page}", args=[proposal.pk]) + f"?part={part}"
        yield "scoring:moderate", reverse("scoring:moderate", args=[proposal.pk])
        assert proposal.current_revision is not None
        for each in proposal.current_revision.attachments.all():
            yield "scoring:proposal_file", reverse("scoring:proposal_file", args=[proposal.pk, each.pk])


def text_of(answer: Any) -> str:
    """What an answer says, its headers too; a PDF opened, with its metadata and what is attached to it."""
    return _content(answer).decode("utf-8", "replace")


@pytest.mark.slow
def test_nobody_on_the_panel_finds_a_name() -> None:
    made = build()
    found, told, numbers = [], 0, (made.proposal.number, made.knocked.number)
    for who in READERS:
        for name, asked, answer in answers(made, who):
            said = text_of(answer)
            told += answer.status_code == 200 and "Offer " in said
            if name.startswith("suppliers:") or name in DECLARING:
                # Names are told here, and then no offer is.
                if (
                    any(number in said for number in numbers)
                    or f"/evaluate/proposals/{made.proposal.pk}" in said
                ):
                    found.append(f"{who} {asked}: an offer beside names")
            elif MARKS.search(said):
                at = MARKS.search(said)
                assert at is not None
                found.append(f"{who} {asked}: …{said[max(0, at.start() - 90) : at.end() + 40]!r}")
            elif f"/suppliers/{made.supplier.pk}/" in said:
                found.append(f"{who} {asked}: a link to the supplier")
    assert found == [], "\n".join(found)
    assert told > 40, "the pages do show offers"
    letters = Notice.objects.filter(to__in=[made.people[who] for who in READERS])
    assert not [each for each in letters.values_list("subject", "body") if MARKS.search(repr(each))]


def test_the_world_does_tell_names_to_who_may_know_them() -> None:
    made = build(with_reports=False)
    client = client_of(made, "admin")
    detail = reverse("scoring:proposal_detail", args=[made.proposal.pk])
    for part in ("offer", "answers", "bom", "documents"):
        assert MARKS.search(client.get(f"{detail}?part={part}").content.decode()), part


def file_of(made: World, name: str) -> Any:
    assert made.proposal.current_revision is not None
    return made.proposal.current_revision.attachments.get(document__name=name)


def ask(client: Client, made: World, name: str) -> Any:
    return client.get(reverse("scoring:proposal_file", args=[made.proposal.pk, file_of(made, name).pk]))


def test_a_file_comes_under_a_neutral_name_and_without_its_metadata() -> None:
    made = build(with_reports=False)
    answer = ask(client_of(made, "reviewer"), made, "lumenquay-report.pdf")
    assert answer.status_code == 200
    assert f'filename="{made.proposal.number} document 3.pdf"' in answer["Content-Disposition"]
    with pikepdf.open(io.BytesIO(b"".join(answer.streaming_content))) as pdf:
        assert "/Metadata" not in pdf.Root
        assert not dict(pdf.docinfo)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("lumenquay-named.txt", "It names the supplier"),
        ("lumenquay-letter.pdf", "It names the supplier"),
        ("lumenquay-photo.png", "We can’t read the text in it"),
    ],
)
def test_a_file_that_may_name_the_supplier_waits_for_an_admin(name: str, why: str) -> None:
    made = build(with_reports=False)
    reviewer, admin = client_of(made, "reviewer"), client_of(made, "admin")
    refused = ask(reviewer, made, name)
    assert (refused.status_code, why in refused.content.decode()) == (409, True)
    assert ask(admin, made, name).status_code == 200
    attachment = file_of(made, name)
    address = reverse("scoring:file_release", args=[made.proposal.pk, attachment.pk])
    assert reviewer.post(address).status_code == 404
    documents = reverse("scoring:proposal_detail", args=[made.proposal.pk]) + "?part=documents"
    assert "Release to reviewers" in admin.get(documents).content.decode()
    assert "Release to reviewers" not in reviewer.get(documents).content.decode()
    admin.post(address)
    assert "Released to reviewers" in admin.get(documents).content.decode()
    answer = ask(reviewer, made, name)
    assert answer.status_code == 200
    assert "lumenquay" not in answer["Content-Disposition"]


def test_names_show_once_prices_of_all_lots_are_open() -> None:
    made = build(with_reports=False)
    client = client_of(made, "chair")
    ranking = reverse("scoring:ranking", args=[made.number]) + "?window=1"
    before = client.get(ranking).content.decode()
    assert "Offer " in before
    assert NAME not in before
    open_prices(made)
    order.rank_window(made.closed)
    after = client.get(ranking).content.decode()
    assert NAME in after


def open_prices(made: World) -> None:
    for lot in made.solicitation.lots.all():
        opening = Opening.objects.create(
            window=made.closed,
            lot=lot,
            envelope="price",
            proposed_by=made.people["chair"],
            proposed_at=make.NOW,
        )
        opening.confirmed_by, opening.confirmed_at = made.people["admin"], make.NOW
        opening.save(update_fields=["confirmed_by", "confirmed_at"])


def test_the_chair_learns_nothing_of_another_reviewers_conflict() -> None:
    """Who knew that a reviewer has a conflict with a company would find its offer on the board."""
    made = build(with_reports=False)
    page = client_of(made, "chair").get(reverse("scoring:conflict_list", args=[made.number])).content.decode()
    row = page[page.index("All conflicts") : page.index("Add a conflict")]
    assert "Hidden until prices open" in row
    assert not MARKS.search(row)
    recusal = page[page.index("Recuse a reviewer") :]
    assert not MARKS.search(recusal)
    assert Conflict.objects.exists()
    own = client_of(made, "conflicted").get(reverse("scoring:conflict_list", args=[made.number]))
    assert NAME in own.content.decode()


def test_a_search_for_a_name_finds_nothing_and_a_number_does() -> None:
    made = build(with_reports=False)
    client = client_of(made, "chair")
    for name in ("proposal_list", "ranking", "decision_list"):
        address = reverse(f"scoring:{name}", args=[made.number]) + "?window=1&lot=L1&q="
        nothing, by_number = (client.get(address + words).content.decode() for words in ("Quillorb", "P-"))
        assert str(made.knocked.pk) not in nothing, name
        assert str(made.knocked.pk) in by_number or name == "ranking", name


def test_offers_are_not_numbered_in_the_order_of_receipt_or_name() -> None:
    orders = set()
    for _round in range(3):
        solicitation = make.make_solicitation(names_hidden=True)
        proposals = [make.make_proposal(solicitation) for _ in range(6)]
        window = solicitation.windows.get()
        (count, latest), *_ = names._stamps([window]).values()
        assert count == 6
        known = [each.supplier for each in names._known((window.pk, count, latest))]
        assert sorted(known) == sorted(each.supplier_id for each in proposals)
        orders.add(tuple(known.index(each.supplier_id) for each in proposals))
    assert tuple(range(6)) not in orders
    assert len(orders) > 1


def test_only_an_rfp_that_hides_names_has_files_to_release() -> None:
    made = world.build(with_reports=False)
    assert made.proposal.current_revision is not None
    attachment = made.proposal.current_revision.attachments.get()
    with pytest.raises(Refused, match="doesn’t hide names"):
        reading_actions.release_file(attachment, by=made.people["admin"], at=make.NOW)
