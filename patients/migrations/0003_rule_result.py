"""Stored results of rules, kept from the `computed` records of the ledger."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("patients", "0002_stage_guard"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleResult",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("event_id", models.BigIntegerField()),
                ("position", models.PositiveSmallIntegerField()),
                ("rule", models.CharField(max_length=60, verbose_name="rule")),
                ("rule_version", models.CharField(max_length=80, verbose_name="version of the rule")),
                ("software", models.CharField(max_length=40, verbose_name="version of CARTPath")),
                ("protocol_id", models.CharField(blank=True, max_length=60, verbose_name="protocol")),
                (
                    "protocol_version",
                    models.CharField(blank=True, max_length=40, verbose_name="protocol version"),
                ),
                ("rows", models.JSONField(default=list)),
                ("inputs", models.JSONField(default=dict)),
                ("value", models.TextField(null=True, verbose_name="computed value")),
                ("unit", models.CharField(blank=True, max_length=40, verbose_name="unit")),
                ("result", models.JSONField(default=dict)),
                ("source", models.TextField(blank=True, verbose_name="source")),
                ("explanation", models.JSONField(default=list)),
                ("missing", models.JSONField(default=list)),
                ("flags", models.JSONField(default=list)),
                ("computed_at", models.DateTimeField(verbose_name="computed")),
                ("computed_by", models.CharField(max_length=120, verbose_name="recorded by")),
                ("confirmed", models.TextField(null=True, verbose_name="confirmed value")),
                ("confirmed_by", models.CharField(blank=True, max_length=120, verbose_name="confirmed by")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed")),
                ("reason", models.TextField(blank=True, verbose_name="why they differ")),
                ("struck_at", models.DateTimeField(null=True)),
                ("struck_by", models.CharField(blank=True, max_length=120)),
                ("struck_reason", models.TextField(blank=True)),
                (
                    "center",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.center"
                    ),
                ),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rule_results",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "result of a rule",
                "verbose_name_plural": "results of rules",
                "indexes": [
                    models.Index(fields=["journey", "rule", "-computed_at"], name="rule_result_latest_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("event_id", "position"), name="rule_result_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed__isnull", True),
                            models.Q(("confirmed", models.F("value")), ("value__isnull", False)),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="rule_result_difference_reasoned",
                        violation_error_message="A confirmed value that differs from the computed one needs a reason.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed__isnull", True),
                            models.Q(
                                ("confirmed_at__isnull", False), models.Q(("confirmed_by", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="rule_result_confirmed_by_somebody",
                        violation_error_message="A confirmed value names who confirmed it and when.",
                    ),
                ],
            },
        ),
    ]
