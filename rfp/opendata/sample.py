"""The sample's open data, as anybody can ask for it."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings

from rfp.opendata.ocds import package_of
from rfp.opendata.process import process_of
from rfp.publishing.queries import public_solicitations

HERE = "http://127.0.0.1:8000"


def write(out: Path) -> Path:
    """ocds.json of the published RFP of the sample."""
    solicitation = public_solicitations().order_by("pk")[0]
    package = package_of(process_of(solicitation), whole=lambda path: f"{settings.PUBLIC_URL or HERE}{path}")
    path = out / "ocds.json"
    path.write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n")
    return path
