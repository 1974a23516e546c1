"""The waiting list and its offers: as coordinators use the pages."""

from collections.abc import Callable
from datetime import date

from django.urls import reverse

from cartpath.accounts.models import User
from leukapheresis.enums import BookingState, OfferState, WaitingState
from leukapheresis.models import (
    Booking,
    SlotOffer,
    WaitingEntry,
)
from leukapheresis.scheduling.waiting import offers_make
from leukapheresis.services import booking_cancel
from tests.factories import Story
from tests.pages.conftest import Desk, text_of
from tests.pages.scheduled import booked

Sit = Callable[[User], Desk]
FIND = "leukapheresis:find"
WAITING = "/apheresis/waiting/"


def waits(story: Story, desk: Desk, priority: int, reason: str) -> None:
    typed = {"priority": str(priority), "priority_reason": reason, "from_on": "2026-03-02", "until_on": ""}
    assert desk.post(desk.path("leukapheresis:waiting_join"), typed).status_code == 302


def test_the_waiting_list_is_ordered_by_priority_and_says_why(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    waits(story, desk(ada), 3, "Stable")
    story.accepted()
    waits(story, desk(ada), 1, "Blasts double every week")
    page = text_of(desk(ada).get(WAITING))
    assert page.index("Blasts double every week") < page.index("Stable")
    path = desk(ada).path("leukapheresis:waiting_join")
    again = {"priority": "2", "priority_reason": "x", "from_on": "2026-03-02"}
    assert "already in the waiting list" in text_of(desk(ada).post(path, again))
    assert desk(ada).post(path, again | {"priority": "9"}).status_code == 422


def test_a_place_is_changed_and_left(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    waits(story, desk(ada), 3, "Stable")
    entry = WaitingEntry.objects.get()
    change, leave = (reverse(f"leukapheresis:waiting_{act}", args=[entry.pk]) for act in ("change", "leave"))
    assert 'value="Stable"' in text_of(desk(ada).get(change))
    typed = {"priority": "1", "priority_reason": "Relapse", "from_on": "2026-03-05", "until_on": "2026-03-04"}
    refused = desk(ada).post(change, typed)
    assert refused.status_code == 422 and 'value="Relapse"' in text_of(refused)
    assert desk(ada).post(change, typed | {"until_on": "2026-03-20"}).status_code == 302
    entry.refresh_from_db()
    assert (entry.priority, entry.until_on) == (1, date(2026, 3, 20))
    assert desk(ada).post(leave, {"note": "Elsewhere"}).status_code == 302
    entry.refresh_from_db()
    assert entry.state == WaitingState.LEFT
    assert desk(ada).post(leave, {}).status_code == 422


def offer_of(story: Story, desk: Desk) -> SlotOffer:
    """A freed slot, offered to the story's child, who waits."""
    story.accepted()
    booking = booked(story, 6)
    story.accepted()
    waits(story, desk, 1, "Relapse")
    booking_cancel(booking_id=booking.pk, reason_code="family", by=story.coordinator.actor, at=story.at)
    offers_make(at=story.at)
    return SlotOffer.objects.get()


def test_an_open_offer_shows_its_deadline_and_is_accepted(story: Story, desk: Sit, ada: User) -> None:
    offer = offer_of(story, desk(ada))
    page = text_of(desk(ada).get(WAITING))
    accept = reverse("leukapheresis:offer_accept", args=[offer.pk])
    assert accept in page and "answer until" in page
    asked = text_of(desk(ada).get(accept))
    # What follows is told; a reason to collect early is asked only where a washout is open then.
    assert "Infusion, at the earliest" in asked and "override_reason" not in asked
    held_page = text_of(desk(ada).get(desk(ada).path("leukapheresis:find")))
    assert "Offered from the waiting list" in held_page
    assert desk(ada).post(accept, {}).status_code == 302
    offer.refresh_from_db()
    assert offer.state == OfferState.ACCEPTED
    assert Booking.objects.get(journey_id=story.journey_id).state == BookingState.BOOKED
    refused = desk(ada).post(accept, {})
    assert refused.status_code == 422 and "no longer open" in text_of(refused)


def test_a_declined_offer_keeps_the_childs_place(story: Story, desk: Sit, ada: User) -> None:
    offer = offer_of(story, desk(ada))
    decline = reverse("leukapheresis:offer_decline", args=[offer.pk])
    assert desk(ada).post(decline, {"note": "Exams"}).status_code == 302
    offer.refresh_from_db()
    assert (offer.state, offer.entry.state) == (OfferState.DECLINED, WaitingState.WAITING)
    assert "1 offer came to nothing" in text_of(desk(ada).get(WAITING))


def test_another_centers_list_and_offers_are_not_there(
    story: Story, desk: Sit, ada: User, cleo: User, dana: User
) -> None:
    offer = offer_of(story, desk(ada))
    assert "ROSSI" not in text_of(desk(cleo).get(WAITING))
    page = text_of(desk(dana).get(WAITING))
    assert "ROSSI" in page and "/accept/" not in page
    for name, key in (
        ("waiting_change", offer.entry_id),
        ("waiting_leave", offer.entry_id),
        ("offer_accept", offer.pk),
        ("offer_decline", offer.pk),
    ):
        assert desk(cleo).get(reverse(f"leukapheresis:{name}", args=[key])).status_code in (403, 404)
