"""Envelopes open lot by lot; requirements have an envelope, criteria a quorum, and an RFP says which costs it counts."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

COST_USES = [("", "Not asked"), ("shown", "Asked and shown, not counted"), ("counted", "Asked and counted in the price")]


def cost_use(label, default=""):
    return models.CharField(blank=True, choices=COST_USES, default=default, max_length=8, verbose_name=label)


def cost(label):
    return models.DecimalField(
        blank=True,
        decimal_places=2,
        max_digits=16,
        null=True,
        validators=[django.core.validators.MinValueValidator(0)],
        verbose_name=label,
    )


def one_opening_per_lot(apps, schema_editor):
    """What was opened for a whole window was opened for each of its lots."""
    Opening = apps.get_model("rfp", "Opening")
    for opening in Opening.objects.select_related("window"):
        lots = list(opening.window.solicitation.lots.order_by("pk"))
        for lot in lots[1:]:
            Opening.objects.create(
                window=opening.window,
                lot=lot,
                envelope=opening.envelope,
                proposed_by_id=opening.proposed_by_id,
                proposed_at=opening.proposed_at,
                confirmed_by_id=opening.confirmed_by_id,
                confirmed_at=opening.confirmed_at,
            )
        opening.lot = lots[0]
        opening.save(update_fields=["lot"])


class Migration(migrations.Migration):
    dependencies = [("rfp", "0003_bom_uploads")]
    operations = [
        migrations.RemoveConstraint(model_name="opening", name="one_opening_per_envelope"),
        migrations.AddField(
            model_name="opening",
            name="lot",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="rfp.lot"
            ),
        ),
        migrations.AddField(
            model_name="opening", name="fewer_marks_reason", field=models.TextField(blank=True, default="")
        ),
        migrations.RunPython(one_opening_per_lot, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="opening",
            name="lot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="rfp.lot"
            ),
        ),
        migrations.AlterField(
            model_name="opening", name="fewer_marks_reason", field=models.TextField(blank=True)
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.UniqueConstraint(
                fields=("window", "lot", "envelope"), name="one_opening_per_lot_and_envelope"
            ),
        ),
        migrations.AddField(
            model_name="solicitation", name="tooling_use", field=cost_use("tooling", "shown")
        ),
        migrations.AddField(model_name="solicitation", name="freight_use", field=cost_use("freight")),
        migrations.AddField(
            model_name="solicitation", name="one_off_use", field=cost_use("other one-off costs")
        ),
        migrations.AddField(
            model_name="revision", name="freight_price", field=cost("freight to the delivery sites, $")
        ),
        migrations.AddField(
            model_name="revision", name="one_off_price", field=cost("other one-off costs, $")
        ),
        migrations.AddField(
            model_name="criterion",
            name="quorum",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Leave it blank to wait for everyone on the panel who has no conflict.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="reviewers needed",
            ),
        ),
        migrations.AddField(
            model_name="requirement",
            name="envelope",
            field=models.CharField(
                choices=[("technical", "Technical"), ("price", "Price")], default="technical", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="override", name="exception", field=models.BooleanField(default=False)
        ),
        migrations.RunSQL(
            "DROP SEQUENCE IF EXISTS rfp_proposal_number", "CREATE SEQUENCE rfp_proposal_number START 1001"
        ),
    ]
