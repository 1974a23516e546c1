"""ISBT 128: the check character, every data structure, and refusals that point at the character."""

import importlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.core.errors import Invalid
from leukapheresis.rules import isbt128_structures
from leukapheresis.rules.isbt128 import check_din, parse
from leukapheresis.rules.isbt128_structures import STRUCTURES, Structure
from leukapheresis.rules.iso7064 import ISO7064_ALPHABET, check_character, check_value
from tests.rules.calculating import oracles, refused, result, run


def why(data: str) -> str:
    """The reason for which a scan is refused."""
    return refused("isbt128_parse", data=data)["data"]


def read(data: str, *names: str) -> list[Any]:
    answer = result("isbt128_parse", data=data)
    return [answer[name] for name in names]


@pytest.mark.parametrize("oracle", oracles("isbt128_check"), ids=lambda oracle: oracle["id"])
def test_the_published_check_characters(oracle: dict[str, Any]) -> None:
    answer = result("isbt128_check", **oracle["input"])
    assert {name: answer[name] for name in oracle["expect"]} == oracle["expect"]


def test_spaces_in_a_typed_number_are_ignored() -> None:
    spaced = result("isbt128_check", din="G1234 17 654321")
    assert spaced == result("isbt128_check", din="G123417654321")
    assert spaced == {"check_value": 10, "check_character": "A", "flag_digits": "70"}


def test_a_digit_can_be_the_check_character() -> None:
    # The example of the standard's figure 2: A9999 21 123456, printed check character 3.
    assert check_din("A9999 21 123456").character == "3"


@pytest.mark.parametrize(("value", "character"), [(0, "0"), (9, "9"), (10, "A"), (35, "Z"), (36, "*")])
def test_check_values_have_their_characters(value: int, character: str) -> None:
    assert check_character(value) == character


@given(st.text(ISO7064_ALPHABET[:-1], min_size=1, max_size=20), st.data())
def test_the_check_finds_every_single_wrong_character_and_every_swap(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([each for each in ISO7064_ALPHABET[:-1] if each != text[place]]))
    assert check_value(text[:place] + other + text[place + 1 :]) != check_value(text)
    if place and text[place] != text[place - 1]:
        swapped = text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]
        assert check_value(swapped) != check_value(text)


@given(st.text(ISO7064_ALPHABET[:-1], max_size=20))
def test_the_check_agrees_with_the_weighted_sum_of_the_standard(text: str) -> None:
    weighted = sum(ISO7064_ALPHABET.index(each) << (len(text) - place) for place, each in enumerate(text))
    assert check_value(text) == (38 - weighted % 37) % 37


@pytest.mark.parametrize(
    ("din", "place"),
    [
        ("O123417654321", 1),
        ("0123417654321", 1),
        ("g123417654321", 1),
        ("GO23417654321", 2),
        ("G12X417654321", 4),
        ("G1234176543Z1", 12),
        ("G1234176543210", 14),
        ("=G123417654321", 1),
        ("G1234-17654321", 6),
    ],
)
def test_a_wrong_character_of_a_typed_number_is_pointed_at(din: str, place: int) -> None:
    assert f"character {place} " in refused("isbt128_check", din=din)["din"]


def test_a_short_number_says_where_it_ends() -> None:
    assert (
        refused("isbt128_check", din="G12341765432")["din"]
        == "ends after character 12, inside the sequence number"
    )
    assert "ends after character 0" in refused("isbt128_check", din="   ")["din"]


def test_a_donation_number_is_read_with_its_flags() -> None:
    names = ("structure", "number", "fin", "year", "sequence", "flags", "din", "check_character")
    assert read("=A99991712345600", *names) == [
        "donation_identification_number", "001", "A9999", "17", "123456", "00", "A999917123456", "9",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ("00", "not_used"),
        ("01", "process_control"),
        ("19", "process_control"),
        ("20", "local"),
        ("59", "local"),
        ("70", "check"),
        ("97", "reserved"),
        ("A1", "reserved"),
    ],
)
def test_flags_are_told_apart(flags: str, kind: str) -> None:
    assert read(f"=G123417654321{flags}", "flag_kind") == [kind]


@pytest.mark.parametrize("flags", ["60", "69", "71", "96"])
def test_check_flags_that_do_not_fit_are_refused_with_the_right_ones(flags: str) -> None:
    assert why(f"=G123417654321{flags}").startswith(
        f"characters 15 and 16 ({flags}) check the number and must be 70"
    )


def test_a_facility_number_may_hold_letters() -> None:
    assert read("=ABC121712345600", "fin") == ["ABC12"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("=<S12954A0", ["cellular_therapy", "designated", "A0", True, False]),
        ("=<S129510A", None),
        ("=<S1295100", ["cellular_therapy", "autologous_only", "00", False, False]),
        ("=<YA123X00", ["clinical_trial", "autologous_only_biohazard", "00", False, False]),
        ("=<S1295Aa0", None),
        ("=<S1295AAa", ["cellular_therapy", "autologous_eligible_for_crossover", "Aa", True, False]),
        ("=<S1295899", ["cellular_therapy", "autologous_containing_allogeneic", "99", True, True]),
        ("=<H0012700", ["named_product_of_human_origin", "allogeneic", "00", False, False]),
        ("=<S1295V00", ["cellular_therapy", None, "00", False, False]),
        ("=<T1295003", ["tissue", None, "003", True, False]),
        ("=<T1295000", ["tissue", None, "000", False, False]),
        ("=<A1234B1c", ["national_or_local", None, "1c", None, None]),
    ],
)
def test_product_codes_are_read_by_kind_of_product(data: str, expected: list[Any] | None) -> None:
    if expected is None:
        assert why(data).startswith("character ")
    else:
        assert (
            read(data, "product_kind", "collection", "division", "divided", "needs_structure_032") == expected
        )


def test_a_numbered_division_must_be_digits() -> None:
    assert why("=<T129500x").startswith("character 10 (x) must be a digit")


@pytest.mark.parametrize(
    ("data", "structure", "day", "time"),
    [
        ("=>019031", "expiration_date", "2019-01-31", None),
        ("&>0183652359", "expiration_date_time", "2018-12-31", "23:59"),
        ("=*024366", "collection_date", "2024-12-31", None),
        ("&*0260010000", "collection_date_time", "2026-01-01", "00:00"),
        ("=}017032", "production_date", "2017-02-01", None),
        ("&}9993651830", "production_date_time", "1999-12-31", "18:30"),
        ("&>1000602359", "expiration_date_time", "2100-03-01", "23:59"),
    ],
)
def test_dates_are_read_from_the_day_of_the_year(
    data: str, structure: str, day: str, time: str | None
) -> None:
    answer = result("isbt128_parse", data=data)
    assert (answer["structure"], answer["date"], answer.get("time")) == (structure, day, time)
    if time:
        assert answer["time_may_be_unstated"] is (time == "23:59")


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("=>018366", "characters 6 to 8 (366) must be a day of the year 2018, 001 to 365"),
        ("=>018000", "characters 6 to 8 (000)"),
        ("&>0183652400", "characters 9 and 10 (24) must be an hour"),
        ("&>0183652360", "characters 11 and 12 (60) must be a minute"),
        ("&>018365235", "ends after character 11, inside the minute"),
        ("&>018X652359", "character 6 (X) must be a digit"),
    ],
)
def test_an_impossible_date_says_which_characters(data: str, part: str) -> None:
    assert why(data).startswith(part)


def test_divisions_lots_and_processor_codes_are_read() -> None:
    assert read("=,000012", "division") == ["000012"]
    assert read("=/A9997AB3456T0123", "fin", "facility_product_code", "product_description_code") == [
        "A9997", "AB3456", "T0123",
    ]  # fmt: skip
    assert read("&,1" + "5434RZ".zfill(18), "padded_lot", "lot") == ["0000000000005434RZ", "5434RZ"]
    assert read("&,2" + "1234RZ".zfill(18), "supplemental_number") == ["1234RZ"]


def test_the_single_european_code_is_cut_into_its_parts() -> None:
    names = (
        "country",
        "tissue_establishment",
        "donation_number",
        "coding_system_name",
        "product",
        "split",
        "expires_on",
    )
    assert read("&,4PL001499Z549917123456A00T041600320181231", *names) == [
        "PL", "001499", "Z549917123456", "ISBT 128", "00T0416", "003", "2018-12-31",
    ]  # fmt: skip
    assert read("&,4PL001499Z549917123456A00T041600300000000", "expires_on") == [None]
    assert why("&,4PL001499Z549917123456A00T041600320181331").startswith("characters 36 to 43 (20181331)")
    assert why("&,4PL001499Z549917123456C00T041600320181231").startswith(
        "character 25 (C) must be A (ISBT 128)"
    )


def test_a_donor_identifier_carries_its_own_check() -> None:
    identifier = "1234ABCDEFGHIJKLM"
    right = f"{check_value(identifier):02d}"
    assert read(f"&:{identifier}{right}", "issuing_organization", "registration_donor_identifier") == [
        "1234", "ABCDEFGHIJKLM",
    ]  # fmt: skip
    wrong = f"{(int(right) + 1) % 37:02d}"
    assert why(f"&:{identifier}{wrong}").startswith(
        f"characters 20 and 21 ({wrong}) check the identifier and must be {right}"
    )
    assert why(f"&:0234ABCDEFGHIJKLM{right}").startswith("character 3 (0) must be a digit from 1 to 9")


def test_a_chain_of_identity_identifier_is_read() -> None:
    assert read("&/CHA999926ABC123", "structure", "fin", "year", "sequence", "identifier") == [
        "chain_of_identity_identifier", "A9999", "26", "ABC123", "CHA999926ABC123",
    ]  # fmt: skip
    assert why("&/CXA999926ABC123").startswith("character 4 (X) must be H")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Mq", "quarantine"),
        ("Mx", "not_for_use"),
        ("Ma", "autologous"),
        ("Mb", "biohazard"),
        ("Md", "discard"),
        ("62", None),
    ],
)
def test_special_messages_stand_where_the_blood_group_stands(code: str, message: str | None) -> None:
    assert read(f"=%{code}00", "special_message") == [message]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "is empty"),
        ("G123417654321", "character 1 (G) must be = or &"),
        ("=", "begins with =,"),
        ("&", "begins with &,"),
        ("=(0123", "begins with =(0,"),
        ("&,9", "begins with &,9,"),
        ("&x local", "begins with &x ,"),
        ("=O12341765432100", "character 2 (O) must be a capital letter other than O"),
        ("=G(2341765432100", "character 3 (() must be a capital letter other than O, or a digit"),
        ("=G1234176543210", "ends after character 15, inside the flags"),
        ("=G1234176543210O", "character 16 (O) must be a digit or a capital letter other than I, O, Q and Z"),
        ("=G12341765432100=,000012", "character 17 (=) is one too many"),
        ("=G1234176543②100", "character 13 (②) must be a digit"),
    ],
)
def test_a_misread_scan_is_refused_with_its_reason(data: str, reason: str) -> None:
    assert why(data).startswith(reason)


def test_the_line_end_of_a_scanner_is_dropped() -> None:
    assert str(parse("=A99991712345600\r\n")) == "=A99991712345600"


def test_no_licensed_meaning_is_shipped() -> None:
    answer = run("isbt128_parse", data="=<S1295100")
    assert answer["result"]["product_description_code"] == "S1295"
    assert "facility_name" not in answer["result"]


def test_identifiers_are_unambiguous() -> None:
    identifiers = [structure.identifier for structure in STRUCTURES]
    assert len(set(identifiers)) == len(identifiers)
    for one in STRUCTURES[1:]:
        assert not any(other.startswith(one.identifier) for other in identifiers if other != one.identifier)


@pytest.mark.parametrize("data", ["=G12341765432171", "=>026366", "&>0260612405", "=<T1234A01"])
def test_a_misread_is_refused_when_it_is_read_and_not_when_it_is_used(data: str) -> None:
    with pytest.raises(Invalid):
        parse(data)


def test_the_structures_are_built_the_same_whenever_they_are_built() -> None:
    before = [str(each) for each in places_of(STRUCTURES)]
    assert [str(each) for each in places_of(importlib.reload(isbt128_structures).STRUCTURES)] == before


def places_of(structures: tuple[Structure, ...]) -> list[tuple[str, list[str], str]]:
    """Number of the structure, characters and words of each place."""
    return [
        (each.number, sorted(place.allowed), place.words)
        for each in structures
        for field in each.fields
        for place in field.places
    ]
