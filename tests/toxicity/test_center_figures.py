"""A center that sees a figure of the bedside otherwise sets it in its protocol, and it counts."""

from typing import Any

import pytest

from cartpath.core.errors import DomainError
from cartpath.protocols.editions import edition_alter, edition_publish, edition_retire, edition_start
from tests.factories import Story
from tests.toxicity.bedside import ALERT, CALM, observed
from toxicity.bedside import bedside
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.observations.limits import status_of


def decides(story: Story, **figures: float) -> None:
    """The center gives figures other values before the child is accepted."""
    act: dict[str, Any] = {"by": story.clinician.actor, "at": story.at}
    edition = edition_start(center=story.center, protocol_id="tisagenlecleucel-eu", **act)
    for row_id, value in figures.items():
        edition_alter(
            edition_id=edition.pk, row_id=row_id, values={"value": value}, reason="Our house.", **act
        )
    edition_publish(edition_id=edition.pk, reason="Ours.", **act)


def after_bolus(story: Story, hours: float) -> int | None:
    """The CRS grade of a feverish child with a good pressure, so long after a bolus."""
    intervention_record(
        journey_id=story.journey_id,
        intervention=InterventionDetails(agent="fluid_bolus", volume_ml=200),
        by=story.nurse.actor,
        at=story.at,
    )
    story.later(hours=hours)
    found = observed(story, temperature_c=38.6).assessment
    return found.crs_grade if found else None


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "grade"), [(2, 2), (5.9, 2), (6, 1)])
def test_a_bolus_keeps_up_the_pressure_for_six_hours(story: Story, hours: float, grade: int) -> None:
    story.infused()
    assert after_bolus(story, hours) == grade


@pytest.mark.django_db
def test_a_center_lets_a_bolus_count_for_two_hours(story: Story) -> None:
    decides(story, bolus_counts_hours=2)
    story.infused()
    assert after_bolus(story, 2) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "counts"), [(8, True), (8.1, False)])
def test_a_center_lets_a_capd_count_for_its_own_shift(story: Story, hours: float, counts: bool) -> None:
    decides(story, capd_shift_hours=8)
    story.infused()
    story.later(hours=1)
    observed(story, ALERT, capd=CALM)
    story.later(hours=hours)
    assert observed(story, ALERT, capd=None).completes_neuro is counts


@pytest.mark.django_db
def test_a_center_marks_saturation_by_its_own_limits(story: Story) -> None:
    decides(story, spo2_low=92, spo2_urgent=88)
    story.infused()
    limit = bedside(story.journey, at=story.at).limits["spo2"]
    assert [status_of(value, limit) for value in (92, 91, 88, 87)] == ["normal", "low", "low", "urgent_low"]


@pytest.mark.django_db
def test_a_figure_of_the_bedside_cannot_be_given_up(story: Story) -> None:
    act: dict[str, Any] = {"by": story.clinician.actor, "at": story.at}
    edition = edition_start(center=story.center, protocol_id="tisagenlecleucel-eu", **act)
    edition_retire(edition_id=edition.pk, row_id="capd_shift_hours", reason="Not ours.", **act)
    with pytest.raises(DomainError) as refused:
        edition_publish(edition_id=edition.pk, reason="Ours.", **act)
    assert "capd_shift_hours" in str(refused.value)
