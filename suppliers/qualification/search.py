"""The search for suppliers: by words, codes, places, certificates, and standing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from suppliers.company.models import Supplier
from suppliers.company.profile_models import Certificate, Site
from suppliers.qualification import queries
from suppliers.qualification.models import Commodity, Qualification, Region
from suppliers.reference.industries import codes_beginning

# Of 1; a little below pg_trgm's own default for words. "Hockholow" finds "Hockhollow".
ALIKE = 0.5


def set_likeness(connection: BaseDatabaseWrapper) -> None:
    """Tell a new connection how alike is alike: the operator that asks the index of letter triples looks there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, false)", [str(ALIKE)])


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody looks for; blank or None does not narrow."""

    words: str = ""
    naics: str = ""
    state: str = ""
    scheme: str = ""
    status: str = ""
    commodity: Commodity | None = None
    region: Region | None = None
    capacity: int | None = None
    sort: str = ""


# The columns a search can be sorted by, as they stand in the address; "-" before one turns it round.
SORTS = {"name": "legal_name", "until": "until"}


def find(suppliers: QuerySet[Supplier], asked: Asked, *, on: date, renewal_days: int) -> QuerySet[Supplier]:
    """Those that fit, sorted as asked; else the closest first, then by name. Words match whole, by stem, or nearly."""
    found = suppliers
    if asked.naics:
        found = found.filter(naics__overlap=list(codes_beginning(asked.naics)))
    if asked.state:
        found = found.filter(_has(Site.objects.filter(state=asked.state)))
    if asked.capacity is not None:
        found = found.filter(_has(Site.objects.filter(capacity_per_year__gte=asked.capacity)))
    if asked.scheme:
        found = found.filter(_has(Certificate.objects.filter(scheme=asked.scheme, expires__gte=on)))
    standings = _standings(asked, on=on, renewal_days=renewal_days)
    if standings is not None:
        found = found.filter(standings)
    return _sorted(_by_words(found, asked.words), asked.sort, on=on)


def _sorted(found: QuerySet[Supplier], sort: str, *, on: date) -> QuerySet[Supplier]:
    column = SORTS.get(sort.lstrip("-"))
    if column is None:
        return found
    if column == "until":
        # Qualified rows only: what is on hold keeps its day, and not everybody may know of holds.
        holding = Qualification.objects.filter(
            supplier=OuterRef("pk"), status=Qualification.Status.QUALIFIED, valid_until__gte=on
        )
        first = holding.order_by("valid_until").values("valid_until")[:1]
        found = found.annotate(until=Subquery(first))
    by = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return found.order_by(by, "legal_name", "pk")


def _by_words(found: QuerySet[Supplier], words: str) -> QuerySet[Supplier]:
    if not words:
        return found.order_by("legal_name", "pk")
    query = SearchQuery(words, config="english", search_type="websearch")
    # Two subqueries, so that each asks its own index; joined by "or" in one, every text would be read.
    whole = Supplier.objects.filter(search_words=query).values("pk")
    nearly = Supplier.objects.filter(search_text__trigram_word_similar=words).values("pk")
    return (
        found.annotate(
            rank=SearchRank(F("search_words"), query), alike=TrigramWordSimilarity(words, "search_text")
        )
        .filter(Q(pk__in=whole) | Q(pk__in=nearly))
        .order_by("-rank", "-alike", "legal_name", "pk")
    )


def _has(rows: QuerySet[Site] | QuerySet[Certificate]) -> Exists:
    return Exists(rows.filter(supplier=OuterRef("pk")))


def _standings(asked: Asked, *, on: date, renewal_days: int) -> Combinable | None:
    rows = Qualification.objects.filter(supplier=OuterRef("pk"))
    if asked.commodity:
        rows = rows.filter(commodity=asked.commodity)
    if asked.region:
        rows = rows.filter(region=asked.region)
    if asked.status == "not_started":
        return ~Exists(rows)
    if asked.status:
        return Exists(rows.filter(status_is(asked.status, on=on, renewal_days=renewal_days)))
    return Exists(rows) if asked.commodity or asked.region else None


def status_is(status: str, *, on: date, renewal_days: int) -> Q:
    """The rows a page would show under this word; the twin of `queries.shown_status`."""
    soon = on + timedelta(days=renewal_days)
    qualified = Q(status=Qualification.Status.QUALIFIED)
    if status in ("qualified", "expiring", "checking"):
        unread = Q(pk__in=queries.standings_to_look_at().values("pk"))
        if status == "checking":
            return qualified & Q(valid_until__gte=on) & unread
        qualified &= ~unread
    if status == "qualified":
        return qualified & Q(valid_until__gt=soon)
    if status == "expiring":
        return qualified & Q(valid_until__gte=on, valid_until__lte=soon)
    if status == "expired":
        return Q(status=Qualification.Status.EXPIRED) | (qualified & Q(valid_until__lt=on))
    if status == "review":
        return Q(status__in=queries.UNDER_REVIEW)
    return Q(status=status)
