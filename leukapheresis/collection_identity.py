"""The identity check of two people before a day of collection begins."""

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from leukapheresis.inputs import IdentityCheckDetails
from leukapheresis.models import CollectionIdentityCheck
from leukapheresis.selectors import collection_days, current_round
from patients.donors import donor_of, needs_donor
from patients.enums import Stage
from patients.models import Journey
from patients.services import journey_locked, require_stage

# By how many identifiers a person must be recognized.
IDENTIFIERS_NEEDED: Final = 2
# Who records a collection signs, and who confirms an infusion may sign as well.
ENTITLED: Final = (Permission.RECORD_COLLECTION, Permission.CONFIRM_INFUSION)


def collection_identity_verify(
    *, journey_id: UUID, first: User, second: User, check: IdentityCheckDetails, at: datetime
) -> CollectionIdentityCheck:
    """Two people confirm who is about to be collected; it counts for the next day of collection, today.

    The page makes sure that the second person signs with their own password. Raises `Invalid` `same_person`,
    `not_entitled`, `too_few_identifiers`, and `Conflict` `donor_not_ready`.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.ACCEPTED, Stage.APHERESIS_PLANNED)
        _refuse_wrong_people(journey, first, second)
        if len(set(check.identifiers)) < IDENTIFIERS_NEEDED:
            raise Invalid(
                "too_few_identifiers",
                _("One identifier is not enough."),
                fields={"identifiers": _("Compare at least two.")},
            )
        if needs_donor(journey) and donor_of(journey) is None:
            raise Conflict(
                "donor_not_ready", _("Record the donor first: these cells are not the child's own.")
            )
        round_number = current_round(journey_id)
        number = next_number(journey_id, round_number, at=at)
        facts = {
            "round": round_number,
            "day": number,
            "first": first.name,
            "second": second.name,
            **asdict(check),
        }
        (event,) = append(
            journey_id, [NewEvent(EventKind.COLLECTION_IDENTITY_VERIFIED, at, facts)], by=first.actor
        )
        return CollectionIdentityCheck.objects.create(
            journey=journey,
            center_id=journey.center_id,
            round=round_number,
            number=number,
            first=first,
            second=second,
            identifiers=list(check.identifiers),
            verified_at=at,
            event_id=event.id,
        )


def _refuse_wrong_people(journey: Journey, first: User, second: User) -> None:
    if first.pk == second.pk:
        raise Invalid(
            "same_person",
            _("Identity is confirmed by two different people."),
            fields={"second": _("A second, different person signs.")},
        )
    for person in (first, second):
        if not any(person.may(each, journey.center_id) for each in ENTITLED):
            raise Invalid(
                "not_entitled",
                _("%(name)s may not confirm who is collected in this center.") % {"name": person.name},
                fields={"second": _("A nurse, a clinician or the cell laboratory of this center signs.")},
            )


def next_number(journey_id: UUID, round_number: int, *, at: datetime) -> int:
    """The number of the day of collection that would begin after a time."""
    before = [day for day in collection_days(journey_id, round_number=round_number) if day.started_at < at]
    return before[-1].number + 1 if before else 1


def check_for(
    journey: Journey, round_number: int, number: int, *, at: datetime
) -> CollectionIdentityCheck | None:
    """The last check before a day that begins at `at`; one of another day of the calendar doesn't count."""
    found = (
        CollectionIdentityCheck.objects.filter(
            journey=journey, round=round_number, number=number, verified_at__lte=at
        )
        .select_related("first", "second")
        .order_by("-verified_at")
        .first()
    )
    if found is None or journey.center.local_day(found.verified_at) != journey.center.local_day(at):
        return None
    return found
