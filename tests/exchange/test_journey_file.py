"""A journey file is read strictly, and whatever is wrong with it has a line. Needs no database."""

from datetime import timedelta
from typing import Any

import pytest

from cartpath.exchange.handlers import COMPANIONS, HANDLERS
from cartpath.exchange.journey_file import JourneyFile, JourneyFileError, read
from cartpath.ledger.kinds import EventKind
from tests.exchange.conftest import INFANT, NOW, Write, line_holding


def problems(text: str) -> list[str]:
    with pytest.raises(JourneyFileError) as refused:
        read(text, now=NOW)
    return [str(problem) for problem in refused.value.problems]


def test_every_kind_of_event_can_stand_in_a_file() -> None:
    assert set(HANDLERS) | set(COMPANIONS) == set(EventKind)


def test_the_small_file_is_sound(told: dict[str, Any], written: Write) -> None:
    file = read(written(told), now=NOW)
    assert [event.kind for event in file.events] == [event["kind"] for event in told["events"]]


def test_broken_json_names_its_line() -> None:
    assert problems('{\n "patient": {,}\n}') == [
        "line 2: file: not JSON: Expecting property name enclosed in double quotes"
    ]


@pytest.mark.parametrize("text", ["", "[]", "null", '"text"', "[" * 100_000])
def test_what_is_no_journey_at_all_is_refused(text: str) -> None:
    assert problems(text)


def test_a_number_that_is_none_is_refused(told: dict[str, Any], written: Write) -> None:
    text = written(told).replace("18.4", "NaN")
    assert problems(text) == ["line 1: file: not JSON: NaN is not a number"]


def test_a_character_that_the_database_can_not_hold_is_refused(told: dict[str, Any], written: Write) -> None:
    text = written(told).replace('"Rossi"', '"Ros\\u0000si"')
    assert problems(text) == [f"line {line_holding(text, 'family_name')}: file: holds a NUL character"]
    assert read(text.replace("\\u0000", "\\\\u0000"), now=NOW).patient.family_name == "Ros\\u0000si"


def test_a_key_given_twice_is_refused(told: dict[str, Any], written: Write) -> None:
    text = written(told).replace('"mrn": "T-1",', '"mrn": "T-1",\n "mrn": "T-2",')
    assert problems(text) == ["line 4: patient.mrn: is given twice"]


def test_a_day_that_no_calendar_has_is_named_with_its_line(told: dict[str, Any], written: Write) -> None:
    told["events"][1]["data"]["last_dose"] = "2026-02-30"
    text = written(told)
    (problem,) = problems(text)
    line = line_holding(text, "2026-02-30")
    assert problem == f"line {line}: events[1].data.last_dose: day is out of range for month"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2026-03-05T09:00:00", "Give a date as YYYY-MM-DD or a time as YYYY-MM-DDThh:mm with its offset"),
        ("2026-03-05", "Give a time with its offset"),
        ("1772700000", "Give a date"),
        ("2026-13-05T09:00:00+01:00", "month must be in 1..12"),
        ("2027-03-05T09:00:00+01:00", "2027-03-05T09:00:00+01:00 has not come yet"),
        ("2020-03-05T09:00:00+01:00", "2020-03-05T09:00:00+01:00 lies before the birth on 2021-01-15"),
    ],
)
def test_an_impossible_time_of_an_event_is_refused(
    told: dict[str, Any], written: Write, value: str, reason: str
) -> None:
    told["events"][2]["occurred_at"] = value
    text = written(told)
    (problem,) = problems(text)
    line = line_holding(text, f'"{value}"')
    assert problem.startswith(f"line {line}: events[2].occurred_at: {reason}")


def test_a_time_in_the_data_needs_its_offset(told: dict[str, Any], written: Write) -> None:
    told["events"][1]["data"]["last_dose"] = "2026-02-20T08:00:00"
    text = written(told)
    line = line_holding(text, "2026-02-20T08:00:00")
    (problem,) = problems(text)
    assert problem.startswith(f"line {line}: events[1].data.last_dose: Give a date")


def test_the_end_of_a_collection_needs_its_offset(told: dict[str, Any], written: Write) -> None:
    told["events"].append(
        {
            "kind": "collection_day_recorded",
            "occurred_at": "2026-03-12T08:00:00+01:00",
            "data": {"decision": "enough", "ended_at": "2026-03-12T12:00:00"},
        }
    )
    text = written(told)
    line = line_holding(text, "2026-03-12T12:00:00")
    (problem,) = problems(text)
    assert problem.startswith(f"line {line}: events[5].data.ended_at: Give a date")


def test_a_time_of_this_minute_is_not_the_future(told: dict[str, Any], written: Write) -> None:
    told["events"][4]["occurred_at"] = (NOW + timedelta(minutes=4)).isoformat()
    assert read(written(told), now=NOW).events[4].occurred_at > NOW


def test_every_problem_is_told_at_once_in_the_order_of_the_file(told: dict[str, Any], written: Write) -> None:
    told["patient"]["sex"] = "girl"
    told["journey"]["colour"] = "blue"
    told["events"][0]["data"].pop("diagnosis")
    told["events"][1]["data"]["dosage"] = 3
    told["events"][4]["data"]["weight_kg"] = -3
    text = written(told)
    found = problems(text)
    assert [problem.split(": ")[1] for problem in found] == [
        "patient.sex",
        "journey.colour",
        "events[0].data.diagnosis",
        "events[1].data.dosage",
        "events[4].data.weight_kg",
    ]
    assert found[1] == f"line {line_holding(text, 'colour')}: journey.colour: is not known here"
    assert found[2].endswith("is missing")
    assert "known are: class, drug, half_life_hours, last_dose, note" in found[3]


def test_a_number_as_text_is_refused(told: dict[str, Any], written: Write) -> None:
    told["events"][4]["data"]["weight_kg"] = "18.4"
    assert problems(written(told))[0].endswith("events[4].data.weight_kg: Input should be a valid number")


def test_an_unknown_kind_is_refused(told: dict[str, Any], written: Write) -> None:
    told["events"][4]["kind"] = "weighed"
    assert problems(written(told))[0].endswith("events[4].kind: “weighed” is not a kind of event")


def test_a_journey_begins_with_its_referral(told: dict[str, Any], written: Write) -> None:
    told["events"][0], told["events"][1] = told["events"][1], told["events"][0]
    assert [problem.split(": ")[1] for problem in problems(written(told))] == [
        "events[0].kind",
        "events[1].kind",
    ]


def test_what_a_rule_refuses_inside_an_assessment_is_found(told: dict[str, Any], written: Write) -> None:
    told["events"].append(
        {
            "kind": "toxicity_assessed",
            "occurred_at": "2026-04-09T08:00:00+02:00",
            "data": {"crs": {"inputs": {"vasopressors": ["norepinephrine", " "]}}},
        }
    )
    text = written(told)
    (problem,) = problems(text)
    line = line_holding(text, '" "')
    assert problem == f"line {line}: events[5].data.crs.inputs.vasopressors[1]: must name an agent"


def test_without_an_id_center_mrn_and_key_make_one(told: dict[str, Any], written: Write) -> None:
    def identity(**journey: str) -> object:
        return read(written(told | {"journey": told["journey"] | journey}), now=NOW).journey_id

    assert identity() == identity()
    assert len({identity(), identity(key="2"), identity(center="KAS")}) == 3


def test_the_real_case_is_sound() -> None:
    file = read(INFANT.read_text(encoding="utf-8"), now=NOW)
    assert isinstance(file, JourneyFile)
    assert file.events[-1].kind == EventKind.VISIT_RECORDED
