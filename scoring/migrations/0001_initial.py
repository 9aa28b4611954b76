import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import scoring.ranking.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('portal', '0001_initial'),
        ('rfp', '0001_initial'),
        ('suppliers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DebriefText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rfp.criterion')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debrief_texts', to='rfp.proposal')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=[('shortlisted', 'Shortlisted'), ('reserve', 'Reserve'), ('eliminated', 'Eliminated'), ('awarded', 'Awarded'), ('withdrew', 'Withdrew'), ('undecided', 'Undecided')], max_length=12)),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='rfp.proposal')),
            ],
            options={
                'ordering': ['id'],
                'get_latest_by': 'id',
            },
        ),
        migrations.CreateModel(
            name='Evaluator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_chair', models.BooleanField(default=False, verbose_name='chair')),
                ('seated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('solicitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evaluators', to='rfp.solicitation')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evaluators', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('shortlisted', 'Shortlisted'), ('reserve', 'Reserve'), ('not_selected', 'Not selected'), ('awarded', 'Awarded'), ('withdrew', 'Withdrawn after selection')], max_length=12)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('debrief', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('decision', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='scoring.decision')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='rfp.proposal')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='FinalAward',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('letter', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='final', to='scoring.letter')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='LetterText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('shortlisted', 'Shortlisted'), ('reserve', 'Reserve'), ('not_selected', 'Not selected'), ('awarded', 'Awarded'), ('withdrew', 'Withdrawn after selection')], max_length=12)),
                ('subject', models.CharField(max_length=160)),
                ('body', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('solicitation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letter_texts', to='rfp.solicitation')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Mark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('anchor', scoring.ranking.models.AnchorField(blank=True, decimal_places=3, max_digits=9, null=True)),
                ('abstained', models.BooleanField(default=False)),
                ('comment', models.TextField(blank=True)),
                ('marked_at', models.DateTimeField()),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='rfp.criterion')),
                ('evaluator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='scoring.evaluator')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='rfp.revision')),
            ],
        ),
        migrations.CreateModel(
            name='MarkRemoval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('evaluator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mark_removals', to='scoring.evaluator')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mark_removals', to='rfp.proposal')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='PanelMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('panel', 'Panel mark'), ('zero', 'Recorded zero')], max_length=5)),
                ('value', models.DecimalField(decimal_places=12, max_digits=18, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='mark, 0 to 100')),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='panel_marks', to='rfp.criterion')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='panel_marks', to='rfp.revision')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Ranking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('requests', models.PositiveBigIntegerField(default=0)),
                ('served', models.PositiveBigIntegerField(default=0)),
                ('ranked_at', models.DateTimeField(blank=True, null=True)),
                ('ranked_count', models.PositiveIntegerField(default=0)),
                ('unranked_count', models.PositiveIntegerField(default=0)),
                ('window', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='ranking', to='rfp.window')),
            ],
        ),
        migrations.CreateModel(
            name='RankedProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proposal_number', models.CharField(max_length=20)),
                ('lot_code', models.CharField(max_length=20)),
                ('supplier_name', models.CharField(max_length=200)),
                ('place', models.CharField(blank=True, max_length=160)),
                ('state', models.CharField(blank=True, max_length=2)),
                ('standing', models.CharField(choices=[('ranked', 'Ranked'), ('knocked_out', 'Knocked out'), ('below_threshold', 'Below the technical threshold'), ('not_scored', 'Marks missing')], max_length=16)),
                ('position', models.PositiveIntegerField()),
                ('rank', models.PositiveIntegerField(blank=True, null=True)),
                ('rank_before', models.PositiveIntegerField(blank=True, null=True)),
                ('score_before', models.DecimalField(blank=True, decimal_places=12, max_digits=30, null=True, verbose_name='score before marks were removed')),
                ('price_open', models.BooleanField(default=False)),
                ('shared', models.BooleanField(default=False)),
                ('tie_step', models.CharField(blank=True, max_length=40)),
                ('score', models.DecimalField(blank=True, decimal_places=12, max_digits=30, null=True, verbose_name='score')),
                ('technical', models.DecimalField(blank=True, decimal_places=12, max_digits=18, null=True, verbose_name='technical points')),
                ('price_mark', models.DecimalField(blank=True, decimal_places=12, max_digits=18, null=True, verbose_name='price mark')),
                ('price_total', models.DecimalField(blank=True, decimal_places=4, max_digits=24, null=True)),
                ('domestic_low', models.DecimalField(blank=True, decimal_places=4, max_digits=9, null=True)),
                ('domestic_high', models.DecimalField(blank=True, decimal_places=4, max_digits=9, null=True)),
                ('spread', models.DecimalField(blank=True, decimal_places=4, max_digits=9, null=True)),
                ('marks', models.JSONField(default=list)),
                ('flags', models.JSONField(default=list)),
                ('lot', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='rfp.lot')),
                ('proposal', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='rfp.proposal')),
                ('revision', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='rfp.revision')),
                ('supplier', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='suppliers.supplier')),
                ('ranking', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='scoring.ranking')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('proposed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('standstill_until', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='rfp.lot')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('window', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='rfp.window')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='letter',
            name='release',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='scoring.release'),
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('summary', 'Proposal summary'), ('shortlist', 'Shortlist report'), ('debrief', 'Debrief')], max_length=10)),
                ('requested_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('queued', 'Waiting for a worker'), ('running', 'In progress'), ('done', 'Ready'), ('failed', 'Failed')], default='queued', max_length=8)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('worker_pid', models.PositiveIntegerField(blank=True, null=True)),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.document')),
                ('proposal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='rfp.proposal')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('window', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='rfp.window')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given', models.PositiveSmallIntegerField()),
                ('is_done', models.BooleanField()),
                ('evaluator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='scoring.evaluator')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='rfp.revision')),
            ],
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('technical', models.DecimalField(blank=True, decimal_places=12, max_digits=18, null=True, verbose_name='technical points')),
                ('technical_percent', models.DecimalField(blank=True, decimal_places=12, max_digits=18, null=True, verbose_name='technical score, percent')),
                ('threshold_percent', models.DecimalField(blank=True, decimal_places=12, max_digits=18, null=True, verbose_name='technical score for the threshold, percent')),
                ('total_before', models.DecimalField(blank=True, decimal_places=12, max_digits=30, null=True, verbose_name='total points before marks were removed')),
                ('price_mark', models.DecimalField(blank=True, decimal_places=12, max_digits=18, null=True, verbose_name='price mark')),
                ('total', models.DecimalField(blank=True, decimal_places=12, max_digits=30, null=True, verbose_name='total points')),
                ('is_priced', models.BooleanField(default=False)),
                ('price_total', models.DecimalField(blank=True, decimal_places=4, max_digits=24, null=True)),
                ('price_reference', models.DecimalField(blank=True, decimal_places=4, max_digits=24, null=True)),
                ('technical_exact', models.TextField(blank=True)),
                ('technical_before_exact', models.TextField(blank=True)),
                ('threshold_exact', models.TextField(blank=True)),
                ('total_exact', models.TextField(blank=True)),
                ('exact_values', models.JSONField(default=dict)),
                ('below_minimum', models.BooleanField(default=False)),
                ('marks_missing', models.PositiveSmallIntegerField(default=0)),
                ('automatic_missing', models.PositiveSmallIntegerField(default=0)),
                ('knocked_out', models.BooleanField(default=False)),
                ('awaiting_decision', models.PositiveSmallIntegerField(default=0)),
                ('marks_wanted', models.PositiveSmallIntegerField(default=0, verbose_name='marks below the quorum')),
                ('domestic_low', models.DecimalField(blank=True, decimal_places=4, max_digits=9, null=True)),
                ('domestic_high', models.DecimalField(blank=True, decimal_places=4, max_digits=9, null=True)),
                ('spread', models.DecimalField(blank=True, decimal_places=4, max_digits=9, null=True)),
                ('supplier_name', models.CharField(max_length=200)),
                ('place', models.CharField(blank=True, max_length=160)),
                ('state', models.CharField(blank=True, max_length=2)),
                ('marks', models.JSONField(default=list)),
                ('flags', models.JSONField(default=list)),
                ('trace', models.JSONField(default=dict)),
                ('scored_by_pid', models.PositiveIntegerField()),
                ('scored_at', models.DateTimeField()),
                ('revision', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='score', to='rfp.revision')),
            ],
        ),
        migrations.CreateModel(
            name='Stability',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('served', models.PositiveBigIntegerField()),
                ('seed', models.PositiveBigIntegerField()),
                ('draws', models.PositiveIntegerField()),
                ('kappa', models.PositiveIntegerField()),
                ('places', models.PositiveSmallIntegerField()),
                ('error', models.FloatField()),
                ('ranked', models.PositiveIntegerField()),
                ('chances', models.JSONField(default=dict)),
                ('contested', models.JSONField(default=list)),
                ('declined', models.CharField(blank=True, max_length=200)),
                ('computed_at', models.DateTimeField()),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='rfp.lot')),
                ('ranking', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='stabilities', to='scoring.ranking')),
            ],
        ),
        migrations.CreateModel(
            name='StandingOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), size=None)),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='standing_overrides', to='rfp.proposal')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='AutomaticMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.DecimalField(blank=True, decimal_places=12, max_digits=18, null=True, verbose_name='mark, 0 to 100')),
                ('trace', models.JSONField(default=dict)),
                ('left_to_evaluators', models.BooleanField(default=False)),
                ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='automatic_marks', to='rfp.assessment')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='automatic_marks', to='rfp.criterion')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='automatic_marks', to='rfp.revision')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('revision', 'criterion'), name='one_automatic_mark_per_criterion')],
            },
        ),
        migrations.CreateModel(
            name='ChairChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('solicitation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='chair_changes', to='rfp.solicitation')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('confirmed_at__isnull', True), ('dropped_at__isnull', True)), fields=('solicitation',), name='one_chair_change_waits'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='two_people_change_the_chair', violation_error_message='A second person must confirm this.')],
            },
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(verbose_name='conflict description')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('solicitation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to='rfp.solicitation')),
                ('supplier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('solicitation', 'user', 'supplier'), name='one_conflict_per_person_and_supplier'), models.UniqueConstraint(condition=models.Q(('supplier__isnull', True)), fields=('solicitation', 'user'), name='one_recusal_from_the_whole_rfp')],
            },
        ),
        migrations.CreateModel(
            name='ConflictDeclaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signed_name', models.CharField(max_length=120)),
                ('declared_at', models.DateTimeField()),
                ('listed', models.ManyToManyField(blank=True, related_name='+', to='suppliers.supplier')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to=settings.AUTH_USER_MODEL)),
                ('window', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to='rfp.window')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('window', 'user'), name='one_declaration_per_window')],
            },
        ),
        migrations.AddConstraint(
            model_name='evaluator',
            constraint=models.UniqueConstraint(fields=('solicitation', 'user'), name='one_seat_per_person'),
        ),
        migrations.AddConstraint(
            model_name='evaluator',
            constraint=models.UniqueConstraint(condition=models.Q(('is_chair', True)), fields=('solicitation',), name='one_chair_per_rfp'),
        ),
        migrations.AddIndex(
            model_name='lettertext',
            index=models.Index(fields=['solicitation', 'outcome'], name='scoring_let_solicit_68ec20_idx'),
        ),
        migrations.AddConstraint(
            model_name='mark',
            constraint=models.UniqueConstraint(fields=('revision', 'criterion', 'evaluator'), name='one_mark_per_evaluator_and_criterion'),
        ),
        migrations.AddConstraint(
            model_name='mark',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('abstained', False), ('anchor__isnull', False)), models.Q(('abstained', True), ('anchor__isnull', True)), _connector='OR'), name='a_mark_or_an_abstention', violation_error_message='Choose a mark or abstain.'),
        ),
        migrations.AddConstraint(
            model_name='markremoval',
            constraint=models.UniqueConstraint(fields=('proposal', 'evaluator'), name='one_removal_per_reviewer'),
        ),
        migrations.AddConstraint(
            model_name='markremoval',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='two_people_remove_marks', violation_error_message='A second person must confirm this.'),
        ),
        migrations.AddConstraint(
            model_name='panelmark',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'panel'), ('value__gte', 0), ('value__lte', 100)), models.Q(('kind', 'zero'), ('value', 0)), _connector='OR'), name='a_panel_mark_or_a_zero', violation_error_message='A panel mark must be between 0 and 100. A recorded zero is 0.'),
        ),
        migrations.AddIndex(
            model_name='rankedproposal',
            index=models.Index(fields=['ranking', 'position'], name='scoring_ran_ranking_14397f_idx'),
        ),
        migrations.AddIndex(
            model_name='rankedproposal',
            index=models.Index(fields=['ranking', 'lot', 'position'], name='scoring_ran_ranking_62bec2_idx'),
        ),
        migrations.AddConstraint(
            model_name='rankedproposal',
            constraint=models.UniqueConstraint(fields=('ranking', 'proposal'), name='one_row_per_proposal'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(('confirmed_at__isnull', True), ('dropped_at__isnull', True)), fields=('window', 'lot'), name='one_release_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='two_people_release', violation_error_message='A second person must confirm the release.'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.UniqueConstraint(fields=('release', 'proposal'), name='one_letter_per_release'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'shortlist'), ('proposal__isnull', True)), models.Q(('kind__in', ['summary', 'debrief']), ('proposal__isnull', False)), _connector='OR'), name='a_summary_has_a_proposal'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(fields=('evaluator', 'revision'), include=('is_done',), name='one_review_per_revision'),
        ),
        migrations.AddConstraint(
            model_name='stability',
            constraint=models.UniqueConstraint(fields=('ranking', 'lot'), name='one_stability_per_lot'),
        ),
    ]
