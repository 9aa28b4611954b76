"""What is text is compressed on its way; why that is safe here: docs/decisions/0017-speed.md."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXT = ("text/", "application/json", "image/svg+xml")


class Compression(GZipMiddleware):
    """Django's, which pads every answer by a random length, for text alone: PDFs, workbooks and pictures are
    compressed already and keep their Content-Length."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith(TEXT):
            return response
        answer: HttpResponseBase = super().process_response(request, response)
        return answer
