from django.apps import AppConfig


class RfpConfig(AppConfig):
    name = "rfp"
    verbose_name = "RFPs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.record import audit
        from rfp import receivers  # noqa: F401  (connects them)
        from rfp.curing.queries import wanted_of
        from rfp.proposals import queries

        audit.seal(queries.sealed_subjects)
        queries.ask(wanted_of)
