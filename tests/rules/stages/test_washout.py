"""Washouts before leukapheresis: hours are hours, unknown is never clear."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols import registry
from cartpath.protocols.rows import WashoutRule, in_force
from leukapheresis.rules.washout import Exposure, interval, washout
from tests.rules.stages.asking import ask, refused

ROME = ZoneInfo("Europe/Rome")
RULES = in_force(registry.washouts("b_all").rules)
CLASSES = sorted(rule.drug_class for rule in RULES)


def exposure(drug_class: str, last_dose: str | None) -> dict[str, str | None]:
    return {"class": drug_class, "last_dose": last_dose}


@pytest.mark.parametrize(
    ("drug_class", "earliest"),
    [
        ("corticosteroid", "2026-03-04T10:00:00+01:00"),
        ("cytotoxic", "2026-03-15T10:00:00+01:00"),
        ("immunosuppression", "2026-03-29T10:00:00+01:00"),
        ("checkpoint_inhibitor", "2026-04-12T10:00:00+01:00"),
        ("hsct", "2026-06-09T10:00:00+01:00"),
        ("radiotherapy", "2026-03-15T10:00:00+01:00"),
        ("dli", "2026-03-31T10:00:00+01:00"),
        ("car_t", "2026-03-31T10:00:00+01:00"),
    ],
)
def test_each_class_has_its_interval(drug_class: str, earliest: str) -> None:
    given = [exposure(drug_class, "2026-03-01T10:00:00+01:00")]
    assert ask("washout", rule_set="b_all", exposures=given).result == {
        "earliest": earliest,
        "binding": drug_class,
        "unknown": [],
    }


def test_seventy_two_hours_over_the_clock_change_end_an_hour_later_on_the_wall() -> None:
    last_dose = datetime(2026, 3, 27, 10, 0, tzinfo=ROME)
    found = washout(RULES, [Exposure("corticosteroid", last_dose)], zone=ROME)
    assert found.earliest is not None
    assert found.earliest.isoformat() == "2026-03-30T11:00:00+02:00"
    assert found.earliest.astimezone(UTC) - last_dose.astimezone(UTC) == timedelta(hours=72)


def test_seventy_two_hours_are_not_three_calendar_days() -> None:
    given = [exposure("corticosteroid", "2026-03-01T22:30:00+01:00")]
    assert ask("washout", rule_set="b_all", exposures=given).result["earliest"] == "2026-03-04T22:30:00+01:00"


def test_a_dose_with_a_day_only_counts_from_the_end_of_that_day() -> None:
    found = washout(RULES, [Exposure("corticosteroid", date(2026, 3, 1))], zone=ROME)
    assert found.earliest is not None
    assert found.earliest.isoformat() == "2026-03-05T00:00:00+01:00"
    assert found.flags == ("counted_from_end_of_day",)


def test_a_day_is_read_in_the_offset_of_the_exposure_that_has_a_time() -> None:
    given = [exposure("cytotoxic", "2026-03-01"), exposure("corticosteroid", "2026-03-01T10:00:00+05:30")]
    assert ask("washout", rule_set="b_all", exposures=given).result["earliest"] == "2026-03-16T00:00:00+05:30"


def test_a_day_alone_is_read_in_utc() -> None:
    given = [exposure("cytotoxic", "2026-03-01")]
    assert ask("washout", rule_set="b_all", exposures=given).result["earliest"] == "2026-03-16T00:00:00+00:00"


def test_the_binding_treatment_is_the_one_that_ends_last_and_not_the_last_given() -> None:
    given = [
        exposure("corticosteroid", "2026-03-10T10:00:00+01:00"),
        exposure("cytotoxic", "2026-03-01T10:00:00+01:00"),
    ]
    assert ask("washout", rule_set="b_all", exposures=given).result["binding"] == "cytotoxic"


def test_ends_in_different_offsets_are_compared_as_moments() -> None:
    given = [
        exposure("corticosteroid", "2026-03-01T10:00:00+00:00"),
        exposure("corticosteroid", "2026-03-01T10:30:00+01:00"),
    ]
    assert ask("washout", rule_set="b_all", exposures=given).result["earliest"] == "2026-03-04T10:00:00+00:00"


def test_an_unknown_last_dose_leaves_the_answer_open() -> None:
    given = [exposure("cytotoxic", "2026-03-01T10:00:00+01:00"), exposure("corticosteroid", None)]
    answer = ask("washout", rule_set="b_all", exposures=given)
    assert answer.result == {"earliest": None, "binding": None, "unknown": ["corticosteroid"]}
    assert answer.missing == ["corticosteroid"]


def test_an_absent_last_dose_is_the_same_as_null() -> None:
    answer = ask("washout", rule_set="b_all", exposures=[{"class": "cytotoxic"}])
    assert answer.result["unknown"] == ["cytotoxic"]


def test_a_class_without_a_rule_is_unknown_and_named_once() -> None:
    given = [exposure("herbal_tea", "2026-03-01"), exposure("herbal_tea", "2026-03-02")]
    assert ask("washout", rule_set="b_all", exposures=given).result["unknown"] == ["herbal_tea"]


def test_a_draft_rule_does_nothing() -> None:
    given = [exposure("blinatumomab", "2026-03-01T10:00:00+01:00")]
    assert ask("washout", rule_set="b_all", exposures=given).result["unknown"] == ["blinatumomab"]


def test_intervals_of_autoimmune_disease_are_not_in_this_rule_set() -> None:
    assert not {"bortezomib", "cladribine", "daratumumab"} & {rule.drug_class for rule in RULES}


def test_without_exposures_nothing_binds_and_a_flag_says_so() -> None:
    answer = ask("washout", rule_set="b_all", exposures=[])
    assert answer.result == {"earliest": None, "binding": None, "unknown": []}
    assert answer.flags == ["no_exposures"]


@pytest.mark.parametrize(
    ("half_life_hours", "hours"), [(10, 50), (67.1, 335.5), (67.2, 336), (67.3, 336), (2000, 336)]
)
def test_the_shorter_of_two_weeks_and_five_half_lives_counts(half_life_hours: float, hours: float) -> None:
    rule = next(rule for rule in RULES if rule.drug_class == "systemic_therapy")
    assert interval(rule, half_life_hours) == timedelta(hours=hours)


def test_an_unknown_half_life_keeps_the_full_interval_and_is_flagged() -> None:
    given = [exposure("systemic_therapy", "2026-03-01T10:00:00+01:00")]
    answer = ask("washout", rule_set="b_all", exposures=given)
    assert answer.result["earliest"] == "2026-03-15T10:00:00+01:00"
    assert answer.flags == ["half_life_unknown"]


def test_a_rule_without_a_washout_ends_with_the_dose() -> None:
    rule = WashoutRule(
        id="x", source=("X",), status="confirmed", drug_class="hydrocortisone", label="x", none=True
    )
    last_dose = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    assert washout([rule], [Exposure("hydrocortisone", last_dose)], zone=UTC).earliest == last_dose


def test_the_washout_is_open_until_its_end_and_no_longer() -> None:
    ends_at = datetime(2026, 3, 4, 10, 0, tzinfo=ROME)
    found = washout(RULES, [Exposure("corticosteroid", datetime(2026, 3, 1, 10, tzinfo=ROME))], zone=ROME)
    assert found.is_open(ends_at - timedelta(seconds=1))
    assert not found.is_open(ends_at)
    assert "Corticosteroid, therapeutic dose until 04-Mar-2026 10:00" in found.sentence(ROME)


def test_an_unknown_washout_is_open_for_ever() -> None:
    found = washout(RULES, [Exposure("corticosteroid", None)], zone=ROME)
    assert found.is_open(datetime(2100, 1, 1, tzinfo=UTC))
    assert "unknown" in found.sentence(ROME)


@pytest.mark.parametrize(
    "last_dose",
    ["2026-03-01T10:00:00", "20260301", "1772668800", "2026-02-30", "2026-3-1", "soon", "", "0001-01-01"],
)
def test_a_last_dose_that_is_no_date_is_refused_at_its_place(last_dose: str) -> None:
    given = [exposure("cytotoxic", "2026-03-01"), exposure("corticosteroid", last_dose)]
    assert refused("washout", rule_set="b_all", exposures=given) == {"exposures.1.last_dose"}


def test_an_unknown_rule_set_is_refused() -> None:
    assert refused("washout", rule_set="autoimmune", exposures=[]) == {"rule_set"}


doses = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, ROME))
known_exposures = st.lists(st.builds(Exposure, st.sampled_from(CLASSES), doses), min_size=1, max_size=8)


@given(known_exposures)
def test_no_exposure_ends_after_the_answer_and_one_ends_with_it(exposures: list[Exposure]) -> None:
    found = washout(RULES, exposures, zone=ROME)
    assert found.earliest is not None
    ends = [line.ends_at.astimezone(UTC) for line in found.lines if line.ends_at]
    assert max(ends) == found.earliest.astimezone(UTC)


@given(known_exposures, st.builds(Exposure, st.sampled_from(CLASSES), doses))
def test_another_treatment_never_brings_the_day_forward(exposures: list[Exposure], another: Exposure) -> None:
    before, after = washout(RULES, exposures, zone=ROME), washout(RULES, [*exposures, another], zone=ROME)
    assert before.earliest is not None
    assert after.earliest is not None
    assert after.earliest.astimezone(UTC) >= before.earliest.astimezone(UTC)


@given(known_exposures, st.randoms())
def test_the_order_of_treatments_does_not_matter(exposures: list[Exposure], random: object) -> None:
    shuffled = sorted(exposures, key=lambda _: random.random())  # type: ignore[attr-defined]
    first, second = washout(RULES, exposures, zone=ROME), washout(RULES, shuffled, zone=ROME)
    assert first.earliest is not None
    assert second.earliest is not None
    assert first.earliest.astimezone(UTC) == second.earliest.astimezone(UTC)


@given(known_exposures, st.sampled_from(CLASSES))
def test_one_unknown_treatment_always_leaves_the_answer_open(
    exposures: list[Exposure], drug_class: str
) -> None:
    found = washout(RULES, [*exposures, Exposure(drug_class, None)], zone=ROME)
    assert found.earliest is None
    assert found.binding is None
    assert found.unknown == (drug_class,)


def test_a_day_without_a_time_is_read_in_the_zone_that_is_given() -> None:
    asked = {"rule_set": "b_all", "exposures": [{"class": "corticosteroid", "last_dose": "2026-03-27"}]}
    # The clocks of Rome go forward in the night of 29 March: 72 elapsed hours end an hour later.
    assert ask("washout", **asked, zone="Europe/Rome").result["earliest"] == "2026-03-31T01:00:00+02:00"
    assert ask("washout", **asked).result["earliest"] == "2026-03-31T00:00:00+00:00"


@pytest.mark.parametrize("zone", ["", ".", "..", "/etc/passwd", "Rome", "Europe", "\0"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    assert set(refused("washout", rule_set="b_all", exposures=[], zone=zone)) == {"zone"}
