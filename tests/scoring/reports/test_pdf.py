"""Reports: asked for, made once, only for who asked; the file opens, is tagged and carries its data."""

import io
import json
import shutil
import subprocess
from decimal import Decimal

import pikepdf
import pytest

from portal.files.pdf import BASE, PdfError, render_pdf, static_content, static_name
from portal.kit import clock
from portal.kit.compliance import Envelope
from portal.models import Document
from scoring.calculation import NotAnEvaluation, load
from scoring.models import Report
from scoring.ranking import order
from scoring.reports import actions, pdf, queries
from scoring.reports.contents import printing
from tests import factories
from tests.scoring.rooms import auditor, room, signed_in


def opened(document):
    with document.file.open("rb") as file:
        return pikepdf.open(io.BytesIO(file.read()))


def data_of(document):
    # pikepdf's objects do not outlive their file.
    with opened(document) as file:
        return json.loads(file.attachments["evaluation.json"].get_file().read_bytes())


def text_of(document):
    """All text of the PDF, by another reader than the one that wrote it."""
    tool = shutil.which("pdftotext")
    assert tool, "pdftotext (poppler-utils) is installed by make setup"
    with document.file.open("rb") as file:
        done = subprocess.run(
            [tool, "-", "-"], input=file.read(), capture_output=True, check=True, timeout=60
        )
    return done.stdout.decode()


def summary(made, user):
    report = actions.request_summary(made.proposals[0], by=user, at=clock.wall_time())
    pdf.make(report.pk)
    report.refresh_from_db()
    return report


def shortlist(made, user):
    report = actions.request_shortlist_report(made.window, by=user, at=clock.wall_time())
    pdf.make(report.pk)
    report.refresh_from_db()
    return report


@pytest.mark.django_db
def test_a_summary_is_pdf_a_and_pdf_ua_with_its_data():
    made = room()
    made.open_prices()
    report = summary(made, made.chair.user)
    assert (report.state, report.error) == (Report.State.DONE, "")
    assert report.document is not None
    file = opened(report.document)
    xmp = file.Root.Metadata.read_bytes().decode()
    assert 'part="3"' in xmp and 'conformance="A"' in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp and "pdfaExtension:schemas" in xmp
    assert bool(file.Root.ViewerPreferences.DisplayDocTitle) and bool(file.Root.MarkInfo.Marked)
    assert str(file.Root.Lang) == "en-US"
    assert file.Root.AF[0].AFRelationship == "/Data"
    assert str(file.docinfo["/Title"]).startswith("Proposal summary P-")
    text = text_of(report.document)
    assert made.proposals[0].supplier.legal_name in text and "$120.00" in text
    data = data_of(report.document)
    (lot,) = data["sets"]
    (place,) = lot["results"]
    assert place["total"] == str(made.proposals[0].current_revision.score.total)
    assert sum(Decimal(line["points"]) for line in place["criteria"]) == Decimal(place["total"])
    people = [seat.user.name for seat in made.seats]
    assert not any(name in json.dumps(data) for name in people)
    assert {each["evaluator"]: each["mark"] for each in lot["marks"]} == {
        "Reviewer 1": "4",
        "Reviewer 2": "4",
    }
    assert [each["id"] for each in lot["proposals"]] == [made.proposals[0].number]
    with pytest.raises(NotAnEvaluation, match="an extract"):
        load(json.dumps(data).encode())


SCRIPTS = "深圳 東京 서울전력 भारत शक्ति شركة חברת 🏭 Ηλεκτρική"


def glyphs(file):
    """The number of each glyph that the pages show; 0 is the box of a missing one."""
    for page in file.pages:
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) not in ("Tj", "TJ"):
                continue
            shown = operands[0] if str(operator) == "TJ" else operands
            for text in (bytes(each) for each in shown if isinstance(each, pikepdf.String)):
                yield from (int.from_bytes(text[at : at + 2], "big") for at in range(0, len(text), 2))


@pytest.mark.django_db
def test_names_in_every_script_have_their_glyphs():
    fonts = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True).stdout
    if not all(name in fonts for name in ("Noto Sans CJK", "Noto Sans Devanagari", "Noto Color Emoji")):
        pytest.skip("make setup could not install fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji")
    made = room(supplier=factories.make_supplier(legal_name=f"Works {SCRIPTS}"))
    report = summary(made, made.chair.user)
    assert (report.state, report.error) == (Report.State.DONE, "")
    with opened(report.document) as file:
        found = list(glyphs(file))
    assert len(found) > 500 and found.count(0) == 0
    text = text_of(report.document)
    assert all(word in text for word in ("深圳", "東京", "서울전력", "Ηλεκτρική"))


@pytest.mark.django_db
def test_every_table_cell_names_its_heads():
    made = room()
    made.open_prices()
    for report in (summary(made, made.chair.user), shortlist(made, made.chair.user)):
        with opened(report.document) as file:
            tags = [item for item in file.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item]
            heads = {str(item.ID) for item in tags if item.S == "/TH"}
            cells = [item for item in tags if item.S == "/TD"]
            named = [{str(head) for head in cell.A.Headers} for cell in cells]
        assert heads and cells
        assert all(names and names <= heads for names in named)


@pytest.mark.django_db
def test_the_shortlist_report_holds_the_ranking():
    made = room(2)
    for proposal, anchor in zip(made.proposals, (3, 4), strict=True):
        factories.mark_all(proposal, made.seats, anchor)
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    made.rank()
    report = shortlist(made, made.chair.user)
    assert report.document is not None and report.document.name == "Shortlist report window 1.pdf"
    text = text_of(report.document)
    assert all(proposal.number in text for proposal in made.proposals)
    data = data_of(report.document)
    (lot,) = data["sets"]
    assert [each["rank"] for each in lot["results"]] == [1, 2]
    assert data["method"]["price_open"] and lot["proposals"][0]["price"].startswith("120000")


@pytest.mark.django_db
def test_before_prices_open_no_report_holds_them():
    texts = []
    for price, scale in (("120", "1"), ("777.77", "3.7")):
        made = room(price=price, cost_scale=scale)
        made.mark()
        made.rank()
        for report in (summary(made, made.chair.user), shortlist(made, made.chair.user)):
            assert report.document is not None
            text = text_of(report.document) + json.dumps(data_of(report.document))
            assert price not in text.replace("120 ", "") and '"price": "' not in text
            assert "Sealed" in text
        texts.append(len(text_of(report.document).split()))
    assert texts[0] == texts[1]


@pytest.mark.django_db
def test_a_reviewers_summary_holds_no_others_marks_before_prices_open():
    made = room()
    made.mark()
    made.rank()
    report = summary(made, made.others[0].user)
    assert report.document is not None
    (lot,) = data_of(report.document)["sets"]
    assert (lot["marks"], lot["automatic"], lot["decisions"], "results" in lot) == ([], [], [], False)
    assert "Reviewers mark independently" in text_of(report.document)


@pytest.mark.django_db
def test_redelivery_makes_nothing_twice():
    made = room()
    report = summary(made, made.admin)
    count, document = Document.objects.count(), report.document_id
    pdf.make(report.pk)
    report.refresh_from_db()
    assert (Document.objects.count(), report.document_id) == (count, document)


@pytest.mark.django_db
def test_what_a_killed_worker_left_is_written_over():
    """Begun, its file on the disk, not committed: the second delivery finishes under the same name."""
    made = room()
    report = actions.request_summary(made.proposals[0], by=made.admin, at=clock.wall_time())
    begun = pdf._begin(report.pk)
    assert begun is not None
    left = pdf._document(begun, pdf._render(begun))
    Document.objects.filter(pk=left.pk).delete()
    pdf.make(report.pk)
    report.refresh_from_db()
    assert report.document is not None
    assert (report.document.pk, report.document.file.name) == (left.pk, left.file.name)
    with opened(report.document) as file:
        assert len(file.pages) == report.document.pages


@pytest.mark.django_db
def test_two_workers_on_one_report_leave_one_file():
    made = room()
    report = actions.request_summary(made.proposals[0], by=made.admin, at=clock.wall_time())
    first, second = pdf._begin(report.pk), pdf._begin(report.pk)
    assert first is not None and second is not None
    written = pdf._render(first)
    pdf._keep(first, written)
    pdf._keep(second, written)
    assert Document.objects.filter(uploaded_by=made.admin).count() == 1


@pytest.mark.django_db
def test_a_report_on_what_is_not_readable_any_more_fails_in_words():
    made = room()
    report = actions.request_shortlist_report(made.window, by=made.others[0].user, at=clock.wall_time())
    pdf.make(report.pk)
    report.refresh_from_db()
    assert (report.state, report.error) == (Report.State.FAILED, "You don’t have access to a ranking.")
    page = signed_in(made.others[0].user).get(f"/evaluate/reports/{report.pk}/").content.decode()
    assert "Failed" in page and "hx-trigger" not in page


@pytest.mark.django_db
def test_a_report_that_breaks_fails_without_its_words(monkeypatch):
    made = room()

    def breaks(*_args, **_options):
        raise RuntimeError("price is 120")

    monkeypatch.setattr(printing, "render_pdf", breaks)
    report = summary(made, made.admin)
    assert report.state == Report.State.FAILED
    assert "couldn’t create the report" in report.error and "120" not in report.error


@pytest.mark.django_db
def test_a_report_belongs_to_who_asked():
    made = room()
    client = signed_in(made.admin)
    answer = client.post(f"/evaluate/proposals/{made.proposals[0].pk}/report/")
    report = Report.objects.get()
    address = f"/evaluate/reports/{report.pk}/"
    assert answer.headers["Location"] == address
    page = client.get(address, headers={"hx-request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in page and "<html" not in page
    assert client.get(address + "file/").status_code == 404
    pdf.make(report.pk)
    page = client.get(address, headers={"hx-request": "true"}).content.decode()
    assert "hx-trigger" not in page and "Download the PDF" in page
    file = client.get(address + "file/")
    assert b"".join(file.streaming_content).startswith(b"%PDF-1.7")
    assert file.headers["Content-Disposition"].startswith("attachment")
    for other in (made.chair.user, auditor(), factories.owner_of(made.proposals[0].supplier)):
        assert signed_in(other).get(address).status_code == 404
        assert signed_in(other).get(address + "file/").status_code == 404
    listed = client.get(made.base + "reports/").content.decode()
    assert "Proposal summary" in listed and "Ready" in listed


@pytest.mark.django_db
def test_the_sweep_finds_what_waits_and_what_was_lost():
    made = room()
    report = actions.request_summary(made.proposals[0], by=made.admin, at=clock.wall_time())
    now = clock.wall_time()
    assert list(queries.waiting_reports(now)) == [report]
    Report.objects.filter(pk=report.pk).update(state=Report.State.RUNNING)
    assert list(queries.waiting_reports(now)) == []
    later = now + queries.REPORT_IS_LOST_AFTER * 1.5
    assert list(queries.waiting_reports(later)) == [report]
    assert list(queries.waiting_reports(now + queries.REPORT_IS_GIVEN_UP_AFTER * 2)) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/static/css/pdf.css",
        "file:///etc/passwd",
        f"{BASE}media/x.pdf",
        f"{BASE}static/../portal/settings.py",
        f"{BASE}static/%2e%2e/portal/settings.py",
        "data:text/plain,x",
    ],
)
def test_only_static_files_are_read(url):
    with pytest.raises(ValueError, match="static files only"):
        static_name(url)


def test_a_static_file_is_read_and_a_missing_one_is_said():
    assert static_name(f"{BASE}static/css/pdf.css?v=1") == "css/pdf.css"
    assert b"@page" in static_content("css/pdf.css")
    with pytest.raises(ValueError, match="no static file"):
        static_content("css/missing.css")


def test_an_address_that_leads_outside_stops_the_pdf(tmp_path, settings):
    (tmp_path / "outside.html").write_text(
        '<html lang="en"><img alt="" src="https://example.org/x.png"></html>'
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    with pytest.raises(PdfError, match="static files only"):
        render_pdf("outside.html", {}, data={}, made_at=factories.NOW)
