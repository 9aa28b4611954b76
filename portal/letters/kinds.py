"""Kinds of letters, by the first word of their key: which a person may have less often, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`why`: for kinds that always go out at once, the reason; blank where the reader chooses."""

    name: str
    title: str
    keys: tuple[str, ...]
    why: str = ""

    @property
    def must_go(self) -> bool:
        return bool(self.why)


KINDS = (
    Kind(
        name="receipts",
        title="Receipts",
        keys=("submitted", "cured", "signed-up"),
        why="They prove what you sent, and when.",
    ),
    Kind(
        name="due",
        title="What you must answer by a date",
        keys=(
            "rfp-invited",
            "event-changed",
            "addendum",
            "reconfirm",
            "cure",
            "cure-soon",
            "clarification",
            "clarification-soon",
        ),
        why="A late answer can exclude a proposal.",
    ),
    Kind(
        name="decisions",
        title="Decisions",
        keys=("outcome", "ended", "standing", "export-ruled"),
        why="They start periods in which you can ask or object.",
    ),
    Kind(
        name="security",
        title="Your account and its security",
        keys=("own-account", "account", "invited", "infected", "countersign", "countersigned"),
        why="You must hear of a change that you didn’t make.",
    ),
    Kind(
        name="answers",
        title="New answers, and RFPs you watch",
        keys=("answers", "answer", "watched", "watched-end"),
    ),
    Kind(name="reminders", title="Reminders", keys=("ends", "marks-due", "old-list")),
    Kind(
        name="work",
        title="New work",
        keys=(
            "question",
            "question-advice",
            "question-advised",
            "alert",
            "alerts",
            "escalated",
            "assigned",
            "handover",
            "reopened",
            "panel",
            "cured-asked",
            "clarified",
            "export-certified",
            "release-held",
        ),
    ),
    Kind(name="team", title="Your company’s team", keys=("team", "join", "joined", "invitation")),
)
BY_NAME = {kind.name: kind for kind in KINDS}
_BY_KEY = {key: kind for kind in KINDS for key in kind.keys}
# The day's letter about what a person wanted once a day. It is no notice of its own.
DIGEST = "digest"


def kind_of(key: str) -> Kind | None:
    """The kind of a letter; None for one that no kind names: it goes out at once."""
    return _BY_KEY.get(key.partition(":")[0])
