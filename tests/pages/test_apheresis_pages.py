"""Calendar, booking and collection, as nurses and coordinators use them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from cartpath.accounts.models import Center, User
from leukapheresis.enums import BookingState, SlotState
from leukapheresis.models import Booking, Collection, CollectionDay, Resource, Slot
from leukapheresis.services import slot_open
from patients.enums import Stage
from patients.inputs import TreatmentDetails
from patients.services import treatment_record
from tests.factories import Story
from tests.pages.conftest import Desk, panel_of, text_of, typed_time

CALENDAR = "/apheresis/"
Sit = Callable[[User], Desk]


def treated(story: Story, drug: str, drug_class: str, last_dose: date | None) -> None:
    treatment_record(
        journey_id=story.journey_id,
        treatment=TreatmentDetails(drug=drug, drug_class=drug_class, last_dose=last_dose),  # type: ignore[arg-type]
        by=story.clinician.actor,
        at=story.at,
    )


def test_the_calendar_shows_who_holds_a_slot_with_age_and_weight(story: Story, desk: Sit, dana: User) -> None:
    booking = story.booked()
    page = text_of(desk(dana).get(f"{CALENDAR}?week={booking.slot.starts_at:%G-W%V}"))
    assert "ROSSI, Giulia" in page
    assert "5 y 1 m · 18.4 kg" in page
    assert "08:00" in page and "14:00" in page


def test_a_free_slot_leads_to_the_children_who_wait(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    slot = story.slot()
    address = reverse("leukapheresis:slot", args=[slot.pk])
    calendar = text_of(desk(ada).get(f"{CALENDAR}?day={slot.starts_at:%Y-%m-%d}"))
    assert address in calendar
    page = text_of(desk(ada).get(address))
    assert "ROSSI, Giulia" in page
    assert f"{desk(ada).path('leukapheresis:booking')}?slot={slot.pk}" in page


@pytest.mark.parametrize("query", ["week=2026-W99", "week=nonsense", "day=2026-02-30", "week="])
def test_an_impossible_week_shows_this_one(query: str, story: Story, desk: Sit, ada: User) -> None:
    page = text_of(desk(ada).get(f"{CALENDAR}?{query}"))
    assert "Week 10" in page or "No machine yet" in page


def test_the_calendar_costs_the_same_for_one_child_as_for_six(story: Story, desk: Sit, ada: User) -> None:
    week = f"{CALENDAR}?week={story.at:%G-W%V}"
    story.booked(story.slot(machine="Machine 1", in_days=2))
    for_one = desk(ada).queries(week)
    for number in range(2, 7):
        story.booked(story.slot(machine=f"Machine {number}", in_days=2))
    assert "Machine 6" in text_of(desk(ada).get(week))
    assert desk(ada).queries(week) == for_one


def test_an_outsider_sees_no_slot_of_another_center(story: Story, desk: Sit, cleo: User) -> None:
    booking = story.booked()
    page = text_of(desk(cleo).get(f"{CALENDAR}?week={booking.slot.starts_at:%G-W%V}"))
    assert "ROSSI" not in page
    assert desk(cleo).get(reverse("leukapheresis:slot", args=[booking.slot_id])).status_code == 404


def test_a_coordinator_books_and_comes_back_to_the_panel(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    slot = story.slot()
    response = desk(ada).post(desk(ada).path("leukapheresis:booking"), {"slot": str(slot.pk)})
    assert (response.status_code, response["Location"]) == (302, panel_of(story, "apheresis"))
    assert Booking.objects.get(journey_id=story.journey_id).slot == slot


def test_the_page_names_the_treatment_that_binds(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    treated(story, "Cyclophosphamide", "cytotoxic", date(2026, 2, 28))
    treated(story, "Prednisone", "corticosteroid", date(2026, 2, 27))
    page = text_of(desk(ada).get(desk(ada).path("leukapheresis:booking")))
    assert "Washout open" in page
    assert "Cyclophosphamide until 15-Mar" in page


def test_an_early_slot_needs_a_reason_and_what_was_chosen_stays(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    treated(story, "Cyclophosphamide", "cytotoxic", date(2026, 2, 28))
    slot = story.slot(in_days=3)
    path = desk(ada).path("leukapheresis:booking")
    refused = desk(ada).post(path, {"slot": str(slot.pk), "override_reason": " "})
    assert refused.status_code == 422
    assert f'name="book" value="{slot.pk}"' in text_of(refused)
    assert not Booking.objects.exists()
    booked = desk(ada).post(path, {"slot": str(slot.pk), "override_reason": "Disease progresses"})
    assert booked.status_code == 302
    assert Booking.objects.get().override_reason == "Disease progresses"


def test_somebody_who_may_not_override_is_neither_asked_nor_heard(
    story: Story, desk: Sit, nina: User
) -> None:
    story.accepted()
    treated(story, "Cyclophosphamide", "cytotoxic", None)
    slot = story.slot(in_days=3)
    path = desk(nina).path("leukapheresis:booking")
    assert 'name="override_reason"' not in text_of(desk(nina).get(path))
    refused = desk(nina).post(path, {"slot": str(slot.pk), "override_reason": "I say so"})
    assert refused.status_code == 422
    assert not Booking.objects.exists()


def test_an_unknown_last_dose_is_said_in_words(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    treated(story, "Cyclophosphamide", "cytotoxic", None)
    page = text_of(desk(ada).get(desk(ada).path("leukapheresis:booking")))
    assert "Washout unknown" in page
    assert "Cyclophosphamide (last dose unknown)" in page


def test_a_lost_race_is_told_beside_the_slots(story: Story, desk: Sit, ada: User) -> None:
    slot = story.slot()
    story.booked(slot)
    story.accepted()
    refused = desk(ada).post(desk(ada).path("leukapheresis:booking"), {"slot": str(slot.pk)})
    assert refused.status_code == 422
    assert "This slot was taken meanwhile" in text_of(refused)


def test_canceling_asks_for_a_reason_code(story: Story, desk: Sit, ada: User) -> None:
    booking = story.booked()
    path = desk(ada).path("leukapheresis:booking_cancel")
    assert desk(ada).post(path, {"note": "Fever"}).status_code == 422
    assert desk(ada).post(path, {"reason_code": "clinical", "note": "Fever"}).status_code == 302
    booking.refresh_from_db()
    assert (booking.state, booking.cancel_note) == (BookingState.CANCELED, "Fever")
    assert desk(ada).get(path).status_code == 409


def opened(machine: Resource, **changes: object) -> dict[str, object]:
    return {
        "machine": str(machine.pk),
        "first_on": "2026-03-09",
        "last_on": "2026-03-20",
        "weekdays": ["0", "2"],
        "start": "08:00",
        "end": "14:00",
        **changes,
    }


def test_slots_are_opened_for_a_run_of_weekdays_in_the_centers_zone(
    story: Story, desk: Sit, ada: User, center: Center
) -> None:
    machine = Resource.objects.create(center=center, name="Optia 1")
    slot_open(
        resource=machine,
        starts_at=datetime(2026, 3, 9, 9, tzinfo=center.zone),
        ends_at=datetime(2026, 3, 9, 11, tzinfo=center.zone),
    )
    path = reverse("leukapheresis:slots_open")
    response = desk(ada).post(path, opened(machine))
    assert (response.status_code, response["Location"]) == (302, "/apheresis/?week=2026-W11")
    starts = sorted(slot.starts_at.astimezone(center.zone) for slot in Slot.objects.all())
    assert [(at.day, at.hour) for at in starts] == [(9, 9), (11, 8), (16, 8), (18, 8)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"last_on": "2026-03-01"}, "before the first"),
        ({"last_on": "2028-03-01"}, "one year"),
        ({"end": "07:00"}, "after the start"),
        ({"weekdays": []}, "required"),
    ],
)
def test_impossible_runs_of_slots_are_refused_beside_the_field(
    wrong: dict[str, object], said: str, story: Story, desk: Sit, ada: User, center: Center
) -> None:
    machine = Resource.objects.create(center=center, name="Optia 1")
    response = desk(ada).post(reverse("leukapheresis:slots_open"), opened(machine, **wrong))
    assert response.status_code == 422
    assert said in text_of(response)
    assert not Slot.objects.exists()


def test_a_machine_of_another_center_is_not_offered(
    story: Story, desk: Sit, ada: User, other_center: Center
) -> None:
    foreign = Resource.objects.create(center=other_center, name="Theirs")
    assert desk(ada).post(reverse("leukapheresis:slots_open"), opened(foreign)).status_code == 422


def test_a_slot_is_kept_back_and_given_free_again(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    slot = story.slot()
    block, unblock = (reverse(f"leukapheresis:slot_{act}", args=[slot.pk]) for act in ("block", "unblock"))
    assert desk(ada).post(block).status_code == 302
    slot.refresh_from_db()
    assert slot.state == SlotState.BLOCKED
    assert desk(ada).post(block).status_code == 409
    assert desk(ada).post(unblock).status_code == 302
    slot.refresh_from_db()
    assert slot.state == SlotState.OPEN
    assert desk(ada).get(block).status_code == 405


def test_cells_are_typed_in_powers_of_ten_with_either_decimal_mark(
    story: Story, desk: Sit, nina: User
) -> None:
    booking = story.booked()
    story.at = booking.slot.ends_at
    started = booking.slot.starts_at.astimezone(story.center.zone)
    typed = {
        "started_at": typed_time(started),
        "tnc": "5,6",
        "cd3": "2.6",
        "viability_percent": "98,5",
        "decision": "again",
        "identity_missing_reason": "Alone.",
    }
    response = desk(nina).post(desk(nina).path("leukapheresis:collection_day"), typed)
    assert response.status_code == 302
    day = CollectionDay.objects.get()
    assert (day.tnc, day.cd3, float(day.viability_percent or 0)) == (5_600_000_000, 2_600_000_000, 98.5)
    assert (day.started_at, day.weight_kg, day.prime) == (started, None, "")


def test_a_day_with_unknown_cells_makes_the_total_unknown(story: Story, desk: Sit, nina: User) -> None:
    booking = story.booked()
    story.at = booking.slot.ends_at
    path = desk(nina).path("leukapheresis:collection_day")
    for hours, tnc in ((2, "1.5"), (1, "")):
        started = (story.at - timedelta(hours=hours)).astimezone(story.center.zone)
        typed = {"started_at": typed_time(started), "tnc": tnc, "cd3": "", "decision": "again"}
        desk(nina).post(path, typed | {"identity_missing_reason": "Alone."})
    page = text_of(desk(nina).get(desk(nina).path("leukapheresis:collection_complete")))
    assert "at least 1.5" in page
    assert page.count('class="verdict verdict-unknown"') == 3


def test_what_was_typed_stays_when_a_day_is_refused(story: Story, desk: Sit, nina: User) -> None:
    booking = story.booked()
    story.at = booking.slot.ends_at
    started = booking.slot.starts_at.astimezone(story.center.zone)
    typed = {
        "started_at": typed_time(started),
        "ended_at": typed_time(started - timedelta(hours=1)),
        "tnc": "1",
        "cd3": "2",
        "device": "Spectra Optia",
        "decision": "enough",
    }
    page = desk(nina).post(desk(nina).path("leukapheresis:collection_day"), typed)
    assert page.status_code == 422
    text = text_of(page)
    assert 'value="Spectra Optia"' in text
    assert "The end must lie after the start." in text
    assert "exceed nucleated cells" in text
    assert not CollectionDay.objects.exists()


def test_a_collection_in_the_future_is_refused(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    tomorrow = (story.at + timedelta(days=1)).astimezone(story.center.zone)
    typed = {"started_at": typed_time(tomorrow), "decision": "enough"}
    page = desk(nina).post(desk(nina).path("leukapheresis:collection_day"), typed)
    assert page.status_code == 422
    assert "Give a time that has passed." in text_of(page)


def test_a_collection_below_its_target_is_completed_only_with_a_reason(
    story: Story, desk: Sit, nina: User
) -> None:
    booking = story.booked()
    story.at = booking.slot.ends_at
    started = typed_time(booking.slot.starts_at.astimezone(story.center.zone))
    day = {"started_at": started, "tnc": "1", "cd3": "0.4", "decision": "stop"}
    day |= {"identity_missing_reason": "Alone."}
    desk(nina).post(desk(nina).path("leukapheresis:collection_day"), day)
    path = desk(nina).path("leukapheresis:collection_complete")
    assert desk(nina).post(path, {}).status_code == 422
    assert desk(nina).post(path, {"reason": "No second collection possible"}).status_code == 302
    collection = Collection.objects.get()
    assert (collection.is_accepted, story.journey.stage) == (False, Stage.COLLECTED)
