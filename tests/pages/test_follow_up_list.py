"""The list of children in follow-up, and the pages of the plan."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cartpath.accounts.models import User
from cartpath.web.selectors.follow_up import follow_up_list
from followup.arranging import Arrangement, visit_arrange
from followup.models import ArrangedVisit, Loss
from followup.services import relapse_record, transplant_record
from tests.factories import Story, patient_details
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]
LIST = "/follow-up/"


@pytest.fixture
def followed(story: Story) -> Story:
    """A child 41 days after the infusion: day 28 and month 1 are overdue."""
    story.in_follow_up()
    story.later(days=27)
    return story


def act(story: Story) -> dict[str, Any]:
    return {"journey_id": story.journey_id, "by": story.clinician.actor, "at": story.at}


def place(story: Story, **wanted: Any) -> dict[str, int]:
    """How many children stand where."""
    return dict(follow_up_list(story.center, at=story.at, **wanted).counts)


def arranged(story: Story, *items: str, in_days: int = 3) -> ArrangedVisit:
    day = story.center.local_day(story.at) + timedelta(days=in_days)
    return visit_arrange(arrangement=Arrangement(items=items, planned_on=day), **act(story))


def test_recording_what_is_overdue_empties_the_list(followed: Story) -> None:
    assert place(followed) == {"overdue": 1}
    followed.visited("visit_day_28")
    assert place(followed) == {"overdue": 1}
    followed.visited("visit_month_1")
    assert place(followed) == {"upcoming": 1}


def test_an_arranged_day_takes_a_child_off_the_overdue_until_it_has_passed(followed: Story) -> None:
    arranged(followed, "visit_day_28", "visit_month_1")
    assert place(followed) == {"arranged": 1}
    followed.later(days=4)
    assert place(followed) == {"overdue": 1}
    (row,) = follow_up_list(followed.center, at=followed.at)[:5]
    assert row.day_has_passed
    assert row.overdue == 2


def test_a_child_nobody_finds_is_not_worked_off_as_overdue(followed: Story) -> None:
    Loss.objects.create(journey_id=followed.journey_id, since_on=followed.at.date())
    assert place(followed) == {"lost": 1}


def test_a_name_narrows_the_list(followed: Story) -> None:
    followed.child = patient_details(family_name="Bianchi")
    followed.in_follow_up()
    assert sum(place(followed, text="bianchi").values()) == 1
    assert sum(place(followed, text="rossi giu").values()) == 1
    assert sum(place(followed, text="nobody").values()) == 0


def test_the_list_is_paged_by_the_database(followed: Story) -> None:
    for _child in range(2):
        followed.in_follow_up()
    listed = follow_up_list(followed.center, at=followed.at)
    assert len(listed) == 3
    assert len(listed[0:2]) == 2
    ids = [row.journey_id for row in (*listed[0:2], *listed[2:4])]
    assert len(set(ids)) == 3


def test_the_page_offers_each_act_and_searches_without_a_name_in_an_address(
    followed: Story, desk: Sit, ada: User
) -> None:
    page = text_of(desk(ada).get(f"{LIST}?show=overdue"))
    for name in ("visit", "arrange", "visit_skip"):
        assert desk(ada).path(f"followup:{name}", "visit_day_28") in page
    answered = desk(ada).post(f"{LIST}?show=overdue", {"q": "Bianchi"})
    assert answered.status_code == 302
    assert "Bianchi" not in answered["Location"]


def test_who_may_only_read_is_offered_nothing_to_do(followed: Story, desk: Sit, dana: User) -> None:
    page = text_of(desk(dana).get(LIST))
    assert "ROSSI" in page.upper()
    assert desk(dana).path("followup:arrange", "visit_day_28") not in page


def test_a_visit_is_arranged_on_the_proposed_day(followed: Story, desk: Sit, ada: User) -> None:
    path = desk(ada).path("followup:arrange", "visit_day_28")
    page = text_of(desk(ada).get(path))
    assert page.count("checked") == 2
    day = followed.center.local_day(followed.at) + timedelta(days=2)
    typed = {"items": ["visit_day_28", "visit_month_1"], "planned_on": day.isoformat(), "starts_at": "09:30"}
    assert desk(ada).post(path, typed).status_code == 302
    plan = text_of(desk(ada).get(desk(ada).path("followup:plan")))
    assert "Arranged" in plan
    assert "09:30" in plan
    late = {"items": ["visit_day_28"], "planned_on": "2020-01-01"}
    assert desk(ada).post(path, late).status_code == 422


def test_an_arranged_day_is_canceled_on_its_page(followed: Story, desk: Sit, ada: User) -> None:
    path = desk(ada).path("followup:unarrange", "visit_day_28")
    assert desk(ada).get(path).status_code == 404
    arranged(followed, "visit_day_28")
    assert desk(ada).post(path, {"reason_code": "family"}).status_code == 302
    assert not ArrangedVisit.objects.standing().exists()


def test_the_plan_says_what_stopped_and_what_goes_on(followed: Story, desk: Sit, dana: User) -> None:
    relapse_record(relapsed_on=followed.center.local_day(followed.at), **act(followed))
    page = text_of(desk(dana).get(desk(dana).path("followup:plan")))
    assert "because of a relapse" in page
    assert "after a relapse" in page
    assert "year 1 of 15" in page
    assert "style=" not in page
    patient = text_of(desk(dana).get(f"/journeys/{followed.journey_id}/"))
    assert "because of a relapse" in patient


def test_the_plan_of_a_transplant_has_its_own_visits_and_forms(
    followed: Story, desk: Sit, dana: User
) -> None:
    transplant_record(transplanted_on=followed.center.local_day(followed.at), **act(followed))
    page = text_of(desk(dana).get(desk(dana).path("followup:plan")))
    assert "Month 1 visit after the transplant" in page
    assert "Registry form, day 100 after the transplant" in page


def test_a_relapse_in_error_is_struck_on_its_page(followed: Story, desk: Sit, ada: User) -> None:
    row = relapse_record(relapsed_on=followed.center.local_day(followed.at), **act(followed))
    path = desk(ada).path("followup:reset_strike", row.pk)
    assert desk(ada).post(path, {"reason": "Other child"}).status_code == 302
    assert desk(ada).get(path).status_code == 404
    page = text_of(desk(ada).get(desk(ada).path("followup:plan")))
    assert "because of a relapse" not in page


def test_the_matrix_tells_found_from_unknown(followed: Story, desk: Sit, dana: User) -> None:
    followed.visited("visit_day_28", mrd_result="negative", mrd_method="flow")
    page = text_of(desk(dana).get(desk(dana).path("followup:plan")))
    row = page[page.index('<th scope="row">Marrow aspirate with MRD') :]
    assert row.index("cell-done") < row.index("</tr>")
    blood = page[page.index('<th scope="row">Blood count with differential') :]
    assert blood.index("cell-unknown") < blood.index("</tr>")
