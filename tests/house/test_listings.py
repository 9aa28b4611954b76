"""Every declared list: flat in its rows, and its files hold what its columns say."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from portal.accounts.models import AccessEvent
from portal.kit.listing import LISTINGS, Listing
from portal.letters import notices
from portal.models import Role, User
from portal.record import audit
from rfp.reuse import library_actions
from suppliers.models import Waiver
from tests import factories as make
from tests.rfp.controlled import made as controlled

pytestmark = pytest.mark.django_db


def a_download(number: int) -> None:
    person = make.make_user(Role.REVIEWER)
    AccessEvent.objects.create(
        kind=AccessEvent.Kind.DOWNLOAD, user=person, at=make.NOW, about=f"File {number}"
    )


def an_event(number: int) -> None:
    person = make.make_user()
    audit.record("account.invited", person, by=person, at=make.NOW)


def an_alert(number: int) -> None:
    name = ("Zyxtrovic Armaments Trust", "Verdemar Shipping Trust", "Ocean Lark Minerals")[number]
    make.make_list(name, source=f"own{number}")
    make.screen(make.make_supplier(legal_name=name))


def a_notice(number: int) -> None:
    """To everyone, as no test knows yet who will read the list."""
    notices.post(User.objects.all(), key=f"ends:{number}", subject="It ends", body="Soon.", at=make.NOW)


def a_waiver(number: int) -> None:
    officer = make.make_user(Role.OFFICER)
    Waiver.objects.create(rule="ID-6", reason="A trial.", until=make.NOW.date(), by=officer, at=make.NOW)


def a_certification(_number: int) -> None:
    controlled.certified(controlled.document())


def an_entry(number: int) -> None:
    rfp = make.make_solicitation()
    rfp.criteria.filter(code="T").update(title=f"Criterion {number}")
    library_actions.keep(rfp, criteria=rfp.criteria.filter(code="T"), by=rfp.created_by, at=make.NOW)


# Who reads the list, and how it gets one more row. A list that isn't here fails the test.
ROWS: dict[str, tuple[Role, Callable[[int], object]]] = {
    "access": (Role.AUDITOR, a_download),
    "accounts": (Role.ADMIN, lambda number: make.make_user(Role.REVIEWER)),
    "alerts": (Role.OFFICER, an_alert),
    "audit": (Role.AUDITOR, an_event),
    "export certifications": (Role.OFFICER, a_certification),
    "library": (Role.ADMIN, an_entry),
    "rfps": (
        Role.SUPPLIER,
        lambda number: make.make_solicitation(title=f"RFP {number}", buyer=f"Buyer {number}"),
    ),
    "notices": (Role.AUDITOR, a_notice),
    "waivers": (Role.OFFICER, a_waiver),
}


@pytest.fixture(autouse=True)
def all_views() -> None:
    """Lists are declared beside their views, which load with the addresses."""
    assert get_resolver().url_patterns


def test_every_declared_list_is_counted() -> None:
    assert set(LISTINGS) == set(ROWS)


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(make.make_user(role))
    return client


@pytest.mark.parametrize("name", ROWS)
def test_a_list_asks_as_often_for_one_row_as_for_three(name: str) -> None:
    role, one_more = ROWS[name]
    client, address = signed_in(role), reverse(LISTINGS[name].route)
    one_more(0)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        first = client.get(address)
    one_more(1)
    one_more(2)
    with CaptureQueriesContext(connection) as three:
        then = client.get(address)
    assert then.context["page"].paginator.count - first.context["page"].paginator.count >= 2
    assert len(three) == len(one)


@pytest.mark.parametrize("name", ROWS)
def test_each_sort_and_each_choice_is_answered(name: str) -> None:
    declared, (role, one_more) = LISTINGS[name], ROWS[name]
    one_more(0)
    client, address = signed_in(role), reverse(declared.route)
    for column in declared.columns:
        for sort in (column.key, f"-{column.key}") if column.sort else ():
            assert client.get(address, {"sort": sort}).status_code == 200
    for each in declared.filters:
        for value, _words in [*each.options(), ("\x00no such", "")]:
            page = client.get(address, {each.name: value})
            assert page.status_code == 200 and page.context["asked"][each.name] in (
                value,
                each.default,
                "no such",
            )
    nothing = client.get(address, {"q": "nothing is called this"})
    assert declared.nothing_matches.title in nothing.content.decode()


@pytest.mark.parametrize("name", ROWS)
def test_files_hold_what_the_columns_say(name: str) -> None:
    declared, (role, one_more) = LISTINGS[name], ROWS[name]
    if not declared.export:
        assert not any(column.files for column in declared.columns), "columns of files that nobody can get"
        return
    one_more(0)
    client = signed_in(role)
    answer = client.get(reverse(declared.export, args=["csv"]))
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert rows[0] == [file.head for column in declared.columns for file in column.files]
    assert len(set(rows[0])) == len(rows[0]) and len(rows) == 2
    assert client.get(reverse(declared.export, args=["xlsx"])).status_code == 200
    assert client.get(reverse(declared.export, args=["exe"])).status_code == 404


def heads_on(client: Client, declared: Listing) -> list[str]:
    return [column.head for column in client.get(reverse(declared.route)).context["listing"].heads]


@pytest.mark.parametrize("name", ROWS)
def test_the_page_shows_the_heads_it_declares(name: str) -> None:
    declared, (role, one_more) = LISTINGS[name], ROWS[name]
    client = signed_in(role)
    one_more(0)
    page = client.get(reverse(declared.route)).content.decode()
    assert page.count('<th scope="col"') == len(heads_on(client, declared)) > 2
