"""Proposals know how many reviewers gave marks, so that a queue is read in its order from an index."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rfp', '0008_guards_without_gaps'),
        ('suppliers', '0015_lists_not_emptied'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='proposal',
            name='reviewers',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(condition=models.Q(('current_revision__isnull', False), ('withdrawn_at__isnull', True)), fields=['window', 'number'], include=('lot', 'supplier', 'id'), name='proposals_received'),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(condition=models.Q(('current_revision__isnull', False), ('withdrawn_at__isnull', True)), fields=['window', 'reviewers', 'number'], include=('lot', 'supplier', 'id'), name='proposals_least_reviewed'),
        ),
    ]
