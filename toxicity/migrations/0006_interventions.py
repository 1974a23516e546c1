import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_ward_roles"),
        ("patients", "0006_growing_up"),
        ("toxicity", "0005_laboratory"),
    ]

    operations = [
        migrations.CreateModel(
            name="DosingWeight",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "weight_kg",
                    models.DecimalField(decimal_places=2, max_digits=5, verbose_name="dosing weight"),
                ),
                ("set_at", models.DateTimeField(verbose_name="set")),
                ("measured_on", models.DateField(blank=True, null=True, verbose_name="measured")),
                ("reason", models.CharField(blank=True, max_length=400, verbose_name="reason")),
                ("set_by", models.CharField(max_length=120)),
                ("event_id", models.BigIntegerField(unique=True)),
                ("struck_at", models.DateTimeField(null=True)),
                ("struck_reason", models.CharField(blank=True, max_length=400)),
                (
                    "center",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.center"
                    ),
                ),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dosing_weights",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "dosing weight",
                "verbose_name_plural": "dosing weights",
            },
        ),
        migrations.RemoveConstraint(
            model_name="intervention",
            name="intervention_agent_known",
        ),
        migrations.AddField(
            model_name="intervention",
            name="device",
            field=models.CharField(blank=True, max_length=30, verbose_name="oxygen device"),
        ),
        migrations.AddField(
            model_name="intervention",
            name="drug",
            field=models.CharField(blank=True, max_length=60, verbose_name="drug"),
        ),
        migrations.AddField(
            model_name="intervention",
            name="every_hours",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="every"),
        ),
        migrations.AddField(
            model_name="intervention",
            name="fio2_percent",
            field=models.DecimalField(
                blank=True, decimal_places=1, max_digits=4, null=True, verbose_name="FiO₂"
            ),
        ),
        migrations.AddField(
            model_name="intervention",
            name="rate",
            field=models.DecimalField(
                blank=True, decimal_places=4, max_digits=9, null=True, verbose_name="rate"
            ),
        ),
        migrations.AddField(
            model_name="intervention",
            name="rate_unit",
            field=models.CharField(
                blank=True,
                choices=[
                    ("ug/kg/min", "µg/kg/min"),
                    ("mU/kg/min", "mU/kg/min"),
                    ("ng/kg/min", "ng/kg/min"),
                    ("L/min", "L/min"),
                ],
                max_length=12,
                verbose_name="unit of the rate",
            ),
        ),
        migrations.AddField(
            model_name="intervention",
            name="route",
            field=models.CharField(
                blank=True,
                choices=[
                    ("iv", "intravenous"),
                    ("sc", "subcutaneous"),
                    ("oral", "by mouth or tube"),
                    ("rectal", "rectal"),
                    ("intrathecal", "intrathecal"),
                ],
                max_length=20,
                verbose_name="route",
            ),
        ),
        migrations.AddField(
            model_name="intervention",
            name="stop_event_id",
            field=models.BigIntegerField(null=True, unique=True),
        ),
        migrations.AddField(
            model_name="intervention",
            name="stopped_by",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="intervention",
            name="struck_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="intervention",
            name="struck_reason",
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.AddField(
            model_name="intervention",
            name="volume_ml",
            field=models.DecimalField(
                blank=True, decimal_places=1, max_digits=7, null=True, verbose_name="volume"
            ),
        ),
        migrations.AddField(
            model_name="intervention",
            name="weight_from",
            field=models.CharField(blank=True, max_length=20, verbose_name="origin of the weight"),
        ),
        migrations.AlterField(
            model_name="intervention",
            name="agent",
            field=models.CharField(
                choices=[
                    ("antipyretic", "Antipyretic"),
                    ("tocilizumab", "Tocilizumab"),
                    ("siltuximab", "Siltuximab"),
                    ("anakinra", "Anakinra"),
                    ("dexamethasone", "Dexamethasone"),
                    ("methylprednisolone", "Methylprednisolone"),
                    ("other_steroid", "Other corticosteroid"),
                    ("other_anti_cytokine", "Other anti-cytokine drug"),
                    ("fluid_bolus", "Fluid bolus"),
                    ("vasopressor", "Vasopressor"),
                    ("oxygen", "Oxygen"),
                    ("levetiracetam", "Levetiracetam"),
                    ("antimicrobial", "Antimicrobial"),
                    ("other", "Other intervention"),
                ],
                max_length=20,
                verbose_name="agent",
            ),
        ),
        migrations.AddConstraint(
            model_name="intervention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "agent__in",
                        [
                            "antipyretic",
                            "tocilizumab",
                            "siltuximab",
                            "anakinra",
                            "dexamethasone",
                            "methylprednisolone",
                            "other_steroid",
                            "other_anti_cytokine",
                            "fluid_bolus",
                            "vasopressor",
                            "oxygen",
                            "levetiracetam",
                            "antimicrobial",
                            "other",
                        ],
                    )
                ),
                name="intervention_agent_known",
                violation_error_message="Not one of the known values of agent.",
            ),
        ),
        migrations.AddConstraint(
            model_name="intervention",
            constraint=models.CheckConstraint(
                condition=models.Q(("route__in", ["", "iv", "sc", "oral", "rectal", "intrathecal"])),
                name="intervention_route_known",
                violation_error_message="Not one of the known values.",
            ),
        ),
        migrations.AddConstraint(
            model_name="intervention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "device__in",
                        [
                            "",
                            "none",
                            "nasal_cannula",
                            "high_flow_nasal_cannula",
                            "blow_by",
                            "face_mask",
                            "non_rebreather",
                            "venturi",
                            "cpap",
                            "bipap",
                            "mechanical_ventilation",
                        ],
                    )
                ),
                name="intervention_device_known",
                violation_error_message="Not one of the known values.",
            ),
        ),
        migrations.AddConstraint(
            model_name="intervention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rate__isnull", True), ("rate_unit", "")),
                    models.Q(
                        ("rate__gt", 0),
                        ("rate__isnull", False),
                        ("rate_unit__in", ["ug/kg/min", "mU/kg/min", "ng/kg/min", "L/min"]),
                    ),
                    _connector="OR",
                ),
                name="intervention_rate_has_its_unit",
                violation_error_message="A rate needs its unit.",
            ),
        ),
        migrations.AddConstraint(
            model_name="intervention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fio2_percent__isnull", True), ("fio2_percent__range", (21, 100)), _connector="OR"
                ),
                name="intervention_fio2_possible",
                violation_error_message="FiO₂ lies between 21 % and 100 %.",
            ),
        ),
        migrations.AddConstraint(
            model_name="intervention",
            constraint=models.CheckConstraint(
                condition=models.Q(("dose_mg__isnull", True), ("dose_mg__gt", 0), _connector="OR"),
                name="intervention_dose_mg_above_zero",
                violation_error_message="Must be more than zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="intervention",
            constraint=models.CheckConstraint(
                condition=models.Q(("volume_ml__isnull", True), ("volume_ml__gt", 0), _connector="OR"),
                name="intervention_volume_ml_above_zero",
                violation_error_message="Must be more than zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="intervention",
            constraint=models.CheckConstraint(
                condition=models.Q(("every_hours__isnull", True), ("every_hours__gt", 0), _connector="OR"),
                name="intervention_every_hours_above_zero",
                violation_error_message="Must be more than zero.",
            ),
        ),
        migrations.AddIndex(
            model_name="dosingweight",
            index=models.Index(fields=["journey", "-set_at"], name="dosing_weight_latest_idx"),
        ),
        migrations.AddConstraint(
            model_name="dosingweight",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight_kg__gte", 1), ("weight_kg__lte", 300)),
                name="dosing_weight_possible",
                violation_error_message="A dosing weight lies between 1 and 300 kg.",
            ),
        ),
    ]
