"""Who brought an account in, since when it has its role, and what compliance officers countersign."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT
USER = settings.AUTH_USER_MODEL
SEATING = ("account.created", "account.invited", "account.role_changed", "account.switched_on")
# It is signed once; whatever else is done to it is refused.
KEPT = """
CREATE FUNCTION onshore_countersignature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.officer_id IS NOT NULL
        OR (NEW.act, NEW.about, NEW.subjects, NEW.digest, NEW.first_id, NEW.second_id, NEW.why, NEW.asked_at)
            IS DISTINCT FROM
            (OLD.act, OLD.about, OLD.subjects, OLD.digest, OLD.first_id, OLD.second_id, OLD.why, OLD.asked_at) THEN
        RAISE EXCEPTION 'the countersignature % is kept as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON portal_countersignature
    FOR EACH ROW EXECUTE FUNCTION onshore_countersignature();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON portal_countersignature
    FOR EACH STATEMENT EXECUTE FUNCTION onshore_append_only();
"""
UNDO = """
DROP TRIGGER no_truncate ON portal_countersignature;
DROP TRIGGER kept ON portal_countersignature;
DROP FUNCTION onshore_countersignature();
"""


def from_the_record(apps, schema_editor):
    """What the audit log says of each account; an account it says nothing of is as old as it says itself."""
    User = apps.get_model("portal", "User")
    Event = apps.get_model("portal", "AuditEvent")
    User.objects.update(seated_at=models.F("date_joined"))
    known = set(User.objects.values_list("pk", flat=True))
    for event in Event.objects.filter(verb__in=SEATING, subject__startswith="portal.user:").order_by("seq"):
        pk = int(event.subject.removeprefix("portal.user:"))
        values = {"seated_at": event.at}
        if event.verb == "account.invited" and event.actor.startswith("user:"):
            by = int(event.actor.removeprefix("user:"))
            if by in known and by != pk:
                values["invited_by_id"] = by
        User.objects.filter(pk=pk).update(**values)


class Migration(migrations.Migration):
    dependencies = [("portal", "0008_factor_reset")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="invited_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=PROTECT, related_name="+", to=USER
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="seated_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.CreateModel(
            name="Countersignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(max_length=40)),
                ("about", models.CharField(max_length=200)),
                (
                    "subjects",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), size=None
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("args", models.JSONField(default=list)),
                ("why", models.TextField(verbose_name="why the two are not known to be two people")),
                ("asked_at", models.DateTimeField()),
                ("reason", models.TextField(blank=True)),
                ("at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("first", models.ForeignKey(on_delete=PROTECT, related_name="+", to=USER)),
                (
                    "officer",
                    models.ForeignKey(blank=True, null=True, on_delete=PROTECT, related_name="+", to=USER),
                ),
                ("second", models.ForeignKey(on_delete=PROTECT, related_name="+", to=USER)),
            ],
            options={
                "ordering": ["-asked_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("act", "first", "second", "digest"), name="one_countersignature_per_act_and_pair"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(officer__isnull=True)
                        | ~(models.Q(officer=models.F("first")) | models.Q(officer=models.F("second"))),
                        name="a_third_person_countersigns",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(officer__isnull=True, at__isnull=True)
                        | models.Q(officer__isnull=False, at__isnull=False),
                        name="countersigned_by_someone_at_a_time",
                    ),
                ],
            },
        ),
        migrations.RunPython(from_the_record, migrations.RunPython.noop, elidable=True),
        migrations.RunSQL(KEPT, UNDO),
    ]
