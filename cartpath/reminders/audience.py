"""Who is told: the people of a center on a day, without those who are away, and the webhooks that listen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership
from cartpath.accounts.permissions import Permission, may
from cartpath.reminders.hours import Hours, hours_of
from cartpath.reminders.models import Absence, WebhookTarget

# Roles that are part of another: where a center has nobody in them, those of the other are told.
_PART_OF: Final = {
    Role.CHARGE_NURSE.value: Role.WARD_NURSE.value,
    Role.REGISTRAR.value: Role.CLINICIAN.value,
    Role.ATTENDING.value: Role.CLINICIAN.value,
}
# Every zone's day lies within so many days of the day in UTC.
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is told, and the absent colleague they stand in for, if so."""

    user_id: int
    stands_in_for: int | None = None


@dataclass(frozen=True, slots=True)
class Addressed:
    """People, the role in which they are told, and whether they are only told for want of others."""

    people: Sequence[Person]
    role: str
    is_fallback: bool = False


@dataclass
class House:
    """One center at one moment: its hours, who holds which role, who is away, which webhooks listen."""

    center: Center
    at: datetime
    holders: dict[str, list[int]] = field(default_factory=dict)
    absences: list[Absence] = field(default_factory=list)
    webhooks: list[WebhookTarget] = field(default_factory=list)

    @property
    def hours(self) -> Hours:
        """The center's quiet hours and the hour of its digest."""
        return hours_of(getattr(self.center, "telling", None), self.center.zone)

    def addressed(self, role: str) -> Addressed:
        """Those who hold a role and are there, or their substitutes; else the administrators; else nobody.

        For want of a registrar, an attending or a charge nurse, all clinicians or ward nurses are told.
        """
        for each in (role, _PART_OF.get(role)):
            people = self.told(each) if each else []
            if each and (people or each == Role.ADMINISTRATOR):
                return Addressed(people, each)
        return Addressed(self.told(Role.ADMINISTRATOR), Role.ADMINISTRATOR.value, is_fallback=True)

    def told(self, role: str) -> list[Person]:
        """Who is told what is for a role today: who holds it and is there, and substitutes of the others."""
        holders = self.holders.get(role, [])
        told = {user_id: Person(user_id) for user_id in holders if not self.is_away(user_id)}
        for user_id in holders:
            substitute = self.substitute_of(user_id) if user_id not in told else None
            if substitute is not None:
                told.setdefault(substitute, Person(substitute, stands_in_for=user_id))
        return list(told.values())

    def roles_told(self, user_id: int) -> list[str]:
        """The roles for which a person is told today, their own and those they stand in for."""
        return [role for role in self.holders if any(person.user_id == user_id for person in self.told(role))]

    def is_away(self, user_id: int) -> bool:
        """Whether a person is away on the center's day."""
        return self._absence(user_id) is not None

    def away(self) -> list[int]:
        """Those who are away on the center's day."""
        return [absence.user_id for absence in self.absences if self.is_away(absence.user_id)]

    def substitute_of(self, user_id: int) -> int | None:
        """Who stands in for an absent person: still of the center, allowed to see its patients, and there."""
        absence = self._absence(user_id)
        if absence is None or absence.substitute_id is None or self.is_away(absence.substitute_id):
            return None
        roles = frozenset(role for role, people in self.holders.items() if absence.substitute_id in people)
        return absence.substitute_id if may(roles, Permission.VIEW_PATIENTS) else None

    def _absence(self, user_id: int) -> Absence | None:
        today = self.hours.local_day(self.at)
        return next(
            (
                absence
                for absence in self.absences
                if absence.user_id == user_id and absence.first_on <= today <= absence.last_on
            ),
            None,
        )


def houses(center_ids: Iterable[int], at: datetime) -> dict[int, House]:
    """These centers at a moment, by id. Four queries, however many."""
    wanted = list(center_ids)
    centers = Center.objects.filter(pk__in=wanted).select_related("telling")
    found = {center.pk: House(center, at) for center in centers}
    members = Membership.objects.filter(center_id__in=wanted, user__is_active=True).order_by("user_id")
    for center_id, role, user_id in members.values_list("center_id", "role", "user_id"):
        found[center_id].holders.setdefault(role, []).append(user_id)
    today = at.date()
    away = Absence.objects.standing().filter(
        center_id__in=wanted, first_on__lte=today + _DAY, last_on__gte=today - _DAY
    )
    for absence in away.order_by("added_at"):
        found[absence.center_id].absences.append(absence)
    for webhook in WebhookTarget.objects.filter(center_id__in=wanted, is_active=True).order_by("made_at"):
        found[webhook.center_id].webhooks.append(webhook)
    return found
