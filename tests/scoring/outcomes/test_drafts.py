"""What a debrief says before the chair edits it."""

from __future__ import annotations

import pytest

from scoring.outcomes import drafts


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "The summary gives a range. The panel used the low end.",
            "The summary gives a range; the panel used the low end",
        ),
        ("Follows the guidance! ISO 9001 is missing.", "Follows the guidance; ISO 9001 is missing"),
        ("One sentence", "One sentence"),
        ("Andover ships it. Onshore checks it.", "Andover ships it; Onshore checks it"),
        ("", ""),
    ],
)
def test_several_sentences_become_one_phrase(written: str, said: str) -> None:
    assert drafts._plain(written) == said
