"""Two nurses at one child at once: both are kept, the order is clear, nothing is lost."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection

from cartpath.core.errors import Conflict
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from tests.factories import Story
from tests.toxicity.bedside import WELL, observed
from toxicity.models import Assessment, ObservationSet
from toxicity.observations.selectors import standing
from toxicity.observations.services import observations_correct, observations_record

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], object]) -> list[BaseException]:
    """Run acts at the same moment, each in a thread and connection of its own; what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait(timeout=30)
            act()
        except BaseException as error:  # a thread's errors would be lost otherwise
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return raised


def test_two_rounds_of_one_minute_are_both_kept_in_one_order(story: Story) -> None:
    story.infused()
    at = story.later(hours=4)

    def seen_by(name: str, temperature_c: float) -> Callable[[], object]:
        by = replace(story.nurse.actor, name=name)
        return lambda: observations_record(
            journey_id=story.journey_id,
            observed_at=at,
            entry=replace(WELL, temperature_c=temperature_c),
            by=by,
            at=at,
        )

    assert together(seen_by("Rosa", 38.4), seen_by("Nina", 38.9)) == []
    sets = list(ObservationSet.objects.order_by("event_id"))
    told = list(Event.objects.filter(kind=EventKind.OBSERVATIONS_RECORDED).order_by("seq"))
    assert [each.event_id for each in sets] == [each.pk for each in told]
    assert {each.recorded_by for each in sets} == {"Rosa", "Nina"}
    assert Assessment.objects.filter(struck_at=None).count() == 2
    assert verify(story.journey_id).breaks == []


def test_of_two_corrections_of_one_value_none_is_lost(story: Story) -> None:
    story.infused()
    at = story.later(hours=4)
    made = observed(story, WELL, temperature_c=39.9)

    def correct(temperature_c: float) -> Callable[[], object]:
        return lambda: observations_correct(
            set_id=made.pk,
            changes={"temperature_c": temperature_c},
            reason="Typed wrong.",
            by=story.nurse.actor,
            at=at,
        )

    raised = together(correct(38.9), correct(37.9), correct(38.9))
    assert all(isinstance(each, Conflict) and each.code == "nothing_changed" for each in raised)
    values = [float(row.value or 0) for row in made.observations.filter(code="temperature_c")]
    assert len(values) == 4 - len(raised)
    counting = [row for row in standing([ObservationSet.objects.get()]) if row.code == "temperature_c"]
    assert len(counting) == 1
    assert Assessment.objects.filter(struck_at=None).count() == 1
