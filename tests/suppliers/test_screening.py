"""Normalizing names, matching them."""

import pytest

from suppliers.screening.lists import read_ofac
from suppliers.screening.match import STRONG, NameIndex
from suppliers.screening.names import normalize
from suppliers.screening.party import ListedParty

SDN = (
    b'101,"SEAGLASS METALS TRADING CO., LTD.",-0- ,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"a.k.a. \'SMT\'."\r\n'
    b'102,"DELGADO QUIROGA, Marisol",individual,"SDNTK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
    b'103,"OCEAN LARK",vessel,"IRAN",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
    b"\x1a"
)
ALT = b'101,7,"aka","SMT",-0- \r\n101,8,"fka","BANCO VERDEMAR S.A.",-0- \r\n\x1a'
ADD = b'101,1,"1 Quay Road","Valletta","Malta",-0- \r\n101,2,-0- ,-0- ,"Malta",-0- \r\n\x1a'


@pytest.mark.parametrize(
    ("raw", "tokens"),
    [
        ("Seaglass Metals, Inc.", "seaglass metals"),
        ("SEAGLASS METALS L.L.C.", "seaglass metals"),
        ("The Seaglass & Sons Company", "seaglass sons"),
        ("J. P. Stanek Co., Ltd.", "jp stanek"),
        ("U.S. Steelmakers Corp", "us steelmakers"),
        ("O'Hara's Foundry", "oharas foundry"),
        ("ＳＥＡＧＬＡＳＳ　Metals", "seaglass metals"),
        ("Sea\u200bglass Metals", "seaglass metals"),
        ("Seаglаss Metals", "seaglass metals"),
        ("Müller Werkzeugbau GmbH", "muller werkzeugbau"),
        ("Verdemar S.A. de C.V.", "verdemar"),
        ("Limited Liability Company Sokol", "sokol"),
        ("Joint Stock Compani Sokol", "sokol"),
        ("ООО Сокол", "sokol"),
        ("Limited", "limited"),
        ("", ""),
    ],
    ids=[
        "comma-inc",
        "dotted-form",
        "ampersand-and-article",
        "initials",
        "dotted-country",
        "apostrophes",
        "full-width",
        "zero-width",
        "cyrillic-look-alikes",
        "umlaut",
        "form-in-several-parts",
        "form-in-front",
        "misspelled-form",
        "other-script",
        "nothing-but-a-form",
        "blank",
    ],
)
def test_names_are_compared_without_what_does_not_matter(raw, tokens):
    assert " ".join(normalize(raw).tokens) == tokens


@pytest.fixture(scope="module")
def index():
    fillers = [
        ListedParty(record_id=str(n), name=f"{first} {second} Trading Company")
        for n, (first, second) in enumerate(
            [
                ("Northgate", "Steel"),
                ("Blue", "Harbor"),
                ("Lark", "Metals"),
                ("Grand", "Canal"),
                ("Iron", "Gate"),
            ],
            start=500,
        )
    ]
    return NameIndex([*read_ofac(SDN, ALT, ADD), *fillers])


@pytest.mark.parametrize(
    "raw",
    [
        "Seaglass Metals Trading",
        "SEAGLASS METALS TRADING LLC",
        "Sea Glass Metals Trading Inc",
        "Trading Seaglass Metals",
        "Seagláss Metals Trading",
        "Sеаglass Меtals Trading",
        "Marisol Delgado Quiroga",
        "Banco Verdemar",
        "SMT",
    ],
    ids=[
        "form-dropped",
        "form-swapped",
        "spaced",
        "reordered",
        "accented",
        "look-alikes",
        "person-first-name-first",
        "alias",
        "short-alias",
    ],
)
def test_the_same_name_written_otherwise_is_exact(index, raw):
    (match, *_) = index.matches(raw)
    assert (match.band, match.score) == ("exact", 1)


def test_a_misspelled_name_is_strong_and_explains_itself(index):
    (match, *_) = index.matches("Seaglas Metals Trading Ltd")
    assert match.band == "strong" and STRONG <= match.score < 1
    assert match.party.record_id == "101"
    assert "seaglas ~ seaglass" in match.why and "metals in both" in match.why


@pytest.mark.parametrize(
    "raw",
    [
        "Hockhollow Rackworks LLC",
        "Trading Company Ltd",
        "SMTX",
        "SM",
        "Ocean Lark",
        "",
        "Canal Street Machining",
    ],
    ids=[
        "stranger",
        "generic-words",
        "near-a-short-alias",
        "too-short",
        "a-ship",
        "blank",
        "one-common-word",
    ],
)
def test_others_are_left_in_peace(index, raw):
    assert index.matches(raw) == ()
