import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_ward_roles"),
        ("patients", "0006_growing_up"),
        ("toxicity", "0003_observations"),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckPlan",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("check_kind", models.CharField(max_length=12, verbose_name="check")),
                ("every_minutes", models.PositiveIntegerField(verbose_name="every")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("because", models.JSONField(default=list)),
                ("rule", models.CharField(blank=True, max_length=80)),
                ("done_at", models.DateTimeField(null=True, verbose_name="last done")),
                ("planned_at", models.DateTimeField(verbose_name="planned")),
                ("event_id", models.BigIntegerField(unique=True)),
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
                        related_name="check_plans",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "planned check",
                "verbose_name_plural": "planned checks",
                "constraints": [
                    models.UniqueConstraint(fields=("journey", "check_kind"), name="check_plan_once"),
                    models.CheckConstraint(
                        condition=models.Q(("check_kind__in", ("vitals", "neuro", "laboratory", "weight"))),
                        name="check_plan_kind_known",
                        violation_error_message="Not one of the checks.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CheckSetting",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("check_kind", models.CharField(max_length=12, verbose_name="check")),
                ("every_minutes", models.PositiveIntegerField(verbose_name="every")),
                ("overrules", models.JSONField(default=list)),
                ("reason", models.CharField(max_length=400, verbose_name="reason")),
                ("set_by", models.CharField(max_length=120, verbose_name="set by")),
                ("set_at", models.DateTimeField(verbose_name="set")),
                ("ended_at", models.DateTimeField(null=True)),
                ("event_id", models.BigIntegerField(unique=True)),
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
                        related_name="check_settings",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "interval of a check",
                "verbose_name_plural": "intervals of checks",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("journey", "check_kind"),
                        name="check_setting_once",
                        violation_error_message="This check has an interval of its own already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("check_kind__in", ("vitals", "neuro", "laboratory", "weight"))),
                        name="check_setting_kind_known",
                        violation_error_message="Not one of the checks.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="check_setting_has_a_reason",
                        violation_error_message="Say why.",
                    ),
                ],
            },
        ),
    ]
