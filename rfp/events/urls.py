"""Addresses of events for which companies sign up."""

from django.urls import URLPattern, path

from rfp.events.views import admin, suppliers

urlpatterns: list[URLPattern] = [
    path("rfps/<slug:number>/events/<int:pk>/", suppliers.event, name="event"),
    path("rfps/<slug:number>/events/<int:pk>/cancel/", suppliers.event_cancel, name="event_cancel"),
    path("setup/<int:pk>/dates/<int:part>/sign-ups/", admin.sign_ups, name="event_sign_ups"),
    path(
        "setup/<int:pk>/dates/<int:part>/sign-ups.<slug:kind>",
        admin.sign_ups_file,
        name="event_sign_ups_file",
    ),
]
