"""Citations in comments: plain words that name an answer or a document of the proposal, and links to them.

    [R4: “99.2% at half load”]      the answer to requirement R4, quoted
    [R7: table]                     an answer that is a table
    [Text T: “Two lines in Ohio”]   what the supplier wrote about criterion T
    [Document 2, page 3]            the revision's second file

A citation is part of the comment's text. So it is redacted, exported and printed as the rest of it is.
"""

from __future__ import annotations

import re

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

LONGEST = 200
CITATION = re.compile(
    r"\[(?:(?P<statement>Text )?(?P<code>[\w./-]{1,20}): (?:“(?P<words>[^”\n]{1,400})”|table)"
    r"|Document (?P<document>[0-9]{1,4})(?:, page [0-9]{1,5})?)\]"
)


def quoted(code: str, words: str, *, statement: bool = False) -> str:
    """A citation of an answer with its words, or with the first of them; blank for an answer without words."""
    said = " ".join(words.replace("“", '"').replace("”", '"').split())
    if len(said) > LONGEST:
        said = said[:LONGEST].rsplit(" ", 1)[0] + "…"
    return f"[{'Text ' if statement else ''}{code}: “{said}”]" if said else ""


def linked(text: str, address: str) -> SafeString:
    """The text as HTML, its lines kept, each citation a link. `address`: the proposal's page."""
    parts, at = [], 0
    for found in CITATION.finditer(text):
        parts += [_lines(text[at : found.start()]), _link(found, address)]
        at = found.end()
    return mark_safe("".join([*parts, _lines(text[at:])]))


def _lines(text: str) -> str:
    return escape(text).replace("\r\n", "\n").replace("\n", "<br>")


def _link(found: re.Match[str], address: str) -> str:
    if found["document"]:
        place = f"documents#document-{int(found['document'])}"
    elif found["statement"]:
        place = f"offer#text-{found['code']}"
    else:
        place = f"answers#answer-{found['code']}"
    return format_html('<a href="{}?part={}">{}</a>', address, place, found[0])
