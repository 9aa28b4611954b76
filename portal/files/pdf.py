"""HTML to PDF/A-3a and PDF/UA-1 in one file, with its data attached. Reads static files and nothing else."""

from __future__ import annotations

import io
import json
import mimetypes
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pikepdf
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import render_to_string

# Relative addresses need a base; this one leads nowhere, and only /static/ below it is answered.
BASE = "https://portal.invalid/"
UA_NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"

# PDF/A knows no PDF/UA: its identifier comes with a description of itself (ISO 19005-3, 6.6.2.3).
UA_IDENTIFIER = f"""
<rdf:Description rdf:about="" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:pdfuaid="{UA_NAMESPACE}"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{UA_NAMESPACE}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


class PdfError(Exception):
    """The PDF could not be made; the message says why."""


def render_pdf(
    template: str,
    context: Mapping[str, Any],
    *,
    data: Any,
    data_name: str = "evaluation.json",
    made_at: datetime,
    edit: Callable[[str], str] = str,
) -> bytes:
    """The PDF of a template that extends `pdf/base.html`, `data` attached to it as JSON. Bytes are JSON already.

    `edit`: what is done to the page's HTML before it is set.

    Raises PdfError when an address leads anywhere but to a static file that exists.
    """
    # 45 MB and most of a second that only the worker should pay, and only for its first PDF.
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError

    content = data
    if not isinstance(data, bytes):
        content = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False).encode()
    html = edit(render_to_string(template, {**context, "made_at": made_at}))
    attached = weasyprint.Attachment(
        string=content,
        name=data_name,
        description="The data of this report",
        relationship="Data",
        created=made_at,
        modified=made_at,
        url_fetcher=_fetcher(),
    )
    try:
        document = weasyprint.HTML(string=html, base_url=BASE, url_fetcher=_fetcher())
        written = document.write_pdf(pdf_variant="pdf/a-3a", attachments=[attached])
    except FatalURLFetchingError as error:
        raise PdfError(str(error.__cause__ or error)) from error
    return _accessible(written)


@lru_cache(maxsize=1)
def _fetcher() -> Any:
    """Answers static files; every other address stops the rendering."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class StaticFiles(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            name = static_name(url)
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, static_content(name), {"Content-Type": kind})

    return StaticFiles(allowed_protocols=("https",), fail_on_errors=True)


def static_name(url: str) -> str:
    """The static file an address names. Raises ValueError for any other address."""
    root = urljoin(BASE, str(settings.STATIC_URL))
    if not url.startswith(root) or ".." in (name := unquote(urlsplit(url).path[len(urlsplit(root).path) :])):
        raise ValueError(f"A report reads static files only, not {url}")
    return name


def static_content(name: str) -> bytes:
    """A static file as it is served: the collected one, or in development the one in its folder."""
    found = finders.find(name)
    if isinstance(found, str):
        return Path(found).read_bytes()
    if not staticfiles_storage.exists(name):
        raise ValueError(f"There is no static file {name}")
    with staticfiles_storage.open(name) as file:
        content: bytes = file.read()
        return content


def _accessible(written: bytes) -> bytes:
    """The same file, named as PDF/UA-1 in its metadata and shown by its title."""
    with pikepdf.open(io.BytesIO(written)) as pdf:
        xmp = pdf.Root.Metadata.read_bytes().decode()
        head, end, tail = xmp.rpartition("</rdf:RDF>")
        if not end:
            raise PdfError("The PDF came without metadata.")
        pdf.Root.Metadata = pdf.make_indirect(
            pikepdf.Stream(pdf, f"{head}{UA_IDENTIFIER}{end}{tail}".encode(), Type=pikepdf.Name.Metadata)
        )
        pdf.Root.Metadata.Subtype = pikepdf.Name.XML
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        target = io.BytesIO()
        # PDF/A wants an identifier; its metadata stays readable as plain text.
        pdf.save(target, deterministic_id=True, compress_streams=True)
    return target.getvalue()
