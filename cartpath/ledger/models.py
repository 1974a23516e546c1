"""The ledger's two tables: a chain per journey, and its events."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import one_of
from cartpath.ledger.chain import GENESIS, digest
from cartpath.ledger.kinds import EventKind

HASHED = (
    "id",
    "journey_id",
    "patient_id",
    "center_id",
    "seq",
    "kind",
    "occurred_at",
    "recorded_at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "data",
    "corrects_id",
    "position",
)


class Chain(models.Model):
    """The head of one journey's chain. Its row is the lock under which events are appended."""

    journey_id = models.UUIDField(primary_key=True)
    patient_id = models.UUIDField()
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    length = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, default=GENESIS)
    position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.journey_id} · {self.length}"


class EventQuerySet(models.QuerySet["Event"]):
    """Reads of the ledger."""

    def of(self, journey_id: UUID) -> "EventQuerySet":
        """One journey's events in order."""
        return self.filter(journey_id=journey_id).order_by("seq")

    def in_centers(self, center_ids: list[int]) -> "EventQuerySet":
        """Events of journeys that belong to these centers."""
        return self.filter(center_id__in=center_ids)


class Event(models.Model):
    """One fact. Written once; the database refuses to change or delete it."""

    id = models.BigAutoField(primary_key=True)
    journey_id = models.UUIDField()
    patient_id = models.UUIDField()
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=40, choices=EventKind.choices)
    occurred_at = models.DateTimeField(help_text=_("Clinical time."))
    recorded_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    # Where the event stands in the change feed: never less than its transaction, nor than the event before
    # it in the journey, so that (position, id) respects both commit safety and the journey's own order.
    position = models.BigIntegerField()
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey_id", "seq"], name="event_seq_once"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="event_seq_from_one"),
            one_of("kind", EventKind, name="event_kind_known"),
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=["user", "client", "system"]), name="event_actor_kind_known"
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=models.Q(corrects__isnull=False), name="event_corrected_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["position", "id"], name="event_feed_idx")]

    def __str__(self) -> str:
        return f"{self.journey_id} #{self.seq} {self.kind}"

    def computed_hash(self) -> str:
        """What the hash must be for the row as it stands."""
        return digest({name: getattr(self, name) for name in HASHED}, self.prev_hash)

    def facts(self) -> dict[str, Any]:
        """The event as the outside sees it."""
        return {
            "id": self.id,
            "journey": str(self.journey_id),
            "seq": self.seq,
            "kind": self.kind,
            "occurred_at": _iso(self.occurred_at),
            "recorded_at": _iso(self.recorded_at),
            "actor": {"kind": self.actor_kind, "name": self.actor_name},
            "data": self.data,
            "corrects": self.corrects_id,
            "hash": self.hash,
        }


def _iso(moment: datetime) -> str:
    return moment.isoformat()
