"""Each label is drawn, rendered and read back by a library that had no part in writing it."""

from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from reportlab.graphics.barcode.code128 import Code128

from cartpath.core.errors import Invalid
from leukapheresis.rules.isbt128 import check_din
from manufacturing.labels.drawing import draw_roll, draw_sheets
from manufacturing.labels.rules.content import LabelFacts, label_content
from manufacturing.labels.rules.layout import (
    MEASURES,
    SHEET_HEIGHT,
    SHEET_WIDTH,
    Bars,
    Frame,
    Mark,
    Matrix,
    Text,
    Wording,
    marks,
    wristband_marks,
)
from manufacturing.scanning.rules.reading import read_code
from tests.labels.reading import pages_of

DIN = "A999917123456"
FACTS = LabelFacts(
    din=DIN,
    product_code="S1234",
    collection_type="1",
    division="A0",
    coi="CHA999917ABC123",
    lot="LOT-7",
    expires_at=datetime(2028, 9, 2, 23, 59, tzinfo=ZoneInfo("Europe/Rome")),
)
WORDS = Wording(
    child="Černá Łucja",
    born="born 2021-01-15",
    mrn="MRN 000001",
    product="HPC, Apheresis",
    facility="A9999 Center A",
    address="Via Roma 1, Roma",
    lot="Lot LOT-7",
    volume="Volume 62.5 mL",
    footer="Label 3, copy 1",
)


def bag(facts: LabelFacts = FACTS, size: str = "bag") -> tuple[Mark, ...]:
    return marks(size, label_content(facts), WORDS)


def test_every_code_of_a_bag_label_is_read_back_and_means_the_bag() -> None:
    content = label_content(FACTS)
    (page,) = pages_of(draw_roll([bag()], MEASURES["bag"]))
    assert page.codes == set(content.codes)
    read = read_code(content.matrix)
    assert (read.din, read.product_code, read.collection_type, read.division) == (DIN, "S1234", "1", "A0")
    assert str(read.expires_on) == "2028-09-02"
    assert page.squares == {content.matrix, "&/CHA999917ABC123"}


@pytest.mark.parametrize("division", ["00", "A0", "B0", "Za", "99"])
@pytest.mark.parametrize("size", ["bag", "box", "vial"])
def test_each_size_and_division_is_read_back(size: str, division: str) -> None:
    facts = LabelFacts(
        din="W000026000042",
        product_code="S2598",
        collection_type="X",
        division=division,
        expires_at=FACTS.expires_at,
    )
    (page,) = pages_of(draw_roll([bag(facts, size)], MEASURES[size]))
    content = label_content(facts)
    assert page.squares == {content.matrix}
    assert read_code(content.matrix).division == division
    printed = {mark.data for mark in bag(facts, size) if isinstance(mark, Bars)}
    assert page.lines == printed


def test_under_each_code_stands_the_same_for_the_eye_with_the_check_character_in_its_box() -> None:
    (page,) = pages_of(draw_roll([bag()], MEASURES["bag"]))
    check = check_din(DIN)
    for said in (
        "A9999 17 123456",
        check.flag_digits,
        check.character,
        "S12341A0",
        "02-Sep-2028, 23:59",
        "CHA999917ABC123",
        "For autologous use only",
        "Černá Łucja",
        "Blood group (by the center)",
        "HPC, Apheresis",
        "A9999 Center A",
    ):
        assert said in page.text, said
    frames = [mark for mark in bag() if isinstance(mark, Frame) and mark.width == 3.6]
    assert len(frames) == 1


@pytest.mark.parametrize(
    ("collection_type", "said"),
    [("1", "For autologous use only"), ("2", "For use by the intended recipient only"), ("7", "")],
)
def test_the_type_of_collection_says_for_whom_the_cells_are(collection_type: str, said: str) -> None:
    facts = LabelFacts(din=DIN, product_code="S1234", collection_type=collection_type, division="00")
    assert label_content(facts).use == said


def test_what_is_unknown_leaves_its_part_of_the_label_empty() -> None:
    content = label_content(LabelFacts(din=DIN))
    (page,) = pages_of(draw_roll([marks("bag", content, WORDS)], MEASURES["bag"]))
    assert page.lines == {content.codes[0]}
    assert (content.product, content.expiry, content.use) == (None, None, "")
    read = read_code(content.matrix)
    assert (read.din, read.product_code, read.division, read.expires_on) == (DIN, "", "", None)


def test_a_bag_with_the_manufacturers_own_text_carries_that_text_as_a_code() -> None:
    for text in ("KYM-4711-B1", "KYM-2026/004711-B1 of a long line of batches", "W" * 80):
        content = label_content(LabelFacts(text=text))
        (page,) = pages_of(draw_roll([marks("bag", content, WORDS)], MEASURES["bag"]))
        assert page.codes == {text}
        assert page.squares == {text}
    with_number = label_content(LabelFacts(din=DIN, text="KYM-4711-B1"))
    (page,) = pages_of(draw_roll([marks("bag", with_number, WORDS)], MEASURES["bag"]))
    assert "KYM-4711-B1" in page.lines


@pytest.mark.parametrize("size", ["bag", "box"])
def test_bars_stay_in_their_part_of_the_label_with_light_beside_them(size: str) -> None:
    facts = LabelFacts(**{**asdict(FACTS), "text": "W" * 12})
    drawn = bag(facts, size)
    bars = [mark for mark in drawn if isinstance(mark, Bars)]
    edges = {0.0, 50.0, 100.0} if size == "bag" else {0.0, 100.0}
    for mark in bars:
        width = Code128(mark.data, barWidth=mark.module, quiet=0).width
        left = max(edge for edge in edges if edge <= mark.x)
        right = min(edge for edge in edges if edge > mark.x)
        assert mark.x - left >= 2.5
        assert mark.x + width <= right - 2.5, mark
    (page,) = pages_of(draw_roll([drawn], MEASURES[size]))
    assert page.lines == {mark.data for mark in bars}


def test_a_chain_of_identity_that_is_not_in_isbt_form_is_printed_as_it_is() -> None:
    content = label_content(LabelFacts(din=DIN, coi="COI-77"))
    assert content.identity is not None
    assert content.identity.data == "COI-77"
    (page,) = pages_of(draw_roll([marks("bag", content, WORDS)], MEASURES["bag"]))
    assert "COI-77" in page.squares


def test_a_wrong_number_or_code_is_never_printed() -> None:
    for facts in (
        LabelFacts(din="O999917123456"),
        LabelFacts(din="A99991712345"),
        LabelFacts(din=DIN, product_code="s1234", collection_type="1", division="00"),
    ):
        with pytest.raises(Invalid):
            label_content(facts)


def test_a_wristband_carries_its_code_twice_and_nothing_about_the_child_in_it() -> None:
    code = "CPWABCDEFGHJKQ"
    (page,) = pages_of(draw_roll([wristband_marks(code, WORDS)], MEASURES["wristband"]))
    assert page.codes == {code}
    assert "Černá Łucja" in page.text


def test_sheets_begin_at_the_first_free_label_and_go_on_on_the_next_sheet() -> None:
    vials = [
        bag(LabelFacts(din=DIN, product_code="S1234", collection_type="1", division=f"{letter}0"), "vial")
        for letter in "ABC"
    ]
    last = MEASURES["vial"].a_sheet
    first, second = pages_of(draw_sheets(vials, MEASURES["vial"], start=last))
    assert {read_code(code).division for code in first.squares} == {"A0"}
    assert {read_code(code).division for code in second.squares} == {"B0", "C0"}


@pytest.mark.parametrize("size", ["bag", "box", "vial", "wristband"])
def test_everything_stands_within_its_label_and_every_sheet_within_its_paper(size: str) -> None:
    measure = MEASURES[size]
    drawn = wristband_marks("CPWABCDEFGHJKQ", WORDS) if size == "wristband" else bag(size=size)
    for mark in drawn:
        assert 0 <= mark.x < measure.width
        assert 0 <= mark.y <= measure.height
        if isinstance(mark, Frame):
            assert mark.x + mark.width <= measure.width
            assert mark.y + mark.height <= measure.height
        if isinstance(mark, Text):
            assert mark.x + mark.width <= measure.width + 1, mark
        if isinstance(mark, Matrix):
            assert mark.module >= 0.35
        if isinstance(mark, Bars):
            assert mark.module >= 0.25
    if measure.a_sheet:
        x, y = measure.place(measure.a_sheet - 1)
        assert x + measure.width <= SHEET_WIDTH
        assert y + measure.height <= SHEET_HEIGHT


@pytest.mark.parametrize("size", ["bag", "box", "vial"])
def test_every_label_of_a_full_sheet_is_read_back(size: str) -> None:
    measure = MEASURES[size]
    numbers = [f"A999926{place:06d}" for place in range(1, measure.a_sheet + 1)]
    drawn = [bag(LabelFacts(**{**asdict(FACTS), "din": din}), size) for din in numbers]
    (sheet,) = pages_of(draw_sheets(drawn, measure))
    assert {read_code(code).din for code in sheet.squares} - {""} == set(numbers)
