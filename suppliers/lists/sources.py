"""Which lists there are, what files they take, and what a confirmed hit does by default. Pure."""

from dataclasses import dataclass

CUSTOM = "custom"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A list that can be loaded.

    `files` says in words what it takes. `excludes`: a confirmed hit excludes by default; where a source joins
    several lists, `excluding` names those of its `list_code`s that do. `least_rows` is the number of records
    below which an official file is surely cut off: whoever loads it compares, the readers do not. `parts` are what a
    whole edition is made of, each a file of its own.
    """

    code: str
    title: str
    files: str
    basis: str
    excludes: bool = False
    excluding: tuple[str, ...] = ()
    least_rows: int = 1
    parts: tuple[str, ...] = ("main",)


# What each part of a list in several files holds.
PART_WORDS = {"main": "the records", "alt": "other names", "add": "addresses"}

_ALL = (
    Source(
        code="ofac",
        title="OFAC Specially Designated Nationals",
        files="sdn.csv, plus alt.csv and add.csv",
        basis="31 CFR chapter V",
        excludes=True,
        least_rows=5000,
        parts=("add", "alt", "main"),
    ),
    Source(
        code="ofac_nonsdn",
        title="OFAC consolidated non-SDN lists",
        files="cons_prim.csv, plus cons_alt.csv and cons_add.csv",
        basis="31 CFR chapter V",
        least_rows=200,
        parts=("add", "alt", "main"),
    ),
    Source(
        code="csl",
        title="Consolidated Screening List",
        files="the International Trade Administration’s CSV, 28 or 29 columns",
        basis="Lists of the Departments of Commerce, State and the Treasury",
        excluding=("SDN",),
        least_rows=5000,
    ),
    Source(
        code="dpl",
        title="BIS Denied Persons List",
        files="dpl.txt, 12 tab-separated columns",
        basis="15 CFR 764.3(a)(2)",
        least_rows=300,
    ),
    Source(
        code="sam",
        title="SAM exclusions",
        files="the Public Extract V2 as CSV",
        basis="FAR subpart 9.4; 2 CFR part 180; policy here",
        excludes=True,
        least_rows=20000,
    ),
    Source(
        code="uflpa",
        title="UFLPA Entity List",
        files="a CSV with the columns name, aliases, parent, section, effective, removed, citation",
        basis="Public Law 117-78, section 2(d)(2)(B); policy here",
        excludes=True,
        least_rows=20,
    ),
    Source(
        code="1260h",
        title="Section 1260H, Chinese military companies",
        files="a CSV with the columns name, aliases, parent, section, effective, removed, citation",
        basis="Public Law 116-283, section 1260H; policy here",
        excludes=True,
        least_rows=20,
    ),
    Source(
        code="un",
        title="UN Security Council consolidated list",
        files="the list as XML",
        basis="Security Council resolutions, through national law",
        least_rows=300,
    ),
    Source(
        code=CUSTOM,
        title="Custom list",
        files="a CSV with the column name and, optionally, aliases, programme, record, kind, country, address, "
        "starts, ends, citation, remarks",
        basis="Policy here",
        excludes=True,
    ),
)
SOURCES: dict[str, Source] = {source.code: source for source in _ALL}


def source_of(code: str) -> Source:
    """The source of a code; a code that is the operator's own is a custom list."""
    return SOURCES.get(code, SOURCES[CUSTOM])


def excludes_by_default(source: str, list_code: str = "") -> bool:
    """Whether a confirmed hit on this list excludes, unless the operator has decided otherwise."""
    known = source_of(source)
    return known.excludes or list_code in known.excluding
