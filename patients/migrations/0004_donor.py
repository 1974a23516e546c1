"""Donors, the consent to a donation, and two more classes of treatment."""

import django.core.validators
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_rule_result"),
    ]

    operations = [
        migrations.CreateModel(
            name="Donor",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("local_id", models.CharField(max_length=40, verbose_name="donor number")),
                ("family_name", models.CharField(max_length=120, verbose_name="family name")),
                ("given_name", models.CharField(max_length=120, verbose_name="given name")),
                ("birth_date", models.DateField(verbose_name="birth date")),
                (
                    "sex",
                    models.CharField(
                        choices=[("female", "Female"), ("male", "Male"), ("unknown", "Sex unknown")],
                        max_length=10,
                        verbose_name="sex",
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("mother", "Mother"),
                            ("father", "Father"),
                            ("sibling", "Brother or sister"),
                            ("other_relative", "Another relative"),
                            ("unrelated", "Not related"),
                        ],
                        max_length=20,
                        verbose_name="relation to the child",
                    ),
                ),
                (
                    "hla_matched",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="HLA alleles matched"
                    ),
                ),
                (
                    "hla_typed",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="HLA alleles compared"
                    ),
                ),
                ("hla_note", models.CharField(blank=True, max_length=200, verbose_name="HLA in words")),
                (
                    "weight_kg",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0.3),
                            django.core.validators.MaxValueValidator(300),
                        ],
                        verbose_name="weight",
                    ),
                ),
                (
                    "height_cm",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(20),
                            django.core.validators.MaxValueValidator(250),
                        ],
                        verbose_name="height",
                    ),
                ),
                ("measured_on", models.DateField(blank=True, null=True, verbose_name="measured")),
                (
                    "hbv",
                    models.CharField(
                        blank=True,
                        choices=[("negative", "Negative"), ("positive", "Positive")],
                        max_length=10,
                        verbose_name="HBV",
                    ),
                ),
                ("hbv_on", models.DateField(blank=True, null=True)),
                (
                    "hcv",
                    models.CharField(
                        blank=True,
                        choices=[("negative", "Negative"), ("positive", "Positive")],
                        max_length=10,
                        verbose_name="HCV",
                    ),
                ),
                ("hcv_on", models.DateField(blank=True, null=True)),
                (
                    "hiv",
                    models.CharField(
                        blank=True,
                        choices=[("negative", "Negative"), ("positive", "Positive")],
                        max_length=10,
                        verbose_name="HIV",
                    ),
                ),
                ("hiv_on", models.DateField(blank=True, null=True)),
                (
                    "markers_on",
                    models.DateField(blank=True, null=True, verbose_name="markers of the collection day"),
                ),
            ],
            options={
                "verbose_name": "donor",
                "verbose_name_plural": "donors",
            },
        ),
        migrations.RemoveConstraint(
            model_name="consent",
            name="consent_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="treatment",
            name="treatment_class_known",
        ),
        migrations.AddField(
            model_name="consent",
            name="signer",
            field=models.CharField(
                blank=True,
                choices=[("donor", "The donor"), ("guardian", "The donor's guardian")],
                default="",
                max_length=10,
                verbose_name="signed by",
            ),
        ),
        migrations.AddField(
            model_name="treatment",
            name="half_life_hours",
            field=models.FloatField(blank=True, null=True, verbose_name="half-life in hours"),
        ),
        migrations.AlterField(
            model_name="consent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("consent", "Guardian's consent"),
                    ("assent", "Child's assent"),
                    ("own_consent", "Patient's own consent"),
                    ("donation", "Consent to the donation"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="treatment",
            name="drug_class",
            field=models.CharField(
                choices=[
                    ("corticosteroid", "Corticosteroid"),
                    ("cytotoxic", "Cytotoxic chemotherapy"),
                    ("immunosuppression", "Immunosuppression"),
                    ("checkpoint_inhibitor", "Checkpoint inhibitor"),
                    ("hsct", "Stem-cell transplant"),
                    ("tki", "Tyrosine kinase inhibitor"),
                    ("intrathecal", "Intrathecal chemotherapy"),
                    ("asparaginase", "Asparaginase"),
                    ("blinatumomab", "Blinatumomab"),
                    ("inotuzumab", "Inotuzumab ozogamicin"),
                    ("anti_t_cell_antibody", "Alemtuzumab or ATG"),
                    ("dli", "Donor lymphocytes"),
                    ("radiotherapy", "Radiotherapy"),
                    ("car_t", "CAR T cells"),
                    ("anti_gd2_antibody", "Antibody against GD2"),
                    ("systemic_therapy", "Other systemic drug"),
                    ("other", "Other treatment"),
                ],
                max_length=30,
                verbose_name="class",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["consent", "assent", "own_consent", "donation"])),
                name="consent_kind_known",
                violation_error_message="Not one of the known values of kind.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "donation"), models.Q(("signer", ""), _negated=True)),
                    models.Q(models.Q(("kind", "donation"), _negated=True), ("signer", "")),
                    _connector="OR",
                ),
                name="consent_donation_names_signer",
                violation_error_message="A consent to a donation says who signed it; no other does.",
            ),
        ),
        migrations.AddConstraint(
            model_name="treatment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "drug_class__in",
                        [
                            "corticosteroid",
                            "cytotoxic",
                            "immunosuppression",
                            "checkpoint_inhibitor",
                            "hsct",
                            "tki",
                            "intrathecal",
                            "asparaginase",
                            "blinatumomab",
                            "inotuzumab",
                            "anti_t_cell_antibody",
                            "dli",
                            "radiotherapy",
                            "car_t",
                            "anti_gd2_antibody",
                            "systemic_therapy",
                            "other",
                        ],
                    )
                ),
                name="treatment_class_known",
                violation_error_message="Not one of the known values of drug class.",
            ),
        ),
        migrations.AddField(
            model_name="donor",
            name="journey",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="donor", to="patients.journey"
            ),
        ),
        migrations.AddConstraint(
            model_name="donor",
            constraint=models.CheckConstraint(
                condition=models.Q(("sex__in", ["female", "male", "unknown"])),
                name="donor_sex_known",
                violation_error_message="Not one of the known values of sex.",
            ),
        ),
        migrations.AddConstraint(
            model_name="donor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("relation__in", ["mother", "father", "sibling", "other_relative", "unrelated"])
                ),
                name="donor_relation_known",
                violation_error_message="Not one of the known values of relation.",
            ),
        ),
        migrations.AddConstraint(
            model_name="donor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hla_matched__isnull", True),
                    models.Q(("hla_matched__lte", models.F("hla_typed")), ("hla_typed__isnull", False)),
                    _connector="OR",
                ),
                name="donor_hla_match_possible",
                violation_error_message="Not more alleles can match than were compared.",
            ),
        ),
        migrations.AddConstraint(
            model_name="donor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("weight_kg__isnull", True), ("weight_kg__range", (0.3, 300)), _connector="OR"
                ),
                name="donor_weight_possible",
                violation_error_message="Weight must be between 0.3 and 300 kg.",
            ),
        ),
        migrations.AddConstraint(
            model_name="donor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("height_cm__isnull", True), ("height_cm__range", (20, 250)), _connector="OR"
                ),
                name="donor_height_possible",
                violation_error_message="Height must be between 20 and 250 cm.",
            ),
        ),
        migrations.AddConstraint(
            model_name="donor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hbv", ""), ("hbv_on__isnull", True)),
                    models.Q(models.Q(("hbv", ""), _negated=True), ("hbv_on__isnull", False)),
                    _connector="OR",
                ),
                name="donor_hbv_has_its_day",
                violation_error_message="A result needs the day of its sample, and a day its result.",
            ),
        ),
        migrations.AddConstraint(
            model_name="donor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hcv", ""), ("hcv_on__isnull", True)),
                    models.Q(models.Q(("hcv", ""), _negated=True), ("hcv_on__isnull", False)),
                    _connector="OR",
                ),
                name="donor_hcv_has_its_day",
                violation_error_message="A result needs the day of its sample, and a day its result.",
            ),
        ),
        migrations.AddConstraint(
            model_name="donor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hiv", ""), ("hiv_on__isnull", True)),
                    models.Q(models.Q(("hiv", ""), _negated=True), ("hiv_on__isnull", False)),
                    _connector="OR",
                ),
                name="donor_hiv_has_its_day",
                violation_error_message="A result needs the day of its sample, and a day its result.",
            ),
        ),
    ]
