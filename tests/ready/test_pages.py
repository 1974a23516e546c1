"""Pages of bridging, the plan of lymphodepletion, holds, and what stands in the way of the infusion."""

from datetime import timedelta

import pytest

from cartpath.accounts.models import User
from infusion.models import BridgingCourse, ChecklistItem, Finding, InfusionHold, LymphodepletionPlan
from tests.factories import Story
from tests.pages.conftest import text_of, typed_time
from tests.ready.conftest import Sit, begun, ended, held, planned, today


def test_a_course_is_recorded_ended_and_its_marrow_kept_as_a_finding(
    child: Story, nina: User, desk: Sit
) -> None:
    at_desk = desk(nina)
    typed = {
        "bridging_class": "intensive_cytarabine",
        "regimen": "Cytarabine 1 g/m²",
        "started_on": (today(child) - timedelta(days=5)).isoformat(),
        "is_cardiotoxic": "yes",
    }
    answer = at_desk.post(at_desk.path("infusion:bridging_new"), typed)
    assert answer["Location"] == at_desk.path("infusion:bridging")
    course = BridgingCourse.objects.get()
    shown = text_of(at_desk.get(at_desk.path("infusion:bridging")))
    for said in ("Cytarabine 1 g/m²", "running", "The heart is examined again before lymphodepletion."):
        assert said in shown
    end = {
        "ended_on": today(child).isoformat(),
        "response": "remission",
        "had_complications": "yes",
        "complications": ["infection"],
        "staged_on": today(child).isoformat(),
        "staging": "flow",
        "blasts_percent": "0.02",
    }
    assert at_desk.post(at_desk.path("infusion:bridging_end", course.pk), end).status_code == 302
    shown = text_of(at_desk.get(at_desk.path("infusion:bridging")))
    assert "Complete remission" in shown and "Infection" in shown
    finding = Finding.objects.get()
    assert (finding.quantity, float(finding.value)) == ("marrow_blasts", 0.02)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"had_complications": "yes", "complications": []}, "Say which."),
        ({"had_complications": "no", "complications": ["infection"]}, "Say yes, or name none."),
        ({"blasts_percent": "5"}, "Give the day and the kind of the marrow, too."),
        ({"ended_on": "2020-01-01"}, "The last day can&#x27;t lie before the first."),
    ],
)
def test_an_end_that_contradicts_itself_comes_back_with_what_was_typed(
    child: Story, nina: User, desk: Sit, changes: dict[str, object], said: str
) -> None:
    course = begun(child)
    at_desk = desk(nina)
    typed = {"ended_on": today(child).isoformat(), "note": "Kept text."} | changes
    answer = at_desk.post(at_desk.path("infusion:bridging_end", course.pk), typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page and "Kept text." in page
    assert BridgingCourse.objects.get().ended_on is None


def test_a_course_entered_in_error_stays_readable(child: Story, nina: User, desk: Sit) -> None:
    course = begun(child)
    at_desk = desk(nina)
    path = at_desk.path("infusion:bridging_strike", course.pk)
    assert at_desk.post(path, {"reason": "Another child."}).status_code == 302
    shown = text_of(at_desk.get(at_desk.path("infusion:bridging")))
    assert "Another child." in shown and "Mercaptopurine" in shown
    assert at_desk.get(at_desk.path("infusion:bridging_end", course.pk)).status_code == 404


def test_lymphodepletion_is_planned_and_its_days_stand_on_a_strip(child: Story, ben: User, desk: Sit) -> None:
    at_desk = desk(ben)
    path = at_desk.path("infusion:depletion_plan")
    assert "22.5" in text_of(at_desk.get(path))
    first = today(child) + timedelta(days=1)
    typed = {
        "regimen": "tisagenlecleucel_b_all",
        "starts_on": first.isoformat(),
        "infusion_on": (first + timedelta(days=6)).isoformat(),
        "clearance_ml_min": "72",
        "clearance_on": today(child).isoformat(),
        "own_0": "18",
    }
    refused = at_desk.post(path, typed)
    assert refused.status_code == 422
    assert "Say why the doses are not those of the rule." in text_of(refused)
    assert at_desk.post(path, typed | {"reason": "Kidney."}).status_code == 302
    assert LymphodepletionPlan.objects.get().doses[0]["mg"] == 18
    shown = text_of(at_desk.get(at_desk.path("infusion:lymphodepletion")))
    for said in ("Infusion planned", ">18.0<", "instead of", ">22.5<", "The kidney asks about fludarabine"):
        assert said in shown, said
    assert "D\N{MINUS SIGN}6" in shown


def test_a_plan_without_a_clearance_says_that_the_kidney_is_unknown(
    child: Story, ben: User, desk: Sit
) -> None:
    planned(child)
    at_desk = desk(ben)
    assert "The kidney is unknown" in text_of(at_desk.get(at_desk.path("infusion:lymphodepletion")))


def test_a_plan_entered_in_error_is_gone_from_the_page(child: Story, ben: User, desk: Sit) -> None:
    plan = planned(child)
    at_desk = desk(ben)
    path = at_desk.path("infusion:depletion_plan_strike", plan.pk)
    assert at_desk.post(path, {"reason": "Wrong day."}).status_code == 302
    assert "Infusion planned" not in text_of(at_desk.get(at_desk.path("infusion:lymphodepletion")))


def test_a_hold_is_put_kept_and_ended_from_the_page(child: Story, ben: User, desk: Sit) -> None:
    at_desk = desk(ben)
    typed = {"reason": "hold_infection", "note": "Fever since noon.", "review_at": ""}
    assert at_desk.post(at_desk.path("infusion:hold_new"), typed).status_code == 302
    hold = InfusionHold.objects.get()
    assert hold.review_at == (child.at + timedelta(hours=24)).replace(second=0, microsecond=0)
    shown = text_of(at_desk.get(at_desk.path("infusion:ready")))
    assert "The infusion waits. Not met or unknown: No open hold;" in shown
    assert "Fever since noon." in shown
    child.later(hours=25)
    assert "overdue" in text_of(at_desk.get(at_desk.path("infusion:holds")))
    later = {"review_at": typed_time(child.at + timedelta(hours=5)), "note": "Still 38.6."}
    assert at_desk.post(at_desk.path("infusion:hold_review", hold.pk), later).status_code == 302
    assert "looked at 1 time" in text_of(at_desk.get(at_desk.path("infusion:holds")))
    ending = at_desk.path("infusion:hold_end", hold.pk)
    assert at_desk.post(ending, {"outcome": "decided", "note": ""}).status_code == 422
    assert at_desk.post(ending, {"outcome": "resolved", "note": ""}).status_code == 302
    assert at_desk.get(ending).status_code == 404
    assert "The reason is gone" in text_of(at_desk.get(at_desk.path("infusion:ready")))


def test_the_ready_page_shows_who_may_go_on_and_offers_it_only_to_them(
    child: Story, ben: User, nina: User, desk: Sit
) -> None:
    override = desk(ben).path("infusion:override", "check_line")
    assert override in desk(ben).get(desk(ben).path("infusion:ready")).content.decode()
    assert override not in desk(nina).get(desk(nina).path("infusion:ready")).content.decode()
    assert desk(nina).post(override, {"reason": "I think so."}).status_code == 403
    page = text_of(desk(ben).get(desk(ben).path("infusion:ready")))
    assert "Nobody goes on against it" in page
    assert "May go on against it: Clinician" in page
    assert desk(ben).post(override, {"reason": " "}).status_code == 422
    assert desk(ben).post(override, {"reason": "Filter removed."}).status_code == 302
    assert ChecklistItem.objects.get().reason == "Filter removed."
    assert "Filter removed." in text_of(desk(ben).get(desk(ben).path("infusion:ready")))


def test_nobody_s_page_goes_on_against_what_nobody_may(child: Story, ben: User, desk: Sit) -> None:
    held(child)
    path = desk(ben).path("infusion:override", "hold")
    answer = desk(ben).post(path, {"reason": "We must."})
    assert answer.status_code == 422
    assert "Nobody goes on against this stop" in text_of(answer)
    assert not ChecklistItem.objects.exists()


def test_a_ready_child_s_page_says_so_and_costs_few_queries(story: Story, ben: User, desk: Sit) -> None:
    story.ready()
    at_desk = desk(ben)
    path = at_desk.path("infusion:ready")
    assert "Nothing stands in the way of the infusion." in text_of(at_desk.get(path))
    assert at_desk.queries(path) <= 60


def test_an_outsider_finds_none_of_these_pages(child: Story, cleo: User, desk: Sit) -> None:
    course, plan, hold = begun(child), planned(child), held(child)
    at_desk = desk(cleo)
    for path in (
        at_desk.path("infusion:ready"),
        at_desk.path("infusion:override", "check_line"),
        at_desk.path("infusion:holds"),
        at_desk.path("infusion:hold_new"),
        at_desk.path("infusion:hold_review", hold.pk),
        at_desk.path("infusion:hold_end", hold.pk),
        at_desk.path("infusion:hold_strike", hold.pk),
        at_desk.path("infusion:bridging"),
        at_desk.path("infusion:bridging_new"),
        at_desk.path("infusion:bridging_end", course.pk),
        at_desk.path("infusion:bridging_strike", course.pk),
        at_desk.path("infusion:depletion_plan"),
        at_desk.path("infusion:depletion_plan_strike", plan.pk),
    ):
        assert at_desk.get(path).status_code == 404
        assert at_desk.post(path, {"reason": "x"}).status_code in {404, 405}


def test_a_row_of_another_child_is_not_found_under_this_one(story: Story, ben: User, desk: Sit) -> None:
    story.released()
    course, hold = begun(story), held(story)
    story.released()
    at_desk = desk(ben)
    for path in (
        at_desk.path("infusion:hold_end", hold.pk),
        at_desk.path("infusion:bridging_end", course.pk),
    ):
        assert at_desk.get(path).status_code == 404


def test_the_timeline_tells_bridging_plan_and_hold_in_words(child: Story, ben: User, desk: Sit) -> None:
    begun(child)
    ended(child, complications=("infection",), staged_on=today(child), staging="flow")
    planned(child)
    held(child, note="Fever.")
    shown = text_of(desk(ben).get(desk(ben).path("web:journey_timeline")))
    for said in (
        "Bridging therapy started",
        "Stable disease",
        "complications Infection",
        "Lymphodepletion planned",
        "Fludarabine and cyclophosphamide",
        "Infusion on hold: Active uncontrolled infection",
    ):
        assert said in shown, said
