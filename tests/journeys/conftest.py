"""A browser for each person of a journey, and what every page they see must be: free of errors, readable, narrow."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.models import User
from tests.processes import broker

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 30_000  # milliseconds: how long a page may take to show what is waited for
AXE = (settings.NODE_MODULES / "axe-core" / "axe.min.js").read_text()
# The same document in other colors: only what depends on color can differ.
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"]}
RUN_AXE = """async (options) => {
  const found = await axe.run(document, { resultTypes: ["violations"], ...options });
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}`));
}"""

Browse = Callable[..., Page]


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    # A fixed zone: what a page adds for a reader elsewhere is the same on every machine.
    # Without motion: a color that is still fading to its other mode is not measured half way.
    return {
        **browser_context_args,
        "viewport": DESK,
        "timezone_id": "America/Chicago",
        "locale": "en-US",
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """The server of the tests, whose style and scripts come as they do in development: from the sources.

    Left alone it would serve what `collectstatic` made last, or nothing.
    """
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = lambda application: application
    server.start()
    yield server
    server.stop()


@pytest.fixture
def browse(live_server: LiveServer, new_context: Any) -> Iterator[Browse]:
    """`browse(user)` is a new browser in which the user is signed in; `browse()` is nobody's.

    Afterwards no page may have written an error to its console: a broken script, a missing file, or something that
    the content security policy refused.
    """
    problems: list[str] = []
    expect.set_options(timeout=PATIENCE)

    def open_browser(user: User | None = None) -> Page:
        context = new_context(base_url=live_server.url)
        context.set_default_timeout(PATIENCE)
        if user is not None:
            client = Client()
            client.force_login(user, backend="portal.accounts.backends.Backend")
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
            )
        page: Page = context.new_page()
        page.on("console", lambda message: problems.extend(_told(page, message)))
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        return page

    yield open_browser
    assert problems == []


def _told(page: Page, message: ConsoleMessage) -> list[str]:
    return [f"{page.url}: {message.text}"] if message.type == "error" else []


@pytest.fixture
def office(browse: Browse, worker: broker.Worker) -> Browse:
    """`browse`, while the real worker does what the pages enqueue."""
    return browse


@contextmanager
def held(worker: broker.Worker) -> Iterator[None]:
    """The worker stands still meanwhile, so that a page can be read before its work is done."""
    os.killpg(worker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGCONT)


def until(is_true: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for what the worker stores and no page shows."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def code_in(mails: Sequence[EmailMessage]) -> str:
    """The sign-in code of the latest letter: it stands on a line of its own."""
    found = re.search(r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{4}|[A-Z0-9]{6})\s*$", mails[-1].body, re.MULTILINE)
    assert found, mails[-1].body
    return found[1]


def check(page: Page) -> None:
    """The page as it stands: no axe finding in light or dark, no sideways scroll at 390 px."""
    found = _axe(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark {line}" for line in _axe(page, COLORS)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE["width"]:
        found.append(f"sideways scroll: {width} px wide on a screen of {PHONE['width']}")
    page.set_viewport_size(DESK)
    assert found == [], f"{urlsplit(page.url).path}: {page.title()}"


def _axe(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    # Handed to the page from outside, so that its content security policy stays in force.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE + "; undefined")
    return list(page.evaluate(RUN_AXE, options or {}))
