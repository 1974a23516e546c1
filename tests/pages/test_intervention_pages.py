"""The pages about what is given: the overview with card and suggestions, and its forms."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from cartpath.accounts.models import User
from tests.factories import Story
from tests.pages.conftest import Desk, text_of
from toxicity.grading.crs import CrsInput
from toxicity.grading.icans import Consciousness, IcansInput, Seizure
from toxicity.models import DosingWeight, Intervention

Sit = Callable[[User], Desk]
NOREPINEPHRINE = {"agent": "vasopressor", "vasopressor": "norepinephrine", "rate_unit": "ug/kg/min"}
ADULTS = "adult guideline: no dose for children stated"


@pytest.fixture
def infused(story: Story) -> Story:
    """A five-year-old of 18.4 kg twelve hours after the infusion."""
    story.infused()
    story.later(hours=12)
    return story


def sent(desk: Desk, typed: dict[str, Any], name: str = "toxicity:intervene", *args: object) -> HttpResponse:
    return desk.post(desk.path(name, *args), typed)


def recorded(desk: Desk, typed: dict[str, Any]) -> Intervention:
    response = sent(desk, typed)
    assert (response.status_code, response["Location"]) == (302, desk.path("toxicity:interventions"))
    return Intervention.objects.latest("event_id")


def overview(desk: Desk) -> str:
    return text_of(desk.get(desk.path("toxicity:interventions")))


def test_the_overview_of_a_child_to_whom_nothing_was_given(infused: Story, desk: Sit, ben: User) -> None:
    page = overview(desk(ben))
    assert "Nothing runs." in page and "Nothing given yet" in page
    assert "220.8" in page and "Not fixed" in page
    assert "Nothing is suggested: no grade above 0 is known." in page


def test_a_vasopressor_is_recorded_changed_and_stopped(infused: Story, desk: Sit, nina: User) -> None:
    first = recorded(desk(nina), NOREPINEPHRINE | {"pressor_rate": "0,08"})
    assert (float(first.rate or 0), first.drug) == (0.08, "norepinephrine")
    page = overview(desk(nina))
    assert "0.08 µg/kg/min" in page and "?agent=vasopressor&amp;vasopressor=norepinephrine" in page
    infused.later(hours=2)
    second = recorded(desk(nina), NOREPINEPHRINE | {"pressor_rate": "0.2"})
    infused.later(hours=2)
    assert sent(desk(nina), {}, "toxicity:intervention_stop", second.pk).status_code == 302
    second.refresh_from_db()
    assert second.stopped_at == infused.at
    assert "Nothing runs." in overview(desk(nina))


def test_a_change_offers_the_drug_and_never_the_rate(infused: Story, desk: Sit, nina: User) -> None:
    path = desk(nina).path("toxicity:intervene") + "?agent=vasopressor&vasopressor=epinephrine"
    page = text_of(desk(nina).get(path))
    form = page[page.index("intervene-form") :]
    assert re.findall(r'value="(\w+)"[^>]* checked', form) == ["vasopressor", "epinephrine"]
    assert 'name="pressor_rate" value=' not in form


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"agent": "vasopressor"}, "Say which drug."),
        ({"agent": "antimicrobial"}, "Say which drug."),
        ({"agent": "oxygen"}, "Say how oxygen is given."),
        ({"agent": "oxygen", "flow_l_min": "2"}, "A flow needs the device it goes through."),
        (NOREPINEPHRINE, "Give the rate too."),
        (NOREPINEPHRINE | {"pressor_rate": "0.1", "rate_unit": ""}, "Give the unit of the rate."),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    infused: Story, desk: Sit, nina: User, typed: dict[str, Any], said: str
) -> None:
    response = sent(desk(nina), typed)
    assert response.status_code == 422
    assert said in text_of(response)
    assert not Intervention.objects.exists()


def test_what_was_typed_for_another_agent_is_not_taken(infused: Story, desk: Sit, nina: User) -> None:
    made = recorded(desk(nina), {"agent": "anakinra", "dose_mg": "36", "flow_l_min": "2", "volume_ml": "90"})
    assert (made.rate, made.volume_ml, made.device) == (None, None, "")


def test_a_wrong_dose_is_corrected_and_stays_visible(infused: Story, desk: Sit, nina: User) -> None:
    wrong = recorded(desk(nina), {"agent": "anakinra", "dose_mg": "360"})
    infused.later(hours=1)
    form = text_of(desk(nina).get(desk(nina).path("toxicity:intervention_correct", wrong.pk)))
    assert "360" in form
    typed = {"agent": "anakinra", "dose_mg": "36", "reason": "A zero too many."}
    assert sent(desk(nina), typed, "toxicity:intervention_correct", wrong.pk).status_code == 302
    page = overview(desk(nina))
    assert "A zero too many." in page and "is-struck" in page
    assert Intervention.objects.filter(struck_at=None).count() == 1


def test_a_dose_entered_in_error_needs_a_reason(infused: Story, desk: Sit, nina: User) -> None:
    row = recorded(desk(nina), {"agent": "tocilizumab", "dose_mg": "220.8"})
    assert sent(desk(nina), {}, "toxicity:intervention_strike", row.pk).status_code == 422
    assert (
        sent(desk(nina), {"reason": "Not given."}, "toxicity:intervention_strike", row.pk).status_code == 302
    )
    row.refresh_from_db()
    assert row.struck_reason == "Not given."


def test_the_card_says_doses_left_and_the_next_possible_time(infused: Story, desk: Sit, nina: User) -> None:
    recorded(desk(nina), {"agent": "tocilizumab", "dose_mg": "220.8"})
    infused.later(hours=3)
    page = " ".join(overview(desk(nina)).split())
    assert "<dt>Doses left</dt><dd>3" in page
    possible = (infused.at + timedelta(hours=5)).astimezone(infused.center.zone)
    assert f"{possible:%H:%M}" in page[page.index("Next possible") :]
    assert "Less than 8 hours since the last dose." in page


def test_a_dosing_weight_is_fixed_shown_and_marked_as_wrong(infused: Story, desk: Sit, ben: User) -> None:
    assert sent(desk(ben), {"weight_kg": "29.9"}, "toxicity:dosing_weight").status_code == 422
    typed = {"weight_kg": "29,9", "reason": "Another scale."}
    assert sent(desk(ben), typed, "toxicity:dosing_weight").status_code == 302
    row = DosingWeight.objects.get()
    page = overview(desk(ben))
    assert "358.8" in page and "both sides of 30 kg" not in page
    assert "29.9 kg give 358.8 mg, 30.0 kg give 240 mg" in page
    infused.measured(weight_kg=31.5)
    assert "both sides of 30 kg" in overview(desk(ben)) and "252" in overview(desk(ben))
    said = sent(desk(ben), {"reason": "Wrong child."}, "toxicity:dosing_weight_strike", row.pk)
    assert said.status_code == 302
    assert "Wrong child." in overview(desk(ben))


def test_an_adult_guideline_says_so_and_gives_no_dose(infused: Story, desk: Sit, ben: User) -> None:
    infused.assessed(
        crs=CrsInput(temperature_c=39.0, hypotension=True, vasopressors=("norepinephrine",)),
        icans=IcansInput(capd_total=11, consciousness=Consciousness.VOICE, seizure=Seizure.NONE),
    )
    page = overview(desk(ben))
    block = page[page.index('id="suggestions"') : page.index('id="given"')]
    assert ADULTS in block and "NCCN CART-6, version 2.2026" in block and "2025-11-11" in block
    entries = block.split('<li class="suggestion">')[1:]
    assert len(entries) > 8
    for entry in entries:
        words, _, source = entry.partition("suggestion-source")
        assert " mg" not in words or "written for children" in source


def test_the_overview_costs_few_queries_however_much_was_given(infused: Story, desk: Sit, nina: User) -> None:
    path = desk(nina).path("toxicity:interventions")
    recorded(desk(nina), {"agent": "tocilizumab", "dose_mg": "220.8"})
    few = desk(nina).queries(path)
    for _each in range(6):
        infused.later(hours=1)
        recorded(desk(nina), {"agent": "anakinra", "dose_mg": "36"})
    assert desk(nina).queries(path) <= few


def test_an_auditor_reads_and_a_stranger_sees_nothing(
    infused: Story, desk: Sit, dana: User, cleo: User
) -> None:
    page = overview(desk(dana))
    assert "Not fixed" in page and desk(dana).path("toxicity:intervene") not in page
    assert desk(dana).get(desk(dana).path("toxicity:intervene")).status_code == 403
    assert desk(cleo).get(desk(cleo).path("toxicity:interventions")).status_code == 404


def test_the_row_of_another_child_is_not_found(infused: Story, desk: Sit, nina: User) -> None:
    row = recorded(desk(nina), {"agent": "anakinra", "dose_mg": "36"})
    infused.child = None
    infused.referred()
    assert desk(nina).get(desk(nina).path("toxicity:intervention_strike", row.pk)).status_code == 404
