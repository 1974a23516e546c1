"""What a hand scanner sends: read, refused by name, and never guessed."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.core.errors import Invalid
from leukapheresis.rules.isbt128 import check_din
from leukapheresis.rules.isbt128_print import compose_din
from manufacturing.scanning.rules.reading import MOST_READ, read_code
from manufacturing.scanning.rules.wristband import LETTERS, right_check, wristband_code

DIN = "A999917123456"
SCANNED = str(compose_din(DIN))
CHECK = check_din(DIN).character
dins = st.from_regex(r"[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}", fullmatch=True)


def refused(text: str) -> tuple[str, str]:
    """The code of the refusal and its sentence."""
    with pytest.raises(Invalid) as refusal:
        read_code(text)
    return refusal.value.code, refusal.value.fields["read"]


def test_a_donation_number_is_read_with_line_end_and_symbology_sign() -> None:
    for sent in (SCANNED, f"{SCANNED}\r\n", f"]C0{SCANNED}", f"  {SCANNED}\t"):
        assert read_code(sent).din == DIN


def test_two_bar_codes_that_the_scanner_joins_are_one_after_the_other() -> None:
    read = read_code(f"{SCANNED}=<S12341A0")
    assert (read.din, read.product_code, read.collection_type, read.division) == (DIN, "S1234", "1", "A0")


def test_a_message_says_how_many_parts_it_has_and_one_too_few_is_refused() -> None:
    read = read_code(f"=+03000{SCANNED}=<S12341A0&>0282462359")
    assert (read.division, read.expires_on) == ("A0", date(2028, 9, 2))
    code, said = refused(f"=+03000{SCANNED}=<S12341A0")
    assert (code, said) == ("unreadable", "The code announces 3 parts and holds 2.")


def test_a_chain_of_identity_a_lot_and_a_division_are_read() -> None:
    assert read_code("&/CHA999917ABC123").coi == "CHA999917ABC123"
    assert read_code("&,1" + "LOT7".rjust(18, "0")).lot == "LOT7"
    assert read_code("=,000A01").division == "000A01"


def test_a_wrong_check_in_the_flags_is_refused_by_name() -> None:
    wrong = f"={DIN}{int(check_din(DIN).flag_digits) - 1}"
    code, said = refused(wrong)
    assert code == "wrong_check"
    assert check_din(DIN).flag_digits in said


@given(dins)
def test_a_typed_number_needs_the_character_from_its_box_and_takes_no_other(din: str) -> None:
    right = check_din(din).character
    assert read_code(f"{din[:5]} {din[5:7]} {din[7:]} {right}").din == din
    assert refused(din)[0] == "wrong_check"
    for wrong in "0A*":
        if wrong != right:
            code, said = refused(din + wrong)
            assert code == "wrong_check"
            assert right in said


@given(dins, st.integers(0, 11))
def test_swapped_digits_in_a_typed_number_are_always_found(din: str, place: int) -> None:
    swapped = din[:place] + din[place + 1] + din[place] + din[place + 2 :]
    if swapped == din or swapped[0] in "0O" or not swapped[3:].isdigit():
        return
    assert refused(swapped + check_din(din).character)[0] == "wrong_check"


@given(dins, st.integers(1, 12), st.sampled_from("0123456789"))
def test_one_wrong_digit_in_a_scanned_number_is_always_found(din: str, place: int, digit: str) -> None:
    wrong = din[:place] + digit + din[place + 1 :]
    if wrong == din:
        return
    assert refused(f"={wrong}{check_din(din).flag_digits}")[0] == "wrong_check"


def test_a_number_with_an_impossible_character_is_named() -> None:
    code, said = refused("=A99991712345X69")
    assert code == "unreadable"
    assert "character 14 (X)" in said


def test_what_no_code_is_is_refused() -> None:
    assert refused("   ")[0] == "unreadable"
    assert refused("x" * (MOST_READ + 1))[0] == "unreadable"
    assert refused("=")[0] == "unreadable"
    assert refused("&?1")[0] == "unreadable"


def test_a_scanner_set_to_another_keyboard_is_recognized() -> None:
    code, said = refused(SCANNED.replace("=", "ì"))
    assert code == "unreadable"
    assert "keyboard" in said


def test_any_other_text_is_the_manufacturers_and_stays_as_it_is() -> None:
    read = read_code("KYM-2026/004711-b1")
    assert (read.form, read.text, read.din) == ("text", "KYM-2026/004711-b1", "")


@given(st.randoms(use_true_random=False))
def test_a_wristband_is_read_in_any_case_and_every_single_error_in_it_is_found(source: object) -> None:
    code = wristband_code(source.choice)  # type: ignore[attr-defined]
    assert read_code(code.lower()).text == code
    assert read_code(code).form == "wristband"
    for place in range(3, len(code) - 1):
        other = next(letter for letter in LETTERS if letter != code[place])
        assert refused(code[:place] + other + code[place + 1 :])[0] == "wrong_check"
    for place, (one, two) in enumerate(pairwise(code[3:-1]), start=3):
        if one != two:
            assert refused(code[:place] + two + one + code[place + 2 :])[0] == "wrong_check"


def test_a_wristband_with_an_impossible_character_is_no_wristband() -> None:
    assert right_check("CPW0ABCDEFGHJK") is None
    assert refused("CPW0ABCDEFGHJK")[0] == "unreadable"
