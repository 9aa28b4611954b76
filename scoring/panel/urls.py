"""Addresses of the page on which an admin seats the panel."""

from django.urls import URLPattern, path

from scoring.panel.views import seats

urlpatterns: list[URLPattern] = [
    path("setup/<int:pk>/panel/", seats.panel, name="panel"),
    path("setup/<int:pk>/panel/chair/", seats.chair_change, name="chair_change"),
    path("setup/<int:pk>/panel/<int:seat>/chair/", seats.panel_chair, name="panel_chair"),
    path("setup/<int:pk>/panel/<int:seat>/remove/", seats.panel_remove, name="panel_remove"),
]
