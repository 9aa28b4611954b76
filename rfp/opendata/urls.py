"""Addresses of open data."""

from django.urls import URLPattern, path

from rfp.opendata.views import published

urlpatterns: list[URLPattern] = [
    path("rfps/<slug:number>/ocds.json", published.ocds, name="ocds"),
    path("rfps/<slug:number>/dates.ics", published.dates, name="dates"),
    path("rfps/<slug:number>/news.<slug:kind>", published.feed_of_rfp, name="feed_of_rfp"),
    path("rfps.<slug:kind>", published.feed, name="feed"),
]
