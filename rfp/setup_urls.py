"""Addresses of the pages on which an admin prepares an RFP."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
