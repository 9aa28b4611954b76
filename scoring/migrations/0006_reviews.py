"""A row for each evaluator and revision: how many marks were given, and whether that is all that is asked for."""

import django.db.models.deletion
from django.db import migrations, models

class Migration(migrations.Migration):

    dependencies = [
        ('rfp', '0009_reviewers_counted'),
        ('scoring', '0005_chair_by_two'),
    ]

    operations = [
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given', models.PositiveSmallIntegerField()),
                ('is_done', models.BooleanField()),
                ('evaluator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='scoring.evaluator')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='rfp.revision')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('evaluator', 'revision'), include=('is_done',), name='one_review_per_revision')],
            },
        ),
    ]
