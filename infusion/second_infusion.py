"""Another infusion of the same child: what it means for the journeys in which the child was infused before.

The cells of the earlier journey are no longer what keeps the disease away, so its visits about how well they
work stop and its registry forms with them: the new journey has its own. Its fifteen years of safety go on.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.services import NewEvent, append
from patients.enums import Stage
from patients.models import Journey
from patients.services import journey_locked, require_stage

_FOLLOWED = (Stage.INFUSED, Stage.FOLLOW_UP)


@contextmanager
def child_locked(journey_id: UUID) -> Iterator[tuple[Journey, list[Journey]]]:
    """One transaction that holds all journeys of a child: the one asked for, and the others.

    All are locked, not only those infused: who is infused at this moment elsewhere is known only afterwards.
    They are locked in the order of their ids, so that two infusions of one child wait for each other instead
    of each waiting for the other's.
    """
    with transaction.atomic():
        patient_id = Journey.objects.values_list("patient_id", flat=True).get(pk=journey_id)
        held = (
            Journey.objects.select_for_update(of=("self",))
            .select_related("patient", "center")
            .filter(patient_id=patient_id)
            .order_by("pk")
        )
        by_id = {journey.pk: journey for journey in held}
        journey = by_id.pop(journey_id)
        yield journey, list(by_id.values())


def infusions_compare(journey: Journey, others: Sequence[Journey], *, at: datetime, by: Actor) -> None:
    """Tell each open journey of a child of the infusion that came after its own.

    `journey` was infused at `at` just now; the caller holds it and the child's `others`. An infusion may also
    be recorded after a later one: then this journey is the earlier of the two.
    """
    infused = [(other, other.infused_at) for other in others if other.infused_at is not None]
    for other, infused_at in infused:
        if other.stage in _FOLLOWED and infused_at < at:
            _tell(other, journey, at=at, by=by)
    later = [(infused_at, other) for other, infused_at in infused if infused_at > at]
    if later:
        infused_at, other = min(later, key=lambda each: each[0])
        _tell(journey, other, at=infused_at, by=by)


def _tell(earlier: Journey, later: Journey, *, at: datetime, by: Actor) -> None:
    known = Event.objects.of(earlier.pk).filter(
        kind=EventKind.REINFUSED, occurred_at=at, corrections__isnull=True
    )
    if not known.exists():
        append(earlier.pk, [_event(later.product, later.center.local_day(at), at)], by=by)


def _event(product: str, infused_on: date, at: datetime) -> NewEvent:
    return NewEvent(EventKind.REINFUSED, at, {"infused_on": infused_on, "product": product})


def reinfusion_record(*, journey_id: UUID, infused_on: date, product: str, by: Actor, at: datetime) -> Event:
    """Record that the child was infused again at `at`, in a journey that isn't known here.

    Raises `Conflict` `not_infused` when `at` doesn't lie after the infusion of this journey.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, *_FOLLOWED)
        if journey.infused_at is None or at <= journey.infused_at:
            raise Conflict("not_infused", _("The child was not infused here before that."))
        (event,) = append(journey_id, [_event(product, infused_on, at)], by=by)
        return event
