"""The timeline says what was seen at the bedside, what was put right, and what nobody looked at."""

from cartpath.web.timeline.entries import TimelineEntry, timeline, timeline_events
from tests.factories import Story
from tests.toxicity.bedside import ALERT, RESTLESS, WELL, observed
from toxicity.grading.crs import OxygenDevice
from toxicity.observations.services import observations_correct, observations_strike


def entries(story: Story) -> list[TimelineEntry]:
    """The latest entries of the bedside."""
    told = timeline(story.journey, list(timeline_events(story.journey_id)))
    return [each for each in told if each.icon in ("clipboard-text", "pencil")]


def test_a_round_is_told_with_its_values_and_units(story: Story) -> None:
    story.infused()
    story.later(hours=4)
    observed(story, WELL, temperature_c=39.2, oxygen_device=OxygenDevice.NASAL_CANNULA, oxygen_flow=2.0)
    (entry,) = entries(story)
    assert entry.title == "Vital signs"
    for part in ("Temperature 39.2 °C", "Systolic pressure 100 mmHg", "Nasal cannula", "None running"):
        assert part in entry.detail


def test_a_neurological_check_is_told_with_the_total_and_the_words(story: Story) -> None:
    story.infused()
    story.later(hours=4)
    observed(story, ALERT, capd=RESTLESS, consciousness_other_cause=True)
    (entry,) = entries(story)
    assert entry.title == "Neurological check"
    assert "CAPD 20" in entry.detail
    assert "sedation or another cause explains the consciousness" in entry.detail


def test_a_correction_is_told_with_both_values_and_a_struck_set_is_crossed_out(story: Story) -> None:
    story.infused()
    story.later(hours=4)
    made = observed(story, WELL, temperature_c=39.5)
    observations_correct(
        set_id=made.pk,
        changes={"temperature_c": 38.5},
        reason="Typed wrong.",
        by=story.nurse.actor,
        at=story.later(minutes=5),
    )
    observations_strike(
        set_id=made.pk, reason="Another child.", by=story.nurse.actor, at=story.later(minutes=5)
    )
    corrected, round_ = entries(story)
    assert corrected.title == "Observations corrected"
    assert "Temperature 39.5 °C → 38.5 °C" in corrected.detail
    assert "Typed wrong." in corrected.detail
    assert round_.voided


def test_what_nobody_looked_at_again_is_named(story: Story) -> None:
    story.infused()
    story.later(hours=4)
    observed(story, WELL, temperature_c=39.2, oxygen_device=OxygenDevice.NASAL_CANNULA, oxygen_flow=2.0)
    story.later(hours=4)
    observed(story, WELL, temperature_c=39.2, oxygen_device=None)
    assert "CRS not graded, not looked at: oxygen" in entries(story)[0].detail
