"""Room for the version of a center's own edition, such as `1-mil-2`."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0004_donor")]

    operations = [
        migrations.AlterField(
            model_name="journey",
            name="protocol_version",
            field=models.CharField(blank=True, max_length=40, verbose_name="protocol version"),
        ),
        migrations.AlterField(
            model_name="status",
            name="protocol_version",
            field=models.CharField(blank=True, max_length=40),
        ),
    ]
