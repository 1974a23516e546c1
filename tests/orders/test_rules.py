"""Delays, portal load and specification, as pure rules."""

from dataclasses import replace
from datetime import date, timedelta

from cartpath.protocols import registry
from cartpath.protocols.rows import Limit
from cartpath.protocols.sections import Statement
from manufacturing.rules.delay import Plan, delay
from manufacturing.rules.milestones import Stop, forecast
from manufacturing.rules.portal_load import Typed, portal_load
from manufacturing.rules.release import release

DAY = date(2026, 3, 2)
ARI = registry.latest("varnimcabtagene-eu").manufacturing
# Three batches made to validate the process, each within its specification.
GOOD = {
    "cells_per_kg": 1.0e6,
    "release_car_positive": 32.0,
    "release_cd3": 99.0,
    "viability_percent": 91.0,
    "release_endotoxin": 0.2,
    "release_vector_copies": 2.6,
}
FOUND = {row.id: "met" for row in ARI.release_findings}


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def test_a_batch_that_keeps_every_limit_and_finding_is_met() -> None:
    judged = release(ARI.release, GOOD, ARI.release_findings, FOUND)
    assert judged.verdict == "met"
    assert len(judged.parameters) == 12
    assert judged.missing == judged.flags == ()


def test_a_parameter_that_nobody_told_is_unknown_and_never_met() -> None:
    found = {name: value for name, value in FOUND.items() if name != "release_sterility"}
    judged = release(ARI.release, GOOD, ARI.release_findings, found)
    assert judged.verdict == "unknown"
    assert [each.id for each in judged.of("unknown")] == ["release_sterility"]
    assert judged.missing == ("release_sterility",)
    assert release(ARI.release, {}, ARI.release_findings, {}).of("met") == ()


def test_one_missed_limit_outweighs_everything_unknown() -> None:
    judged = release(ARI.release, GOOD | {"viability_percent": 69.9}, ARI.release_findings, {})
    assert judged.verdict == "not_met"
    assert judged.flags == ("release_viability_missed",)
    assert judged.explanation[0] == "Viability: 69.9 %, needed >= 70."


def test_the_limits_mean_what_their_signs_say() -> None:
    at_the_limit = {"cells_per_kg": 5.0e5, "viability_percent": 70.0, "release_endotoxin": 0.5}
    judged = release(ARI.release, GOOD | at_the_limit, ARI.release_findings, FOUND)
    assert [each.id for each in judged.of("not_met")] == ["release_dose"], "more than, not at least"


def test_a_limit_that_only_warns_is_shown_and_decides_nothing() -> None:
    row = Limit(
        id="w", label="W", value=1, unit="1", op="<=", severity="warn", source=("S",), status="confirmed"
    )
    sterile = Statement(id="s", text="Sterile.", source=("S",), status="confirmed")
    judged = release((row,), {"w": 2.0}, (sterile,), {"s": "met"})
    assert (judged.verdict, judged.flags) == ("met", ())
    assert judged.parameters[0].verdict == "not_met"


def test_without_any_criterion_nothing_is_known() -> None:
    assert release((), {}).verdict == "unknown"


def test_a_delay_shifts_what_comes_after_it_and_being_early_promises_nothing() -> None:
    stops = [
        Stop(id="picked_up", planned_on=on(3), reached_on=on(2)),
        Stop(id="started", planned_on=on(7), reached_on=on(10)),
        Stop(id="harvested"),
        Stop(id="released", planned_on=on(28)),
        Stop(id="received", planned_on=on(35)),
    ]
    found = {each.id: each for each in forecast(stops, today=on(12))}
    assert (found["released"].expected_on, found["released"].delay_days) == (on(31), 3)
    assert (found["received"].expected_on, found["received"].delay_days) == (on(38), 3)
    assert (found["harvested"].expected_on, found["harvested"].delay_days) == (None, 0)
    assert found["picked_up"].delay_days == 0


def test_what_the_manufacturer_told_stands_above_the_plan() -> None:
    stops = [
        Stop(id="started", planned_on=on(7), reached_on=on(10)),
        Stop(id="released", planned_on=on(28), told_on=on(29)),
        Stop(id="received", planned_on=on(35)),
    ]
    found = forecast(stops, today=on(12))
    assert [each.expected_on for each in found] == [on(10), on(29), on(36)]


def test_what_is_overdue_is_expected_today_at_the_earliest() -> None:
    stops = [Stop(id="released", planned_on=on(28)), Stop(id="received", planned_on=on(35))]
    found = forecast(stops, today=on(33))
    assert [(each.expected_on, each.delay_days) for each in found] == [(on(33), 5), (on(40), 5)]


PLAN = Plan(
    planned_on=on(35), expected_on=on(42), depletion_days=4, first_after=2, last_after=14, depletion_on=on(36)
)


def test_a_delay_is_told_as_bridging_lymphodepletion_and_infusion() -> None:
    found = delay(PLAN)
    assert (found.days, found.depletion_from) == (7, on(42))
    assert (found.infusion_from, found.infusion_until) == (on(47), on(59))
    codes = [effect.code for effect in found.effects]
    assert codes == ["bridging", "lymphodepletion", "infusion", "planned_lymphodepletion"]
    assert [effect.code for effect in found.effects if effect.must_move] == ["planned_lymphodepletion"]
    assert found.effects[0].said == f"Bridging has to hold 7 d longer, until {on(42).isoformat()}."


def test_a_product_in_time_moves_nothing() -> None:
    assert delay(replace(PLAN, expected_on=on(35))).effects == ()
    assert delay(replace(PLAN, expected_on=on(30))).days == -5


def test_an_unknown_day_has_no_effect_anybody_could_name() -> None:
    found = delay(replace(PLAN, expected_on=None))
    assert (found.days, found.effects, found.infusion_from) == (None, (), None)
    unplanned = delay(replace(PLAN, planned_on=None))
    assert unplanned.days is None
    assert [effect.code for effect in unplanned.effects] == ["planned_lymphodepletion"]


def test_an_infusion_planned_too_early_and_a_family_away_are_named() -> None:
    plan = replace(PLAN, infusion_on=on(46), away=((on(47), on(50)), (on(60), on(61))))
    moved = [effect.code for effect in delay(plan).effects if effect.must_move]
    assert moved == ["planned_lymphodepletion", "planned_infusion", "family_away"]


def typed(**changes: object) -> Typed:
    known = {
        "product": "a",
        "month": date(2026, 3, 1),
        "journey": "1",
        "asked": 10,
        "known": 8,
        "minutes": 20,
    }
    return Typed(**known | changes)  # type: ignore[arg-type]


def test_the_portal_load_counts_fields_and_minutes_by_product_and_month() -> None:
    rows = portal_load(
        [
            typed(),
            typed(journey="2", asked=5, known=5, minutes=10),
            typed(product="b"),
            typed(month=date(2026, 4, 1)),
        ]
    )
    assert [(row.month.month, row.product) for row in rows] == [(4, "a"), (3, "a"), (3, "b")]
    march = rows[1]
    assert (march.children, march.pages, march.asked, march.known) == (2, 2, 15, 13)
    assert (march.minutes, march.minutes_per_child) == (30, 15)


def test_minutes_nobody_timed_are_unknown_and_never_nothing() -> None:
    (row,) = portal_load([typed(), typed(minutes=None)])
    assert (row.minutes, row.untimed, row.minutes_per_child) == (20, 1, None)
    (untimed,) = portal_load([typed(minutes=None)])
    assert untimed.minutes is None
    (empty,) = portal_load([typed(asked=0, known=0)])
    assert empty.known_percent is None
