"""What a reading asks, what it proposes, and what each other answer changes."""

from decimal import Decimal

import pytest

from rfp.bom.questions import Choices
from rfp.bom.reading import read_bom


def read(text, **answers):
    return read_bom(
        text.encode(), choices=Choices(answers={k.replace("_0", "-"): v for k, v in answers.items()})
    )


def answer(text, key, option):
    return read_bom(text.encode(), choices=Choices(answers={key: option}))


def asked(reading):
    return [(question.key, question.rows, question.default) for question in reading.questions]


TREE = "Level,Part,Qty,Unit cost\n1,Module,2,{unit}\n2,Board,{one},10\n2,Case,{two},5\n1,Frame,1,50\n"
# Text, key of the question, its rows, proposed total, the other answer, the total with it.
QUESTIONS = {
    "sum row": (
        "Part,Qty,Unit cost,Origin\nA,1,100,US\nB,2,100,CN\nKit,1,300,US\n",
        ("sum_row-4", (4,), "keep", 600, "leave_out", 300),
    ),
    "sum of the last two rows": (
        "Part,Qty,Unit cost\nA,1,900,\nB,1,84\nC,1,240\nKit,1,324\n",
        ("sum_row-5", (5,), "keep", 1548, "leave_out", 1224),
    ),
    "level 0": (
        "Level,Part,Qty,Unit cost\n0,Rack,1,1000\n1,Frame,1,600\n1,Bus,1,300\n",
        ("product", (2,), "product", 900, "part", 1000),
    ),
    "level 0 in the last row": (
        "Level,Part,Qty,Unit cost\n1,Frame,1,600\n1,Bus,1,300\n0,Rack,1,1000\n",
        ("product", (4,), "product", 900, "part", 1900),
    ),
    "a lone root that its children make up": (
        "Level,Part,Qty,Unit cost\n1,Rack,1,1000\n2,Frame,1,600\n2,Bus,2,200\n",
        ("product", (2,), "product", 1000, "part", 1000),
    ),
    "a lone root that costs more than its children": (
        "Level,Part,Qty,Unit cost\n1,Rack,1,1000\n2,Frame,1,600\n",
        ("product", (2,), "part", 1000, "product", 600),
    ),
    "quantity per assembly": (
        TREE.format(unit=20, one=1, two=2),
        ("quantity_basis", (3, 4), "assembly", 90, "product", 90),
    ),
    "quantity that adds up per product only": (
        TREE.format(unit=20, one=2, two=4),
        ("quantity_basis", (3, 4), "product", 90, "assembly", 90),
    ),
    "no quantity": (
        "Part,Unit cost,Origin\nA,5,US\nB,6,CN\n",
        ("quantity_missing", (2, 3), "one", 11, "blank", None),
    ),
    "a total instead of a unit cost": (
        "Part,Qty,Extended price\nBolt,8,2\n",
        ("unit_cost", (2,), "divide", 2, "unit", 16),
    ),
    "quantity x cost is not the total": (
        "Part,Qty,Unit cost,Ext cost\nA,2,5,10\nB,2,5,12\nC,1,3,3\n",
        ("cost_mismatch", (3,), "unit", 23, "line", 25),
    ),
    "a number that may be two": (
        "Part,Qty,Unit cost\nBolt,12.000,0.10\n",
        ("number", (2,), "point", "1.2", "comma", 1200),
    ),
    "foreign money": (
        "Part,Qty,Unit cost\nA,1,€5\nB,1,€6\n",
        ("foreign_currency-EUR", (2, 3), "keep", 11, "usd", 11),
    ),
    "two currencies in a row": (
        "Part,Qty,Unit cost,Currency\nA,1,€5,USD\nB,1,6,EUR\n",
        ("currency", (2,), "keep", 11, "usd", None),
    ),
    "about": (
        "Part,Qty,Unit cost\nA,1,~5\nB,1,6\n",
        ("approximate", (2,), "keep", 11, "blank", 6),
    ),
    "a price for a hundred": (
        "Part,Qty,Unit cost\nScrew,100,$5.00/100\n",
        ("price_per", (2,), "divide", 5, "blank", None),
    ),
    "not placed": (
        "Part,Qty,Unit cost,DNP\nA,1,5,\nB,1,6,DNP\n",
        ("not_fitted", (3,), "leave_out", 5, "keep", 11),
    ),
    "a charge": (
        "Part,Qty,Unit cost\nA,1,5\nShipping,1,25\n",
        ("charge_row", (3,), "keep", 30, "leave_out", 5),
    ),
    "headings between rows": (
        "Part,Qty,Unit cost\nElectronics,,\nA,1,5\n",
        ("heading_row", (2,), "leave_out", 5, "keep", 5),
    ),
    "a total word with more": (
        "Part,Maker,Qty,Unit cost\nA,X,1,5\nTotal station,Leica,1,25\n",
        ("total_row-3", (3,), "keep", 30, "leave_out", 5),
    ),
    "two headings alike": (
        "Part,Qty,Cost,Cost\nA,1,5,6\nB,1,5,7\n",
        ("duplicate_heading-D", (), "first", 10, "other", 13),
    ),
    "a column read from its cells": (
        "Part,Foo,Unit cost\nA,2,5.50\n",
        ("columns-B", (), "use", 11, "ignore", "5.5"),
    ),
    "an assembly without a cost": (
        TREE.format(unit="", one=1, two=2),
        ("assembly_cost", (2,), "sum", 90, "blank", 50),
    ),
    "no headings": (
        "1,Bracket steel,2,4.50\n2,Bolt M8 zinc,8,0.10\n",
        ("header", (1,), "none", "9.8", "headings", "0.8"),
    ),
}


@pytest.mark.parametrize("case", QUESTIONS.values(), ids=QUESTIONS)
def test_questions_propose_an_answer_and_take_another(case):
    text, (key, rows, default, total, other, then) = case
    reading = read_bom(text.encode())
    assert (key, rows, default) in asked(reading)
    assert reading.total == (None if total is None else Decimal(total))
    changed = answer(text, key, other)
    question = next(q for q in changed.questions if q.key == key)
    assert question.is_answered and question.answer == other
    assert changed.total == (None if then is None else Decimal(then))


def test_an_answer_that_is_no_option_is_not_taken():
    text, (key, *_) = QUESTIONS["sum row"]
    reading = answer(text, key, "surprise")
    assert not next(q for q in reading.questions if q.key == key).is_answered and reading.total == 600


def test_what_leaves_no_doubt_is_not_asked():
    for text in (
        "Part,Qty,Unit cost,Origin\nA,1,100,US\nB,2,50,CN\n",
        "Part Number,Part,Qty,Unit cost\n1,A,1,100\n2,B,1,50\n3,C,1,150\n",
        'Part,Qty,Unit cost\nA,"1,250",3.50\n',
        "Part;Menge;Preis\nA;1.250;3,50\n",
        "Part,Qty,Unit cost\nA,2,12.50\nTotal,,25.00\n",
        "Level,Part,Quantity per product,Unit cost\n1,Module,2,20\n2,Board,2,10\n1,Frame,1,50\n",
    ):
        assert read_bom(text.encode()).questions == ()


@pytest.mark.parametrize(
    "word",
    [
        "TOTAL", "Total:", "Grand total", "Sub-total", "Subtotal", "Total material cost", "Total (USD)",
        "Sum", "Summe", "Gesamtsumme", "Zwischensumme", "Sous-total", "Totale", "Razem", "Итого", "合计", "小計",
        "Total BOM cost", "Total of all parts",
        "Total cost per unit:", "BOM total", "Total for this assembly",
    ],
)  # fmt: skip
def test_total_words(word):
    reading = read_bom(f"Part,Qty,Unit cost\nA,1,5\nB,1,6\n{word},2,11\n".encode())
    assert [each.row for each in reading.left_out] == [4] and reading.total == 11


@pytest.mark.parametrize(
    "word", ["Total station", "Summit bracket", "Resume button", "Subtotaler", "Totalizer"]
)
def test_names_that_only_begin_like_a_total_stay(word):
    reading = read_bom(f"Part,Qty,Unit cost,Origin\nA,1,5,US\n{word},2,7,US\n".encode())
    assert [line.facts.part for line in reading.lines] == ["A", word]


def test_a_total_word_with_a_part_number_is_a_part():
    reading = read_bom(b"Part Number,Part,Qty,Unit cost\nA-1,A,1,5\nT-1,Total,1,5\n")
    assert len(reading.lines) == 2 and reading.left_out == ()


def test_columns_are_named_by_hand():
    text = "1,Bracket steel,2,4.50,US\n2,Bolt M8 zinc,8,0.10,CN\n"
    chosen = {0: "", 1: "name", 2: "unit_cost", 3: "qty", 4: "origin"}
    reading = read_bom(text.encode(), choices=Choices(header_row=0, columns=chosen))
    assert [(line.part, line.qty, line.unit_acquisition_cost, line.origin) for line in reading.facts] == [
        ("Bracket steel", Decimal("4.50"), Decimal(2), "US"),
        ("Bolt M8 zinc", Decimal("0.10"), Decimal(8), "CN"),
    ]
    assert reading.questions == ()


def test_the_row_with_the_headings_is_chosen_by_hand():
    text = "Part,Qty\nold,1\nName,How\nBolt,2\n"
    reading = read_bom(text.encode(), choices=Choices(header_row=3, columns={1: "qty"}))
    assert [(line.row, line.facts.part, line.facts.qty) for line in reading.lines] == [
        (4, "Bolt", Decimal(2))
    ]


def test_currency_of_the_whole_table_above_or_below_it():
    for text in (
        "All prices in EUR\nPart,Qty,Unit price\nA,1,2.50\n",
        "Currency,EUR\nPart,Qty,Unit price\nA,1,2.50\n",
        "Part,Qty,Unit price\nA,1,2.50\nPrices in EUR,,\n",
        "Part,Qty,Unit price\n,pcs,EUR\nA,1,2.50\n",
        "Part,Qty,Unit price [EUR]\nA,1,2.50\n",
        "Part,Qty,Preis in €\nA,1,2.50\n",
    ):
        assert [line.currency for line in read_bom(text.encode()).facts] == ["EUR"], text


def test_dollars_are_preferred_to_another_currency():
    reading = read_bom(b"Part,Qty,Price EUR,Price USD\nA,1,2,3\n")
    assert [(line.unit_acquisition_cost, line.currency) for line in reading.facts] == [(Decimal(3), "USD")]


def test_parents_that_are_not_there_and_circles_are_named():
    reading = read_bom(b"Line,Parent line,Part,Qty,Unit cost\n1,,A,1,5\n2,9,B,1,5\n3,4,C,1,5\n4,3,D,1,5\n")
    assert [(error.row, error.column) for error in reading.errors] == [(3, "Parent line"), (4, "")]
    assert [line.level for line in reading.lines] == [1, 1, 1, 2]


@pytest.mark.parametrize(
    "levels",
    ["1 2 3 2 1", ".1 ..2 ...3 ..2 .1", "-1 --2 ---3 --2 -1", "L1 L2 L3 L2 L1", "1.0 2.0 3.0 2.0 1.0",
     "1 1.1 1.1.1 1.2 2", "1. 1.1. 1.1.1. 1.2. 2.", "1.0 1.1 1.1.1 1.2 2.0", "* ** *** ** *"],
)  # fmt: skip
def test_levels_as_tools_write_them(levels):
    rows = "".join(f"{level},P{n},1,5\n" for n, level in enumerate(levels.split()))
    reading = read_bom(f"Level,Part,Qty,Unit cost\n{rows}".encode())
    assert [(line.level, line.parent_row) for line in reading.lines] == [
        (1, None),
        (2, 2),
        (3, 3),
        (2, 2),
        (1, None),
    ]


def test_a_level_that_is_none_is_named():
    reading = read_bom(b"Level,Part,Qty\n1,A,1\ntop,B,1\n,C,1\n")
    assert [(error.row, error.column) for error in reading.errors] == [(3, "Level"), (4, "Level")]
