"""Samples, drugs, immunoglobulin, vaccines."""

import uuid
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Samples, drugs, immunoglobulin, vaccines; the start of conditioning before a transplant."""

    dependencies: ClassVar = [
        ("accounts", "0001_initial"),
        ("followup", "0003_findings"),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Course",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("recorded_by", models.CharField(max_length=120, verbose_name="recorded by")),
                ("event_id", models.BigIntegerField(unique=True)),
                ("struck_at", models.DateTimeField(null=True)),
                ("struck_reason", models.CharField(blank=True, max_length=400)),
                (
                    "group",
                    models.CharField(
                        choices=[
                            ("pjp", "Against Pneumocystis"),
                            ("viral", "Against herpes viruses"),
                            ("fungal", "Against fungi"),
                            ("bacterial", "Against bacteria"),
                            ("hbv", "Against hepatitis B"),
                            ("steroid", "Steroid"),
                            ("immunosuppression", "Other immunosuppression"),
                            ("anti_b_cell", "Drug against B cells"),
                            ("chemotherapy", "Chemotherapy"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="given for",
                    ),
                ),
                ("drug", models.CharField(max_length=120, verbose_name="drug")),
                ("started_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("stopped_on", models.DateField(blank=True, null=True, verbose_name="last given")),
                ("stop_reason", models.CharField(blank=True, max_length=400, verbose_name="why it ended")),
                ("stop_event_id", models.BigIntegerField(null=True, unique=True)),
            ],
            options={
                "verbose_name": "drug",
                "verbose_name_plural": "drugs",
            },
        ),
        migrations.CreateModel(
            name="ImmuneSample",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("recorded_by", models.CharField(max_length=120, verbose_name="recorded by")),
                ("event_id", models.BigIntegerField(unique=True)),
                ("struck_at", models.DateTimeField(null=True)),
                ("struck_reason", models.CharField(blank=True, max_length=400)),
                ("taken_on", models.DateField(verbose_name="taken")),
                (
                    "origin",
                    models.CharField(
                        choices=[("center", "Our center"), ("home", "Home hospital")],
                        max_length=10,
                        verbose_name="taken by",
                    ),
                ),
                ("b_cells_per_ul", models.FloatField(blank=True, null=True, verbose_name="CD19+ B cells")),
                (
                    "b_cells_percent",
                    models.FloatField(
                        blank=True, null=True, verbose_name="CD19+ B cells, share of lymphocytes"
                    ),
                ),
                ("cd3_per_ul", models.FloatField(blank=True, null=True, verbose_name="CD3+ T cells")),
                ("cd4_per_ul", models.FloatField(blank=True, null=True, verbose_name="CD4+ T cells")),
                (
                    "cd4_percent",
                    models.FloatField(
                        blank=True, null=True, verbose_name="CD4+ T cells, share of lymphocytes"
                    ),
                ),
                ("cd8_per_ul", models.FloatField(blank=True, null=True, verbose_name="CD8+ T cells")),
                ("nk_per_ul", models.FloatField(blank=True, null=True, verbose_name="NK cells")),
                ("anc_per_ul", models.FloatField(blank=True, null=True, verbose_name="neutrophils")),
                ("igg_mg_dl", models.FloatField(blank=True, null=True, verbose_name="IgG")),
                ("iga_mg_dl", models.FloatField(blank=True, null=True, verbose_name="IgA")),
                ("igm_mg_dl", models.FloatField(blank=True, null=True, verbose_name="IgM")),
                (
                    "vaccine_response",
                    models.CharField(
                        blank=True,
                        choices=[("adequate", "Adequate"), ("impaired", "Impaired")],
                        max_length=10,
                        verbose_name="response to vaccines",
                    ),
                ),
                ("list_complete", models.BooleanField(default=False, verbose_name="list complete")),
            ],
            options={
                "verbose_name": "blood sample",
                "verbose_name_plural": "blood samples",
            },
        ),
        migrations.CreateModel(
            name="Immunoglobulin",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("recorded_by", models.CharField(max_length=120, verbose_name="recorded by")),
                ("event_id", models.BigIntegerField(unique=True)),
                ("struck_at", models.DateTimeField(null=True)),
                ("struck_reason", models.CharField(blank=True, max_length=400)),
                ("given_on", models.DateField(verbose_name="given")),
                (
                    "route",
                    models.CharField(
                        choices=[("iv", "Into a vein"), ("sc", "Under the skin")],
                        max_length=4,
                        verbose_name="route",
                    ),
                ),
                ("dose_g", models.DecimalField(decimal_places=2, max_digits=6, verbose_name="dose")),
                (
                    "weight_kg",
                    models.DecimalField(decimal_places=2, max_digits=5, null=True, verbose_name="weight"),
                ),
                ("weighed_on", models.DateField(null=True, verbose_name="weighed")),
            ],
            options={
                "verbose_name": "dose of immunoglobulin",
                "verbose_name_plural": "doses of immunoglobulin",
            },
        ),
        migrations.CreateModel(
            name="Vaccination",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("recorded_by", models.CharField(max_length=120, verbose_name="recorded by")),
                ("event_id", models.BigIntegerField(unique=True)),
                ("struck_at", models.DateTimeField(null=True)),
                ("struck_reason", models.CharField(blank=True, max_length=400)),
                ("vaccine", models.CharField(max_length=40, verbose_name="vaccine")),
                ("given_on", models.DateField(verbose_name="given")),
                (
                    "dose_number",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="dose number"),
                ),
                ("lot", models.CharField(blank=True, max_length=60, verbose_name="lot")),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="where")),
                (
                    "window",
                    models.CharField(
                        choices=[("possible", "Possible"), ("not_yet", "Not yet"), ("unknown", "Unknown")],
                        max_length=10,
                        verbose_name="by the rules",
                    ),
                ),
                (
                    "override_reason",
                    models.CharField(blank=True, max_length=400, verbose_name="why all the same"),
                ),
            ],
            options={
                "verbose_name": "vaccination",
                "verbose_name_plural": "vaccinations",
            },
        ),
        migrations.AddField(
            model_name="diseaseevent",
            name="conditioning_on",
            field=models.DateField(blank=True, null=True, verbose_name="start of conditioning"),
        ),
        migrations.AddConstraint(
            model_name="diseaseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("conditioning_on__isnull", True),
                    ("conditioning_on__lte", models.F("happened_on")),
                    _connector="OR",
                ),
                name="disease_event_conditioning_first",
                violation_error_message="Conditioning comes before the transplant.",
            ),
        ),
        migrations.AddField(
            model_name="course",
            name="center",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.center"
            ),
        ),
        migrations.AddField(
            model_name="course",
            name="journey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.journey"
            ),
        ),
        migrations.AddField(
            model_name="immunesample",
            name="center",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.center"
            ),
        ),
        migrations.AddField(
            model_name="immunesample",
            name="journey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.journey"
            ),
        ),
        migrations.AddField(
            model_name="immunoglobulin",
            name="center",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.center"
            ),
        ),
        migrations.AddField(
            model_name="immunoglobulin",
            name="journey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.journey"
            ),
        ),
        migrations.AddField(
            model_name="vaccination",
            name="center",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.center"
            ),
        ),
        migrations.AddField(
            model_name="vaccination",
            name="journey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.journey"
            ),
        ),
        migrations.AddIndex(
            model_name="course",
            index=models.Index(fields=["journey", "group"], name="course_journey_idx"),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "group__in",
                        [
                            "pjp",
                            "viral",
                            "fungal",
                            "bacterial",
                            "hbv",
                            "steroid",
                            "immunosuppression",
                            "anti_b_cell",
                            "chemotherapy",
                            "other",
                        ],
                    )
                ),
                name="course_group_known",
                violation_error_message="Not one of the known values of group.",
            ),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stopped_on__isnull", True),
                    ("started_on__isnull", True),
                    ("stopped_on__gte", models.F("started_on")),
                    _connector="OR",
                ),
                name="course_ends_after_it_began",
                violation_error_message="A drug can't end before it began.",
            ),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stop_event_id__isnull", True), ("stopped_on__isnull", True)),
                    models.Q(("stop_event_id__isnull", False), ("stopped_on__isnull", False)),
                    _connector="OR",
                ),
                name="course_end_has_event",
            ),
        ),
        migrations.AddIndex(
            model_name="immunesample",
            index=models.Index(fields=["journey", "taken_on"], name="immune_sample_journey_idx"),
        ),
        migrations.AddConstraint(
            model_name="immunesample",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin__in", ["center", "home"])),
                name="immune_sample_origin_known",
                violation_error_message="Not one of the known values of origin.",
            ),
        ),
        migrations.AddConstraint(
            model_name="immunesample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("b_cells_percent__isnull", True), ("b_cells_percent__range", (0, 100)), _connector="OR"
                ),
                name="immune_sample_b_cells_possible",
                violation_error_message="A share lies between 0 and 100 %.",
            ),
        ),
        migrations.AddConstraint(
            model_name="immunesample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cd4_percent__isnull", True), ("cd4_percent__range", (0, 100)), _connector="OR"
                ),
                name="immune_sample_cd4_possible",
                violation_error_message="A share lies between 0 and 100 %.",
            ),
        ),
        migrations.AddConstraint(
            model_name="immunesample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("vaccine_response", ""),
                    ("vaccine_response__in", ["adequate", "impaired"]),
                    _connector="OR",
                ),
                name="immune_sample_response_known",
            ),
        ),
        migrations.AddIndex(
            model_name="immunoglobulin",
            index=models.Index(fields=["journey", "given_on"], name="immunoglobulin_journey_idx"),
        ),
        migrations.AddConstraint(
            model_name="immunoglobulin",
            constraint=models.CheckConstraint(
                condition=models.Q(("route__in", ["iv", "sc"])),
                name="immunoglobulin_route_known",
                violation_error_message="Not one of the known values of route.",
            ),
        ),
        migrations.AddConstraint(
            model_name="immunoglobulin",
            constraint=models.CheckConstraint(
                condition=models.Q(("dose_g__gt", 0), ("dose_g__lte", 200)),
                name="immunoglobulin_dose_possible",
                violation_error_message="Give a dose of up to 200 g.",
            ),
        ),
        migrations.AddConstraint(
            model_name="immunoglobulin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("weighed_on__isnull", True), ("weight_kg__isnull", True)),
                    models.Q(("weighed_on__isnull", False), ("weight_kg__isnull", False)),
                    _connector="OR",
                ),
                name="immunoglobulin_weight_has_day",
            ),
        ),
        migrations.AddIndex(
            model_name="vaccination",
            index=models.Index(fields=["journey", "given_on"], name="vaccination_journey_idx"),
        ),
        migrations.AddConstraint(
            model_name="vaccination",
            constraint=models.CheckConstraint(
                condition=models.Q(("window__in", ["possible", "not_yet", "unknown"])),
                name="vaccination_window_known",
                violation_error_message="Not one of the known values of window.",
            ),
        ),
        migrations.AddConstraint(
            model_name="vaccination",
            constraint=models.UniqueConstraint(
                condition=models.Q(("struck_at__isnull", True)),
                fields=("journey", "vaccine", "given_on"),
                name="vaccination_once_a_day",
                violation_error_message="This vaccine is already recorded on that day.",
            ),
        ),
    ]
