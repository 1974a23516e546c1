"""The fifteen years: plan, visits, what is left out, transplant and relapse, and the overview."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from cartpath.accounts.models import User
from followup.models import DiseaseEvent, SkippedVisit, Visit
from followup.ruler import Ruler, ruler
from followup.rules.course import Happening, clocks
from tests.factories import Story
from tests.pages.conftest import Desk, panel_of, text_of

Sit = Callable[[User], Desk]
OVERVIEW = "/follow-up/"


@pytest.fixture
def followed(story: Story) -> Story:
    """A child 29 days after the infusion."""
    story.in_follow_up()
    story.later(days=15)
    return story


def today(story: Story) -> str:
    return story.at.astimezone(story.center.zone).date().isoformat()


def recorded(desk: Desk, item: str = "visit_day_28", **typed: Any) -> None:
    response = desk.post(desk.path("followup:visit", item), {"visited_on": today(desk.story), **typed})
    assert (response.status_code, response["Location"]) == (302, panel_of(desk.story, "follow-up"))


def test_the_plan_shows_fifteen_years_with_today_marked(followed: Story, desk: Sit, dana: User) -> None:
    page = text_of(desk(dana).get(desk(dana).path("followup:plan")))
    assert "Day 28 visit" in page
    assert "Year 15 visit" in page
    assert 'class="ruler-today"' in page
    assert "style=" not in page


def test_there_is_no_plan_before_the_infusion(story: Story, desk: Sit, ben: User) -> None:
    story.accepted()
    assert desk(ben).get(desk(ben).path("followup:plan")).status_code == 409


def test_the_ruler_keeps_the_order_of_the_visits_and_stays_on_the_line() -> None:
    drawn = drawn_on(date(2026, 2, 28), infused_on=date(2024, 2, 29))
    places = [float(tick.x.removesuffix("%")) for tick in drawn.ticks]
    assert places == sorted(places)
    assert places[0] == 2.0
    assert places[-1] == pytest.approx(98.0, abs=0.1)
    assert drawn.today is not None and places[5] - 1 < float(drawn.today.removesuffix("%")) < places[5] + 1
    assert drawn_on(date(2026, 1, 1), infused_on=date(2000, 1, 1)).today is None


def drawn_on(today: date, *, infused_on: date, resets: Sequence[Happening] = ()) -> Ruler:
    """The ruler of a plan without visits on a day."""
    infused_at = datetime.combine(infused_on, time(12), tzinfo=UTC)
    running = clocks(infused_at=infused_at, happened=resets, on=today, zone=UTC)
    return ruler([], resets=resets, clocks=running, zone=UTC, today=today)


def test_a_relapse_ends_the_efficacy_lane_and_leaves_that_of_safety() -> None:
    relapse = Happening(kind="relapsed", at=datetime(2025, 2, 28, 12, tzinfo=UTC))
    drawn = drawn_on(date(2026, 2, 28), infused_on=date(2024, 2, 28), resets=[relapse])
    ends = {stretch.lane: stretch.end for stretch in drawn.stretches}
    (mark,) = drawn.resets
    assert ends["efficacy"] == mark.x
    assert ends["safety"] == ends["registry"] != mark.x


def test_a_transplant_goes_on_in_the_efficacy_lane_with_its_own_visits() -> None:
    transplant = Happening(kind="transplanted", at=datetime(2025, 2, 28, 12, tzinfo=UTC))
    drawn = drawn_on(date(2026, 2, 28), infused_on=date(2024, 2, 28), resets=[transplant])
    assert len({stretch.end for stretch in drawn.stretches}) == 1


def test_a_visit_is_recorded_and_what_was_not_examined_stays_unknown(
    followed: Story, desk: Sit, ben: User
) -> None:
    recorded(
        desk(ben),
        response="CR",
        mrd_result="negative",
        mrd_method="flow",
        mrd_sensitivity="0.0001",
        b_cells_per_ul="0",
    )
    visit = Visit.objects.get()
    assert (visit.response, visit.mrd_sensitivity, visit.b_cells_per_ul) == ("CR", 0.0001, 0.0)
    assert (visit.b_cells_percent, visit.igg_mg_dl, visit.last_immunoglobulin_on) == (None, None, None)
    page = text_of(desk(ben).get(desk(ben).path("followup:plan")))
    assert "MRD negative, Flow cytometry 10⁻⁴" in page
    assert followed.journey.status.last_response == "CR"


@pytest.mark.parametrize(("days_before", "said"), [(10, "replaced, not the child's own"), (40, "(own)")])
def test_an_igg_soon_after_immunoglobulin_is_not_the_childs_own(
    days_before: int, said: str, followed: Story, desk: Sit, ben: User
) -> None:
    followed.later(days=30)
    given_on = (followed.at.date() - timedelta(days=days_before)).isoformat()
    recorded(desk(ben), "visit_month_2", igg_mg_dl="512,5", last_immunoglobulin_on=given_on)
    page = text_of(desk(ben).get(desk(ben).path("followup:plan")))
    assert "512.5" in page
    assert said in page


def test_an_igg_without_a_day_of_immunoglobulin_is_not_called_own(
    followed: Story, desk: Sit, ben: User
) -> None:
    recorded(desk(ben), igg_mg_dl="512")
    assert "unknown if own" in text_of(desk(ben).get(desk(ben).path("followup:plan")))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"mrd_result": "negative"}, "mrd_method"),
        ({"mrd_method": "flow"}, "mrd_result"),
        ({"visited_on": "2030-01-01"}, "visited_on"),
        ({"visited_on": "2026-03-03"}, "visited_on"),
        ({"b_cells_percent": "101"}, "b_cells_percent"),
        ({"visited_on": ""}, "visited_on"),
    ],
)
def test_an_impossible_visit_is_refused_beside_the_field(
    typed: dict[str, str], field: str, followed: Story, desk: Sit, ben: User
) -> None:
    path = desk(ben).path("followup:visit", "visit_day_28")
    page = desk(ben).post(path, {"visited_on": today(followed), "note": "Well", **typed})
    assert page.status_code == 422
    text = text_of(page)
    assert f'id="id_{field}_error"' in text
    assert "Well</textarea>" in text
    assert not Visit.objects.exists()


def test_only_what_the_plan_asks_for_stands_in_front(followed: Story, desk: Sit, ben: User) -> None:
    page = text_of(desk(ben).get(desk(ben).path("followup:visit", "visit_month_1")))
    apart = page.index("Findings the plan does not ask for at this visit")
    assert page.index('name="b_cells_per_ul"') < apart < page.index('name="mrd_result"')


def test_a_visit_of_no_plan_is_not_found_and_a_settled_one_not_repeated(
    followed: Story, desk: Sit, ben: User
) -> None:
    assert desk(ben).get(desk(ben).path("followup:visit", "visit_month_7")).status_code == 404
    recorded(desk(ben))
    assert desk(ben).get(desk(ben).path("followup:visit", "visit_day_28")).status_code == 409
    assert desk(ben).get(desk(ben).path("followup:visit_skip", "visit_day_28")).status_code == 409


def test_a_visit_is_left_out_with_a_reason_code(followed: Story, desk: Sit, ada: User) -> None:
    path = desk(ada).path("followup:visit_skip", "visit_month_1")
    assert desk(ada).post(path, {"note": "Holiday"}).status_code == 422
    assert desk(ada).post(path, {"reason_code": "elsewhere", "note": "Seen at home"}).status_code == 302
    assert SkippedVisit.objects.get().reason_code == "elsewhere"
    assert "Done elsewhere" in text_of(desk(ada).get(desk(ada).path("followup:plan")))


def test_a_visit_in_error_is_awaited_again(followed: Story, desk: Sit, ben: User) -> None:
    recorded(desk(ben))
    visit = Visit.objects.get()
    path = desk(ben).path("followup:visit_strike", visit.pk)
    assert desk(ben).post(path, {"reason": "Other child"}).status_code == 302
    recorded(desk(ben))
    followed.in_follow_up()
    assert desk(ben).post(desk(ben).path("followup:visit_strike", visit.pk), {}).status_code == 404


@pytest.mark.parametrize("kind", ["transplant", "relapse"])
def test_a_transplant_or_relapse_has_a_day_that_has_passed(
    kind: str, followed: Story, desk: Sit, ben: User
) -> None:
    path = desk(ben).path(f"followup:{kind}")
    assert desk(ben).post(path, {"happened_on": "2030-01-01"}).status_code == 422
    assert desk(ben).post(path, {"happened_on": today(followed), "detail": "Bone marrow"}).status_code == 302
    assert DiseaseEvent.objects.get().kind == kind


def test_the_overview_puts_missed_visits_first(followed: Story, desk: Sit, dana: User) -> None:
    missed = followed.journey_id
    followed.later(days=12)
    followed.in_follow_up()
    page = text_of(desk(dana).get(OVERVIEW))
    assert page.index(str(missed)) < page.index(str(followed.journey_id))
    overdue = text_of(desk(dana).get(f"{OVERVIEW}?show=overdue"))
    assert str(missed) in overdue
    assert str(followed.journey_id) not in overdue


def test_the_overview_costs_the_same_for_one_child_as_for_three(
    followed: Story, desk: Sit, ada: User
) -> None:
    recorded(desk(ada))
    for_one = desk(ada).queries(OVERVIEW)
    for _child in range(2):
        followed.in_follow_up()
    assert desk(ada).queries(OVERVIEW) == for_one


def test_an_outsider_sees_nobody_in_follow_up(followed: Story, desk: Sit, cleo: User) -> None:
    assert "ROSSI" not in text_of(desk(cleo).get(OVERVIEW))
