"""Makes an entry from a page count once, however often a tablet sends it.

The key's row is written in the transaction of the act itself. A second request with the key waits for that
transaction: if it commits, nothing is done again; if it is refused, nothing was kept and the second one acts.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic_core import to_json

from cartpath.accounts.models import User
from cartpath.core.errors import Conflict
from infusion.models import KeptEntry

# What differs when the same entry is sent again.
NOT_SAID: Final = frozenset({"csrfmiddlewaretoken", "key", "password"})


def digest_of(path: str, said: Mapping[str, Sequence[str]]) -> str:
    """What an entry says, in short: the same entry has the same digest."""
    kept = {name: list(values) for name, values in sorted(said.items()) if name not in NOT_SAID}
    return sha256(path.encode() + b"\n" + to_json(kept)).hexdigest()


def once(
    *,
    key: UUID | None,
    journey_id: UUID,
    person: User,
    digest: str,
    at: datetime,
    act: Callable[[], object],
) -> bool:
    """Act, unless this entry was taken in before; returns whether it was new. Without a key just act.

    Raises `Conflict` `key_reused` when the key came with another entry, or from another person.
    """
    with transaction.atomic():
        if key is not None:
            said = {"journey_id": journey_id, "person": person, "digest": digest}
            kept, is_new = KeptEntry.objects.get_or_create(key=key, defaults=said | {"recorded_at": at})
            if (kept.journey_id, kept.person_id, kept.digest) != (journey_id, person.pk, digest):
                raise Conflict("key_reused", _("This entry was sent before with other content."))
            if not is_new:
                return False
        act()
        return True
