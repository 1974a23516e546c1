"""The stops that no service goes past: a hold, and identifiers that differ."""

from datetime import datetime

from django.utils.translation import gettext as _

from cartpath.core.errors import Conflict
from infusion.ready.holding import refuse_held
from infusion.ready.matching import match_of
from manufacturing.selectors import usable_batch
from patients.models import Journey


def refuse_stopped(journey: Journey, *, at: datetime) -> None:
    """Raise `Conflict` `infusion_held` or `identifiers_differ` while one of them stands.

    Without registered bags there is nothing to compare, and people compare at the bedside.
    """
    refuse_held(journey)
    batch = usable_batch(journey.pk)
    if match_of(journey, batch, at=at).verdict == "differ":
        raise Conflict(
            "identifiers_differ",
            _("Order, certificate and bags don't carry the same identifiers. Nothing is thawed or given."),
        )
