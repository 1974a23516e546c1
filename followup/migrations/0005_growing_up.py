"""Hand-over, search for a patient, letters."""

from typing import ClassVar

import django.db.models.deletion
import uuid
from django.db import migrations, models

# A letter that somebody was sent can't change afterwards, and its digest is that of its text.
SEAL = """
CREATE FUNCTION followup_seal_letter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state = 'final' THEN
        RAISE EXCEPTION 'A final letter can''t change.' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.state = 'final' AND NEW.body <> ''
        AND NEW.digest <> encode(sha256(convert_to(NEW.body, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'The digest is not that of the text.' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER followup_letter_seal BEFORE INSERT OR UPDATE OR DELETE ON followup_letter
    FOR EACH ROW EXECUTE FUNCTION followup_seal_letter();
"""
UNSEAL = """
DROP TRIGGER followup_letter_seal ON followup_letter;
DROP FUNCTION followup_seal_letter();
"""


class Migration(migrations.Migration):
    """Hand-over, search for a patient, letters."""

    dependencies: ClassVar = [("followup", "0004_immune")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="HandOver",
            fields=[
                (
                    "journey",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="hand_over",
                        serialize=False,
                        to="patients.journey",
                    ),
                ),
                ("adult_center", models.CharField(blank=True, max_length=160, verbose_name="adult center")),
                ("physician", models.CharField(blank=True, max_length=120, verbose_name="physician")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                ("handed_over_on", models.DateField(blank=True, null=True, verbose_name="handed over")),
                (
                    "reason",
                    models.CharField(blank=True, max_length=400, verbose_name="reason for what was left out"),
                ),
                (
                    "safety_keeper",
                    models.CharField(
                        choices=[("us", "Our center"), ("them", "The adult center")],
                        default="us",
                        max_length=10,
                        verbose_name="who keeps the safety follow-up",
                    ),
                ),
                (
                    "safety_confirmed_by",
                    models.CharField(blank=True, max_length=120, verbose_name="confirmed by"),
                ),
                ("safety_confirmed_on", models.DateField(blank=True, null=True, verbose_name="confirmed")),
            ],
            options={
                "verbose_name": "hand-over",
                "verbose_name_plural": "hand-overs",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("safety_confirmed_by", ""),
                                ("safety_confirmed_on__isnull", True),
                                ("safety_keeper", "us"),
                            ),
                            models.Q(
                                ("safety_confirmed_on__isnull", False),
                                ("safety_keeper", "them"),
                                models.Q(("safety_confirmed_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="hand_over_safety_confirmed",
                        violation_error_message="The adult center keeps the safety follow-up once it said so.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("handed_over_on__isnull", True),
                            models.Q(("adult_center", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="hand_over_names_center",
                        violation_error_message="Name the adult center.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attempted_at", models.DateTimeField(verbose_name="tried")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("phone", "Phone"),
                            ("letter", "Letter"),
                            ("e_mail", "E-mail"),
                            ("home_hospital", "Home hospital"),
                            ("registry_office", "Registry office"),
                        ],
                        max_length=20,
                        verbose_name="how",
                    ),
                ),
                ("whom", models.CharField(blank=True, max_length=120, verbose_name="whom")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("reached", "Reached"),
                            ("no_answer", "No answer"),
                            ("left_message", "Message left"),
                            ("wrong_number", "Wrong number or address"),
                            ("moved", "Moved away"),
                        ],
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("next_on", models.DateField(blank=True, null=True, verbose_name="try again on")),
                ("recorded_by", models.CharField(max_length=120, verbose_name="recorded by")),
                ("event_id", models.BigIntegerField(unique=True)),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_attempts",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "attempt to reach the family",
                "verbose_name_plural": "attempts to reach the family",
                "indexes": [
                    models.Index(fields=["journey", "attempted_at"], name="contact_attempt_latest_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("how__in", ["phone", "letter", "e_mail", "home_hospital", "registry_office"])
                        ),
                        name="contact_attempt_how_known",
                        violation_error_message="Not one of the known values of how.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["reached", "no_answer", "left_message", "wrong_number", "moved"])
                        ),
                        name="contact_attempt_outcome_known",
                        violation_error_message="Not one of the known values of outcome.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandOverStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("readiness", "Readiness talked over with the patient"),
                            ("center_agreed", "Adult center named and agreed"),
                            ("summary_letter", "Summary letter made"),
                            ("first_visit", "First visit at the adult center held"),
                            ("safety_accepted", "Adult center keeps the 15-year safety follow-up"),
                        ],
                        max_length=20,
                        verbose_name="step",
                    ),
                ),
                ("done_on", models.DateField(verbose_name="done")),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("recorded_by", models.CharField(max_length=120, verbose_name="recorded by")),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_over_steps",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of the hand-over",
                "verbose_name_plural": "steps of the hand-over",
                "constraints": [
                    models.UniqueConstraint(fields=("journey", "step"), name="hand_over_step_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "step__in",
                                [
                                    "readiness",
                                    "center_agreed",
                                    "summary_letter",
                                    "first_visit",
                                    "safety_accepted",
                                ],
                            )
                        ),
                        name="hand_over_step_known",
                        violation_error_message="Not one of the known values of step.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("shared_care", "Shared care"),
                            ("hand_over", "Hand-over to adult care"),
                            ("family_summary", "Summary for the family"),
                            ("school", "For the school"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("addressee", models.CharField(max_length=400, verbose_name="to")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("it", "Italian")], max_length=5, verbose_name="language"
                    ),
                ),
                ("body", models.TextField(blank=True, verbose_name="text")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("final", "Final")],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("begun_by", models.CharField(max_length=120, verbose_name="begun by")),
                ("begun_at", models.DateTimeField(verbose_name="begun")),
                ("signed_by", models.CharField(blank=True, max_length=120, verbose_name="signed by")),
                ("signed_at", models.DateTimeField(blank=True, null=True, verbose_name="signed")),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("event_id", models.BigIntegerField(null=True, unique=True)),
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
                        related_name="letters",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "letter",
                "verbose_name_plural": "letters",
                "indexes": [models.Index(fields=["journey", "begun_at"], name="letter_of_journey_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["shared_care", "hand_over", "family_summary", "school"])
                        ),
                        name="letter_kind_known",
                        violation_error_message="Not one of the known values of kind.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "it"])),
                        name="letter_language_known",
                        violation_error_message="Not one of the known values of language.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("digest", ""),
                                ("event_id__isnull", True),
                                ("signed_at__isnull", True),
                                ("state", "draft"),
                            ),
                            models.Q(
                                ("digest__regex", "^[0-9a-f]{64}$"),
                                ("event_id__isnull", False),
                                ("signed_at__isnull", False),
                                ("state", "final"),
                            ),
                            _connector="OR",
                        ),
                        name="letter_final_is_signed",
                        violation_error_message="A final letter is signed and has its digest, a draft neither.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Loss",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since_on", models.DateField(verbose_name="not found since")),
                (
                    "last_known",
                    models.CharField(blank=True, max_length=400, verbose_name="last known address or place"),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("found_on", models.DateField(blank=True, null=True, verbose_name="found")),
                ("found_where", models.CharField(blank=True, max_length=400, verbose_name="where")),
                ("found_note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="losses",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "loss of contact",
                "verbose_name_plural": "losses of contact",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("found_on__isnull", True)),
                        fields=("journey",),
                        name="loss_open_once",
                        violation_error_message="This patient is already being looked for as lost.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("found_on__isnull", True),
                            ("found_on__gte", models.F("since_on")),
                            _connector="OR",
                        ),
                        name="loss_found_after_since",
                        violation_error_message="A patient can't be found before being lost.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SEAL, UNSEAL),
    ]
