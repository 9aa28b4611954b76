"""The words in a file from outside, and the same file without what programs write about its author.

Runs in a child process with limits, like the checks beside it. A picture has no words that can be read, nor has a PDF
of scanned pages.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import pikepdf

TEXTS = ("csv", "tsv", "txt")
_TAGS = re.compile(r"<[^>]*>")
_SAID_OF = re.compile(r'(?:author|initials|name|title|descr|target)="([^"]*)"', re.IGNORECASE)
_PROPERTIES = ("docProps/", "customXml/")
_BFCHAR = re.compile(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_BFRANGE = re.compile(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*(?:<([0-9a-fA-F]+)>|\[([^\]]*)\])")
_SECTION = re.compile(r"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_DEEPEST, _WIDEST = 8, 65_536
# A PDF that shows fewer letters is a picture with a stamp on it.
_FEWEST_LETTERS = 20
# Parts of a JPEG that only describe it, and of a PNG.
_JPEG_NOTES = (*range(0xE1, 0xF0), 0xFE)
_PNG_NOTES = (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME")

CMap = dict[int, str]


def read(extension: str, source: IO[bytes]) -> dict[str, Any]:
    """`words`: the file's text, None where there is none to be read; `file`: it without its properties, in base64."""
    data = source.read()
    words: str | None = None
    if extension == "pdf":
        words, data = _pdf(data)
    elif extension in ("docx", "xlsx"):
        words, data = _office(data)
    elif extension in TEXTS:
        words = _text(data)
    elif extension == "png":
        data = _png(data)
    else:
        data = _jpeg(data)
    return {"words": words, "file": base64.b64encode(data).decode()}


def _text(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1")


# ---- Office files -----------------------------------------------------------------------------------------------


def _office(data: bytes) -> tuple[str, bytes]:
    """What stands in the parts that are shown; the properties become empty."""
    found, target = [], io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as archive,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for each in archive.infolist():
            body = archive.read(each)
            if each.filename.endswith((".xml", ".rels")):
                told = body.decode("utf-8", "replace")
                if each.filename.startswith(_PROPERTIES):
                    # The root element stays, with nothing in it.
                    body = re.sub(r"(<[\w:]+[^>?]*?)/?>.*", r"\1/>", told, count=1, flags=re.DOTALL).encode()
                else:
                    found += [_TAGS.sub("", told), *_SAID_OF.findall(told)]
            out.writestr(each, body)
    return "\n".join(found), target.getvalue()


# ---- PDFs -------------------------------------------------------------------------------------------------------


def _pdf(data: bytes) -> tuple[str | None, bytes]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        shown = "\n".join(_shown_on(page) for page in pdf.pages)
        if "/Metadata" in pdf.Root:
            del pdf.Root.Metadata
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        for page in pdf.pages:
            for key in ("/Metadata", "/PieceInfo"):
                if key in page:
                    del page[key]
        target = io.BytesIO()
        pdf.save(target, deterministic_id=True)
    with pikepdf.open(io.BytesIO(target.getvalue())) as pdf:
        # Titles of bookmarks, addresses of links, notes: whatever is text and is no metadata.
        strings = "\n".join(text for each in pdf.objects for text in _strings(each))
    has_words = sum(each.isalnum() for each in shown) >= _FEWEST_LETTERS
    return f"{shown}\n{strings}" if has_words else None, target.getvalue()


def _strings(each: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(each, pikepdf.String):
        yield str(each)
    elif depth < _DEEPEST and isinstance(each, pikepdf.Array):
        for child in each:
            if not getattr(child, "is_indirect", False):
                yield from _strings(child, depth + 1)
    elif depth < _DEEPEST and isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
        for key in each.keys():  # noqa: SIM118
            child = each[key]
            if not getattr(child, "is_indirect", False):
                yield from _strings(child, depth + 1)


def _shown_on(page: Any) -> str:
    return " ".join(_drawn(page, page.get("/Resources"), 0))


def _drawn(content: Any, resources: Any, depth: int) -> Iterator[str]:
    """The texts that a page, or a form on it, draws, in the order of drawing."""
    fonts: Any = resources.get("/Font", {}) if isinstance(resources, pikepdf.Dictionary) else {}
    forms: Any = resources.get("/XObject", {}) if isinstance(resources, pikepdf.Dictionary) else {}
    maps: dict[str, CMap | None] = {}
    font, line = "", ""
    for drawn in pikepdf.parse_content_stream(content):
        name, operands = str(drawn.operator), drawn.operands
        if name == "Tf":
            font = str(operands[0])
            if font not in maps:
                maps[font] = _letters_of(fonts.get(font))
        elif name in ("Tj", "'", '"', "TJ"):
            pieces = operands[0] if name == "TJ" else [operands[-1]]
            for piece in pieces:
                if isinstance(piece, pikepdf.String):
                    line += _decoded(bytes(piece), maps.get(font))
                elif float(piece) < -180:
                    line += " "
        elif name in ("Td", "TD", "T*", "Tm", "ET") and line:
            yield line
            line = ""
        elif name == "Do" and depth < _DEEPEST:
            form = forms.get(str(operands[0]))
            if isinstance(form, pikepdf.Stream) and form.get("/Subtype") == pikepdf.Name.Form:
                yield from _drawn(form, form.get("/Resources", resources), depth + 1)
    if line:
        yield line


def _letters_of(font: Any) -> CMap | None:
    """Code → letters, as the font says; None for a font of single bytes that says nothing. A font of two bytes that
    says nothing has no letters."""
    if not isinstance(font, pikepdf.Dictionary):
        return None
    if not isinstance(font.get("/ToUnicode"), pikepdf.Stream):
        return {} if font.get("/Subtype") == pikepdf.Name.Type0 else None
    told = font.ToUnicode.read_bytes().decode("latin-1")
    found: CMap = {-1: "2" if font.get("/Subtype") == pikepdf.Name.Type0 else "1"}
    for kind, body in _SECTION.findall(told):
        if kind == "bfchar":
            found |= {int(code, 16): _utf16(to) for code, to in _BFCHAR.findall(body)}
            continue
        for first, last, to, listed in _BFRANGE.findall(body):
            start, end = int(first, 16), min(int(last, 16), int(first, 16) + _WIDEST)
            if to:
                found |= {code: _utf16(to, code - start) for code in range(start, end + 1)}
            else:
                each = re.findall(r"<([0-9a-fA-F]+)>", listed)
                found |= {start + at: _utf16(code) for at, code in enumerate(each)}
    return found


def _utf16(digits: str, plus: int = 0) -> str:
    value = int(digits, 16) + plus
    return value.to_bytes(max(2, len(digits) // 2), "big").decode("utf-16-be", "replace")


def _decoded(raw: bytes, letters: CMap | None) -> str:
    if letters is None:
        return raw.decode("latin-1")
    if letters.get(-1) == "1":
        return "".join(letters.get(code, "") for code in raw)
    return "".join(letters.get(int.from_bytes(raw[at : at + 2], "big"), "") for at in range(0, len(raw), 2))


# ---- pictures ---------------------------------------------------------------------------------------------------


def _jpeg(data: bytes) -> bytes:
    """Without camera data, comments and profiles that name who made it."""
    kept, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big") + 2
        if data[at + 1] not in _JPEG_NOTES:
            kept.append(data[at : at + length])
        at += length
    return b"".join([*kept, data[at:]])


def _png(data: bytes) -> bytes:
    kept, at = [data[:8]], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big") + 12
        if data[at + 4 : at + 8] not in _PNG_NOTES:
            kept.append(data[at : at + length])
        at += length
    return b"".join(kept)
