"""Since when a reviewer has the seat or the chair, and changes of the chair by two people."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

PROTECT = django.db.models.deletion.PROTECT
USER = settings.AUTH_USER_MODEL
# A change is confirmed or dropped once; whatever else is done to it is refused.
KEPT = """
CREATE FUNCTION onshore_chair_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.confirmed_at IS NOT NULL OR OLD.dropped_at IS NOT NULL
        OR (NEW.solicitation_id, NEW.user_id, NEW.reason, NEW.proposed_by_id, NEW.proposed_at)
            IS DISTINCT FROM (OLD.solicitation_id, OLD.user_id, OLD.reason, OLD.proposed_by_id, OLD.proposed_at) THEN
        RAISE EXCEPTION 'the change of the chair % is kept as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON scoring_chairchange
    FOR EACH ROW EXECUTE FUNCTION onshore_chair_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON scoring_chairchange
    FOR EACH STATEMENT EXECUTE FUNCTION onshore_append_only();
"""
UNDO = """
DROP TRIGGER no_truncate ON scoring_chairchange;
DROP TRIGGER kept ON scoring_chairchange;
DROP FUNCTION onshore_chair_change();
"""


def from_the_record(apps, schema_editor):
    """What the audit log says of each seat; one it says nothing of is as old as its person's account."""
    Evaluator = apps.get_model("scoring", "Evaluator")
    User = apps.get_model("portal", "User")
    Event = apps.get_model("portal", "AuditEvent")
    joined = User.objects.filter(pk=OuterRef("user")).values("date_joined")[:1]
    Evaluator.objects.update(seated_at=Subquery(joined))
    chairs = {}
    for event in Event.objects.filter(verb="panel.seated").order_by("seq"):
        pk, chair = int(event.subject.rpartition(":")[2]), bool(event.facts.get("chair"))
        if chairs.get(pk) != chair:
            chairs[pk] = chair
            Evaluator.objects.filter(pk=pk).update(seated_at=event.at)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0009_two_people"),
        ("rfp", "0008_guards_without_gaps"),
        ("scoring", "0004_removals_stay"),
    ]
    operations = [
        migrations.AddField(
            model_name="evaluator",
            name="seated_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.CreateModel(
            name="ChairChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("dropped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(blank=True, null=True, on_delete=PROTECT, related_name="+", to=USER),
                ),
                ("proposed_by", models.ForeignKey(on_delete=PROTECT, related_name="+", to=USER)),
                (
                    "solicitation",
                    models.ForeignKey(on_delete=PROTECT, related_name="chair_changes", to="rfp.solicitation"),
                ),
                ("user", models.ForeignKey(on_delete=PROTECT, related_name="+", to=USER)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(confirmed_at__isnull=True, dropped_at__isnull=True),
                        fields=("solicitation",),
                        name="one_chair_change_waits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(confirmed_by__isnull=True)
                        | ~models.Q(confirmed_by=models.F("proposed_by")),
                        name="two_people_change_the_chair",
                        violation_error_message="A second person must confirm this.",
                    ),
                ],
            },
        ),
        migrations.RunPython(from_the_record, migrations.RunPython.noop, elidable=True),
        migrations.RunSQL(KEPT, UNDO),
    ]
