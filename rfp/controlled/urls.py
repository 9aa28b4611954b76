"""Addresses of documents under export control."""

from django.urls import URLPattern, path

from rfp.controlled.views import officers, suppliers

urlpatterns: list[URLPattern] = [
    path(
        "rfps/<slug:number>/documents/<int:pk>/export-control/",
        suppliers.export_document,
        name="export_document",
    ),
    path("export-control/", officers.export_list, name="export_list"),
    path("export-control/list.<slug:kind>", officers.export_list_file, name="export_list_file"),
    path("export-control/<int:pk>/", officers.export_certification, name="export_certification"),
    path("export-control/<int:pk>/decide/", officers.export_rule, name="export_rule"),
    path("export-control/<int:pk>/revoke/", officers.export_revoke, name="export_revoke"),
]
