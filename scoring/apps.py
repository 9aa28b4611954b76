from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"
    verbose_name = "Scoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.record import audit
        from rfp.opendata import outcomes
        from rfp.proposals import queries as proposals_queries
        from scoring import receivers  # noqa: F401  (connects them)
        from scoring.outcomes import queries as outcomes_queries
        from scoring.reports import verification

        audit.recompute(verification.differences)
        proposals_queries.tell(outcomes_queries.told)
        proposals_queries.announce(outcomes_queries.award_notices)
        outcomes.tell(outcomes_queries.public_outcome)
