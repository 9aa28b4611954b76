"""What suppliers are called while reviewers may not know them, and answers without their names.

Names are taken out where an answer leaves the room, not where each of a hundred templates writes one: so no page, file,
or message can be forgotten. `access.sees_names` says who may know them.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.db.models import Count, F, Max
from django.db.models.fields.json import KeyTransform
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse

from portal.models import User
from rfp.models import Attachment, Proposal, Revision, Window
from scoring.panel.access import sees_names, viewer_of
from scoring.panel.models import Evaluator
from scoring.redaction import WITHHELD, Withheld

# What a frozen supplier tells of itself that would name it.
_NAMES = ("legal_name", "native_name", "dbas", "former_names")
_PEOPLE = ("owners", "officers")
_NUMBERS = ("uei", "cage", "ein", "lei", "duns")
_SHEETS = "spreadsheetml"
_TEXT = ("text/csv", "text/plain", "application/json")


@dataclass(frozen=True)
class Known:
    """A supplier of a window with everything that names it."""

    supplier: int
    names: tuple[str, ...]
    exact: tuple[str, ...]
    places: tuple[str, ...]
    files: tuple[str, ...]


def withheld(windows: Iterable[Window], nameless: Collection[int], *, about: Window | None) -> Withheld:
    """The names of all suppliers in the nameless windows. On a page about one window they are called as in that window;
    who may be known there keeps the name there."""
    stamps = _stamps(windows)
    key = tuple((pk, *stamps[pk]) for pk in sorted(nameless) if pk in stamps)
    open_here = about is not None and about.pk not in nameless and about.pk in stamps
    here = about.pk if about is not None else 0
    return _withheld(key, here, (here, *stamps[here]) if open_here else None)


Stamp = tuple[int, int, int]


def _stamps(windows: Iterable[Window]) -> dict[int, tuple[int, int]]:
    """window id → (offers, latest revision): what is kept below holds as long as these stay; one query."""
    found = Proposal.objects.filter(window__in=[each.pk for each in windows], current_revision__isnull=False)
    counted = found.order_by().values_list("window").annotate(Count("pk"), Max("current_revision"))
    return {window: (count, latest) for window, count, latest in counted}


@lru_cache(maxsize=32)
def _withheld(nameless: tuple[Stamp, ...], here: int, known_here: Stamp | None) -> Withheld:
    """Kept in the process: reading ten thousand frozen suppliers takes a second."""
    left_out = {each.supplier for each in _known(known_here)} if known_here else set()
    called: list[tuple[str, str]] = []
    exact: list[tuple[str, str]] = []
    places: list[str] = []
    # The window that is shown comes first, since the first name counts.
    for stamp in sorted(nameless, key=lambda each: each[0] != here):
        for number, each in enumerate(_known(stamp), start=1):
            if each.supplier in left_out:
                continue
            shown = f"Offer {number}" if stamp[0] == here or (not here and len(nameless) == 1) else WITHHELD
            called += [(name, shown) for name in each.names]
            exact += [(name, "the file") for name in each.files]
            exact += [(name, WITHHELD) for name in each.exact]
            places += each.places
    return Withheld(called, exact=exact, places=places)


@lru_cache(maxsize=16)
def _known(stamp: Stamp) -> tuple[Known, ...]:
    """The suppliers of a window in the order of their numbers: of a keyed hash, so of neither name nor receipt.

    Withdrawn offers keep their supplier's number. Two queries.
    """
    window, *_rest = stamp
    keys = (*_NAMES, *_PEOPLE, *_NUMBERS, "sites")
    rows = (
        Revision.objects.filter(proposal__window=window, proposal__current_revision=F("pk"))
        .annotate(**{f"its_{key}": KeyTransform(key, "supplier_snapshot") for key in keys})
        .values_list(
            "proposal__supplier", "proposal__supplier__legal_name", "signer_name",
            "submitted_by__name", *(f"its_{key}" for key in keys),
        )
    )  # fmt: skip
    files = _files_in(window)
    found: dict[int, Known] = {}
    for supplier, now_called, signer, sender, *told in rows:
        frozen = dict(zip(keys, told, strict=True))
        before = found.get(supplier, Known(supplier, (), (), (), ()))
        names = (*before.names, now_called, *_flat(frozen[key] for key in _NAMES))
        exact = (*before.exact, signer, sender or "", *_flat(frozen[key] for key in (*_PEOPLE, *_NUMBERS)))
        places = (*before.places, *(site.get("city") or "" for site in frozen["sites"] or ()))
        parts = (names, exact, places, files.get(supplier, ()))
        found[supplier] = Known(supplier, *(tuple(dict.fromkeys(each)) for each in parts))
    return tuple(sorted(found.values(), key=lambda each: _hashed(window, each.supplier)))


def _files_in(window: int) -> dict[int, list[str]]:
    """supplier → the names of its files, as they are and as findings shorten them; one query."""
    rows = Attachment.objects.filter(
        revision__proposal__window=window, revision__proposal__current_revision=F("revision")
    )
    found: dict[int, list[str]] = {}
    for supplier, name in rows.values_list("revision__proposal__supplier", "document__name"):
        found.setdefault(supplier, []).extend((name, name[:119], name[:50]))
    return found


def _flat(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        elif isinstance(value, dict):
            yield from _flat(value.get(key) for key in ("name", "parent"))
        elif value:
            yield str(value)


def _hashed(window: int, supplier: int) -> bytes:
    said = f"offer {window} {supplier}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), said, "sha256")


# ---- for one person ---------------------------------------------------------------------------------------------


def withheld_from(user: User, window: Window) -> Withheld | None:
    """What a report on the window leaves out for this person; None for who may know the suppliers."""
    if sees_names(viewer_of(user, window.solicitation), window):
        return None
    return withheld([window], [window.pk], about=window)


def withheld_everywhere(user: User) -> Withheld | None:
    """What a page about all RFPs of the person leaves out; one query for a reviewer whose RFPs hide no names."""
    if not user.is_reviewer:
        return None
    seats = Evaluator.objects.filter(
        user=user, solicitation__names_hidden=True, solicitation__final_status=""
    )
    seats = seats.select_related("solicitation").prefetch_related("solicitation__windows__openings")
    viewers = [(viewer_of(user, seat.solicitation), seat.solicitation.windows.all()) for seat in seats]
    windows = [
        window
        for viewer, its in viewers
        for window in its
        if viewer.access(window, window.openings.all()).technical_open and not sees_names(viewer, window)
    ]
    return withheld(windows, [each.pk for each in windows], about=None) if windows else None


# ---- answers ----------------------------------------------------------------------------------------------------


def without(answer: HttpResponseBase, names: Withheld) -> HttpResponseBase:
    """The answer without these names. Files that suppliers sent go as they are; see `scoring.reading.bodies`."""
    if isinstance(answer, FileResponse):
        return answer
    kind = answer.headers.get("Content-Type", "")
    if isinstance(answer, StreamingHttpResponse):
        lines = cast("Iterator[bytes]", answer.streaming_content)
        answer.streaming_content = (names.text(each.decode()) for each in lines)
    elif isinstance(answer, HttpResponse) and answer.content:
        if kind.startswith("text/html"):
            answer.content = names.html(answer.content.decode()).encode()
        elif kind.startswith(_TEXT):
            answer.content = names.text(answer.content.decode()).encode()
        elif _SHEETS in kind:
            answer.content = names.workbook(answer.content)
    return answer


def name_neutrally(files: Iterable[Attachment], proposal: Proposal) -> None:
    """Call these files of the current revision by their place in it: "C-07 document 2.pdf"; one query if there are any.
    Nothing is stored."""
    files = list(files)
    if not files:
        return
    keys = list(
        Attachment.objects.filter(revision=proposal.current_revision_id)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for each in files:
        stem = each.document.name.rpartition(".")[0]
        place = f"{proposal.number} document {keys.index(each.pk) + 1}"
        if each.title.casefold() in (each.document.name.casefold(), stem.casefold()):
            each.title = place
        each.document.name = f"{place}.{each.document.extension}"
