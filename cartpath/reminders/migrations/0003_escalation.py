"""Ladder, absence, snooze, digest, webhooks; and what was sent stays as it was sent."""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

# What was planned before lateness was written down counts as planned in time.
WERE_MEANT = "UPDATE reminders_delivery SET meant_at = planned_at"
# The engine looks once at what it told before there was a ladder.
WERE_TOLD = """
UPDATE reminders_reminder SET told_at = notified_at, tellings = 1, rung_at = notified_at
WHERE notified_at IS NOT NULL
"""
SENT_TABLES = ("delivery", "digest", "calendarletter")
SENT_STAYS = """
CREATE FUNCTION reminders_sent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A message that was sent can''t be deleted: it proves who was told of what.'
            USING ERRCODE = 'restrict_violation';
    ELSIF to_jsonb(NEW) - 'read_at' <> to_jsonb(OLD) - 'read_at' THEN
        RAISE EXCEPTION 'A message that was sent stays as it was sent; only its reading may be noted.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER reminders_{table}_sent_stays BEFORE UPDATE OR DELETE ON reminders_{table}
    FOR EACH ROW WHEN (OLD.state = 'sent') EXECUTE FUNCTION reminders_sent_stays();
"""
    for table in SENT_TABLES
)
SENT_GOES = (
    "".join(f"DROP TRIGGER reminders_{table}_sent_stays ON reminders_{table};" for table in SENT_TABLES)
    + "DROP FUNCTION reminders_sent_stays();"
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("patients", "0001_initial"),
        ("reminders", "0002_calendar_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('first_on', models.DateField(verbose_name='first day')),
                ('last_on', models.DateField(verbose_name='last day')),
                ('added_at', models.DateTimeField()),
                ('added_by', models.CharField(max_length=120)),
                ('ended_at', models.DateTimeField(help_text='When it was taken back.', null=True)),
                ('ended_by', models.CharField(blank=True, max_length=120)),
            ],
            options={
                'verbose_name': 'absence',
                'verbose_name_plural': 'absences',
            },
        ),
        migrations.CreateModel(
            name='CenterTelling',
            fields=[
                ('center', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='telling', serialize=False, to='accounts.center')),
                ('quiet_from', models.TimeField(default=datetime.time(21, 0), null=True, verbose_name='quiet from')),
                ('quiet_until', models.TimeField(default=datetime.time(7, 0), null=True, verbose_name='quiet until')),
                ('digest_at', models.TimeField(default=datetime.time(7, 30), verbose_name='morning digest at')),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.CharField(max_length=120)),
            ],
            options={
                'verbose_name': 'hours of a center',
                'verbose_name_plural': 'hours of the centers',
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('gathered', 'For the morning digest'), ('intended', 'Intended'), ('sending', 'Being sent'), ('sent', 'Sent'), ('skipped', 'Skipped'), ('failed', 'Failed')], default='intended', max_length=40)),
                ('planned_at', models.DateTimeField()),
                ('next_try_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(help_text='Until then one worker holds it.', null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, help_text='Why it was skipped, or the class of the last error.', max_length=80)),
                ('on', models.DateField()),
            ],
            options={
                'verbose_name': 'digest',
                'verbose_name_plural': 'digests',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DigestRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('planned_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'round of digests',
                'verbose_name_plural': 'rounds of digests',
            },
        ),
        migrations.CreateModel(
            name='Silence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('last_beat_at', models.DateTimeField(null=True)),
                ('noticed_at', models.DateTimeField()),
                ('told_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_told_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'silence',
                'verbose_name_plural': 'silences',
            },
        ),
        migrations.CreateModel(
            name='WebhookTarget',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('secret', models.CharField(editable=False, max_length=80)),
                ('up_to_priority', models.PositiveSmallIntegerField(verbose_name='up to priority')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=120)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoked_by', models.CharField(blank=True, max_length=120)),
            ],
            options={
                'verbose_name': 'webhook',
                'verbose_name_plural': 'webhooks',
            },
        ),
        migrations.RemoveConstraint(
            model_name='calendarletter',
            name='calendarletter_state_known',
        ),
        migrations.RemoveConstraint(
            model_name='delivery',
            name='delivery_once',
        ),
        migrations.RemoveConstraint(
            model_name='delivery',
            name='delivery_state_known',
        ),
        migrations.RemoveConstraint(
            model_name='delivery',
            name='delivery_channel_known',
        ),
        migrations.RemoveConstraint(
            model_name='delivery',
            name='delivery_has_recipient',
        ),
        migrations.RemoveIndex(
            model_name='reminder',
            name='reminder_to_announce_idx',
        ),
        migrations.AddField(
            model_name='delivery',
            name='is_fallback',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='delivery',
            name='meant_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(WERE_MEANT, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='delivery',
            name='meant_at',
            field=models.DateTimeField(),
        ),
        migrations.AddField(
            model_name='delivery',
            name='rung',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='delivery',
            name='stands_in_for',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reminder',
            name='ladder',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='reminder',
            name='problem',
            field=models.CharField(blank=True, help_text='Set aside: the class of the error that planning met.', max_length=80),
        ),
        migrations.AddField(
            model_name='reminder',
            name='rung',
            field=models.PositiveSmallIntegerField(default=0, help_text='The last rung of the ladder that was told.'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='rung_at',
            field=models.DateTimeField(help_text='When the next rung is looked at.', null=True),
        ),
        migrations.AddField(
            model_name='reminder',
            name='snooze_reason',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='reminder',
            name='snoozed_by',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='reminder',
            name='snoozed_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='reminder',
            name='tellings',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='reminder',
            name='told_at',
            field=models.DateTimeField(help_text='When the last deliveries were planned.', null=True),
        ),
        migrations.AlterField(
            model_name='calendarletter',
            name='state',
            field=models.CharField(choices=[('gathered', 'For the morning digest'), ('intended', 'Intended'), ('sending', 'Being sent'), ('sent', 'Sent'), ('skipped', 'Skipped'), ('failed', 'Failed')], default='intended', max_length=40),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='channel',
            field=models.CharField(choices=[('in_app', 'Notice in CARTPath'), ('email', 'E-mail'), ('digest', 'Morning digest'), ('webhook', 'Webhook')], max_length=40),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='state',
            field=models.CharField(choices=[('gathered', 'For the morning digest'), ('intended', 'Intended'), ('sending', 'Being sent'), ('sent', 'Sent'), ('skipped', 'Skipped'), ('failed', 'Failed')], default='intended', max_length=40),
        ),
        migrations.AlterField(
            model_name='reminder',
            name='notified_at',
            field=models.DateTimeField(help_text='When the first deliveries were planned.', null=True),
        ),
        migrations.RunSQL(WERE_TOLD, migrations.RunSQL.noop),
        migrations.AddField(
            model_name='reminder',
            name='wake_at',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('problem', ''), _negated=True), then=models.Value(None)), models.When(then=django.db.models.functions.comparison.Greatest('notify_at', 'snoozed_until'), told_at=None), models.When(snoozed_until__gt=models.F('told_at'), then=models.F('snoozed_until')), default=models.F('rung_at')), output_field=models.DateTimeField(null=True)),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('state', 'open'), ('wake_at__isnull', False)), fields=['wake_at'], name='reminder_to_tell_idx'),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('state', 'open'), models.Q(('problem', ''), _negated=True)), fields=['center'], name='reminder_set_aside_idx'),
        ),
        migrations.AddConstraint(
            model_name='calendarletter',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['gathered', 'intended', 'sending', 'sent', 'skipped', 'failed'])), name='calendarletter_state_known', violation_error_message='Not one of the known values of state.'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('snooze_reason', ''), ('snoozed_by', ''), ('snoozed_until', None)), models.Q(('snoozed_until__isnull', False), models.Q(('snoozed_by', ''), _negated=True), models.Q(('snooze_reason', ''), _negated=True)), _connector='OR'), name='reminder_snoozed_with_reason'),
        ),
        migrations.AddField(
            model_name='absence',
            name='center',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.center'),
        ),
        migrations.AddField(
            model_name='absence',
            name='substitute',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='substitute'),
        ),
        migrations.AddField(
            model_name='absence',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absences', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='centertelling',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_until', None)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False), models.Q(('quiet_from', models.F('quiet_until')), _negated=True)), _connector='OR'), name='telling_quiet_hours_have_two_ends', violation_error_message='Quiet hours have a beginning and another end, or neither.'),
        ),
        migrations.AddField(
            model_name='digest',
            name='center',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.center'),
        ),
        migrations.AddField(
            model_name='digest',
            name='recipient',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='delivery',
            name='digest',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='reminders.digest'),
        ),
        migrations.AddField(
            model_name='digestround',
            name='center',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.center'),
        ),
        migrations.AddIndex(
            model_name='silence',
            index=models.Index(condition=models.Q(('end_told_at', None)), fields=['name'], name='silence_lasting_idx'),
        ),
        migrations.AddConstraint(
            model_name='silence',
            constraint=models.UniqueConstraint(fields=('name', 'last_beat_at'), name='silence_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='silence',
            constraint=models.CheckConstraint(condition=models.Q(('end_told_at', None), models.Q(('ended_at__isnull', False), ('told_at__isnull', False)), _connector='OR'), name='silence_told_in_order'),
        ),
        migrations.AddField(
            model_name='webhooktarget',
            name='center',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to='accounts.center'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='webhook',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='reminders.webhooktarget'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'gathered')), fields=['recipient'], name='delivery_gathered_idx'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['gathered', 'intended', 'sending', 'sent', 'skipped', 'failed'])), name='delivery_state_known', violation_error_message='Not one of the known values of state.'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('reminder', 'recipient', 'webhook', 'channel', 'step'), name='delivery_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'webhook'), ('recipient', None), ('webhook__isnull', False)), models.Q(models.Q(('channel', 'webhook'), _negated=True), ('webhook', None), models.Q(('recipient__isnull', False), ('state', 'failed'), _connector='OR')), _connector='OR'), name='delivery_has_recipient'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('channel', 'digest'), models.Q(('digest', None), models.Q(('state', 'gathered'), _negated=True)), _connector='OR'), name='delivery_gathered_for_digest'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['in_app', 'email', 'digest', 'webhook'])), name='delivery_channel_known', violation_error_message='Not one of the known values of channel.'),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['center', 'last_on'], name='absence_standing_idx'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('first_on__lte', models.F('last_on'))), name='absence_days_in_order', violation_error_message='The last day lies before the first.'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('substitute', None), models.Q(('substitute', models.F('user')), _negated=True), _connector='OR'), name='absence_substitute_is_another', violation_error_message='Nobody stands in for themselves.'),
        ),
        migrations.AddIndex(
            model_name='digest',
            index=models.Index(condition=models.Q(('state__in', ['intended', 'sending'])), fields=['next_try_at'], name='digest_pending_idx'),
        ),
        migrations.AddIndex(
            model_name='digest',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['planned_at'], name='digest_failed_idx'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['gathered', 'intended', 'sending', 'sent', 'skipped', 'failed'])), name='digest_state_known', violation_error_message='Not one of the known values of state.'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'sending')), models.Q(models.Q(('state', 'sending'), _negated=True), ('lease_until', None)), _connector='OR'), name='digest_lease_while_sending'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['skipped', 'failed']), _negated=True), models.Q(('problem', ''), _negated=True), _connector='OR'), name='digest_not_made_says_why'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.CheckConstraint(condition=models.Q(('recipient__isnull', False)), name='digest_has_recipient'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.UniqueConstraint(fields=('recipient', 'center', 'on'), name='digest_once'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at', None)), _connector='OR'), name='digest_sent_has_time'),
        ),
        migrations.AddConstraint(
            model_name='digestround',
            constraint=models.UniqueConstraint(fields=('center', 'on'), name='digestround_once'),
        ),
        migrations.AddConstraint(
            model_name='webhooktarget',
            constraint=models.CheckConstraint(condition=models.Q(('up_to_priority__range', (1, 4))), name='webhook_priority_possible'),
        ),
        migrations.AddConstraint(
            model_name='webhooktarget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_active', True), ('revoked_at', None)), models.Q(('is_active', False), ('revoked_at__isnull', False)), _connector='OR'), name='webhook_active_until_revoked'),
        ),
        migrations.RunSQL(SENT_STAYS, SENT_GOES),
    ]
