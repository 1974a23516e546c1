"""Tables of the manufacturing room."""

from manufacturing.models.orders import Batch, Order, OrderMilestone, OutOfSpecification

__all__ = ["Batch", "Order", "OrderMilestone", "OutOfSpecification"]
