"""The matcher: what it must see through, what it must leave alone, and its properties."""

from decimal import Decimal

import pytest

from suppliers.matching.match import LOGGED, POSSIBLE, NameIndex, band_of, compare
from suppliers.matching.party import ListedParty
from tests.suppliers.matching.names_index import found


@pytest.mark.parametrize(
    "raw",
    [
        "VERKHOMIR TURBINE INDUSTRIES JSC",
        "Verkhomir Turbine Industries",
        "Verkhomir Turbine Industries LLC",
        "verkhomir, turbine; industries.",
        "Turbine Industries Verkhomir",
        "VerkhomirTurbine Industries JSC",
        "VERKHOMIRTURBINEINDUSTRIES",
        "V e r k h o m i r T u r b i n e I n d u s t r i e s",
        "Ver\u200bkho\u2060mir Turbine Indus\u00adtries",
        "Vеrkhоmir Turbinе Industriеs",
        "Ｖｅｒｋｈｏｍｉｒ Turbine Industries",
        "Verkh0mir Turbine Industr1es",
        "Verkhomir Turbine Ind.",
        "Verkomir Turbine Industries",
        "Verkhomir Tubrine Industries JSC",
        "Werkhomir Turbine Industries",
        "c/o Verkhomir Turbine Industries",
        "Verkhomir Turbine Industries (Moscow branch)",
        "Verkhomir Turbine Industries, Room 1203",
        "Head Office of Verkhomir Turbine Industries",
        "Larkspur Trust dba Verkhomir Turbine Industries",
        "Larkspur Trust (formerly Verkhomir Turbine Industries JSC)",
        "Beneficiary: Verkhomir Turbine Industries",
        "LIMITED LIABILITY COMPANYVERKHOMIR TURBINE INDUSTRIES",
        "ВЕРХОМИР TURBINE INDUSTRIES",
        "verkhomir turbiոe iոdusтries",
        "verkhomіr tսrbіne іndսstrіes",
        "V3RKH0M1R TURB1N3 1NDUSTR13S J01NT ST0CK C0MPANY",
    ],
)
def test_a_listed_name_is_seen_through_its_disguise(index, raw):
    assert "0" in found(index, raw)


@pytest.mark.parametrize(
    "raw",
    [
        "Hockhollow Rackworks LLC",
        "Trading Industries Inc",
        "Export Bank",
        "International Trading Company Ltd",
        "Joint Stock Company",
        "Marchetti Machine Works Inc",
        "Verkhomir Turbine Industries 2",
        "",
        "…",
    ],
)
def test_what_shares_only_common_words_raises_nothing(index, raw):
    assert found(index, raw) == []


@pytest.mark.parametrize(
    "raw",
    [
        "QOBCORPORATION",
        "Q O B C O R P O R A T I O N",
        "Qo Bcorp oration",
        "Q.O.B. Corporation",
        "Q0B C0RP0RATI0N",
    ],
)
def test_a_short_name_is_found_however_it_is_spaced_with_its_form(raw):
    index = NameIndex(
        [ListedParty(record_id="q", name="Qob Corporation"), ListedParty(record_id="x", name="Cob")]
    )
    assert found(index, raw) == ["q"]


def test_a_name_of_nothing_but_look_alikes_is_read_as_it_looks():
    index = NameIndex([ListedParty(record_id="q", name="ACEX OY")])
    assert found(index, "АСЕХ ОУ") == ["q"]


def test_a_person_is_found_in_either_order(index):
    assert found(index, "Aurelio Dante Marchetti") == ["p1"]
    assert found(index, "Marchetti, Aurelio") == ["p1"]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Larkmead Fund II L.P.", "Larkmead Fund L.P.", False),
        ("Larkmead Fund II L.P.", "Larkmead Fund 2 LP", True),
        ("Brigade Forty-Four", "Brigade 44", True),
        ("Larkmead Bank (France)", "Larkmead Bank (Italy)", False),
        ("Bank of Larkmead", "Bank of Ironvale", False),
        ("LarkmeadAG", "Larkmead AG", True),
        ("Larkmead Intl Mfg", "Larkmead International Manufacturing", True),
        ("Larkmead Gesellschaft mit beschränkter Haftung", "Larkmead GmbH", True),
        ("ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ ЗОЛВАРИН", "Zolvarin LLC", True),
        ("Setco Inc", "Sedco", False),
        ("3M Company", "4M Company", False),
        ("Quillram Ironvale Union", "Quillram Ironvale Union (QIU)", True),
        ("Ironvale Metals", "Larkmead Trading (formerly Ironvale Metals)", True),
        ("Ironvale Union of Metals", "Unia Metalen (Ironvale Union of Metals)", True),
        ("Larkmead Iran", "Larkmead Iraq", False),
        ("International Trading Export", "International Trading Export Quill", False),
        ("1st Larkmead Bank", "First Larkmead Bank", True),
        ("Twenty-first Larkmead Fund", "21st Larkmead Fund", True),
        ("9th Larkmead Shipyard", "7th Larkmead Shipyard", False),
        ("Larkmead Trust XXI", "Larkmead Trust 21", True),
        # A listed fund that registers again takes the next number; the one after that is another.
        ("Larkmead Trust XXI", "Larkmead Trust XXII", True),
        ("Larkmead Fund VII", "Larkmead Fund VIII", True),
        ("Fund VIII", "Fund VII", True),
        ("Larkmead Fund VII", "Larkmead Fund IX", False),
        ("Larkmead Plant 7", "Larkmead Plant 8", False),
        ("Larkmead Fund VII", "Ironvale Fund VIII", False),
        # Generic words match no initials.
        ("BMW Manufacturing", "L&M Manufacturing", False),
        ("Manufacturing Inc", "L&M Manufacturing Ltd", False),
        ("Systems Inc", "E and I Systems FZE", False),
        ("Y & I Systems", "E and I Systems FZE", False),
        ("DCI Industries Inc", "D C Industries Co., Ltd.", False),
        ("J&S Chemical Corp", "S & J Chemicals FZE", False),
        ("Bowie International LLC", "O and W International Co., Ltd.", False),
        ("E & I Systems", "E and I Systems FZE", True),
        ("E&I Systems Ltd", "EI Systems FZE", True),
        # What is only spaced otherwise is still found.
        ("Lark mead Manufacturing", "Larkmead Manufacturing", True),
        ("LarkmeadManufacturing", "Larkmead Manufacturing", True),
        ("Lar kmeed Manufacturing Works", "Larkmeed Manufacturing Works", True),
        ("Xi An Larkmead", "Xian Larkmead", True),
        ("Tschechowskaja Ironvale", "Chekhovskaya Ironvale", True),
        ("Chabarowskij Zawod", "Khabarovskiy Zavod", True),
        ("Sanubar Ironvale Yazd", "Senobar Ironvale Yazd", True),
        ("Al Quillram Ironvale Exchange", "Alquillram Ironvale Exchange", True),
        ("Larkmead Alnura Al Islamiah", "Larkmead Al Nuura Al Islamiyya", True),
        ("Ironvale Tunisian Brigade", "Tunisia Ironvale Brigade", True),
        ("Zhonglark Ironvale Chemical Co", "Zhonglark Ironvale Pharmaceutical Co", False),
        ("Zhonglark Ironvale Chemical Co", "Zhonglark Ironvale Chemicals Group", True),
        ("Obschestvo s ogranichennoi otvetstvennostyu Zolvarin", "Zolvarin OOO", True),
        ("Larkmead Proprietary Limited", "Larkmead Pty Ltd", True),
    ],
)
def test_pairs(one, other, alike):
    assert (compare(one, other).score >= POSSIBLE) == alike
    assert (compare(other, one).score >= POSSIBLE) == alike


def test_sisters_of_another_trade_are_kept_on_record():
    kept = compare("Zhonglark Ironvale Chemical Co", "Zhonglark Ironvale Pharmaceutical Co")
    assert kept.band == "logged"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param("Zolvar", "Zolvaq", False, id="six-letters-and-a-mistake"),
        pytest.param("Zolvari", "Zolvaqi", True, id="seven-letters-and-a-mistake"),
        pytest.param("Zolvar", "Zolvarq", True, id="six-letters-and-one-more"),
        pytest.param("Zolvarinqs", "Zolvarinqt", True, id="ten-letters-and-a-mistake"),
        pytest.param("Zolvarinqs", "Zolvarinpt", False, id="ten-letters-and-two-mistakes"),
        pytest.param("Zolvarinqsd", "Zolvarinptd", True, id="eleven-letters-and-two-mistakes"),
        pytest.param("Zolvarinqsd", "Zolvarmbtsd", False, id="eleven-letters-and-more-mistakes"),
        pytest.param("Zadig", "Zadyg", True, id="five-letters-that-sound-alike"),
        pytest.param("Zadi", "Zady", False, id="four-letters-that-sound-alike"),
        pytest.param("Wolvan", "Volvan", False, id="another-first-letter-that-sounds-alike"),
    ],
)
def test_names_of_one_word_may_differ_by_few_letters(one, other, alike):
    assert (compare(one, other).score >= POSSIBLE) == alike
    assert (compare(other, one).score >= POSSIBLE) == alike


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param("Larkmead 20 Works", "Larkmead Works", False, id="a-number-of-two-digits-on-one-side"),
        pytest.param(
            "Larkmead 200 Works", "Larkmead Works", True, id="a-number-of-three-digits-is-an-address"
        ),
        pytest.param("Ironvale 44 Quill", "Ironvale 44 Quilt", True, id="one-number-on-both-sides"),
        pytest.param("Larkmead France", "Larkmead", True, id="a-country-on-one-side-only"),
        pytest.param("Zhonglark Chemical", "Zhonglark", True, id="a-trade-on-one-side-only"),
        pytest.param(
            "Zhonglark Ironvale Ostrander Chemical",
            "Zhonglark Ironvale Ostrander Quill",
            True,
            id="a-trade-against-another-word",
        ),
        pytest.param(
            "Zhonglark Ironvale Ostrander Chemical Quill",
            "Zhonglark Ironvale Ostrander Pharmaceutical",
            True,
            id="more-than-trades-apart",
        ),
        pytest.param(
            "Larkmead Ironvale Ostrander France",
            "Larkmead Ironvale Ostrander Quill",
            True,
            id="a-country-against-another-word",
        ),
        pytest.param(
            "International Trading Steel Export",
            "International Trading Bank Export",
            False,
            id="generic-words-in-both-and-others-apart",
        ),
        pytest.param("Larkmeadow", "Lark meadaw", True, id="ten-letters-otherwise-spaced"),
        pytest.param("Larkmeado", "Lark meada", False, id="nine-letters-otherwise-spaced"),
        pytest.param(
            "Internationaltrade Exportt", "International Trade Export", True, id="generic-otherwise-spaced"
        ),
        pytest.param("Q0 0b0", "Qo Obo", True, id="five-letters-and-digits-for-some"),
        pytest.param("Q0 0b", "Qo Ob", False, id="four-letters-and-digits-for-some"),
    ],
)
def test_what_sets_names_apart(one, other, alike):
    assert (compare(one, other).score >= POSSIBLE) == alike
    assert (compare(other, one).score >= POSSIBLE) == alike


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        pytest.param("Larkmead Ironvale Quill", "Larkmead Ironvale", "0.8259", id="a-word-on-one-side"),
        pytest.param(
            "Larkmead Ironvale Quill", "Larkmead Ironvale Ostrander", "0.6572", id="a-word-on-each-side"
        ),
        pytest.param("Larkmead Steel Works", "Larkmead Steel", "0.8605", id="a-generic-word-on-one-side"),
        pytest.param("Ironvale Larkmeads", "Larkmead Ironvale", "0.9764", id="a-letter-more-and-reordered"),
        pytest.param("Larkmeadironvales", "Lark mead iron vale", "0.9697", id="otherwise-spaced"),
        pytest.param("Q0 0b0", "Qo Obo", "0.98", id="digits-for-letters"),
        pytest.param("Zolvarinqs", "Zolvarinqt", "0.918", id="one-word"),
    ],
)
def test_the_score_of_a_worked_example(one, other, score):
    assert compare(one, other).score == compare(other, one).score == Decimal(score)


@pytest.mark.parametrize(
    ("score", "band"),
    [
        ("0.9", "strong"),
        ("0.8999", "possible"),
        ("0.75", "possible"),
        ("0.7499", "logged"),
        ("0.7", "logged"),
        ("0.6999", ""),
    ],
)
def test_bands(score, band):
    assert band_of(Decimal(score)) == band


def test_a_weak_alias_matches_exactly_only():
    index = NameIndex(
        [
            ListedParty(
                record_id="1",
                name="Ocean Quarry",
                aliases=("OQMT", "Great Wall"),
                weak_aliases=("Great Wall",),
            )
        ]
    )
    assert found(index, "OQMT") == ["1"] and found(index, "Great Wall Ltd") == ["1"]
    assert found(index, "OQMTS") == [] and found(index, "Greatt Wall") == []


def test_an_alias_that_is_no_short_word_matches_by_likeness():
    index = NameIndex(
        [ListedParty(record_id="1", name="Ocean Quarry", aliases=("Verkhomir Turbine Industries", "OQMT"))]
    )
    assert found(index, "Verkomir Turbine Industries") == ["1"]
    assert found(index, "OQMT Shipping", floor=LOGGED) == []


def test_one_short_word_is_compared_as_a_listed_name_and_not_as_ours():
    assert compare("OQMT Shipping", "OQMT").band == "logged"
    assert compare("OQMT", "OQMT Shipping").band == ""


def test_a_company_is_a_person_only_by_nearly_the_whole_name(index):
    assert found(index, "Aurelio Dante Marketti Inc") == ["p1"]
    assert found(index, "Aurelio Marchetti") == ["p1"]
    assert found(index, "Aurelio Marchetti Inc", floor=LOGGED) == []
    company = NameIndex([ListedParty(record_id="c", name="Marchetti, Aurelio Dante")])
    assert found(company, "Aurelio Marchetti Inc") == ["c"]
