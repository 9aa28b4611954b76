"""The bar's and the foot's links, and addresses that keep what they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse

from portal.kit.listing import Column

register = template.Library()


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


@register.inclusion_tag("components/lists/tabs.html", takes_context=True)
def main_tabs(context: Context) -> dict[str, Any]:
    """The bar's tabs for whoever is signed in."""
    request = context.get("request")
    user = getattr(request, "user", None)
    role = getattr(user, "role", "") if getattr(user, "is_authenticated", False) else ""
    return {"links": _links(MAIN_TABS.get(role, MAIN_TABS[""]), getattr(request, "path", "")), "name": "Main"}


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


@register.inclusion_tag("components/lists/sort_th.html", takes_context=True)
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


@register.inclusion_tag("components/lists/sort_th.html", takes_context=True)
def list_head(context: Context, column: Column) -> dict[str, Any]:
    """The head of one column of a declared list."""
    if column.sort:
        return sort_th(context, column.key, column.head, css=column.css, first=column.first)
    return {"label": column.head, "css": column.css, "hidden": column.hidden}
