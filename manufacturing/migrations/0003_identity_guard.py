"""A chain of identity stays as it is once a step after the order is on record, whoever asks."""

from django.db import migrations

GUARD = """
CREATE FUNCTION manufacturing_guard_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'DELETE'
        OR (OLD.journey_id, OLD.center_id, OLD.scheme, OLD.identifier)
            IS DISTINCT FROM (NEW.journey_id, NEW.center_id, NEW.scheme, NEW.identifier))
        AND EXISTS (SELECT 1 FROM manufacturing_custodyentry AS entry
            WHERE entry.journey_id = OLD.journey_id AND entry.step <> 'order_accepted') THEN
        RAISE EXCEPTION 'The chain of identity of this journey is in use and stays as it is.'
            USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER manufacturing_identity_stays BEFORE UPDATE OR DELETE ON manufacturing_chainofidentity
    FOR EACH ROW EXECUTE FUNCTION manufacturing_guard_identity();
"""
UNGUARD = """
DROP TRIGGER manufacturing_identity_stays ON manufacturing_chainofidentity;
DROP FUNCTION manufacturing_guard_identity();
"""


class Migration(migrations.Migration):
    dependencies = [("manufacturing", "0002_vein_to_vein")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
