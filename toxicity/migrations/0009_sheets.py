"""Hand-over sheets and discharge summaries, sealed by the database."""

import uuid
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

# What the next shift or another hospital was told can't change afterwards; it can only be struck, once. The
# digest is that of the text, where the text is here.
SEAL = """
CREATE FUNCTION toxicity_refuse_change(before jsonb, later jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF later IS NULL OR before -> 'struck_at' <> 'null'::jsonb
        OR (before - 'struck_at' - 'struck_reason') <> (later - 'struck_at' - 'struck_reason') THEN
        RAISE EXCEPTION 'A paper that was handed on can''t change.' USING ERRCODE = 'check_violation';
    END IF;
END $$;
CREATE FUNCTION toxicity_refuse_digest(body text, digest text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF digest <> encode(sha256(convert_to(body, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'The digest is not that of the text.' USING ERRCODE = 'check_violation';
    END IF;
END $$;
CREATE FUNCTION toxicity_seal_sheet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF concat(NEW.situation, NEW.background, NEW.assessment, NEW.recommendation) <> '' THEN
            PERFORM toxicity_refuse_digest(
                concat_ws(chr(12), NEW.situation, NEW.background, NEW.assessment, NEW.recommendation),
                NEW.digest
            );
        END IF;
        RETURN NEW;
    END IF;
    PERFORM toxicity_refuse_change(to_jsonb(OLD), CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(NEW) END);
    RETURN NEW;
END $$;
CREATE FUNCTION toxicity_seal_discharge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state = 'final' THEN
        PERFORM toxicity_refuse_change(to_jsonb(OLD), CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(NEW) END);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.state = 'final' AND NEW.body <> '' THEN
        PERFORM toxicity_refuse_digest(NEW.body, NEW.digest);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER toxicity_sheet_seal BEFORE INSERT OR UPDATE OR DELETE ON toxicity_handoversheet
    FOR EACH ROW EXECUTE FUNCTION toxicity_seal_sheet();
CREATE TRIGGER toxicity_discharge_seal BEFORE INSERT OR UPDATE OR DELETE ON toxicity_dischargesummary
    FOR EACH ROW EXECUTE FUNCTION toxicity_seal_discharge();
"""
UNSEAL = """
DROP TRIGGER toxicity_sheet_seal ON toxicity_handoversheet;
DROP TRIGGER toxicity_discharge_seal ON toxicity_dischargesummary;
DROP FUNCTION toxicity_seal_sheet();
DROP FUNCTION toxicity_seal_discharge();
DROP FUNCTION toxicity_refuse_digest(text, text);
DROP FUNCTION toxicity_refuse_change(jsonb, jsonb);
"""


class Migration(migrations.Migration):
    """Hand-over sheets and discharge summaries."""

    dependencies: ClassVar = [
        ("accounts", "0002_ward_roles"),
        ("patients", "0006_growing_up"),
        ("toxicity", "0008_episodes"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="DischargeSummary",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
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
                ("version", models.PositiveIntegerField(default=1)),
                ("known_to", models.PositiveIntegerField(null=True)),
                ("begun_by", models.CharField(max_length=120, verbose_name="begun by")),
                ("begun_at", models.DateTimeField(verbose_name="begun")),
                ("signed_by", models.CharField(blank=True, max_length=120, verbose_name="signed by")),
                ("signed_at", models.DateTimeField(blank=True, null=True, verbose_name="signed")),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("event_id", models.BigIntegerField(null=True, unique=True)),
                ("struck_at", models.DateTimeField(null=True)),
                ("struck_reason", models.CharField(blank=True, max_length=400)),
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
                        related_name="discharge_summaries",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "discharge summary",
                "verbose_name_plural": "discharge summaries",
                "indexes": [models.Index(fields=["journey", "-begun_at"], name="discharge_latest_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "it"])),
                        name="discharge_language_known",
                        violation_error_message="Not one of the known values of language.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("digest", ""),
                                ("event_id__isnull", True),
                                ("signed_at__isnull", True),
                                ("state", "draft"),
                                ("struck_at__isnull", True),
                            ),
                            models.Q(
                                ("digest__regex", "^[0-9a-f]{64}$"),
                                ("event_id__isnull", False),
                                ("signed_at__isnull", False),
                                ("state", "final"),
                            ),
                            _connector="OR",
                        ),
                        name="discharge_final_is_signed",
                        violation_error_message="A final summary is signed and has its digest, a draft neither.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandOverSheet",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("it", "Italian")], max_length=5, verbose_name="language"
                    ),
                ),
                ("situation", models.TextField(blank=True, verbose_name="situation")),
                ("background", models.TextField(blank=True, verbose_name="background")),
                ("assessment", models.TextField(blank=True, verbose_name="assessment")),
                ("recommendation", models.TextField(blank=True, verbose_name="recommendation")),
                ("crs_grade", models.PositiveSmallIntegerField(null=True, verbose_name="CRS grade then")),
                ("icans_grade", models.PositiveSmallIntegerField(null=True, verbose_name="ICANS grade then")),
                ("written_by", models.CharField(max_length=120, verbose_name="written by")),
                ("written_at", models.DateTimeField(verbose_name="written")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires")),
                ("digest", models.CharField(max_length=64)),
                ("event_id", models.BigIntegerField(unique=True)),
                ("struck_at", models.DateTimeField(null=True)),
                ("struck_reason", models.CharField(blank=True, max_length=400)),
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
                        related_name="hand_over_sheets",
                        to="patients.journey",
                    ),
                ),
            ],
            options={
                "verbose_name": "hand-over sheet",
                "verbose_name_plural": "hand-over sheets",
                "indexes": [models.Index(fields=["journey", "-written_at"], name="sheet_latest_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "it"])),
                        name="sheet_language_known",
                        violation_error_message="Not one of the known values of language.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True),
                            ("expires_at__gt", models.F("written_at")),
                            _connector="OR",
                        ),
                        name="sheet_expires_after_written",
                        violation_error_message="A sheet can't expire before it is written.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                        name="sheet_has_digest",
                        violation_error_message="A sheet has the digest of its text.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("crs_grade__isnull", True), ("crs_grade__range", (0, 5)), _connector="OR"
                            ),
                            models.Q(
                                ("icans_grade__isnull", True), ("icans_grade__range", (0, 5)), _connector="OR"
                            ),
                        ),
                        name="sheet_grades_possible",
                        violation_error_message="A grade lies between 0 and 5.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SEAL, UNSEAL),
    ]
