"""Addresses of the pages on which an admin prepares an RFP."""

from django.urls import URLPattern, path

from portal.web.bodies import takes_files
from rfp.publishing.views import setup, setup_parts, setup_rules, setup_scoring

KINDS = (
    ("windows", "window"),
    ("dates", "milestone"),
    ("lots", "lot"),
    ("criteria", "criterion"),
    ("requirements", "requirement"),
    ("preferences", "preference"),
)


def _part(folder: str, kind: str) -> list[URLPattern]:
    """Add, change and remove one kind of row."""
    at, extra = f"setup/<int:pk>/{folder}", {"kind": kind}
    return [
        path(f"{at}/new/", setup_parts.edit, extra, name=f"setup_{kind}_new"),
        path(f"{at}/<int:part>/", setup_parts.edit, extra, name=f"setup_{kind}"),
        path(f"{at}/<int:part>/remove/", setup_parts.remove, extra, name=f"setup_{kind}_remove"),
    ]


urlpatterns: list[URLPattern] = [
    path("setup/", setup.setup_list, name="setup_list"),
    path("setup/new/", setup.setup_new, name="setup_new"),
    path("setup/<int:pk>/", setup.setup_basics, name="setup_basics"),
    path("setup/<int:pk>/dates/", setup.setup_dates, name="setup_dates"),
    path("setup/<int:pk>/lots/", setup.setup_lots, name="setup_lots"),
    path("setup/<int:pk>/criteria/", setup.setup_criteria, name="setup_criteria"),
    path("setup/<int:pk>/scoring/", setup_scoring.setup_scoring, name="setup_scoring"),
    path("setup/<int:pk>/requirements/", setup.setup_requirements, name="setup_requirements"),
    path("setup/<int:pk>/documents/", takes_files(setup.setup_documents), name="setup_documents"),
    path("setup/<int:pk>/documents/<int:part>/", setup.setup_document, name="setup_document"),
    path(
        "setup/<int:pk>/documents/<int:part>/remove/",
        setup_parts.remove,
        {"kind": "document"},
        name="setup_document_remove",
    ),
    path("setup/<int:pk>/sections/", setup_rules.setup_sections, name="setup_sections"),
    path("setup/<int:pk>/rules/", setup_rules.setup_rules, name="setup_rules"),
    path("setup/<int:pk>/rules/<str:code>/", setup_rules.setup_rule, name="setup_rule"),
    path("setup/<int:pk>/preview/", setup.setup_preview, name="setup_preview"),
    path("setup/<int:pk>/publish/", setup.setup_publish, name="setup_publish"),
    *(pattern for folder, kind in KINDS for pattern in _part(folder, kind)),
]
