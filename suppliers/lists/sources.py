"""Which lists there are: for each one row that says how it is known and read, and what its records do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from suppliers.lists.head import Head
from suppliers.lists.readers import bis, consolidated, ofac, sam, template, un
from suppliers.lists.reading import Sheet
from suppliers.matching.party import ListedParty

CUSTOM = "custom"

Found = tuple[tuple[ListedParty, ...], int]
# The files of a list by part, and the code its records have: to the parties, and how many rows there were.
Reader = Callable[[Mapping[str, Sheet], str], Found]


class ListEffect(StrEnum):
    """What a confirmed hit on a list does, by default."""

    EXCLUDES = "excludes"  # by law for OFAC's SDN list, by policy for the others
    FLAGS_EXPORTS = "flags exports"  # restricts exports to the party, not purchases from it
    BLOCKS_OWNED = "blocks owned"  # OFAC's 50 Percent Rule: who its parties own is blocked
    COUNTS_AFFILIATES = "counts affiliates"  # BIS's affiliates rule: who its parties own counts as listed
    COUNTS_PARENTS = "counts parents"  # section 1260H: a listed parent counts


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A list that can be loaded.

    `files` says in words what it takes. `knows` says which part of the list a file is by its head: "main", or one of
    `parts` where a whole edition is made of several files; blank for no file of this list. `reader` reads the parts.
    `official` are the file names that the publisher gives to the parts, and `layout` is another list's code where
    the files of both look alike and only names tell them apart.

    `list_code` is what a record's `list_code` is, or stands for when it is blank; blank for a source that joins
    several lists. `effects`: what a confirmed hit does → the list codes that it does it for, or the source's own
    code for all of its records. A list that is only asked whether it is loaded has an effect for no code.

    `least_rows` is the number of records below which an official file is surely cut off: whoever loads it compares,
    the readers do not.
    """

    code: str
    title: str
    files: str
    basis: str
    reader: Reader
    knows: Callable[[Head], str]
    effects: Mapping[ListEffect, tuple[str, ...]] = field(default_factory=dict)
    list_code: str = ""
    least_rows: int = 1
    parts: tuple[str, ...] = ("main",)
    official: Mapping[str, str] = field(default_factory=dict)
    layout: str = ""

    @property
    def short(self) -> str:
        """The list by the name people give it."""
        return "custom list" if self.code == CUSTOM else self.code.upper()

    @property
    def shares_layout_with(self) -> str:
        return self.layout or self.code

    @property
    def main_file(self) -> str:
        """The official name of the file with the records, blank where the publisher has none."""
        return next((name for name, part in self.official.items() if part == "main"), "")


# What each part of a list in several files holds.
PART_WORDS = {"main": "the records", "alt": "other names", "add": "addresses"}


def one_file(read: Callable[[Sheet], Found]) -> Reader:
    """The reader of a list in one file, whose records know their own list code."""
    return lambda parts, _list_code: read(parts["main"])


def columns(*wanted: str, one_of: tuple[str, ...] = ()) -> Callable[[Head], str]:
    """Known by a header row with all of these columns, and one of the others."""

    def knows(head: Head) -> str:
        has_one = not one_of or not head.columns.isdisjoint(one_of)
        return "main" if head.columns.issuperset(wanted) and has_one else ""

    return knows


def _by_name(_head: Head) -> str:
    """Nothing in the file tells it from another list of the same layout."""
    return ""


_EXCLUDES, _EXPORTS = ListEffect.EXCLUDES, ListEffect.FLAGS_EXPORTS

_ALL = (
    Source(
        code="ofac",
        title="OFAC Specially Designated Nationals",
        files="sdn.csv, plus alt.csv and add.csv",
        basis="31 CFR chapter V",
        reader=ofac.read_parts,
        knows=ofac.part_by_width,
        effects={_EXCLUDES: ("SDN",), ListEffect.BLOCKS_OWNED: ("SDN",)},
        list_code="SDN",
        least_rows=5000,
        parts=("add", "alt", "main"),
        official={
            "sdn.csv": "main",
            "alt.csv": "alt",
            "add.csv": "add",
            "sdn_comments.csv": "comments",
        },
    ),
    Source(
        code="ofac_nonsdn",
        title="OFAC consolidated non-SDN lists",
        files="cons_prim.csv, plus cons_alt.csv and cons_add.csv",
        basis="31 CFR chapter V",
        reader=ofac.read_parts,
        knows=_by_name,
        least_rows=200,
        parts=("add", "alt", "main"),
        official={
            "cons_prim.csv": "main",
            "cons_alt.csv": "alt",
            "cons_add.csv": "add",
            "cons_comments.csv": "comments",
        },
        layout="ofac",
    ),
    Source(
        code="csl",
        title="Consolidated Screening List",
        files="the International Trade Administration’s CSV, 28 or 29 columns",
        basis="Lists of the Departments of Commerce, State and the Treasury",
        reader=one_file(consolidated.read),
        knows=columns("source", one_of=("alt names", "entity number", "federal register notice")),
        effects={
            _EXCLUDES: ("SDN",),
            _EXPORTS: ("DPL", "EL", "MEU", "UVL", "ITAR", "DTC"),
            ListEffect.BLOCKS_OWNED: ("SDN",),
            ListEffect.COUNTS_AFFILIATES: ("EL", "MEU"),
        },
        least_rows=5000,
    ),
    Source(
        code="dpl",
        title="BIS Denied Persons List",
        files="dpl.txt, 12 tab-separated columns",
        basis="15 CFR 764.3(a)(2)",
        reader=one_file(bis.read),
        knows=columns("standard order", "fr citation"),
        effects={_EXPORTS: ("DPL", "dpl")},
        list_code="DPL",
        least_rows=300,
    ),
    Source(
        code="sam",
        title="SAM exclusions",
        files="the Public Extract V2 as CSV",
        basis="FAR subpart 9.4; 2 CFR part 180; policy here",
        reader=one_file(sam.read),
        knows=columns("classification", one_of=("exclusion type", "exclusion program", "sam number")),
        effects={_EXCLUDES: ("SAM", "sam")},
        list_code="SAM",
        least_rows=20000,
    ),
    Source(
        code="uflpa",
        title="UFLPA Entity List",
        files="a CSV with the columns name, aliases, parent, section, effective, removed, citation",
        basis="Public Law 117-78, section 2(d)(2)(B); policy here",
        reader=template.read_parts,
        knows=_by_name,
        effects={_EXCLUDES: ("UFLPA", "uflpa")},
        list_code="UFLPA",
        least_rows=20,
        layout=CUSTOM,
    ),
    Source(
        code="1260h",
        title="Section 1260H, Chinese military companies",
        files="a CSV with the columns name, aliases, parent, section, effective, removed, citation",
        basis="Public Law 116-283, section 1260H; policy here",
        reader=template.read_parts,
        knows=_by_name,
        effects={_EXCLUDES: ("1260H", "1260h"), ListEffect.COUNTS_PARENTS: ("1260H",)},
        list_code="1260H",
        least_rows=20,
        layout=CUSTOM,
    ),
    Source(
        code="un",
        title="UN Security Council consolidated list",
        files="the list as XML",
        basis="Security Council resolutions, through national law",
        reader=one_file(un.read),
        knows=un.part_by_root,
        list_code="UN",
        least_rows=300,
    ),
    Source(
        code=CUSTOM,
        title="Custom list",
        files="a CSV with the column name and, optionally, aliases, programme, record, kind, country, address, "
        "starts, ends, citation, remarks",
        basis="Policy here",
        reader=template.read_parts,
        knows=columns("name"),
        effects={_EXCLUDES: (CUSTOM,), ListEffect.BLOCKS_OWNED: ()},
    ),
)
SOURCES: dict[str, Source] = {source.code: source for source in _ALL}


def source_of(code: str) -> Source:
    """The source of a code; a code that is the operator's own is a custom list."""
    return SOURCES.get(code, SOURCES[CUSTOM])


def short_name(code: str) -> str:
    """A list by the name people give it; a code that is no source's is its own name."""
    return SOURCES[code].short if code in SOURCES else code


def code_of(source: str, list_code: str) -> str:
    """The list that a record is on; blank where its source is a custom list."""
    return list_code or source_of(source).list_code


def codes_that(effect: ListEffect) -> tuple[str, ...]:
    """The list codes, and sources as a whole, for which a confirmed hit does this by default, each once."""
    return tuple(dict.fromkeys(code for source in _ALL for code in source.effects.get(effect, ())))


def sources_that(effect: ListEffect) -> tuple[str, ...]:
    """The sources that hold a list with this effect, or can stand in for one."""
    return tuple(source.code for source in _ALL if effect in source.effects)
