"""One child's whole way, played by hand: from the referral to the month-1 visit.

The clock of the server is moved from act to act, so that every time is one that could have been. People
sign in anew each day, as they do.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from playwright.sync_api import Page, expect

from cartpath.accounts.models import User
from cartpath.ledger.verify import verify
from cartpath.reminders.models import Reminder
from leukapheresis.models import Resource
from patients.models import Journey
from tests.browser.conftest import TABLET, Open
from tests.browser.hands import fill, follow, local, send, told
from tests.factories import PASSWORD, Story

ROME = ZoneInfo("Europe/Rome")
START = datetime(2026, 3, 2, 9, 0, tzinfo=ROME)


class Clock:
    """The server's clock, moved by hand."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self.traveller = traveller
        self.now = START

    def to(self, day: int, hour: int = 9, minute: int = 0) -> datetime:
        """Go to an hour of a day counted from the start."""
        self.now = (START + timedelta(days=day)).replace(hour=hour, minute=minute)
        self.traveller.move_to(self.now)
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that starts on 2 March 2026 at nine."""
    with time_machine.travel(START, tick=True) as traveller:
        yield Clock(traveller)


def sign_in(open_as: Open, user: User) -> Page:
    """Sign in through the door, with address and password."""
    page = open_as(None, "/accounts/login/", size=TABLET)
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    return page


def back(open_as: Open, user: User) -> Page:
    """Somebody who signed in before comes back on another day."""
    return open_as(user, size=TABLET)


def at_child(page: Page) -> Page:
    """Go to the only child's page."""
    page.goto(f"/journeys/{Journey.objects.get().pk}/")
    return page


def test_a_child_is_followed_from_referral_to_the_month_1_visit(
    open_as: Open, story: Story, clock: Clock
) -> None:
    Resource.objects.create(center=story.center, name="Optia 1")
    ada, ben = story.coordinator, story.clinician

    # The coordinator registers the referral; a wrong date is named and what was typed stays.
    page = sign_in(open_as, ada)
    page.get_by_role("link", name="New referral").first.click()
    child = {"mrn": "H-4711", "family_name": "Bianchi", "given_name": "Sofia", "birth_date": "2027-01-15"}
    fill(page, **child, sex="female", referred_at=local(clock.now), urgency="urgent")
    fill(page, referring_center="Ospedale di Provincia", product="tisagenlecleucel", diagnosis="b_all")
    send(page, "Register referral")
    expect(page.locator("[name=family_name]")).to_have_value("Bianchi")
    expect(page.locator("main")).to_contain_text("birth date must lie before the referral")
    fill(page, birth_date="2020-01-15")
    send(page, "Register referral")
    told(page, "Referral registered.")
    follow(page, "Measure")
    fill(page, measured_at=local(clock.now), weight_kg="20,5", height_cm="115")
    send(page, "Record")
    told(page, "Measurement recorded.")
    expect(page.locator(".banner")).to_contain_text("20.5 kg")
    follow(page, "Add treatment")
    fill(page, drug="Vincristine", drug_class="cytotoxic", last_dose_on="2026-02-27")
    send(page, "Record treatment")

    # The clinician assesses every criterion and accepts.
    page = at_child(sign_in(open_as, ben))
    follow(page, "Assess")
    for _ in range(page.locator("tbody tr").count()):
        row = page.locator("tbody tr", has_text=re.compile("Unknown")).first
        row.get_by_role("link", name=re.compile("^Assess")).click()
        fill(page, verdict="met", observed_on="2026-03-02", finding="seen")
        send(page, "Record verdict")
    expect(page.locator("main")).to_contain_text("Every criterion is met or waived.")
    follow(page, "Accept")
    send(page, "Accept")
    told(page, "Accepted.")

    # The coordinator opens slots and books; the washout is open until 14 March.
    page = back(open_as, ada)
    page.goto("/apheresis/slots/new/")
    fill(page, machine=str(Resource.objects.get().pk), first_on="2026-03-10", last_on="2026-03-20")
    fill(page, weekdays=["0", "1", "2", "3", "4"], start="08:00", end="13:00")
    send(page, "Open slots")
    at_child(page)
    follow(page, "Book a slot")
    expect(page.locator("main")).to_contain_text("14-Mar-2026")
    page.locator("main .find-week button[name=book]").first.click()
    page.wait_for_load_state()
    told(page, "ooked")
    expect(page.locator(".strip")).to_contain_text("planned 16-Mar")

    # The day of collection: two people say who lies there, then the nurse records what was collected.
    clock.to(14, 8)
    page = at_child(back(open_as, story.nurse))
    follow(page, "Identity check")
    fill(page, identifiers=["name_and_birth", "wristband"], second=ben.email, password=PASSWORD)
    send(page, "Both confirm")
    clock.to(14, 14)
    page = at_child(back(open_as, story.nurse))
    follow(page, "Record a day")
    began = clock.now.replace(hour=8, minute=15)
    fill(page, started_at=local(began), ended_at=local(began + timedelta(hours=4)), device="Spectra Optia")
    fill(page, weight_kg="20.5", tnc="5.6", cd3="2.6", decision="enough")
    send(page, "Record day")
    follow(page, "Complete")
    send(page, "Complete collection")

    # Order, manufacturing, release, receipt.
    page = at_child(back(open_as, ada))
    follow(page, "Order")
    fill(page, manufacturer_order_id="ORD-77", chain_of_identity="COI-77")
    send(page, "Record order")
    clock.to(20)
    page = at_child(back(open_as, ada))
    follow(page, "Milestone")
    fill(page, milestone="manufacturing_started", reached_at=local(clock.now - timedelta(hours=1)))
    send(page, "Record milestone")
    clock.to(41)
    page = at_child(back(open_as, story.lab))
    follow(page, "Release")
    fill(page, lot="LOT-77", bags="1", car_positive_viable_cells="60")
    send(page, "Release")
    follow(page, "Receive")
    send(page, "Record receipt")

    # Lymphodepletion, checklist, identity by two people, thaw, infusion.
    for day in range(43, 47):
        clock.to(day)
        page = at_child(back(open_as, story.nurse))
        follow(page, "Lymphodepletion")
        fill(page, drug="fludarabine", dose_mg="24")
        send(page, "Record dose")
    clock.to(49)
    page = at_child(back(open_as, ben))
    follow(page, "Checklist")
    while (
        page.locator("main button", has_text=re.compile("^Met"))
        .and_(page.locator("[aria-pressed=false]"))
        .count()
    ):
        waiting = page.locator("main button", has_text=re.compile("^Met")).and_(
            page.locator("[aria-pressed=false]")
        )
        before = waiting.count()
        waiting.first.click()
        expect(waiting).to_have_count(before - 1)
    at_child(page)
    follow(page, "Identity")
    expect(page.locator("main")).to_contain_text("COI-77")
    fill(page, compared=True, second=story.nurse.email, password="not the password")
    send(page, "Both confirm")
    expect(page.locator(".field-error, [role=alert]").first).to_be_visible()
    fill(page, compared=True, second=story.nurse.email, password=PASSWORD)
    send(page, "Both confirm")
    page = at_child(back(open_as, story.lab))
    follow(page, "Start the thaw")
    send(page, "Thaw started")
    infused_at = clock.to(49, 9, 20)
    page = at_child(back(open_as, ben))
    follow(page, "Record infusion")
    fill(page, started_at=local(infused_at), dose_cells="60")
    send(page, "Record infusion")
    expect(page.locator(".banner")).to_contain_text("D0")

    # Acute monitoring: fever after two days is CRS 1 by the rule, shown before it is saved.
    clock.to(51, 8)
    page = at_child(back(open_as, story.nurse))
    follow(page, "Assess")
    fill(page, temperature_c="38.6", hypotension="no", vasopressors=["none"], oxygen_device="none")
    expect(page.locator("main")).to_contain_text("38.6 °C is fever")
    send(page, "Save assessment")
    expect(page.locator("#toxicity .grade").first).to_contain_text("1")
    clock.to(63)
    page = at_child(back(open_as, ben))
    follow(page, "End monitoring")
    send(page, "End acute monitoring")

    # Follow-up: day 28 and month 1.
    clock.to(79)
    page = at_child(back(open_as, ada))
    for visit in ("visit_day_28", "visit_month_1"):
        page.goto(f"/journeys/{Journey.objects.get().pk}/follow-up/{visit}/")
        for folded in page.locator("main summary", has_text="Findings the plan does not ask for").all():
            folded.click()
        fill(page, visited_on=clock.now.date().isoformat(), response="CR")
        fill(page, mrd_result="negative", mrd_method="flow", b_cells_per_ul="0", igg_mg_dl="480")
        send(page, "Record visit")
        told(page, "recorded")

    journey = Journey.objects.select_related("status").get()
    status = journey.status
    assert (status.stage, status.last_response, status.crs_max, status.b_cell_aplasia) == (
        "follow_up",
        "CR",
        1,
        "ongoing",
    )
    states = dict(Reminder.objects.filter(item__startswith="visit_").values_list("item", "state"))
    assert (states["visit_day_28"], states["visit_month_1"], states["visit_month_2"]) == (
        "completed",
        "completed",
        "open",
    )
    page.goto(f"/journeys/{journey.pk}/ledger/")
    expect(page.locator("main")).to_contain_text("Chain intact")
    assert verify().breaks == []
