"""Addresses of the page on which an admin seats the panel."""

from django.urls import URLPattern, path

from scoring.views import panel

urlpatterns: list[URLPattern] = [
    path("setup/<int:pk>/panel/", panel.panel, name="panel"),
    path("setup/<int:pk>/panel/chair/", panel.chair_change, name="chair_change"),
    path("setup/<int:pk>/panel/<int:seat>/chair/", panel.panel_chair, name="panel_chair"),
    path("setup/<int:pk>/panel/<int:seat>/remove/", panel.panel_remove, name="panel_remove"),
]
