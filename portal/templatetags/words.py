"""Numbers, money, dates and moments, as people read them."""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.kit import formats

register = template.Library()


@register.filter
def number(value: Any, places: int | None = None) -> str:
    """`{{ 12884|number }}` → 12,884; `{{ x|number:2 }}` fixes the decimals."""
    return formats.number(value, places)


@register.filter
def money(value: Any, places: int = 2) -> str:
    """`{{ 4000|money }}` → $4,000.00."""
    return formats.money(value, places)


@register.simple_tag
def amount(value: Any, currency: str = "USD", places: int = 2) -> str:
    """Money in a named currency."""
    return formats.money(value, places, currency)


@register.filter
def money_short(value: Any) -> str:
    """`{{ 4730000|money_short }}` → $4.73 M."""
    return formats.money_short(value)


@register.filter
def percent(value: Any, places: int = 1) -> str:
    """A value already in percent: `{{ 61|percent }}` → 61.0%."""
    return formats.percent(value, places)


@register.filter
def share(value: Any, places: int = 1) -> str:
    """A fraction of one: `{{ .61|share }}` → 61.0%."""
    return formats.share(value, places)


@register.filter
def percent_against(value: Any, line: Any) -> str:
    """A percent with enough decimals to stay on its side of the line."""
    return formats.percent_against(value, line)


@register.filter
def file_size(value: int | None) -> str:
    """Bytes as people read them."""
    return formats.file_size(value)


@register.filter
def fingerprint(value: str | None) -> str:
    """A digest in groups of four."""
    return formats.fingerprint(value)


@register.filter
def count_of(value: int, words: str) -> str:
    """`{{ n|count_of:"proposal" }}` or `{{ n|count_of:"criterion,criteria" }}`."""
    one, _, many = words.partition(",")
    return formats.count_of(value, one, many or None)


@register.filter
def part_code(part: str) -> str:
    """The part of a finding where it is a code that people use (L1-R03, OH, 2027), not a name among programs."""
    return "" if re.fullmatch(r"[a-z ]*", part) else part


@register.filter
def count_word(value: int) -> str:
    """A count that opens a sentence: Two, 12."""
    return formats.count_word(value)


def _zone(zone: str | tzinfo | None) -> str | tzinfo:
    return zone or formats.DEFAULT_ZONE


@register.simple_tag
def when(
    at: datetime | None,
    zone: str | tzinfo | None = None,
    short: bool = False,
    weekday: bool = False,
    seconds: bool = False,
) -> SafeString | str:
    """A moment with its zone: June 30, 2026, 5:00 pm ET."""
    if at is None:
        return ""
    text = formats.when(at, _zone(zone), short=short, weekday=weekday, seconds=seconds)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), text)


@register.filter
def day(on: date | None, form: str = "") -> str:
    """A date: June 30, 2026; `|day:"short"` → Mar 9, 2028."""
    return formats.day(on, short=form == "short", weekday=form == "weekday")


@register.simple_tag
def deadline(at: datetime | None, zone: str | tzinfo | None = None) -> SafeString | str:
    """The last moment that counts, with the weekday and the zone; the page adds the reader's own time if it differs."""
    if at is None:
        return ""
    where = _zone(zone)
    return format_html(
        '<time datetime="{}" data-deadline="{}" data-zone="{}">{}</time>',
        at.isoformat(),
        formats.last_moment(at, where).isoformat(),
        str(where),
        formats.deadline(at, where),
    )


@register.simple_tag
def your_time(at: datetime | None, zone: str | tzinfo | None = None) -> SafeString | str:
    """ "4:00 pm where you are (CT)", filled by the reader's own browser when its zone is another."""
    if at is None:
        return ""
    last = formats.last_moment(at, _zone(zone)).isoformat()
    return format_html('<small data-your-time="{}" data-zone="{}" hidden></small>', last, str(_zone(zone)))


@register.simple_tag
def time_left(at: datetime | None, now: datetime | None = None) -> SafeString | str:
    """What is left until then, counted on by the page against our clock; "Closed" afterwards."""
    if at is None:
        return ""
    left = at - (now or timezone.now())
    text = formats.duration(left) if left.total_seconds() > 0 else "Closed"
    return format_html('<span class="num" data-time-left="{}">{}</span>', at.isoformat(), text)


@register.simple_tag
def server_clock(zone: str | tzinfo | None = None) -> SafeString:
    """The bar's clock: our time, our zone, kept going by the page."""
    now, where = timezone.now(), _zone(zone)
    local = now.astimezone(formats.as_zone(where))
    return format_html(
        '<time class="clock num push" data-clock="{}" data-zone="{}" datetime="{}" title="Server time">'
        '<span class="day">{}, </span><span class="at">{}</span></time>',
        now.isoformat(),
        str(where),
        now.isoformat(timespec="seconds"),
        formats.weekday_and_day(local.date()),
        formats.clock_time(now, where),
    )


@register.simple_block_tag
def prose(content: SafeString) -> SafeString:
    """Words too long for one line of a template, for a part that takes them: `{% prose as about %}…{% endprose %}`."""
    return mark_safe(" ".join(content.split()))
