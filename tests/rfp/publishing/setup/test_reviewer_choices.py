"""How we score: when a mark needs a comment, and when reviewers see the others' marks."""

from __future__ import annotations

import pytest
from django.test import Client

from rfp.models import Solicitation
from tests.rfp.publishing.setup.choices_form import errors_of
from tests.rfp.publishing.setup.test_scoring_choices import SENT, address

pytestmark = pytest.mark.django_db


def test_choices_are_stored_and_the_default_stays(client: Client, draft: Solicitation) -> None:
    client.post(address(draft), SENT)
    draft.refresh_from_db()
    assert (draft.comment_below, draft.comment_above, draft.marks_shown) == (None, None, "close")
    client.post(address(draft), SENT | {"comment_below": "40", "comment_above": "80", "marks_shown": "own"})
    draft.refresh_from_db()
    assert (draft.comment_below, draft.comment_above, draft.marks_shown) == (40, 80, "own")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"comment_below": "0"}, "comment_below"),
        ({"comment_below": "101"}, "comment_below"),
        ({"comment_above": "100"}, "comment_above"),
        ({"comment_above": "much"}, "comment_above"),
        ({"marks_shown": "sometimes"}, "marks_shown"),
    ],
)
def test_bad_choices_are_named(client: Client, draft: Solicitation, sent: dict[str, str], field: str) -> None:
    answer = client.post(address(draft), SENT | sent)
    assert field in errors_of(answer)
