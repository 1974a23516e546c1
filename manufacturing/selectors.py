"""Reads of the manufacturing room."""

from uuid import UUID

from manufacturing.enums import BatchState, OrderState
from manufacturing.models import Batch, Order, SecondStage


def live_order(journey_id: UUID) -> Order | None:
    """The order that is under way or has delivered."""
    return (
        Order.objects.filter(journey_id=journey_id)
        .exclude(state=OrderState.FAILED)
        .order_by("-ordered_at")
        .prefetch_related("milestones", "expectations")
        .first()
    )


def usable_batch(journey_id: UUID) -> Batch | None:
    """The latest batch that may be given: released, or accepted out of specification."""
    return (
        Batch.objects.filter(
            journey_id=journey_id,
            state__in=[BatchState.RELEASED, BatchState.ACCEPTED_OUT_OF_SPECIFICATION],
        )
        .select_related("order", "out_of_specification")
        .order_by("-released_at")
        .first()
    )


def open_deviation(journey_id: UUID) -> Batch | None:
    """The batch that waits for a decision."""
    return (
        Batch.objects.filter(journey_id=journey_id, state=BatchState.OUT_OF_SPECIFICATION)
        .select_related("out_of_specification")
        .first()
    )


def is_withdrawn(batch: Batch) -> bool:
    """Whether a release was withdrawn after the child had got some of it: no further part is given."""
    return SecondStage.objects.filter(batch=batch, was_given=True).exists()
