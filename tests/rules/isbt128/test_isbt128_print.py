"""ISBT 128 in print: what is printed is read back, and what is wrong is never printed."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.core.errors import Invalid
from leukapheresis.rules.isbt128 import Scanned, parse
from leukapheresis.rules.isbt128_print import compose, compose_date, compose_din
from leukapheresis.rules.isbt128_structures import STRUCTURES, Structure
from leukapheresis.rules.iso7064 import check_value


@st.composite
def scans(draw: st.DrawFn) -> Scanned:
    structure: Structure = draw(st.sampled_from(STRUCTURES))
    values = [
        "".join(draw(st.sampled_from(sorted(place.allowed))) for place in field.places)
        for field in structure.fields
    ]
    if structure.number == "039":
        values[-1] = f"{check_value(''.join(values[:-1])):02d}"
    if structure.number == "001":
        values[-1] = draw(st.sampled_from(["00", "07", "33", str(check_value("".join(values[:-1])) + 60)]))
    return Scanned(structure, tuple(values))


@given(scans())
def test_what_is_printed_is_read_back(scanned: Scanned) -> None:
    try:
        again = parse(str(scanned))
    except Invalid as refusal:
        # Characters that fit their places can still be no day, no hour or no division.
        assert refusal.fields["data"].startswith(("character ", "characters "))
    else:
        assert again == scanned
        assert str(again) == str(scanned)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=45).map(lambda text: "=" + text))
def test_what_is_read_prints_the_same(data: str) -> None:
    try:
        scanned = parse(data)
    except Invalid:
        return
    assert str(scanned) == data


@given(scans())
def test_what_is_composed_of_its_parts_is_read_back(scanned: Scanned) -> None:
    try:
        parse(str(scanned))
    except Invalid:
        with pytest.raises(Invalid):
            compose(scanned.structure.number, scanned.parts)
    else:
        assert compose(scanned.structure.number, scanned.parts) == scanned


def test_a_donation_number_is_printed_with_its_check() -> None:
    printed = compose_din("G1234 17 654321")
    assert str(printed) == "=G12341765432170"
    assert printed.meaning["flag_kind"] == "check"
    assert printed.parts == {"fin": "G1234", "year": "17", "sequence": "654321", "flags": "70"}


def test_a_number_that_is_wrong_is_not_printed() -> None:
    with pytest.raises(Invalid) as refused_din:
        compose_din("O123417654321")
    assert "character 1 (O)" in refused_din.value.fields["din"]


@given(st.dates(date(1900, 1, 1), date(2899, 12, 31)))
def test_a_day_is_printed_so_that_it_is_read(day: date) -> None:
    for number in ("004", "006", "008"):
        printed = compose_date(number, day)
        assert printed.structure.number == number
        assert parse(str(printed)).meaning == {"date": day.isoformat()}


@given(st.builds(datetime.combine, st.dates(date(1900, 1, 1), date(2899, 12, 31)), st.times()))
def test_a_time_is_printed_so_that_it_is_read(at: datetime) -> None:
    for number in ("005", "007", "009"):
        read_back = parse(str(compose_date(number, at))).meaning
        assert (read_back["date"], read_back["time"]) == (f"{at:%Y-%m-%d}", f"{at:%H:%M}")


def test_what_cannot_be_printed_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^this structure needs a time too$"):
        compose_date("005", date(2026, 3, 2))
    with pytest.raises(KeyError):
        compose_date("001", date(2026, 3, 2))
    with pytest.raises(KeyError):
        compose("999", {})
    with pytest.raises(KeyError):
        compose("040", {"literal": "CH"})
