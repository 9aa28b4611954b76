"""The preview of a bill of materials: nothing is replaced before it is seen, and each doubt can be answered."""

import io
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.models import Document
from rfp import schedule
from rfp.drafting import boms
from rfp.models import BomHeadings, BomLine, BomUpload
from tests import factories as make

pytestmark = pytest.mark.django_db
CASES = Path(__file__).parents[1] / "bom" / "cases"
CSV = b"line,part,qty,unit cost,freight,duty,origin,made in us\n1,Frame,1,750,0,0,US,yes\n2,Lock,2,125,0,0,TW,no\n"
UNKNOWN = b"Aaa;Bbb;Ccc;Ddd\nBracket steel;2;4,50;US\nBolt zinc;8;0,10;CN\n"


@pytest.fixture
def proposal():
    return make.make_draft()


@pytest.fixture
def supplier(client, proposal):
    client.force_login(make.owner_of(proposal.supplier))
    return client


def address(proposal, tail=""):
    return f"/proposals/{proposal.pk}/edit/bom/{tail}"


def stored(proposal):
    return [(line.part, line.qty, line.origin) for line in make.draft_of(proposal).bom_lines.all()]


def send(client, proposal, data, name="bom.csv"):
    """Upload a file; the page that follows."""
    return client.post(address(proposal, "upload/"), {"file": SimpleUploadedFile(name, data)}, follow=True)


def preview_of(response):
    return response.redirect_chain[-1][0]


def change(client, url, **fields):
    """Send decisions as the page does: each with what it was before."""
    data = {}
    for name, (before, after) in fields.items():
        key = name.replace("_", "-", 1)
        data |= {f"was-{key}": before, key: after}
    return client.post(url, data, follow=True)


def parts(response):
    return [line.part for line in response.context["lines"]]


def test_a_bom_is_read_shown_and_put_in_place_when_confirmed(supplier, proposal):
    response = send(supplier, proposal, CSV.replace(b"Frame", b"New frame"))
    html = response.content.decode()
    assert "2 lines read from" in html and "$1,000.00" in html and "75.0%" in html
    assert stored(proposal)[0][0] == "Frame"
    done = supplier.post(preview_of(response), {"use": "1"}, follow=True)
    assert "2 lines of bom.csv added to the draft." in done.content.decode()
    assert [part for part, *_ in stored(proposal)] == ["New frame", "Lock"]


def test_every_cell_that_cannot_be_read_is_named_at_its_line(supplier, proposal):
    response = send(supplier, proposal, CSV + b"3,Fan,many,5,0,0,Atlantis,no\n")
    html = response.content.decode()
    assert "2 cells or rows could not be read." in html
    assert response.context["lines"][2].says == (
        "qty: “many” is not a number.",
        "origin: “Atlantis” is not a country we recognize. Use its name or two-letter code.",
    )


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"%PDF-1.4", "bom.csv", "match its name"),
        (b"x", "bom.exe", "accept this file type"),
        (b"%PDF-1.4\n", "bom.pdf", "damaged"),
        (b"", "bom.csv", "empty"),
        (b"PK\x03\x04 not a workbook", "bom.xlsx", "damaged"),
        ((CASES / "formula.xlsx").read_bytes(), "bom.csv", "text"),
    ],
)
def test_a_file_that_is_no_bom_is_refused_beside_the_field(supplier, proposal, data, name, words):
    assert words in send(supplier, proposal, data, name).content.decode()
    assert len(stored(proposal)) == 2 and not BomUpload.objects.exists()


def test_a_file_without_a_table_says_so_and_changes_nothing(supplier, proposal):
    response = send(supplier, proposal, b"hello\nworld\n")
    assert "We couldn’t read any lines" in response.content.decode()
    assert "Use these lines" not in response.content.decode()
    supplier.post(preview_of(response), {"use": "1"})
    assert len(stored(proposal)) == 2


def test_sending_nothing_and_sending_two_things_is_named(supplier, proposal):
    html = supplier.post(address(proposal, "upload/"), {}).content.decode()
    assert "Choose a file or paste rows below." in html
    both = {"file": SimpleUploadedFile("bom.csv", CSV), "pasted": "Part\tQty\nA\t1\n"}
    html = supplier.post(address(proposal, "upload/"), both).content.decode()
    assert "not both" in html and "Part\tQty" in html


def test_rows_are_pasted(supplier, proposal):
    pasted = {"pasted": "Part\tQty\tUnit cost\tOrigin\nGehäuse\t1\t1,250.00\tDE\n"}
    response = supplier.post(address(proposal, "upload/"), pasted, follow=True)
    assert parts(response) == ["Gehäuse"] and response.context["total"] == "$1,250.00"
    supplier.post(preview_of(response), {"use": "1"})
    assert stored(proposal) == [("Gehäuse", 1, "DE")]
    assert make.draft_of(proposal).bom_name == "pasted rows.txt"


@pytest.mark.parametrize("name", ["bom.tsv", "bom.txt", "BOM.CSV"])
def test_kinds_of_text_files(supplier, proposal, name):
    response = send(supplier, proposal, b"Part\tQty\tUnit cost\nBolt\t2\t5\n", name)
    assert parts(response) == ["Bolt"]


def test_a_workbook_and_its_sheets(supplier, proposal):
    book = openpyxl.Workbook()
    book.active.append(["Nothing here", "but words"])
    for title, part in (("Rev A", "Old"), ("Rev B", "New")):
        sheet = book.create_sheet(title)
        for row in (["Part", "Qty", "Unit cost"], [part, 1, 5]):
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    response = send(supplier, proposal, out.getvalue(), "bom.xlsx")
    assert parts(response) == ["Old"] and "The file has 3 sheets" in response.content.decode()
    assert parts(change(supplier, preview_of(response), q_sheet=("sheet-1", "sheet-2"))) == ["New"]


def test_the_template_is_read_without_a_question(supplier, proposal):
    template = supplier.get("/proposals/bom-template.xlsx")
    assert template["Content-Type"].endswith("sheet")
    response = send(supplier, proposal, template.content, "mine.xlsx")
    reading = response.context["reading"]
    assert [question.kind for question in reading.questions] == ["quantity_basis"] and not reading.errors
    assert [(line.facts.qty, line.level) for line in reading.lines] == [(2, 1), (2, 2), (4, 1)]


def test_a_question_is_answered_before_the_lines_are_used(supplier, proposal):
    response = send(supplier, proposal, (CASES / "bom21-level-zero-root-foreign-parts.csv").read_bytes())
    html = response.content.decode()
    assert "1 question about this file" in html and "the finished product?" in html
    assert parts(response) == ["Frame", "Busbar", "Label set"]
    url = preview_of(response)
    changed = change(supplier, url, q_product=("product", "part"))
    assert parts(changed) == ["Finished rack", "Frame", "Busbar", "Label set"]
    assert "You answered" in changed.content.decode()


def test_a_change_that_was_not_shown_yet_is_shown_before_the_lines_are_used(supplier, proposal):
    url = preview_of(send(supplier, proposal, b"Part,Qty,Unit cost\nA,1,5\nB,1,6\nKit,1,11\n"))
    data = {"was-q-sum_row-4": "keep", "q-sum_row-4": "leave_out", "use": "1"}
    response = supplier.post(url, data, follow=True)
    assert parts(response) == ["A", "B"] and "Check them, then choose" in response.content.decode()
    assert [part for part, *_ in stored(proposal)] == ["Frame", "Lock"]
    supplier.post(url, {"was-q-sum_row-4": "leave_out", "q-sum_row-4": "leave_out", "use": "1"})
    assert [part for part, *_ in stored(proposal)] == ["A", "B"]


def test_columns_are_named_by_hand_and_remembered_for_the_next_file(supplier, proposal):
    response = send(supplier, proposal, UNKNOWN)
    url = preview_of(response)
    changed = change(supplier, url, c_1=("qty", "unit_cost"), c_2=("unit_cost", "qty"), c_3=("origin", ""))
    first = changed.context["reading"].facts[0]
    assert (str(first.qty), str(first.unit_acquisition_cost), first.origin) == ("4.50", "2", "")
    supplier.post(url, {"use": "1"})
    assert BomHeadings.objects.get().supplier == proposal.supplier
    again = send(supplier, proposal, UNKNOWN.replace(b"Aaa", b"AAA ").replace(b"Bolt", b"Nut"))
    assert str(again.context["reading"].facts[1].qty) == "0.10"
    assert "in your last file with these headings" in again.content.decode()


def test_another_supplier_does_not_inherit_the_meaning_of_columns(client, proposal):
    client.force_login(make.owner_of(proposal.supplier))
    url = preview_of(send(client, proposal, UNKNOWN))
    change(client, url, c_3=("origin", ""))
    client.post(url, {"use": "1"})
    other = make.make_draft()
    client.force_login(make.owner_of(other.supplier))
    assert send(client, other, UNKNOWN).context["reading"].facts[0].origin == "US"


def test_two_columns_cannot_mean_the_same(supplier, proposal):
    url = preview_of(send(supplier, proposal, b"Part,Qty,Unit cost,Foo,Bar\nA,1,5,7,8\n"))
    data = {"was-c-3": "", "c-3": "qty", "was-c-4": "", "c-4": "qty_assembly"}
    response = supplier.post(url, data)
    words = "Column D is already “Quantity per assembly”. Choose one column for it."
    assert response.status_code == 200 and words in response.content.decode()
    assert response.context["columns"][4].problem == words
    assert response.context["reading"].facts[0].qty == 7


@pytest.mark.parametrize(
    "data",
    [
        {"was-c-1": "qty", "c-1": "nonsense"},
        {"was-c-999999": "", "c-999999": "qty"},
        {"was-q-product": "x", "q-product": "nonsense"},
        {"was-header": "1", "header": "-5"},
        {"was-header": "1", "header": "99999999"},
        {"was-q-../x": "1", "q-../x": "2"},
        {"c-1": "name", "q-sum_row-4": "leave_out"},
    ],
)
def test_nonsense_changes_nothing(supplier, proposal, data):
    url = preview_of(send(supplier, proposal, CSV))
    response = supplier.post(url, data, follow=True)
    assert parts(response) == ["Frame", "Lock"] and response.context["reading"].total == 1000


def test_the_row_with_the_headings_is_chosen(supplier, proposal):
    url = preview_of(send(supplier, proposal, b"Part,Qty\nold,1\nName,Quantity\nBolt,2\n"))
    response = change(supplier, url, header=("1", "3"))
    assert parts(response) == ["Bolt"]
    assert parts(change(supplier, url, header=("3", "0"))) == ["Part", "old", "Name", "Bolt"]


def test_a_broken_file_shows_its_row_and_cannot_be_used(supplier, proposal):
    response = send(supplier, proposal, (CASES / "bom34-unbalanced-quote.csv").read_bytes())
    html = response.content.decode()
    assert "This file needs 1 correction" in html and "&quot;Panel 24 in,1,100,US" in html
    assert 'id="row-2"' in html and "Use these lines</button>" not in html
    refused = supplier.post(preview_of(response), {"use": "1"}, follow=True)
    assert "can’t use this file as is" in refused.content.decode()
    assert len(stored(proposal)) == 2


def test_foreign_money_is_shown_as_such_and_leaves_the_share_open(supplier, proposal):
    response = send(supplier, proposal, (CASES / "bom01-price-eur-in-header.csv").read_bytes())
    assert response.context["total"] == "€99.62"
    assert response.context["share_new"].outcome == "refer" and "$99.62" not in response.content.decode()
    supplier.post(preview_of(response), {"use": "1"})
    html = supplier.get(address(proposal)).content.decode()
    assert (
        "currency is not U.S. dollars" in html
        and "$99.62" not in html
        and "component cost is from" not in html
    )


def test_a_file_that_somebody_else_sent_is_not_there(client, supplier, proposal):
    url = preview_of(send(supplier, proposal, CSV))
    document = Document.objects.get(name="bom.csv")
    other = make.make_draft()
    client.force_login(make.owner_of(other.supplier))
    assert client.get(address(other, f"{document.pk}/")).status_code == 404
    assert client.get(url).status_code == 404


def test_a_long_preview_is_paged_and_costs_the_same_queries(supplier, proposal, django_assert_num_queries):
    rows = "".join(f"{n},Part {n},1,5,US,yes\n" for n in range(1, 121))
    url = preview_of(send(supplier, proposal, f"line,part,qty,unit cost,origin,made in us\n{rows}".encode()))
    page = supplier.get(f"{url}?page=3")
    assert parts(page)[0] == "Part 101" and len(parts(page)) == 20 and page.context["pages"] == 3
    counts = []
    for count in (1, 3):
        rows = "".join(f"{n},Part {n},1,5,US,yes\n" for n in range(1, count + 1))
        url = preview_of(
            send(supplier, proposal, f"line,part,qty,unit cost,origin,made in us\n{rows}".encode())
        )
        with CountQueries() as asked:
            supplier.get(url)
        counts.append(asked.count)
    assert counts[0] == counts[1]


class CountQueries:
    """Counts the queries inside."""

    def __enter__(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.captured = CaptureQueriesContext(connection)
        self.captured.__enter__()
        return self

    def __exit__(self, *args):
        self.captured.__exit__(*args)
        self.count = len(self.captured)


def test_files_that_wait_are_removed_after_a_day(supplier, proposal, django_capture_on_commit_callbacks):
    send(supplier, proposal, CSV, "old.csv")
    send(supplier, proposal, CSV, "new.csv")
    old = BomUpload.objects.get(document__name="old.csv")
    path = old.document.file.name
    BomUpload.objects.filter(pk=old.pk).update(sent_at=old.sent_at - timedelta(hours=25))
    assert default_storage.exists(path) or old.document.file.storage.exists(path)
    storage = old.document.file.storage
    with django_capture_on_commit_callbacks(execute=True):
        schedule.remove_old_boms()
    assert list(BomUpload.objects.values_list("document__name", flat=True)) == ["new.csv"]
    assert not Document.objects.filter(name="old.csv").exists() and not storage.exists(path)


def test_no_more_than_a_few_files_wait(supplier, proposal):
    for n in range(boms.MOST_WAITING + 2):
        send(supplier, proposal, CSV, f"{n}.csv")
    names = set(BomUpload.objects.values_list("document__name", flat=True))
    assert names == {f"{n}.csv" for n in range(2, boms.MOST_WAITING + 2)}


def queries_of(client, url):
    with CountQueries() as asked:
        assert client.get(url).status_code == 200
    return asked


@pytest.mark.parametrize("key", ["product", "price", "capacity", "documents", "bom", "answers"])
def test_pages_of_a_draft_do_not_load_lines_that_they_do_not_show(supplier, proposal, key):
    draft = make.draft_of(proposal)
    url = f"/proposals/{proposal.pk}/edit/{key}/"
    few = queries_of(supplier, url).count
    BomLine.objects.bulk_create(
        BomLine(revision=draft, position=n, line_no=str(n), part=f"Part {n}", qty=1) for n in range(3, 1300)
    )
    many = queries_of(supplier, url)
    assert many.count <= few + (key == "bom")
    for query in many.captured.captured_queries:
        sql = query["sql"]
        if 'FROM "rfp_bomline"' in sql and '"rfp_bomline"."part"' in sql.split(" FROM ")[0]:
            assert key == "bom" and "IN (" in sql


def test_the_share_of_a_long_bom_comes_after_its_page(supplier, proposal):
    draft = make.draft_of(proposal)
    BomLine.objects.bulk_create(
        BomLine(revision=draft, position=n, line_no=str(n), part=f"Part {n}", qty=1, unit_acquisition_cost=0,
                inbound_freight=0, duty=0, origin="US", us_manufactured=True)
        for n in range(3, 1300)
    )  # fmt: skip
    html = supplier.get(address(proposal)).content.decode()
    assert "Adding up 1,299 lines" in html and "75.0%" not in html
    assert "75.0%" in supplier.get(address(proposal, "share/")).content.decode()
