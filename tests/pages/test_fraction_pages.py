"""The pages of a dose in parts, of the questions around lymphodepletion, and of what the family keeps to."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.cache import cache

from cartpath.accounts.models import User
from infusion.inputs import InfusionDetails
from infusion.models import Finding, Infusion, InfusionPart, LymphodepletionDose
from infusion.services import infusion_record
from tests.factories import PASSWORD, Story, patient_details
from tests.pages.conftest import Desk, panel_of, text_of, typed_time
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice

Sit = Callable[[User], Desk]
NO_OXYGEN = Oxygen(device=OxygenDevice.NONE)
CALM = CrsInput(temperature_c=36.8, hypotension=False, vasopressors=(), oxygen=NO_OXYGEN)
SEVERE = CrsInput(temperature_c=38.9, hypotension=True, vasopressors=("norepinephrine",), oxygen=NO_OXYGEN)


@pytest.fixture
def obe(story: Story, desk: Sit) -> Story:
    """The first part of obecabtagene was given; earlier wrong passwords are forgotten."""
    cache.clear()
    story.wanted = {"product": "obecabtagene"}
    story.child = patient_details(birth_date=date(2003, 5, 1))
    story.ready()
    began_at = LymphodepletionDose.objects.order_by("given_at")[0].given_at
    typed = {
        "quantity": "marrow_blasts",
        "value": "12",
        "found_on": (story.center.local_day(began_at) - timedelta(days=1)).isoformat(),
    }
    response = desk(story.nurse).post(desk(story.nurse).path("infusion:finding"), typed)
    assert (response.status_code, response["Location"]) == (302, panel_of(story, "infusion"))
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(dose_cells=100_000_000),
        by=story.clinician.actor,
        at=story.later(minutes=15),
    )
    return story


def day(story: Story, number: int) -> None:
    infused_at = story.journey.infused_at
    assert infused_at is not None
    story.at = infused_at + timedelta(days=number, hours=-5)


def signed(second: User) -> dict[str, str]:
    return {"compared": "on", "second": second.email, "password": PASSWORD}


def typed_part(story: Story, cells: str = "310", **more: str) -> dict[str, str]:
    started = typed_time(story.later(minutes=20).astimezone(story.center.zone))
    return {"started_at": started, "dose_cells": cells} | more


def test_the_childs_page_shows_what_was_given_and_when_the_next_part_is_due(
    obe: Story, desk: Sit, ben: User
) -> None:
    page = text_of(desk(ben).get(desk(ben).path("web:journey")))
    for shown in ("Part 1", "Part 2", "D+9", "day 10 of the maker's count", "Gate before part 2", "Wait"):
        assert shown in page, shown
    assert "This part waits for its first day" in page
    assert desk(ben).path("infusion:parts_stop") in page


def test_the_next_part_is_worked_from_identity_to_record_and_day_zero_stays(
    obe: Story, desk: Sit, ben: User, nina: User, luca: User
) -> None:
    day_zero = obe.journey.infused_at
    day(obe, 9)
    obe.assessed(crs=CALM)
    path = desk(ben).path("infusion:part")
    assert "May be given" in text_of(desk(ben).get(path))
    assert desk(ben).post(desk(ben).path("infusion:identity"), signed(nina)).status_code == 302
    assert desk(luca).post(desk(luca).path("infusion:thaw")).status_code == 302
    assert "Thaw started" in text_of(desk(ben).get(desk(ben).path("infusion:timer")))
    response = desk(ben).post(path, typed_part(obe))
    assert (response.status_code, response["Location"]) == (302, panel_of(obe, "infusion"))
    assert InfusionPart.objects.get().gate == "allowed"
    assert obe.journey.infused_at == day_zero
    assert desk(ben).get(path).status_code == 409


def test_a_part_against_the_gate_is_refused_beside_the_reason_and_keeps_what_was_typed(
    obe: Story, desk: Sit, ben: User, nina: User
) -> None:
    day(obe, 9)
    desk(ben).post(desk(ben).path("infusion:identity"), signed(nina))
    path = desk(ben).path("infusion:part")
    refused = desk(ben).post(path, typed_part(obe))
    assert refused.status_code == 422
    page = text_of(refused)
    assert 'id="id_gate_reason_error"' in page
    assert 'value="310"' in page
    assert "no grade is known since the part before" in page
    typed = typed_part(obe, gate_reason="Examined at the bedside: no fever, no support")
    assert desk(ben).post(path, typed).status_code == 302


def test_against_a_stop_a_second_clinician_signs_with_their_own_password(
    obe: Story, desk: Sit, ben: User, cara: User, nina: User
) -> None:
    day(obe, 5)
    obe.assessed(crs=SEVERE)
    day(obe, 9)
    desk(ben).post(desk(ben).path("infusion:identity"), signed(nina))
    path = desk(ben).path("infusion:part")
    page = text_of(desk(ben).get(path))
    assert "The gate says stop" in page
    assert "Second clinician" in page
    reason = {"gate_reason": "Board of 4 May"}
    for wrong in ({"second": cara.email, "password": "guess"}, {"second": nina.email, "password": PASSWORD}):
        assert desk(ben).post(path, typed_part(obe, **reason, **wrong)).status_code == 422
    assert not InfusionPart.objects.exists()
    typed = typed_part(obe, **reason, second=cara.email, password=PASSWORD)
    assert desk(ben).post(path, typed).status_code == 302
    assert InfusionPart.objects.get().gate_second == "Cara"


def test_only_a_clinician_stops_the_series_and_gives_a_reason(
    obe: Story, desk: Sit, ben: User, nina: User
) -> None:
    path = desk(ben).path("infusion:parts_stop")
    assert desk(nina).get(path).status_code == 403
    assert desk(ben).post(path, {"reason": " "}).status_code == 422
    assert desk(ben).post(path, {"reason": "Severe infection"}).status_code == 302
    assert Infusion.objects.get().stopped_by == "Ben"
    page = text_of(desk(ben).get(desk(ben).path("web:journey")))
    assert "No further part:" in page
    assert "Severe infection" in page


def test_the_page_of_the_first_infusion_shows_the_parts_and_asks_no_total_where_parts_are_fixed(
    story: Story, desk: Sit, ben: User
) -> None:
    story.wanted = {"product": "obecabtagene"}
    story.ready()
    page = text_of(desk(ben).get(desk(ben).path("infusion:infusion")))
    assert "Part 1" in page
    assert 'name="total_cells"' not in page
    assert "the blasts of the marrow, its day, or the start of lymphodepletion is unknown" in page


def test_where_parts_are_a_percentage_the_whole_dose_is_asked_for(story: Story, desk: Sit, ben: User) -> None:
    story.wanted = {"product": "varnimcabtagene"}
    story.ready()
    path = desk(ben).path("infusion:infusion")
    assert 'name="total_cells"' in text_of(desk(ben).get(path))
    assert desk(ben).post(path, typed_part(story, "2", total_cells="20")).status_code == 302
    assert Infusion.objects.get().total_cells == 20_000_000


def test_a_dose_given_at_once_has_no_page_for_a_next_part(story: Story, desk: Sit, ben: User) -> None:
    story.infused()
    assert desk(ben).get(desk(ben).path("infusion:part")).status_code == 409
    assert "Parts of the dose" not in text_of(desk(ben).get(desk(ben).path("web:journey")))


def test_restrictions_are_told_with_their_last_day_for_this_child(story: Story, desk: Sit, ben: User) -> None:
    story.infused()
    page = text_of(desk(ben).get(desk(ben).path("web:journey")))
    assert "For the family" in page
    assert "No driving" in page
    infused_at = story.journey.infused_at
    assert infused_at is not None
    last_on = story.center.local_day(infused_at) + timedelta(days=56)
    assert last_on.strftime("%d-%b-%Y") in page


def test_white_cells_bring_the_question_about_lymphodepletion_and_answer_nothing(
    story: Story, desk: Sit, nina: User, ben: User
) -> None:
    story.released()
    path = desk(ben).path("infusion:lymphodepletion")
    page = text_of(desk(ben).get(path))
    assert "The rule can't tell yet" in page
    typed = {
        "quantity": "white_cells",
        "value": "800",
        "found_on": story.center.local_day(story.at).isoformat(),
    }
    assert desk(nina).post(desk(nina).path("infusion:finding"), typed).status_code == 302
    page = text_of(desk(ben).get(path))
    assert "The rule asks" in page
    assert "A physician decides." in page
    assert story.journey.lymphodepletion_doses.count() == 0


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"quantity": "marrow_blasts", "value": "101", "found_on": "2026-03-01"}, "value"),
        ({"quantity": "white_cells", "value": "400", "found_on": "2031-01-01"}, "found_on"),
        ({"value": "400", "found_on": "2026-03-01"}, "quantity"),
    ],
)
def test_an_impossible_finding_is_said_beside_its_field(
    story: Story, desk: Sit, nina: User, typed: dict[str, str], field: str
) -> None:
    story.accepted()
    refused = desk(nina).post(desk(nina).path("infusion:finding"), typed)
    assert refused.status_code == 422
    assert f'id="id_{field}_error"' in text_of(refused)
    assert not Finding.objects.exists()


def test_the_window_counts_down(story: Story, desk: Sit, ben: User) -> None:
    story.lymphodepleted()
    page = text_of(desk(ben).get(desk(ben).path("web:journey")))
    assert "opens in 1 day" in page
    story.later(days=1)
    assert "12 days left" in text_of(desk(ben).get(desk(ben).path("infusion:lymphodepletion")))
    story.later(days=13)
    assert "the window is over" in text_of(desk(ben).get(desk(ben).path("infusion:infusion")))
