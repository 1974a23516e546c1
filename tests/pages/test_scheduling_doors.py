"""Who may open which page of scheduling, with keys that exist: other centers find nothing behind them."""

from dataclasses import dataclass
from datetime import date, time

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from leukapheresis.enums import ClosureKind, ResourceKind
from leukapheresis.inputs import AwayDetails, WaitingDetails
from leukapheresis.models import Closure, FamilyAway, OpenDay, Quota, SlotOffer, WaitingEntry
from leukapheresis.scheduling.booking import booking_create
from leukapheresis.scheduling.preparing import family_away_record
from leukapheresis.scheduling.waiting import offers_make, waiting_join
from leukapheresis.services import booking_cancel
from tests.conftest import person
from tests.equipment import unit_of
from tests.factories import Story


@dataclass(frozen=True)
class Doors:
    """Addresses with real keys: what anybody of the center may read, what schedules, what administers."""

    reading: tuple[str, ...]
    scheduling: tuple[str, ...]
    opening: tuple[str, ...]
    administering: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every address."""
        return self.reading + self.scheduling + self.opening + self.administering


def at(name: str, *keys: object) -> str:
    """The address of a page."""
    return reverse(f"leukapheresis:{name}", args=keys)


@pytest.fixture
def doors(story: Story) -> Doors:
    """A booked child, a child with an open offer, and everything that can be booked, in center A."""
    act = {"by": story.coordinator.actor, "at": story.at}
    resource = unit_of(story.center, ResourceKind.CHAIR)["Chair 1"]
    story.accepted()
    freed = story.slot(in_days=6)
    given_back = booking_create(journey_id=story.journey_id, slot_id=freed.pk, **act)
    story.accepted()
    wait = WaitingDetails(priority=1, priority_reason="Blasts", from_on=story.at.date(), until_on=None)
    waiting_join(journey_id=story.journey_id, details=wait, **act)
    away = AwayDetails(first_on=date(2026, 4, 1), last_on=date(2026, 4, 2), note="")
    family_away_record(journey_id=story.journey_id, details=away, **act)
    booking_cancel(booking_id=given_back.pk, reason_code="family", **act)
    offers_make(at=story.at)
    waiting = story.journey_id
    booking = story.booked()
    free = story.slot(in_days=9)
    closure = Closure.objects.create(
        center=story.center,
        first_on="2026-03-20",
        last_on="2026-03-20",
        kind=ClosureKind.HOLIDAY,
        note="Saint",
    )
    open_day = OpenDay.objects.create(resource=resource, on="2026-03-21", opens=time(8), closes=time(12))
    quota = Quota.objects.create(center=story.center, per_week=9, valid_from="2026-03-02")
    offer = SlotOffer.objects.get()
    entry = WaitingEntry.objects.get()
    journey = booking.journey_id
    return Doors(
        reading=(at("calendar_day", booking.pk, 1), at("slot", free.pk)),
        scheduling=(
            *(at(name, journey) for name in ("booking", "find", "preparation", "family_away")),
            *(at(name, waiting) for name in ("find", "waiting_join")),
            at("family_back", waiting, FamilyAway.objects.get().pk),
            at("booking_cancel", journey),
            at("booking_move", booking.pk),
            at("booking_day_add", booking.pk),
            at("booking_day_release", booking.pk),
            at("waiting_change", entry.pk),
            at("waiting_leave", entry.pk),
            at("offer_accept", offer.pk),
            at("offer_decline", offer.pk),
        ),
        opening=(
            at("closure_remove", closure.pk),
            at("open_day_remove", open_day.pk),
            at("quota_remove", quota.pk),
        ),
        administering=(at("resource_change", resource.pk), at("hours_change", resource.pk)),
    )


def signed_in(user: User) -> Client:
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client


def answers(user: User, paths: tuple[str, ...]) -> dict[str, int]:
    """What each address answers somebody, asked or sent to."""
    client = signed_in(user)
    found = {}
    for path in paths:
        asked = client.get(path).status_code
        found[path] = client.post(path).status_code if asked == 405 else asked
    return found


def others(found: dict[str, int], *expected: int) -> dict[str, int]:
    """The answers that are not as expected."""
    return {path: status for path, status in found.items() if status not in expected}


def test_people_of_another_center_find_nothing_behind_these_doors(
    doors: Doors, cleo: User, other_center: Center
) -> None:
    everything = person("zoe@b.example", "Zoe", Role.COORDINATOR, other_center)
    Membership.objects.create(user=everything, center=other_center, role=Role.ADMINISTRATOR)
    assert others(answers(everything, doors.all), 404) == {}
    # Who lacks the right in their own center too may be told so first; never more than that.
    assert others(answers(cleo, doors.all), 403, 404) == {}


def test_who_reads_does_not_schedule(doors: Doors, dana: User, nina: User) -> None:
    for reader in (dana, nina):
        assert others(answers(reader, doors.reading), 200) == {}
        assert others(answers(reader, doors.opening + doors.administering), 403) == {}
    assert others(answers(dana, doors.scheduling), 403) == {}


def test_a_coordinator_schedules_and_opens_and_an_administrator_administers(
    doors: Doors, story: Story, ada: User, omar: User
) -> None:

    with time_machine.travel(story.at):
        assert others(answers(ada, doors.reading + doors.scheduling), 200) == {}
        assert others(answers(ada, doors.administering), 403) == {}
        assert others(answers(omar, doors.administering), 200) == {}
        assert others(answers(omar, doors.reading + doors.scheduling), 403, 404) == {}
        assert others(answers(ada, doors.opening), 302) == {}
