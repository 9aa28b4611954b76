"""Links keep the address and lead somewhere."""

import pytest

from portal.models import User
from tests.portal import gallery


def test_query_with_keeps_the_other_parameters():
    text = gallery.render("{% query_with page=3 q='' %}", query="?lot=3&page=2&q=fan")
    assert text == "?lot=3&amp;page=3"


@pytest.mark.parametrize(
    ("query", "href", "sort"),
    [
        ("", "?sort=-score", None),
        ("?sort=-score&page=4", "?sort=score", "descending"),
        ("?sort=score&lot=3", "?sort=-score&amp;lot=3", "ascending"),
    ],
)
def test_sort_th_turns_round_and_goes_back_to_the_first_page(query, href, sort):
    text = gallery.render('{% sort_th "score" "Score" first="descending" %}', query=query)
    assert f'href="{href}"' in text
    assert ("aria-sort" in text) == bool(sort)
    assert not sort or f'aria-sort="{sort}"' in text


def test_the_pager_says_where_one_is(kit_page):
    assert "Page 2 of 5" in kit_page
    assert "101 to 200 of 412" in kit_page
    assert 'href="?sort=-score&amp;page=3&amp;lot=3"' in kit_page


def test_no_tab_points_nowhere():
    for role in ("", "supplier", "reviewer", "admin", "auditor"):
        user = User(email="a@example.com", name="A", role=role) if role else None
        text = gallery.page(user)
        assert 'aria-label="Main"' in text
        assert 'href=""' not in text
