"""The queue of alerts is read from an index, in its order; which lists raised any, too."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('suppliers', '0015_lists_not_emptied'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['-is_current', '-priority', 'id'], include=('state',), name='alert_order'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['source'], name='alert_source'),
        ),
    ]
