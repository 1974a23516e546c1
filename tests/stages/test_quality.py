"""The cases behind the quality charts, and what is drawn of them."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cartpath.accounts.models import Center, User
from leukapheresis.models import CollectionAdverseEvent
from leukapheresis.quality.cases import Case, cases_of
from leukapheresis.quality.drawing import Drawing, drawing
from leukapheresis.quality.measures import Filters, Measure
from leukapheresis.quality.picture import Picture, picture
from patients.enums import Stage
from patients.models import Journey
from tests.collected import collected_day, collected_days, completed, months_before
from tests.factories import Story

TODAY = date(2026, 3, 2)


@pytest.fixture
def cases(story: Story, dana: User) -> Callable[[Measure], list[Case]]:
    """`cases(Measure.CE2)` is what the auditor of center A sees."""
    return lambda measure: cases_of(dana, story.center, measure)


Cases = Callable[[Measure], list[Case]]


@pytest.fixture
def journey(story: Story) -> Journey:
    """A child of center A whose days are written down."""
    return story.accepted()


def drawn(cases: list[Case], **chosen: str) -> Picture:
    return picture(cases, Filters(measure=Measure(chosen.pop("measure", "ce2")), **chosen), today=TODAY)


def drawing_of(shown: Picture) -> Drawing:
    found = drawing(shown)
    assert found is not None
    return found


# --- Cases -------------------------------------------------------------------------------------------------


def test_a_recorded_day_is_a_case_with_its_efficiency_weight_and_device(story: Story, cases: Cases) -> None:
    story.collected(
        weight_kg=20, pre_cd3_per_ul=800, volume_processed_ml=3000, cd3=1_200_000_000, tnc=4_000_000_000
    )
    (case,) = cases(Measure.CE2)
    assert (case.value, case.weight_kg, case.band_key, case.devices) == (50, 20, "10-25", ("Spectra Optia",))
    assert (case.journey_id, case.round, case.day) == (story.journey_id, 1, 1)
    assert cases(Measure.CD3_PER_KG)[0].value == 60
    assert cases(Measure.FAILURE)[0].value == 0
    assert cases(Measure.ADVERSE)[0].value == 0


def test_a_day_without_a_weight_of_its_own_is_in_the_band_its_rules_reckoned_with(
    story: Story, cases: Cases
) -> None:
    story.collected(cd3=1_840_000_000)
    (case,) = cases(Measure.CD3_PER_KG)
    assert (case.weight_kg, case.band_key, case.is_weighed) == (18.4, "10-25", False)
    # Cells per kg of an earlier weight would be a guess.
    assert case.value is None


@pytest.mark.parametrize(
    ("measure", "missing"),
    [
        (Measure.CE2, {"cd3": None}),
        (Measure.CE2, {"pre_cd3_per_ul": None}),
        (Measure.CE2, {"pre_cd3_per_ul": 0}),
        (Measure.CE2, {"volume_processed_ml": None}),
        (Measure.CD3_PER_KG, {"cd3": None}),
        (Measure.CD3_PER_KG, {"weight_kg": None}),
    ],
)
def test_a_number_that_lacks_makes_the_value_unknown(
    measure: Measure, missing: dict[str, int | None], story: Story, journey: Journey, cases: Cases
) -> None:
    collected_day(journey, story.at, **missing)
    (case,) = cases(measure)
    assert case.value is None
    shown = drawn([case], measure=measure)
    assert (shown.cases, shown.unknown, shown.chart.known) == (1, 1, 0)
    assert drawing(shown) is None


def test_no_cells_in_the_bag_are_zero_and_not_unknown(story: Story, journey: Journey, cases: Cases) -> None:
    collected_day(journey, story.at, cd3=0)
    assert [cases(measure)[0].value for measure in (Measure.CE2, Measure.CD3_PER_KG)] == [0, 0]


def test_the_volume_is_inlet_less_anticoagulant_where_only_these_are_told(
    story: Story, journey: Journey, cases: Cases
) -> None:
    collected_day(journey, story.at, volume_processed_ml=None, inlet_volume_ml=3300, anticoagulant_ml=300)
    assert cases(Measure.CE2)[0].value == 50


def test_days_in_error_whole_blood_and_cells_taken_over_are_left_out(
    story: Story, journey: Journey, cases: Cases
) -> None:
    collected_day(journey, story.at, struck_at=story.at)
    collected_day(journey, story.at, source="autologous_whole_blood")
    collected_day(journey, story.at, history_reason="At another center, for another product")
    assert [cases(measure) for measure in Measure] == [[], [], [], []]


def test_what_the_nurse_chose_and_what_was_written_before_both_count_as_events(
    story: Story, journey: Journey, cases: Cases
) -> None:
    chosen = collected_day(journey, story.at)
    CollectionAdverseEvent.objects.create(day=chosen, kind="hypocalcemia", grade=2)
    CollectionAdverseEvent.objects.create(day=chosen, kind="nausea")
    collected_day(journey, story.later(days=1), adverse_events="Tingling around the mouth")
    collected_day(journey, story.later(days=1))
    found = cases(Measure.ADVERSE)
    assert [case.value for case in found] == [1, 1, 0]
    assert found[0].notes == ("Hypocalcemia, grade 2", "Nausea or vomiting")
    assert found[1].notes == ("Tingling around the mouth",)


@pytest.mark.parametrize(
    ("decision", "accepted", "failed"),
    [
        ("enough", True, 0),
        ("enough", False, 1),
        ("enough", None, None),
        ("stop", True, 1),
        ("stop", None, 1),
    ],
)
def test_a_collection_fails_below_the_target_or_when_it_is_stopped(
    decision: str, accepted: bool | None, failed: int | None, story: Story, journey: Journey, cases: Cases
) -> None:
    completed(collected_day(journey, story.at, decision=decision), accepted=accepted)
    assert [case.value for case in cases(Measure.FAILURE)] == [failed]


def test_a_collection_under_way_is_no_case_until_it_is_stopped(
    story: Story, journey: Journey, cases: Cases
) -> None:
    collected_day(journey, story.at, round=1, number=1, decision="again", weight_kg=9.8)
    assert cases(Measure.FAILURE) == []
    collected_day(
        journey, story.later(days=1), round=1, number=2, decision="stop", weight_kg=10.2, device="Amicus"
    )
    (case,) = cases(Measure.FAILURE)
    assert (case.value, case.day, case.on) == (1, None, date(2026, 3, 3))
    # The whole collection has the weight of its first day and all its devices.
    assert (case.band_key, case.devices) == ("below-10", ("Spectra Optia", "Amicus"))


def test_a_collection_that_nobody_judged_before_the_journey_closed_is_unknown(
    story: Story, journey: Journey, cases: Cases
) -> None:
    collected_day(journey, story.at)
    Journey.objects.filter(pk=journey.pk).update(stage=Stage.CLOSED, closing_reason="withdrawn")
    (case,) = cases(Measure.FAILURE)
    assert (case.value, case.notes) == (None, ("Journey closed before the collection was judged",))


def test_nobody_sees_the_cases_of_a_center_that_is_not_theirs(
    story: Story, journey: Journey, cleo: User, dana: User, other_center: Center
) -> None:
    completed(collected_day(journey, story.at), accepted=True)
    for measure in Measure:
        assert len(cases_of(dana, story.center, measure)) == 1
        assert cases_of(cleo, story.center, measure) == []
        assert cases_of(cleo, other_center, measure) == []


@pytest.mark.parametrize("measure", Measure)
def test_one_collection_costs_as_many_queries_as_thirty(
    measure: Measure, story: Story, journey: Journey, dana: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            cases_of(User.objects.get(pk=dana.pk), story.center, measure)
        return len(asked)

    completed(collected_day(journey, story.at), accepted=True)
    for_one = queries()
    for number in range(30):
        day = collected_day(journey, story.later(days=1), device=f"Device {number}")
        CollectionAdverseEvent.objects.create(day=day, kind="nausea")
        completed(day, accepted=None)
    assert queries() == for_one <= 6


# --- Picture -----------------------------------------------------------------------------------------------


def test_a_day_belongs_to_the_day_of_the_center(story: Story, journey: Journey, cases: Cases) -> None:
    # 23:30 UTC is the next day in Rome.
    collected_day(journey, story.at.astimezone(timezone.get_fixed_timezone(0)).replace(hour=23, minute=30))
    assert cases(Measure.CE2)[0].on == date(2026, 3, 3)


def test_a_period_is_made_of_whole_months(story: Story, journey: Journey, cases: Cases) -> None:
    for days in (0, 31, 200, 336, 337, 800):
        collected_day(journey, story.at - timedelta(days=days))
    found = cases(Measure.CE2)
    # Twelve months that end with March 2026 begin on 1 April 2025, 335 days before 2 March.
    assert [drawn(found, period=period).cases for period in ("6", "12", "24", "all")] == [2, 3, 5, 6]


def test_band_and_device_narrow_the_chart_but_not_the_comparison(
    story: Story, journey: Journey, cases: Cases
) -> None:
    for weight_kg, device in ((8, "Amicus"), (20, "Spectra Optia"), (20, "spectra  optia "), (None, "")):
        collected_day(journey, story.later(days=1), weight_kg=weight_kg, device=device)
    found = cases(Measure.CE2)
    assert drawn(found, band="10-25").cases == 2
    assert drawn(found, band="unknown").cases == 1
    assert drawn(found, device="SPECTRA OPTIA").cases == 2
    assert drawn(found, device="unknown").cases == 1
    assert drawn(found, device="Fenwal CS-3000").cases == 0
    shown = drawn(found, band="10-25")
    assert [(part.label, part.known, part.is_chosen) for part in shown.bands] == [
        ("below 10 kg", 1, False),
        ("10 to below 25 kg", 2, True),
        ("Weight unknown", 1, False),
    ]
    assert [(part.known, part.unknown) for part in shown.devices] == [(2, 0)]
    assert ("Fenwal CS-3000", "Fenwal CS-3000") in drawn(found, device="Fenwal CS-3000").device_choices


def test_an_unknown_day_has_a_line_in_the_table_and_no_point(
    story: Story, journey: Journey, cases: Cases
) -> None:
    collected_days(journey, story.at, [1200, 1300, None, 1250, 1200, 1300, 1250, 1200, 1300])
    shown = drawn(cases(Measure.CE2))
    assert (shown.cases, shown.unknown, shown.chart.known) == (9, 1, 8)
    assert [row.point.value is None for row in shown.rows].index(True) == 2
    assert len(drawing_of(shown).marks) == 8
    assert shown.chart.is_provisional


def test_a_signal_names_its_days(story: Story, journey: Journey, cases: Cases) -> None:
    collected_days(journey, story.at, [1100, 1300] * 6 + [300])
    (told,) = drawn(cases(Measure.CE2)).told
    assert (told.signal.kind, told.signal.side, told.first.on, told.points) == ("beyond", "below", TODAY, 1)


def test_a_month_with_cases_has_a_line_and_one_of_unknown_cases_has_no_share(
    story: Story, journey: Journey, cases: Cases
) -> None:
    completed(collected_day(journey, months_before(story.at, 4)), accepted=False)
    completed(collected_day(journey, months_before(story.at, 3)), accepted=True)
    completed(collected_day(journey, months_before(story.at, 3)), accepted=None)
    completed(collected_day(journey, months_before(story.at, 1)), accepted=None)
    shown = drawn(cases(Measure.FAILURE), measure="failure")
    months = [(f"{row.on:%Y-%m}", row.events, row.known, row.unknown) for row in shown.rows]
    assert months == [
        ("2025-11", 1, 1, 0),
        ("2025-12", 0, 1, 1),
        ("2026-02", 0, 0, 1),
    ]
    assert [row.point.value for row in shown.rows] == [100, 0, None]


def test_eight_months_have_limits_by_how_many_cases_they_had(
    story: Story, journey: Journey, cases: Cases
) -> None:
    for months in range(8):
        for number in range(8 if months == 0 else 2):
            day = collected_day(journey, months_before(story.at, months) - timedelta(hours=number))
            completed(day, accepted=number != 0)
    shown = drawn(cases(Measure.FAILURE), measure="failure")
    assert shown.chart.center == pytest.approx(100 * 8 / 22)
    few, many = shown.rows[0].point.limits, shown.rows[-1].point.limits
    assert few is not None and many is not None
    assert few.upper > many.upper
    assert shown.limits is None


# --- Drawing -----------------------------------------------------------------------------------------------


def test_points_stand_between_ground_and_top_in_the_order_of_time(
    story: Story, journey: Journey, cases: Cases
) -> None:
    collected_days(journey, story.at, [1100, 1300] * 6 + [300])
    picture_ = drawing_of(drawn(cases(Measure.CE2)))
    across = [float(mark.x.rstrip("%")) for mark in picture_.marks]
    assert across == sorted(across) and 0 < across[0] < across[-1] < 100
    heights = [float(mark.y) for mark in picture_.marks]
    assert all(0 <= y <= float(picture_.floor) for y in heights)
    assert max(heights) == heights[-1]
    assert [mark.kind for mark in picture_.marks].count("beyond") == 1
    assert len(picture_.path) == 12
    assert picture_.levels[0].value == 0 and picture_.levels[0].y == picture_.floor


def test_a_line_does_not_cross_a_month_that_is_unknown(story: Story, journey: Journey, cases: Cases) -> None:
    for months, accepted in ((0, True), (1, None), (2, True), (3, True)):
        completed(collected_day(journey, months_before(story.at, months)), accepted=accepted)
    shown = drawn(cases(Measure.FAILURE), measure="failure")
    assert [row.point.value for row in shown.rows] == [0, 0, None, 0]
    assert len(drawing_of(shown).path) == 1


def test_a_single_point_and_only_zeros_can_be_drawn(story: Story, journey: Journey, cases: Cases) -> None:
    collected_day(journey, story.at, cd3=0)
    picture_ = drawing_of(drawn(cases(Measure.CE2)))
    assert [mark.y for mark in picture_.marks] == [picture_.floor]
    assert (picture_.center, picture_.limits, picture_.path) == (None, [], [])


def test_names_of_months_leave_each_other_room(story: Story, journey: Journey, cases: Cases) -> None:
    for weeks in range(100):
        collected_day(journey, story.at - timedelta(weeks=weeks))
    ticks = drawing_of(drawn(cases(Measure.CE2), period="all")).months
    across = [float(tick.x.rstrip("%")) for tick in ticks]
    assert len(across) > 4
    assert min(after - before for before, after in pairwise(across)) >= 9
