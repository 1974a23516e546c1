"""Who is in the simulation, and what they do: through the services where there are few of them.

Patients and journeys are written in bulk and their first facts through the ledger, as are the infusions; the
steps of treatment between them say nothing to the reminders. Everything later goes through the services.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from cartpath.core.actor import Actor
from cartpath.core.errors import DomainError
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.services import NewEvent, append, chain_open
from cartpath.reminders.models import Reminder, WebhookTarget
from cartpath.reminders.services import reminder_acknowledge, reminder_complete
from followup.inputs import VisitDetails
from followup.models import Visit
from followup.services import transplant_record, visit_record, visit_strike
from patients.models import Journey, Patient
from patients.services import event_strike, journey_close
from tests.simulation.clock import FileClock
from tests.simulation.model import PROTOCOL, hook_of
from tests.simulation.story import Child, Held, Moment, Record, Told

ZONES = ("Europe/Rome", "America/New_York", "Australia/Lord_Howe")
STAFF = ((Role.COORDINATOR, 2), (Role.CLINICIAN, 1), (Role.ADMINISTRATOR, 1))
BY = Actor.system("simulation")
WAY = ("accepted", "apheresis_planned", "collected", "manufacturing", "released", "infused", "follow_up")
PINNED = {"product": "tisagenlecleucel", "protocol_id": PROTOCOL[0], "protocol_version": PROTOCOL[1]}


@dataclass
class Cast:
    """Centers, people and children, and the acts that change their story."""

    record: Record
    random: Random
    clock: FileClock
    order: float = 0
    centers: list[Center] = field(default_factory=list)
    refused: int = 0

    def moment(self) -> Moment:
        """Now, after something was committed."""
        return Moment(self.order, time.monotonic(), self.clock.now())

    def assemble(self, journeys: int) -> None:
        """Three centers in three zones with their people, and the children as referred."""
        self.centers = [
            Center.objects.create(code=f"S{number}", name=f"Center {number}", timezone=zone, region="EU")
            for number, zone in enumerate(ZONES)
        ]
        for center in self.centers:
            WebhookTarget.objects.create(
                center=center,
                name="House",
                url=hook_of(center.pk),
                secret="whsec_c2ltdWxhdGlvbg==",
                up_to_priority=4,
                made_at=datetime.now().astimezone(),
                made_by="simulation",
            )
            for role, count in STAFF:
                for number in range(count):
                    self.join(center, role, f"{role}{number}.{center.code}@sim.example".lower())
        patients = [
            Patient(
                center=self.centers[number % len(self.centers)],
                mrn=f"SIM{number}",
                family_name=f"Family{number}",
                given_name=f"Given{number}",
                birth_date=date(2019, 1, 1) + timedelta(days=number % 900),
                sex="female",
            )
            for number in range(journeys)
        ]
        Patient.objects.bulk_create(patients, batch_size=1000)
        rows = [
            Journey(
                patient=patient,
                center=patient.center,
                stage="referred",
                stage_since=datetime(2024, 1, 1).astimezone(),
                **PINNED,
            )
            for patient in patients
        ]
        Journey.objects.bulk_create(rows, batch_size=1000)
        for stage in WAY:
            Journey.objects.update(stage=stage)
        for row in rows:
            chain_open(journey_id=row.pk, patient_id=row.patient_id, center_id=row.center_id)
            child = Child(row.pk, row.patient_id, row.center_id, row.center.zone)
            self.record.children.append(child)

    def join(self, center: Center, role: Role, address: str) -> None:
        """Somebody begins to hold a role."""
        person = User.objects.create_user(address, name=address.partition(".")[0])
        Membership.objects.create(user=person, center=center, role=role)
        self.record.people.append(Held(center.pk, role.value, address, self.moment()))

    def change_people(self, at: datetime) -> None:
        """A coordinator leaves and another comes."""
        center = self.random.choice(self.centers)
        leaving = next(
            each
            for each in self.record.people
            if (each.center_id, each.role) == (center.pk, "coordinator") and each.until is None
        )
        Membership.objects.filter(user__email=leaving.address).delete()
        leaving.until = self.moment()
        self.join(center, Role.COORDINATOR, f"coordinator{at:%y%m%d%H%M}.{center.code}@sim.example".lower())

    def infuse(self, children: list[Child], at: datetime) -> None:
        """Day 0 of some children: their story begins with what led to it."""
        for child in children:
            news = [
                NewEvent(EventKind.REFERRED, at - timedelta(days=40), {"product": PINNED["product"]}),
                NewEvent(EventKind.ACCEPTED, at - timedelta(days=38), PINNED),
                NewEvent(EventKind.INFUSED, at, {}),
            ]
            self._append(child, news)

    def _append(self, child: Child, news: list[NewEvent]) -> None:
        written = append(child.journey_id, news, by=BY)
        known = self.moment()
        for new, event in zip(news, written, strict=True):
            told = Told(new.kind.value, new.occurred_at, known, dict(new.data), event_id=event.pk)
            child.facts.append(told)

    def _follow(self, child: Child, act: Callable[[], Any]) -> None:
        """Do something through a service and read from the ledger what was recorded."""
        last = max((fact.event_id for fact in child.facts), default=0)
        try:
            act()
        except DomainError:
            self.refused += 1  # The child died, or somebody was faster; the service says no.
            return
        known = self.moment()
        for event in Event.objects.of(child.journey_id).filter(pk__gt=last).order_by("seq"):
            told = Told(event.kind, event.occurred_at, known, dict(event.data), event_id=event.pk)
            if event.corrects_id is not None:
                next(fact for fact in child.facts if fact.event_id == event.corrects_id).struck = known
            child.facts.append(told)

    def end_monitoring(self, child: Child, at: datetime) -> None:
        """Out of acute monitoring."""
        self._append(child, [NewEvent(EventKind.ACUTE_MONITORING_ENDED, at, {})])

    def visit(self, child: Child, at: datetime, item: str) -> None:
        """A visit is held and recorded."""
        held = VisitDetails(item=item, visited_on=child.day(at))
        self._follow(child, lambda: visit_record(journey_id=child.journey_id, visit=held, by=BY, at=at))

    def strike_visit(self, child: Child, at: datetime, item: str) -> None:
        """It was another child's."""
        row = Visit.objects.filter(journey=child.journey_id, item=item, struck_at=None).first()
        if row is not None:
            self._follow(child, lambda: visit_strike(visit_id=row.pk, reason="another child", by=BY, at=at))

    def complete(self, child: Child, at: datetime, item: str) -> None:
        """A reminder is completed by hand, as a registry form is."""
        row = Reminder.objects.open().filter(journey=child.journey_id, item=item).first()
        if row is not None:
            act: dict[str, Any] = {"reminder_id": row.pk, "by": BY, "at": at, "reason": "done"}
            self._follow(child, lambda: reminder_complete(**act))

    def acknowledge(self, child: Child, at: datetime, item: str) -> None:
        """Somebody has taken it in hand."""
        row = Reminder.objects.open().filter(journey=child.journey_id, item=item).first()
        if row is not None:
            self._follow(child, lambda: reminder_acknowledge(reminder_id=row.pk, by=BY, at=at))

    def transplant(self, child: Child, at: datetime) -> None:
        """A transplant today."""
        on = child.day(at)
        act: dict[str, Any] = {"journey_id": child.journey_id, "transplanted_on": on, "by": BY, "at": at}
        self._follow(child, lambda: transplant_record(**act))

    def close(self, child: Child, at: datetime, reason: str) -> None:
        """The journey ends; with a death, this is the day."""
        died_on = child.day(at) if reason == "died" else None
        act: dict[str, Any] = {
            "journey_id": child.journey_id,
            "reason_code": reason,
            "note": "So it was.",
            "by": BY,
            "at": at,
        }
        self._follow(child, lambda: journey_close(died_on=died_on, **act))

    def correct(self, child: Child, at: datetime) -> None:
        """The infusion was entered in error: it was a day earlier."""
        wrong = next((fact for fact in child.of_kind("infused") if fact.struck is None), None)
        if wrong is None:
            return
        self._follow(
            child,
            lambda: event_strike(child.journey_id, wrong.event_id, reason="a day earlier", by=BY, at=at),
        )
        self._append(child, [NewEvent(EventKind.INFUSED, wrong.occurred_at - timedelta(days=1), {})])
