"""Arranged visits; transplants and relapses know their event, and can be entered in error."""

import uuid
from typing import ClassVar, Final

import django.db.models.deletion
from django.db import migrations, models

# Of several of a kind on one day, the first row belongs to the first event.
_EVENTS_OF_ROWS: Final = """
WITH told AS (
    SELECT id, journey_id, kind, happened_on,
           row_number() OVER (PARTITION BY journey_id, kind, happened_on ORDER BY id) AS place
    FROM followup_diseaseevent
), written AS (
    SELECT id, journey_id, CASE kind WHEN 'transplanted' THEN 'transplant' ELSE 'relapse' END AS kind,
           coalesce(data ->> 'transplanted_on', data ->> 'relapsed_on')::date AS happened_on,
           row_number() OVER (
               PARTITION BY journey_id, kind, coalesce(data ->> 'transplanted_on', data ->> 'relapsed_on')
               ORDER BY id
           ) AS place
    FROM ledger_event
    WHERE kind IN ('transplanted', 'relapsed')
)
UPDATE followup_diseaseevent row
SET event_id = written.id
FROM told
JOIN written USING (journey_id, kind, happened_on, place)
WHERE row.id = told.id
"""


class Migration(migrations.Migration):
    """Arranged visits; transplants and relapses know their event, and can be entered in error."""

    dependencies: ClassVar = [
        ("followup", "0001_initial"),
        ("accounts", "0001_initial"),
        ("ledger", "0005_follow_up_kinds"),
        ("patients", "0001_initial"),
    ]
    operations: ClassVar = [
        migrations.AddField(
            model_name="diseaseevent",
            name="event_id",
            field=models.BigIntegerField(null=True, unique=True),
        ),
        migrations.AddField(
            model_name="diseaseevent",
            name="struck_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="diseaseevent",
            name="struck_reason",
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.CreateModel(
            name="ArrangedVisit",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("planned_on", models.DateField(verbose_name="day")),
                ("starts_at", models.TimeField(blank=True, null=True, verbose_name="time")),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("arranged_by", models.CharField(max_length=120, verbose_name="arranged by")),
                ("arranged_at", models.DateTimeField()),
                ("event_id", models.BigIntegerField(unique=True)),
                ("canceled_at", models.DateTimeField(null=True)),
                (
                    "canceled_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("moved", "Moved to another day"),
                            ("family", "Family's request"),
                            ("clinical", "Child not fit"),
                            ("center", "No room at the center"),
                            ("in_error", "Entered in error"),
                        ],
                        max_length=20,
                    ),
                ),
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
                        related_name="arranged_visits",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "arranged visit",
                "verbose_name_plural": "arranged visits",
            },
        ),
        migrations.CreateModel(
            name="ArrangedItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.CharField(max_length=40, verbose_name="planned visit")),
                (
                    "arranged",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="followup.arrangedvisit",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="arrangedvisit",
            index=models.Index(
                condition=models.Q(("canceled_at", None)),
                fields=["center", "planned_on"],
                name="arranged_visit_day_idx",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangedvisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("canceled_at", None), ("canceled_reason", "")),
                    models.Q(
                        ("canceled_at__isnull", False),
                        ("canceled_reason__in", ["moved", "family", "clinical", "center", "in_error"]),
                    ),
                    _connector="OR",
                ),
                name="arranged_visit_canceled_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangeditem",
            constraint=models.UniqueConstraint(fields=("arranged", "item"), name="arranged_item_once"),
        ),
        migrations.RunSQL(_EVENTS_OF_ROWS, migrations.RunSQL.noop),
    ]
