"""The demo's two centers: people, machines and slots. All invented."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.contrib.auth.hashers import make_password

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from cartpath.demo.unit import unit_make
from leukapheresis.models import Resource, Slot
from leukapheresis.services import slot_open

DEMO_PASSWORD: Final = "Lantern-Otter-58-Harbor"
CENTER_CODE: Final = "ODB"
OTHER_CENTER_CODE: Final = "KAS"
WEEKS_BACK: Final = 2
WEEKS_AHEAD: Final = 6
WEEKDAYS: Final = 5
MORNING: Final = (time(8), time(13))
AFTERNOON: Final = (time(13, 30), time(18, 30))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in, and what they are in which center."""

    email: str
    name: str
    roles: tuple[tuple[str, Role], ...]

    @property
    def is_staff(self) -> bool:
        """Whether the person may open the administration."""
        return any(role == Role.ADMINISTRATOR for _center, role in self.roles)


PEOPLE: Final = (
    Person("ada@demo.example", "Ada Conti", ((CENTER_CODE, Role.COORDINATOR),)),
    Person("ben@demo.example", "Ben Moretti", ((CENTER_CODE, Role.CLINICIAN),)),
    Person("chiara@demo.example", "Chiara Greco", ((CENTER_CODE, Role.CLINICIAN),)),
    Person("nina@demo.example", "Nina Ferri", ((CENTER_CODE, Role.APHERESIS_NURSE),)),
    Person("rosa@demo.example", "Rosa Marini", ((CENTER_CODE, Role.WARD_NURSE),)),
    Person("gina@demo.example", "Gina Lombardi", ((CENTER_CODE, Role.CHARGE_NURSE),)),
    Person("ivo@demo.example", "Ivo Fontana", ((CENTER_CODE, Role.REGISTRAR),)),
    Person("elena@demo.example", "Elena Bruno", ((CENTER_CODE, Role.ATTENDING),)),
    Person("luca@demo.example", "Luca Serra", ((CENTER_CODE, Role.CELL_LAB),)),
    Person("dana@demo.example", "Dana Riva", ((CENTER_CODE, Role.AUDITOR),)),
    Person(
        "omar@demo.example",
        "Omar Villa",
        ((CENTER_CODE, Role.ADMINISTRATOR), (OTHER_CENTER_CODE, Role.ADMINISTRATOR)),
    ),
    Person("cleo@demo.example", "Cleo Brandt", ((OTHER_CENTER_CODE, Role.CLINICIAN),)),
    Person("jana@demo.example", "Jana Vogt", ((OTHER_CENTER_CODE, Role.COORDINATOR),)),
)

CENTERS: Final = (
    (CENTER_CODE, "Ospedale dei Bambini", "Europe/Rome", "+39 055 5550100"),
    (OTHER_CENTER_CODE, "Kinderklinik am See", "Europe/Berlin", "+49 30 5550100"),
)

# Machine, its extracorporeal volume in milliliters, and the hours of its slots.
MACHINES: Final = (
    (CENTER_CODE, "Optia 1", 253, (MORNING, AFTERNOON)),
    (CENTER_CODE, "Optia 2", 253, (MORNING, AFTERNOON)),
    (CENTER_CODE, "Amicus", 205, (MORNING,)),
    (OTHER_CENTER_CODE, "Optia", 253, (MORNING,)),
)


@dataclass(frozen=True, slots=True)
class Crew:
    """Who acts in one center, by role, and its machines."""

    center: Center
    people: dict[Role, User]
    second_clinician: User | None
    machines: tuple[Resource, ...]

    def free_slot(self, day: date) -> Slot:
        """A free slot on a day, the earliest first; one is opened when the calendar has none that day."""
        for starts, ends in (MORNING, AFTERNOON):
            for machine in self.machines:
                starts_at = datetime.combine(day, starts, tzinfo=self.center.zone)
                slot = Slot.objects.filter(resource=machine, starts_at=starts_at).first()
                if slot is None:
                    ends_at = datetime.combine(day, ends, tzinfo=self.center.zone)
                    return slot_open(resource=machine, starts_at=starts_at, ends_at=ends_at)
                if slot.state == "open":
                    return slot
        raise LookupError(f"every machine of {self.center.code} is taken on {day.isoformat()}")


def cast_make(*, today: date) -> dict[str, Crew]:
    """Make centers, people, machines and eight weeks of slots around `today`; crews by center code."""
    centers = {
        code: Center.objects.create(code=code, name=name, timezone=zone, phone=phone)
        for code, name, zone, phone in CENTERS
    }
    users = _people(centers)
    machines = {code: _machines(center, today) for code, center in centers.items()}
    unit_make(centers[CENTER_CODE], machines[CENTER_CODE], today=today)
    return {
        code: Crew(
            center=center,
            people=_by_role(code, users),
            second_clinician=users.get("chiara@demo.example") if code == CENTER_CODE else None,
            machines=machines[code],
        )
        for code, center in centers.items()
    }


def _people(centers: dict[str, Center]) -> dict[str, User]:
    # One hash for everybody: the password is printed anyway, and hashing is slow on purpose.
    password = make_password(DEMO_PASSWORD)
    users = {}
    for person in PEOPLE:
        user = User.objects.create(
            email=person.email, name=person.name, password=password, is_staff=person.is_staff
        )
        for code, role in person.roles:
            Membership.objects.create(user=user, center=centers[code], role=role)
        users[person.email] = user
    return users


def _by_role(code: str, users: dict[str, User]) -> dict[Role, User]:
    found: dict[Role, User] = {}
    for person in PEOPLE:
        for center_code, role in person.roles:
            if center_code == code:
                found.setdefault(role, users[person.email])
    return found


def _machines(center: Center, today: date) -> tuple[Resource, ...]:
    made = []
    for code, name, volume_ml, hours in MACHINES:
        if code == center.code:
            machine = Resource.objects.create(center=center, name=name, extracorporeal_volume_ml=volume_ml)
            _slots(machine, hours, today)
            made.append(machine)
    return tuple(made)


def _slots(machine: Resource, hours: Sequence[tuple[time, time]], today: date) -> None:
    monday = today - timedelta(days=today.weekday(), weeks=WEEKS_BACK)
    for week in range(WEEKS_BACK + WEEKS_AHEAD):
        for weekday in range(WEEKDAYS):
            day = monday + timedelta(weeks=week, days=weekday)
            for starts, ends in hours:
                slot_open(
                    resource=machine,
                    starts_at=datetime.combine(day, starts, tzinfo=machine.center.zone),
                    ends_at=datetime.combine(day, ends, tzinfo=machine.center.zone),
                )
