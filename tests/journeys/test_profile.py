"""A profile that saves as one types: two windows, no connection, an expired sign-in; nothing typed is lost."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from suppliers.models import Supplier
from tests import factories as make
from tests.journeys.conftest import Browse, check, until


def opened(page: Page, supplier: Supplier, address: str = "edit/") -> Page:
    page.goto(f"/company/{supplier.pk}/{address}")
    return page


def test_two_windows_do_not_undo_each_other_and_what_is_refused_stays(browse: Browse) -> None:
    owner = make.make_user()
    supplier = make.make_supplier(owner, founded=1998)
    first, second = opened(browse(owner), supplier), opened(browse(owner), supplier)
    first.get_by_role("textbox", name="What you make (optional)").fill("Racks and doors")
    until(lambda: Supplier.objects.get().description == "Racks and doors")
    # The second window still shows the old words; it changes something else.
    second.get_by_label("Year founded").fill("1999")
    until(lambda: Supplier.objects.get().founded == 1999)
    assert Supplier.objects.get().description == "Racks and doors"
    second.get_by_label("UEI").fill("short")
    expect(second.locator(".error-live")).to_contain_text("SHORT is not a UEI")
    check(second)
    second.reload()
    expect(second.get_by_label("UEI")).to_have_value("short")
    expect(second.locator(".error-live")).to_contain_text("SHORT is not a UEI")


def test_a_lost_connection_and_an_expired_sign_in(
    browse: Browse, live_server: LiveServer, new_context: Any
) -> None:
    owner = make.make_user()
    supplier = make.make_supplier(owner, founded=1998)
    signed_in = browse(owner).context.cookies()
    # A browser of its own: without a line it writes an error to the console, as it should.
    page = new_context(base_url=live_server.url).new_page()
    page.context.add_cookies(signed_in)
    opened(page, supplier)
    page.context.set_offline(True)
    page.get_by_label("Name in original script").fill("Without a line")
    expect(page.get_by_text("Not saved: no connection")).to_be_visible()
    page.context.set_offline(False)
    until(lambda: Supplier.objects.get().native_name == "Without a line")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_label("Year founded").fill("2001")
    expect(page.get_by_role("link", name="Sign in and continue")).to_be_visible()
    assert Supplier.objects.get().founded == 1998
    page.context.add_cookies(signed_in)
    opened(page, supplier)
    until(lambda: Supplier.objects.get().founded == 2001)


def test_a_new_row_is_kept_on_the_device_until_it_is_saved(browse: Browse) -> None:
    owner = make.make_user()
    supplier = make.make_supplier(owner)
    page = opened(browse(owner), supplier, "references/add/")
    page.get_by_label("Customer", exact=True).fill("Big Mill Co.")
    page.get_by_label("Email address").fill("pat@bigmill.example")
    opened(page, supplier, "references/add/")
    expect(page.get_by_label("Customer", exact=True)).to_have_value("Big Mill Co.")
    expect(page.get_by_label("Email address")).to_have_value("pat@bigmill.example")
    check(page)
