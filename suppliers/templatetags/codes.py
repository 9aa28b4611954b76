"""Words for what suppliers and lists store as codes."""

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString

from portal.templatetags.states import status, tag
from suppliers.reference.countries import COUNTRY_NAMES
from suppliers.screening import desk
from suppliers.screening.models import Alert

register = template.Library()


@register.filter
def words(code: str) -> str:
    """ "former_name" → "former name"."""
    return str(code).replace("_", " ")


# Roles of a screened name that do not read well as they are stored.
ROLES = {"dba": "trade name", "native_name": "name in original script"}


@register.filter
def role(code: str) -> str:
    """What a screened name is to its supplier: "trade name", "former name", "owner"."""
    return ROLES.get(code, words(code))


@register.filter
def country(code: str) -> str:
    """The country's name; what is no code is a name already."""
    return COUNTRY_NAMES.get(code, code)


@register.filter
def item(mapping: Mapping[str, str], key: str) -> str:
    """What a mapping holds for a key; the key where it holds nothing."""
    return mapping.get(key, key)


@register.filter
def list_title(source: str) -> str:
    """The full name of a screening list."""
    return desk.list_title(source)


# The code of a standing's word → the shape and the words of its tag.
STANDINGS = {
    "qualified": ("met", "Qualified"),
    "expiring": ("open", "Qualified, expires soon"),
    "checking": ("run", "Checking"),
    "expired": ("not", "Expired"),
    "not_qualified": ("not", "Not qualified"),
    "suspended": ("not", "Suspended"),
    "on_hold": ("hit", "On hold"),
    "confirmed": ("not", "Confirmed match"),
    "pending": ("run", "Pending approval"),
    "review": ("run", "Under review"),
    "in_progress": ("draft", "Not submitted"),
}
NOT_STARTED = ("na", "Not started")
# An alert's state → its shape and words; one whose record left the list is neither confirmed nor waiting.
ALERTS = {
    "true_match": ("not_met", "Confirmed match"),
    "ending": ("not_met", "Confirmed, needs a second officer"),
    "unlisted": ("todo", "No longer listed"),
    "false_positive": ("met", "False positive"),
    "ended": ("met", "Ended"),
    "clearing": ("refer", "Needs a second officer"),
    "escalated": ("refer", "Escalated"),
}
OPEN = ("refer", "Open")


@register.simple_tag
def standing_tag(code: str) -> SafeString:
    """A standing's word, as a tag."""
    return tag(*STANDINGS.get(code, NOT_STARTED))


@register.simple_tag
def alert_status(alert: Alert) -> SafeString:
    """What became of an alert."""
    gone = not alert.is_current and alert.state not in ("true_match", "ending")
    return status(*ALERTS.get("unlisted" if gone else alert.state, OPEN))
