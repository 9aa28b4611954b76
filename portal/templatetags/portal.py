"""The parts every page is made of. A template names a part; the paths and the wording are kept here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import BaseForm, BaseFormSet
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal import charts, formats, two_step
from portal.compliance import Effect, Outcome

register = template.Library()


# ---- shapes: the third part of every status, beside the word and the color ----

_DISC = '<circle cx="8" cy="8" r="7.25" fill="currentColor"/>'
_RING = '<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5"/>'
_SHAPES = {
    "met": _DISC + '<path d="M4.6 8.2l2.4 2.4 4.4-4.9" fill="none" class="cutout"/>',
    "not": (
        '<path d="M5.1.9h5.8l4.2 4.2v5.8l-4.2 4.2H5.1L.9 10.9V5.1z" fill="currentColor"/>'
        '<path d="M5.4 5.4l5.2 5.2m0-5.2l-5.2 5.2" fill="none" class="cutout"/>'
    ),
    "open": _RING + '<path d="M8 1.5a6.5 6.5 0 0 1 0 13z" fill="currentColor"/>',
    "na": _RING + '<path d="M5 8h6" stroke="currentColor" stroke-width="1.5"/>',
    "draft": (
        '<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-dasharray="2.6 2.5"/>'
    ),
    "todo": _RING,
    "now": _RING + '<circle cx="8" cy="8" r="3" fill="currentColor"/>',
    "run": (
        '<circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-opacity=".3" '
        'stroke-width="2"/>'
        '<path d="M8 1.75A6.25 6.25 0 0 1 14.25 8" fill="none" stroke="currentColor" stroke-width="2"/>'
    ),
    "sealed": (
        '<rect x="2.5" y="7" width="11" height="8" rx="1" fill="currentColor"/>'
        '<path d="M5 7V5a3 3 0 0 1 6 0v2" fill="none" stroke="currentColor" stroke-width="1.75"/>'
    ),
    "hit": '<path d="M8 1l7.4 13.5H.6z" fill="currentColor"/><path d="M8 6v4M8 11.6v1.4" class="cutout"/>',
    "diff": (
        '<path d="M2 5.75h12M2 10.25h12M11 2L5 14" fill="none" stroke="currentColor" stroke-width="1.75"/>'
    ),
}
_PIE = (
    '<circle cx="8" cy="8" r="2.75" fill="none" stroke="currentColor" stroke-width="5.5" pathLength="100" '
    'stroke-dasharray="{} 100" transform="rotate(-90 8 8)"/>'
)
# The light values of tokens.css, for paper.
_PAPER = {
    "is-met": "#16643a",
    "is-not": "#a1221a",
    "is-open": "#774700",
    "is-run": "#2a3d9f",
    "is-na": "#5b6571",
}


@dataclass(frozen=True)
class State:
    """One state's shape, color class and default word."""

    shape: str
    color: str
    word: str


# What a person knew and accepted: it stands between the open findings and the met ones, nobody's task any more.
_KNOWN = "known"
STATES: Mapping[str, State] = {
    Outcome.MET.value: State("met", "is-met", "Met"),
    Outcome.NOT_MET.value: State("not", "is-not", "Not met"),
    Outcome.REFER.value: State("open", "is-open", "A person decides"),
    Outcome.NOT_APPLICABLE.value: State("na", "is-na", "Does not apply"),
    "draft": State("draft", "is-open", "Not submitted yet"),
    "submitted": State("met", "is-met", "Submitted"),
    "withdrawn": State("not", "is-not", "Withdrawn"),
    _KNOWN: State("open", "is-na", "Known and accepted"),
    "todo": State("todo", "is-na", "To do"),
    "now": State("now", "is-run", "Now"),
    "run": State("run", "is-run", "In progress"),
    "sealed": State("sealed", "is-na", "Sealed"),
    "hit": State("hit", "is-open", "Screening hit"),
    "diff": State("diff", "is-na", "Differs"),
    "closed": State("na", "is-na", "Closed"),
    # Short forms for shapes that stand beside other words.
    "not": State("not", "is-not", "Not met"),
    "open": State("open", "is-open", "A person decides"),
    "na": State("na", "is-na", "Does not apply"),
}


def _state(name: object) -> State:
    """The state of that name; an unknown one is a bug in the template and says so."""
    try:
        return STATES[str(name)]
    except KeyError:
        raise template.TemplateSyntaxError(
            f"no state is called {name!r}; known: {', '.join(STATES)}"
        ) from None


def _svg(body: str, color: str, extra: str = "") -> SafeString:
    return mark_safe(f'<svg class="shape {color}{extra}" viewBox="0 0 16 16" aria-hidden="true">{body}</svg>')


@register.simple_tag
def shape(name: str, size: str = "", paper: bool = False) -> SafeString:
    """A state's shape alone. `size="lg"` for headings, `paper=True` for the PDF."""
    state = _state(name)
    if not paper:
        return _svg(_SHAPES[state.shape], state.color, " shape-lg" if size == "lg" else "")
    body = _SHAPES[state.shape].replace("currentColor", _PAPER[state.color])
    body = body.replace('class="cutout"', 'stroke="#fff" stroke-width="1.75"')
    return mark_safe(
        f'<svg class="ps" viewBox="0 0 16 16" width="11" height="11" aria-hidden="true">{body}</svg>'
    )


@register.simple_tag
def pie(done: int, total: int) -> SafeString:
    """How much of a section is done: ring, pie, check."""
    if total and done >= total:
        return shape("met")
    if not done:
        return shape("todo")
    return _svg(_RING + _PIE.format(round(100 * done / total)), "is-run")


@register.simple_tag
def status(name: str, word: str = "", paper: bool = False) -> SafeString:
    """Shape, color and word for running text and tables."""
    state = _state(name)
    css = state.color if not paper else f"st {state.color}"
    return format_html(
        '<span class="status {}">{}{}</span>', css, shape(name, paper=paper), word or state.word
    )


@register.simple_tag
def tag(name: str = "", word: str = "", strong: bool = False) -> SafeString:
    """A framed label for heads. Without a state it is a plain label: `{% tag word="Sample" %}`."""
    if not name:
        return format_html('<span class="tag{}">{}</span>', " tag-strong" if strong else "", word)
    state = _state(name)
    return format_html('<span class="tag {}">{}{}</span>', state.color, shape(name), word or state.word)


@register.simple_tag
def effect_tag(effect: str) -> SafeString:
    """A rule's weight, outlined in ink, never red: Knock-out or Advisory."""
    return tag(word="Knock-out", strong=True) if effect == Effect.KNOCKOUT else tag(word="Advisory")


@register.simple_tag
def balloon(number: object) -> SafeString:
    """A numbered balloon, as on a drawing."""
    return format_html('<span class="balloon">{}</span>', number)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Bootstrap icon by its name; decorative, so the words beside it must be enough."""
    body = _icon_body(name)
    return (
        mark_safe(f'<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{body}</svg>')
        if body
        else SafeString()
    )


@lru_cache(maxsize=200)
def _icon_body(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]{1,40}", name):
        raise template.TemplateSyntaxError(f"no icon is called {name!r}")
    path = f"icons/{name}.svg"
    found = finders.find(path)
    if isinstance(found, str):
        with open(found, encoding="utf-8") as file:
            source = file.read()
    elif staticfiles_storage.exists(path):
        with staticfiles_storage.open(path) as file:
            source = file.read().decode()
    else:
        # Icons never stand without words, so a page without them is still whole.
        return ""
    inner = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
    return re.sub(r"\s*\n\s*", "", inner.group(1)) if inner else ""


# ---- numbers and moments ----


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
    """The last moment that counts, with the weekday and the zone."""
    if at is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), formats.deadline(at, _zone(zone)))


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


# ---- getting about ----


@dataclass(frozen=True)
class Tab:
    """A link in the bar or the foot: its words and the route it opens."""

    label: str
    route: str


# A route that does not exist yet is not shown, so an app may be left out.
_STAFF_TABS = (
    Tab("RFPs", "rfp:solicitation_list"),
    Tab("Evaluation", "scoring:rfp_list"),
    Tab("Suppliers", "suppliers:supplier_list"),
    Tab("Alerts", "suppliers:alert_list"),
    Tab("Audit", "portal:audit_list"),
)
MAIN_TABS: Mapping[str, Sequence[Tab]] = {
    "": (Tab("RFPs", "rfp:solicitation_list"),),
    "supplier": (
        Tab("RFPs", "rfp:solicitation_list"),
        Tab("My proposals", "rfp:proposal_list"),
        Tab("Company", "suppliers:company"),
    ),
    "reviewer": _STAFF_TABS[:3],
    "admin": (*_STAFF_TABS, Tab("Setup", "rfp:setup_list")),
    # What an officer decides comes first; panels and audits are others' work.
    "officer": (
        _STAFF_TABS[3],
        _STAFF_TABS[2],
        _STAFF_TABS[0],
        Tab("Countersign", "portal:countersign_list"),
    ),
    "auditor": _STAFF_TABS,
}
FOOT_LINKS = (
    Tab("Rules we apply", "rfp:rules"),
    Tab("Verify a receipt", "rfp:receipt_verify"),
    Tab("Accessibility", "portal:accessibility"),
)


def _links(tabs: Iterable[Tab], path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for tab_ in tabs:
        try:
            url = reverse(tab_.route)
        except NoReverseMatch:
            continue
        found.append({"label": tab_.label, "url": url, "current": False})
    inside = [
        link for link in found if path == link["url"] or (link["url"] != "/" and path.startswith(link["url"]))
    ]
    if inside:
        # The longest address wins, so /suppliers/alerts/ is not also in /suppliers/.
        max(inside, key=lambda link: len(link["url"]))["current"] = True
    return found


@register.inclusion_tag("components/tabs.html", takes_context=True)
def main_tabs(context: Context) -> dict[str, Any]:
    """The bar's tabs for whoever is signed in."""
    request = context.get("request")
    user = getattr(request, "user", None)
    role = getattr(user, "role", "") if getattr(user, "is_authenticated", False) else ""
    return {"links": _links(MAIN_TABS.get(role, MAIN_TABS[""]), getattr(request, "path", "")), "name": "Main"}


@register.inclusion_tag("components/two_step.html", takes_context=True)
def two_step_banner(context: Context) -> dict[str, Any]:
    """What reminds staff of two-step sign-in where it is offered and not required; no query."""
    session = getattr(context.get("request"), "session", {})
    return {"shown": session.get(two_step.BANNER, False), "is_development": settings.DEBUG}


@register.simple_tag(takes_context=True)
def two_step_required(context: Context) -> bool:
    """Whether the person who reads the page may not turn two-step sign-in off."""
    return two_step.is_required_of(getattr(context.get("request"), "user", None))


@register.simple_tag(takes_context=True)
def foot_links(context: Context) -> list[dict[str, Any]]:
    """The foot's links, those that exist."""
    return _links(FOOT_LINKS, getattr(context.get("request"), "path", ""))


@register.simple_tag
def optional_url(route: str, *args: Any) -> str:
    """The address of a route, empty when there is no such route."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """The current query string with some parameters changed; None or an empty string removes one."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    if query is None:
        return "?"
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.inclusion_tag("components/sort_th.html", takes_context=True)
def sort_th(
    context: Context, key: str, label: str, css: str = "", first: str = "ascending", param: str = "sort"
) -> dict[str, Any]:
    """A column head that sorts. `?sort=name` ascends, `?sort=-name` descends; a new column resets the page.

    `first` is the direction of the first press ("descending" for scores).
    """
    request = context.get("request")
    now = request.GET.get(param, "") if request else ""
    current = "ascending" if now == key else "descending" if now == f"-{key}" else ""
    opposite = {"ascending": "descending", "descending": "ascending"}
    following = opposite[current] if current else first
    value = key if following == "ascending" else f"-{key}"
    return {
        "url": query_with(context, **{param: value, "page": None}),
        "label": label,
        "css": css,
        "current": current,
    }


# ---- findings ----

# Not met first, then what a person decides; met is folded away.
_ORDER = (
    Outcome.NOT_MET.value,
    Outcome.REFER.value,
    _KNOWN,
    Outcome.MET.value,
    Outcome.NOT_APPLICABLE.value,
)
_OPEN = (Outcome.NOT_MET.value, Outcome.REFER.value)


@register.inclusion_tag("components/finding.html")
def finding(item: Any, heading: str = "h3", more: str = "") -> dict[str, Any]:
    """One finding's card: shape, title, outcome, effect, sentence, what to do, code and basis."""
    return {"finding": item, "heading": heading, "more": more}


@register.inclusion_tag("components/findings.html")
def findings(items: Iterable[Any], heading: str = "h2", empty: str = "No findings yet.") -> dict[str, Any]:
    """All findings of an assessment: counts, then groups in order, all but the open ones folded.

    An item with `is_known` was accepted by a person.
    """
    groups: dict[str, list[Any]] = {group: [] for group in _ORDER}
    for item in items:
        groups[_KNOWN if getattr(item, "is_known", False) else Outcome(item.outcome).value].append(item)
    return {
        "groups": [
            {
                "outcome": group,
                "word": STATES[group].word,
                "items": found,
                "folded": group not in _OPEN,
            }
            for group, found in groups.items()
            if found or group != _KNOWN
        ],
        "any": any(groups.values()),
        "heading": heading,
        "below": {"h2": "h3", "h3": "h4"}.get(heading, "h4"),
        "empty": empty,
    }


@register.inclusion_tag("components/filter_choice.html")
def filter_choice(
    name: str,
    label: str,
    options: Mapping[Any, str] | Iterable[tuple[Any, str]],
    chosen: Any,
    blank: str = "",
) -> dict[str, Any]:
    """One choice of a list's filters: (value, words) pairs; `blank` is what the blank value is called, if it is one."""
    pairs = options.items() if isinstance(options, Mapping) else options
    return {
        "name": name,
        "label": label,
        "options": [(str(value), words) for value, words in pairs],
        "chosen": str(chosen or ""),
        "blank": blank,
    }


# ---- charts ----


@register.inclusion_tag("charts/svg.html")
def chart(drawing: charts.Chart, paper: bool = False) -> dict[str, Any]:
    """A chart's SVG. `paper=True` writes colors as attributes and carries its own hatch, for the PDF."""
    shapes = [
        {
            "name": item.shape,
            "attributes": {**item.attributes, **(charts.PAINT[item.role] if paper else {"class": item.role})},
            "text": getattr(item, "text", ""),
        }
        for item in drawing.shapes
    ]
    return {"chart": drawing, "shapes": shapes, "paper": paper}


@register.inclusion_tag("charts/figure.html")
def figure(
    drawing: charts.Chart, says: str, about: str = "", key: Any = None, table: bool = True
) -> dict[str, Any]:
    """A chart with its finding as the caption, its key and its data as a table.

    `key` is a sequence of (class, words): k-fill, k-fill-2, k-fill-3, k-scribe, k-hatch, k-0 … k-3.
    """
    return {
        "chart": drawing,
        "says": says,
        "about": about,
        "key": key,
        "table": drawing.table if table else None,
    }


@register.inclusion_tag("charts/key.html")
def chart_key(key: Any) -> dict[str, Any]:
    """The key of a chart; see `figure`."""
    return {"key": key}


# ---- forms ----


@dataclass(frozen=True)
class Problem:
    """One entry of the error summary: the words, and the field they belong to."""

    text: str
    target: str


def _problems(form: BaseForm) -> list[Problem]:
    found = [Problem(str(text), "") for text in form.non_field_errors()]
    for bound in form:
        # A group of radios has no control with the group's own id; its frame has one.
        target = f"div_{bound.auto_id}" if bound.use_fieldset else bound.id_for_label or bound.auto_id
        found += [Problem(str(text), "" if bound.is_hidden else target) for text in bound.errors]
    return found


@register.simple_tag
def form_problems(form: BaseForm | BaseFormSet[Any]) -> list[Problem]:
    """Everything wrong with a form or a formset, in the order of the page."""
    if isinstance(form, BaseFormSet):
        found = [Problem(str(text), "") for text in form.non_form_errors()]
        return found + [problem for part in form.forms for problem in _problems(part)]
    return _problems(form)


@register.filter
def plain_form(form: BaseForm) -> BaseForm:
    """The same form without placeholders (a label that vanishes while one types is none), labels in sentence case."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        if label := str(field.label or ""):
            field.label = label[:1] + label[1:].lower()
    return form
