"""Addresses of the public face, beside the pages of RFPs and lots."""

from django.urls import URLPattern, path

from rfp.facing.views import public

urlpatterns: list[URLPattern] = [
    path("rfps/<slug:number>/qualify/", public.qualify, name="qualify"),
    path("rfps/<slug:number>/qualify/<str:code>/", public.qualify, name="qualify_lot"),
    path("rfps/<slug:number>/watch/", public.watch, name="watch"),
]
