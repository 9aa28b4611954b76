"""News as Atom (RFC 4287) and JSON Feed 1.1. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

ATOM = "http://www.w3.org/2005/Atom"
NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
ElementTree.register_namespace("", ATOM)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`id`: an address that never changes, also where `url` does."""

    id: str
    title: str
    text: str
    url: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Feed:
    """`entries`, the newest first. `page`: what it is the news of; `atom`, `json`: its own two addresses."""

    title: str
    author: str
    page: str
    atom: str
    json: str
    since: datetime
    entries: Sequence[Entry]

    @property
    def updated(self) -> datetime:
        return max((entry.at for entry in self.entries), default=self.since)


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def clean(text: str) -> str:
    """Without the characters that XML 1.0 has no place for."""
    return NOT_XML.sub("", text)


def atom(feed: Feed) -> bytes:
    root = ElementTree.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en-US"})
    _add(root, "id", feed.atom)
    _add(root, "title", feed.title)
    _add(root, "updated", stamp(feed.updated))
    _add(_add(root, "author"), "name", feed.author)
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.atom)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    for each in feed.entries:
        entry = _add(root, "entry")
        _add(entry, "id", each.id)
        _add(entry, "title", each.title)
        _add(entry, "updated", stamp(each.at))
        _add(entry, "published", stamp(each.at))
        _add(entry, "link", rel="alternate", type="text/html", href=each.url)
        _add(entry, "content", each.text, type="text")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    if text:
        element.text = clean(text)
    return element


def json_feed(feed: Feed) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.json,
        "language": "en-US",
        "authors": [{"name": feed.author}],
        "items": [
            {
                "id": each.id,
                "url": each.url,
                "title": each.title,
                "content_text": each.text,
                "date_published": stamp(each.at),
            }
            for each in feed.entries
        ],
    }
