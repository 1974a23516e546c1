"""A product whose release is withdrawn before it is given goes back: released → manufacturing is legal now."""

from django.db import migrations

MOVES = [
    ("accepted", "apheresis_planned"),
    ("accepted", "closed"),
    ("accepted", "collected"),
    ("apheresis_planned", "accepted"),
    ("apheresis_planned", "closed"),
    ("apheresis_planned", "collected"),
    ("collected", "accepted"),
    ("collected", "closed"),
    ("collected", "manufacturing"),
    ("follow_up", "closed"),
    ("infused", "closed"),
    ("infused", "follow_up"),
    ("lymphodepletion", "closed"),
    ("lymphodepletion", "infused"),
    ("lymphodepletion", "released"),
    ("manufacturing", "accepted"),
    ("manufacturing", "closed"),
    ("manufacturing", "collected"),
    ("manufacturing", "released"),
    ("referred", "accepted"),
    ("referred", "closed"),
    ("released", "closed"),
    ("released", "infused"),
    ("released", "lymphodepletion"),
    ("released", "manufacturing"),
]
BEFORE = [move for move in MOVES if move != ("released", "manufacturing")]


def guard(moves: list[tuple[str, str]]) -> str:
    """The trigger's function that lets only these moves pass."""
    rows = ", ".join(f"('{origin}', '{target}')" for origin, target in moves)
    return f"""
CREATE OR REPLACE FUNCTION patients_guard_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.stage <> 'referred' THEN
            RAISE EXCEPTION 'A journey begins as referred, not as %.', NEW.stage
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF OLD.stage <> NEW.stage AND (OLD.stage, NEW.stage) NOT IN (VALUES {rows}) THEN
        RAISE EXCEPTION 'A journey can''t go from % to %.', OLD.stage, NEW.stage
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0006_growing_up")]
    operations = [migrations.RunSQL(guard(MOVES), guard(BEFORE))]
