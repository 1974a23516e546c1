"""The page about the immune system, and its forms."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cartpath.accounts.models import User
from followup.models import Course, ImmuneSample, Immunoglobulin, Vaccination
from patients.services import journey_close
from tests.factories import Story
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]
PAGE = "followup:immune"


@pytest.fixture
def followed(story: Story) -> Story:
    """A child 60 days after the infusion."""
    story.in_follow_up()
    story.later(days=46)
    return story


def today(story: Story) -> str:
    return story.center.local_day(story.at).isoformat()


def sent(desk: Desk, name: str, section: str, *args: object, **typed: Any) -> None:
    response = desk.post(desk.path(name, *args), typed)
    assert (response.status_code, response["Location"]) == (302, f"{desk.path(PAGE)}#{section}")


def test_the_page_is_kind_while_nothing_is_known(followed: Story, desk: Sit, dana: User) -> None:
    page = text_of(desk(dana).get(desk(dana).path(PAGE)))
    assert "No sample yet" in page
    assert "No IgG has been measured since the infusion." in page
    assert "No prophylaxis is recorded as given now." in page
    assert "Nobody has confirmed yet" in page
    assert "style=" not in page
    assert "Record sample" not in page


def test_before_the_infusion_there_is_no_such_page(story: Story, desk: Sit, ben: User) -> None:
    story.accepted()
    for name in (PAGE, "followup:immune_sample", "followup:immune_drug", "followup:immune_vaccine"):
        assert desk(ben).get(desk(ben).path(name)).status_code == 409


def test_a_stranger_finds_nothing(followed: Story, desk: Sit, cleo: User) -> None:
    assert desk(cleo).get(desk(cleo).path(PAGE)).status_code == 404


def test_an_early_return_of_b_cells_is_said_on_both_pages(followed: Story, desk: Sit, ben: User) -> None:
    me = desk(ben)
    sent(
        me,
        "followup:immune_sample",
        "samples",
        taken_on=today(followed),
        origin="home",
        b_cells_percent="3,5",
        b_cells_per_ul="120",
    )
    sample = ImmuneSample.objects.get()
    assert (sample.origin, sample.b_cells_percent, sample.cd4_per_ul) == ("home", 3.5, None)
    page = text_of(me.get(me.path(PAGE)))
    assert "B cells came back early" in page
    assert "Suspected loss" in page
    assert "A second sample from" in page
    patient = text_of(me.get(reverse("web:journey", args=[followed.journey_id])))
    assert "B cells came back early" in patient
    assert "Second sample for B cells from" in patient


def test_an_empty_sample_comes_back_with_its_reason(followed: Story, desk: Sit, ben: User) -> None:
    me = desk(ben)
    response = me.post(me.path("followup:immune_sample"), {"taken_on": today(followed), "origin": "center"})
    assert response.status_code == 422
    assert "Give a value, or confirm the list." in text_of(response)


def test_a_prophylaxis_shows_what_is_missing_for_its_end(followed: Story, desk: Sit, ben: User) -> None:
    me = desk(ben)
    sent(
        me,
        "followup:immune_drug",
        "prophylaxis",
        group="pjp",
        drug="Cotrimoxazole",
        started_on=today(followed),
    )
    page = text_of(me.get(me.path(PAGE)))
    assert "Cotrimoxazole" in page
    assert "Not yet" in page
    assert "stop_pjp_12" in page
    course = Course.objects.get()
    sent(
        me,
        "followup:immune_drug_end",
        "prophylaxis",
        course.pk,
        stopped_on=today(followed),
        reason="Allergy.",
    )
    assert Course.objects.get().stop_reason == "Allergy."


def test_a_dose_of_immunoglobulin_is_shown_per_kilogram(followed: Story, desk: Sit, ben: User) -> None:
    me = desk(ben)
    sent(
        me,
        "followup:immune_immunoglobulin",
        "immunoglobulin",
        given_on=today(followed),
        route="iv",
        dose_g="9.2",
    )
    assert Immunoglobulin.objects.get().g_per_kg == 0.5
    assert "0.5" in text_of(me.get(me.path(PAGE)))


def test_a_live_vaccine_needs_a_reason_and_keeps_it_in_sight(followed: Story, desk: Sit, ben: User) -> None:
    me = desk(ben)
    typed = {"vaccine": "mmr", "given_on": today(followed)}
    refused = me.post(me.path("followup:immune_vaccine"), typed)
    assert refused.status_code == 422
    assert not Vaccination.objects.exists()
    sent(me, "followup:immune_vaccine", "vaccines", **typed, override_reason="Measles at school.")
    page = text_of(me.get(me.path(PAGE)))
    assert "against the rules:" in page
    assert "Measles at school." in page


def test_what_was_entered_in_error_leaves_the_page(followed: Story, desk: Sit, ben: User) -> None:
    me = desk(ben)
    sent(me, "followup:immune_vaccine", "vaccines", vaccine="pcv", given_on=today(followed), lot="XY77")
    row = Vaccination.objects.get()
    sent(me, "followup:immune_strike", "samples", "vaccine", row.pk, reason="Another child.")
    assert "XY77" not in text_of(me.get(me.path(PAGE)))
    assert me.get(me.path("followup:immune_strike", "vaccine", row.pk)).status_code == 404
    assert me.get(me.path("followup:immune_strike", "nothing", row.pk)).status_code == 404


def test_a_closed_journey_is_only_read(followed: Story, desk: Sit, ben: User) -> None:
    journey_close(
        journey_id=followed.journey_id,
        reason_code="transferred",
        note="Moved away.",
        died_on=None,
        by=followed.clinician.actor,
        at=followed.at + timedelta(hours=1),
    )
    page = text_of(desk(ben).get(desk(ben).path(PAGE)))
    assert "Record sample" not in page


def test_the_page_costs_few_queries_whatever_is_on_it(followed: Story, desk: Sit, ben: User) -> None:
    me = desk(ben)
    before = me.queries(me.path(PAGE))
    for day in range(3):
        sent(
            me,
            "followup:immune_sample",
            "samples",
            taken_on=(followed.center.local_day(followed.at) - timedelta(days=day)).isoformat(),
            origin="center",
            igg_mg_dl="500",
        )
    assert me.queries(me.path(PAGE)) <= before + 1
    assert before < 40
