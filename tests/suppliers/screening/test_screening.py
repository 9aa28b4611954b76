"""Normalizing names, matching them."""

import pytest

from suppliers.lists import read_ofac
from suppliers.matching.match import STRONG, NameIndex
from suppliers.matching.names import listed_variants, normalize, skeleton, sound, sounds, variants
from suppliers.matching.party import ListedParty

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


@pytest.mark.parametrize(
    ("raw", "tokens"),
    [
        pytest.param("Larkmead AG Zolvarin", "larkmead zolvarin", id="form-in-the-middle"),
        pytest.param("PT Larkmead Tbk", "larkmead", id="form-at-both-ends"),
        pytest.param("Larkmead Mar de Ltd", "larkmead mar de", id="a-joining-word-of-the-name"),
        pytest.param("Ltd Co", "ltd", id="nothing-but-two-forms"),
        pytest.param("PT Co", "pt", id="nothing-but-a-form-in-front-and-one-behind"),
        pytest.param("The", "the", id="nothing-but-the-article"),
        pytest.param("And And", "and and", id="nothing-but-and"),
        pytest.param("Head Office of Larkmead", "of larkmead", id="noise"),
        pytest.param("Branch", "branch", id="nothing-but-noise"),
        pytest.param("Larkmead S Branch A", "larkmead", id="letters-that-meet-without-the-noise-between"),
        pytest.param("Larkmead Q B", "larkmead qb", id="two-letters-at-the-end"),
        pytest.param("A S Carriers", "a s carriers", id="two-letters-at-the-beginning"),
        pytest.param("Q B C Larkmead", "qbc larkmead", id="three-letters-at-the-beginning"),
        pytest.param("A & S Larkmead", "a s larkmead", id="letters-with-and-between-them"),
        pytest.param("Larkmead A/S", "larkmead", id="form-with-a-stroke"),
        pytest.param("LarkmeadLLC", "larkmead", id="capitals-glued-to-the-name"),
        pytest.param("Larkmead Companny Limted", "larkmead", id="two-misspelled-forms"),
        pytest.param("Xi Larkmead", "xi larkmead", id="a-numeral-in-front-is-a-word"),
        pytest.param("Larkmead XI", "larkmead 11", id="a-numeral-behind"),
        pytest.param("Forty Four Larkmead", "44 larkmead", id="tens-and-ones"),
        pytest.param("Forty Four Two Larkmead", "44 2 larkmead", id="tens-and-ones-and-ones"),
        pytest.param("Larkmead Twenty 4", "larkmead 24", id="tens-and-a-digit"),
        pytest.param("Larkmead Twenty 44", "larkmead 20 44", id="tens-and-two-digits"),
        pytest.param("Larkmead Twenty Ten", "larkmead 20 10", id="tens-and-tens"),
        pytest.param("Larkmead Twenty Zero", "larkmead 20 0", id="tens-and-zero"),
        pytest.param("Larkmead Nineteen Four", "larkmead 19 4", id="nineteen-is-not-tens"),
        pytest.param("Larkmead Seventy Second", "larkmead 72", id="tens-and-an-ordinal"),
        pytest.param("B0e1ngworks", "boelngworks", id="digits-for-o-and-l"),
        pytest.param("ST4R 5TEEL", "star steel", id="digits-for-a-and-s"),
        pytest.param("L4rkm3ad", "larkmead", id="digits-for-a-and-e"),
        pytest.param("7rading", "trade", id="a-digit-for-t"),
        pytest.param("K2 Ironvale 731", "k2 ironvale 731", id="numbers-stay"),
        pytest.param("ab12 abc12 abc123", "ab12 abcl2 abc123", id="three-letters-and-two-digits-at-most"),
    ],
)
def test_what_a_name_is_compared_as(raw, tokens):
    assert " ".join(normalize(raw).tokens) == tokens


@pytest.mark.parametrize(
    ("raw", "ordered", "joined", "solid", "has_form"),
    [
        ("Zolvarin & Larkmead Intl", "international larkmead zolvarin", "zolvarinlarkmeadintl",
         "zoivarinandiarkmeadinti", False),
        ("Larkmead AG Zolvarin", "larkmead zolvarin", "larkmeadzolvarin", "iarkmeadagzoivarin", True),
        ("OOO Larkmead", "larkmead", "larkmead", "oooiarkmead", True),
        ("Larkmead Ltd", "larkmead", "larkmead", "iarkmeaditd", True),
        ("Larkmeadltd", "larkmeadltd", "larkmead", "iarkmeaditd", False),
        ("Q4rk 57", "57 qark", "qark57", "qarkst", False),
        ("And And", "and and", "andand", "andand", False),
    ],
)  # fmt: skip
def test_the_views_of_a_name(raw, ordered, joined, solid, has_form):
    name = normalize(raw)
    assert (name.raw, name.ordered, name.joined, name.solid) == (raw, ordered, joined, solid)
    assert name.has_form is has_form


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        pytest.param("Larkmead", ["larkmead"], id="one"),
        pytest.param("", [], id="nothing"),
        pytest.param("Larkmead (abcd)", ["larkmead abcd", "larkmead"], id="four-letters-in-brackets"),
        pytest.param("Larkmead [abcde]", ["larkmead abcde", "larkmead", "abcde"], id="five-letters"),
        pytest.param("Larkmead (Iran)", ["larkmead iran"], id="a-country-in-brackets"),
        pytest.param("Larkmead, Room 12", ["larkmead room 12", "larkmead"], id="address"),
        pytest.param("Beneficiary: Larkmead", ["beneficiary larkmead", "larkmead"], id="label"),
        pytest.param("To: Larkmead", ["to larkmead"], id="two-letters-are-no-label"),
        pytest.param("Larkmead dba Ironvale", ["larkmead dba ironvale", "larkmead", "ironvale"], id="dba"),
        pytest.param("dba Larkmead", ["dba larkmead", "larkmead"], id="nothing-before-dba"),
        pytest.param("Larkmead attn Pat", ["larkmead pat", "larkmead", "pat"], id="attention"),
        pytest.param(
            "Larkmead (formerly Ironvale)",
            ["larkmead formerly ironvale", "formerly ironvale", "larkmead", "ironvale"],
            id="formerly-in-brackets",
        ),
        pytest.param("АСЕХ ОУ", ["asekh ou", "acex"], id="nothing-but-look-alikes"),
        pytest.param("ВЕРХОМИР", ["verkhomir"], id="a-word-of-its-script"),
    ],
)
def test_a_screened_name_is_read_in_every_way_the_whole_first(raw, found):
    assert [" ".join(each.tokens) for each in variants(raw)] == found


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        pytest.param(
            "Ironvale Larkmead Union (ILU)",
            ["ironvale larkmead union ilu", "ironvale larkmead union"],
            id="its-own-acronym",
        ),
        pytest.param(
            "Ironvale Larkmead Union (UIL)", ["ironvale larkmead union uil"], id="initials-out-of-order"
        ),
        pytest.param(
            "Larkmead Union (LU)", ["larkmead union lu", "larkmead union"], id="an-acronym-of-two-letters"
        ),
        pytest.param("Quill Ironvale (Q)", ["quill ironvale q"], id="one-letter"),
        pytest.param(
            "Larkmead (Iron Vale Works)",
            ["larkmead iron vale works", "iron vale works"],
            id="three-words-in-brackets",
        ),
        pytest.param("Larkmead (Iron Vale)", ["larkmead iron vale"], id="two-words-in-brackets"),
        pytest.param(
            "Larkmead formerly Ironvale",
            ["larkmead formerly ironvale", "larkmead", "ironvale"],
            id="formerly",
        ),
    ],
)
def test_a_listed_name_and_the_names_beside_it(raw, found):
    assert [" ".join(each.tokens) for each in listed_variants(raw)] == found


@pytest.mark.parametrize(
    ("token", "english", "german", "consonants"),
    [
        ("chekhov", "cekuv", "kekuv", "ckv"),
        ("tschech", "cec", "cek", "cc"),
        ("schmid", "smid", None, "smd"),
        ("philharm", "filarm", None, "flrm"),
        ("bookkey", "buki", None, "bk"),
        ("aab", "ab", None, "ab"),
    ],
)
def test_how_a_word_sounds(token, english, german, consonants):
    assert sound(token) == english
    assert sounds(token) == ((english,) if german is None else (english, german))
    assert skeleton(token) == consonants


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
