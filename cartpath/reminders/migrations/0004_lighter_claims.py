import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = ("delivery", "digest", "calendarletter")
# Whoever held a message when the programs were stopped lets go of it.
LET_GO = "".join(
    f"UPDATE reminders_{table} SET state = 'intended', lease_until = NULL WHERE lease_until IS NOT NULL;"
    for table in TABLES
)
# Room in each page for the version of a row that has a lease, so that no index has to learn of it.
ROOM = "ALTER TABLE reminders_delivery SET (fillfactor = 70)"
NO_ROOM = "ALTER TABLE reminders_delivery RESET (fillfactor)"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('reminders', '0003_escalation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='calendarletter',
            name='calendarletter_lease_while_sending',
        ),
        migrations.RemoveConstraint(
            model_name='calendarletter',
            name='calendarletter_state_known',
        ),
        migrations.RemoveConstraint(
            model_name='delivery',
            name='delivery_lease_while_sending',
        ),
        migrations.RemoveConstraint(
            model_name='delivery',
            name='delivery_state_known',
        ),
        migrations.RemoveConstraint(
            model_name='digest',
            name='digest_state_known',
        ),
        migrations.RemoveConstraint(
            model_name='digest',
            name='digest_lease_while_sending',
        ),
        migrations.RemoveIndex(
            model_name='calendarletter',
            name='calendarletter_pending_idx',
        ),
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_pending_idx',
        ),
        migrations.RemoveIndex(
            model_name='digest',
            name='digest_pending_idx',
        ),
        migrations.RunSQL(LET_GO, LET_GO),
        migrations.RunSQL(ROOM, NO_ROOM),
        migrations.AlterField(
            model_name='calendarletter',
            name='recipient',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='recipient',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='digest',
            name='recipient',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='calendarletter',
            name='state',
            field=models.CharField(choices=[('gathered', 'For the morning digest'), ('intended', 'Intended'), ('sent', 'Sent'), ('skipped', 'Skipped'), ('failed', 'Failed')], default='intended', max_length=40),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='digest',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='reminders.digest'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='reminder',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='reminders.reminder'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='stands_in_for',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='state',
            field=models.CharField(choices=[('gathered', 'For the morning digest'), ('intended', 'Intended'), ('sent', 'Sent'), ('skipped', 'Skipped'), ('failed', 'Failed')], default='intended', max_length=40),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='webhook',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='reminders.webhooktarget'),
        ),
        migrations.AlterField(
            model_name='digest',
            name='state',
            field=models.CharField(choices=[('gathered', 'For the morning digest'), ('intended', 'Intended'), ('sent', 'Sent'), ('skipped', 'Skipped'), ('failed', 'Failed')], default='intended', max_length=40),
        ),
        migrations.AddIndex(
            model_name='calendarletter',
            index=models.Index(condition=models.Q(('state', 'intended')), fields=['next_try_at'], name='calendarletter_pending_idx'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'intended')), fields=['next_try_at'], name='delivery_pending_idx'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('webhook__isnull', False)), fields=['webhook'], name='delivery_webhook_idx'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('digest__isnull', False)), fields=['digest'], name='delivery_digest_idx'),
        ),
        migrations.AddIndex(
            model_name='digest',
            index=models.Index(condition=models.Q(('state', 'intended')), fields=['next_try_at'], name='digest_pending_idx'),
        ),
        migrations.AddConstraint(
            model_name='calendarletter',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['gathered', 'intended', 'sent', 'skipped', 'failed'])), name='calendarletter_state_known', violation_error_message='Not one of the known values of state.'),
        ),
        migrations.AddConstraint(
            model_name='calendarletter',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'intended'), ('lease_until', None), _connector='OR'), name='calendarletter_lease_while_intended'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['gathered', 'intended', 'sent', 'skipped', 'failed'])), name='delivery_state_known', violation_error_message='Not one of the known values of state.'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'intended'), ('lease_until', None), _connector='OR'), name='delivery_lease_while_intended'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['gathered', 'intended', 'sent', 'skipped', 'failed'])), name='digest_state_known', violation_error_message='Not one of the known values of state.'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'intended'), ('lease_until', None), _connector='OR'), name='digest_lease_while_intended'),
        ),
    ]
