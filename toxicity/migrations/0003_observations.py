import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_ward_roles"),
        ("patients", "0006_growing_up"),
        ("toxicity", "0002_capd_wording"),
    ]

    operations = [
        migrations.CreateModel(
            name="ObservationSet",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observation_sets",
                        to="patients.journey",
                    ),
                ),
                (
                    "center",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.center"
                    ),
                ),
                ("observed_at", models.DateTimeField(verbose_name="observed")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                ("recorded_by", models.CharField(max_length=120, verbose_name="recorded by")),
                ("circumstances", models.JSONField(blank=True, default=dict)),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("completes_vitals", models.BooleanField(verbose_name="complete vital signs")),
                ("completes_neuro", models.BooleanField(verbose_name="complete neurological check")),
                ("completes_weight", models.BooleanField(verbose_name="weighed")),
                (
                    "assessment",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observation_set",
                        to="toxicity.assessment",
                    ),
                ),
                ("ungraded", models.JSONField(blank=True, default=dict)),
                (
                    "measurement",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="observation_set",
                        to="patients.measurement",
                    ),
                ),
                ("event_id", models.BigIntegerField(unique=True)),
                ("struck_at", models.DateTimeField(null=True)),
                ("struck_by", models.CharField(blank=True, max_length=120)),
                ("struck_reason", models.CharField(blank=True, max_length=400)),
            ],
            options={
                "verbose_name": "set of observations",
                "verbose_name_plural": "sets of observations",
                "indexes": [
                    models.Index(fields=["journey", "-observed_at"], name="observation_set_latest_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("struck_at__isnull", True), ("struck_by", ""), ("struck_reason", "")),
                            models.Q(
                                ("struck_at__isnull", False),
                                models.Q(("struck_by", ""), _negated=True),
                                models.Q(("struck_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="observation_set_struck_whole",
                        violation_error_message="A strike names who and why.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Observation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "observation_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="toxicity.observationset",
                    ),
                ),
                ("code", models.CharField(max_length=20, verbose_name="observation")),
                (
                    "value",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="value"
                    ),
                ),
                ("word", models.CharField(blank=True, max_length=40, verbose_name="word")),
                ("parts", models.JSONField(blank=True, null=True, verbose_name="parts")),
                ("loinc", models.CharField(blank=True, max_length=20)),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="unit")),
                ("event_id", models.BigIntegerField()),
                ("recorded_by", models.CharField(max_length=120, verbose_name="recorded by")),
                ("struck_at", models.DateTimeField(null=True)),
                ("struck_by", models.CharField(blank=True, max_length=120)),
                ("struck_reason", models.CharField(blank=True, max_length=400)),
            ],
            options={
                "verbose_name": "observation",
                "verbose_name_plural": "observations",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("struck_at__isnull", True)),
                        fields=("observation_set", "code"),
                        name="observation_once_in_a_set",
                        violation_error_message="This was observed already at that time.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "code__in",
                                [
                                    "temperature_c",
                                    "heart_rate",
                                    "systolic",
                                    "diastolic",
                                    "respiratory_rate",
                                    "spo2",
                                    "oxygen_device",
                                    "oxygen_flow",
                                    "fio2",
                                    "vasopressors",
                                    "urine_ml",
                                    "weight_kg",
                                    "ice",
                                    "capd",
                                    "consciousness",
                                    "seizure",
                                    "motor_weakness",
                                    "raised_icp",
                                    "handwriting",
                                ],
                            )
                        ),
                        name="observation_code_known",
                        violation_error_message="Not one of the known observations.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("value__isnull", False),
                            models.Q(("word", ""), _negated=True),
                            ("parts__isnull", False),
                            _connector="OR",
                        ),
                        name="observation_says_something",
                        violation_error_message="An observation has a value.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("value__isnull", True),
                            models.Q(("code", "temperature_c"), ("value__range", (25, 45))),
                            models.Q(("code", "heart_rate"), ("value__range", (20, 300))),
                            models.Q(("code", "systolic"), ("value__range", (20, 260))),
                            models.Q(("code", "diastolic"), ("value__range", (10, 200))),
                            models.Q(("code", "respiratory_rate"), ("value__range", (4, 150))),
                            models.Q(("code", "spo2"), ("value__range", (30, 100))),
                            models.Q(("code", "oxygen_flow"), ("value__range", (0.1, 80))),
                            models.Q(("code", "fio2"), ("value__range", (21, 100))),
                            models.Q(("code", "urine_ml"), ("value__range", (0, 5000))),
                            models.Q(("code", "weight_kg"), ("value__range", (0.3, 300))),
                            models.Q(("code", "ice"), ("value__range", (0, 10))),
                            models.Q(("code", "capd"), ("value__range", (0, 32))),
                            _connector="OR",
                        ),
                        name="observation_value_possible",
                        violation_error_message="This value is not possible.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("struck_at__isnull", True), ("struck_by", ""), ("struck_reason", "")),
                            models.Q(
                                ("struck_at__isnull", False),
                                models.Q(("struck_by", ""), _negated=True),
                                models.Q(("struck_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="observation_struck_whole",
                        violation_error_message="A strike names who and why.",
                    ),
                ],
            },
        ),
    ]
