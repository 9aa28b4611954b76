"""Records of a list, settled: no number twice, nobody without a name. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from suppliers.lists.reading import Record, Sheet
from suppliers.matching.party import ListedParty

# SAM, the longest of the lists, has some 160,000; twenty seconds for each 25,000 keep a worker busy for minutes.
MOST_RECORDS = 300_000


class Draft(NamedTuple):
    """A party whose `record_id` may be shared yet. `content` is its row; `number` where it stands."""

    party: ListedParty
    content: str
    number: int


def settled(drafts: Sequence[Draft]) -> tuple[ListedParty, ...]:
    """The parties, each with a `record_id` of its own within the file, also where the file joins several lists.

    Where rows share one, the first by content keeps it and the others get "-2", "-3" …: the order of the rows
    in the file, which changes between editions, does not count.
    """
    count = Counter(draft.party.record_id for draft in drafts)
    shared: dict[str, list[Draft]] = {}
    for draft in drafts:
        if count[draft.party.record_id] > 1:
            shared.setdefault(draft.party.record_id, []).append(draft)
    taken = set(count)
    given: dict[int, str] = {}
    for record, group in shared.items():
        suffix = 1
        for draft in sorted(group, key=lambda each: (each.content, each.number))[1:]:
            suffix += 1
            while f"{record}-{suffix}" in taken:
                suffix += 1
            taken.add(f"{record}-{suffix}")
            given[draft.number] = f"{record}-{suffix}"
    return tuple(
        replace(draft.party, record_id=given[draft.number]) if draft.number in given else draft.party
        for draft in drafts
    )


def parties_of(
    sheet: Sheet, records: Iterable[Record], draft: Callable[[Sheet, Record], ListedParty | None]
) -> tuple[tuple[ListedParty, ...], int]:
    """Every record's party, and how many rows there were. None from `draft` means: not on the list.

    Rows without a name, and rows that say the same as one before, are left out with one warning each. Raises
    ListError when no party is left, and for more of them than any list has.
    """
    drafts: list[Draft] = []
    nameless: list[int] = []
    repeats: list[int] = []
    seen: set[str] = set()
    rows = 0
    for record in records:
        rows += 1
        party = draft(sheet, record)
        if party is None:
            continue
        if not party.name:
            nameless.append(record.number)
            continue
        if "\n" in record["name"]:
            sheet.warn("the name spans several lines.", record.number)
        if record.everything in seen:
            repeats.append(record.number)
            continue
        seen.add(record.everything)
        drafts.append(Draft(party, record.everything, record.number))
        if len(drafts) > MOST_RECORDS:
            raise sheet.error(f"has more than {MOST_RECORDS:,} records. No real list is that long.")
    warn_of_nameless(sheet, nameless)
    warn_of_repeats(sheet, repeats)
    if not drafts:
        raise sheet.error("has no records.")
    return settled(drafts), rows


def warn_of_repeats(sheet: Sheet, rows: Sequence[int]) -> None:
    if rows:
        many = "1 duplicate row was" if len(rows) == 1 else f"{len(rows):,} duplicate rows were"
        sheet.warn(f"{many} skipped (the first is row {rows[0]}).")


def warn_of_nameless(sheet: Sheet, rows: Sequence[int]) -> None:
    if rows:
        many = "1 row without a name was" if len(rows) == 1 else f"{len(rows)} rows without a name were"
        sheet.warn(f"{many} skipped (the first is row {rows[0]}).")
