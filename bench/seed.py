"""Journeys by the thousand, written by SQL: `python -m bench.seed JOURNEYS` fills an empty database.

Rows are as the readers would leave them, twelve open reminders to a journey included; the ledger stays empty,
for neither a status nor a list reads it.
"""

import json
import sys
from typing import Final

CENTER: Final = "BENCH"
SAMPLE: Final = 20_000

_FILL: Final = [
    """
    CREATE TEMPORARY TABLE seed ON COMMIT DROP AS
    SELECT n, gen_random_uuid() AS patient_id, gen_random_uuid() AS journey_id,
           now() - n %% 900 * interval '1 day' - n * interval '1 millisecond' AS infused_at
      FROM generate_series(1, %(journeys)s) AS n
    """,
    """
    INSERT INTO patients_patient (id, center_id, mrn, family_name, given_name, birth_date, sex, language,
                                  allergy_state, allergies)
    SELECT patient_id, %(center)s, 'B' || n, 'Family' || n, 'Given' || n, date '2012-01-01' + n %% 3000,
           'female', 'it', 'none_known', ''
      FROM seed
    """,
    """
    INSERT INTO patients_journey (id, patient_id, center_id, product, protocol_id, protocol_version, stage,
                                  stage_since, closing_reason, created_at)
    SELECT journey_id, patient_id, %(center)s, 'tisagenlecleucel', 'tisagenlecleucel-eu', '1', 'referred',
           infused_at, '', infused_at
      FROM seed
    """,
    """
    INSERT INTO patients_status
           (journey_id, patient_id, center_id, product, protocol_id, protocol_version, stage, stage_since,
            closing_reason, referred_at, accepted_at, apheresis_at, manufacturing_started_at, released_at,
            lymphodepletion_started_at, infused_at, crs_current, crs_max, icans_current, icans_max,
            b_cell_aplasia, last_response, events, updated_at)
    SELECT journey_id, patient_id, %(center)s, 'tisagenlecleucel', 'tisagenlecleucel-eu', '1',
           (ARRAY['follow_up', 'infused', 'manufacturing', 'accepted'])[1 + n %% 4],
           infused_at, '', infused_at - interval '70 days', infused_at - interval '60 days',
           infused_at - interval '45 days', infused_at - interval '40 days', infused_at - interval '15 days',
           infused_at - interval '7 days', infused_at, 0, n %% 5, 0, n %% 3, 'ongoing', 'CR', 30,
           now() - n * interval '1 second'
      FROM seed
    """,
    """
    INSERT INTO reminders_reminder
           (id, journey_id, patient_id, center_id, item, label, occurrence, role, priority, anchor_event_id,
            opens_at, due_at, closes_at, due_on, first_on, last_on, outlives_journey, state, cause,
            acknowledged_by, notify_at)
    SELECT gen_random_uuid(), journey_id, patient_id, %(center)s, 'visit_month_' || month, 'Visit', 1,
           'clinician', 3, 1, due_on - 7, due_on, due_on + 8, due_on, due_on - 7, due_on + 7, false, 'open',
           '', '', due_on - 7
      FROM seed, generate_series(1, 12) AS month,
           LATERAL (SELECT current_date + month * 30 - 45 + (n %% 30)::int) AS day (due_on)
    """,
]


def main() -> None:
    """Fill an empty database and print the token of a client and a sample of journeys as JSON."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from cartpath.accounts.enums import Scope
    from cartpath.accounts.models import Center
    from cartpath.accounts.services import api_client_create

    call_command("migrate", interactive=False, verbosity=0)
    center = Center.objects.create(code=CENTER, name="Bench", timezone="Europe/Rome")
    new = api_client_create(name="bench", centers=[center], scopes=Scope.values)
    parameters = {"journeys": int(sys.argv[1]), "center": center.pk}
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, parameters)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("SELECT journey_id FROM patients_status ORDER BY random() LIMIT %s", [SAMPLE])
        journeys = [str(row[0]) for row in cursor.fetchall()]
    json.dump({"token": new.token, "journeys": journeys}, sys.stdout)


if __name__ == "__main__":
    main()
