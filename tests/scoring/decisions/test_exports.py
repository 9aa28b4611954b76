"""Exports hold what the page shows, and nothing that a spreadsheet would run."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from portal.kit.compliance import Envelope
from portal.kit.tables import csv_lines, safe
from scoring.models import RankedProposal, Stability
from scoring.ranking import order
from scoring.ranking.actions import count_ranking_request
from scoring.ranking.certainty import stability
from scoring.reports import summaries
from tests import factories as make
from tests.scoring.rooms import room, signed_in


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("-5.25", "-5.25"),
        ("+1 (419) 555-0100", "+1 (419) 555-0100"),
        ("+14195550100", "+14195550100"),
        ("-12%", "-12%"),
        ("Plain-Works =", "Plain-Works ="),
        ("", ""),
    ],
)
def test_a_formula_is_neutralised_and_a_number_is_not(text, shown):
    assert safe(text) == shown


def test_quotes_commas_and_line_breaks_stay_in_their_cell():
    text = "".join(csv_lines([["a,b", 'say "x"', "two\nlines"]]))
    assert next(csv.reader(io.StringIO(text.removeprefix("\ufeff")))) == ["a,b", 'say "x"', "two\nlines"]


def table_of(answer):
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


@pytest.mark.django_db
def test_the_csv_is_what_the_page_shows():
    made = room(2)
    made.open_prices()
    first = RankedProposal.objects.get(position=1)
    RankedProposal.objects.filter(pk=first.pk).update(supplier_name="=HYPERLINK(1)")
    client = signed_in(made.chair.user)
    answer = client.get(made.base + "ranking/export/csv/")
    rows = table_of(answer)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert (rows[0][:4], len(rows)) == (["Lot", "Rank in lot", "Proposal", "Supplier"], 3)
    assert rows[1][3] == "'=HYPERLINK(1)"
    assert rows[1][rows[0].index("Price total, $")] == "120000"
    filtered = table_of(client.get(made.base + "ranking/export/csv/", {"q": made.proposals[1].number}))
    assert [row[2] for row in filtered[1:]] == [made.proposals[1].number]


CHANCE = ["Chance of top 3, %", "Contested place", "About the chance"]


def chances_in(made, reader, query=""):
    """number → (chance, contested, about it) in the CSV, and the same from the XLSX."""
    client = signed_in(reader)
    rows = table_of(client.get(f"{made.base}ranking/export/csv/{query}"))
    at = rows[0].index(CHANCE[0])
    assert rows[0][at : at + 3] == CHANCE
    sheet = load_workbook(io.BytesIO(client.get(f"{made.base}ranking/export/xlsx/{query}").content)).active
    found = {row[2]: tuple(row[at : at + 3]) for row in rows[1:]}
    same = {
        row[2]: tuple("" if cell is None else str(cell) for cell in row[at : at + 3])
        for row in sheet.iter_rows(min_row=2, values_only=True)
    }
    assert found == same
    return found


@pytest.mark.django_db
def test_files_hold_the_chance_that_the_page_shows():
    made = room(5)
    for at, proposal in enumerate(made.proposals):
        make.mark_all(proposal, made.seats, 4 if at < 2 else 3)
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    made.rank()
    stability.measure(made.window)
    third = RankedProposal.objects.get(position=3)
    said = {
        "rank": 3,
        "number": third.proposal_number,
        "name": third.supplier_name,
        "supplier": third.supplier_id,
        "chance": 0.5,
    }
    Stability.objects.update(contested=[said])
    found = chances_in(made, made.chair.user)
    assert found[third.proposal_number][1] == "Contested"
    page = signed_in(made.chair.user).get(made.base + "ranking/?window=1&lot=L1").content.decode()
    assert len(found) == 5
    for chance, contested, about in found.values():
        assert f"</span> {chance}%" in page and contested in ("", "Contested") and about == ""
    shown = page.count('<tr class="contested">')
    assert [each[1] for each in found.values()].count("Contested") == shown > 0
    assert chances_in(made, made.chair.user, "?lot=all") == found
    report = summaries.shortlist_of(made.window, made.chair.user).context["lots"][0]
    assert {row.number: chance.words.rstrip("%") for row, chance in report.rows} == {
        number: chance for number, (chance, *_rest) in found.items()
    }


@pytest.mark.django_db
def test_where_there_is_no_chance_the_file_says_why():
    made = room(2)
    made.open_prices()
    assert set(chances_in(made, made.chair.user).values()) == {("", "", "Not computed for this ranking yet")}
    stability.measure(made.window)
    assert {each[2] for each in chances_in(made, made.chair.user).values()} == {""}
    count_ranking_request(made.window)
    earlier = chances_in(made, made.chair.user).values()
    assert all(each[0] and each[2].startswith("From an earlier ranking") for each in earlier)
    Stability.objects.update(declined="This formula has no weights to vary.")
    assert set(chances_in(made, made.chair.user).values()) == {
        ("", "", "This formula has no weights to vary.")
    }
    RankedProposal.objects.filter(position=2).update(rank=None, standing="knocked_out")
    assert ("", "", "Not ranked") in chances_in(made, made.chair.user).values()


@pytest.mark.django_db
def test_a_new_chance_makes_another_file():
    made = room(2)
    made.open_prices()
    client = signed_in(made.chair.user)
    first = client.get(made.base + "ranking/export/csv/").headers["ETag"]
    assert client.get(made.base + "ranking/export/csv/").headers["ETag"] == first
    stability.measure(made.window)
    assert client.get(made.base + "ranking/export/csv/").headers["ETag"] != first


@pytest.mark.django_db
def test_before_prices_open_no_column_holds_them():
    made = room()
    made.mark()
    made.rank()
    heads = table_of(signed_in(made.chair.user).get(made.base + "ranking/export/csv/"))[0]
    assert [head for head in heads if "rice" in head or head in ("Score", "P, mark")] == []


@pytest.mark.django_db
def test_the_workbook_has_numbers_as_numbers_and_text_as_text():
    made = room()
    made.open_prices()
    RankedProposal.objects.update(supplier_name="=1+1", place="A\x07B")
    answer = signed_in(made.chair.user).get(made.base + "ranking/export/xlsx/")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    heads = [cell.value for cell in sheet[1]]
    row = dict(zip(heads, sheet[2], strict=True))
    assert (row["Supplier"].value, row["Supplier"].data_type) == ("'=1+1", "s")
    assert row["Price total, $"].value == 120000
    assert row["Location"].value == "AB"


@pytest.mark.django_db
def test_another_kind_of_file_is_not_found():
    made = room()
    made.open_prices()
    assert signed_in(made.chair.user).get(made.base + "ranking/export/html/").status_code == 404


@pytest.mark.django_db
def test_the_export_asks_as_often_for_three_rows_as_for_one():
    costs = []
    for count in (1, 3):
        made = room(count)
        made.open_prices()
        client = signed_in(made.chair.user)
        client.get(made.base + "ranking/export/csv/")
        with CaptureQueriesContext(connection) as captured:
            assert len(table_of(client.get(made.base + "ranking/export/csv/"))) == count + 1
        costs.append(len(captured))
    assert costs[0] == costs[1]


@pytest.mark.django_db
def test_files_have_lead_time_jobs_and_what_expires_before_the_selection():
    made = room()
    made.open_prices()
    RankedProposal.objects.update(
        lead_time_days=56, jobs=88, expires_on=date(2026, 6, 3), expires_what="ISO 9001"
    )
    windows = type(made.window).objects.filter(pk=made.window.pk)
    windows.update(feedback_by=date(2026, 6, 30))
    client = signed_in(made.chair.user)
    heads, row = table_of(client.get(made.base + "ranking/export/csv/"))
    said = dict(zip(heads, row, strict=True))
    assert (said["Lead time, days"], said["Jobs, new and kept"]) == ("56", "88")
    assert (said["Expires before selection"], said["Expires on"]) == ("ISO 9001", "2026-06-03")
    windows.update(feedback_by=date(2026, 6, 1))
    heads, row = table_of(client.get(made.base + "ranking/export/csv/"))
    assert dict(zip(heads, row, strict=True))["Expires on"] == ""
