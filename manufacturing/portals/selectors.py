"""Reads about portals: what a page asks, what CARTPath knows of it, and what the typing costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from cartpath.protocols.portal_rows import PortalField
from cartpath.protocols.rows import in_force
from leukapheresis.models import Collection, CollectionDay
from manufacturing.models import Batch, Order, PortalEntry, ProductQuota
from manufacturing.portals.ordering import FIRST_DAY, slots_used
from manufacturing.portals.words import PortalPage
from manufacturing.rules.portal_load import Load, Typed, portal_load
from manufacturing.selectors import live_order
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.selectors import latest_height, latest_weight

PICKED_UP: Final = "material_picked_up"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something CARTPath knows: a text, a day, a count of cells, or a number with its unit."""

    value: str | int | float | date
    kind: Literal["text", "day", "cells", "number", "product"] = "text"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of a portal's page, and what is known of it; None is not known here."""

    row: PortalField
    source: str
    fact: Fact | None


@dataclass(frozen=True, slots=True)
class PageLines:
    """One page of a portal: its fields, and who typed it before."""

    page: PortalPage
    lines: tuple[FieldLine, ...]
    entries: tuple[PortalEntry, ...]

    @property
    def known(self) -> int:
        """How many of its fields CARTPath knows."""
        return sum(1 for line in self.lines if line.fact is not None)

    @property
    def asks_what_is_known(self) -> bool:
        """Whether the portal knows a field by something CARTPath keeps, known already or not."""
        return any(line.row.known_as for line in self.lines)


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """A month's slots of a product: how many there are, and how many are taken."""

    quota: ProductQuota
    used: int

    @property
    def is_full(self) -> bool:
        """Whether no slot is left."""
        return self.used >= self.quota.most


def asked_of(journey: Journey, *, page: str, at: datetime) -> tuple[PortalField, ...]:
    """The rows in force of one page of the product's portal."""
    rows = in_force(protocol_for(journey).pathway.portal, journey.center.local_day(at))
    return tuple(row for row in rows if row.portal_page == page and row.is_asked_for(journey.product))


def pages_of(journey: Journey, *, at: datetime) -> tuple[PageLines, ...]:
    """Every page of the product's portal with what is known now."""
    protocol = protocol_for(journey)
    facts = known_facts(journey, at=at)
    entries = list(PortalEntry.objects.filter(journey=journey).order_by("typed_at"))
    return tuple(
        PageLines(
            page=page,
            lines=tuple(
                FieldLine(row=row, source=protocol.cite(row), fact=facts.get(row.known_as or ""))
                for row in asked_of(journey, page=page.value, at=at)
            ),
            entries=tuple(entry for entry in entries if entry.page == page),
        )
        for page in PortalPage
    )


def known_facts(journey: Journey, *, at: datetime) -> dict[str, Fact | None]:
    """What CARTPath knows of a journey at a time, by the names of the portal's rows; None is unknown."""
    return {
        **_of_patient(journey, at=at),
        **_of_referral(journey),
        **_of_order(live_order(journey.pk), journey),
        **_of_collection(journey),
    }


def _text(value: object) -> Fact | None:
    return Fact(str(value)) if value not in (None, "") else None


def _day(value: date | None) -> Fact | None:
    return Fact(value, "day") if value else None


def _local(journey: Journey, at: datetime | None) -> Fact | None:
    return _day(journey.center.local_day(at)) if at else None


def _of_patient(journey: Journey, *, at: datetime) -> dict[str, Fact | None]:
    patient = journey.patient
    weight = latest_weight(patient.pk, at=at)
    height = latest_height(patient.pk, at=at)
    return {
        "center": _text(journey.center.name),
        "mrn": _text(patient.mrn),
        "family_name": _text(patient.family_name),
        "given_name": _text(patient.given_name),
        "birth_date": _day(patient.birth_date),
        "sex": _text(patient.get_sex_display()) if patient.sex != "unknown" else None,
        "weight_kg": Fact(float(weight.weight_kg), "number", "kg") if weight and weight.weight_kg else None,
        "height_cm": Fact(float(height.height_cm), "number", "cm") if height and height.height_cm else None,
    }


def _of_referral(journey: Journey) -> dict[str, Fact | None]:
    referral = getattr(journey, "referral", None)
    cd19 = referral.cd19_status if referral else ""
    return {
        "diagnosis": _text(referral.get_diagnosis_display()) if referral else None,
        "disease_status": _text(referral.get_disease_status_display()) if referral else None,
        "cd19_status": _text(referral.get_cd19_status_display()) if referral and cd19 != "unknown" else None,
        "product": Fact(journey.product, "product"),
        "region": _text(protocol_for(journey).product.region),
    }


def _of_order(order: Order | None, journey: Journey) -> dict[str, Fact | None]:
    if order is None:
        return {}
    batch = Batch.objects.filter(order=order).order_by("-released_at").first()
    picked_up = next((row for row in order.milestones.all() if row.milestone == PICKED_UP), None)
    return {
        "ordered_on": _local(journey, order.ordered_at),
        "order_number": _text(order.manufacturer_order_id),
        "chain_of_identity": _text(order.chain_of_identity),
        "apheresis_id": _text(order.apheresis_id),
        "batch_number": _text(order.batch_number),
        "slot_on": _day(order.slot_on),
        "slot_number": _text(order.slot_number),
        "picked_up_on": _local(journey, picked_up.reached_at) if picked_up else None,
        "lot": _text(batch.lot) if batch else None,
        "bags": Fact(batch.bags, "number") if batch and batch.bags else None,
        "expires_on": _day(batch.expires_on) if batch else None,
        "received_on": _local(journey, batch.received_at) if batch else None,
        "certificate": _text(batch.certificate) if batch else None,
    }


def _of_collection(journey: Journey) -> dict[str, Fact | None]:
    status = getattr(journey, "status", None)
    days = list(CollectionDay.objects.filter(journey=journey, struck_at=None).order_by("-round", "-number"))
    whole = Collection.objects.filter(journey=journey).order_by("-round").first()
    return {
        "booked_on": _local(journey, status.planned_apheresis_at if status else None),
        "collected_on": _local(journey, days[0].started_at) if days else None,
        "din": _text(", ".join(dict.fromkeys(day.din for day in reversed(days) if day.din))),
        "tnc": Fact(whole.tnc_total, "cells") if whole and whole.tnc_total is not None else None,
        "cd3": Fact(whole.cd3_total, "cells") if whole and whole.cd3_total is not None else None,
    }


def load_of(center_id: int, *, since: date | None = None) -> tuple[Load, ...]:
    """The portal load of a center by month and product, the latest month first; one query."""
    found = PortalEntry.objects.filter(center_id=center_id, struck_at=None).select_related("center")
    typed = []
    for entry in found:
        month = entry.center.local_day(entry.typed_at).replace(day=FIRST_DAY)
        if since is None or month >= since:
            typed.append(
                Typed(
                    product=entry.product,
                    month=month,
                    journey=str(entry.journey_id),
                    asked=len(entry.asked),
                    known=entry.known,
                    minutes=entry.minutes,
                )
            )
    return portal_load(typed)


def quotas_of(center_id: int) -> Sequence[QuotaLine]:
    """The quotas of a center, the latest month first."""
    rows = ProductQuota.objects.filter(center_id=center_id).select_related("set_by")
    return [
        QuotaLine(quota=row, used=slots_used(center_id=center_id, product=row.product, month=row.month))
        for row in rows.order_by("-month", "product")
    ]
