"""A visit at a screen: the long form, its page, what is added, findings over time, the log of infections."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cartpath.accounts.models import User
from followup.models import AddedFindings, Infection, MalignancyCase, Visit
from patients.models import Measurement
from tests.factories import Story
from tests.pages.conftest import Desk, panel_of, text_of

Sit = Callable[[User], Desk]


@pytest.fixture
def followed(story: Story) -> Story:
    """A child 29 days after the infusion."""
    story.in_follow_up()
    story.later(days=15)
    return story


def today(story: Story) -> str:
    return story.at.astimezone(story.center.zone).date().isoformat()


def send(desk: Desk, item: str = "visit_day_28", **typed: Any) -> Any:
    """Send the form of a visit."""
    return desk.post(desk.path("followup:visit", item), {"visited_on": today(desk.story), **typed})


def test_each_section_names_who_asks_for_it_and_units_stand_beside_the_fields(
    followed: Story, desk: Sit, ben: User
) -> None:
    page = text_of(desk(ben).get(desk(ben).path("followup:visit", "visit_day_28")))
    assert "Asked for by" in page
    assert "Blood count with differential" in page
    assert "copies/µg DNA" in page
    assert "PedsQL is a licensed instrument" in page
    assert page.index('href="#part-blood_count"') < page.index('id="part-blood_count"')
    assert 'id="part-chimerism"' not in page
    assert "Lansky score" in page
    assert "style=" not in page


def test_a_whole_visit_is_recorded_in_one_go(followed: Story, desk: Sit, ben: User) -> None:
    began_on = (followed.at - timedelta(days=4)).date().isoformat()
    answer = send(
        desk(ben),
        response="CR",
        weight_kg="18,9",
        height_cm="111.5",
        performance_score="90",
        tanner_pubic_hair="1",
        car_method="qpcr",
        car_result="below_limit",
        pedsql_total="81.5",
        pedsql_respondent="parent",
        malignancy_screen="suspected",
        suspicion_kind="t_cell",
        suspicion_description="Skin lesions.",
        infection_0_began_on=began_on,
        infection_0_site="lung",
        infection_0_hospitalized="yes",
    )
    assert (answer.status_code, answer["Location"]) == (302, panel_of(followed, "follow-up"))
    visit = Visit.objects.get()
    assert visit.findings == {
        "performance_scale": "lansky",
        "performance_score": 90,
        "tanner_pubic_hair": 1,
        "car_method": "qpcr",
        "car_result": "below_limit",
        "pedsql_total": 81.5,
        "pedsql_respondent": "parent",
        "malignancy_screen": "suspected",
    }
    assert float(Measurement.objects.latest("measured_at").weight_kg or 0) == 18.9
    assert Infection.objects.get().hospitalized is True
    assert MalignancyCase.objects.get().suspected_on == visit.visited_on
    page = text_of(desk(ben).get(f"/journeys/{followed.journey_id}/"))
    assert "New malignancy: case open" in page
    sheet = text_of(desk(ben).get(desk(ben).path("followup:visit_page", visit.pk)))
    assert "Below the limit of detection" in sheet
    assert "Asked for and still unknown" in sheet


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"lvef_percent": "91"}, "lvef_percent", "Give a number from 5 to 90 %."),
        ({"tanner_breast_genital": "6"}, "tanner_breast_genital", "Give a number from 1 to 5"),
        ({"igg_mg_dl": "10001"}, "igg_mg_dl", "mg/dL"),
        ({"car_copies_per_ug": "12"}, "car_method", "Say by which method."),
        ({"pedsql_total": "80"}, "pedsql_respondent", "Say who answered the questionnaire."),
        ({"infection_1_site": "lung"}, "infection_1_began_on", "Give the day it began."),
        ({"malignancy_screen": "suspected"}, "suspicion_kind", "it opens a case"),
        ({"suspicion_kind": "solid"}, "malignancy_screen", "Say that it is suspected"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    typed: dict[str, str], field: str, said: str, followed: Story, desk: Sit, ben: User
) -> None:
    page = send(desk(ben), school_concerns="Tires early", **typed)
    text = text_of(page)
    assert page.status_code == 422
    assert f'id="id_{field}_error"' in text
    assert said in text
    assert 'value="Tires early"' in text
    assert not Visit.objects.exists()


def test_results_are_added_and_what_is_known_is_shown_not_asked(
    followed: Story, desk: Sit, ben: User
) -> None:
    send(desk(ben), igg_mg_dl="512")
    visit = Visit.objects.get()
    path = desk(ben).path("followup:findings_add", visit.pk)
    page = text_of(desk(ben).get(path))
    assert 'name="igg_mg_dl"' not in page and "512" in page
    assert 'name="visited_on"' not in page
    assert desk(ben).post(path, {}).status_code == 422
    assert desk(ben).post(path, {"ferritin_ng_ml": "310", "note": "By post."}).status_code == 302
    row = AddedFindings.objects.get()
    assert row.filled == ["ferritin_ng_ml"]
    sheet = text_of(desk(ben).get(desk(ben).path("followup:visit_page", visit.pk)))
    assert "By post." in sheet and "310" in sheet
    strike = desk(ben).path("followup:findings_strike", row.pk)
    assert desk(ben).post(strike, {"reason": "Wrong tube"}).status_code == 302
    assert 'name="ferritin_ng_ml"' in text_of(desk(ben).get(path))


def test_findings_over_time_have_a_table_for_each_line(
    followed: Story, desk: Sit, ben: User, dana: User
) -> None:
    send(desk(ben), igg_mg_dl="512", ever_replaced="no")
    page = text_of(desk(dana).get(desk(dana).path("followup:course")))
    assert "512" in page and "own" in page
    assert 'aria-label="Weight"' in page


def test_the_log_of_infections_flags_serious_ones(followed: Story, desk: Sit, ben: User, dana: User) -> None:
    path = desk(ben).path("followup:infection")
    assert desk(ben).post(path, {"site": "lung"}).status_code == 422
    assert desk(ben).post(path, {"began_on": today(followed), "severity": "severe"}).status_code == 302
    page = text_of(desk(dana).get(desk(dana).path("followup:infections")))
    assert "Serious" in page and "Record infection" not in page
    strike = desk(ben).path("followup:infection_strike", Infection.objects.get().pk)
    assert desk(ben).post(strike, {"reason": "Other child"}).status_code == 302
    assert "No infection is on record" in text_of(desk(dana).get(desk(dana).path("followup:infections")))


def test_a_case_is_worked_from_its_page_to_its_end(followed: Story, desk: Sit, ben: User, cleo: User) -> None:
    opened = {"kind": "solid", "suspected_on": today(followed), "description": "A node."}
    assert desk(ben).post(desk(ben).path("followup:suspect"), opened).status_code == 302
    case = MalignancyCase.objects.get()
    listed = text_of(desk(ben).get("/follow-up/new-malignancies/"))
    assert "A node." in listed and "Manufacturer notified" in listed
    assert "A node." not in text_of(desk(cleo).get("/follow-up/new-malignancies/"))
    assert desk(cleo).get(desk(cleo).path("followup:cases")).status_code == 404
    ending = desk(ben).path("followup:case_close", case.pk)
    assert "Still open" in text_of(desk(ben).post(ending, {"outcome": "excluded"}))
    skipped = {"state": "not_needed", "done_on": today(followed), "note": "Benign."}
    for line in ("manufacturer_notified", "kit_requested", "kit_received", "sample_sent"):
        path = desk(ben).path("followup:case_step", case.pk, line)
        assert desk(ben).post(path, skipped).status_code == 302
    tested = desk(ben).path("followup:case_step", case.pk, "transgene_result")
    assert desk(ben).post(tested, {"state": "done", "done_on": today(followed)}).status_code == 422
    for line in ("transgene_result", "regulator_informed", "registry_entered"):
        path = desk(ben).path("followup:case_step", case.pk, line)
        assert desk(ben).post(path, skipped).status_code == 302
    assert desk(ben).post(ending, {"outcome": "excluded"}).status_code == 302
    page = text_of(desk(ben).get(desk(ben).path("followup:cases")))
    assert "No new malignancy" in page
    assert desk(ben).get(desk(ben).path("followup:case_step", case.pk, "unheard_of")).status_code == 404
