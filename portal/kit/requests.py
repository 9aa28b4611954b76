"""What the middleware adds to a request, as types."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """A request with django-htmx's details. Only for annotations: Django makes the object."""

    htmx: HtmxDetails
