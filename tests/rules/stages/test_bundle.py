"""What a collection needs, from the child's facts: every part with its reason, none left out silently."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cartpath.protocols import registry
from leukapheresis.rules.bundle import PARTS, Facts, Need, Span, material_of, needs

ROME = ZoneInfo("Europe/Rome")
DAY = date(2026, 3, 5)
KNOWN = Facts(
    weight_kg=30,
    age_years=9,
    ecv_percent=8.0,
    vascular_access="central_present",
    sedation=False,
    material="cryopreserved",
)


def found(facts: Facts, *, first_day: bool = True) -> dict[str, Need]:
    rules = registry.apheresis("pediatric")
    return {need.part: need for need in needs(rules, facts, on=DAY, first_day=first_day)}


def verdicts(facts: Facts, *, first_day: bool = True) -> dict[str, str]:
    return {part: need.verdict for part, need in found(facts, first_day=first_day).items()}


def changed(**facts: object) -> Facts:
    return Facts(
        **{
            name: facts.get(name, getattr(KNOWN, name))  # type: ignore[arg-type]
            for name in KNOWN.__dataclass_fields__
        }
    )


def test_every_part_is_spoken_of_for_every_child() -> None:
    assert tuple(found(KNOWN)) == PARTS
    assert tuple(found(Facts())) == PARTS


def test_a_big_child_with_a_line_needs_machine_chair_nurse_and_laboratory() -> None:
    needed = {part for part, verdict in verdicts(KNOWN).items() if verdict == "needed"}
    assert needed == {"machine", "chair", "nurse", "cryopreservation"}


def test_a_child_of_whom_nothing_is_known_has_open_questions_and_no_silence() -> None:
    unknown = verdicts(Facts())
    assert unknown["machine"] == unknown["chair"] == unknown["nurse"] == "needed"
    open_parts = ("anesthesia", "line_placement", "picu_bed", "red_cell_prime", "courier", "cryopreservation")
    assert all(unknown[part] == "unknown" for part in open_parts)
    assert found(Facts())["red_cell_prime"].missing == ("weight_kg", "ecv_percent")


@pytest.mark.parametrize(
    ("weight_kg", "ecv_percent", "verdict"),
    [
        (24.99, 5.0, "needed"),
        (25.0, 15.0, "not_needed"),
        (25.0, 15.01, "needed"),
        (24.99, None, "needed"),
        (25.0, None, "unknown"),
        (None, 15.01, "needed"),
        (None, 15.0, "unknown"),
    ],
)
def test_red_cells_below_25_kg_or_above_15_percent(
    weight_kg: float | None, ecv_percent: float | None, verdict: str
) -> None:
    facts = changed(weight_kg=weight_kg, ecv_percent=ecv_percent)
    assert verdicts(facts)["red_cell_prime"] == verdict


def test_red_cells_are_ordered_72_hours_before() -> None:
    assert found(changed(weight_kg=9))["red_cell_prime"].lead_hours == 72


@pytest.mark.parametrize(
    ("age", "access", "line", "anesthesia"),
    [
        (11, "central_needed", "needed", "needed"),
        (12, "central_needed", "needed", "not_needed"),
        (11, "central_present", "not_needed", "not_needed"),
        (11, "peripheral", "not_needed", "not_needed"),
        (11, None, "unknown", "unknown"),
        (12, None, "unknown", "not_needed"),
        (None, "central_needed", "needed", "unknown"),
    ],
)
def test_a_line_is_placed_under_anesthesia_below_twelve(
    age: int | None, access: str | None, line: str, anesthesia: str
) -> None:
    told = verdicts(changed(age_years=age, vascular_access=access))
    assert (told["line_placement"], told["anesthesia"]) == (line, anesthesia)


@pytest.mark.parametrize(
    ("sedation", "weight_kg", "bed"),
    [
        (True, 9.99, "needed"),
        (True, 10.0, "not_needed"),
        (True, None, "unknown"),
        (None, 9.99, "unknown"),
        (None, 10.0, "not_needed"),
        (False, None, "not_needed"),
    ],
)
def test_a_sedated_child_below_10_kg_needs_an_intensive_care_bed(
    sedation: bool | None, weight_kg: float | None, bed: str
) -> None:
    assert verdicts(changed(sedation=sedation, weight_kg=weight_kg))["picu_bed"] == bed


def test_fresh_cells_need_the_courier_frozen_ones_the_laboratory() -> None:
    fresh, frozen = verdicts(changed(material="fresh")), verdicts(changed(material="cryopreserved"))
    assert (fresh["courier"], fresh["cryopreservation"]) == ("needed", "not_needed")
    assert (frozen["courier"], frozen["cryopreservation"]) == ("not_needed", "needed")


def test_the_line_is_placed_on_the_first_day_only() -> None:
    later = found(changed(vascular_access="central_needed"), first_day=False)
    assert "line_placement" not in later
    assert later["anesthesia"].verdict == "not_needed"


def test_each_reason_has_its_row_and_its_source() -> None:
    for facts in (KNOWN, Facts(), changed(weight_kg=8, sedation=True)):
        for need in found(facts).values():
            assert need.because and need.rows and need.sources


def test_a_machine_is_needed_even_without_a_rule() -> None:
    rules = registry.apheresis("pediatric")
    bare = type(rules)(
        **{name: getattr(rules, name) for name in rules.__dataclass_fields__ if name != "bundle"}, bundle=()
    )
    (machine,) = needs(bare, KNOWN, on=DAY)
    assert (machine.part, machine.verdict) == ("machine", "needed")


@pytest.mark.parametrize(
    ("product", "material"),
    [("tisagenlecleucel", "cryopreserved"), ("brexucabtagene", "fresh"), ("elsewhere", None)],
)
def test_the_product_says_how_its_cells_leave(product: str, material: str | None) -> None:
    assert material_of(registry.apheresis("pediatric"), product, on=DAY) == material


def test_a_part_is_taken_from_the_first_to_the_last_need() -> None:
    infant = changed(weight_kg=8, sedation=True, vascular_access="central_needed", age_years=0)
    starts_at = datetime(2026, 3, 5, 8, tzinfo=ROME)
    ends_at = starts_at + timedelta(hours=5)
    anesthesia = found(infant)["anesthesia"].around(starts_at, ends_at, ROME)
    assert anesthesia.starts_at == starts_at - timedelta(hours=2)
    assert anesthesia.ends_at == ends_at + timedelta(minutes=30)


def test_a_bed_until_the_next_morning_ends_at_its_clock_also_when_the_clock_changes() -> None:
    """The night to 29 March 2026 has 23 hours in Rome, the one to 25 October 25."""
    span = Span(until_next_morning=8)
    for day, hours in ((date(2026, 3, 28), 20), (date(2026, 10, 24), 22), (date(2026, 6, 1), 21)):
        starts_at = datetime(day.year, day.month, day.day, 8, tzinfo=ROME)
        ends_at = starts_at.replace(hour=11)
        period = span.around(starts_at, ends_at, ROME)
        assert period.ends_at.astimezone(ROME).hour == 8
        assert period.ends_at - ends_at.astimezone(UTC) == timedelta(hours=hours)


def test_minutes_around_a_collection_are_elapsed_time() -> None:
    """Two hours before 03:30 on the day the clocks go forward is 00:30 on the wall."""
    starts_at = datetime(2026, 3, 29, 3, 30, tzinfo=ROME)
    period = Span(from_minutes=-120, until_of="start").around(starts_at, starts_at, ROME)
    assert period.starts_at.astimezone(ROME).strftime("%H:%M") == "00:30"
