"""The shape, the color and the word of every status, and what else stands beside words: labels, balloons, icons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django import template
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.kit.compliance import Effect, Outcome

register = template.Library()


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
KNOWN = "known"
STATES: Mapping[str, State] = {
    Outcome.MET.value: State("met", "is-met", "Met"),
    Outcome.NOT_MET.value: State("not", "is-not", "Not met"),
    Outcome.REFER.value: State("open", "is-open", "A person decides"),
    Outcome.NOT_APPLICABLE.value: State("na", "is-na", "Does not apply"),
    "draft": State("draft", "is-open", "Not submitted yet"),
    "submitted": State("met", "is-met", "Submitted"),
    "withdrawn": State("not", "is-not", "Withdrawn"),
    KNOWN: State("open", "is-na", "Known and accepted"),
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
    return _shape(str(name), size, paper)


@lru_cache(maxsize=200)
def _shape(name: str, size: str, paper: bool) -> SafeString:
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
    return _status(str(name), str(word), paper)


# Typed: a word that is marked safe and the same one that is not are two.
@lru_cache(maxsize=2000, typed=True)
def _status(name: str, word: str, paper: bool) -> SafeString:
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
