"""Two people confirm child and product, and the thaw begins: for each part of a dose, or for each bag."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from infusion.day import THAW_LIMIT, infusion_limit
from infusion.fractions import next_fraction
from infusion.models import BagInfusion, IdentityCheck, Infusion, InfusionPart
from infusion.ready.stopping import refuse_stopped
from infusion.rules.fraction_gate import FIRST_FRACTION
from infusion.selectors import identity_check
from manufacturing.custody.selectors import bags_of
from manufacturing.custody.usable import require_usable
from manufacturing.custody.words import ItemState, Step
from manufacturing.models import Batch, CustodyItem
from manufacturing.selectors import is_withdrawn, usable_batch
from patients.enums import Stage
from patients.models import Journey
from patients.services import journey_locked, require_stage


def identity_verify(
    *,
    journey_id: UUID,
    first: User,
    second: User,
    at: datetime,
    fraction: int = FIRST_FRACTION,
    item: CustodyItem | None = None,
    others: Sequence[User] = (),
) -> IdentityCheck:
    """Two people confirm child and product. All must be allowed to, and nobody signs twice.

    Each part of a dose has its own check, and each bag (`item`) where bags are registered. `others` signed,
    too, where a center asks for more than two. The page makes sure that each signs with their own password.
    """
    with journey_locked(journey_id) as journey:
        require_turn(journey, fraction, at=at, item=item)
        batch = received_batch(journey)
        refuse_unusable(journey, item, Step.BEDSIDE_CHECK, at=at)
        people = (first, second, *others)
        if len({person.pk for person in people}) < len(people):
            raise Invalid(
                "same_person",
                _("Identity is confirmed by two different people."),
                fields={"second": _("A second, different person signs.")},
            )
        for person in people:
            if not person.may(Permission.CONFIRM_INFUSION, journey.center_id):
                raise Invalid(
                    "not_entitled",
                    _("%(name)s may not confirm an infusion in this center.") % {"name": person.name},
                    fields={"second": _("A clinician or apheresis nurse of this center signs.")},
                )
        facts = {
            "batch": batch.pk,
            "lot": batch.lot,
            "chain_of_identity": batch.order.chain_of_identity,
            "first": first.name,
            "second": second.name,
            "fraction": fraction,
        }
        if item is not None:
            facts |= {"item": item.number, "bag": item.label}
        if others:
            facts["others"] = [person.name for person in others]
        append(journey_id, [NewEvent(EventKind.IDENTITY_VERIFIED, at, facts)], by=first.actor)
        return IdentityCheck.objects.create(
            journey=journey,
            batch=batch,
            item=item,
            fraction=fraction,
            first=first,
            second=second,
            verified_at=at,
        )


def require_turn(journey: Journey, fraction: int, *, at: datetime, item: CustodyItem | None = None) -> None:
    """Raise `Conflict` unless it's the turn of this part: the first before day 0, later ones after it.

    A bag may follow another one of the same part that has begun.
    """
    if item is not None and _has_begun(journey, fraction):
        require_stage(journey, Stage.INFUSED)
        return
    if fraction == FIRST_FRACTION:
        require_stage(journey, Stage.RELEASED, Stage.LYMPHODEPLETION)
        return
    require_stage(journey, Stage.INFUSED)
    if next_fraction(journey, at=at) != fraction:
        raise Conflict("wrong_part", _("It is not the turn of this part of the dose."))


def _has_begun(journey: Journey, fraction: int) -> bool:
    """Whether this part is running, or was given."""
    if fraction == FIRST_FRACTION:
        return journey.infused_at is not None
    begun = InfusionPart.objects.filter(journey=journey, fraction=fraction, started_at__isnull=False)
    return begun.exists()


def received_batch(journey: Journey) -> Batch:
    """The product on site. Raises `Conflict` `product_not_received`."""
    batch = usable_batch(journey.pk)
    if batch is None or batch.received_at is None:
        raise Conflict("product_not_received", _("The product is not recorded as received."))
    if is_withdrawn(batch):
        raise Conflict("release_withdrawn", _("The release of this product is withdrawn."))
    return batch


def thaw_start(
    *,
    journey_id: UUID,
    by: Actor,
    at: datetime,
    fraction: int = FIRST_FRACTION,
    item: CustodyItem | None = None,
) -> Infusion | InfusionPart:
    """Record the start of the thaw of a part of the dose, or of one bag of it; only after its identity check.

    The part keeps the time of its first bag.
    """
    with journey_locked(journey_id) as journey:
        require_turn(journey, fraction, at=at, item=item)
        batch = received_batch(journey)
        refuse_without_identity(journey, batch, fraction, item=item)
        refuse_stopped(journey, at=at)
        refuse_unusable(journey, item, Step.THAW_STARTED, at=at)
        made = {"center_id": journey.center_id, "batch": batch, "thaw_started_at": at}
        row: Infusion | InfusionPart
        if fraction == FIRST_FRACTION:
            row, created = Infusion.objects.get_or_create(journey=journey, defaults=made)
        else:
            row, created = InfusionPart.objects.get_or_create(
                journey=journey, fraction=fraction, defaults=made
            )
        if item is not None:
            created = _bag_thawed(journey, batch, fraction, item, at)
        if not created:
            raise Conflict("thaw_known", _("The thaw is already recorded."))
        limit = infusion_limit(journey, THAW_LIMIT, on=journey.center.local_day(at))
        facts = {"batch": batch.pk, "fraction": fraction, "rule": limit.id if limit else None}
        if item is not None:
            facts |= {"item": item.number, "bag": item.label}
        append(journey_id, [NewEvent(EventKind.THAW_STARTED, at, facts)], by=by)
        return row


def refuse_unusable(journey: Journey, item: CustodyItem | None, step: Step, *, at: datetime) -> None:
    """Raise `Conflict` while anything stands against a step of a bag.

    Where no bag is named, none of those still to be given may be in quarantine or expired.
    """
    if item is not None:
        require_usable(item, at, step)
        return
    for bag in bags_of(journey):
        if bag.state == ItemState.GIVEN:
            continue
        if bag.is_quarantined:
            raise Conflict("item_quarantined", _("%(bag)s is in quarantine.") % {"bag": bag.label})
        if bag.expires_at is not None and at >= bag.expires_at:
            raise Conflict("item_expired", _("%(bag)s is expired.") % {"bag": bag.label})


def refuse_unusable_dose(journey: Journey, *, at: datetime) -> None:
    """Raise `Conflict` for a dose told as a whole while one of its bags may not be given.

    A dose that begins with a bag at the bedside was judged by that bag.
    """
    if not BagInfusion.objects.filter(journey=journey, started_at=at).exists():
        refuse_unusable(journey, None, Step.INFUSION_STARTED, at=at)


def _bag_thawed(journey: Journey, batch: Batch, fraction: int, item: CustodyItem, at: datetime) -> bool:
    """Keep the thaw of one bag; False when it's known."""
    check = identity_check(journey.pk, batch.pk, fraction=fraction, item=item)
    made = {
        "journey": journey,
        "center_id": journey.center_id,
        "batch": batch,
        "fraction": fraction,
        "identity": check,
        "thaw_started_at": at,
    }
    return BagInfusion.objects.get_or_create(item=item, defaults=made)[1]


def refuse_without_identity(
    journey: Journey, batch: Batch, fraction: int, *, item: CustodyItem | None = None
) -> None:
    """Raise `Conflict` unless two people confirmed identity before this part, or this bag."""
    if identity_check(journey.pk, batch.pk, fraction=fraction, item=item) is None:
        raise Conflict("identity_not_verified", _("Two people must confirm identity first."))
