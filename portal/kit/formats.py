"""Numbers, money, dates and durations as people read them: US English, one form everywhere. Pure.

Empty in, empty out: `None` becomes an empty string, because an empty cell says more than "None".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "America/New_York"
# The zones that people choose from.
ZONES = (
    ("America/New_York", "Eastern (ET)"),
    ("America/Chicago", "Central (CT)"),
    ("America/Denver", "Mountain (MT)"),
    ("America/Phoenix", "Arizona (MST)"),
    ("America/Los_Angeles", "Pacific (PT)"),
    ("America/Anchorage", "Alaska (AKT)"),
    ("Pacific/Honolulu", "Hawaii (HT)"),
    ("UTC", "UTC"),
)
MINUS = "\u2212"

# Americans say "ET" all year; the abbreviation with S or D in it is wrong half of the time.
_SPOKEN_ZONES = {
    "EST": "ET",
    "EDT": "ET",
    "CST": "CT",
    "CDT": "CT",
    "MDT": "MT",
    "PST": "PT",
    "PDT": "PT",
    "AKST": "AKT",
    "AKDT": "AKT",
    "HST": "HT",
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
# June and July stay whole: "Jun 30" saves one letter and reads worse.
_SHORT_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_COUNT_WORDS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}

Number = Decimal | int | float | str
Zone = str | tzinfo


def as_zone(zone: Zone) -> tzinfo:
    """The zone itself, from its IANA name or as it is."""
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def _decimal(value: Number) -> Decimal:
    """The value as a finite Decimal; raises ValueError for what is not a number."""
    if type(value) is Decimal and value.is_finite():
        return value
    try:
        # A float goes through its shortest text, so .1 stays .1.
        result = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"not a number: {value!r}") from None
    if not result.is_finite():
        raise ValueError(f"not a finite number: {value!r}")
    return result


@lru_cache(maxsize=32)
def _quantum(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def number(value: Number | None, places: int | None = None) -> str:
    """`12884` → "12,884". `places` fixes the decimals (half up); without it only trailing zeros go."""
    if value is None or value == "":
        return ""
    amount = _decimal(value)
    if places is None:
        text = f"{amount:,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{amount.quantize(_quantum(places), rounding=ROUND_HALF_UP):,f}"
    negative = text.startswith("-")
    text = text.lstrip("-")
    is_zero = not text.strip("0.,")
    return text if is_zero or not negative else MINUS + text


def with_unit(text: str, unit: str) -> str:
    """A number's text with its unit: "1,500 kg", "99.53%", "0.35% per year", "1 unit per year"."""
    if not text or not unit:
        return text
    if unit.startswith("%"):
        return f"{text}{unit}"
    if text == "1" and unit.split(" ")[0] in ("units", "hours", "days", "years", "pieces"):
        word, _, rest = unit.partition(" ")
        unit = f"{word[:-1]} {rest}".rstrip()
    return f"{text} {unit}"


def percent(value: Number | None, places: int | None = 1) -> str:
    """A value already in percent: `61` → "61.0%"."""
    text = number(value, places)
    return f"{text}%" if text else ""


def share(value: Number | None, places: int | None = 1) -> str:
    """A fraction of one: `Decimal("0.61")` → "61.0%"."""
    if value is None or value == "":
        return ""
    return percent(_decimal(value) * 100, places)


def percent_against(value: Number | None, line: Number | None, places: int = 1) -> str:
    """A percent with as many decimals as it takes to stay on its side of the line.

    64.96 against 65 would read "65.0%" and look met; it reads "64.96%".
    """
    if value is None or value == "" or line is None or line == "":
        return percent(value, places)
    amount, against = _decimal(value), _decimal(line)
    for more in range(places, places + 8):
        shown = amount.quantize(Decimal(1).scaleb(-more), rounding=ROUND_HALF_UP)
        if (shown > against) == (amount > against) and (shown < against) == (amount < against):
            return percent(amount, more)
    return percent(amount, None)


def money(value: Number | None, places: int = 2, currency: str = "USD") -> str:
    """`4000` → "$4,000.00"; a currency without a sign of its own is named: "CHF 4,000.00"."""
    text = number(value, places)
    if not text:
        return ""
    minus, text = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
    symbol = _SYMBOLS.get(currency)
    return f"{minus}{symbol}{text}" if symbol else f"{minus}{currency} {text}"


def money_short(value: Number | None, currency: str = "USD") -> str:
    """Large sums for headings: "$4.73 M", "$1.20 B"; below a million, whole units."""
    if value is None or value == "":
        return ""
    amount = _decimal(value)
    for size, letter in ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M")):
        # 999,996,000 would round up to "1000.00 M", so the step is taken where rounding takes it.
        if abs(amount) >= size * Decimal("0.999995"):
            return f"{money(amount / size, 2, currency)}\u00a0{letter}"
    return money(amount, 0, currency)


def file_size(count: int | None) -> str:
    """Bytes in decimal units: `38_400_000` → "38.4 MB"."""
    if count is None:
        return ""
    if count < 1000:
        return f"{count} bytes" if count != 1 else "1 byte"
    for power, unit in ((1, "kB"), (2, "MB")):
        size = Decimal(count) / 1000**power
        if size < Decimal("999.95"):
            return f"{number(size, 1)} {unit}"
    return f"{number(Decimal(count) / 1000**3, 1)} GB"


def count_of(count: int, one: str, many: str | None = None) -> str:
    """`(1, "proposal")` → "1 proposal", `(2, "proposal")` → "2 proposals"."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """ "tooling", "tooling and freight", "unit prices, tooling and freight"; blank for none."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def count_word(count: int) -> str:
    """A count that opens a sentence: "Two", "12"."""
    return _COUNT_WORDS[count] if 0 <= count < len(_COUNT_WORDS) else number(count)


def fingerprint(digest: str | None) -> str:
    """A hex digest in groups of four, so that two people can read it to each other."""
    text = digest or ""
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def zone_label(at: datetime, zone: Zone = DEFAULT_ZONE) -> str:
    """The zone as people say it at that moment: "ET", "CT", "UTC"."""
    abbreviation = at.astimezone(as_zone(zone)).tzname() or str(zone)
    if str(zone) == "America/Phoenix":
        return "MST"
    if abbreviation == "MST":
        return "MT"
    # Zones without letters of their own answer "+03"; say what it is measured from.
    return f"UTC{abbreviation}" if abbreviation[:1] in "+-" else _SPOKEN_ZONES.get(abbreviation, abbreviation)


def clock_time(at: datetime, zone: Zone = DEFAULT_ZONE, *, seconds: bool = False) -> str:
    """ "5:00 pm ET", or with seconds "2:14:08 pm ET"."""
    local = at.astimezone(as_zone(zone))
    tail = f":{local.second:02d}" if seconds else ""
    half = "am" if local.hour < 12 else "pm"
    return f"{local.hour % 12 or 12}:{local.minute:02d}{tail} {half} {zone_label(at, zone)}"


def day(on: date | None, *, short: bool = False, weekday: bool = False) -> str:
    """ "June 30, 2026", short "Mar 9, 2028", with weekday "Tue June 30, 2026"."""
    if on is None:
        return ""
    months = _SHORT_MONTHS if short else _MONTHS
    lead = f"{_DAYS[on.weekday()]} " if weekday else ""
    return f"{lead}{months[on.month - 1]} {on.day}, {on.year}"


def weekday_and_day(on: date) -> str:
    """ "Thu June 18", for a clock."""
    return f"{_DAYS[on.weekday()]} {_SHORT_MONTHS[on.month - 1]} {on.day}"


def when(
    at: datetime | None,
    zone: Zone = DEFAULT_ZONE,
    *,
    short: bool = False,
    weekday: bool = False,
    seconds: bool = False,
) -> str:
    """An aware moment with its zone: "June 30, 2026, 5:00 pm ET". Raises ValueError for a naive one."""
    if at is None:
        return ""
    if at.tzinfo is None:
        raise ValueError("a moment without a zone cannot be shown")
    local = at.astimezone(as_zone(zone))
    return f"{day(local.date(), short=short, weekday=weekday)}, {clock_time(at, zone, seconds=seconds)}"


def last_moment(at: datetime, zone: Zone = DEFAULT_ZONE) -> datetime:
    """The last moment that still counts before an exclusive end, to the precision at which it is shown.

    An end at midnight becomes 11:59:59 pm of the day before: "midnight of July 1" is read by half of the
    world as the end of July 1. Any other end stays: "5:00 pm" is read as it is meant.
    """
    local = at.astimezone(as_zone(zone))
    if (local.hour, local.minute, local.second, local.microsecond) != (0, 0, 0, 0):
        return at
    return at.astimezone(UTC) - timedelta(seconds=1)


def deadline(at: datetime | None, zone: Zone = DEFAULT_ZONE) -> str:
    """The last moment that counts: "Tue June 30, 2026, 5:00 pm ET"."""
    if at is None:
        return ""
    if at.tzinfo is None:
        raise ValueError("a deadline without a zone cannot be shown")
    last = last_moment(at, zone)
    return when(last, zone, weekday=True, seconds=last.second != 0)


def duration(left: timedelta) -> str:
    """Time left, two or three units: "12 days 2 h 46 min", "2 h 5 min", "4 min 10 s", "0 s"."""
    total = max(0, int(left.total_seconds()))
    days, rest = divmod(total, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{count_of(days, 'day')} {hours} h {minutes} min"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def decimal_in(text: str) -> Decimal | None:
    """The finite number that a stored text is, or None."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def date_in(text: str) -> date | None:
    """The date that a stored text is, as 2026-05-12, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def plus_months(start: date, months: int) -> date:
    """The same day of the month some months on, or that month's last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for last in (start.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(start.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
