"""Addresses of ties and draws."""

from django.urls import URLPattern, path

from scoring.drawing import views

BASE = "evaluate/<slug:number>/ranking/ties/"
urlpatterns: list[URLPattern] = [
    path(BASE, views.tie_list, name="tie_list"),
    path(f"{BASE}<int:window>/<slug:lot>/draw/", views.draw, name="tie_draw"),
]
