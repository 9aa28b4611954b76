"""The queue of alerts, declared: what it can be narrowed to, its columns, and its files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from portal.kit.listing import Choice, Column, Empty, File, Listing, Option, Search
from suppliers.screening import desk
from suppliers.screening.models import Alert, Disposition, Snapshot
from suppliers.screening.queries import COUNTS, WAITS

# Only the columns of the queue: the record's remarks are long, the supplier's employer number encrypted.
SHOWN = (
    *("supplier__legal_name", "name", "role", "matched_name", "source", "record_id", "score", "band"),
    *("identifier", "priority", "reasons", "state", "is_current", "raised_at", "changed_at", "due_on"),
    *("owner__name", "owner__email", "proposals"),
)


def shown(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """With the columns of the queue."""
    return alerts.select_related(None).select_related("supplier", "owner").only(*SHOWN)


def with_last_word(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """With what officers said, for the files."""
    said = Disposition.objects.select_related("by").order_by("id")
    return alerts.prefetch_related(Prefetch("dispositions", queryset=said))


def lists_that_raised() -> Iterable[tuple[str, str]]:
    """The lists with alerts. A list is asked for once, by its index: reading every alert would grow with them."""
    raised = Exists(Alert.objects.filter(source=OuterRef("source")))
    loaded = Snapshot.objects.order_by("source").values_list("source", flat=True).distinct()
    return [(source, desk.list_title(source)) for source in loaded.filter(raised)]


def _last(alert: Alert) -> Disposition | None:
    return next(reversed(alert.dispositions.all()), None)


def _said(words: str) -> Any:
    """What a file holds of the latest decision; blank without one."""
    tell = {
        "decision": lambda said: said.get_decision_display(),
        "by": lambda said: str(said.by),
        "at": lambda said: said.at.isoformat(timespec="seconds"),
        "code": lambda said: said.get_code_display(),
        "reason": lambda said: said.reason,
    }[words]
    return lambda alert: tell(said) if (said := _last(alert)) else ""


ALERTS = Listing(
    name="alerts",
    title="Alerts",
    route="suppliers:alert_list",
    export="suppliers:alert_export",
    columns=(
        Column(files=(File("Alert", lambda row: row.pk),)),
        Column(
            "Screened name",
            key="name",
            sort="name",
            files=(
                File("Screened name", lambda row: row.name),
                File("Role", lambda row: row.role.replace("_", " ")),
                File("Supplier", lambda row: row.supplier.legal_name),
            ),
        ),
        Column(
            "Listed name",
            key="listed",
            sort="matched_name",
            files=(
                File("Listed name", lambda row: row.matched_name),
                File("List", lambda row: desk.list_title(row.source)),
                File("Record", lambda row: row.record_id),
            ),
        ),
        Column(
            "Similarity",
            key="likeness",
            sort="score",
            css="num",
            first="descending",
            files=(
                File("Similarity", lambda row: row.score),
                File("Band", lambda row: desk.BANDS.get(row.band, row.band)),
                File("Shared identifier", lambda row: row.identifier),
            ),
        ),
        Column(key="urgency", sort="priority", files=(File("Urgency", lambda row: row.priority),)),
        Column("State", key="state", sort="state", files=(File("State", desk.state_words),)),
        Column(
            "Raised",
            key="raised",
            sort="raised_at",
            files=(
                File("Raised", lambda row: row.raised_at.isoformat(timespec="seconds")),
                File("Last changed", lambda row: row.changed_at.isoformat(timespec="seconds")),
                File("Owner", lambda row: str(row.owner) if row.owner else ""),
            ),
        ),
        Column(
            "Due",
            key="due",
            sort="due_on",
            files=(
                File("Due", lambda row: row.due_on.isoformat() if row.due_on else ""),
                File("Proposals", lambda row: " ".join(row.proposals)),
            ),
        ),
        Column(
            files=(
                File("Decision", _said("decision")),
                File("Decided by", _said("by")),
                File("Decided", _said("at")),
                File("Kind of reason", _said("code")),
                File("Reason", _said("reason")),
            )
        ),
    ),
    filters=(
        Search(
            "Name, supplier or record number",
            (
                "name__icontains",
                "matched_name__icontains",
                "supplier__legal_name__icontains",
                "record_id__iexact",
            ),
        ),
        Choice(
            "show",
            "Show",
            {
                "waiting": Option("To decide", WAITS),
                "second": Option(
                    "Needs a second officer",
                    Q(is_current=True, state=Alert.State.CLEARING) | Q(state=Alert.State.ENDING),
                ),
                "escalated": Option("Escalated", Q(is_current=True, state=Alert.State.ESCALATED)),
                "true": Option("Confirmed matches", Q(state__in=Alert.CONFIRMED)),
                "decided": Option("Decided", COUNTS & ~WAITS),
                "past": Option("No longer on a list", ~COUNTS),
                "all": Option("All"),
            },
            default="waiting",
        ),
        Choice("list", "List", listed=lists_that_raised, field="source", blank="All lists"),
        Choice(
            "owner",
            "Owner",
            {
                "": Option("Anyone"),
                "me": Option("Mine", lambda reader: Q(owner=reader)),
                "none": Option("No owner", Q(owner=None)),
            },
        ),
    ),
    rows_template="suppliers/screening/alert/alert_rows.jinja",
    nothing=Empty("Nothing to decide", "All alerts on the active lists have been decided."),
    nothing_matches=Empty(
        "No matching alerts", "Search for part of a name, or show all alerts.", "?show=all", "Show all alerts"
    ),
    fetch=lambda keys: shown(Alert.objects.filter(pk__in=keys)),
    then=("id",),
)
