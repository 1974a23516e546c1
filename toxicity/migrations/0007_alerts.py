import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_ward_roles"),
        ("patients", "0001_initial"),
        ("toxicity", "0006_interventions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("case", models.CharField(max_length=80)),
                ("rule", models.CharField(max_length=60, verbose_name="rule")),
                (
                    "urgency",
                    models.CharField(
                        choices=[("emergency", "Emergency"), ("urgent", "Urgent"), ("notice", "Notice")],
                        max_length=12,
                        verbose_name="urgency",
                    ),
                ),
                ("degree", models.FloatField()),
                ("because", models.JSONField()),
                ("evidence", models.CharField(max_length=64)),
                ("evidence_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField(verbose_name="raised")),
                ("event_id", models.BigIntegerField(unique=True)),
                ("acknowledged_at", models.DateTimeField(null=True, verbose_name="acknowledged")),
                (
                    "acknowledged_by",
                    models.CharField(blank=True, max_length=120, verbose_name="acknowledged by"),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("with_the_child", "I am with the child"),
                            ("help_called", "Senior or intensive care called"),
                            ("treated", "Treatment started"),
                            ("watched", "Seen; watched more closely"),
                            ("explained", "Has another cause"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                        verbose_name="answer",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("cleared_at", models.DateTimeField(null=True, verbose_name="cleared")),
                (
                    "cleared_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("eased", "The sign is gone"),
                            ("worse", "A worse state raised it anew"),
                            ("entered_in_error", "What raised it was entered in error"),
                            ("monitoring_ended", "Acute monitoring ended"),
                        ],
                        max_length=20,
                    ),
                ),
                ("eased_at", models.DateTimeField(null=True)),
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
                        related_name="alerts",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "indexes": [
                    models.Index(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=["journey"],
                        name="alert_standing_idx",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("urgency__in", ["emergency", "urgent", "notice"])),
                        name="alert_urgency_known",
                        violation_error_message="Not one of the known values of urgency.",
                    ),
                    models.UniqueConstraint(fields=("journey", "case"), name="alert_case_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=("journey", "rule"),
                        name="alert_stands_once",
                        violation_error_message="This alert stands already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("acknowledged_at__isnull", True), ("acknowledged_by", ""), ("answer", "")
                            ),
                            models.Q(
                                ("acknowledged_at__isnull", False),
                                (
                                    "answer__in",
                                    [
                                        "with_the_child",
                                        "help_called",
                                        "treated",
                                        "watched",
                                        "explained",
                                        "other",
                                    ],
                                ),
                                models.Q(("acknowledged_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="alert_acknowledged_whole",
                        violation_error_message="An acknowledgement has a name, a time and an answer.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cleared_at__isnull", True), ("cleared_because", "")),
                            models.Q(
                                ("cleared_at__isnull", False),
                                (
                                    "cleared_because__in",
                                    ["eased", "worse", "entered_in_error", "monitoring_ended"],
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="alert_cleared_whole",
                        violation_error_message="An alert that is cleared says why.",
                    ),
                ],
            },
        ),
    ]
