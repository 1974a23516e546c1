"""The apheresis panel of the patient page."""

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from leukapheresis.models import Collection
from leukapheresis.offers import WashoutPicture, washout_picture
from leukapheresis.progress import Progress, progress
from leukapheresis.selectors import live_booking
from patients.donor_rules import DonorReadiness
from patients.donors import donor_ready
from patients.enums import Stage
from patients.models import Journey
from patients.panels import Offer, StagePanel, Text, actions_for, is_before, not_yet

ANCHOR: Final = "apheresis"
TITLE: Final = _("Apheresis")
TEMPLATE: Final = "leukapheresis/panel.html"

COLLECTING: Final = frozenset({Stage.ACCEPTED, Stage.APHERESIS_PLANNED})


def panel(journey: Journey, user: User, at: datetime) -> StagePanel | None:
    """Washout, booking and collected cells; None for a journey that closed before any of it."""
    if journey.stage in COLLECTING:
        return _collecting(journey, user, at)
    if is_before(journey, Stage.ACCEPTED):
        return not_yet(ANCHOR, TITLE)
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
        },
    )


def _collecting(journey: Journey, user: User, at: datetime) -> StagePanel:
    picture = washout_picture(journey, at=at)
    today = at.astimezone(journey.center.zone).date()
    donor = donor_ready(journey, on=today) if picture.of_donor else None
    reached = progress(journey, at=at)
    live = live_booking(journey.pk)
    context: dict[str, Any] = {
        "picture": picture,
        "live": live,
        "progress": reached,
        # Without a booking the panel's own chip says it.
        "bare": live is None,
        "earlier": list(Collection.objects.filter(journey=journey).order_by("-round")),
    }
    status, tone = _status(picture, donor, reached, is_booked=live is not None)
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=status,
        tone=tone,
        template=TEMPLATE,
        context=context,
        actions=actions_for(user, journey, _offers(reached, is_booked=live is not None)),
    )


def _status(
    picture: WashoutPicture, donor: DonorReadiness | None, reached: Progress, *, is_booked: bool
) -> tuple[Text, str]:
    if reached.days:
        return _("Collecting"), "accent"
    if is_booked:
        return _("Booked"), "info"
    if donor and not donor.is_ready:
        return _("Donor not ready"), "soon"
    if picture.state == "open":
        return _("Washout open"), "soon"
    if picture.state == "unknown":
        return _("Washout unknown"), "soon"
    return _("To be booked"), "soon"


def _offers(reached: Progress, *, is_booked: bool) -> list[Offer]:
    """What can be done next, the likeliest first."""
    day = Permission.RECORD_COLLECTION
    offers = []
    if reached.days:
        offers.append(Offer(day, _("Complete"), "leukapheresis:collection_complete", primary=True))
    if not is_booked and not reached.days:
        offers.append(
            Offer(Permission.BOOK_APHERESIS, _("Book a slot"), "leukapheresis:booking", primary=True)
        )
    is_next = is_booked and not reached.days
    offers.append(Offer(day, _("Record a day"), "leukapheresis:collection_day", primary=is_next))
    if is_booked:
        offers.append(Offer(Permission.BOOK_APHERESIS, _("Cancel booking"), "leukapheresis:booking_cancel"))
    return offers
