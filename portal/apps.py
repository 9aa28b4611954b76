from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Imported here and not in portal/__init__.py: a pure module of this package must not load Celery.
        from portal import celery, receivers  # noqa: F401

        receivers.connect()


class PortalStaticFilesConfig(StaticFilesConfig):
    """Collects what pages ask for, not the other variants that the npm packages bring."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "bootstrap.css*",
        "bootstrap-*",
        "bootstrap.rtl*",
        "*-italic*",
        "*.ts",
        "*.scss",
        "*.md",
        "unicode.json",
        "metadata.json",
        "package.json",
    ]


class OperatorsConfig(AdminConfig):
    """Django's admin, where operators read."""

    default_site = "portal.accounts.operators.OperatorsSite"
