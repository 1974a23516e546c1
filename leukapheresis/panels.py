"""The apheresis panel of the patient page."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from leukapheresis.collection_identity import check_for
from leukapheresis.enums import WHOLE_BLOOD, CollectionSource
from leukapheresis.models import Booking, Collection
from leukapheresis.offers import WashoutPicture, washout_picture
from leukapheresis.progress import Progress, progress
from leukapheresis.scheduling.selectors import live_hold
from leukapheresis.selectors import live_booking, source_expected
from patients.donor_rules import DonorReadiness
from patients.donors import donor_ready
from patients.enums import Stage
from patients.models import Journey
from patients.panels import Offer, StagePanel, Text, actions_for, is_before, not_yet

ANCHOR: Final = "apheresis"
TITLE: Final = _("Apheresis")
TEMPLATE: Final = "leukapheresis/panel.html"

_EARLIER: Final = Offer(
    Permission.RECORD_COLLECTION, _("Take over earlier cells"), "leukapheresis:collection_historical"
)
COLLECTING: Final = frozenset({Stage.ACCEPTED, Stage.APHERESIS_PLANNED})


def panel(journey: Journey, user: User, at: datetime) -> StagePanel | None:
    """Washout, booking and collected cells; None for a journey that closed before any of it."""
    if journey.stage in COLLECTING:
        return _collecting(journey, user, at)
    may_record = user.may(Permission.RECORD_COLLECTION, journey.center_id)
    if is_before(journey, Stage.ACCEPTED):
        return _before(journey, user, at, may_record=may_record)
    collections = list(Collection.objects.filter(journey=journey).order_by("-round"))
    if not collections:
        return None
    latest = collections[0]
    met = latest.is_accepted is True
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=_("Collected") if met else _("Collected, target not shown to be met"),
        tone="good" if met else "soon",
        template=TEMPLATE,
        context={
            "collection": latest,
            "earlier": collections[1:],
            "from_donor": latest.donor_id is not None,
            "progress": progress(journey, at=latest.completed_at, round_number=latest.round),
            "journey": journey,
            "may_record": may_record and journey.stage != Stage.CLOSED,
        },
        actions=actions_for(user, journey, _offers_after(journey)),
    )


def _offers_after(journey: Journey) -> list[Offer]:
    """Before the cells are on their way, the child can be collected again."""
    if journey.stage != Stage.COLLECTED:
        return []
    return [Offer(Permission.RECORD_COLLECTION, _("Collect again"), "leukapheresis:collection_again")]


def _before(journey: Journey, user: User, at: datetime, *, may_record: bool) -> StagePanel:
    """A referred child: nothing yet, unless cells were collected earlier."""
    reached = progress(journey, at=at)
    if not reached.days:
        # Named among what is to come, except for those who can take over earlier cells.
        actions = actions_for(user, journey, [_EARLIER])
        return replace(not_yet(ANCHOR, TITLE), actions=actions, quiet=not actions)
    context = {"journey": journey, "progress": reached, "may_record": may_record, "before": True}
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=_("Collected earlier"),
        tone="info",
        template=TEMPLATE,
        context=context,
    )


def _collecting(journey: Journey, user: User, at: datetime) -> StagePanel:
    picture = washout_picture(journey, at=at)
    today = at.astimezone(journey.center.zone).date()
    donor = donor_ready(journey, on=today) if picture.of_donor else None
    reached = progress(journey, at=at)
    live = live_booking(journey.pk)
    hold = None if live else live_hold(journey.pk, at=at)
    source = source_expected(journey, on=today)
    context: dict[str, Any] = {
        "journey": journey,
        "may_record": user.may(Permission.RECORD_COLLECTION, journey.center_id),
        "whole_blood": source in WHOLE_BLOOD,
        "source": source,
        "check": None if reached.days else check_for(journey, reached.round, 1, at=at),
        "picture": picture,
        "live": live,
        "hold": hold,
        "progress": reached,
        # Without a booking the panel's own chip says it.
        "bare": live is None,
        "earlier": list(Collection.objects.filter(journey=journey).order_by("-round")),
    }
    status, tone = _status(picture, donor, reached, is_booked=live is not None, is_held=hold is not None)
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=status,
        tone=tone,
        template=TEMPLATE,
        context=context,
        actions=actions_for(user, journey, _offers_of(reached, source, live=live, hold=hold)),
    )


def _status(
    picture: WashoutPicture,
    donor: DonorReadiness | None,
    reached: Progress,
    *,
    is_booked: bool,
    is_held: bool,
) -> tuple[Text, str]:
    if reached.days:
        return _("Collecting"), "accent"
    if is_booked:
        return _("Booked"), "info"
    if is_held:
        return _("A slot is held"), "soon"
    if donor and not donor.is_ready:
        return _("Donor not ready"), "soon"
    if picture.state == "open":
        return _("Washout open"), "soon"
    if picture.state == "unknown":
        return _("Washout unknown"), "soon"
    return _("To be booked"), "soon"


def _offers_of(
    reached: Progress, source: CollectionSource, *, live: Booking | None, hold: Booking | None
) -> list[Offer]:
    if source in WHOLE_BLOOD and live is None and hold is None:
        return _offers_of_whole_blood(reached)
    return _offers(reached, is_booked=live is not None, is_held=hold is not None)


def _offers_of_whole_blood(reached: Progress) -> list[Offer]:
    """Blood is drawn without a machine: nothing is booked."""
    record = Permission.RECORD_COLLECTION
    is_begun = bool(reached.days)
    complete = Offer(record, _("Complete"), "leukapheresis:collection_complete", primary=True)
    return [
        *([complete] if is_begun else []),
        Offer(record, _("Record whole blood"), "leukapheresis:collection_whole_blood", primary=not is_begun),
        Offer(record, _("Identity check"), "leukapheresis:collection_identity"),
    ]


def _offers(reached: Progress, *, is_booked: bool, is_held: bool) -> list[Offer]:
    """What can be done next, the likeliest first."""
    day = Permission.RECORD_COLLECTION
    offers = []
    if reached.days:
        offers.append(Offer(day, _("Complete"), "leukapheresis:collection_complete", primary=True))
    if not is_booked and not reached.days:
        label = _("Confirm or release") if is_held else _("Book a slot")
        offers.append(Offer(Permission.BOOK_APHERESIS, label, "leukapheresis:find", primary=True))
    is_next = is_booked and not reached.days
    offers.append(Offer(day, _("Record a day"), "leukapheresis:collection_day", primary=is_next))
    offers.append(Offer(day, _("Identity check"), "leukapheresis:collection_identity"))
    offers.append(Offer(Permission.VIEW_PATIENTS, _("Planning sheet"), "leukapheresis:collection_sheet"))
    if is_booked:
        offers.append(Offer(Permission.BOOK_APHERESIS, _("Move or change"), "leukapheresis:find"))
        offers.append(Offer(Permission.BOOK_APHERESIS, _("Cancel booking"), "leukapheresis:booking_cancel"))
    return offers
