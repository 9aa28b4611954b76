from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Imported here and not in portal/__init__.py: a pure module of this package must not load Celery.
        from portal import celery  # noqa: F401
