"""Declarations by window, conflicts at any time, panel marks, overrides by officers; the rank is the one in its lot."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT
USER = settings.AUTH_USER_MODEL
TABLES = ("conflictdeclaration", "conflictdeclaration_listed", "conflict", "panelmark", "standingoverride")
UNGUARD = "\n".join(
    f"DROP TRIGGER append_only ON scoring_{t}; DROP TRIGGER no_truncate ON scoring_{t};"
    for t in ("conflictdeclaration", "conflictdeclaration_conflicts")
)
GUARD = "\n".join(f"SELECT onshore_guard('scoring_{table}');" for table in TABLES)
# A removal is confirmed once; whatever else is done to it is refused.
REMOVAL = """
CREATE FUNCTION onshore_mark_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.confirmed_at IS NOT NULL
        OR (NEW.proposal_id, NEW.evaluator_id, NEW.reason, NEW.proposed_by_id, NEW.proposed_at)
            IS DISTINCT FROM (OLD.proposal_id, OLD.evaluator_id, OLD.reason, OLD.proposed_by_id, OLD.proposed_at) THEN
        RAISE EXCEPTION 'the removal of marks % is kept as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON scoring_markremoval
    FOR EACH ROW EXECUTE FUNCTION onshore_mark_removal();
"""
UNDO = "DROP TRIGGER kept ON scoring_markremoval; DROP FUNCTION onshore_mark_removal();"


def by_window(apps, schema_editor):
    """A declaration that was signed for an RFP was signed for its windows that were open; its conflicts stay."""
    Declaration = apps.get_model("scoring", "ConflictDeclaration")
    Conflict = apps.get_model("scoring", "Conflict")
    Opening = apps.get_model("rfp", "Opening")
    for old in Declaration.objects.select_related("evaluator"):
        rfp, user = old.evaluator.solicitation_id, old.evaluator.user_id
        for supplier in old.conflicts.all():
            Conflict.objects.create(
                solicitation_id=rfp, user_id=user, supplier=supplier, reason=old.statement, by_id=user, at=old.declared_at
            )
        opened = Opening.objects.filter(
            window__solicitation=rfp, envelope="technical", confirmed_at__isnull=False
        )
        for window in opened.values_list("window", flat=True).distinct():
            Declaration.objects.create(
                window_id=window,
                user_id=user,
                evaluator=None,
                signed_name=old.signed_name,
                declared_at=old.declared_at,
            )
    Declaration.objects.filter(window__isnull=True).delete()


def mark(label):
    return models.DecimalField(blank=True, decimal_places=12, max_digits=18, null=True, verbose_name=label)


def to(model, **options):
    return models.ForeignKey(**{"on_delete": PROTECT, "related_name": "+", "to": model, **options})


ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0002_append_only"),
        ("rfp", "0004_openings_by_lot"),
        ("suppliers", "0001_initial"),
        migrations.swappable_dependency(USER),
    ]
    operations = [
        migrations.RunSQL(UNGUARD, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ID,
                ("reason", models.TextField(verbose_name="what the conflict is")),
                ("at", models.DateTimeField()),
                ("by", to(USER)),
                ("solicitation", to("rfp.solicitation", related_name="conflicts")),
                ("supplier", to("suppliers.supplier", null=True, blank=True)),
                ("user", to(USER, related_name="conflicts")),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("solicitation", "user", "supplier"), name="one_conflict_per_person_and_supplier"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("supplier__isnull", True)),
                        fields=("solicitation", "user"),
                        name="one_recusal_from_the_whole_rfp",
                    ),
                ],
            },
        ),
        migrations.AlterField(
            model_name="conflictdeclaration",
            name="evaluator",
            field=models.OneToOneField(
                null=True, on_delete=PROTECT, related_name="declaration", to="scoring.evaluator"
            ),
        ),
        migrations.AddField(
            model_name="conflictdeclaration",
            name="window",
            field=to("rfp.window", related_name="declarations", null=True),
        ),
        migrations.AddField(
            model_name="conflictdeclaration", name="user", field=to(USER, related_name="declarations", null=True)
        ),
        migrations.RunPython(by_window, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField(model_name="conflictdeclaration", name="evaluator"),
        migrations.RemoveField(model_name="conflictdeclaration", name="statement"),
        migrations.RemoveField(model_name="conflictdeclaration", name="conflicts"),
        migrations.AlterField(
            model_name="conflictdeclaration", name="window", field=to("rfp.window", related_name="declarations")
        ),
        migrations.AlterField(
            model_name="conflictdeclaration", name="user", field=to(USER, related_name="declarations")
        ),
        migrations.AddField(
            model_name="conflictdeclaration",
            name="listed",
            field=models.ManyToManyField(blank=True, related_name="+", to="suppliers.supplier"),
        ),
        migrations.AlterModelOptions(name="conflictdeclaration", options={"ordering": ["id"]}),
        migrations.AddConstraint(
            model_name="conflictdeclaration",
            constraint=models.UniqueConstraint(fields=("window", "user"), name="one_declaration_per_window"),
        ),
        migrations.CreateModel(
            name="MarkRemoval",
            fields=[
                ID,
                ("reason", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_by", to(USER, null=True, blank=True)),
                ("evaluator", to("scoring.evaluator", related_name="mark_removals")),
                ("proposal", to("rfp.proposal", related_name="mark_removals")),
                ("proposed_by", to(USER)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("proposal", "evaluator"), name="one_removal_per_reviewer"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_remove_marks",
                        violation_error_message="A second person must confirm this.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PanelMark",
            fields=[
                ID,
                (
                    "kind",
                    models.CharField(choices=[("panel", "Panel mark"), ("zero", "Recorded zero")], max_length=5),
                ),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=12,
                        max_digits=18,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="mark, 0 to 100",
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                ("by", to(USER)),
                ("criterion", to("rfp.criterion", related_name="panel_marks")),
                ("revision", to("rfp.revision", related_name="panel_marks")),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "panel"), ("value__gte", 0), ("value__lte", 100)),
                            models.Q(("kind", "zero"), ("value", 0)),
                            _connector="OR",
                        ),
                        name="a_panel_mark_or_a_zero",
                        violation_error_message="A panel mark is between 0 and 100; a recorded zero is 0.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StandingOverride",
            fields=[
                ID,
                ("kind", models.CharField(max_length=12)),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120), size=None
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                ("by", to(USER)),
                ("proposal", to("rfp.proposal", related_name="standing_overrides")),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.RunSQL(GUARD + REMOVAL, UNDO),
        migrations.RenameField("score", "awaiting_confirmation", "awaiting_decision"),
        migrations.AddField(
            "score",
            "marks_wanted",
            models.PositiveSmallIntegerField(default=0, verbose_name="marks below the quorum"),
        ),
        migrations.AddField("score", "threshold_percent", mark("technical score for the threshold, percent")),
        migrations.AddField("score", "total_before", mark("total points before marks were taken out")),
        migrations.RemoveField("ranking", "price_open"),
        migrations.RemoveField("rankedproposal", "lot_rank"),
        migrations.AddField("rankedproposal", "price_open", models.BooleanField(default=False)),
        migrations.AddField("rankedproposal", "rank_before", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField(
            "rankedproposal", "score_before", mark("score before marks were taken out")
        ),
        # Rows are made anew by the next ranking, with the rank in their lot.
        migrations.RunSQL("UPDATE scoring_ranking SET requests = requests + 1", migrations.RunSQL.noop),
    ]
