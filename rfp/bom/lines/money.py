"""Currencies as people write them: signs, codes, and words. Pure."""

import re
from functools import lru_cache

CODES = frozenset(
    "USD EUR GBP JPY CNY CAD CHF MXN AUD NZD KRW TWD INR SEK NOK DKK PLN CZK HUF TRY RUB BRL SGD HKD THB VND MYR IDR "  # noqa: SIM905
    "PHP ILS ZAR AED SAR RON BGN UAH COP CLP PEN ARS EGP ISK".split()
)
COMMON = frozenset(("USD", "EUR", "GBP", "JPY", "CNY", "CAD", "CHF", "MXN"))
# The longer sign first: "C$" before "$".
SIGNS = {
    "us$": "USD", "u$s": "USD", "usd$": "USD", "ca$": "CAD", "can$": "CAD", "c$": "CAD", "au$": "AUD", "a$": "AUD",
    "nz$": "NZD", "hk$": "HKD", "nt$": "TWD", "mx$": "MXN", "mex$": "MXN", "s$": "SGD", "r$": "BRL", "rmb": "CNY",
    "cn¥": "CNY", "jp¥": "JPY", "元": "CNY", "圆": "CNY", "円": "JPY", "원": "KRW", "€": "EUR", "£": "GBP", "¥": "JPY",
    "￥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "руб": "RUB", "₺": "TRY", "zł": "PLN", "kč": "CZK", "ft": "HUF",
    "₫": "VND", "฿": "THB", "₪": "ILS", "kr": "SEK", "fr": "CHF", "sfr": "CHF", "tl": "TRY", "rs": "INR", "$": "USD",
}  # fmt: skip
WORDS = {
    "dollar": "USD", "dollars": "USD", "us dollar": "USD", "us dollars": "USD", "u.s. dollar": "USD",
    "u.s. dollars": "USD", "american dollars": "USD", "usdollar": "USD", "dolares": "USD", "dólares": "USD",
    "australian dollars": "AUD", "hong kong dollars": "HKD", "taiwan dollars": "TWD", "canadian dollars": "CAD",
    "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "pounds sterling": "GBP", "sterling": "GBP",
    "yen": "JPY", "yuan": "CNY", "renminbi": "CNY", "franken": "CHF", "swiss francs": "CHF", "pesos": "MXN",
    "won": "KRW", "rupees": "INR", "zloty": "PLN", "rubles": "RUB", "рублей": "RUB",
}  # fmt: skip
# Signs of more than one currency, with those that they may mean.
SHARED_SIGNS = {"¥": ("JPY", "CNY"), "￥": ("JPY", "CNY"), "kr": ("SEK", "NOK", "DKK")}
UNKNOWN_CURRENCY = "XXX"
_ALTERNATIVES = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))
_CODE_ALTERNATIVES = "|".join(sorted(CODES))
_TOKEN = re.compile(
    rf"(?i)(?<![a-z])(?P<code>{_CODE_ALTERNATIVES})(?:\s?[$€£])?(?![a-z])|(?P<sign>{_ALTERNATIVES})(?![a-z])"
)


def _code(match: re.Match[str]) -> str:
    """The code that a token names. Some letters match in another case and are still others in lower case: "ſ", "İ"."""
    if code := match["code"]:
        known = code.upper()
        return known if known in CODES else next(each for each in CODES if _alike(each, code))
    sign = match["sign"]
    return SIGNS.get(sign.lower()) or next(code for each, code in SIGNS.items() if _alike(each, sign))


def _alike(one: str, other: str) -> bool:
    return re.fullmatch(re.escape(one), other, re.IGNORECASE) is not None


def currency_of(text: str) -> str:
    """The code of a currency cell ("eur", "€", "US Dollars"), blank for a blank one, XXX for an unknown one."""
    bare = " ".join(text.strip().strip(".()[]").lower().replace("-", " ").split())
    if not bare:
        return ""
    if bare.upper() in CODES:
        return bare.upper()
    return SIGNS.get(bare) or WORDS.get(bare) or WORDS.get(bare.rstrip("s")) or UNKNOWN_CURRENCY


def find_currency(text: str) -> tuple[str, str, str]:
    """(code, the sign as written, the text without it) of the currency at either end of a cell; blanks without one."""
    for match in _TOKEN.finditer(text):
        before, after = text[: match.start()].strip(), text[match.end() :].strip()
        if re.search(r"[^\W\d_]", before):
            continue
        return _code(match), match[0], f"{before} {after.lstrip('.') if match['sign'] else after}".strip()
    for word in sorted(WORDS, key=len, reverse=True):
        code = WORDS[word]
        if re.search(rf"(?i)(?<![^\W\d_]){word}(?![^\W\d_])", text):
            return code, word, re.sub(rf"(?i){word}", "", text).strip()
    return "", "", text


@lru_cache(maxsize=4096)
def currency_in_heading(heading: str) -> str:
    """The currency a heading names: "Price (€)", "Unit cost, EUR", "Landed $", "単価（円）"; blank without one."""
    # Two letters such as "kr" or "ft" are words of headings too often to be trusted bare.
    for match in _TOKEN.finditer(heading):
        if code := match["code"]:
            # "Pen" and "try" are words; PEN and TRY are pesos and liras.
            if code.isupper() or code.upper() in COMMON:
                return _code(match)
            continue
        sign = match["sign"].lower()
        if sign in ("kr", "fr", "ft", "tl", "rs", "sfr") and f"({sign}" not in heading.lower():
            continue
        return _code(match)
    words = re.findall(r"[^\W\d_]+", heading.lower())
    return next(
        (WORDS[word] for word in words if word in WORDS and word not in ("won", "pound", "pounds")), ""
    )
