"""What the OpenAPI description says of tokens."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularJSONAPIView

from portal.api.authentication import TokenAuthentication

__all__ = ["SpectacularJSONAPIView", "TokenScheme"]


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema says it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
