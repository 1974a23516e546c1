"""The pages of grades and of the first thirty days, as a browser gets them."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cartpath.accounts.models import User
from tests.factories import Story
from tests.toxicity.bedside import Stay
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.laboratory.inputs import LabEntry, LabResult
from toxicity.laboratory.services import laboratory_record
from toxicity.signing import result_confirm

AIR = Oxygen(device=OxygenDevice.NONE)
FEVER = CrsInput(temperature_c=39.2, hypotension=False, vasopressors=(), oxygen=AIR)
LOW = CrsInput(temperature_c=37.0, hypotension=True, vasopressors=(), oxygen=AIR)
WELL = CrsInput(temperature_c=36.8, hypotension=False, vasopressors=(), oxygen=AIR)
SignIn = Callable[[User], Client]


class Course(Stay):
    """A stay with its blood, and its page."""

    def measured(self, hour: float, **values: str) -> None:
        """Laboratory values in the units of the catalog."""
        units = {"ferritin": "ng/mL", "crp": "mg/L", "anc": "/uL"}
        entry = LabEntry(
            results=tuple(
                LabResult(analyte=name, value=float(value), unit=units[name])
                for name, value in values.items()
            )
        )
        at = self.at(hour)
        laboratory_record(
            journey_id=self.story.journey_id, taken_at=at, entry=entry, by=self.story.nurse.actor, at=at
        )

    def page(self, client: Client, name: str, hour: float) -> str:
        """A page as it is so many hours after the infusion."""
        with time_machine.travel(self.at(hour), tick=False):
            response = client.get(f"/journeys/{self.story.journey_id}/{name}")
        assert response.status_code == 200
        return response.content.decode()


@pytest.fixture
def stay(story: Story) -> Course:
    """A child just infused."""
    return Course(story)


def test_the_page_of_grades_tells_episode_drug_and_disagreement(stay: Course, signed_in: SignIn) -> None:
    stay.saw(10, FEVER)
    stay.gave(11, "antipyretic")
    seen = stay.saw(12, LOW)
    result_confirm(
        assessment_id=seen.pk,  # type: ignore[attr-defined]
        rule="crs",
        grade=1,
        reason="One low reading, repeated normal.",
        by=stay.story.clinician.actor,
        at=stay.at(13),
    )
    page = stay.page(signed_in(stay.story.clinician), "grades/", 14)
    assert "signed 1, the rule gives 2" in page
    assert "One low reading, repeated normal." in page
    assert "CRS was open and treated: fever no longer required." in page
    assert "Antipyretic" in page
    assert "not yet" in page


def test_a_drug_entered_late_shows_the_grade_that_the_rule_gives_now(stay: Course, signed_in: SignIn) -> None:
    stay.saw(10, FEVER)
    stay.saw(14, LOW)
    client = signed_in(stay.story.clinician)
    assert "By what is recorded now" not in stay.page(client, "grades/", 15)
    stay.gave(12, "tocilizumab")
    assert "By what is recorded now the rule gives CRS 2, not 0." in stay.page(client, "grades/", 15)


def test_days_of_the_grades_are_chosen_by_a_link_and_nonsense_shows_the_last(
    stay: Course, signed_in: SignIn
) -> None:
    stay.saw(4, WELL)
    stay.saw(52, FEVER)
    client = signed_in(stay.story.clinician)
    assert "36.8" in stay.page(client, "grades/?day=0", 60)
    for asked in ("", "?day=2", "?day=-1", "?day=9999999999", "?day=²"):
        page = stay.page(client, f"grades/{asked}", 60)
        assert "39.2" in page
        assert "36.8" not in page


def test_the_drawing_and_its_table_hold_the_same_facts(stay: Course, signed_in: SignIn) -> None:
    stay.saw(10, FEVER)
    stay.gave(11, "tocilizumab")
    stay.saw(12, WELL)
    for day, count in enumerate(("900", "400", "60", "450", "2000")):
        stay.measured(24 * day + 1, anc=count, ferritin="12000", crp="86")
    page = stay.page(signed_in(stay.story.clinician), "course/", 100)
    drawing, _, table = page.partition('id="course-table"')
    assert len(re.findall(r'class="course-dose"', drawing)) == 2  # the dose and the key
    assert "Tocilizumab" in drawing
    assert "Tocilizumab" in table
    assert "500 per µL or less from D+1 to D+3" in drawing
    assert "100 per µL or less from D+2 to D+2" in drawing
    assert table.count("spell ≤ 500") == 2
    assert table.count("spell ≤ 100") == 1
    assert table.count("12,000") + table.count("12000") == 5


def test_a_drawing_without_any_value_says_so_and_shows_no_zero(stay: Course, signed_in: SignIn) -> None:
    page = stay.page(signed_in(stay.story.clinician), "course/", 4)
    assert page.count("not measured") == 4
    assert "Nothing given" in page
    assert "course-dot" not in page.partition("<figcaption>")[0]


def test_a_stretch_of_days_is_drawn_alone(stay: Course, signed_in: SignIn) -> None:
    stay.saw(10, FEVER)
    stay.saw(24 * 8, WELL)
    client = signed_in(stay.story.clinician)
    page = stay.page(client, "course/?from=7&to=13", 24 * 14)
    drawing, _, table = page.partition("<figure")[2].partition('id="course-table"')
    assert "36.8" in drawing
    assert "39.2" not in drawing
    assert "D+7" in table
    assert "D+14" not in table


def test_a_child_not_yet_infused_has_no_drawing(story: Story, signed_in: SignIn) -> None:
    story.accepted()
    response = signed_in(story.clinician).get(f"/journeys/{story.journey_id}/course/")
    assert "Not infused yet" in response.content.decode()


def test_the_time_line_asks_no_more_the_longer_the_stay(stay: Course, signed_in: SignIn) -> None:
    def asked(hour: float) -> int:
        client = signed_in(stay.story.clinician)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            stay.page(client, "course/", hour)
        return len(queries)

    stay.saw(10, FEVER)
    stay.measured(10, anc="400")
    first = asked(12)
    for hour in range(14, 60, 4):
        stay.saw(hour, FEVER)
        stay.measured(hour, anc="400", crp="20")
    assert asked(60) == first
