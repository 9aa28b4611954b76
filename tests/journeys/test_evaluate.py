"""A panel declares its conflicts, marks, opens the prices, decides, and hands out its reports."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pikepdf
from playwright.sync_api import Page, expect

from portal.kit.compliance import Envelope
from portal.models import User
from rfp.models import Proposal, Window
from scoring.models import Mark, Ranking, Score
from tests import factories as make
from tests.journeys.conftest import Browse, check, held, until
from tests.processes import broker


def a_closed_window(
    *names: str, reviewers: int = 1, declared: bool = True
) -> tuple[Window, list[Proposal], list[User]]:
    """A window closed with a proposal of each named supplier, the technical envelope open; (chair, reviewers…)."""
    solicitation = make.make_solicitation(number="26-02", title="Warehouse racks")
    proposals = [
        make.make_proposal(solicitation, make.make_supplier(legal_name=name), price=str(120 + 10 * position))
        for position, name in enumerate(names)
    ]
    until(lambda: Score.objects.count() == len(proposals))
    window = make.close(solicitation.windows.get())
    chair, others = make.make_panel(solicitation, reviewers=reviewers)
    admin = solicitation.created_by
    make.open_envelope(window, Envelope.TECHNICAL, chair=chair, admin=admin, declared=declared)
    return window, proposals, [chair.user, *(seat.user for seat in others)]


def until_ranked(window: Window) -> None:
    """Every mark and opening so far is in the stored ranking."""
    until(lambda: any(not ranking.is_stale for ranking in Ranking.objects.filter(window=window)))


def test_two_reviewers_declare_and_mark(office: Browse) -> None:
    _window, proposals, (_chair, first, second) = a_closed_window(
        "Ashland Racks Inc.", "Birch Forge LLC", reviewers=2, declared=False
    )
    page = office(first)
    declare(page, first)
    page.get_by_role("link", name="Mark proposals").click()
    expect(page.get_by_role("heading", name="Your queue")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Mark the next proposal").click()
    mark_by_mouse(page)
    mark_by_keys(page)
    expect(page.get_by_text("Nothing left to mark")).to_be_visible()
    check(page)
    assert sorted(Mark.objects.values_list("anchor", "comment")) == [
        (2, "3 lines, no proof"),
        (4, "The weld test is convincing."),
    ]

    with_conflict = office(second)
    declare(with_conflict, second, conflict="Birch Forge LLC")
    with_conflict.get_by_role("link", name="Proposals", exact=True).click()
    expect(with_conflict.get_by_text("Ashland Racks Inc.")).to_be_visible()
    expect(with_conflict.get_by_text("Birch Forge LLC")).to_have_count(0)
    check(with_conflict)
    hidden = next(each for each in proposals if each.supplier.legal_name == "Birch Forge LLC")
    answer = with_conflict.request.get(f"/evaluate/proposals/{hidden.pk}/")
    assert answer.status == 404
    with_conflict.get_by_role("link", name="Scoring").click()
    with_conflict.get_by_role("link", name="Mark the next proposal").click()
    expect(with_conflict.get_by_text("Keys on")).to_be_visible()
    with_conflict.keyboard.press("5")
    with_conflict.keyboard.press("Control+Enter")
    expect(with_conflict.get_by_text("Nothing left to mark")).to_be_visible()
    assert list(Mark.objects.filter(evaluator__user=second).values_list("anchor", flat=True)) == [5]


def declare(page: Page, user: User, *, conflict: str = "") -> None:
    # The second of the panel sees the pages that the first has seen.
    look = check if not conflict else lambda _page: None
    page.goto("/")
    page.get_by_role("link", name="Evaluation", exact=True).first.click()
    look(page)
    page.get_by_role("link", name="Warehouse racks").first.click()
    page.get_by_role("link", name="Sign the declaration").first.click()
    expect(page.get_by_role("heading", name="Conflict declaration")).to_be_visible()
    look(page)
    if conflict:
        page.get_by_label(conflict).check()
        page.get_by_label("Conflict description").fill("I sold them a press last year.")
    page.get_by_label("Your full name").fill("Somebody Else")
    page.get_by_role("button", name="Sign the declaration").click()
    expect(page.get_by_role("alert")).to_contain_text("The signature must match your name")
    look(page)
    page.get_by_label("Your full name").fill(user.name)
    page.get_by_role("button", name="Sign the declaration").click()
    expect(page.get_by_text("Declaration for window 1 signed.")).to_be_visible()
    look(page)


def mark_by_mouse(page: Page) -> None:
    """The first proposal: a comment without a mark is told, then a mark, and on to the next."""
    check(page)
    page.get_by_label("Why this mark").fill("The weld test is convincing.")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text("We can’t save a comment alone").first).to_be_visible()
    expect(page.get_by_label("Why this mark")).to_have_value("The weld test is convincing.")
    check(page)
    page.get_by_role("radio", name=re.compile("Anchor 4")).check()
    expect(page.locator("[data-points]")).not_to_have_text("0.0")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text(re.compile("Marks on .* saved"))).to_be_visible()


def mark_by_keys(page: Page) -> None:
    """The second proposal without a mouse: the mark, a comment, and on."""
    expect(page.get_by_text("Keys on")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name=re.compile("Anchor 2"))).to_be_checked()
    page.keyboard.press("c")
    expect(page.get_by_label("Why this mark")).to_be_focused()
    page.keyboard.type("3 lines, no proof")
    expect(page.get_by_role("radio", name=re.compile("Anchor 2"))).to_be_checked()
    page.keyboard.press("Control+Enter")


def test_an_answer_is_cited_at_the_cursor_by_keyboard(office: Browse) -> None:
    _window, proposals, (_chair, first) = a_closed_window("Ashland Racks Inc.")
    page = office(first)
    page.goto(f"/evaluate/proposals/{proposals[0].pk}/mark/?part=offer")
    page.keyboard.press("4")
    page.keyboard.press("c")
    page.keyboard.type("Before after")
    for _ in "after":
        page.keyboard.press("ArrowLeft")
    # Parts of the proposal come without a new page: the cursor stays where it was.
    page.get_by_role("link", name="All answers").focus()
    page.keyboard.press("Enter")
    cite = page.get_by_role("button", name="Cite R1")
    cite.focus()
    page.keyboard.press("Enter")
    comment = page.get_by_label("Why this mark")
    expect(comment).to_have_value("Before [R1: “1,800 kg”] after")
    expect(comment).to_be_focused()
    check(page)
    until(lambda: list(Mark.objects.values_list("comment", flat=True)) == ["Before [R1: “1,800 kg”] after"])
    # Selected words are quoted in place of the whole answer.
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#answer-R3 > p:last-of-type'))")
    page.get_by_role("button", name="Cite R3").click()
    expect(comment).to_have_value(re.compile("“1,800 kg”\\] \\[R3: “listed”\\] after"))


def test_chair_and_admin_open_the_prices_and_the_panel_decides(office: Browse) -> None:
    window, proposals, (chair, reviewer) = a_closed_window(
        "Ashland Racks Inc.", "Birch Forge LLC", "Cedar Steel Co."
    )
    panel = list(window.solicitation.evaluators.all())
    for anchor, proposal in zip((5, 3, 4), proposals, strict=True):
        make.mark_all(proposal, panel, anchor)
    admin = window.solicitation.created_by
    until_ranked(window)
    begin_price_opening(office(chair))
    page = office(admin)
    confirm_price_opening(page)
    until_ranked(window)
    page.get_by_role("link", name="Ranking", exact=True).click()
    expect(page.get_by_role("columnheader", name="Price")).to_be_visible()
    rows = page.get_by_role("table").get_by_role("rowheader")
    expect(rows).to_have_text([re.compile("Ashland"), re.compile("Cedar"), re.compile("Birch")])
    check(page)
    read_a_trace(page)
    sort_and_filter(page)
    decide(page)
    as_reviewer = office(reviewer)
    as_reviewer.goto(f"/evaluate/{window.solicitation.number}/ranking/")
    expect(as_reviewer.get_by_role("row", name=re.compile("Cedar.*Shortlist"))).to_be_visible()


def begin_price_opening(page: Page) -> None:
    page.goto("/evaluate/26-02/")
    page.get_by_role("link", name="Openings").click()
    expect(page.get_by_role("heading", name="Openings")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Start the price opening").click()
    expect(page.get_by_text("1 lot: started. A second person must confirm.")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Ranking", exact=True).click()
    expect(page.get_by_role("columnheader", name="Technical")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Price")).to_have_count(0)
    check(page)


def confirm_price_opening(page: Page) -> None:
    page.goto("/evaluate/26-02/openings/")
    check(page)
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_text("Prices of window 1, 1 lot: open.")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Decisions").click()
    check(page)


def read_a_trace(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Trace of")).first.click()
    expect(page.locator("#trace").get_by_text("Price").first).to_be_visible()
    check(page)
    page.keyboard.press("Escape")


def sort_and_filter(page: Page) -> None:
    page.get_by_role("columnheader", name="Price").get_by_role("link").click()
    page.wait_for_url("**sort=*price*")
    rows = page.get_by_role("table").get_by_role("rowheader")
    expect(rows).to_have_text([re.compile("Ashland"), re.compile("Birch"), re.compile("Cedar")])
    page.get_by_label("Search").fill("cedar")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**q=cedar*")
    expect(rows).to_have_text([re.compile("Cedar")])
    check(page)


def decide(page: Page) -> None:
    page.get_by_role("link", name="Cedar Steel Co.").click()
    expect(page.get_by_role("heading", name="Cedar Steel Co.")).to_be_visible()
    check(page)
    page.get_by_label("Shortlisted").check()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("alert")).to_contain_text("Reason is missing")
    expect(page.get_by_label("Shortlisted")).to_be_checked()
    check(page)
    page.get_by_label("Reason").fill("Second on points, and the only one with stock.")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("Second on points, and the only one with stock.").first).to_be_visible()


def test_summary_and_shortlist_report_are_made_downloaded_and_read(
    office: Browse, worker: broker.Worker, tmp_path: Path
) -> None:
    window, (proposal, other), _panel = a_closed_window("Ashland Racks Inc.", "Birch Forge LLC")
    panel = list(window.solicitation.evaluators.all())
    for each in (proposal, other):
        make.mark_all(each, panel, 4)
    chair = next(seat for seat in panel if seat.is_chair)
    admin = window.solicitation.created_by
    make.open_envelope(window, Envelope.PRICE, chair=chair, admin=admin)
    until_ranked(window)
    page = office(admin)
    page.goto(f"/evaluate/proposals/{proposal.pk}/")
    check(page)
    score = page.locator("dt:has-text('Score') + dd .num-link").inner_text().split()[-1]
    with held(worker):
        page.get_by_role("button", name=re.compile("PDF|summary", re.IGNORECASE)).click()
        expect(page.get_by_text("This takes a few seconds.")).to_be_visible()
        check(page)
    text, data = download(page, tmp_path)
    assert "Ashland Racks Inc." in text
    assert score in text
    assert "Ashland Racks Inc." in json.dumps(data)

    page.goto("/evaluate/26-02/reports/?window=1")
    check(page)
    page.get_by_role("button", name=re.compile("shortlist", re.IGNORECASE)).click()
    text, data = download(page, tmp_path)
    assert "Ashland Racks Inc." in text and "Birch Forge LLC" in text
    assert "Birch Forge LLC" in json.dumps(data)


def download(page: Page, folder: Path) -> tuple[str, object]:
    """Wait for the worker, take the file, open it: (its text, the data attached to it)."""
    link = page.get_by_role("link", name="Download the PDF")
    expect(link).to_be_visible(timeout=300_000)
    check(page)
    with page.expect_download() as waiting:
        link.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.suffix == ".pdf"
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) > 0
        data = json.loads(pdf.attachments["evaluation.json"].get_file().read_bytes())
    return text_of(path), data


def text_of(path: Path) -> str:
    tool = shutil.which("pdftotext")
    assert tool, "poppler-utils is missing; run make setup"
    done = subprocess.run([tool, str(path), "-"], capture_output=True, text=True, timeout=600, check=True)
    return done.stdout
