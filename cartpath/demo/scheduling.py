"""What a demo journey tells of its scheduling: access, sedation, bookings with all parts, holds, waiting."""

from datetime import date, datetime, timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.core.errors import Conflict
from cartpath.demo.plot import DONOR_CD19, GD2_CART01, VARNIMCABTAGENE
from cartpath.demo.teller import Teller, weekday_from
from leukapheresis.enums import ResourceKind
from leukapheresis.inputs import AwayDetails, PreparationDetails, WaitingDetails
from leukapheresis.models import Booking
from leukapheresis.scheduling.booking import booking_create, booking_hold
from leukapheresis.scheduling.bundles import PartChoice
from leukapheresis.scheduling.preparing import family_away_record, preparation_record
from leukapheresis.scheduling.waiting import waiting_join

INFANT_BELOW_YEARS: Final = 1.5
HELD_SINCE: Final = timedelta(minutes=40)
HELD_MINUTES: Final = 24 * 60
AWAY_DAYS: Final = timedelta(days=4)
# Products that the house makes itself, for which no rule says how the cells travel.
MADE_HERE: Final = frozenset({DONOR_CD19, GD2_CART01, VARNIMCABTAGENE})
MADE_IN_THE_HOUSE: Final = tuple(
    PartChoice(part=part, wanted=False, reason="Made in the house: the cells go over fresh, on foot.")
    for part in (ResourceKind.COURIER, ResourceKind.CRYOPRESERVATION)
)
IN_STOCK: Final = PartChoice(
    part=ResourceKind.RED_CELL_PRIME, wanted=False, reason="The blood bank has a fitting unit in stock."
)


def preparation_told(teller: Teller, at: datetime) -> None:
    """How blood will be drawn; an infant needs a line and sedation."""
    is_infant = teller.plot.years < INFANT_BELOW_YEARS
    details = PreparationDetails(
        vascular_access="central_needed" if is_infant else "central_present",
        sedation="yes" if is_infant else "no",
    )
    preparation_record(details=details, **teller.act(Role.COORDINATOR, at))


def booked(teller: Teller, day: date, at: datetime) -> Booking:
    """A booking from a day on, with all parts; red cells that can't be ordered in time are in stock."""
    times = [
        teller.crew.free_slot(weekday_from(day + timedelta(days=number))).pk
        for number in range(teller.plot.booked_days)
    ]
    act = teller.act(Role.COORDINATOR, at)
    washout = teller.plot.washout_override
    choices = MADE_IN_THE_HOUSE if teller.plot.product in MADE_HERE else ()
    try:
        return booking_create(times=times, override_reason=washout, choices=choices, **act)
    except Conflict as refused:
        if refused.code != "lead_time":
            raise
        return booking_create(times=times, override_reason=washout, choices=[*choices, IN_STOCK], **act)


def scheduling_told(teller: Teller) -> None:
    """A hold that is still open, and a place in the waiting list."""
    plot = teller.plot
    if plot.held_in is not None:
        at = teller.now - HELD_SINCE
        preparation_told(teller, at - timedelta(minutes=5))
        slot = teller.crew.free_slot(weekday_from(teller.today + timedelta(days=plot.held_in)))
        booking_hold(times=[slot.pk], minutes=HELD_MINUTES, **teller.act(Role.COORDINATOR, at))
    if plot.waits is not None:
        at = teller.now - timedelta(hours=20 + plot.waits.priority)
        preparation_told(teller, at)
        details = WaitingDetails(
            priority=plot.waits.priority,
            priority_reason=plot.waits.reason,
            from_on=teller.today + timedelta(days=1),
            until_on=teller.today + timedelta(days=plot.waits.for_days),
        )
        waiting_join(details=details, **teller.act(Role.COORDINATOR, at + timedelta(minutes=10)))
        if plot.waits.away_in is not None:
            first_on = teller.today + timedelta(days=plot.waits.away_in)
            away = AwayDetails(first_on=first_on, last_on=first_on + AWAY_DAYS, note="With grandparents.")
            act = teller.act(Role.COORDINATOR, at + timedelta(minutes=20))
            family_away_record(details=away, **act)
