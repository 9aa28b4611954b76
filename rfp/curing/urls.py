"""Addresses at which suppliers answer what was asked after the close."""

from django.urls import URLPattern, path

from portal.web.bodies import takes_files
from rfp.curing.views import answering

urlpatterns: list[URLPattern] = [
    path("proposals/<uuid:pk>/missing/<int:number>/", takes_files(answering.cure), name="cure"),
    path("proposals/<uuid:pk>/asked/<int:number>/", answering.clarification, name="clarification"),
]
