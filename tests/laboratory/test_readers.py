"""Tables and HL7 messages, read without guessing."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.laboratory.reports import FERRITIN, obx, oru
from toxicity.laboratory.hl7 import is_hl7, read_messages
from toxicity.laboratory.reported import Amount, amount_of, moment_of, range_of
from toxicity.laboratory.tables import read_table

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.5", Amount(12.5)),
        ("12,5", Amount(12.5)),
        ("0,456", Amount(0.456)),
        ("<0.5", Amount(0.5, "<")),
        (" > 40000 ", Amount(40_000, ">")),
        ("≤5", Amount(5, "<")),
        ("480 L", Amount(480)),
        ("1800*", Amount(1800)),
        ("1,234", None),
        ("1.234.567", None),
        ("hemolyzed", None),
        ("-3", None),
        ("", None),
        ("12 5", None),
    ],
)
def test_a_number_is_read_or_left_alone_but_never_guessed(text: str, amount: Amount | None) -> None:
    assert amount_of(text) == amount


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("10-40", (10, 40)),
        ("1,5 – 8", (1.5, 8)),
        ("<5", (None, 5)),
        ("≥ 3", (3, None)),
        ("[15 - 150]", (15, 150)),
        ("negative", (None, None)),
    ],
)
def test_limits_are_read_from_the_ways_laboratories_write_them(
    text: str, limits: tuple[float | None, float | None]
) -> None:
    assert range_of(text) == limits


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("202603051000", 9),
        ("20260305100059.123", 9),
        ("202603051000+0000", 10),
        ("2026-03-05 10:00", 9),
        ("2026-03-05T10:00:00Z", 10),
        ("05.03.2026 10:00", 9),
        ("05-Mar-2026 10:00", 9),
    ],
)
def test_a_time_without_an_offset_is_the_centers(text: str, hour: int) -> None:
    assert moment_of(text, ROME) == datetime(2026, 3, 5, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-03-05", "20260305", "05/03/2026 10:00", "yesterday", "", "99999999999999"]
)
def test_a_time_that_could_be_two_is_not_read(text: str) -> None:
    assert moment_of(text, ROME) is None


def test_slashes_are_read_where_only_one_order_is_possible() -> None:
    assert moment_of("25/03/2026 10:00", ROME) == moment_of("03/25/2026 10:00", ROME)


def test_a_message_gives_code_value_unit_limits_time_and_order() -> None:
    (message,) = read_messages(oru("M1", obx(FERRITIN, "18000", "ng/mL", "15-150")), ROME)
    (value,) = message.values
    assert (message.kind, message.identifiers, message.born) == ("ORU^R01^ORU_R01", ("M1",), "20210115")
    assert (value.loinc, value.name, value.value, value.unit) == ("2276-4", "Ferritin", "18000", "ng/mL")
    assert (value.limits, value.order, value.line) == ("15-150", "L-88", 4)
    assert value.taken_at == datetime(2026, 3, 5, 9, tzinfo=UTC)


def test_structured_numbers_alternate_codes_and_escapes_are_understood() -> None:
    text = oru(
        "M1",
        obx("FERR^Ferritin \\T\\ iron^L^2276-4^Ferritin^LN", ">^40000", "ng/mL", kind="SN"),
        obx("CRP^CRP^L", "&lt;5", "mg/L", kind="FT"),
    )
    first, second = read_messages(text, ROME)[0].values
    assert (first.loinc, first.name, first.value) == ("2276-4", "Ferritin & iron", ">40000")
    assert second.value == ""


def test_preliminary_corrected_and_withdrawn_results_are_told_apart() -> None:
    values = read_messages(
        oru("M1", *(obx(FERRITIN, "1", "ng/mL", status=status) for status in "FCPXR")), ROME
    )[0].values
    assert [value.standing for value in values] == [
        "final",
        "corrected",
        "preliminary",
        "withdrawn",
        "preliminary",
    ]


def test_several_messages_in_frames_and_other_marks_are_read_each_by_its_own() -> None:
    odd = oru("M2", obx(FERRITIN, "5", "ng/mL")).replace("|", "#").replace("^~\\&", "^~\\&")
    text = f"\x0b{oru('M1', obx(FERRITIN, '1', 'ng/mL'))}\x1c\r\x0b{odd}\x1c\r"
    first, second = read_messages(text, ROME)
    assert is_hl7(text)
    assert (first.identifiers, second.identifiers) == (("M1",), ("M2",))
    assert second.values[0].value == "5"


@pytest.mark.parametrize(
    "text", ["MSH", "MSH|", "MSH|^~\\&", "PID|1||M1", "OBX", "\x0b\x1c", "MSH|^~\\&|\rOBX|1"]
)
def test_a_broken_message_is_read_as_far_as_it_goes(text: str) -> None:
    for message in read_messages(text, ROME):
        assert message.kind == ""


def test_a_table_of_one_value_a_line_is_read_by_its_heading() -> None:
    text = (
        "Test;Result;Unit;Date;Range\n"
        "Ferritin;18000;ng/mL;2026-03-05 10:00;15-150\n\n"
        "CRP;12,5;mg/L;2026-03-05 10:00;<5\n"
    )
    ferritin, crp = read_table(text, ROME).values
    assert (ferritin.name, ferritin.value, ferritin.limits, ferritin.line) == (
        "Ferritin",
        "18000",
        "15-150",
        2,
    )
    assert (crp.value, crp.line) == ("12,5", 4)


def test_a_table_with_times_across_is_read_by_cell() -> None:
    text = "\t2026-03-05 10:00\t2026-03-06 10:00\nFerritin (ng/mL)\t900\t-\nCRP [mg/L]\t12\t40\n"
    values = read_table(text, ROME).values
    assert [(each.name, each.unit, each.value) for each in values] == [
        ("Ferritin", "ng/mL", "900"),
        ("CRP", "mg/L", "12"),
        ("CRP", "mg/L", "40"),
    ]
    assert values[2].taken_at == datetime(2026, 3, 6, 9, tzinfo=UTC)


def test_lines_without_a_time_take_the_one_that_was_typed() -> None:
    usual_at = datetime(2026, 3, 5, 6, tzinfo=UTC)
    (value,) = read_table("analyte,value,unit\nANC,480,/uL", ROME, usual_at=usual_at).values
    assert value.taken_at == usual_at


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "empty"), ("\n \n", "empty"), ("just words", "no_heading"), ("unit,time", "no_heading")],
)
def test_a_table_that_cant_be_read_says_why(text: str, problem: str) -> None:
    assert read_table(text, ROME).problem == problem
