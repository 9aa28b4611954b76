"""Suppliers to look up, and what a page lists."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from suppliers.company import search_text
from suppliers.models import Qualification
from tests import factories as make

TODAY = make.NOW.date()


LIST = "/suppliers/"


def named(client, query=""):
    return [line["supplier"].legal_name for line in client.get(LIST + query).context["rows"]]


def made(name, **fields):
    supplier = make.make_supplier(legal_name=name, **fields)
    search_text.refresh(supplier)
    return supplier


def queries_of(client, url):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def held(name, **dates):
    row = make.make_standing(made(name))
    Qualification.objects.filter(pk=row.pk).update(
        status="on_hold", valid_from=TODAY - timedelta(days=30), valid_until=TODAY + timedelta(days=300)
    )
    return row


def given(name, days):
    row = make.make_standing(made(name))
    Qualification.objects.filter(pk=row.pk).update(
        status="qualified", valid_from=TODAY - timedelta(days=30), valid_until=TODAY + timedelta(days=days)
    )
    return row


def qualified(name):
    row = make.make_standing(made(name))
    Qualification.objects.filter(pk=row.pk).update(
        status="qualified", valid_from=TODAY, valid_until=TODAY + timedelta(days=300)
    )
    return make.fresh_standing(row)
