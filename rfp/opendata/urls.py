"""Addresses of open data."""

from django.urls import URLPattern, path

from rfp.opendata.views import published

urlpatterns: list[URLPattern] = [
    path("rfps/<slug:number>/ocds.json", published.ocds, name="ocds"),
]
