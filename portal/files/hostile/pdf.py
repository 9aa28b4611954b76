"""A PDF that opens without repair or password and holds nothing that runs.

Its page tree is walked with a limit before anything of it is expanded: three kilobytes can name one page 300,000 times.
"""

from __future__ import annotations

import io
import json
import zipfile

import pikepdf

from portal.files.hostile.kinds import BLANKS, FileRefused

MOST_PAGES = 10_000
# Keys of a PDF that make a reader do something, or that carry another file.
FORBIDDEN_KEYS = frozenset({"/JS", "/JavaScript", "/AA", "/XFA", "/RichMediaContent"})
FORBIDDEN_ACTIONS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm"})
HARMLESS_ACTIONS = frozenset({"/GoTo", "/URI", "/Named"})


def count_pages(data: bytes) -> int:
    """The number of pages. Raises FileRefused."""
    if not data.startswith(b"%PDF-"):
        data = data[:1024].lstrip(BLANKS) + data[1024:]
    if not data.startswith(b"%PDF-"):
        raise FileRefused("The PDF has extra data before its start. Save it as a PDF again.")
    if data.rpartition(b"%%EOF")[2].strip(b"\x00\t\n\f\r ") or zipfile.is_zipfile(io.BytesIO(data)):
        raise FileRefused("The PDF is damaged or has extra data after its end. Save it as a PDF again.")
    try:
        # Inheriting attributes would expand the page tree, copying each page that is named twice.
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False, inherit_page_attributes=False) as pdf:
            pages = _pages(pdf)
            risky = _risky_parts(pdf)
    except pikepdf.PasswordError:
        raise FileRefused("The PDF has a password. Remove it and upload the file again.") from None
    except (pikepdf.PdfError, ValueError, RuntimeError, AttributeError, TypeError) as problem:
        if isinstance(problem, FileRefused):
            raise
        raise FileRefused("The PDF is damaged and doesn’t open.") from None
    if risky:
        raise FileRefused(
            "The PDF has scripts, actions, or embedded files. Print it to a new PDF and upload that."
        )
    if not pages:
        raise FileRefused("The PDF has no pages.")
    return pages


def _pages(pdf: pikepdf.Pdf) -> int:
    """Leaves of the page tree, counted without building the list of pages."""
    count, waiting = 0, [pdf.Root.Pages]
    seen = 0
    while waiting:
        node = waiting.pop()
        seen += 1
        kids = node.get("/Kids") if isinstance(node, pikepdf.Dictionary) else None
        if isinstance(kids, pikepdf.Array):
            if len(kids) + len(waiting) + seen > MOST_PAGES:
                raise FileRefused(f"The PDF has more than {MOST_PAGES:,} pages.")
            waiting += list(kids)
        elif isinstance(node, pikepdf.Dictionary):
            count += 1
    return count


def _risky_parts(pdf: pikepdf.Pdf) -> set[str]:
    """Names of what runs or is carried along, anywhere in the file."""
    found: set[str] = set()
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and str(opening.get("/S")) not in HARMLESS_ACTIONS:
        found.add("/OpenAction")
    # Indirect objects are all listed; only what stands directly inside one must be followed.
    for listed in pdf.objects:
        waiting: list[pikepdf.Object] = [listed]
        while waiting:
            each = waiting.pop()
            if isinstance(each, pikepdf.Array):
                waiting += [child for child in each if _is_nested(child)]
            elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
                found |= _risky_keys(each)
                waiting += [child for key in each.keys() if _is_nested(child := each[key])]  # noqa: SIM118
    return found


def _risky_keys(each: pikepdf.Dictionary | pikepdf.Stream) -> set[str]:
    keys = set(each.keys())
    found = {key for key in keys & FORBIDDEN_KEYS if _says_something(each[key])}
    if "/S" in keys and str(each["/S"]) in FORBIDDEN_ACTIONS:
        found.add(str(each["/S"]))
    if "/EF" in keys and not _carries_data_only(each):
        found.add("/EF")
    return found


def _says_something(value: object) -> bool:
    """An empty dictionary of actions does nothing, and some programs write one."""
    return len(value) > 0 if isinstance(value, pikepdf.Array | pikepdf.Dictionary) else value is not None


def _carries_data_only(spec: pikepdf.Dictionary | pikepdf.Stream) -> bool:
    """Whether an embedded file is JSON, as our own reports carry their figures."""
    names = [str(spec[key]) for key in ("/F", "/UF") if key in spec]
    files = spec["/EF"]
    if not isinstance(files, pikepdf.Dictionary):
        return False
    if not all(name.lower().endswith(".json") for name in names) or (len(files) and not names):
        return False
    try:
        for key in files.keys():  # noqa: SIM118
            json.loads(files[key].read_bytes())
    except (ValueError, AttributeError, RecursionError, pikepdf.PdfError):
        return False
    return True


def _is_nested(child: object) -> bool:
    return isinstance(child, pikepdf.Array | pikepdf.Dictionary) and not child.is_indirect
