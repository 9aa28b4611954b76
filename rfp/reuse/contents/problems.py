"""What is wrong with a file, and where in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# More than this nobody reads; the first ones say what kind of file it is.
MOST = 200


@dataclass(frozen=True)
class Problem:
    """`where`: a path ("requirements[3].minimum"), or a place in a workbook ("Requirements, row 4, At least")."""

    where: str
    why: str


class FileWrong(Exception):
    """The file can't be used; nothing of it is stored."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(problems)
        super().__init__(" ".join(f"{each.where}: {each.why}" for each in self.problems[:5]))

    @property
    def shown(self) -> Sequence[Problem]:
        return self.problems[:MOST]
