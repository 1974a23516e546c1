"""Papers, replays and packs at a desk, on a tablet and on a phone."""

import time_machine
from django.db import connection

from cartpath.accounts.models import User
from cartpath.papers.pack_services import pack_make, pack_take, passphrase_set
from tests.browser.conftest import Open
from tests.browser.looking import look
from tests.factories import Story

OF_A_CHILD = ("papers/", "papers/product/", "papers/custody/", "verify/", "verify/?hash=0123456789abcdef")


def test_papers_and_packs_fit_every_screen_and_every_person(
    open_as: Open, story: Story, ada: User, luca: User, omar: User
) -> None:
    story.infused()
    by, at = omar.actor, story.later(hours=1)
    passphrase_set(center_id=story.center.pk, passphrase="nine blue horses at noon", by=by, at=at)
    pack_take(pack=pack_make(center_id=story.center.pk, by=by, at=at), user=luca, at=at)
    # A broken chain says more than a whole one.
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE ledger_event SET actor_name = 'Nobody' WHERE seq = 7")
        cursor.execute("DELETE FROM ledger_event WHERE seq = 9")
        cursor.execute("SET session_replication_role = DEFAULT")
    with time_machine.travel(story.at, tick=True):
        here = f"/journeys/{story.journey_id}/"
        page = open_as(luca)
        wrong = [each for path in OF_A_CHILD for each in look(page, here + path)]
        wrong += [
            each
            for path in ("/day-sheet/", "/center/downtime/", "/center/verify/")
            for each in look(page, path)
        ]
        wrong += look(open_as(ada), f"{here}papers/card/")
        wrong += look(open_as(omar), "/center/downtime/passphrase/")
    assert wrong == []
