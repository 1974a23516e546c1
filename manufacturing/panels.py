"""The product panel of the patient page."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from manufacturing.enums import BatchState
from manufacturing.models import Batch, Order
from manufacturing.selectors import live_order
from manufacturing.track import Track, track_of
from patients.enums import Stage
from patients.models import Journey
from patients.panels import Offer, StagePanel, Text, actions_for, is_before, not_yet

ANCHOR: Final = "manufacturing"
TITLE: Final = _("Product")
TEMPLATE: Final = "manufacturing/panel.html"

# The order may be placed before the cells are collected.
ORDERING: Final = frozenset({Stage.ACCEPTED, Stage.APHERESIS_PLANNED, Stage.COLLECTED})
RECEIVING: Final = frozenset({Stage.RELEASED, Stage.LYMPHODEPLETION})


def panel(journey: Journey, user: User, at: datetime) -> StagePanel | None:
    """Order, milestones and batch; None for a journey that closed before any of it."""
    if is_before(journey, Stage.ACCEPTED):
        return not_yet(ANCHOR, TITLE)
    today = at.astimezone(journey.center.zone).date()
    order = live_order(journey.pk)
    if order:
        order.journey = journey  # known already, with its center: the track asks for both
    track = track_of(order, today=today) if order else None
    failed = list(Order.objects.filter(journey=journey, state="failed").order_by("ordered_at"))
    rejected = list(
        Batch.objects.filter(journey=journey, state=BatchState.REJECTED).select_related(
            "out_of_specification"
        )
    )
    if track is None and not failed and journey.stage == Stage.CLOSED:
        return None
    status, tone = _status(journey, track)
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=status,
        tone=tone,
        template=TEMPLATE,
        context={"journey": journey, "track": track, "failed": failed, "rejected": rejected},
        actions=actions_for(user, journey, _offers(journey, track)),
    )


def _status(journey: Journey, track: Track | None) -> tuple[Text, str]:
    if track is None:
        return _("Not ordered"), "soon" if journey.stage == Stage.COLLECTED else ""
    batch = track.batch
    if batch is None:
        late = track.next is not None and track.next.is_late
        return (_("Late"), "harm") if late else (_("Ordered"), "info")
    if track.awaits_decision:
        return _("Out of specification"), "harm"
    if journey.infused_at:
        return _("Given"), "good"
    if batch.received_at:
        return _("On site"), "good"
    return _("Released"), "good"


def _offers(journey: Journey, track: Track | None) -> list[Offer]:
    """What can be done next, the likeliest first."""
    if track is None:
        order = Offer(Permission.ORDER_PRODUCT, _("Order"), "manufacturing:order", primary=True)
        return [order] if journey.stage in ORDERING else []
    if track.awaits_decision:
        decide = Permission.DECIDE_OUT_OF_SPECIFICATION
        return [Offer(decide, _("Decide"), "manufacturing:decision", primary=True)]
    offers = []
    if journey.stage == Stage.MANUFACTURING:
        offers += [
            Offer(Permission.RELEASE_PRODUCT, _("Release"), "manufacturing:release", primary=True),
            Offer(
                Permission.RELEASE_PRODUCT, _("Out of specification"), "manufacturing:out_of_specification"
            ),
        ]
    if journey.stage in RECEIVING and track.batch and not track.batch.received_at:
        offers.append(Offer(Permission.RECEIVE_PRODUCT, _("Receive"), "manufacturing:receipt", primary=True))
    if journey.stage in ORDERING or journey.stage in {Stage.MANUFACTURING, Stage.RELEASED}:
        offers.append(Offer(Permission.ORDER_PRODUCT, _("Milestone"), "manufacturing:milestones"))
    if journey.stage == Stage.MANUFACTURING:
        offers.append(Offer(Permission.ORDER_PRODUCT, _("Failed"), "manufacturing:failure"))
    return offers
