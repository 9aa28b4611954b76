"""What in a text could tell who wrote it."""

import pytest

from rfp.asking.names import telling

MAUMEE = ["Maumee Power Electronics, Inc.", "Dana Kowalski", "Toledo plant"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Is conformal coating a step that transforms the product?", []),
        ("Do power electronics count as one item?", []),
        ("We at Maumee coat boards.", ["Maumee"]),
        ("maumee coats boards in Toledo.", ["maumee", "Toledo"]),
        ("Ask Kowalski, or dana@example.com.", ["Kowalski", "dana@example.com"]),
        ("Our boards cost $4,200 each, or 3,900 USD.", ["$4,200", "3,900 USD"]),
        ("Call +1 419 555 0134 (x2).", ["+1 419 555 0134"]),
        ("See www.maumee.example for photos.", ["www.maumee.example"]),
        ("Maumeesque is another word.", []),
    ],
)
def test_passages_that_tell(text: str, found: list[str]) -> None:
    assert telling(text, MAUMEE) == found


def test_a_name_without_letters_tells_nothing() -> None:
    assert telling("A 3 B", ["3", "", "AB"]) == []
