"""Bytes to text: which encoding a file was written in. Pure.

UTF-8 and UTF-16 prove themselves. An older file does not say, so each candidate's text is judged by how its words
look: a letter from the wrong code page stands where no language puts it.
"""

import re
import unicodedata

from charset_normalizer import from_bytes

from rfp.bom.layout.headings import is_known_word

SAMPLE = 65_536
EAST_ASIAN = ("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr")
CYRILLIC = ("cp1251", "koi8-r", "cp866")
LATIN = ("cp1252", "cp1250", "cp1254", "mac-roman", "cp850")
NAMES = {
    "cp1251": "windows-1251",
    "cp1252": "windows-1252",
    "cp1250": "windows-1250",
    "cp1254": "windows-1254",
    "shift_jis": "shift-jis",
    "euc_jp": "euc-jp",
    "euc_kr": "euc-kr",
}
# Letters that a Western text does not hold, but that stand for Central European or Turkish ones read as Western.
_ODD_IN_WORD = re.compile(
    r"(?<=[^\W\d_])[^\w\s'’.,;:/&+()\"\t|-]+(?=[^\W\d_])|[^\W\d_][¹²³¼½¾ºª]|[¹²³¼½¾ºª][a-z]"
)
_CASE_BREAK = re.compile(r"[a-zß-öø-ÿ][À-ÖØ-ÞŸŠŒŽ]")
_WORD = re.compile(r"[^\W\d_]{2,}")


def decode(data: bytes) -> tuple[str, str]:
    """(text, name of the encoding): by byte order mark, UTF-8, UTF-16, else the likeliest older code page."""
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return data.decode("utf-32", errors="replace"), "utf-32"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), "utf-16"
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", errors="replace"), "utf-8-sig"
    head = data[:4096]
    if head.count(0) > len(head) // 4:
        kind = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return data.decode(kind, errors="replace"), kind
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_older(data)


def _decode_older(data: bytes) -> tuple[str, str]:
    if _is_damaged_utf8(data):
        return data.decode("utf-8", errors="replace"), "utf-8"
    # The whole lines with high bytes, so that a file whose first such letter comes late is judged by it.
    telling = b"\n".join(line for line in re.split(rb"[\r\n]+", data) if re.search(rb"[\x80-\xff]", line))
    sample = telling[:SAMPLE]
    if not _is_latin(sample):
        kind = _by_known_words(sample) or _cyrillic(sample) or _east_asian(sample)
        if kind:
            return data.decode(kind, errors="replace"), NAMES.get(kind, kind)
    return _latin(data, sample)


def _by_known_words(sample: bytes) -> str:
    """The code page under which most headings are words we know, or blank."""
    known = {
        kind: _known_words(sample.decode(kind)) for kind in (*EAST_ASIAN, *CYRILLIC) if _decodes(sample, kind)
    }
    best = max(known, key=lambda kind: known[kind], default="")
    return best if best and known[best] else ""


def _is_damaged_utf8(data: bytes) -> bool:
    """A UTF-8 file in which a few bytes went wrong, not one in another code page."""
    good = len(
        re.findall(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", data)
    )
    bad = data.decode("utf-8", errors="replace").count("\ufffd")
    return good > 10 * bad


def _is_latin(sample: bytes) -> bool:
    """Whether high letters stand among ASCII ones, as accents do, rather than making up whole words."""
    words = re.findall(rb"[A-Za-z\x80-\xff]+", sample)
    high = [word for word in words if re.search(rb"[\x80-\xff]", word)]
    whole = sum(len(re.findall(rb"[\x80-\xff]", word)) * 2 > len(word) and len(word) > 2 for word in high)
    return whole * 3 <= len(high)


def _known_words(text: str) -> int:
    return sum(is_known_word(word) for word in set(_WORD.findall(text[:SAMPLE])))


def _cyrillic(sample: bytes) -> str:
    """The Cyrillic code page under which words are lower case but for their first letter, or blank."""
    best, most = "", 0.0
    for kind in CYRILLIC:
        text = sample.decode(kind, errors="replace")
        words = [word for word in _WORD.findall(text) if not word.isascii()]
        good = [word for word in words if re.fullmatch(r"[А-Яа-яЁё][а-яё]+|[А-ЯЁ]{2,}", word)]
        share = len(good) / len(words) if words else 0.0
        lower = sum(word[1:].islower() for word in good) / len(words) if words else 0.0
        if share > 0.7 and lower > 0.4 and share + lower > most:
            best, most = kind, share + lower
    return best


def _east_asian(sample: bytes) -> str:
    # Cut after a whole line, so that no letter of two bytes is halved.
    guess = from_bytes(sample.rpartition(b"\n")[0] or sample, cp_isolation=list(EAST_ASIAN)).best()
    return guess.encoding if guess is not None and guess.encoding in EAST_ASIAN else ""


def _decodes(sample: bytes, kind: str) -> bool:
    try:
        sample.decode(kind)
    except UnicodeDecodeError:
        return False
    return True


def _latin(data: bytes, sample: bytes) -> tuple[str, str]:
    """Western unless another Latin page reads better; "latin-1" when the file needs nothing beyond it."""
    found = [kind for kind in LATIN if _decodes(data, kind)]
    if not found:
        return data.decode("latin-1"), "latin-1"
    best = min(found, key=lambda kind: (_oddness(sample.decode(kind, errors="replace")), LATIN.index(kind)))
    if best == "cp1252" and not re.search(rb"[\x80-\x9f]", data):
        return data.decode("latin-1"), "latin-1"
    return data.decode(best), NAMES.get(best, best)


def _oddness(text: str) -> int:
    odd = len(_ODD_IN_WORD.findall(text)) + len(_CASE_BREAK.findall(text))
    odd += sum(
        unicodedata.category(letter) in ("Cc", "Cn", "Co") for letter in text if letter not in "\t\r\n"
    )
    return odd - 3 * _known_words(text)
