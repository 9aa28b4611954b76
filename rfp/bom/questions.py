"""What a reading is not sure of, and what a person decided about it. Pure.

A question never stops a reading: it carries the answer that is proposed, and the reading goes on with that one until
somebody chooses another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Option:
    """One possible answer. `says` tells what follows from it."""

    key: str
    label: str
    says: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something doubtful. `key` names it among the answers; `rows` are lines of the file, none for the whole file.

    `default` is the answer proposed, `answer` the one in force.
    """

    kind: str
    key: str
    rows: tuple[int, ...]
    words: str
    why: str
    options: tuple[Option, ...]
    default: str
    answer: str
    is_answered: bool

    @property
    def chosen(self) -> Option:
        """The option in force."""
        return next(option for option in self.options if option.key == self.answer)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person decided about a file.

    `sheet`: name of the sheet. `header_row`: line with the headings, 0 when the file has none, None to look for it.
    `columns`: position → meaning, blank for "not used". `answers`: key of a question → key of its option.
    """

    sheet: str = ""
    header_row: int | None = None
    columns: Mapping[int, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


NO_CHOICES = Choices()


class Asked:
    """Collects questions, and answers each with what was chosen or with what is proposed."""

    def __init__(self, choices: Choices = NO_CHOICES) -> None:
        self._answers = choices.answers
        self.questions: list[Question] = []
        self.notes: list[str] = []

    def ask(
        self,
        kind: str,
        words: str,
        options: Iterable[Option],
        *,
        default: str,
        rows: Iterable[int] = (),
        why: str = "",
        each: bool = False,
        about: str = "",
    ) -> str:
        """The key of the answer in force.

        One of several questions of a kind is told apart by its row (`each`) or by what it is `about`.
        """
        rows = tuple(rows)
        options = tuple(options)
        key = f"{kind}-{rows[0]}" if each and rows else f"{kind}-{about}" if about else kind
        given = self._answers.get(key, "")
        is_answered = any(option.key == given for option in options)
        answer = given if is_answered else default
        self.questions.append(
            Question(
                kind=kind,
                key=key,
                rows=rows,
                words=words,
                why=why,
                options=options,
                default=default,
                answer=answer,
                is_answered=is_answered,
            )
        )
        return answer

    def answer_to(self, key: str) -> str:
        """What was chosen for a question that is yet to be asked; blank when nothing was."""
        return self._answers.get(key, "")

    def note(self, words: str) -> None:
        """Something assumed that leaves no doubt, but is not said in the file."""
        if words not in self.notes:
            self.notes.append(words)


def rows_in_words(rows: Iterable[int]) -> str:
    """ "Row 7", "Rows 4 to 6", "Rows 3, 5, and 9", at most six of them."""
    listed = sorted(set(rows))
    if len(listed) == 1:
        return f"Row {listed[0]}"
    if len(listed) > 2 and listed[-1] - listed[0] == len(listed) - 1:
        return f"Rows {listed[0]} to {listed[-1]}"
    if len(listed) > 6:
        shown = ", ".join(str(row) for row in listed[:5])
        return f"Rows {shown}, and {len(listed) - 5:,} more"
    if len(listed) == 2:
        return f"Rows {listed[0]} and {listed[1]}"
    return f"Rows {', '.join(str(row) for row in listed[:-1])}, and {listed[-1]}"
