"""Odd input on the buyer's pages."""

import pytest

from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db
PAGES = (
    "",
    "proposals/",
    "ranking/",
    "decisions/",
    "conflicts/",
    "openings/",
    "reports/",
    "ranking/export/csv/",
)
ODD = (
    "q=%00",
    "lot=%00&state=%00&standing=%00&decision=%00",
    "sort=%00",
    "sort=--price",
    "sort=price",
    "sort=garbage",
    "page=999999",
    "page=%00",
    "page=" + "9" * 400,
    "show=%00",
    "q=%25%5F'%22%5C",
)


def test_every_page_stands_odd_queries():
    made = room()
    made.mark()
    made.rank()
    client = signed_in(made.chair.user)
    for page in (*PAGES, "scoring/"):
        for odd in ODD:
            assert client.get(f"{made.base}{page}?{odd}").status_code == 200, (page, odd)
        assert client.get(f"{made.base}{page}?window=%00").status_code in (200, 404)
        assert client.get(f"{made.base}{page}?window={'9' * 40}").status_code in (200, 404)


@pytest.mark.parametrize("number", ["2147483648", "9223372036854775808", "9" * 40])
def test_numbers_out_of_range_are_not_found(number):
    made = room()
    client = signed_in(made.chair.user)
    proposal = f"/evaluate/proposals/{made.proposals[0].pk}/"
    assert client.get(f"/evaluate/reports/{number}/").status_code == 404
    assert client.get(f"{proposal}files/{number}/").status_code == 404
    assert client.post(f"{made.base}decisions/findings/", {"item": number}).status_code == 200
    assert client.post(f"{made.base}openings/{number}/price/").status_code == 404
    assert client.get(f"{proposal}?part=%00").status_code == 404


@pytest.mark.parametrize("odd", ["\x00", "NaN", "6", "-1", "1e3", "٣", "9" * 400, " 4"])
def test_the_desk_stands_odd_marks(odd):
    made = room()
    client = signed_in(made.others[0].user)
    path = f"/evaluate/proposals/{made.proposals[0].pk}/mark/"
    names = list(client.get(path).context["form"].fields)
    assert client.post(path, dict.fromkeys(names, odd)).status_code == 200
    decide = f"/evaluate/proposals/{made.proposals[0].pk}/decide/"
    assert signed_in(made.chair.user).post(decide, {"verdict": odd, "reason": odd}).status_code == 200
