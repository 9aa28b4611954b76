"""What the cells of a column look like: the evidence for what the column means. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rfp.bom.lines.cells import designators, is_number_like
from rfp.bom.lines.money import UNKNOWN_CURRENCY, currency_of
from suppliers.reference.countries import country_code

_RUNNING = re.compile(r"\d{1,5}(\.\d{1,5})*\.?")
_CODE = re.compile(r"(?=\S*\d)[\w.\-/+#]{3,60}")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What the cells of a column look like: shares of its filled cells, 0 to 1. `filled` counts them."""

    filled: int
    numbers: float
    running: float
    designators: float
    countries: float
    currencies: float
    codes: float
    prose: float
    distinct: float
    samples: tuple[str, ...]

    @property
    def is_figures(self) -> bool:
        return self.filled == 0 or self.numbers >= 0.3


def figure_places(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Positions of columns that hold figures."""
    return [at for at in range(width) if (p := profile(rows, at)).filled and p.numbers >= 0.6]


def profile(rows: Iterable[Sequence[str]], place: int) -> Profile:
    """What the cells at a position look like."""
    cells = [text for row in rows if place < len(row) and (text := row[place].strip())]
    count = max(1, len(cells))

    def share(test: Callable[[str], object]) -> float:
        return sum(bool(test(cell)) for cell in cells) / count

    return Profile(
        filled=len(cells),
        numbers=share(is_number_like),
        running=share(_RUNNING.fullmatch) if len(set(cells)) == len(cells) else 0.0,
        designators=share(designators),
        countries=share(lambda cell: country_code(cell) and not is_number_like(cell)),
        currencies=share(lambda cell: currency_of(cell) not in ("", UNKNOWN_CURRENCY)),
        codes=share(lambda cell: _CODE.fullmatch(cell) and not designators(cell)),
        prose=share(lambda cell: " " in cell and len(re.findall(r"[^\W\d_]{2,}", cell)) > 1),
        distinct=len(set(cells)) / count,
        samples=tuple(dict.fromkeys(cells[:20]))[:3],
    )
