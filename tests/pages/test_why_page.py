"""The page behind “Why?”, and the clinician's later signature."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse

from cartpath.accounts.models import User
from leukapheresis.models import Resource
from leukapheresis.services import booking_create
from patients.inputs import TreatmentDetails
from patients.results import RuleResult
from patients.services import treatment_record
from tests.factories import Story
from tests.pages.conftest import Desk, panel_of, text_of
from tests.stages.test_provenance import a_long_story
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.models import Assessment

Sit = Callable[[User], Desk]


@pytest.fixture
def graded(story: Story) -> RuleResult:
    """A grade that the nurse recorded."""
    story.infused()
    story.assessed(
        crs=CrsInput(
            temperature_c=39.4,
            hypotension=True,
            vasopressors=("norepinephrine",),
            oxygen=Oxygen(device=OxygenDevice.NASAL_CANNULA, flow_l_min=2),
        )
    )
    story.later(hours=1)
    return RuleResult.objects.get(rule="crs")


def why_path(story: Story, result: RuleResult) -> str:
    """The page of a stored result."""
    return reverse("web:why", args=[story.journey_id, result.pk])


def test_the_page_says_rule_version_inputs_reasons_and_that_nobody_confirmed_it(
    graded: RuleResult, story: Story, desk: Sit, ada: User
) -> None:
    page = text_of(desk(ada).get(why_path(story, graded)))
    for said in ("ASTCT 2019", "CARTPath 0", "Temperature", "39.4", "°C", "norepinephrine", "Nina"):
        assert said.lower() in page.lower(), said
    assert "not confirmed" in page
    assert "temperature_c" not in page, "inputs are named as people name them"
    assert "Sign or correct" not in page, "a coordinator does not sign"


def test_the_page_leads_to_the_calculator_with_the_same_values(
    graded: RuleResult, story: Story, desk: Sit, ben: User
) -> None:
    page = text_of(desk(ben).get(why_path(story, graded)))
    assert f"/calculators/crs/?from={graded.pk}" in page


def test_the_page_leads_to_the_rows_of_the_protocol(story: Story, desk: Sit, ada: User) -> None:
    story.collected()
    cells = RuleResult.objects.get(rule="collection_acceptance")
    page = text_of(desk(ada).get(why_path(story, cells)))
    assert cells.rows
    for row_id in cells.rows:
        assert f"/protocols/tisagenlecleucel-eu/1/?all#rule-{row_id}" in page
        assert f'id="rule-{row_id}"' in text_of(desk(ada).get("/protocols/tisagenlecleucel-eu/1/?all"))
    assert "enough" in page


def test_every_stored_result_of_a_long_journey_can_be_opened(story: Story, desk: Sit, ben: User) -> None:
    Resource.objects.filter(name="Machine 1").delete()
    a_long_story(story)
    stored = {result.rule: result for result in RuleResult.objects.all()}
    for rule, result in stored.items():
        response = desk(ben).get(why_path(story, result))
        assert response.status_code == 200, rule
        assert not re.search(r"<dt>[a-z]+_", text_of(response)), rule
        assert "None" not in text_of(response).replace("None given", "").replace("None is", ""), rule


def test_to_an_outsider_and_under_another_journey_there_is_no_such_result(
    graded: RuleResult, story: Story, desk: Sit, cleo: User, ben: User
) -> None:
    assert desk(cleo).get(why_path(story, graded)).status_code == 404
    assert desk(cleo).get(reverse("toxicity:list", args=[story.journey_id])).status_code == 404
    made = story.journey_id
    story.referred()
    other = reverse("web:why", args=[story.journey_id, graded.pk])
    assert desk(ben).get(other).status_code == 404
    assert desk(ben).get(reverse("web:why", args=[made, graded.pk])).status_code == 200


def test_beside_a_grade_stands_why_and_the_way_to_all_of_it(
    graded: RuleResult, story: Story, desk: Sit, ben: User
) -> None:
    for path in (
        desk(ben).path("toxicity:list"),
        desk(ben).path("web:journey"),
        desk(ben).path("toxicity:end"),
    ):
        assert why_path(story, graded) in text_of(desk(ben).get(path)), path


def test_the_patient_page_shows_what_each_stage_computed(story: Story, desk: Sit, ben: User) -> None:
    a_long_story(story)
    page = text_of(desk(ben).get(desk(ben).path("web:journey")))
    for rule in ("eligibility", "washout", "collection_acceptance", "collection_expiry", "b_cell_aplasia"):
        latest = RuleResult.objects.counting().filter(rule=rule).latest("computed_at", "event_id")
        assert why_path(story, latest) in page, rule


def test_the_ledger_leads_to_what_was_computed_instead_of_repeating_it(
    graded: RuleResult, story: Story, desk: Sit, dana: User
) -> None:
    page = text_of(desk(dana).get(desk(dana).path("web:journey_ledger") + "?all"))
    assert why_path(story, graded) in page
    assert "rule version" not in page


def test_the_reason_of_an_overridden_washout_stands_beside_it(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    treatment_record(
        journey_id=story.journey_id,
        treatment=TreatmentDetails(drug="Methotrexate", drug_class="cytotoxic", last_dose=story.at),
        by=story.clinician.actor,
        at=story.at,
    )
    booking_create(
        journey_id=story.journey_id,
        slot_id=story.slot().pk,
        by=story.coordinator.actor,
        at=story.later(hours=1),
        override_reason="The disease does not wait.",
    )
    page = text_of(desk(ada).get(why_path(story, RuleResult.objects.get(rule="washout"))))
    assert "collected before its end" in page
    assert "The disease does not wait." in page
    assert "Why they differ" in page


# --- Signing -----------------------------------------------------------------------------------------------


def sign_path(story: Story, scale: str = "crs") -> str:
    """Where a grade is signed."""
    made = Assessment.objects.get(journey_id=story.journey_id)
    return reverse("toxicity:sign", args=[story.journey_id, made.pk, scale])


def test_a_clinician_finds_the_grade_that_waits_and_signs_it(
    graded: RuleResult, story: Story, desk: Sit, ben: User
) -> None:
    sit = desk(ben)
    listed = text_of(sit.get(sit.path("toxicity:list")))
    assert "1 grade waits for a clinician's signature" in listed
    assert sign_path(story) in listed
    response = sit.post(sign_path(story), {"grade": graded.value, "reason": ""})
    assert (response.status_code, response["Location"]) == (302, panel_of(story, "toxicity"))
    page = text_of(sit.get(why_path(story, graded)))
    assert "Confirmed" in page and "Ben" in page
    assert "signature" not in text_of(sit.get(sit.path("toxicity:list")))


def test_another_grade_without_a_reason_is_asked_for_it_and_what_was_chosen_stays(
    graded: RuleResult, story: Story, desk: Sit, ben: User
) -> None:
    response = desk(ben).post(sign_path(story), {"grade": "4", "reason": ""})
    assert response.status_code == 422
    page = text_of(response)
    assert "Say why the grade differs" in page
    assert 'value="4"' in page
    response = desk(ben).post(sign_path(story), {"grade": "4", "reason": "Second vasopressor, not entered."})
    assert response.status_code == 302
    page = text_of(desk(ben).get(why_path(story, graded)))
    assert "Second vasopressor, not entered." in page and "Differs" in page


def test_no_grade_is_chosen_beforehand(graded: RuleResult, story: Story, desk: Sit, ben: User) -> None:
    page = text_of(desk(ben).get(sign_path(story)))
    assert "CRS grade you confirm" in page
    assert "checked" not in page[page.index('<form class="form') :]


def test_a_nurse_sees_what_waits_and_does_not_sign(
    graded: RuleResult, story: Story, desk: Sit, nina: User
) -> None:
    listed = text_of(desk(nina).get(desk(nina).path("toxicity:list")))
    assert "1 grade waits for a clinician's signature" in listed
    assert "/sign/" not in listed
    assert desk(nina).get(sign_path(story)).status_code == 403


def test_a_scale_that_was_not_assessed_can_not_be_signed(
    graded: RuleResult, story: Story, desk: Sit, ben: User
) -> None:
    assert desk(ben).get(sign_path(story, "icans")).status_code == 404
    assert desk(ben).get(sign_path(story, "nothing")).status_code == 404


def test_a_grade_entered_in_error_shows_so_and_offers_no_signature(
    graded: RuleResult, story: Story, desk: Sit, ben: User
) -> None:
    made = Assessment.objects.get()
    strike = reverse("toxicity:strike", args=[story.journey_id, made.pk])
    desk(ben).post(strike, {"reason": "Another child."})
    page = text_of(desk(ben).get(why_path(story, graded)))
    assert "Entered in error" in page and "Another child." in page
    assert "/sign/" not in page
    assert "signature" not in text_of(desk(ben).get(desk(ben).path("toxicity:list")))


# --- Cost --------------------------------------------------------------------------------------------------


def test_a_list_of_many_assessments_costs_as_many_queries_as_one(
    graded: RuleResult, story: Story, desk: Sit, ben: User
) -> None:
    sit = desk(ben)
    before = sit.queries(sit.path("toxicity:list"))
    for _number in range(5):
        story.assessed(crs=CrsInput(temperature_c=38.5, hypotension=False))
    assert sit.queries(sit.path("toxicity:list")) == before


def test_the_page_costs_few_queries(graded: RuleResult, story: Story, desk: Sit, ben: User) -> None:
    assert desk(ben).queries(why_path(story, graded)) <= 20


def test_many_visits_cost_as_many_queries_as_one(story: Story, desk: Sit, ben: User) -> None:
    story.in_follow_up()
    sit = desk(ben)
    story.later(days=14)
    story.visited("visit_day_28", b_cells_per_ul=0.0, igg_mg_dl=500)
    before = sit.queries(sit.path("followup:plan"))
    story.later(days=33)
    for item in ("visit_month_2", "visit_month_3"):
        story.visited(item, b_cells_per_ul=0.0, igg_mg_dl=500)
        story.at += timedelta(days=30)
    assert sit.queries(sit.path("followup:plan")) == before
