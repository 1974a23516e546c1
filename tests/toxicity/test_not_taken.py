"""A vital sign that couldn't be taken is left out with a reason: shown so, never a value or a check done."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cartpath.core.errors import Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from tests.factories import Story
from tests.toxicity.bedside import WELL, observed
from toxicity.bedside import bedside
from toxicity.models import CheckPlan, ObservationSet
from toxicity.observations.catalog import NotTakenReason, ObservationCode
from toxicity.observations.inputs import NotTaken, ObservationEntry
from toxicity.observations.services import observations_correct, set_entry

ASLEEP = NotTaken(ObservationCode.SYSTOLIC, NotTakenReason.ASLEEP)


@pytest.fixture
def child(story: Story) -> Story:
    story.infused()
    story.later(hours=4)
    return story


def asleep(child: Story, **changes: Any) -> ObservationSet:
    return observed(child, WELL, **({"systolic": None, "diastolic": None, "not_taken": (ASLEEP,)} | changes))


def told(child: Story) -> dict[str, Any]:
    """The data of the one round in the ledger."""
    events = Event.objects.of(child.journey_id)
    (event,) = (each for each in events if each.kind == EventKind.OBSERVATIONS_RECORDED)
    return dict(event.data)


@pytest.mark.django_db
def test_the_reason_is_kept_and_the_sign_is_unknown(child: Story) -> None:
    made = asleep(child)
    assert made.circumstances["not_taken"] == [{"code": "systolic", "reason": "asleep"}]
    assert set_entry(made).not_taken == (ASLEEP,)
    assert told(child)["not_taken"] == [{"code": "systolic", "reason": "asleep"}]
    assert bedside(child.journey, at=child.at).latest("systolic") is None
    assert made.assessment is not None and made.assessment.crs is not None
    assert "hypotension" in made.assessment.crs["missing"]


@pytest.mark.django_db
def test_a_round_that_says_nothing_of_it_keeps_nothing_of_it(child: Story) -> None:
    observed(child, WELL)
    assert "not_taken" not in told(child)


@pytest.mark.django_db
def test_the_check_stays_due_when_a_sign_could_not_be_taken(child: Story) -> None:
    observed(child, WELL)
    before = CheckPlan.objects.get(journey_id=child.journey_id, check_kind="vitals").due_at
    child.later(hours=4)
    assert asleep(child).completes_vitals is False
    assert CheckPlan.objects.get(journey_id=child.journey_id, check_kind="vitals").due_at == before


@pytest.mark.django_db
def test_a_child_who_is_away_is_a_round_without_values(child: Story) -> None:
    away = tuple(
        NotTaken(code, NotTakenReason.AWAY) for code in (ObservationCode.SPO2, ObservationCode.SYSTOLIC)
    )
    made = observed(child, ObservationEntry(not_taken=away))
    assert (made.observations.count(), made.assessment, made.completes_vitals) == (0, None, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"systolic": 100, "not_taken": (ASLEEP,)},
        {"not_taken": (ASLEEP, ASLEEP)},
        {"not_taken": (NotTaken(ObservationCode.ICE, NotTakenReason.ASLEEP),)},
    ],
)
def test_what_was_taken_said_twice_or_is_no_vital_sign_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        ObservationEntry(**changes)
    assert all(name.startswith("not_taken.") for name in refused.value.fields)


@pytest.mark.django_db
def test_a_value_taken_after_all_takes_the_place_of_the_reason(child: Story) -> None:
    made = asleep(child)
    observations_correct(
        set_id=made.pk,
        changes={"systolic": 101, "not_taken": ()},
        reason="Woke up.",
        by=child.nurse.actor,
        at=child.at,
    )
    made.refresh_from_db()
    assert (set_entry(made).systolic, set_entry(made).not_taken, made.completes_vitals) == (101, (), True)


@pytest.mark.django_db
def test_the_nurse_says_why_on_the_form_and_reads_it_on_the_sheet(child: Story, client: Client) -> None:
    client.force_login(child.nurse)
    url = reverse("toxicity:observe", args=[child.journey_id])
    key = client.get(url).context["form"]["set_id"].value()
    typed = {"set_id": str(key), "temperature_c": "37.2", "not_taken_systolic": "asleep"}
    refused = client.post(url, typed | {"systolic": "99"})
    assert refused.status_code == 422
    assert "It was taken: leave one of them out." in refused.content.decode()
    assert client.post(url, typed).status_code == 302
    made = ObservationSet.objects.get()
    assert json.dumps(made.circumstances) == '{"not_taken": [{"code": "systolic", "reason": "asleep"}]}'
    sheet = client.get(reverse("toxicity:flowsheet", args=[child.journey_id])).content.decode()
    assert "Asleep" in sheet
    page = client.get(reverse("toxicity:observation_set", args=[child.journey_id, made.pk])).content.decode()
    assert "Systolic pressure not taken: asleep" in page
    form = client.get(reverse("toxicity:observation_correct", args=[child.journey_id, made.pk])).context[
        "form"
    ]
    assert form["not_taken_systolic"].value() == "asleep"
