"""One record of a screening list, as every reader writes it and the index reads it. Pure."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedParty:
    """One record of a list with all its names.

    `record_id` is the list's own number, or a digest of the row where the list has none, so that the same
    record keeps its id from one edition to the next. `list_code` names the list inside a source that joins
    several ("SDN", "EL", "DPL", "1260H"). `kind`: entity, individual, vessel or aircraft. `identifiers` are
    (scheme, value) pairs such as ("UEI", "ZQGGHJH74DW7"). `starts` and `ends` bound the listing; None means
    not given. `remarks` is the list's own text. `weak_aliases` are those of `aliases` that the list itself calls
    weak: too common or too vague to be searched by alone.
    """

    record_id: str
    name: str
    list_code: str = ""
    aliases: tuple[str, ...] = ()
    kind: str = "entity"
    programme: str = ""
    countries: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    parents: tuple[str, ...] = ()
    starts: date | None = None
    ends: date | None = None
    citation: str = ""
    remarks: str = ""
    weak_aliases: tuple[str, ...] = ()
