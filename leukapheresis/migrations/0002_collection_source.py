"""Whose cells were collected, and how."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("leukapheresis", "0001_initial"),
        ("patients", "0004_donor"),
    ]

    operations = [
        migrations.AddField(
            model_name="collection",
            name="donor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="collections",
                to="patients.donor",
                verbose_name="donor",
            ),
        ),
        migrations.AddField(
            model_name="collection",
            name="source",
            field=models.CharField(
                choices=[
                    ("autologous_apheresis", "Leukapheresis of the child"),
                    ("donor_apheresis", "Leukapheresis of a donor"),
                    ("donor_whole_blood", "Whole blood of a donor"),
                ],
                default="autologous_apheresis",
                max_length=30,
                verbose_name="source",
            ),
        ),
        migrations.AddConstraint(
            model_name="collection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source__in", ["autologous_apheresis", "donor_apheresis", "donor_whole_blood"])
                ),
                name="collection_source_known",
                violation_error_message="Not one of the known values of source.",
            ),
        ),
        migrations.AddConstraint(
            model_name="collection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("donor__isnull", True), ("source", "autologous_apheresis")),
                    models.Q(
                        models.Q(("source", "autologous_apheresis"), _negated=True), ("donor__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="collection_of_a_donor_names_the_donor",
                violation_error_message="A donor's cells name their donor; the child's own have none.",
            ),
        ),
    ]
