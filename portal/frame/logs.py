"""What is logged, and where: everything to standard error, one line each."""

from __future__ import annotations

from typing import Any


def logging_at(level: str) -> dict[str, Any]:
    """Django's LOGGING. Messages carry ids, never names, addresses, prices or answers."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
        "filters": {"outage": {"()": "portal.frame.outage.InOneLine"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"filters": ["outage"]},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "axes": {"level": "ERROR"},  # its messages name the e-mail address that failed
            "fontTools": {"level": "WARNING"},
            "pikepdf": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
        },
    }
