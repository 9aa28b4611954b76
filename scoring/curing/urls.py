"""Addresses of what is asked of suppliers after the close."""

from django.urls import URLPattern, path

from scoring.curing import views

PROPOSAL = "evaluate/proposals/<uuid:pk>/"
urlpatterns: list[URLPattern] = [
    path("evaluate/<slug:number>/asked/", views.asked_list, name="asked_list"),
    path(f"{PROPOSAL}asked/", views.proposal_asked, name="proposal_asked"),
    path(f"{PROPOSAL}missing/", views.proposal_cure, name="proposal_cure"),
]
