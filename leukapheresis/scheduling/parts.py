"""Changing what a booking takes: a person's decisions on its parts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Invalid
from cartpath.ledger.kinds import EventKind
from leukapheresis.models import Allocation, Booking
from leukapheresis.scheduling.bundles import PartChoice, merged, refuse_unfounded
from leukapheresis.scheduling.changing import (
    booking_written,
    change_append,
    first_of,
    locked_for_change,
    resources_now,
)
from leukapheresis.scheduling.claims import claims_settled
from leukapheresis.scheduling.patience import tried_again
from leukapheresis.scheduling.taking import Recorded, take


@tried_again
def parts_change(
    *,
    booking_id: UUID,
    choices: Sequence[PartChoice],
    version: int | None = None,
    by: Actor,
    at: datetime,
    recorded: Recorded | None = None,
) -> Booking:
    """Take a part in addition, leave one out, settle an unknown one, or name another resource, with a reason.

    Counts for every day of the booking. Raises `Invalid` without a reason, and as `booking_create`.
    """
    refuse_unfounded(choices)
    if not choices:
        raise Invalid("invalid_input", _("Nothing is changed."), fields={"choices": _("Choose a part.")})
    with locked_for_change(booking_id, version, at=at, is_recorded=recorded is not None) as change:
        chosen = frozenset(choice.part for choice in choices)
        taken = take(
            change.journey,
            sorted(change.slots().items()),
            first_day=first_of(change.slots()),
            at=at,
            choices=choices,
            before=change.before,
            preferred=resources_now(change.days),
            ignoring=[day.pk for day in change.days],
            recorded=recorded,
            only_parts=chosen,
        )
        Allocation.objects.filter(day__in=change.days, is_live=True, kind__in=chosen).update(is_live=False)
        parts = merged(
            [
                [part for part in change.before if part.part not in chosen],
                [part for part in taken.parts if part.part in chosen],
            ]
        )
        days = booking_written(change, parts, change.booking.override_reason, taken.claims)
        facts = {
            "choices": [
                {"part": each.part, "wanted": each.wanted, "reason": each.reason.strip()} for each in choices
            ]
        }
        change_append(change, EventKind.APHERESIS_PARTS_CHANGED, facts, days, by=by)
        claims_settled(change.booking, change.days, taken.claims, at=at, patience=change.patience)
        return change.booking
