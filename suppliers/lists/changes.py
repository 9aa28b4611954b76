"""What is new between two editions of a list. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from suppliers.matching.party import ListedParty

# From this share gone on, someone has to confirm that it is meant.
MOST_DROPPED = 0.10
_COMPARED = tuple(field.name for field in fields(ListedParty) if field.name not in ("record_id", "list_code"))


@dataclass(frozen=True, slots=True)
class Change:
    """A record in both editions that is not the same; `fields` names what differs, as ListedParty does."""

    before: ListedParty
    after: ListedParty
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """Records only in the newer edition, only in the older one, and in both but changed; in order of file."""

    added: tuple[ListedParty, ...]
    removed: tuple[ListedParty, ...]
    changed: tuple[Change, ...]


def diff(before: Iterable[ListedParty], after: Iterable[ListedParty]) -> Diff:
    """Compare two editions by (list_code, record_id)."""
    old = {(party.list_code, party.record_id): party for party in before}
    new = {(party.list_code, party.record_id): party for party in after}
    both = ((old[key], party) for key, party in new.items() if key in old)
    return Diff(
        added=tuple(party for key, party in new.items() if key not in old),
        removed=tuple(party for key, party in old.items() if key not in new),
        changed=tuple(Change(was, is_now, _differing(was, is_now)) for was, is_now in both if was != is_now),
    )


def _differing(before: ListedParty, after: ListedParty) -> tuple[str, ...]:
    return tuple(name for name in _COMPARED if getattr(before, name) != getattr(after, name))


def dropped_share(before_count: int, after_count: int) -> float:
    """The share of records that are fewer now, 0 to 1; 0 when there are as many, more, or were none."""
    return max(before_count - after_count, 0) / before_count if before_count > 0 else 0.0


def drops_too_much(before_count: int, after_count: int, *, most: float = MOST_DROPPED) -> bool:
    """Whether the share `most` of them, or more, is gone: asks for confirmation."""
    return before_count > 0 and dropped_share(before_count, after_count) >= most
