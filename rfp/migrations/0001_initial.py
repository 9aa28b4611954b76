import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import rfp.publishing.models
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('portal', '0001_initial'),
        ('suppliers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rulebook', models.CharField(max_length=20)),
                ('input_hash', models.CharField(max_length=64)),
                ('params', models.JSONField()),
                ('lists', models.JSONField(default=list)),
                ('on', models.DateField()),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField()),
                ('worker_pid', models.PositiveIntegerField()),
            ],
            options={
                'get_latest_by': 'id',
            },
        ),
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20)),
                ('group', models.CharField(blank=True, max_length=80)),
                ('title', models.CharField(max_length=120)),
                ('weight', models.DecimalField(decimal_places=3, max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0.001')), django.core.validators.MaxValueValidator(100)])),
                ('mode', models.CharField(choices=[('evaluator', 'Reviewers mark it'), ('automatic', 'Computed'), ('price', 'Computed from price')], default='evaluator', max_length=10)),
                ('fallback_to_evaluator', models.BooleanField(default=False, verbose_name='reviewers mark items with no figure')),
                ('quorum', models.PositiveSmallIntegerField(blank=True, help_text='Leave blank to wait for everyone on the panel without a conflict.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='reviewers needed')),
                ('envelope', models.CharField(choices=[('technical', 'Technical'), ('price', 'Price')], default='technical', max_length=10)),
                ('anchors', models.JSONField(blank=True, default=dict)),
                ('scale', models.JSONField(blank=True, default=dict)),
                ('minimum', models.DecimalField(blank=True, decimal_places=3, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='minimum, %')),
                ('supplier_guidance', models.TextField(blank=True)),
                ('scorer_guidance', models.TextField(blank=True, verbose_name='reviewer guidance')),
                ('value_source', models.CharField(blank=True, max_length=60, verbose_name='computed from')),
                ('value_from', models.DecimalField(blank=True, decimal_places=6, max_digits=16, null=True, verbose_name='0 marks at')),
                ('value_ideal', models.DecimalField(blank=True, decimal_places=6, max_digits=16, null=True, verbose_name='100 marks at')),
                ('value_unit', models.CharField(blank=True, max_length=60, verbose_name='unit')),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'verbose_name_plural': 'criteria',
                'ordering': ['position', 'code'],
            },
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20)),
                ('area', models.CharField(blank=True, max_length=80)),
                ('title', models.CharField(max_length=200)),
                ('summary', models.TextField(blank=True)),
                ('price_unit', models.CharField(blank=True, max_length=80)),
                ('lead_time_days_max', models.PositiveIntegerField(blank=True, null=True, verbose_name='maximum lead time, days')),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['position', 'code'],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=10)),
                ('part', models.CharField(blank=True, max_length=60)),
                ('title', models.CharField(max_length=120)),
                ('outcome', models.CharField(choices=[('met', 'met'), ('not_met', 'not_met'), ('refer', 'refer'), ('not_applicable', 'not_applicable')], max_length=15)),
                ('effect', models.CharField(choices=[('knockout', 'knockout'), ('advisory', 'advisory')], max_length=10)),
                ('audience', models.CharField(choices=[('supplier', 'supplier'), ('buyer', 'buyer'), ('chair', 'chair')], max_length=10)),
                ('envelope', models.CharField(choices=[('technical', 'technical'), ('price', 'price')], max_length=10)),
                ('message', models.TextField()),
                ('fix', models.TextField(blank=True)),
                ('basis', models.CharField(max_length=200)),
                ('legal_effect', models.CharField(blank=True, max_length=200)),
                ('numbers', models.JSONField(default=dict)),
                ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='rfp.assessment')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20)),
                ('title', models.CharField(max_length=200)),
                ('unit', models.CharField(max_length=40)),
                ('reference_price', models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ('reference_annual_volume', models.PositiveIntegerField(blank=True, null=True)),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='rfp.lot')),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Override',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('met', 'Override: met'), ('not_met', 'Confirmed: not met')], max_length=15)),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('exception', models.BooleanField(default=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='rfp.finding')),
            ],
            options={
                'ordering': ['id'],
                'get_latest_by': 'id',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('reviewers', models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='rfp.lot')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='BomUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sent_at', models.DateTimeField()),
                ('choices', models.JSONField(default=dict)),
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='bom_upload', to='portal.document')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bom_uploads', to='rfp.proposal')),
            ],
            options={
                'ordering': ['-sent_at'],
            },
        ),
        migrations.CreateModel(
            name='Requirement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20)),
                ('text', models.TextField(verbose_name='requirement')),
                ('why', models.TextField(blank=True, verbose_name='why we ask')),
                ('data_type', models.CharField(choices=[('string', 'Text'), ('number', 'Number'), ('integer', 'Whole number'), ('boolean', 'Yes or no'), ('date', 'Date'), ('choice', 'Choice'), ('table', 'Table'), ('file', 'File')], max_length=10)),
                ('answered_by', models.CharField(choices=[('response', 'Its own answer'), ('site', 'The final manufacturing site'), ('process_steps', 'The manufacturing steps'), ('capacity', 'The capacity sheet'), ('ramp', 'The ramp sheet'), ('lead_time', 'The lead time'), ('start_of_production', 'The start of production'), ('jobs', 'The jobs table')], default='response', max_length=20)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('minimum', models.CharField(blank=True, max_length=40)),
                ('maximum', models.CharField(blank=True, max_length=40)),
                ('ideal', models.CharField(blank=True, max_length=40)),
                ('expected', models.JSONField(blank=True, null=True)),
                ('choices', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None)),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('evidence', models.CharField(blank=True, max_length=300, verbose_name='evidence needed')),
                ('evidence_required', models.BooleanField(default=False, verbose_name='a file is required')),
                ('effect', models.CharField(choices=[('knockout', 'Knock-out'), ('scored', 'Scored'), ('informative', 'Informative')], default='scored', max_length=12)),
                ('envelope', models.CharField(choices=[('technical', 'Technical'), ('price', 'Price')], default='technical', max_length=10)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('applies_to', models.ManyToManyField(blank=True, related_name='requirements', to='rfp.item')),
                ('feeds', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='requirements', to='rfp.criterion')),
                ('lot', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='requirements', to='rfp.lot')),
            ],
            options={
                'ordering': ['position', 'code'],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('title', models.CharField(blank=True, max_length=200, verbose_name='product name')),
                ('summary', models.TextField(blank=True, verbose_name='summary')),
                ('lead_time_days', models.PositiveIntegerField(blank=True, null=True, verbose_name='days from firm order to first shipment')),
                ('first_article', models.DateField(blank=True, null=True, verbose_name='first article')),
                ('start_of_production', models.DateField(blank=True, null=True, verbose_name='start of production')),
                ('opening_stock', models.PositiveIntegerField(blank=True, null=True, verbose_name='units in stock when the ramp starts')),
                ('capex_musd', models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='investment, $ million')),
                ('tooling_price', models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='tooling price, $')),
                ('freight_price', models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='freight to the delivery sites, $')),
                ('one_off_price', models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='other one-off costs, $')),
                ('bom_name', models.CharField(blank=True, max_length=255)),
                ('signer_name', models.CharField(blank=True, max_length=120, verbose_name='your full name')),
                ('signer_title', models.CharField(blank=True, max_length=120, verbose_name='your title')),
                ('attested_at', models.DateTimeField(blank=True, null=True)),
                ('saved_at', models.DateTimeField(blank=True, null=True)),
                ('supplier_snapshot', models.JSONField(blank=True, null=True)),
                ('content_sha256', models.CharField(blank=True, max_length=64)),
                ('received_at', models.DateTimeField(blank=True, null=True)),
                ('final_site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='suppliers.site', verbose_name='final manufacturing site')),
                ('items', models.ManyToManyField(blank=True, related_name='+', to='rfp.item')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='rfp.proposal')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Response',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.JSONField(blank=True, null=True)),
                ('requirement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='responses', to='rfp.requirement')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='responses', to='rfp.revision')),
            ],
        ),
        migrations.CreateModel(
            name='RampPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.CharField(max_length=6, verbose_name='quarter')),
                ('demand', models.PositiveIntegerField(blank=True, null=True, verbose_name='demand (units)')),
                ('capacity', models.PositiveIntegerField(blank=True, null=True, verbose_name='units you can ship')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ramp_periods', to='rfp.revision')),
            ],
            options={
                'ordering': ['period'],
            },
        ),
        migrations.AddField(
            model_name='proposal',
            name='current_revision',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rfp.revision'),
        ),
        migrations.CreateModel(
            name='ProcessStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=200, verbose_name='step')),
                ('country', models.CharField(default='US', max_length=2)),
                ('site', models.CharField(blank=True, max_length=200)),
                ('conversion_cost', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True, verbose_name='cost per unit, $')),
                ('is_transforming', models.BooleanField(default=False, verbose_name='transforms the product')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='process_steps', to='rfp.revision')),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='PriceLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=18, validators=[django.core.validators.MinValueValidator(0)])),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rfp.item')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='price_lines', to='rfp.revision')),
            ],
            options={
                'ordering': ['item_id', 'year'],
            },
        ),
        migrations.CreateModel(
            name='PreCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('findings', models.JSONField()),
                ('revision', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='rfp.revision')),
            ],
        ),
        migrations.CreateModel(
            name='MakersScreened',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('revision', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='makers_screened', to='rfp.revision')),
            ],
        ),
        migrations.CreateModel(
            name='JobsLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=2)),
                ('new', models.DecimalField(decimal_places=2, default=0, max_digits=10, verbose_name='new jobs')),
                ('retained', models.DecimalField(decimal_places=2, default=0, max_digits=10, verbose_name='jobs kept')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='jobs_lines', to='rfp.revision')),
            ],
            options={
                'ordering': ['state'],
            },
        ),
        migrations.CreateModel(
            name='DeliveryLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('units', models.PositiveIntegerField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rfp.item')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='delivery_lines', to='rfp.revision')),
            ],
            options={
                'ordering': ['item_id', 'year'],
            },
        ),
        migrations.CreateModel(
            name='Capacity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lines', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='production lines')),
                ('shifts', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='shifts per day')),
                ('hours_per_shift', models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, verbose_name='hours per shift')),
                ('days_per_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='working days per year')),
                ('cycle_seconds', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, verbose_name='cycle time (seconds per unit, per line)')),
                ('availability', models.DecimalField(blank=True, decimal_places=4, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='availability, 0 to 1')),
                ('yield_rate', models.DecimalField(blank=True, decimal_places=4, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='first-pass yield, 0 to 1')),
                ('committed_per_year', models.PositiveIntegerField(blank=True, null=True, verbose_name='units already committed per year')),
                ('offered_per_year', models.PositiveIntegerField(blank=True, null=True, verbose_name='units offered per year')),
                ('nameplate_per_year', models.PositiveIntegerField(blank=True, null=True, verbose_name='nameplate capacity (units per year)')),
                ('revision', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='capacity', to='rfp.revision')),
            ],
        ),
        migrations.CreateModel(
            name='BomLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('line_no', models.CharField(max_length=20, verbose_name='line')),
                ('parent_line', models.CharField(blank=True, max_length=20, verbose_name='parent')),
                ('part', models.CharField(max_length=300)),
                ('qty', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('make_or_buy', models.CharField(choices=[('make', 'Make'), ('buy', 'Buy')], default='buy', max_length=4)),
                ('unit_acquisition_cost', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True, verbose_name='unit cost')),
                ('inbound_freight', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True, verbose_name='freight')),
                ('duty', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True, verbose_name='duty')),
                ('materials', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True, verbose_name='materials')),
                ('direct_labor', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True, verbose_name='labor')),
                ('allocable_overhead', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True, verbose_name='overhead')),
                ('profit', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True, verbose_name='profit')),
                ('currency', models.CharField(default='USD', max_length=3)),
                ('origin', models.CharField(blank=True, max_length=2)),
                ('us_manufactured', models.BooleanField(blank=True, null=True)),
                ('is_iron_steel', models.BooleanField(blank=True, null=True)),
                ('fe_estimated', models.BooleanField(default=False)),
                ('is_cots_fastener', models.BooleanField(blank=True, null=True)),
                ('final_assembly', models.BooleanField(default=False)),
                ('manufacturer', models.CharField(blank=True, max_length=200)),
                ('mpn', models.CharField(blank=True, max_length=120, verbose_name='part number')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bom_lines', to='rfp.revision')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(blank=True, max_length=200)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='portal.document')),
                ('requirement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='rfp.requirement')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='rfp.revision')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='assessment',
            name='revision',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='rfp.revision'),
        ),
        migrations.CreateModel(
            name='Solicitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.SlugField(max_length=40, unique=True, verbose_name='RFP number')),
                ('title', models.CharField(max_length=200)),
                ('buyer', models.CharField(max_length=200)),
                ('summary', models.TextField()),
                ('time_zone', models.CharField(default='America/New_York', max_length=40)),
                ('price_basis', models.CharField(blank=True, max_length=200)),
                ('tooling_use', models.CharField(blank=True, choices=[('', 'Not asked'), ('shown', 'Asked and shown, not counted'), ('counted', 'Asked and counted in the price')], default='shown', max_length=8, verbose_name='tooling')),
                ('freight_use', models.CharField(blank=True, choices=[('', 'Not asked'), ('shown', 'Asked and shown, not counted'), ('counted', 'Asked and counted in the price')], default='', max_length=8, verbose_name='freight')),
                ('one_off_use', models.CharField(blank=True, choices=[('', 'Not asked'), ('shown', 'Asked and shown, not counted'), ('counted', 'Asked and counted in the price')], default='', max_length=8, verbose_name='other one-off costs')),
                ('delivery_years', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=rfp.publishing.models.default_delivery_years, size=None)),
                ('is_sample', models.BooleanField(default=False, help_text='Its criteria and thresholds are shown as a sample.', verbose_name='sample')),
                ('rule_params', models.JSONField(blank=True, default=dict)),
                ('anchor_map', models.JSONField(default=rfp.publishing.models.default_anchor_map)),
                ('technical_threshold', models.DecimalField(decimal_places=3, default=Decimal('60'), max_digits=6, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='technical threshold, %')),
                ('reference_is_public', models.BooleanField(default=True, verbose_name='reference prices are published')),
                ('price_formula', models.CharField(default='fixed_reference', max_length=40, verbose_name='price formula')),
                ('price_cap', models.BooleanField(default=True, verbose_name='price earns its weight at most')),
                ('reference_sealed', models.BooleanField(default=False, verbose_name='reference prices are sealed until prices open')),
                ('aggregate', models.CharField(default='mean', max_length=20, verbose_name='several marks count as')),
                ('trim', models.DecimalField(decimal_places=3, default=Decimal('0.2'), max_digits=4, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('0.499'))], verbose_name='share left out at each end')),
                ('technical_form', models.CharField(default='sum', max_length=10, verbose_name='technical points')),
                ('technical_share', models.DecimalField(blank=True, decimal_places=3, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='technical share, %')),
                ('price_share', models.DecimalField(blank=True, decimal_places=3, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='price share, %')),
                ('rounding_places', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(6)], verbose_name='decimal places of totals')),
                ('tie_chain', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=rfp.publishing.models.default_tie_chain, size=None)),
                ('quorum', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='reviewers needed')),
                ('slots_per_lot', models.PositiveSmallIntegerField(default=3, verbose_name='shortlist slots per lot')),
                ('standstill_days', models.PositiveSmallIntegerField(default=10, validators=[django.core.validators.MaxValueValidator(90)], verbose_name='standstill, days')),
                ('debrief_compares', models.BooleanField(default=False, verbose_name='debriefs show where a selected proposal was ahead')),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('final_status', models.CharField(blank=True, choices=[('complete', 'Complete'), ('cancelled', 'Canceled'), ('unsuccessful', 'Unsuccessful')], max_length=15)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='requirement',
            name='solicitation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requirements', to='rfp.solicitation'),
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120)),
                ('on', models.DateField()),
                ('by_month', models.BooleanField(default=False, verbose_name='show the month only')),
                ('solicitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='milestones', to='rfp.solicitation')),
            ],
            options={
                'ordering': ['on', 'id'],
            },
        ),
        migrations.AddField(
            model_name='lot',
            name='solicitation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lots', to='rfp.solicitation'),
        ),
        migrations.AddField(
            model_name='criterion',
            name='solicitation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='rfp.solicitation'),
        ),
        migrations.CreateModel(
            name='SolicitationDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.document')),
                ('solicitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='rfp.solicitation')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='rfp.criterion')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='statements', to='rfp.revision')),
            ],
        ),
        migrations.CreateModel(
            name='Window',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('opens_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField()),
                ('feedback_by', models.DateField(blank=True, null=True)),
                ('solicitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='windows', to='rfp.solicitation')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.AddField(
            model_name='proposal',
            name='window',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='rfp.window'),
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('envelope', models.CharField(choices=[('technical', 'Technical'), ('price', 'Price')], max_length=10)),
                ('proposed_at', models.DateTimeField()),
                ('fewer_marks_reason', models.TextField(blank=True)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='rfp.lot')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('window', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='rfp.window')),
            ],
        ),
        migrations.CreateModel(
            name='BomHeadings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('headings', models.CharField(max_length=64, verbose_name='fingerprint of the headings')),
                ('columns', models.JSONField(default=dict)),
                ('used_at', models.DateTimeField()),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bom_headings', to='suppliers.supplier')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('supplier', 'headings'), name='one_meaning_per_headings')],
            },
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(condition=models.Q(('effect', 'knockout'), ('outcome__in', ['not_met', 'refer'])), fields=['assessment'], name='findings_to_decide'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.UniqueConstraint(fields=('assessment', 'rule', 'part'), name='one_finding_per_rule_and_part'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('lot', 'code'), name='one_item_per_code', violation_error_message='There is already an item with this code.'),
        ),
        migrations.AddIndex(
            model_name='bomupload',
            index=models.Index(fields=['sent_at'], name='rfp_bomuplo_sent_at_9c46a0_idx'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(fields=('proposal', 'number'), name='one_revision_per_number'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(condition=models.Q(('received_at__isnull', True)), fields=('proposal',), name='one_draft_per_proposal'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.UniqueConstraint(fields=('revision', 'requirement'), name='one_response_per_requirement'),
        ),
        migrations.AddConstraint(
            model_name='rampperiod',
            constraint=models.UniqueConstraint(fields=('revision', 'period'), name='one_ramp_row_per_period'),
        ),
        migrations.AddConstraint(
            model_name='priceline',
            constraint=models.UniqueConstraint(fields=('revision', 'item', 'year'), name='one_price_per_item_and_year'),
        ),
        migrations.AddConstraint(
            model_name='jobsline',
            constraint=models.UniqueConstraint(fields=('revision', 'state'), name='one_jobs_row_per_state'),
        ),
        migrations.AddConstraint(
            model_name='deliveryline',
            constraint=models.UniqueConstraint(fields=('revision', 'item', 'year'), name='one_delivery_per_item_and_year'),
        ),
        migrations.AddIndex(
            model_name='bomline',
            index=models.Index(fields=['revision', 'position'], name='rfp_bomline_revisio_eb9cb7_idx'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.UniqueConstraint(fields=('revision', 'rulebook', 'input_hash'), name='one_assessment_per_input'),
        ),
        migrations.AddConstraint(
            model_name='solicitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('price_share__isnull', True), ('technical_share__isnull', True)), models.Q(('price_share__isnull', False), ('technical_share', django.db.models.expressions.CombinedExpression(models.Value(100), '-', models.F('price_share'))), ('technical_share__isnull', False)), _connector='OR'), name='shares_add_up_to_100', violation_error_message='The technical and the price share must add up to 100.'),
        ),
        migrations.AddConstraint(
            model_name='solicitation',
            constraint=models.CheckConstraint(condition=models.Q(('reference_sealed', False), ('reference_is_public', False), _connector='OR'), name='a_sealed_reference_is_not_public', violation_error_message='Reference prices are either published or sealed.'),
        ),
        migrations.AddConstraint(
            model_name='requirement',
            constraint=models.UniqueConstraint(fields=('solicitation', 'code'), name='one_requirement_per_code', violation_error_message='There is already a requirement with this code.'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.UniqueConstraint(fields=('solicitation', 'code'), name='one_lot_per_code', violation_error_message='There is already a lot with this code.'),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.UniqueConstraint(fields=('solicitation', 'code'), name='one_criterion_per_code', violation_error_message='There is already a criterion with this code.'),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('mode', 'price'), _negated=True), ('envelope', 'price'), _connector='OR'), name='price_is_in_the_price_envelope', violation_error_message='A criterion computed from price belongs to the price envelope.'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.UniqueConstraint(fields=('revision', 'criterion'), name='one_statement_per_criterion'),
        ),
        migrations.AddConstraint(
            model_name='window',
            constraint=models.UniqueConstraint(fields=('solicitation', 'number'), name='one_window_per_number'),
        ),
        migrations.AddConstraint(
            model_name='window',
            constraint=models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at'))), name='window_closes_after_it_opens', violation_error_message='The closing time must be after the opening time.'),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(condition=models.Q(('current_revision__isnull', False), ('withdrawn_at__isnull', True)), fields=['window', 'number'], include=('lot', 'supplier', 'id'), name='proposals_received'),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(condition=models.Q(('current_revision__isnull', False), ('withdrawn_at__isnull', True)), fields=['window', 'reviewers', 'number'], include=('lot', 'supplier', 'id'), name='proposals_least_reviewed'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.UniqueConstraint(fields=('window', 'lot', 'envelope'), name='one_opening_per_lot_and_envelope'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='two_people_open', violation_error_message='A second person must confirm the opening.'),
        ),
    ]
