
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_ward_roles'),
        ('patients', '0006_growing_up'),
        ('toxicity', '0004_checks'),
    ]

    operations = [
        migrations.CreateModel(
            name='HyperinflammationReview',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('considered_at', models.DateTimeField(verbose_name='considered')),
                ('decision', models.CharField(choices=[('present', 'IEC-HS'), ('watch', 'Possible: watch and repeat'), ('absent', 'Not IEC-HS')], max_length=10, verbose_name='decision')),
                ('grade', models.PositiveSmallIntegerField(null=True, verbose_name='grade')),
                ('answer', models.JSONField()),
                ('note', models.CharField(blank=True, max_length=400, verbose_name='note')),
                ('considered_by', models.CharField(max_length=120, verbose_name='considered by')),
                ('event_id', models.BigIntegerField(unique=True)),
                ('struck_at', models.DateTimeField(null=True)),
                ('struck_reason', models.CharField(blank=True, max_length=400)),
            ],
            options={
                'verbose_name': 'review of hyperinflammation',
                'verbose_name_plural': 'reviews of hyperinflammation',
            },
        ),
        migrations.CreateModel(
            name='LabSet',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('taken_at', models.DateTimeField(verbose_name='taken')),
                ('source', models.CharField(choices=[('typed', 'Typed'), ('pasted', 'Pasted from a table'), ('csv', 'CSV file'), ('hl7', 'HL7 message'), ('api', 'Interface')], max_length=10, verbose_name='source')),
                ('order', models.CharField(blank=True, max_length=60, verbose_name='laboratory number')),
                ('note', models.CharField(blank=True, max_length=400, verbose_name='note')),
                ('recorded_by', models.CharField(max_length=120, verbose_name='recorded by')),
                ('event_id', models.BigIntegerField(unique=True)),
                ('struck_at', models.DateTimeField(null=True)),
                ('struck_reason', models.CharField(blank=True, max_length=400)),
            ],
            options={
                'verbose_name': 'laboratory set',
                'verbose_name_plural': 'laboratory sets',
            },
        ),
        migrations.CreateModel(
            name='LabValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('taken_at', models.DateTimeField()),
                ('analyte', models.CharField(choices=[('anc', 'Neutrophils'), ('wbc', 'White blood cells'), ('lymphocytes', 'Lymphocytes'), ('hemoglobin', 'Hemoglobin'), ('platelets', 'Platelets'), ('ferritin', 'Ferritin'), ('crp', 'CRP'), ('procalcitonin', 'Procalcitonin'), ('il6', 'Interleukin 6'), ('sil2r', 'Soluble IL-2 receptor (sCD25)'), ('triglycerides', 'Triglycerides'), ('ldh', 'LDH'), ('alt', 'ALT'), ('ast', 'AST'), ('bilirubin', 'Bilirubin, total'), ('bilirubin_direct', 'Bilirubin, direct'), ('albumin', 'Albumin'), ('fibrinogen', 'Fibrinogen'), ('inr', 'INR'), ('pt', 'Prothrombin time'), ('aptt', 'aPTT'), ('d_dimer', 'D-dimer (FEU)'), ('creatinine', 'Creatinine'), ('urea', 'Urea'), ('uric_acid', 'Uric acid'), ('sodium', 'Sodium'), ('potassium', 'Potassium'), ('calcium', 'Calcium'), ('magnesium', 'Magnesium'), ('phosphate', 'Phosphate'), ('lactate', 'Lactate')], max_length=30, verbose_name='analyte')),
                ('value', models.DecimalField(decimal_places=4, max_digits=14, verbose_name='value')),
                ('comparator', models.CharField(blank=True, choices=[('', 'exact'), ('<', 'below'), ('>', 'above')], max_length=1)),
                ('low', models.DecimalField(decimal_places=4, max_digits=14, null=True, verbose_name='lower limit')),
                ('high', models.DecimalField(decimal_places=4, max_digits=14, null=True, verbose_name='upper limit')),
                ('given', models.CharField(max_length=40)),
                ('given_unit', models.CharField(max_length=20)),
                ('struck', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'laboratory value',
                'verbose_name_plural': 'laboratory values',
            },
        ),
        migrations.AddField(
            model_name='hyperinflammationreview',
            name='center',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.center'),
        ),
        migrations.AddField(
            model_name='hyperinflammationreview',
            name='journey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hyperinflammation_reviews', to='patients.journey'),
        ),
        migrations.AddField(
            model_name='labset',
            name='center',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.center'),
        ),
        migrations.AddField(
            model_name='labset',
            name='journey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lab_sets', to='patients.journey'),
        ),
        migrations.AddField(
            model_name='labvalue',
            name='journey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.journey'),
        ),
        migrations.AddField(
            model_name='labvalue',
            name='lab_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='values', to='toxicity.labset'),
        ),
        migrations.AddIndex(
            model_name='hyperinflammationreview',
            index=models.Index(fields=['journey', '-considered_at'], name='hyperinflammation_latest_idx'),
        ),
        migrations.AddConstraint(
            model_name='hyperinflammationreview',
            constraint=models.CheckConstraint(condition=models.Q(('decision__in', ['present', 'watch', 'absent'])), name='hyperinflammation_decision_known', violation_error_message='Not one of the known values of decision.'),
        ),
        migrations.AddConstraint(
            model_name='hyperinflammationreview',
            constraint=models.CheckConstraint(condition=models.Q(('grade__isnull', True), models.Q(('decision', 'present'), ('grade__range', (1, 5))), _connector='OR'), name='hyperinflammation_grade_possible', violation_error_message='Only IEC-HS that is present has a grade, from 1 to 5.'),
        ),
        migrations.AddIndex(
            model_name='labset',
            index=models.Index(fields=['journey', '-taken_at'], name='lab_set_latest_idx'),
        ),
        migrations.AddConstraint(
            model_name='labset',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['typed', 'pasted', 'csv', 'hl7', 'api'])), name='lab_set_source_known', violation_error_message='Not one of the known values of source.'),
        ),
        migrations.AddIndex(
            model_name='labvalue',
            index=models.Index(fields=['journey', 'taken_at'], name='lab_value_order_idx'),
        ),
        migrations.AddConstraint(
            model_name='labvalue',
            constraint=models.CheckConstraint(condition=models.Q(('analyte__in', ['anc', 'wbc', 'lymphocytes', 'hemoglobin', 'platelets', 'ferritin', 'crp', 'procalcitonin', 'il6', 'sil2r', 'triglycerides', 'ldh', 'alt', 'ast', 'bilirubin', 'bilirubin_direct', 'albumin', 'fibrinogen', 'inr', 'pt', 'aptt', 'd_dimer', 'creatinine', 'urea', 'uric_acid', 'sodium', 'potassium', 'calcium', 'magnesium', 'phosphate', 'lactate'])), name='lab_value_analyte_known', violation_error_message='Not one of the known values of analyte.'),
        ),
        migrations.AddConstraint(
            model_name='labvalue',
            constraint=models.CheckConstraint(condition=models.Q(('comparator__in', ['', '<', '>'])), name='lab_value_comparator_known', violation_error_message='Not one of the known values of comparator.'),
        ),
        migrations.AddConstraint(
            model_name='labvalue',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='lab_value_not_negative', violation_error_message="A value can't be below zero."),
        ),
        migrations.AddConstraint(
            model_name='labvalue',
            constraint=models.UniqueConstraint(condition=models.Q(('struck', False)), fields=('journey', 'analyte', 'taken_at'), name='lab_value_once', violation_error_message='There is a value of this specimen already.'),
        ),
    ]
