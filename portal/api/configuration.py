"""Settings of what the public and programs read: addresses, open data, the REST framework, its description."""

from portal.frame.environment import env

__all__ = ["OCDS_PUBLISHER", "OCID_PREFIX", "PUBLIC_URL", "REST_FRAMEWORK", "SPECTACULAR_SETTINGS"]

# The portal's address as the public knows it, without a slash at its end; else the host that is asked.
PUBLIC_URL = env("ONSHORE_PUBLIC_URL").rstrip("/")
# Open data (OCDS): the publisher's registered prefix, here that of the documentation's examples, and its name.
OCID_PREFIX = env("ONSHORE_OCID_PREFIX", "ocds-213czf")
OCDS_PUBLISHER = env("ONSHORE_OCDS_PUBLISHER", "Onshore")

# The read API: JSON alone, tokens alone.
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.permissions.HasScope"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "portal.api.problems.problem",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Onshore",
    "DESCRIPTION": "Published RFPs for everyone; one’s own proposals and marks with a token.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "DISABLE_ERRORS_AND_WARNINGS": False,
}
