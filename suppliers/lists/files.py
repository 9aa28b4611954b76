"""Which list a set of files is, and the reader for it. Pure, but for `read_path`, which reads files.

A file is known by its layout. Names count where layouts are the same: OFAC's two lists, UFLPA and 1260H.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from suppliers.lists.head import head_of
from suppliers.lists.reading import (
    MOST_BYTES,
    ListError,
    Notes,
    Sheet,
    refuse_other_kinds,
    shown_name,
)
from suppliers.lists.sources import CUSTOM, SOURCES, Found, Source, source_of
from suppliers.matching.party import ListedParty

MOST_FILES = 50
_SUFFIXES = frozenset((".csv", ".txt", ".tsv", ".xml", ".pip", ".del", ""))
# The sources whose files have names of the publisher's own: name → (source, part).
_OFFICIAL = {name: (each.code, part) for each in SOURCES.values() for name, part in each.official.items()}


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list as read.

    `warnings`: what was put up with, in sentences, at most 50 and one that counts the rest. `files`: the names
    of what was read; `ignored`: of what was not. `rows`: records in the file, with those that were left out.
    `sha256` is over the files that were read, each with its part in the list: names do not change it. `parts` are
    those parts: main, alt and add for OFAC's files, main for a list in one file.
    """

    source: str
    parties: tuple[ListedParty, ...]
    warnings: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: int
    sha256: str
    files: tuple[str, ...] = ()
    parts: tuple[str, ...] = ("main",)


@dataclass(frozen=True, slots=True)
class _Guess:
    """What a file seems to be: a source's code, CUSTOM for the template's layout, "" for nothing known."""

    name: str
    source: str
    part: str = "main"


def read_path(path: Path, *, source: str = "") -> ListFile:
    """Read a list from a file, or from a folder that holds its files.

    A file is read alone: beside a lone sdn.csv, alt.csv and add.csv are not read, and a warning says so. In a
    folder, what is not part of the list is named in `ignored`. Raises ListError.
    """
    try:
        if path.is_dir():
            return _read_folder(path, source)
        found = read_files({path.name: _bytes_of(path)}, source=source)
        return _with_siblings_named(found, path)
    except (OSError, ValueError) as problem:
        if isinstance(problem, ListError):
            raise
        reason = problem.strerror if isinstance(problem, OSError) else "the path is not valid"
        raise ListError(f"Can't read {shown_name(str(path))}: {reason or 'unknown error'}.") from problem


def _bytes_of(path: Path) -> bytes:
    if not path.exists():
        raise ListError(f"File {shown_name(str(path))} does not exist.")
    if not path.is_file():
        raise ListError(f"{shown_name(str(path))} is not a file or a folder.")
    if path.stat().st_size > MOST_BYTES:
        raise ListError(f"{shown_name(str(path))}: the file is larger than {MOST_BYTES // 1024**2} MB.")
    return path.read_bytes()


def _read_folder(folder: Path, source: str) -> ListFile:
    inside = sorted(folder.iterdir())
    wanted = [
        each
        for each in inside
        if each.is_file() and not each.name.startswith(".") and each.suffix.lower() in _SUFFIXES
    ]
    if not wanted:
        raise ListError(f"The folder {shown_name(str(folder))} has no list files.")
    if len(wanted) > MOST_FILES:
        raise ListError(
            f"The folder {shown_name(str(folder))} has {len(wanted)} files. Name the list's own file or folder."
        )
    found = read_files({each.name: _bytes_of(each) for each in wanted}, source=source)
    others = [each.name for each in inside if each not in wanted and not each.name.startswith(".")]
    return replace(found, ignored=tuple(sorted((*found.ignored, *others))))


def _with_siblings_named(found: ListFile, path: Path) -> ListFile:
    known = source_of(found.source)
    if path.name.lower() not in _OFFICIAL:
        return found
    names = {each.name.lower(): each.name for each in path.parent.iterdir()}
    beside = [
        names[name]
        for name, part in known.official.items()
        if part in known.parts and part != "main" and name in names
    ]
    if not beside:
        return found
    told = (
        f"{' and '.join(beside)} in the same folder were not read. "
        "Name the folder to read other names and addresses too."
    )
    return replace(found, warnings=(told, *found.warnings))


def read_files(files: Mapping[str, bytes], *, source: str = "") -> ListFile:
    """Read one list from its files, name to bytes. Raises ListError, and nothing else, for any bytes.

    `source`: a code of SOURCES, a code of the operator's own for a list in the portal's template, or blank to
    recognise the list by its layout.
    """
    code = source.strip().lower()
    if not files:
        raise ListError("No file to read.")
    guesses = [_guess(name, data) for name, data in files.items()]
    code = code or _recognised(files, guesses)
    if len(source_of(code).parts) > 1:
        return _read_several(files, guesses, code)
    return _read_single(files, guesses, code)


def _read_several(files: Mapping[str, bytes], guesses: Iterable[_Guess], code: str) -> ListFile:
    """A list that is published in several files."""
    known = SOURCES[code]
    parts: dict[str, str] = {}
    ignored: list[str] = []
    for guess in guesses:
        # A file without an official name has its part by layout, in whichever list of that layout is read.
        mine = guess.source == code or (
            guess.source == known.shares_layout_with and not _official(guess.name)
        )
        if not mine or guess.part not in known.parts:
            ignored.append(guess.name)
        elif guess.part in parts:
            raise ListError(
                f"{shown_name(parts[guess.part])} and {shown_name(guess.name)} are the same part of the list."
            )
        else:
            parts[guess.part] = guess.name
    notes = Notes()
    several = len(parts) > 1
    sheets = {part: Sheet(name, files[name], notes, several) for part, name in parts.items()}
    if "main" not in sheets:
        raise _no_main(files, parts, known)
    found = known.reader(sheets, known.list_code)
    return _list_file(
        code, found, notes, ignored, {part: (name, files[name]) for part, name in parts.items()}
    )


def _no_main(files: Mapping[str, bytes], parts: Mapping[str, str], known: Source) -> ListError:
    if len(files) > 1:
        return ListError(f"The files do not include {known.main_file}.")
    (name, data), *_ = files.items()
    if parts:
        return ListError(f"{shown_name(name)} is only part of the list: {known.main_file} is missing.")
    if (other := _official(name)) and other[0] != known.code:
        return ListError(f"{shown_name(name)} belongs to {SOURCES[other[0]].title}, not to {known.title}.")
    # Read it as what it was said to be: the reader knows best what is wrong with it.
    sheet = Sheet(name, data, Notes())
    try:
        known.reader({"main": sheet}, known.list_code)
    except ListError as problem:
        return problem
    return sheet.error(f"this is not {known.main_file}.")


def _read_single(files: Mapping[str, bytes], guesses: list[_Guess], code: str) -> ListFile:
    known = source_of(code)
    layout = known.shares_layout_with
    fitting = [guess.name for guess in guesses if guess.source == layout]
    if len(files) == 1:
        guess = guesses[0]
        if layout == CUSTOM and guess.source not in ("", CUSTOM):
            raise ListError(
                f"{shown_name(guess.name)} does not use the portal's template. It looks like the "
                f"{SOURCES[guess.source].title}. Load it as {guess.source}."
            )
        fitting = [guess.name]
    if not fitting:
        raise ListError(f"None of the {len(files)} files is a list of the source {shown_name(code)}.")
    if len(fitting) > 1:
        names = ", ".join(shown_name(name) for name in fitting[:5])
        raise ListError(f"{len(fitting)} files could be the list: {names}. Name one.")
    (name,) = fitting
    notes = Notes()
    # A list of the operator's own gives its name to its records; the template without a name gives none.
    list_code = known.list_code if code in SOURCES else code.upper()
    found = known.reader({"main": Sheet(name, files[name], notes)}, list_code)
    return _list_file(
        code, found, notes, [each for each in files if each != name], {"main": (name, files[name])}
    )


def _list_file(
    code: str, found: Found, notes: Notes, ignored: Iterable[str], read: Mapping[str, tuple[str, bytes]]
) -> ListFile:
    parties, rows = found
    return ListFile(
        source=code,
        parties=parties,
        warnings=notes.as_tuple(),
        ignored=tuple(sorted(ignored)),
        rows=rows,
        sha256=_digest({part: data for part, (_, data) in read.items()}),
        files=tuple(name for name, _ in read.values()),
        parts=tuple(sorted(read)),
    )


def _digest(read: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for part in sorted(read):
        # The length parts the files: bytes moved from one to the next make another list.
        total.update(f"{part}:{len(read[part])}:".encode())
        total.update(read[part])
    return total.hexdigest()


def _recognised(files: Mapping[str, bytes], guesses: Iterable[_Guess]) -> str:
    """The one source that the files are of. Raises ListError for none and for several."""
    mains = [guess for guess in guesses if guess.source and guess.part == "main"]
    sources = list(dict.fromkeys(guess.source for guess in mains))
    if len(sources) > 1:
        named = ", ".join(f"{shown_name(guess.name)} ({SOURCES[guess.source].title})" for guess in mains[:5])
        raise ListError(f"The files belong to several lists: {named}. Name the source or one file.")
    if sources:
        return _template_source(mains[0].name) if sources[0] == CUSTOM else sources[0]
    if len(files) > 1:
        raise ListError(f"None of the {len(files)} files is a list the portal recognizes.")
    (name, data), *_ = files.items()
    sheet = Sheet(name, data, Notes())
    refuse_other_kinds(sheet, "a screening list")
    (guess,) = guesses
    if guess.source:
        raise sheet.error(f"this is only part of the list: {SOURCES[guess.source].main_file} is missing.")
    raise sheet.error(
        "this is not a list the portal recognizes. A custom list starts with a header row that has the "
        "column name."
    )


def _template_source(name: str) -> str:
    """The source of a file in the portal's template: the file is named after it, or it is a custom list."""
    low = name.lower()
    return next(
        (each.code for each in SOURCES.values() if each.layout == CUSTOM and each.code in low), CUSTOM
    )


def _guess(name: str, data: bytes) -> _Guess:
    """What a file is, by its head, and where layouts are the same by its official name. Never raises."""
    head = head_of(data)
    found = ((each.code, part) for each in SOURCES.values() if (part := each.knows(head)))
    source, part = next(found, ("", "main"))
    official = _official(name)
    if official and source in ("", SOURCES[official[0]].shares_layout_with):
        return _Guess(name, *official)
    return _Guess(name, source, part)


def _official(name: str) -> tuple[str, str] | None:
    """The source and the part of a file by the name that its publisher gives it."""
    return _OFFICIAL.get(shown_name(name).lower())
