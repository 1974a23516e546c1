"""Guardians, changed names, withdrawn consents."""

from typing import ClassVar

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    """Guardians, changed names, withdrawn consents."""

    dependencies: ClassVar = [("patients", "0005_protocol_version")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="FormerName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("family_name", models.CharField(max_length=120, verbose_name="family name")),
                ("given_name", models.CharField(max_length=120, verbose_name="given name")),
                ("until_on", models.DateField(verbose_name="until")),
                ("was_wrong", models.BooleanField(default=False, verbose_name="was misspelled")),
                (
                    "search_text",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Upper(
                            django.db.models.functions.text.Concat(
                                "family_name", models.Value(" "), "given_name"
                            )
                        ),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "former name",
                "verbose_name_plural": "former names",
            },
        ),
        migrations.CreateModel(
            name="Guardian",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("mother", "Mother"),
                            ("father", "Father"),
                            ("relative", "Another relative"),
                            ("appointed", "Guardian appointed by a court"),
                            ("institution", "Institution"),
                        ],
                        max_length=20,
                        verbose_name="relation",
                    ),
                ),
                ("has_custody", models.BooleanField(null=True, verbose_name="has custody")),
                ("from_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until")),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
            ],
            options={
                "verbose_name": "guardian",
                "verbose_name_plural": "guardians",
            },
        ),
        migrations.CreateModel(
            name="HomeHospital",
            fields=[
                (
                    "patient",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="home_hospital",
                        serialize=False,
                        to="patients.patient",
                    ),
                ),
                ("name", models.CharField(max_length=160, verbose_name="hospital")),
                ("physician", models.CharField(blank=True, max_length=120, verbose_name="physician")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                ("fax", models.CharField(blank=True, max_length=40, verbose_name="fax")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                ("does_blood_tests", models.BooleanField(default=False, verbose_name="takes blood tests")),
                (
                    "gives_immunoglobulin",
                    models.BooleanField(default=False, verbose_name="gives immunoglobulin"),
                ),
                ("gives_vaccines", models.BooleanField(default=False, verbose_name="gives vaccines")),
                (
                    "other_tasks",
                    models.CharField(blank=True, max_length=400, verbose_name="what else it does"),
                ),
            ],
            options={
                "verbose_name": "home hospital",
                "verbose_name_plural": "home hospitals",
            },
        ),
        migrations.AddField(
            model_name="consent",
            name="withdrawn_on",
            field=models.DateField(blank=True, null=True, verbose_name="withdrawn"),
        ),
        migrations.AddField(
            model_name="consent",
            name="withdrawn_reason",
            field=models.CharField(blank=True, max_length=400, verbose_name="reason of the withdrawal"),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_on__isnull", True), ("withdrawn_reason", "")),
                    models.Q(
                        ("withdrawn_on__gte", models.F("signed_on")),
                        models.Q(("withdrawn_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="consent_withdrawn_with_reason",
                violation_error_message="A withdrawal has a day after the signature, and a reason.",
            ),
        ),
        migrations.AddField(
            model_name="formername",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="former_names",
                to="patients.patient",
            ),
        ),
        migrations.AddField(
            model_name="guardian",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="guardians", to="patients.patient"
            ),
        ),
        migrations.AddConstraint(
            model_name="homehospital",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True),
                name="home_hospital_named",
                violation_error_message="Name the hospital.",
            ),
        ),
        migrations.AddIndex(
            model_name="formername",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("search_text", name="gin_trgm_ops"),
                name="former_name_search_trgm",
            ),
        ),
        migrations.AddConstraint(
            model_name="formername",
            constraint=models.UniqueConstraint(
                fields=("patient", "family_name", "given_name"), name="former_name_once_per_patient"
            ),
        ),
        migrations.AddConstraint(
            model_name="guardian",
            constraint=models.UniqueConstraint(
                models.F("patient"),
                django.db.models.functions.text.Lower("name"),
                name="guardian_name_once_per_patient",
                violation_error_message="This guardian is already recorded.",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardian",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("relation__in", ["mother", "father", "relative", "appointed", "institution"])
                ),
                name="guardian_relation_known",
                violation_error_message="Not one of the known values of relation.",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardian",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("from_on__isnull", True),
                    ("until_on__isnull", True),
                    ("until_on__gte", models.F("from_on")),
                    _connector="OR",
                ),
                name="guardian_until_after_from",
                violation_error_message="The last day can't lie before the first.",
            ),
        ),
    ]
