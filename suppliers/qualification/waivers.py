"""The list of waivers, declared: what it can be narrowed to, its columns, and its files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import DateField, Q, QuerySet, Value

from portal.kit import clock
from portal.kit.listing import Choice, Column, Empty, File, Listing, Option, Search
from suppliers.qualification.models import Waiver
from suppliers.rules import QUALIFICATION, RULE_TITLES


def _in_effect(_reader: object) -> Q:
    return Q(withdrawn_at=None, until__gte=clock.wall_time().date())


def state_of(row: Any) -> tuple[str, str]:
    """The shape and the word for a waiver of `shown`, as of the day it was read."""
    if row.withdrawn_at is not None:
        return "na", "Withdrawn"
    return ("met", "In effect") if row.until >= row.today else ("na", "Ended")


def shown() -> QuerySet[Any]:
    """Every waiver with what a row shows, and the day it is read: the clock is asked once, not for each row."""
    today = Value(clock.wall_time().date(), output_field=DateField())
    return Waiver.objects.select_related("supplier", "commodity", "by", "withdrawn_by").annotate(today=today)


def _second(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def waivable() -> list[tuple[str, str]]:
    """(code, title) of the rules that can be waived."""
    return [(code, title) for code, title in RULE_TITLES.items() if code not in QUALIFICATION.never_waived]


WAIVERS = Listing(
    name="waivers",
    title="Waivers",
    route="suppliers:waiver_list",
    export="suppliers:waiver_export",
    columns=(
        Column(
            "Exempt from",
            key="rule",
            sort="rule",
            files=(
                File("Rule", lambda row: row.rule),
                File("Title", lambda row: RULE_TITLES.get(row.rule, "")),
            ),
        ),
        Column(
            "For",
            key="supplier",
            sort="supplier__legal_name",
            files=(
                File("Supplier", lambda row: row.supplier.legal_name if row.supplier else "All suppliers"),
                File("Commodity", lambda row: row.commodity.title if row.commodity else "Everything"),
            ),
        ),
        Column(
            "Until",
            key="until",
            sort="until",
            files=(
                File("Last day", lambda row: row.until.isoformat()),
                File("State", lambda row: state_of(row)[1]),
            ),
        ),
        Column(
            "Reason",
            key="given",
            sort="id",
            first="descending",
            files=(
                File("Reason", lambda row: row.reason),
                File("Granted by", lambda row: str(row.by)),
                File("Granted", lambda row: _second(row.at)),
                File("Withdrawn by", lambda row: str(row.withdrawn_by) if row.withdrawn_by else ""),
                File("Withdrawn", lambda row: _second(row.withdrawn_at)),
                File("Reason withdrawn", lambda row: row.withdrawn_why),
            ),
        ),
        Column("Actions", hidden=True),
    ),
    filters=(
        Search("Supplier or reason", ("supplier__legal_name__icontains", "reason__icontains")),
        Choice(
            "show",
            "Show",
            {
                "now": Option("In effect", _in_effect),
                "ended": Option("Ended or withdrawn", lambda reader: ~_in_effect(reader)),
                "all": Option("All"),
            },
            default="now",
        ),
        Choice("rule", "Rule", listed=waivable, field="rule", blank="All rules"),
    ),
    rows_template="suppliers/qualification/rulebook/waiver_rows.html",
    nothing=Empty(
        "No waivers in effect", "All rules apply to all suppliers.", "?show=all", "Show ended ones too"
    ),
    nothing_matches=Empty(
        "No matching waivers", "Remove a filter, or show all waivers.", "?show=all", "Show all waivers"
    ),
    then=("-id",),
)
