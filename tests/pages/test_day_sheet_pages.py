"""A day as the calendar and its printed sheet tell it: who is on the machine, and what came of it."""

from collections.abc import Callable
from datetime import timedelta

from cartpath.accounts.models import Center, User
from leukapheresis.enums import ResourceKind
from tests.booking import prepared
from tests.equipment import unit_of
from tests.factories import Story
from tests.pages.conftest import Desk, text_of
from tests.stages.test_donor import accepted, book, consented, known

Sit = Callable[[User], Desk]


def test_the_day_sheet_tells_a_nurse_everything(story: Story, desk: Sit, nina: User, center: Center) -> None:
    Center.objects.filter(pk=center.pk).update(phone="+39 055 5550100")
    unit_of(center, ResourceKind.NURSE)
    booking = story.booked()
    story.slot(machine="Machine 2")
    page = text_of(desk(nina).get("/apheresis/day/2026-03-05/print/"))
    for said in (
        "ROSSI, Giulia",
        "18.4 kg",
        "+39 055 5550100",
        "Nurse 1",
        "Machine 2",
        "Free",
        "Arranged outside CARTPath",
    ):
        assert said in page
    assert booking.journey.patient.mrn in page
    assert desk(nina).get("/apheresis/day/2026-02-30/print/").status_code == 404


def test_the_sheet_tells_what_not_every_child_takes_and_how_blood_is_drawn(
    story: Story, desk: Sit, nina: User, center: Center
) -> None:
    unit_of(center, ResourceKind.NURSE, ResourceKind.ANESTHESIA)
    story.accepted()
    prepared(story, "central_present", "yes")
    book(story, in_days=3)
    page = text_of(desk(nina).get("/apheresis/day/2026-03-05/print/"))
    assert "Central line in place" in page
    assert "Allergies not recorded" in page
    assert "sedation" in page
    assert "Every collection needs" not in page


def test_a_donor_stands_where_the_child_would(story: Story, desk: Sit, nina: User) -> None:
    accepted(story)
    known(story)
    consented(story)
    day = book(story).slot.starts_at.astimezone(story.center.zone).date()
    sheet = text_of(desk(nina).get(f"/apheresis/day/{day}/print/"))
    assert "On the machine: the donor</strong> BIANCHI, Marta" in sheet
    assert "DON-7" in sheet and "61.5 kg" in sheet
    week = text_of(desk(nina).get(f"/apheresis/?day={day}"))
    assert "donor 37 y" in week and "61.5 kg" in week


def test_what_was_collected_is_said_on_every_row(story: Story, desk: Sit, nina: User, center: Center) -> None:
    unit_of(center, ResourceKind.NURSE)
    story.collected()
    day = desk(nina).get("/apheresis/?day=2026-03-05&kind=nurse")
    assert "slot-done" in text_of(day) and "Collected" in text_of(day)
    assert "slot-booked" not in text_of(day)


def test_a_week_whose_times_have_begun_is_over_and_not_full(story: Story, desk: Sit, ada: User) -> None:
    story.slot(in_days=1)
    story.at += timedelta(days=2)
    strip = text_of(desk(ada).get("/apheresis/")).split('class="rooms"')[1].split("</nav>")[0]
    assert '<strong>0</strong> of 1 <span class="room-word">over</span>' in strip
