"""Findings of visits, infections, cases of a new malignancy."""

import uuid
from typing import ClassVar

import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    """Findings of visits, infections, cases of a new malignancy."""

    dependencies: ClassVar = [("followup", "0002_plan")]
    operations: ClassVar = [
        migrations.CreateModel(
            name='AddedFindings',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('filled', models.JSONField(verbose_name='findings')),
                ('note', models.CharField(blank=True, max_length=800, verbose_name='note')),
                ('recorded_by', models.CharField(max_length=120, verbose_name='recorded by')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('event_id', models.BigIntegerField(unique=True)),
                ('struck_at', models.DateTimeField(null=True)),
                ('struck_reason', models.CharField(blank=True, max_length=400)),
            ],
            options={
                'verbose_name': 'added findings',
                'verbose_name_plural': 'added findings',
            },
        ),
        migrations.CreateModel(
            name='CaseStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('manufacturer_notified', 'Manufacturer notified'), ('kit_requested', 'Sample kit asked for'), ('kit_received', 'Sample kit received'), ('sample_sent', 'Sample sent'), ('transgene_result', 'Result of the CAR transgene test'), ('regulator_informed', 'Regulator informed'), ('registry_entered', 'Entered in the registry')], max_length=30, verbose_name='step')),
                ('state', models.CharField(choices=[('done', 'Done'), ('not_needed', 'Not needed')], max_length=12, verbose_name='state')),
                ('done_on', models.DateField(verbose_name='day')),
                ('reference', models.CharField(blank=True, max_length=120, verbose_name='reference')),
                ('sample', models.CharField(blank=True, choices=[('tissue', 'Tissue'), ('blood', 'Blood'), ('both', 'Tissue and blood')], max_length=10, verbose_name='sample')),
                ('result', models.CharField(blank=True, choices=[('negative', 'Negative'), ('positive', 'Positive'), ('inconclusive', 'Inconclusive')], max_length=15, verbose_name='result')),
                ('note', models.CharField(blank=True, max_length=400, verbose_name='note')),
                ('recorded_by', models.CharField(max_length=120, verbose_name='recorded by')),
                ('event_id', models.BigIntegerField(unique=True)),
            ],
            options={
                'verbose_name': 'step of a case',
                'verbose_name_plural': 'steps of a case',
            },
        ),
        migrations.CreateModel(
            name='Infection',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('began_on', models.DateField(verbose_name='began')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='over since')),
                ('kind', models.CharField(blank=True, choices=[('bacterial', 'Bacterial'), ('viral', 'Viral'), ('fungal', 'Fungal'), ('parasitic', 'Parasitic'), ('no_germ', 'No germ found')], max_length=12, verbose_name='kind')),
                ('site', models.CharField(blank=True, choices=[('bloodstream', 'Bloodstream'), ('lung', 'Lung'), ('upper_airway', 'Ear, nose, throat, sinuses'), ('gut', 'Gut'), ('urinary', 'Urinary tract'), ('skin', 'Skin and soft tissue'), ('nervous_system', 'Central nervous system'), ('liver', 'Liver'), ('other', 'Elsewhere')], max_length=20, verbose_name='site')),
                ('organism', models.CharField(blank=True, max_length=120, verbose_name='organism')),
                ('severity', models.CharField(blank=True, choices=[('mild', 'Mild'), ('moderate', 'Moderate'), ('severe', 'Severe'), ('life_threatening', 'Life-threatening')], max_length=20, verbose_name='severity')),
                ('hospitalized', models.BooleanField(blank=True, null=True, verbose_name='admitted to hospital')),
                ('note', models.CharField(blank=True, max_length=400, verbose_name='note')),
                ('recorded_by', models.CharField(max_length=120, verbose_name='recorded by')),
                ('event_id', models.BigIntegerField(unique=True)),
                ('struck_at', models.DateTimeField(null=True)),
                ('struck_reason', models.CharField(blank=True, max_length=400)),
            ],
            options={
                'verbose_name': 'infection',
                'verbose_name_plural': 'infections',
            },
        ),
        migrations.CreateModel(
            name='MalignancyCase',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('kind', models.CharField(choices=[('t_cell', 'T-cell malignancy'), ('myeloid', 'Myeloid neoplasm'), ('b_cell_other', 'Another B-cell malignancy'), ('solid', 'Solid tumor'), ('other', 'Other or not known yet')], max_length=20, verbose_name='kind')),
                ('suspected_on', models.DateField(verbose_name='suspected since')),
                ('diagnosed_on', models.DateField(blank=True, null=True, verbose_name='diagnosed')),
                ('description', models.CharField(max_length=400, verbose_name='description')),
                ('opened_by', models.CharField(max_length=120, verbose_name='opened by')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('event_id', models.BigIntegerField(unique=True)),
                ('outcome', models.CharField(blank=True, choices=[('excluded', 'No new malignancy'), ('confirmed', 'New malignancy, without the CAR transgene'), ('car_positive', 'New malignancy with the CAR transgene'), ('not_tested', 'New malignancy, CAR transgene unknown')], max_length=20, verbose_name='outcome')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('closed_by', models.CharField(blank=True, max_length=120, verbose_name='closed by')),
                ('closing_note', models.CharField(blank=True, max_length=800, verbose_name='closing note')),
                ('struck_at', models.DateTimeField(null=True)),
                ('struck_reason', models.CharField(blank=True, max_length=400)),
            ],
            options={
                'verbose_name': 'case of a new malignancy',
                'verbose_name_plural': 'cases of a new malignancy',
            },
        ),
        migrations.AddField(
            model_name='visit',
            name='cd4_per_ul',
            field=models.FloatField(blank=True, null=True, verbose_name='CD4+ T cells'),
        ),
        migrations.AddField(
            model_name='visit',
            name='ever_replaced',
            field=models.BooleanField(blank=True, null=True, verbose_name='immunoglobulin ever given'),
        ),
        migrations.AddField(
            model_name='visit',
            name='findings',
            field=models.JSONField(blank=True, default=dict, verbose_name='further findings'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(('ever_replaced__isnull', True), ('ever_replaced', True), ('last_immunoglobulin_on__isnull', True), _connector='OR'), name='visit_never_replaced_has_no_day', violation_error_message='Immunoglobulin was never given, so it has no day.'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(('cd4_per_ul__isnull', True), ('cd4_per_ul__range', (0, 50000)), _connector='OR'), name='visit_cd4_possible'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(models.Func(models.F('findings'), function='jsonb_typeof', output_field=models.CharField()), models.Value('object')), name='visit_findings_are_an_object'),
        ),
        migrations.AddField(
            model_name='addedfindings',
            name='visit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='additions', to='followup.visit'),
        ),
        migrations.AddField(
            model_name='infection',
            name='center',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.center'),
        ),
        migrations.AddField(
            model_name='infection',
            name='journey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='infections', to='patients.journey'),
        ),
        migrations.AddField(
            model_name='malignancycase',
            name='center',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.center'),
        ),
        migrations.AddField(
            model_name='malignancycase',
            name='journey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='malignancy_cases', to='patients.journey'),
        ),
        migrations.AddField(
            model_name='casestep',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='followup.malignancycase'),
        ),
        migrations.AddConstraint(
            model_name='addedfindings',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.Exact(models.Func(models.F('filled'), function='jsonb_typeof', output_field=models.CharField()), models.Value('array')), models.Q(('filled', []), _negated=True)), name='added_findings_not_empty', violation_error_message='Nothing was added.'),
        ),
        migrations.AddIndex(
            model_name='infection',
            index=models.Index(fields=['journey', 'began_on'], name='infection_journey_idx'),
        ),
        migrations.AddConstraint(
            model_name='infection',
            constraint=models.CheckConstraint(condition=models.Q(('kind', ''), ('kind__in', ['bacterial', 'viral', 'fungal', 'parasitic', 'no_germ']), _connector='OR'), name='infection_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='infection',
            constraint=models.CheckConstraint(condition=models.Q(('site', ''), ('site__in', ['bloodstream', 'lung', 'upper_airway', 'gut', 'urinary', 'skin', 'nervous_system', 'liver', 'other']), _connector='OR'), name='infection_site_known'),
        ),
        migrations.AddConstraint(
            model_name='infection',
            constraint=models.CheckConstraint(condition=models.Q(('severity', ''), ('severity__in', ['mild', 'moderate', 'severe', 'life_threatening']), _connector='OR'), name='infection_severity_known'),
        ),
        migrations.AddConstraint(
            model_name='infection',
            constraint=models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('began_on')), _connector='OR'), name='infection_ends_after_it_began', violation_error_message="An infection can't end before it began."),
        ),
        migrations.AddIndex(
            model_name='malignancycase',
            index=models.Index(condition=models.Q(('closed_at__isnull', True), ('struck_at__isnull', True)), fields=['center', 'suspected_on'], name='malignancy_case_open_idx'),
        ),
        migrations.AddConstraint(
            model_name='malignancycase',
            constraint=models.UniqueConstraint(fields=('journey', 'number'), name='malignancy_case_number_once'),
        ),
        migrations.AddConstraint(
            model_name='malignancycase',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['t_cell', 'myeloid', 'b_cell_other', 'solid', 'other'])), name='malignancy_case_kind_known', violation_error_message='Not one of the known values of kind.'),
        ),
        migrations.AddConstraint(
            model_name='malignancycase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('outcome', '')), models.Q(('closed_at__isnull', False), ('outcome__in', ['excluded', 'confirmed', 'car_positive', 'not_tested'])), _connector='OR'), name='malignancy_case_closed_with_outcome', violation_error_message='A closed case has an outcome, an open one has none.'),
        ),
        migrations.AddConstraint(
            model_name='casestep',
            constraint=models.UniqueConstraint(fields=('case', 'step'), name='case_step_once'),
        ),
        migrations.AddConstraint(
            model_name='casestep',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['manufacturer_notified', 'kit_requested', 'kit_received', 'sample_sent', 'transgene_result', 'regulator_informed', 'registry_entered'])), name='case_step_known', violation_error_message='Not one of the known values of step.'),
        ),
        migrations.AddConstraint(
            model_name='casestep',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['done', 'not_needed'])), name='case_step_state_known', violation_error_message='Not one of the known values of state.'),
        ),
        migrations.AddConstraint(
            model_name='casestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'not_needed'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='case_step_not_needed_for_a_reason', violation_error_message="Say why the step isn't needed."),
        ),
        migrations.AddConstraint(
            model_name='casestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), ('step', 'transgene_result'), _negated=True), ('result__in', ['negative', 'positive', 'inconclusive']), _connector='OR'), name='case_step_transgene_has_result', violation_error_message='Give the result of the transgene test.'),
        ),
    ]
