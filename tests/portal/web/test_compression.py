"""What is compressed, and what has an ETag."""

from __future__ import annotations

import gzip

import pytest
from django.http import FileResponse, HttpResponse
from django.test import Client, RequestFactory

from portal.kit.asked import IdPages
from portal.web.compression import Compression
from suppliers.models import Commodity

pytestmark = pytest.mark.django_db


def test_pages_are_compressed_by_a_length_that_differs() -> None:
    asked = [Client().get("/accessibility/", headers={"accept-encoding": "gzip"}) for _ in range(8)]
    assert {answer["Content-Encoding"] for answer in asked} == {"gzip"}
    assert all(b"Accessibility" in gzip.decompress(answer.content) for answer in asked)
    assert len({len(answer.content) for answer in asked}) > 1


def test_what_is_not_text_keeps_its_length() -> None:
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip"})
    answer = HttpResponse(b"%PDF" * 1000, content_type="application/pdf")
    sent = Compression(lambda _request: answer)(request)
    assert "Content-Encoding" not in sent and sent.content == b"%PDF" * 1000
    assert isinstance(sent, HttpResponse) and not isinstance(sent, FileResponse)


@pytest.mark.parametrize("order", [(), ("title",)])
def test_a_page_of_ids_is_the_same_from_either_end(order: tuple[str, ...]) -> None:
    made = [Commodity.objects.create(code=f"c{number}", title=f"{number:02d}") for number in range(7)]
    ids = Commodity.objects.order_by("title").values_list("pk", flat=True)
    pages = IdPages(ids, 2, fetch=lambda keys: Commodity.objects.filter(pk__in=keys), order=order)
    shown = [[row.pk for row in pages.page(number)] for number in range(1, 5)]
    assert [pk for page in shown for pk in page] == [each.pk for each in made] and [
        len(page) for page in shown
    ] == [2, 2, 2, 1]
    assert list(pages.get_page("99")) == [made[-1]]
