"""What waits for a decision is found among the few findings that may."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rfp', '0010_pre_checks_kept'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(condition=models.Q(('effect', 'knockout'), ('outcome__in', ['not_met', 'refer'])), fields=['assessment'], name='findings_to_decide'),
        ),
    ]
