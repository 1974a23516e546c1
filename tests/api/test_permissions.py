"""One table of all addresses, walked from every point of view: nobody, revoked, limited, outsider."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from cartpath.accounts.enums import Scope
from cartpath.accounts.models import ApiClient, Center, token_digest
from cartpath.accounts.services import api_client_revoke
from cartpath.api.urls import urlpatterns
from cartpath.api.views.base import ApiView
from cartpath.calculators.registry import CALCULATORS
from cartpath.reminders.models import Reminder
from leukapheresis.models import Booking
from leukapheresis.scheduling.booking import booking_hold
from manufacturing.custody.readers import item_id
from tests.api.conftest import NewProgram
from tests.api.program import Answer, Program
from tests.factories import Story
from tests.rules.calculators.examples import EXAMPLES
from tests.toxicity.bedside import observed
from toxicity.grading.crs import OxygenDevice
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.models import Alert, Intervention
from toxicity.observations.inputs import ObservationEntry

REFERRAL = {
    "center": "A",
    "patient": {
        "mrn": "NEW-1",
        "family_name": "Bianchi",
        "given_name": "Luca",
        "birth_date": "2019-04-03",
        "sex": "male",
    },
    "referral": {
        "referring_center": "Ospedale di Provincia",
        "product": "tisagenlecleucel",
        "diagnosis": "b_all",
    },
}


@dataclass(frozen=True)
class World:
    """What there is in center A, for the addresses to name."""

    infused: Story
    accepted: Story
    booking: Booking
    free_slot: str
    reminder: Reminder
    confirmed: Booking
    released: Booking
    other_slot: str
    course: Intervention
    alert: Alert


@dataclass(frozen=True)
class Address:
    """One method of one address, and the scope it needs. A list is empty for a client of another center.

    Without a scope every known token will do: what is answered belongs to no center.
    """

    name: str
    method: str
    scope: Scope | None
    path: Callable[[World], dict[str, Any]] = lambda world: {}
    body: Callable[[World], Any] = lambda world: None
    is_list: bool = False

    def ask(self, program: Program, world: World) -> Answer:
        """Send the request."""
        path = reverse(f"api:{self.name}", kwargs=self.path(world))
        if self.method == "GET":
            return program.get(path)
        return program.post(path, self.body(world))

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def _infused(world: World) -> dict[str, Any]:
    return {"journey_id": world.infused.journey_id}


def _reminder(world: World) -> dict[str, Any]:
    return {"reminder_id": world.reminder.pk}


def _booking(world: World) -> dict[str, Any]:
    return {"booking_id": world.booking.pk}


def _example(name: str) -> Callable[[World], Any]:
    given = dict(EXAMPLES)[name]
    return lambda world: given


TABLE = [
    Address("journeys", "GET", Scope.JOURNEYS_READ, is_list=True),
    Address("journey", "GET", Scope.JOURNEYS_READ, _infused),
    Address("journey_events", "GET", Scope.JOURNEYS_READ, _infused),
    Address("patients", "GET", Scope.JOURNEYS_READ, is_list=True),
    Address(
        "patient",
        "GET",
        Scope.JOURNEYS_READ,
        lambda world: {"patient_id": world.infused.journey.patient_id},
    ),
    Address("referrals", "POST", Scope.REFERRALS_WRITE, body=lambda world: REFERRAL),
    Address("changes", "GET", Scope.JOURNEYS_READ, is_list=True),
    Address("slots", "GET", Scope.SLOTS_READ, is_list=True),
    Address(
        "bookings",
        "POST",
        Scope.BOOKINGS_WRITE,
        body=lambda world: {"journey": str(world.accepted.journey_id), "slot": world.free_slot},
    ),
    Address("booking", "GET", Scope.SLOTS_READ, _booking),
    Address(
        "booking_confirm",
        "POST",
        Scope.BOOKINGS_WRITE,
        lambda world: {"booking_id": world.confirmed.pk},
        lambda world: {},
    ),
    Address(
        "booking_release",
        "POST",
        Scope.BOOKINGS_WRITE,
        lambda world: {"booking_id": world.released.pk},
        lambda world: {},
    ),
    Address(
        "booking_move",
        "POST",
        Scope.BOOKINGS_WRITE,
        lambda world: {"booking_id": world.confirmed.pk},
        lambda world: {"slot": world.other_slot, "reason_code": "family"},
    ),
    Address(
        "booking_cancel", "POST", Scope.BOOKINGS_WRITE, _booking, lambda world: {"reason_code": "family"}
    ),
    Address(
        "toxicity_assessments",
        "POST",
        Scope.TOXICITY_WRITE,
        _infused,
        lambda world: {"crs": {"temperature_c": 37.0}},
    ),
    Address("toxicity_assessments", "GET", Scope.OBSERVATIONS_READ, _infused),
    Address("alerts", "GET", Scope.OBSERVATIONS_READ, _infused),
    Address(
        "alerts_acknowledge",
        "POST",
        Scope.TOXICITY_WRITE,
        _infused,
        lambda world: {
            "cases": [world.alert.case],
            "answer": "with_the_child",
            "answered_by": "Ivo Rossi",
        },
    ),
    Address("episodes", "GET", Scope.OBSERVATIONS_READ, _infused),
    Address("checks", "GET", Scope.OBSERVATIONS_READ, _infused),
    Address("hand_over_sheets", "GET", Scope.OBSERVATIONS_READ, _infused),
    Address("dosing_weights", "GET", Scope.OBSERVATIONS_READ, _infused),
    Address("dosing_weights", "POST", Scope.TOXICITY_WRITE, _infused, lambda world: {"weight_kg": 18.4}),
    Address(
        "bag_comparisons",
        "POST",
        Scope.CUSTODY_WRITE,
        _infused,
        lambda world: {"wristband": "?", "bag": "?"},
    ),
    Address("orders", "GET", Scope.JOURNEYS_READ, _infused),
    Address("readiness", "GET", Scope.JOURNEYS_READ, _infused),
    Address("custody_items", "GET", Scope.JOURNEYS_READ, _infused),
    Address("custody_entries", "GET", Scope.JOURNEYS_READ, _infused),
    Address(
        "custody_entries",
        "POST",
        Scope.CUSTODY_WRITE,
        _infused,
        lambda world: {"step": "label_applied", "items": [str(item_id(world.infused.journey_id, 1))]},
    ),
    Address("interventions", "GET", Scope.OBSERVATIONS_READ, _infused),
    Address(
        "interventions",
        "POST",
        Scope.TOXICITY_WRITE,
        _infused,
        lambda world: {"agent": "antipyretic", "dose_mg": 250.0},
    ),
    Address(
        "intervention_stop",
        "POST",
        Scope.TOXICITY_WRITE,
        lambda world: {**_infused(world), "intervention_id": world.course.pk},
        lambda world: {},
    ),
    Address("observations", "GET", Scope.OBSERVATIONS_READ, _infused),
    Address("observations", "POST", Scope.OBSERVATIONS_WRITE, _infused, lambda world: {"spo2": 98}),
    Address("laboratory", "GET", Scope.OBSERVATIONS_READ, _infused),
    Address(
        "laboratory",
        "POST",
        Scope.OBSERVATIONS_WRITE,
        _infused,
        lambda world: {"results": [{"loinc": "2276-4", "value": 900, "unit": "ng/mL"}]},
    ),
    Address("reminders", "GET", Scope.REMINDERS_READ, is_list=True),
    Address("reminder", "GET", Scope.REMINDERS_READ, _reminder),
    Address("reminder_acknowledge", "POST", Scope.REMINDERS_WRITE, _reminder),
    Address(
        "reminder_complete", "POST", Scope.REMINDERS_WRITE, _reminder, lambda world: {"reason": "By phone."}
    ),
    Address("calculators", "GET", None),
    *(Address(f"calculator_{name}", "GET", None) for name in CALCULATORS),
    *(Address(f"calculator_{name}", "POST", None, body=_example(name)) for name in CALCULATORS),
]
OPEN_TO_ALL = {"schema", "docs", "unknown", "no_calculator"}


@pytest.fixture
def world(story: Story) -> Iterator[World]:
    """Three children of center A, one after the other: booked, infused, accepted; and a free slot."""
    booking = story.booked()
    infused = replace(story, at=story.later(days=7))
    infused.infused()
    course, alert = _on_oxygen(infused)
    accepted = replace(infused, at=infused.later(days=7))
    accepted.accepted()
    confirmed, released = (_held(replace(accepted), in_days=number) for number in (4, 5))
    free_slot, other_slot = accepted.slot(), accepted.slot(in_days=6)
    # The one furthest away: nothing recorded on the way through the table ends it.
    reminder = Reminder.objects.filter(journey_id=infused.journey_id).open().order_by("due_at", "pk").last()
    assert reminder is not None
    with time_machine.travel(accepted.at, tick=False):
        yield World(
            infused,
            accepted,
            booking,
            str(free_slot.pk),
            reminder,
            confirmed,
            released,
            str(other_slot.pk),
            course,
            alert,
        )


def _on_oxygen(story: Story) -> tuple[Intervention, Alert]:
    """A child on oxygen with too little of it in the blood, and the alert that this raised."""
    oxygen = InterventionDetails(
        agent="oxygen", device=OxygenDevice.NASAL_CANNULA, rate=2.0, rate_unit="L/min"
    )
    course = intervention_record(
        journey_id=story.journey_id, intervention=oxygen, by=story.nurse.actor, at=story.later(hours=1)
    )
    observed(story, ObservationEntry(spo2=84))
    return course, Alert.objects.filter(journey_id=story.journey_id).latest("event_id")


def _held(story: Story, *, in_days: int) -> Booking:
    """A hold of yet another child."""
    story.accepted()
    return booking_hold(
        journey_id=story.journey_id,
        times=[story.slot(in_days=in_days).pk],
        minutes=24 * 60,
        by=story.coordinator.actor,
        at=story.at,
    )


def test_the_table_holds_every_method_of_every_address() -> None:
    views = {pattern.name: pattern.callback for pattern in urlpatterns}
    closed = {name: view.cls for name, view in views.items() if name not in OPEN_TO_ALL}
    assert all(issubclass(view, ApiView) for view in closed.values())
    promised = {
        (name, method, scope) for name, view in closed.items() for method, scope in view.scopes.items()
    }
    assert promised == {(address.name, address.method, address.scope) for address in TABLE}


def test_every_address_asks_for_a_known_token_its_scope_and_its_center(
    world: World,
    outsider: Program,
    center: Center,
    new_program: NewProgram,
    subtests: pytest.Subtests,
) -> None:
    """One walk over all addresses, each from the outside in, so that nothing changes before its last step."""
    for address in TABLE:
        with subtests.test(str(address)):
            nobody = address.ask(Program(None), world)
            assert refusal(nobody) == (401, "not_authenticated")
            assert nobody["WWW-Authenticate"] == 'Bearer realm="CARTPath"'

            stranger = address.ask(Program("cp_unknown"), world)
            assert refusal(stranger) == (401, "invalid_token")
            assert "invalid_token" in stranger["WWW-Authenticate"]

            assert refusal(address.ask(revoked(new_program(center)), world)) == (401, "invalid_token")

            if address.scope is None:
                for scope in (Scope.SLOTS_READ, Scope.REFERRALS_WRITE):
                    assert address.ask(new_program(center, scopes=[scope]), world).status_code == 200
                assert address.ask(outsider, world).status_code == 200
                continue

            others = [scope for scope in Scope.values if scope != address.scope]
            limited = address.ask(new_program(center, scopes=others), world)
            assert refusal(limited) == (403, "wrong_scope")
            assert address.scope in limited["WWW-Authenticate"]

            elsewhere = address.ask(outsider, world)
            if address.is_list:
                assert elsewhere.json()["results"] == []
            else:
                assert refusal(elsewhere) == (404, "not_found")

            welcome = address.ask(new_program(center, scopes=[address.scope]), world)
            assert welcome.status_code in (200, 201), welcome.content
            if address.is_list and address.name != "changes":  # the feed holds back what is not committed
                assert welcome.json()["results"]


def revoked(program: Program) -> Program:
    """The same program, after somebody took its token away."""
    client = ApiClient.objects.get(token_hash=token_digest(str(program.token)))
    api_client_revoke(client_id=client.pk, at=timezone.now() - timedelta(minutes=1))
    return program


def refusal(response: Answer) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert response["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    return response.status_code, document["code"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Basic YTpi", "cp_token"])
@pytest.mark.django_db
def test_anything_but_a_bearer_token_is_no_token(header: str) -> None:
    response = Program(None).get("journeys/", headers={"Authorization": header})
    assert refusal(response) == (401, "not_authenticated")


@pytest.mark.django_db
def test_a_client_without_a_center_sees_nothing(program: Program) -> None:
    ApiClient.objects.get().centers.clear()
    assert program.get("journeys/").json()["results"] == []
    assert program.get("leukapheresis/slots/").json()["results"] == []


def test_a_client_of_two_centers_sees_both(
    story: Story, other_story: Story, center: Center, other_center: Center, new_program: NewProgram
) -> None:
    journeys = [story.referred(), other_story.referred()]
    both = new_program(center, other_center)
    found = both.get("journeys/").json()["results"]
    assert [row["id"] for row in found] == [str(journey.pk) for journey in journeys]
    only_b = both.get("journeys/", center="B").json()["results"]
    assert [row["center"] for row in only_b] == ["B"]
