"""A published edition is never changed nor deleted, by nobody, raw SQL included."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION protocols_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A published protocol edition never changes: % is refused. Publish a new edition instead.', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER protocols_edition_published BEFORE UPDATE OR DELETE ON protocols_protocoledition
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION protocols_refuse_change();
CREATE TRIGGER protocols_edition_no_truncate BEFORE TRUNCATE ON protocols_protocoledition
    FOR EACH STATEMENT EXECUTE FUNCTION protocols_refuse_change();
"""
ALLOW = """
DROP TRIGGER IF EXISTS protocols_edition_no_truncate ON protocols_protocoledition;
DROP TRIGGER protocols_edition_published ON protocols_protocoledition;
DROP FUNCTION protocols_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("protocols", "0001_editions")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
