import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_ward_roles"),
        ("patients", "0006_growing_up"),
        ("toxicity", "0007_alerts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Episode",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "scale",
                    models.CharField(
                        choices=[("crs", "CRS"), ("icans", "ICANS")], max_length=5, verbose_name="scale"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("onset_at", models.DateTimeField(verbose_name="onset")),
                ("onset_grade", models.PositiveSmallIntegerField(verbose_name="grade at onset")),
                ("peak_at", models.DateTimeField(verbose_name="peak")),
                ("peak_grade", models.PositiveSmallIntegerField(verbose_name="highest grade")),
                ("peak_at_least", models.BooleanField(default=False, verbose_name="at least")),
                ("last_sign_at", models.DateTimeField(verbose_name="last sign")),
                ("resolved_at", models.DateTimeField(null=True, verbose_name="resolved")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="resolution shown")),
                ("event_id", models.BigIntegerField(unique=True)),
                ("resolved_event_id", models.BigIntegerField(null=True, unique=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
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
                        related_name="episodes",
                        to="patients.journey",
                    ),
                ),
                (
                    "previous",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recurrences",
                        to="toxicity.episode",
                    ),
                ),
            ],
            options={
                "verbose_name": "episode",
                "verbose_name_plural": "episodes",
                "indexes": [models.Index(fields=["journey", "scale", "number"], name="episode_order_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scale__in", ["crs", "icans"])),
                        name="episode_scale_known",
                        violation_error_message="Not one of the known values of scale.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("journey", "scale", "number"),
                        name="episode_once",
                        violation_error_message="There is such an episode already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("onset_grade__range", (1, 5)),
                            ("peak_grade__range", (1, 5)),
                            ("peak_grade__gte", models.F("onset_grade")),
                        ),
                        name="episode_grades_possible",
                        violation_error_message="A grade of an episode lies between 1 and 5.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("peak_at__gte", models.F("onset_at")), ("last_sign_at__gte", models.F("peak_at"))
                        ),
                        name="episode_times_in_order",
                        violation_error_message="An episode has its peak between its onset and its last sign.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("resolved_at__isnull", True),
                                ("resolved_event_id__isnull", True),
                                ("settled_at__isnull", True),
                            ),
                            models.Q(
                                ("resolved_at__gte", models.F("last_sign_at")),
                                ("resolved_event_id__isnull", False),
                                ("settled_at__gte", models.F("resolved_at")),
                            ),
                            _connector="OR",
                        ),
                        name="episode_resolved_after_last_sign",
                        violation_error_message="An episode resolves after its last sign.",
                    ),
                ],
            },
        ),
    ]
