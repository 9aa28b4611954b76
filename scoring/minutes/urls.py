"""The address of a lot's minutes."""

from django.urls import URLPattern, path

from scoring.minutes import views

urlpatterns: list[URLPattern] = [
    path("evaluate/<slug:number>/moderation/minutes/", views.minutes, name="minutes"),
]
