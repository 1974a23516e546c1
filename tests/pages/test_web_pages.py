"""Today, Board, the child's page, search and notices, as the people of a center use them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from cartpath.accounts.models import Center, User
from cartpath.reminders.engine import run
from cartpath.reminders.enums import ReminderState
from cartpath.reminders.models import Reminder
from patients.enums import Sex
from patients.models import Patient
from tests.factories import Story, patient_details
from tests.pages.conftest import Desk, panel_of, text_of

Sit = Callable[[User], Desk]
TODAY, BOARD, SEARCH, NOTICES = "/", "/board/", "/search/", "/notices/"
# Session, person, roles and centers; the open journeys with all that a card shows; the center's own protocol
# editions; how many are closed; the two badges; and the time of the last sign of life, saved once a minute
# between the ends of a savepoint.
BOARD_QUERIES = 10


def badge(page: HttpResponse) -> int:
    """The figure beside Today in the rail; a hidden one counts as 0."""
    found = re.search(r'id="rail-count-today"( hidden)?>(\d+)', text_of(page))
    assert found
    return 0 if found[1] else int(found[2])


def group(page: HttpResponse, key: str) -> int:
    """How many lines a group of Today counts; 0 when it is not there."""
    found = re.search(rf'id="group-{key}">[^<]*<span class="due-group-count">(\d+)', text_of(page))
    return int(found[1]) if found else 0


def decision(story: Story) -> Reminder:
    """The reminder that asks for a decision on the story's referral."""
    return Reminder.objects.get(journey_id=story.journey_id, item="referral_decision")


def acknowledge_path(reminder: Reminder) -> str:
    return f"/reminders/{reminder.pk}/acknowledge/"


def complete_path(reminder: Reminder) -> str:
    return f"/reminders/{reminder.pk}/complete/"


def found_by(desk: Desk, words: str) -> str:
    """The page that a search leads to."""
    with time_machine.travel(desk.story.at, tick=False):
        client: Any = Client()
        client.force_login(desk.user)
        sent = client.post(SEARCH, {"q": words})
        assert (sent.status_code, sent["Location"]) == (302, SEARCH)
        return text_of(client.get(SEARCH))


# --- Today -------------------------------------------------------------------------------------------------


def test_the_groups_of_today_count_what_the_rail_counts(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    story.later(days=20)
    story.referred()
    page = desk(ben).get(TODAY)
    assert (group(page, "overdue"), group(page, "due")) == (1, 1)
    assert badge(page) == 2
    assert len(re.findall(r"data-row=", text_of(page))) == 2


def test_today_shows_a_role_what_is_its_own_and_everything_when_asked(
    story: Story, desk: Sit, ada: User
) -> None:
    story.referred()
    own = desk(ada).get(TODAY)
    assert (group(own, "due"), badge(own)) == (0, 0)
    assert "Nothing waits for you" in text_of(own)
    everything = desk(ada).get(f"{TODAY}?who=all")
    assert (group(everything, "due"), badge(everything)) == (1, 0)


def test_today_offers_the_form_that_fulfils_a_line(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    assert f'href="/journeys/{story.journey_id}/eligibility/"' in text_of(desk(ben).get(TODAY))


def test_the_home_of_an_administrator_names_no_child(story: Story, desk: Sit, omar: User) -> None:
    story.referred(patient=patient_details(family_name="Nascosti"))
    page = text_of(desk(omar).get(TODAY))
    assert "Nascosti" not in page
    assert "Patients are not shown to this role" in page


# --- Reminders under the finger ----------------------------------------------------------------------------


def test_a_reminder_is_acknowledged_by_its_role(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    reminder = decision(story)
    response = desk(ben).post(acknowledge_path(reminder), {"next": TODAY})
    assert (response.status_code, response["Location"]) == (302, TODAY)
    reminder.refresh_from_db()
    assert (reminder.acknowledged_by, reminder.state) == ("Ben", ReminderState.OPEN)


def test_htmx_gets_the_row_as_it_stands_and_the_badge(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    typed, htmx = {"next": TODAY}, {"HX-Request": "true"}
    row = text_of(desk(ben).post(acknowledge_path(decision(story)), typed, **htmx))
    assert "in hand: Ben" in row
    assert 'id="rail-count-today" hx-swap-oob="true"' in row
    assert "<html" not in row


def test_a_reminder_is_settled_with_a_reason_and_not_without(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    reminder = decision(story)
    refused = desk(ben).post(complete_path(reminder), {"reason": " "})
    assert refused.status_code == 422
    assert 'id="id_reason_error"' in text_of(refused)
    done = desk(ben).post(complete_path(reminder), {"reason": "Decided by telephone"})
    assert (done.status_code, done["Location"]) == (302, panel_of(story, "due"))
    reminder.refresh_from_db()
    assert reminder.state != ReminderState.OPEN
    assert "This is settled already" in text_of(desk(ben).get(complete_path(reminder)))


def test_nobody_is_led_out_of_the_house_after_settling(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    typed = {"reason": "Decided", "next": "https://elsewhere.example/"}
    done = desk(ben).post(complete_path(decision(story)), typed)
    assert done["Location"] == panel_of(story, "due")


@pytest.mark.parametrize("path_of", [acknowledge_path, complete_path])
def test_an_auditor_may_not_touch_a_reminder_and_an_outsider_finds_none(
    path_of: Callable[[Reminder], str], story: Story, desk: Sit, dana: User, cleo: User
) -> None:
    story.referred()
    reminder = decision(story)
    typed = {"reason": "Mine now"}
    assert desk(dana).post(path_of(reminder), typed).status_code == 403
    assert desk(cleo).post(path_of(reminder), typed).status_code == 404
    reminder.refresh_from_db()
    assert (reminder.acknowledged_at, reminder.state) == (None, ReminderState.OPEN)


# --- Notices -----------------------------------------------------------------------------------------------


def test_notices_are_told_once_and_go_when_they_are_read(story: Story, desk: Sit, ben: User) -> None:
    story.referred(patient=patient_details(family_name="Bellini"))
    opened = decision(story).opens_at
    story.later(seconds=max((opened - story.at).total_seconds(), 0) + 60)
    run(now=lambda: story.at, seconds=60)
    page = text_of(desk(ben).get(NOTICES))
    assert "Bellini" in page
    assert "Notices: 1 unread" in page
    assert desk(ben).post("/notices/read/").status_code == 302
    page = text_of(desk(ben).get(NOTICES))
    assert "No new notices" in page
    assert "Bellini" not in page


def test_following_a_notice_reads_it(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    opened = decision(story).opens_at
    story.later(seconds=max((opened - story.at).total_seconds(), 0) + 60)
    run(now=lambda: story.at, seconds=60)
    led = desk(ben).get(f"/reminders/{decision(story).pk}/")
    assert (led.status_code, led["Location"]) == (302, f"/journeys/{story.journey_id}/eligibility/")
    assert "No new notices" in text_of(desk(ben).get(NOTICES))


# --- Board -------------------------------------------------------------------------------------------------


def test_the_board_costs_the_same_for_30_children_as_for_one(story: Story, desk: Sit, ada: User) -> None:
    story.referred()
    assert desk(ada).queries(BOARD) == BOARD_QUERIES
    for _child in range(29):
        story.referred()
    assert desk(ada).queries(BOARD) == BOARD_QUERIES
    assert "30 children" in text_of(desk(ada).get(BOARD))


def test_a_card_says_who_how_heavy_how_long_and_what_next(story: Story, desk: Sit, ben: User) -> None:
    story.accepted(patient=patient_details(family_name="Bellini", given_name="Pia"))
    story.later(days=30)
    page = text_of(desk(ben).get(BOARD))
    card = page[page.index("Bellini") :]
    for words in ("Pia", "18.4", "Tisagenlecleucel", "30 of", "Overdue", "Leukapheresis booked"):
        assert words in card


def test_the_board_is_narrowed_to_what_is_late(story: Story, desk: Sit, ada: User) -> None:
    story.referred(patient=patient_details(family_name="Tardi"))
    story.later(days=40)
    story.referred(patient=patient_details(family_name="Presto"))
    late = text_of(desk(ada).get(f"{BOARD}?late=1"))
    assert "Tardi" in late
    assert "Presto" not in late


def test_a_stage_is_listed_and_an_unknown_stage_is_not_found(story: Story, desk: Sit, ada: User) -> None:
    story.referred(patient=patient_details(family_name="Bellini"))
    assert "Bellini" in text_of(desk(ada).get(f"{BOARD}referred/"))
    assert "No child is in this stage" in text_of(desk(ada).get(f"{BOARD}closed/"))
    assert desk(ada).get(f"{BOARD}nowhere/").status_code == 404


# --- The child's page --------------------------------------------------------------------------------------


def test_the_childs_page_costs_the_same_whatever_there_is(story: Story, desk: Sit, ben: User) -> None:
    story.in_follow_up()
    path = desk(ben).path("web:journey")
    before = desk(ben).queries(path)
    for _day in range(5):
        story.later(days=30)
        story.measured()
    story.visited("visit_month_1")
    assert desk(ben).queries(path) == before
    assert before <= 65


def test_a_childs_page_is_not_there_for_another_center(
    story: Story, desk: Sit, cleo: User, omar: User
) -> None:
    story.referred()
    for name in ("web:journey", "web:journey_timeline", "web:journey_ledger"):
        assert desk(cleo).get(desk(cleo).path(name)).status_code == 404
    assert desk(omar).get(desk(omar).path("web:journey")).status_code == 403


def test_what_is_not_known_is_the_word_unknown(story: Story, desk: Sit, ben: User) -> None:
    story.referred(
        disease_status=None,
        cd19_status=None,
        cd19_tested_on=None,
        performance_scale=None,
        performance_score=None,
    )
    page = text_of(desk(ben).get(desk(ben).path("web:journey")))
    referral = page[page.index('id="referral"') : page.index('id="eligibility"')]
    assert referral.count('<span class="unknown">unknown</span>') == 3
    banner = page[page.index('class="banner') : page.index('class="strip"')]
    assert '<span class="unknown">unknown</span>' in banner
    assert "Allergies not recorded" in banner


def test_lapsed_findings_do_not_count_once_the_cells_are_collected(
    story: Story, desk: Sit, ben: User
) -> None:
    story.in_follow_up()
    story.later(days=1000)
    page = text_of(desk(ben).get(desk(ben).path("web:journey")))
    eligibility = page[page.index('id="eligibility"') :]
    assert re.search(r">\s*Eligible\s*<", eligibility)
    assert "As it counted on" in text_of(desk(ben).get(desk(ben).path("patients:eligibility")))


def test_lapsed_findings_count_while_the_child_waits(story: Story, desk: Sit, ben: User) -> None:
    story.accepted()
    story.later(days=200)
    page = text_of(desk(ben).get(desk(ben).path("web:journey")))
    assert re.search(r">\s*Incomplete\s*<", page[page.index('id="eligibility"') :])


def test_a_closed_journey_says_when_and_why(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    typed = {"reason_code": "withdrawn", "note": "The family chose another way."}
    assert desk(ada).post(desk(ada).path("patients:close"), typed).status_code == 302
    page = text_of(desk(ada).get(desk(ada).path("web:journey")))
    assert "This journey was closed on 02-Mar-2026" in page
    assert "Close this journey" not in page
    assert "planned" not in page[page.index('class="strip"') : page.index('class="tabs"')]


def test_the_timeline_tells_and_the_ledger_verifies(story: Story, desk: Sit, dana: User) -> None:
    story.accepted()
    assert "Weight 18.4 kg" in text_of(desk(dana).get(desk(dana).path("web:journey_timeline")))
    assert "Chain intact" in text_of(desk(dana).get(desk(dana).path("web:journey_ledger")))


# --- Search ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["ellin", "PIA", "pia bell", "mn-77", "bellini mn-7"])
def test_search_finds_by_any_part_of_name_or_mrn(words: str, story: Story, desk: Sit, ada: User) -> None:
    story.referred(patient=patient_details(family_name="Bellini", given_name="Pia", mrn="RMN-7712"))
    story.referred(patient=patient_details(family_name="Verdi", given_name="Ugo", mrn="RSC-1"))
    page = found_by(desk(ada), words)
    assert "Bellini" in page
    assert "Verdi" not in page


def test_search_shows_only_the_persons_centers(story: Story, desk: Sit, cleo: User) -> None:
    story.referred(patient=patient_details(family_name="Bellini"))
    page = found_by(desk(cleo), "Bellini")
    assert "Nobody found for “Bellini”" in page


def test_what_was_searched_for_never_stands_in_an_address(story: Story, desk: Sit, ada: User) -> None:
    story.referred(patient=patient_details(family_name="Bellini"))
    page = found_by(desk(ada), "Bellini")
    assert not [address for address in re.findall(r'(?:href|action)="([^"]*)"', page) if "ellini" in address]
    assert "Two letters are enough" in text_of(desk(ada).get(f"{SEARCH}?q=Bellini"))


def test_a_whole_mrn_leads_to_the_child(story: Story, desk: Sit, ada: User) -> None:
    story.referred(patient=patient_details(mrn="RMN-7712"))
    with time_machine.travel(story.at, tick=False):
        client = Client()
        client.force_login(ada)
        client.post(SEARCH, {"q": "rmn-7712"})
        assert client.get(SEARCH)["Location"] == f"/journeys/{story.journey_id}/"
        assert client.get(SEARCH).status_code == 200


def test_search_reads_the_trigram_index(center: Center, ada: User) -> None:
    children = [
        Patient(
            center=center,
            mrn=f"M-{number}",
            family_name=f"Family{number * 7919 % 100_000}",
            given_name=f"Given{number}",
            birth_date=date(2020, 1, 1),
            sex=Sex.FEMALE,
        )
        for number in range(3000)
    ]
    Patient.objects.bulk_create(children)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('patient_search_trgm')")
        cursor.execute("ANALYZE patients_patient")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Patient.objects.visible_to(ada).matching("amily4711").explain()
    assert "patient_search_trgm" in plan
