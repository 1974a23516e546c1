"""Finding dates with what the database knows: a fixed number of queries, and fast over a year."""

from datetime import date, datetime, time, timedelta
from time import process_time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.unit import unit_fill
from cartpath.accounts.models import Center
from leukapheresis.enums import ClosureKind, ResourceKind
from leukapheresis.inputs import AwayDetails, CollectionDayDetails
from leukapheresis.models import Closure, Quota, Resource, ResourceHours
from leukapheresis.rules.search import DateAnswer
from leukapheresis.scheduling.booking import booking_create, booking_hold
from leukapheresis.scheduling.bundles import PartChoice
from leukapheresis.scheduling.finding import Found, Wish, found_for
from leukapheresis.scheduling.preparing import family_away_record
from leukapheresis.services import collection_day_record
from manufacturing.inputs import OrderDetails
from manufacturing.services import milestone_record, product_order
from patients.inputs import TreatmentDetails
from patients.models import Journey
from patients.services import treatment_record
from tests.booking import prepared
from tests.equipment import unit_of
from tests.factories import Story

# At most 300 ms on a quiet machine, as `make bench` measures it; one busy with other tests is given more.
GENEROUS_SECONDS = 0.5


def find(story: Story, **wish: Any) -> Found:
    wish.setdefault("from_on", story.at.date())
    wish.setdefault("last_on", wish["from_on"] + timedelta(days=20))
    return found_for(story.journey, Wish(**({"most": None} | wish)), at=story.at)


def on(found: Found, in_days: int) -> DateAnswer:
    return next(
        answer for answer in found.answers if answer.on == found.wish.from_on + timedelta(days=in_days)
    )


def codes(found: Found, in_days: int) -> list[str]:
    return [reason.code for reason in on(found, in_days).reasons]


def machine(center: Center, name: str = "Machine 1") -> Resource:
    """A machine that is there on workdays."""
    made = Resource.objects.create(center=center, name=name)
    ResourceHours.objects.bulk_create(
        [
            ResourceHours(resource=made, weekday=weekday, opens=time(8), closes=time(18))
            for weekday in range(5)
        ]
    )
    return made


def test_free_slots_and_free_machines_are_found(story: Story) -> None:
    story.accepted()
    slot = story.slot(in_days=3)
    machine(story.center, "Machine 2")
    found = find(story)
    thursday = on(found, 3)
    assert [(offer.days[0].time.machine.name, offer.days[0].time.slot) for offer in thursday.offers] == [
        ("Machine 1", slot.pk),
        ("Machine 2", None),
    ]
    assert codes(found, 5) == ["no_slot"]


def test_what_others_have_or_hold_is_not_offered_and_an_ended_hold_is(story: Story) -> None:
    slot = story.slot(in_days=3)
    story.accepted()
    booking_hold(
        journey_id=story.journey_id, times=[slot.pk], minutes=300, by=story.coordinator.actor, at=story.at
    )
    story.accepted()
    assert not on(find(story, from_on=date(2026, 3, 2)), 3).offers
    story.later(hours=6)
    (offer,) = on(find(story, from_on=date(2026, 3, 2)), 3).offers
    assert offer.days[0].time.slot == slot.pk


def test_every_part_of_the_bundle_is_found_and_named(story: Story) -> None:
    unit_of(story.center)
    story.accepted()
    prepared(story, "central_needed", "yes")
    story.slot(in_days=4)
    (offer,) = on(find(story), 4).offers
    assert {seat.part: seat.name for seat in offer.days[0].seats} == {
        "machine": "Machine 1",
        "chair": "Chair 1",
        "nurse": "Nurse 1",
        "anesthesia": "Anesthesia",
        "line_placement": "Line placement",
        "red_cell_prime": "Blood bank",
        "cryopreservation": "Cell laboratory",
    }


def test_red_cells_must_be_ordered_in_time(story: Story) -> None:
    unit_of(story.center)
    story.accepted()
    story.slot(in_days=2)
    found = find(story)
    (reason,) = on(found, 2).reasons
    assert (reason.code, reason.rules) == ("lead_time", ("bundle_prime_weight",))
    assert any("Italian" in source for source in reason.sources)
    left_out = PartChoice(part="red_cell_prime", wanted=False, reason="In stock")
    assert on(find(story, choices=(left_out,)), 2).offers


def test_a_closed_day_a_full_week_and_a_family_away_are_told(story: Story) -> None:
    machine(story.center)
    story.accepted()
    Closure.objects.create(
        center=story.center,
        first_on=date(2026, 3, 5),
        last_on=date(2026, 3, 5),
        kind=ClosureKind.HOLIDAY,
        note="Patron saint",
    )
    Quota.objects.create(
        center=story.center, per_week=0, valid_from=date(2026, 3, 9), valid_to=date(2026, 3, 11)
    )
    family_away_record(
        journey_id=story.journey_id,
        details=AwayDetails(first_on=date(2026, 3, 12), last_on=date(2026, 3, 13), note="Lourdes"),
        by=story.coordinator.actor,
        at=story.at,
    )
    found = find(story)
    assert [codes(found, days) for days in (2, 3, 7, 8, 9, 10, 11)] == [
        [],
        ["closed"],
        ["quota_full"],
        ["quota_full"],
        [],
        ["family_away"],
        ["family_away"],
    ]
    assert on(found, 3).reasons[0].sentence == "Closed on 05-Mar-2026 (Patron saint)."
    assert "Lourdes" in on(found, 10).reasons[0].sentence


def test_the_quota_counts_the_other_bookings_of_the_week(story: Story) -> None:
    machine(story.center)
    Quota.objects.create(center=story.center, per_week=1, valid_from=date(2026, 1, 1))
    story.booked(story.slot(in_days=3))
    story.accepted()
    found = find(story)
    assert (codes(found, 1), codes(found, 7)) == (["quota_full"], [])


def test_the_washout_that_binds_is_named_with_its_rule_and_source(story: Story) -> None:
    machine(story.center)
    story.accepted()
    for drug, drug_class, last_dose in (
        ("Prednisone", "corticosteroid", date(2026, 3, 1)),
        ("Vincristine", "cytotoxic", date(2026, 2, 25)),
    ):
        treatment_record(
            journey_id=story.journey_id,
            treatment=TreatmentDetails(drug=drug, drug_class=drug_class, last_dose=last_dose),  # type: ignore[arg-type]
            by=story.clinician.actor,
            at=story.at,
        )
    found = find(story)
    assert [reason.rules for reason in on(found, 1).reasons] == [
        ("washout_cytotoxic",),
        ("washout_corticosteroid",),
    ]
    assert on(found, 1).reasons[0].sentence == "Washout open: Vincristine until 12-Mar-2026 00:00."
    assert "ASH" in on(found, 1).reasons[0].sources[0]
    assert (on(found, 9).is_offered, on(found, 10).is_offered) == (False, True)


def test_low_counts_of_yesterday_forbid_the_next_days_and_unknown_counts_nothing(story: Story) -> None:
    machine(story.center)
    story.accepted()
    assert find(story).counts.verdict is None
    assert on(find(story), 1).is_offered
    collection_day_record(
        journey_id=story.journey_id,
        day=CollectionDayDetails(
            identity_missing_reason="A test.", decision="again", alc_per_ul=120, pre_cd3_per_ul=40
        ),
        by=story.nurse.actor,
        at=story.at,
    )
    story.later(hours=20)
    found = find(story, from_on=date(2026, 3, 3))
    assert (found.counts.counts.alc_per_ul, found.counts.age_days(date(2026, 3, 4))) == (120, 2)
    assert codes(found, 0) == ["counts"]
    assert (on(found, 2).is_offered, on(found, 3).is_offered) == (False, True)


def test_the_makers_slot_is_kept(story: Story) -> None:
    machine(story.center)
    story.accepted()
    by = story.coordinator.actor
    product_order(journey_id=story.journey_id, order=OrderDetails(), by=by, at=story.at)
    milestone_record(
        journey_id=story.journey_id,
        milestone="slot_confirmed",
        expected_on=date(2026, 3, 16),
        by=by,
        at=story.later(hours=1),
    )
    found = find(story, days=2)
    # The cells take five days, so they must be collected by 11 March.
    assert (codes(found, 8), codes(found, 9)) == ([], ["manufacturer"])


def test_a_booking_that_is_moved_doesnt_stand_in_its_own_way(story: Story) -> None:
    unit_of(story.center, ResourceKind.CHAIR, ResourceKind.NURSE)
    machine(story.center)
    story.accepted()
    slot = story.slot(in_days=3)
    booking = booking_create(
        journey_id=story.journey_id, slot_id=slot.pk, by=story.coordinator.actor, at=story.at
    )
    assert "busy" in codes(find(story), 3) or "no_slot" in codes(find(story), 3)
    wish = Wish(from_on=story.at.date(), last_on=date(2026, 3, 20), most=None)
    found = found_for(story.journey, wish, at=story.at, booking=booking)
    assert on(found, 3).offers


@pytest.fixture
def full_year(center: Center, noon: datetime) -> tuple[Journey, datetime]:
    """Thirty resources, two thousand bookings."""
    filled = unit_fill(center, resources=30, bookings=2_000, at=noon)
    assert filled.bookings == 2_000
    # Rolled back tests leave pages without rows, and a planner that was told so joins badly.
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE leukapheresis_booking, leukapheresis_slot, patients_journey, patients_referral"
        )
    journey = Journey.objects.select_related("patient", "center", "referral").get(pk=filled.journey.pk)
    return journey, noon


def test_a_year_of_thirty_resources_is_looked_through_at_once(full_year: tuple[Journey, datetime]) -> None:
    journey, at = full_year

    def seconds() -> float:
        begun = process_time()
        found = found_for(journey, Wish(from_on=at.date(), most=None), at=at)
        assert len(found.answers) == 366
        return process_time() - begun

    assert min(seconds() for _turn in range(3)) < GENEROUS_SECONDS


def test_the_number_of_queries_is_the_same_for_a_full_center_and_for_one_machine(
    full_year: tuple[Journey, datetime], story: Story, other_center: Center
) -> None:
    journey, at = full_year
    with CaptureQueriesContext(connection) as full:
        found_for(journey, Wish(from_on=at.date()), at=at)
    machine(other_center)
    story.center = other_center
    story.accepted()
    empty_journey = story.journey
    with CaptureQueriesContext(connection) as empty:
        found_for(empty_journey, Wish(from_on=at.date()), at=at)
    assert len(full) == len(empty) <= 18
