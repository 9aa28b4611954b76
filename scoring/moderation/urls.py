"""Addresses of the moderation room, and of what the chair settles there."""

from django.urls import URLPattern, path

from scoring.moderation import views

PROPOSAL = "evaluate/proposals/<uuid:pk>/"
urlpatterns: list[URLPattern] = [
    path("evaluate/<slug:number>/moderation/", views.moderation_list, name="moderation_list"),
    path(f"{PROPOSAL}moderation/", views.moderate, name="moderate"),
    path(f"{PROPOSAL}moderation/<str:code>/agree/", views.agree, name="mark_agree"),
    path(f"{PROPOSAL}moderation/<str:code>/take-back/", views.take_back, name="mark_take_back"),
    path(f"{PROPOSAL}moderation/<str:code>/reopen/", views.reopen, name="mark_reopen"),
]
