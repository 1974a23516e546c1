"""Episodes follow late entries, signatures and strikes, and the ledger keeps one truth."""

from datetime import datetime

import pytest

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from tests.factories import Story
from tests.toxicity.bedside import Stay
from toxicity.episodes.selectors import episodes
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.models import Episode
from toxicity.services import assessment_strike
from toxicity.signing import result_confirm

AIR = Oxygen(device=OxygenDevice.NONE)
FEVER = CrsInput(temperature_c=39.0, hypotension=False, vasopressors=(), oxygen=AIR)
LOW = CrsInput(temperature_c=39.0, hypotension=True, vasopressors=(), oxygen=AIR)
COOL_AND_LOW = CrsInput(temperature_c=37.0, hypotension=True, vasopressors=(), oxygen=AIR)
WELL = CrsInput(temperature_c=36.8, hypotension=False, vasopressors=(), oxygen=AIR)


@pytest.fixture
def bedside(story: Story) -> "Bedside":
    """A child just infused."""
    return Bedside(story)


class Bedside(Stay):
    """A stay and the episodes that follow from it."""

    def episodes(self) -> list[tuple[float, int, float | None]]:
        """Onset in hours, peak, end in hours."""

        def hours(at: datetime | None) -> float | None:
            return None if at is None else (at - self.begun).total_seconds() / 3600

        return [
            (hours(row.onset_at) or 0.0, row.peak_grade, hours(row.resolved_at))
            for row in episodes(self.story.journey_id)
        ]

    def standing(self, kind: EventKind) -> list[Event]:
        """Events of a kind that nobody corrected."""
        found = Event.objects.of(self.story.journey_id).filter(kind=kind, corrections=None)
        return list(found.order_by("seq"))


def test_a_late_entry_moves_the_onset_and_the_old_event_is_struck(bedside: Bedside) -> None:
    bedside.saw(10, FEVER)
    bedside.saw(6, FEVER)
    assert bedside.episodes() == [(6.0, 1, None)]
    (event,) = bedside.standing(EventKind.EPISODE_OPENED)
    assert event.occurred_at == bedside.at(6)
    assert Event.objects.of(bedside.story.journey_id).filter(kind=EventKind.ENTERED_IN_ERROR).count() == 1


def test_a_late_sign_takes_back_a_resolution(bedside: Bedside) -> None:
    for hour, found in ((10, FEVER), (14, WELL), (38, WELL)):
        bedside.saw(hour, found)
    assert bedside.episodes() == [(10.0, 1, 14.0)]
    bedside.saw(30, FEVER)
    assert bedside.episodes() == [(10.0, 1, None)]
    assert bedside.standing(EventKind.EPISODE_RESOLVED) == []


def test_an_episode_does_not_resolve_while_the_pressure_is_low_without_fever(bedside: Bedside) -> None:
    for hour, found in ((10, LOW), (14, COOL_AND_LOW), (40, COOL_AND_LOW), (44, WELL)):
        bedside.saw(hour, found)
    assert bedside.episodes() == [(10.0, 2, None)]
    bedside.saw(68, WELL)
    assert bedside.episodes() == [(10.0, 2, 44.0)]


def test_striking_the_only_sign_withdraws_the_episode_and_it_stays_to_be_seen(bedside: Bedside) -> None:
    sign = bedside.saw(10, FEVER)
    assessment_strike(
        assessment_id=sign.pk, reason="Another child.", by=bedside.story.nurse.actor, at=bedside.at(11)
    )
    assert bedside.episodes() == []
    assert bedside.standing(EventKind.EPISODE_OPENED) == []
    assert Episode.objects.get().withdrawn_at == bedside.at(11)


def test_a_sign_entered_again_after_a_withdrawal_opens_a_new_episode(bedside: Bedside) -> None:
    sign = bedside.saw(10, FEVER)
    assessment_strike(
        assessment_id=sign.pk, reason="Wrong time.", by=bedside.story.nurse.actor, at=bedside.at(11)
    )
    bedside.saw(9, FEVER)
    assert bedside.episodes() == [(9.0, 1, None)]
    assert Episode.objects.count() == 2


def test_a_clinician_who_signs_a_zero_ends_what_the_rule_had_opened(bedside: Bedside) -> None:
    sign = bedside.saw(10, FEVER)
    result_confirm(
        assessment_id=sign.pk,
        rule="crs",
        grade=0,
        reason="Fever of a transfusion.",
        by=bedside.story.clinician.actor,
        at=bedside.at(12),
    )
    assert bedside.episodes() == []


def test_a_recurrence_names_the_episode_before_it(bedside: Bedside) -> None:
    for hour, found in ((10, LOW), (14, WELL), (38, WELL), (50, FEVER)):
        bedside.saw(hour, found)
    assert bedside.episodes() == [(10.0, 2, 14.0), (50.0, 1, None)]
    second = Episode.objects.get(number=2)
    assert second.previous == Episode.objects.get(number=1)
    assert bedside.standing(EventKind.EPISODE_OPENED)[1].data["recurrence_of"] == 1


@pytest.mark.parametrize("agent", ["antipyretic", "tocilizumab", "dexamethasone"])
def test_treated_crs_stays_crs_without_fever_while_the_episode_is_open(bedside: Bedside, agent: str) -> None:
    bedside.saw(10, FEVER)
    bedside.gave(11, agent)
    assert bedside.saw(14, COOL_AND_LOW).crs_grade == 2


def test_after_the_episode_has_resolved_fever_is_needed_again(bedside: Bedside) -> None:
    bedside.saw(10, FEVER)
    bedside.gave(11, "tocilizumab")
    bedside.saw(14, WELL)
    assert bedside.saw(37, COOL_AND_LOW).crs_grade == 2
    bedside.saw(38, WELL)
    bedside.saw(62, WELL)
    assert bedside.saw(66, COOL_AND_LOW).crs_grade == 0


def test_a_drug_of_the_episode_before_does_not_open_the_gate_of_the_next(bedside: Bedside) -> None:
    bedside.saw(10, FEVER)
    bedside.gave(11, "tocilizumab")
    for hour, found in ((14, WELL), (38, WELL), (50, FEVER)):
        bedside.saw(hour, found)
    assert bedside.saw(54, COOL_AND_LOW).crs_grade == 0


def test_writing_the_same_again_adds_nothing_to_the_ledger(bedside: Bedside) -> None:
    bedside.saw(10, FEVER)
    before = Event.objects.of(bedside.story.journey_id).count()
    bedside.saw(11, FEVER)
    kinds = list(Event.objects.of(bedside.story.journey_id).order_by("seq").values_list("kind", flat=True))
    assert EventKind.EPISODE_OPENED not in kinds[before:]


def test_a_zero_that_a_late_drug_puts_in_doubt_ends_no_episode(bedside: Bedside) -> None:
    bedside.saw(10, FEVER)
    assert bedside.saw(14, COOL_AND_LOW).crs_grade == 0
    bedside.saw(38, WELL)
    bedside.gave(12, "antipyretic")
    assert bedside.episodes() == [(10.0, 1, None)]
    bedside.saw(62, WELL)
    assert bedside.episodes() == [(10.0, 1, 38.0)]
