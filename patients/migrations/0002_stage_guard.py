"""Illegal moves of a journey are refused by the database; a test compares this table with the stage table."""

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
]
ROWS = ", ".join(f"('{origin}', '{target}')" for origin, target in MOVES)
GUARD = f"""
CREATE FUNCTION patients_guard_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.stage <> 'referred' THEN
            RAISE EXCEPTION 'A journey begins as referred, not as %.', NEW.stage
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF OLD.stage <> NEW.stage AND (OLD.stage, NEW.stage) NOT IN (VALUES {ROWS}) THEN
        RAISE EXCEPTION 'A journey can''t go from % to %.', OLD.stage, NEW.stage
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER patients_journey_stage BEFORE INSERT OR UPDATE OF stage ON patients_journey
    FOR EACH ROW EXECUTE FUNCTION patients_guard_stage();
ALTER TABLE ledger_chain ADD CONSTRAINT ledger_chain_of_journey
    FOREIGN KEY (journey_id) REFERENCES patients_journey (id) DEFERRABLE INITIALLY DEFERRED;
"""
OPEN = """
ALTER TABLE ledger_chain DROP CONSTRAINT ledger_chain_of_journey;
DROP TRIGGER patients_journey_stage ON patients_journey;
DROP FUNCTION patients_guard_stage();
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial"), ("ledger", "0002_append_only")]
    operations = [migrations.RunSQL(GUARD, OPEN)]
