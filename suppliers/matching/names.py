"""A name as its comparable tokens. Pure.

NFKC, invisible characters out, look-alike letters folded, other scripts transliterated (anyascii), lower
case, "&" dropped like "and", apostrophes dropped, initials joined, legal forms stripped, abbreviations written out.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import Indel

from suppliers.reference.generic_words import (
    COUNTRY_WORDS,
    NOISE,
    NUMBER_WORDS,
    ROMAN,
    WRITTEN_OUT,
)
from suppliers.reference.legal_forms import (
    CYRILLIC,
    FIRST_FORMS,
    JOINING,
    LAST_FORMS,
    PHRASES,
    SPELLED_OUT,
)

LONGEST = 400
# Letters of other scripts that look like Latin ones, for names that mix scripts to pass unseen: Cyrillic, Greek,
# Armenian, Cherokee, Lisu (Unicode Technical Standard 39, confusables).
_LOOK_ALIKE = str.maketrans(
    "АВЕКМНОРСТУХаеорсухіІјЈѕЅԁԛԝҮһӏӀѵүѡ" "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχηωεγσϲϳ" "ոսօհյզցռՕՏՍԼ"
    "ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ" "ꓐꓑꓓꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ",
    "ABEKMHOPCTYXaeopcyxiIjJsSdqwYhlIvyw" "ABEZHIKMNOPTYXaikvoptuxnweyocj" "nuohjqgnOSUL"
    "ABCDEGHJKLMPRSTVWZ" "BPDGKJCZFMNLSRVHWXYAEIOU",
)  # fmt: skip
# Digits that stand for letters inside a word: B0EING, ST4R.
_DIGITS = str.maketrans("013457", "oleast")
_SOLID = str.maketrans("013457l", "oieasti")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_FOREIGN = re.compile(r"[\u0370-\u058f\u13a0-\u13ff\ua4d0-\ua4ff]")
_DOTTED = re.compile(r"\b(?:[a-z0-9]\.\s?){2,}")
# Three letters apart, or two at the end; two elsewhere may be somebody's first names.
_APART = re.compile(r"\b[a-z](?: [a-z]){2,}\b|\b[a-z] [a-z]$")
# "A & S", "d/b/a": letters with something between them are letters.
_BETWEEN_LETTERS = re.compile(r"(?<=\b[a-z0-9])\s*(?:/|\b(?:and|y|et|und)\b)\s*(?=[a-z0-9]\b)")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_TOKEN = re.compile(r"[a-z0-9]+")
_WORD = re.compile(r"[a-z]+|[0-9]+")
_FORMS = PHRASES | {" ".join(_TOKEN.findall(anyascii(long).lower())): form for long, form in CYRILLIC.items()}
# The longest first, so that "joint stock company" is not read as "joint stock" and a company; single letters never at
# the beginning: "A S Carriers" are initials.
_PHRASES = re.compile(
    r"\b(?:"
    + "|".join(
        rf"(?<=[a-z0-9] ){phrase}" if set(map(len, phrase.split())) == {1} else phrase
        for phrase in sorted(_FORMS, key=lambda phrase: -len(phrase))
    )
    + r")\b"
)
_ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th)")
_GLUED_BEFORE = re.compile(r"\b((?:limited|ltd) liability company|joint stock company)(?=[a-z]{3})")
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z]{2,}\b)")
# What follows a name on an address label.
_ADDRESS = re.compile(
    r"[,;]\s*(?:room|rm|suite|ste|floor|fl|bldg|building|unit|apt|office|no|p\.?\s?o\.? box|\d+)\b.*$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[A-Za-z ]{3,30}:\s+")
# Forms that are recognised when they are written together with the name.
_GLUED = re.compile(
    r"(?<=[a-z]{4})(?:corporation|incorporated|company|limited|companyltd|coltd|gmbh|pjsc|ojsc|corp|ltda|ltd|llc|inc|ooo|oao)$"
)
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
# What stands between two names of one company.
_BETWEEN = re.compile(
    r"\b(?:d\s?[./]?\s?b\s?[./]?\s?a|[afnkt]\s?[./]\s?k\s?[./]\s?a|aka|fka|nka|formerly(?: known as)?|also known as|"
    r"doing business as|trading as|t/a|previously|now known as)\b[.:]?",
    re.IGNORECASE,
)
# Who only passes on the mail: the name stands before it or behind it.
_CARE_OF = re.compile(r"\bc\s?/\s?o\b\.?|\bcare of\b|\battn\b[.:]?|\battention\b:?", re.IGNORECASE)
_SOUNDS = (
    ("sch", "s"), ("tch", "c"), ("dzh", "j"), ("zh", "j"), ("kh", "k"), ("gh", "g"), ("sh", "s"), ("ch", "c"),
    ("ph", "f"), ("th", "t"), ("ck", "k"), ("ts", "c"), ("tz", "c"), ("cz", "c"), ("sz", "s"), ("dj", "j"),
    ("x", "ks"), ("q", "k"), ("w", "v"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("ie", "i"), ("ye", "i"),
    ("iy", "i"), ("yy", "i"), ("ey", "i"), ("ai", "e"), ("ay", "e"), ("ei", "e"), ("y", "i"), ("j", "i"),
    ("o", "u"), ("h", ""),
)  # fmt: skip
_VOWELS = re.compile(r"[aeiu]")
_DOUBLED = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Name:
    """`tokens` in order, `ordered` the same without legal forms, sorted, `joined` without blanks.

    `solid`: every letter of it, legal forms too, with look-alike digits and l, 1, I folded: what no spacing
    changes. `has_form`: a legal form was stripped, so it is no person's name.
    """

    raw: str
    tokens: tuple[str, ...]
    ordered: str
    joined: str
    solid: str = ""
    has_form: bool = False


def normalize(raw: str) -> Name:
    """The comparable form of a name; tokens are empty when nothing readable is left."""
    text = _readable(_CAMEL.sub(" ", raw[:LONGEST]))
    text = _APOSTROPHES.sub("", text)
    letters = "".join(_TOKEN.findall(text))
    text = _DOTTED.sub(_joined, _BETWEEN_LETTERS.sub(" ", text))
    text = _APART.sub(_joined, " ".join(_TOKEN.findall(text)))
    found = " ".join(_spelled(_unmasked(token)) for token in text.split())
    found = _GLUED_BEFORE.sub(r"\1 ", found)
    words = _numbered(_PHRASES.sub(lambda each: _FORMS[each[0]], found).split())
    tokens = _without_legal_forms(words)
    # A form can stand anywhere once words are reordered, so the sorted view leaves it out everywhere.
    core = [token for token in tokens if token not in LAST_FORMS] or list(tokens)
    kept = [_written_out(core, place) for place in range(len(core))]
    kept = [token for token in kept if token not in NOISE] or kept
    kept = [token for token in kept if token != "and"] or kept
    name = Name(
        raw=raw,
        tokens=tuple(kept),
        ordered=" ".join(sorted(kept)),
        joined=_unglued("".join(token for token in core if token != "and") or "".join(core)),
        solid=letters.translate(_SOLID),
        has_form=len(core) < len(words) or len(tokens) < len(words),
    )
    if len(kept) < len(words) or _APART.search(" ".join(kept)):
        # What stood apart has met: letters make initials, and those may be a form. Each time it gets shorter.
        again = normalize(" ".join(kept))
        return replace(again, raw=raw, joined=name.joined, solid=name.solid, has_form=name.has_form)
    return name


def _written_out(tokens: list[str], place: int) -> str:
    """A token as the word it is compared as. "e", "i" and "y" join words in other languages; at either end, or beside
    another letter, they are initials: "E and I Systems" is not "Systems".
    """
    token = tokens[place]
    if len(token) == 1 and token.isalpha():
        beside = (tokens[place - 1] if place else "", tokens[place + 1] if place + 1 < len(tokens) else "")
        joins = token == "y" and all(len(each) == 1 for each in beside)
        if any(len(each) < 2 for each in beside) and not joins:
            return token
    return WRITTEN_OUT.get(token, token)


def readable_words(text: str) -> list[str]:
    """The words of a text in lower-case ASCII, look-alikes folded; letters and the digits beside them apart."""
    return _WORD.findall(_readable(text))


def variants(raw: str) -> tuple[Name, ...]:
    """The name as written, and without what stands beside it: in brackets, after "c/o", before "dba"; one that holds
    nothing but look-alikes also as it looks.

    The first is the whole; each has tokens, and each is there once.
    """
    text = raw[:LONGEST]
    parts = [text]
    if not _LATIN.search(text) and not _FOREIGN.search(disguised := text.translate(_LOOK_ALIKE)):
        parts.append(disguised)
    parts += [cut.sub("", text) for cut in (_ADDRESS, _LABEL) if cut.search(text)]
    bare = _BRACKETS.sub(_unless_a_country, text)
    if bare != text:
        parts += [bare, *(inside for pair in _BRACKETS.findall(text) for inside in pair if len(inside) > 4)]
    for each in (bare, text):
        for pattern in (_BETWEEN, _CARE_OF):
            pieces = pattern.split(each)
            if len(pieces) > 1:
                parts += pieces
    found = {
        name.ordered + "|" + name.joined: name for name in map(normalize, reversed(parts)) if name.tokens
    }
    return tuple(reversed(found.values()))


def listed_variants(raw: str) -> tuple[Name, ...]:
    """A listed name as written, without its own acronym in brackets, and the names that stand beside it: in brackets
    (of three words or more: "(Hong Kong)" is none), before and after "formerly". Each has tokens, and each is there
    once.
    """
    text = raw[:LONGEST]
    bare = _BRACKETS.sub(lambda found: " " if _is_acronym(found[0], text) else found[0], text)
    beside = [inside for pair in _BRACKETS.findall(text) for inside in pair if len(inside.split()) > 2]
    parts = [text, bare, *beside, *(_BETWEEN.split(bare) if _BETWEEN.search(bare) else ())]
    # Most names have no brackets: then the first two are one, and read once.
    names = map(normalize, dict.fromkeys(parts))
    return tuple({name.ordered + "|" + name.joined: name for name in names if name.tokens}.values())


def _is_acronym(brackets: str, name: str) -> bool:
    """Whether what is in the brackets are initials of the name, in their order: "(IJU)" of Islamic Jihad Union."""
    letters = "".join(_TOKEN.findall(_readable(brackets)))
    initials = iter("".join(word[0] for word in _TOKEN.findall(_readable(_BRACKETS.sub(" ", name)))))
    return len(letters) > 1 and all(letter in initials for letter in letters)


def _numbered(words: list[str]) -> list[str]:
    """Numbers as digits: "forty four" and 44 are one, IV and 4, first and 1st too."""
    found: list[str] = []
    tens = 0
    for word in words:
        if ordinal := _ORDINAL.fullmatch(word):
            word = ordinal[1]
        value = NUMBER_WORDS.get(word)
        if value is None and tens and word.isdigit() and len(word) == 1:
            value = int(word)
        if value is not None and tens and 0 < value < 10:
            found[-1] = str(tens + value)
            tens = 0
        elif value is not None:
            found.append(str(value))
            tens = value if value >= 20 else 0
        else:
            # A name does not begin with a numeral: "Xi An" is a city.
            found.append(ROMAN.get(word, word) if found else word)
            tens = 0
    return found


def _unless_a_country(brackets: re.Match[str]) -> str:
    """Brackets go, but "(France)" tells one subsidiary from the next."""
    inside = "".join(_TOKEN.findall(_readable(brackets[0])))
    return f" {brackets[0]} " if inside in COUNTRY_WORDS else " "


@lru_cache(maxsize=65536)
def sound(token: str) -> str:
    """How a token sounds, roughly: the spellings that transliterations of one name share."""
    for spelled, heard in _SOUNDS:
        token = token.replace(spelled, heard)
    return _DOUBLED.sub(r"\1", token)


@lru_cache(maxsize=65536)
def sounds(token: str) -> tuple[str, ...]:
    """How a token may sound: as English spells it, and as German does (ch is kh, j is y), if that differs."""
    plain = sound(token)
    german = sound(token.replace("tsch", "ts").replace("sch", "s").replace("ch", "kh").replace("j", "y"))
    return (plain,) if german == plain else (plain, german)


@lru_cache(maxsize=65536)
def skeleton(token: str) -> str:
    """The consonants of a token as they sound, and its first letter: what vowels that were transliterated otherwise
    do not change.
    """
    heard = sound(token)
    return heard[:1] + _VOWELS.sub("", heard[1:])


def _readable(raw: str) -> str:
    """Lower-case ASCII: no invisible characters, no look-alikes, no other script."""
    text = unicodedata.normalize("NFKC", raw[:LONGEST])
    text = "".join(character for character in text if unicodedata.category(character) not in ("Cf", "Mn"))
    if _LATIN.search(text):
        text = " ".join(map(_unmixed, text.split()))
    return anyascii(_spaced(text)).lower().replace("&", " and ")


def _unmixed(word: str) -> str:
    """Look-alike letters folded, in a word that holds no other foreign letter: else it is a word of that script."""
    folded = word.translate(_LOOK_ALIKE)
    return word if _FOREIGN.search(folded) else folded


def _unmasked(token: str) -> str:
    """Digits inside a word read as the letters they imitate; "731" and "k2" stay."""
    letters = sum(character.isalpha() for character in token)
    if letters == len(token) or letters < 3 or len(token) - letters > 2:
        return token
    return token.translate(_DIGITS)


def _unglued(joined: str) -> str:
    """Without a legal form that is written together with the name."""
    return _GLUED.sub("", joined)


@lru_cache(maxsize=65536)
def _spelled(token: str) -> str:
    """A misspelled word of a legal form put right: "companny" and "limted" hide nothing."""
    for word in SPELLED_OUT:
        near = abs(len(token) - len(word)) <= 1 and Indel.normalized_similarity(token, word) >= 0.85
        if near and token != word:
            return word
    return token


def _spaced(text: str) -> str:
    """A blank between scripts, so that a transliterated word does not run into a Latin one."""
    return re.sub(
        r"(?<=[\u3040-\u9fff\uac00-\ud7af])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u3040-\u9fff\uac00-\ud7af])",
        " ",
        text,
    )


def _joined(initials: re.Match[str]) -> str:
    return f"{re.sub(r'[. ]', '', initials[0])} "


def _without_legal_forms(tokens: list[str]) -> tuple[str, ...]:
    """The tokens without legal forms at either end; a name that is nothing else keeps them."""
    kept = [token for token in tokens if token != "the"] or tokens
    while len(kept) > 1 and (kept[-1] in LAST_FORMS or _dangling(kept)):
        kept = kept[:-1]
    if len(kept) > 1 and kept[0] in FIRST_FORMS:
        kept = kept[1:]
    return tuple(kept)


def _dangling(tokens: list[str]) -> bool:
    """A joining word left over before a stripped form, as in "de" of "S.A. de C.V."."""
    return len(tokens) > 2 and tokens[-1] in JOINING and tokens[-2] in LAST_FORMS
