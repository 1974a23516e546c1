"""The product panel of the patient page."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from manufacturing.delays import delay_of
from manufacturing.enums import BatchState
from manufacturing.models import Batch, Order
from manufacturing.portals.words import PortalPage
from manufacturing.quality.selectors import Specification, specification_of
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


# What is taken in hand at every stage: a scanner, and labels.
_HANDS: Final = (
    Offer(Permission.RECORD_CUSTODY, _("Scan"), "manufacturing:scan_child"),
    Offer(Permission.PRINT_LABELS, _("Labels"), "manufacturing:labels"),
)


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
    specification = specification_of(journey, order, on=today) if order else None
    status, tone = _status(journey, track, specification)
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=status,
        tone=tone,
        template=TEMPLATE,
        context={
            "journey": journey,
            "track": track,
            "failed": failed,
            "rejected": rejected,
            "specification": specification,
            "delay": delay_of(journey, track, today=today) if track else None,
        },
        actions=actions_for(user, journey, [*_offers(journey, track, specification), *_HANDS]),
    )


def _status(journey: Journey, track: Track | None, specification: Specification | None) -> tuple[Text, str]:
    if track is None:
        return _("Not ordered"), "soon" if journey.stage == Stage.COLLECTED else ""
    batch = track.batch
    if batch is None:
        late = track.next is not None and track.next.is_late
        return (_("Late"), "harm") if late else (_("Ordered"), "info")
    if track.awaits_decision:
        return _("Out of specification"), "harm"
    if specification and specification.is_withdrawn and journey.infused_at:
        return _("Release withdrawn"), "harm"
    if specification and specification.is_conditional:
        return _("Released conditionally"), "soon"
    if journey.infused_at:
        return _("Given"), "good"
    if batch.received_at:
        return _("On site"), "good"
    return _("Released"), "good"


def _offers(journey: Journey, track: Track | None, specification: Specification | None) -> list[Offer]:
    """What can be done next, the likeliest first."""
    portal = Offer(
        Permission.ORDER_PRODUCT, _("Portal"), "manufacturing:portal", args=(_portal_page(journey).value,)
    )
    if track is None:
        order = Offer(Permission.ORDER_PRODUCT, _("Order"), "manufacturing:order", primary=True)
        return [order, portal] if journey.stage in ORDERING else []
    if journey.stage == Stage.CLOSED:
        return []
    if track.awaits_decision:
        decide = Permission.DECIDE_OUT_OF_SPECIFICATION
        return [
            Offer(decide, _("Decide"), "manufacturing:decision", primary=True),
            *_of_quality(specification),
        ]
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
    offers += _of_quality(specification)
    if journey.stage in ORDERING or journey.stage in {Stage.MANUFACTURING, Stage.RELEASED}:
        offers.append(Offer(Permission.ORDER_PRODUCT, _("Milestone"), "manufacturing:milestones"))
        offers.append(Offer(Permission.ORDER_PRODUCT, _("Another day"), "manufacturing:expected"))
    if not journey.infused_at:
        offers += [
            portal,
            Offer(Permission.ORDER_PRODUCT, _("Change the order"), "manufacturing:order_change"),
        ]
    if journey.stage == Stage.MANUFACTURING:
        offers.append(Offer(Permission.ORDER_PRODUCT, _("Failed"), "manufacturing:failure"))
    return offers


def _of_quality(specification: Specification | None) -> list[Offer]:
    """Results, and what follows a release; nothing of quality goes on by itself."""
    if specification is None or not specification.lines:
        offers = []
    else:
        offers = [Offer(Permission.RECORD_QUALITY, _("Results"), "manufacturing:quality")]
    if specification and specification.is_conditional:
        offers.append(
            Offer(Permission.RELEASE_PRODUCT, _("Complete the release"), "manufacturing:completion")
        )
    if specification and specification.batch and specification.batch.is_usable:
        offers.append(Offer(Permission.RELEASE_PRODUCT, _("Withdraw the release"), "manufacturing:recall"))
    return offers


def _portal_page(journey: Journey) -> PortalPage:
    """The page of the portal that the journey's stage asks for next."""
    if is_before(journey, Stage.COLLECTED):
        return PortalPage.ORDER
    return PortalPage.COLLECTION if is_before(journey, Stage.RELEASED) else PortalPage.RECEIPT
