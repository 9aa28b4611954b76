"""The kinds of file we take, and what their content must look like."""

from __future__ import annotations

import puremagic

# Extension → (content type, what the sniffer may call it). Text kinds have no signature and are decoded instead.
KINDS: dict[str, tuple[str, frozenset[str]]] = {
    "pdf": ("application/pdf", frozenset({"pdf"})),
    "png": ("image/png", frozenset({"png"})),
    "jpg": ("image/jpeg", frozenset({"jpg", "jpeg", "jfif", "jpe"})),
    "jpeg": ("image/jpeg", frozenset({"jpg", "jpeg", "jfif", "jpe"})),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        frozenset({"xlsx", "zip", "docx", "pptx", "ooxml", "xlsm"}),
    ),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        frozenset({"docx", "zip", "xlsx", "pptx", "ooxml", "docm"}),
    ),
    "csv": ("text/csv", frozenset()),
    "tsv": ("text/tab-separated-values", frozenset()),
    "txt": ("text/plain", frozenset()),
}
# The sniffer looks at both ends of a file; more of a large one is not its business.
SNIFFED_BYTES = 64 * 1024
# Some programs write a line end or two before a PDF; readers look for its mark in the first kilobyte.
BLANKS = b"\r\n\t \x0c\x00"
NOT_WHAT_IT_SAYS = "The file’s content doesn’t match its name (.{extension})."


class FileRefused(ValueError):
    """The file is not taken; the message says why, in words for the person who sent it."""


def check_kind(data: bytes, extension: str) -> None:
    """Raises FileRefused when the content is of another kind than the name says."""
    whole = data if len(data) <= 2 * SNIFFED_BYTES else data[:SNIFFED_BYTES] + data[-SNIFFED_BYTES:]
    if extension == "pdf":
        whole = whole[:1024].lstrip(BLANKS) + whole[1024:]
    try:
        found = {match.extension.lstrip(".").lower() for match in puremagic.magic_string(whole)}
    except (puremagic.PureError, ValueError):
        found = set()
    if not found & KINDS[extension][1]:
        raise FileRefused(NOT_WHAT_IT_SAYS.format(extension=extension))


def check_text(head: bytes, extension: str) -> None:
    """The first few kilobytes of a text. Raises FileRefused when they are no text, or a page or document of a kind."""
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused(f"The file isn’t text, but its name ends in .{extension}.")
    start = head[:1024].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<svg", b"<script", b"%pdf", b"pk\x03\x04")):
        raise FileRefused(NOT_WHAT_IT_SAYS.format(extension=extension))
