"""The cascade: what moving a collection does to everything after it, each with its rule."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cartpath.protocols import registry
from leukapheresis.rules.cascade import Bridging, Effect, Side, Surroundings, Trip, cascade
from leukapheresis.rules.course import course
from leukapheresis.rules.search import Reason

ROME = ZoneInfo("Europe/Rome")
KYMRIAH = registry.latest("tisagenlecleucel-eu")
MONDAY = date(2026, 3, 2)
LATER = MONDAY + timedelta(days=14)
ALONE = Surroundings()


def side(on: date, *, days: int = 1, protocol: Any = KYMRIAH, **more: Any) -> Side:
    last_on = on + timedelta(days=days - 1)
    return Side(
        starts_at=datetime(on.year, on.month, on.day, 8, tzinfo=ROME),
        first_on=on,
        last_on=last_on,
        course=course(protocol, last_on),
        **more,
    )


def of(effects: tuple[Effect, ...], kind: str) -> list[Effect]:
    return [effect for effect in effects if effect.kind == kind]


def test_the_course_counts_from_the_last_day_by_the_rows_of_the_protocol() -> None:
    found = course(KYMRIAH, MONDAY)
    assert [(step.key, step.on) for step in found.steps] == [
        ("released", MONDAY + timedelta(days=28)),
        ("received", MONDAY + timedelta(days=35)),
        ("lymphodepletion", MONDAY + timedelta(days=35)),
        # Four days of fludarabine, then two days at least.
        ("infusion", MONDAY + timedelta(days=40)),
        ("visit_month_1", date(2026, 5, 11)),
        ("visit_month_3", date(2026, 7, 11)),
        ("visit_month_12", date(2027, 4, 11)),
        ("visit_year_15", date(2041, 4, 11)),
    ]
    infusion = found.step("infusion")
    assert infusion is not None and infusion.until == MONDAY + timedelta(days=52)
    assert infusion.rules == ("window_after_lymphodepletion",)
    assert all(step.sources for step in found.steps)


def test_a_regimen_that_counts_back_from_the_infusion_sets_its_day() -> None:
    found = course(registry.latest("brexucabtagene-eu"), MONDAY)
    starts, infusion = found.step("lymphodepletion"), found.step("infusion")
    assert starts is not None and infusion is not None
    assert (starts.until, infusion.on - starts.on) == (starts.on + timedelta(days=2), timedelta(days=4))


def test_moving_by_two_weeks_moves_everything_after_by_two_weeks() -> None:
    effects = cascade(side(MONDAY), side(LATER), ALONE)
    for kind in ("product", "lymphodepletion", "infusion"):
        for effect in of(effects, kind):
            assert isinstance(effect.after, date) and isinstance(effect.before, date)
            assert effect.after - effect.before == timedelta(days=14)
            assert effect.rules and effect.sources
    assert [effect.sentence for effect in of(effects, "follow_up")] == [
        "Month 1 visit.",
        "Month 3 visit.",
        "Month 12 visit.",
        "Year 15 visit.",
    ]
    assert {effect.severity for effect in effects} == {"info"}


def test_moving_within_a_day_changes_no_date() -> None:
    assert cascade(side(MONDAY), side(MONDAY), ALONE) == ()


def reason(code: Any, sentence: str = "why") -> Reason:
    return Reason(code=code, sentence=sentence, rules=("the_rule",), sources=("The source",))


@pytest.mark.parametrize(
    ("code", "kind", "severity", "overridable"),
    [
        ("washout", "washout", "block", True),
        ("washout_unknown", "washout", "block", True),
        ("lead_time", "lead_time", "block", False),
        ("cut_off", "cut_off", "block", False),
        ("busy", "resource", "block", False),
        ("closed", "closed", "block", False),
        ("quota_full", "quota", "block", False),
        ("counts", "counts", "warn", False),
        ("manufacturer", "manufacturer", "warn", False),
        ("family_away", "family", "warn", False),
    ],
)
def test_what_stands_in_the_way_blocks_or_warns_with_rule_and_source(
    code: str, kind: str, severity: str, overridable: bool
) -> None:
    effect = cascade(side(MONDAY), side(LATER, reasons=[reason(code)]), ALONE)[0]
    assert (effect.kind, effect.severity, effect.is_overridable) == (kind, severity, overridable)
    assert (effect.rules, effect.sources) == (("the_rule",), ("The source",))


def test_a_full_week_is_no_obstacle_within_the_same_week() -> None:
    tuesday = side(MONDAY + timedelta(days=1), reasons=[reason("quota_full")])
    assert of(cascade(side(MONDAY), tuesday, ALONE), "quota")[0].severity == "warn"


def test_what_no_longer_stands_in_the_way_is_told() -> None:
    effects = cascade(side(MONDAY, reasons=[reason("washout", "Vincristine")]), side(LATER), ALONE)
    (effect,) = of(effects, "washout")
    assert (effect.severity, effect.sentence) == ("info", "No longer in the way: Vincristine")


def test_another_week_of_the_quota_is_told() -> None:
    (effect,) = of(cascade(side(MONDAY), side(LATER), ALONE), "quota")
    assert (effect.before, effect.after) == (MONDAY, LATER)
    assert of(cascade(side(MONDAY), side(MONDAY + timedelta(days=3)), ALONE), "quota") == []


def parts(day: date, **names: str) -> dict[str, tuple[str, datetime]]:
    at = datetime(day.year, day.month, day.day, 8, tzinfo=ROME)
    return {part: (name, at) for part, name in names.items()}


def test_the_wards_bed_is_always_told_and_other_resources_when_they_change() -> None:
    before = side(MONDAY, parts=parts(MONDAY, nurse="Ann", chair="Bed 1", picu_bed="PICU", courier="Van"))
    after = side(LATER, parts=parts(LATER, nurse="Bea", chair="Bed 1", picu_bed="PICU"))
    effects = cascade(before, after, ALONE)
    assert [effect.sentence for effect in of(effects, "resource")] == [
        "Apheresis nurse: Bea instead of Ann.",
        "Courier: Van is given back.",
    ]
    (bed,) = of(effects, "ward_bed")
    assert (bed.severity, bed.before.date(), bed.after.date()) == ("warn", MONDAY, LATER)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [(MONDAY, LATER, "before the collection"), (LATER, MONDAY, "after the collection")],
)
def test_a_treatment_that_changes_sides_of_the_collection_is_a_warning(
    first: date, second: date, words: str
) -> None:
    bridging = Bridging(drug="Vincristine", last_dose_on=MONDAY + timedelta(days=7), rules=("washout_x",))
    effects = cascade(side(first), side(second), Surroundings(bridging=[bridging]))
    effect = of(effects, "bridging")[0]
    assert (effect.severity, effect.rules) == ("warn", ("washout_x",))
    assert words in effect.sentence


def test_a_trip_into_the_time_near_the_infusion_is_a_warning_only_when_it_is_new() -> None:
    trip = Trip(first_on=LATER + timedelta(days=50), last_on=LATER + timedelta(days=54))
    around = Surroundings(trips=[trip], near_days=28, near_rules=("near",))
    (new,) = of(cascade(side(MONDAY - timedelta(days=30)), side(LATER), around), "family")
    assert (new.severity, new.rules) == ("warn", ("near",))
    (known,) = of(cascade(side(MONDAY), side(LATER), around), "family")
    assert known.severity == "info"
    assert of(cascade(side(LATER), side(MONDAY - timedelta(days=30)), around), "family") == []


def test_the_freed_time_and_the_childs_own_place_in_the_waiting_list_are_told() -> None:
    around = Surroundings(fitting=2, waits_until=LATER - timedelta(days=1))
    own, freed = of(cascade(side(MONDAY), side(LATER), around), "waiting_list")
    assert (own.severity, freed.severity) == ("warn", "info")
    assert "2 would fit" in freed.sentence
    (nobody,) = of(cascade(side(MONDAY), side(LATER), Surroundings(fitting=0)), "waiting_list")
    assert "fits nobody" in nobody.sentence


def test_a_new_booking_tells_all_that_follows_without_a_date_before() -> None:
    effects = cascade(None, side(MONDAY), ALONE)
    assert {effect.before for effect in effects} == {None}
    assert [effect.kind for effect in effects].count("follow_up") == 4


def test_blocks_come_first_then_warnings_and_all_is_told_as_json() -> None:
    after = side(LATER, reasons=[reason("counts"), reason("busy"), reason("washout")])
    effects = cascade(side(MONDAY), after, ALONE)
    assert [effect.severity for effect in effects[:4]] == ["block", "block", "warn", "info"]
    told = effects[0].told()
    assert told == {
        "kind": "washout",
        "severity": "block",
        "sentence": "why",
        "before": "2026-03-02",
        "after": "2026-03-16",
        "rules": ["the_rule"],
        "sources": ["The source"],
        "overridable": True,
    }
