"""A broken protocol file stops start-up and says where it is broken."""

import re
import shutil
from pathlib import Path

import pytest

from cartpath.protocols import registry
from cartpath.protocols.errors import ProtocolError

PROTOCOL = Path("data/tisagenlecleucel-eu/1.toml")
WASHOUTS = Path("parts/washouts/b_all/1.toml")
FOLLOW_UP = Path("parts/follow_up/fifteen_years/1.toml")
APHERESIS = Path("parts/apheresis/pediatric/1.toml")
PATHWAY = Path("parts/pathway/standard/1.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the files that ship, to be broken."""
    for name in ("data", "parts"):
        shutil.copytree(registry.FOLDER / name, tmp_path / name)
    return tmp_path


def broken(folder: Path, file: Path, before: str, after: str, *, shift: int = 0) -> ProtocolError:
    """Replace the first `before`, expect the refusal on its line (plus `shift`) of that file."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    line = text[: text.index(before)].count("\n") + 1 + shift
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ProtocolError) as refusal:
        registry.Registry.from_folder(folder)
    assert (refusal.value.file, refusal.value.line) == (path, line), str(refusal.value)
    assert str(path) in str(refusal.value)
    assert f"line {line}" in str(refusal.value)
    return refusal.value


def test_the_files_that_ship_are_sound(folder: Path) -> None:
    assert len(registry.Registry.from_folder(folder).protocols) == len(registry.all_protocols())


def test_a_syntax_error_is_named_with_its_line(folder: Path) -> None:
    error = broken(folder, PROTOCOL, "up_to_kg = 50\n", "up_to_kg = fifty\n")
    assert "Invalid value" in error.reason


def test_an_unclosed_string_is_named_with_its_line(folder: Path) -> None:
    broken(folder, PROTOCOL, 'label = "Up to and including 50 kg"', 'label = "Up to and including 50 kg')


def test_a_key_given_twice_is_named_with_its_line(folder: Path) -> None:
    broken(folder, PROTOCOL, 'basis = "per_kg"\n', 'basis = "per_kg"\nbasis = "flat"\n', shift=1)


def test_a_file_that_is_not_utf_8_is_named_with_its_line(folder: Path) -> None:
    path = folder / PROTOCOL
    path.write_bytes(b'id = "x"\nversion = "\xff"\n')
    with pytest.raises(ProtocolError, match="UTF-8") as refusal:
        registry.Registry.from_folder(folder)
    assert refusal.value.line == 2


def test_a_wrong_type_is_named_with_its_line(folder: Path) -> None:
    error = broken(folder, PROTOCOL, "up_to_kg = 50\n", 'up_to_kg = "50"\n')
    assert error.reason.startswith("product.dose[0].up_to_kg: ")


def test_a_misspelt_key_is_named_with_its_line(folder: Path) -> None:
    error = broken(folder, PROTOCOL, "up_to_kg = 50\n", "up_to_kilo = 50\n")
    assert error.reason.startswith("product.dose[0].up_to_kilo: ")


def test_a_missing_key_is_named_with_the_line_of_its_table(folder: Path) -> None:
    text = '[[product.dose]]\nid = "dose_up_to_50_kg"\n'
    error = broken(folder, PROTOCOL, text, "[[product.dose]]\n")
    assert error.reason.startswith("product.dose[0].id: ")


def test_an_impossible_number_is_refused(folder: Path) -> None:
    error = broken(folder, PROTOCOL, "min_cells = 2.0e5", "min_cells = -2.0e5")
    assert "greater than 0" in error.reason


def test_not_a_number_is_refused(folder: Path) -> None:
    broken(folder, PROTOCOL, "min_cells = 2.0e5", "min_cells = nan")


def test_an_unknown_event_is_refused(folder: Path) -> None:
    error = broken(folder, FOLLOW_UP, 'anchor = "infused"', 'anchor = "infusion"')
    assert error.reason.startswith("visits[0].anchor: ")


def test_an_unknown_role_is_refused(folder: Path) -> None:
    broken(folder, PATHWAY, 'role = "clinician"', 'role = "doctor"')


def test_an_undeclared_source_is_refused(folder: Path) -> None:
    error = broken(folder, WASHOUTS, 'source = ["ASHT2"]', 'source = ["ASHT3"]')
    assert "'ASHT3' isn't in the file's [sources] table" in error.reason


def test_a_row_without_a_source_is_refused(folder: Path) -> None:
    broken(folder, WASHOUTS, 'source = ["ASHT2"]', "source = []")


def test_a_washout_of_no_time_is_refused(folder: Path) -> None:
    broken(folder, WASHOUTS, "hours = 72", "hours = 0")


def test_a_washout_with_two_intervals_is_refused(folder: Path) -> None:
    error = broken(folder, WASHOUTS, "hours = 72", "hours = 72\ndays = 3", shift=-4)
    assert "exactly one" in error.reason


def test_two_rules_for_one_class_are_refused(folder: Path) -> None:
    error = broken(folder, WASHOUTS, 'class = "radiotherapy"', 'class = "cytotoxic"', shift=-2)
    assert "two rules in force" in error.reason


def test_an_id_used_twice_is_refused(folder: Path) -> None:
    error = broken(folder, WASHOUTS, 'id = "washout_cytotoxic"', 'id = "washout_corticosteroid"')
    assert "is the id of rules[0] already" in error.reason


def test_an_id_of_a_part_used_again_by_the_protocol_is_refused(folder: Path) -> None:
    path = folder / PROTOCOL
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"dose_up_to_50_kg"', '"washout_hsct"', 1), encoding="utf-8")
    with pytest.raises(ProtocolError, match="'washout_hsct'") as refusal:
        registry.Registry.from_folder(folder)
    assert refusal.value.line == text[: text.index("[parts]")].count("\n") + 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('id = "capd_shift_hours"', 'id = "capd_shift"'),
        ('id = "spo2_urgent"', 'id = "spo2_lowest"'),
    ],
)
def test_a_pathway_without_a_figure_of_the_bedside_is_refused(folder: Path, before: str, after: str) -> None:
    path = folder / PATHWAY
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(ProtocolError, match="is missing"):
        registry.Registry.from_folder(folder)


@pytest.mark.parametrize(
    ("figure", "value", "reason"),
    [
        ("capd_shift_hours", "200", "must lie between 4 and 24"),
        ("spo2_urgent", "94", "should lie below the low one"),
        ("spo2_low", "94\nvalid_to = 2030-01-01", "needed on every day"),
    ],
)
def test_a_figure_of_the_bedside_that_cannot_be_is_refused(
    folder: Path, figure: str, value: str, reason: str
) -> None:
    path = folder / PATHWAY
    before, after = path.read_text(encoding="utf-8").split(f'id = "{figure}"')
    row = re.sub(r"value = [\d.]+", f"value = {value}", after, count=1)
    path.write_text(f'{before}id = "{figure}"{row}', encoding="utf-8")
    with pytest.raises(ProtocolError, match=reason):
        registry.Registry.from_folder(folder)


def test_a_negative_window_is_refused(folder: Path) -> None:
    broken(folder, FOLLOW_UP, "{ before_days = 3, after_days = 7 }", "{ before_days = -3, after_days = 7 }")


def test_a_window_in_hours_on_a_calendar_item_is_refused(folder: Path) -> None:
    broken(folder, FOLLOW_UP, "{ before_days = 3, after_days = 7 }", "{ before_hours = 3 }")


def test_offsets_in_two_units_are_refused(folder: Path) -> None:
    error = broken(folder, FOLLOW_UP, "at = { days = [28] }", "at = { days = [28], months = [1] }")
    assert "exactly one" in error.reason


def test_several_offsets_without_a_place_in_the_name_are_refused(folder: Path) -> None:
    broken(folder, FOLLOW_UP, 'item = "visit_month_{n}"', 'item = "visit_month"')


def test_two_rows_that_expect_the_same_item_are_refused(folder: Path) -> None:
    path = folder / FOLLOW_UP
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("months = [9, 15,", "months = [6, 9, 15,", 1), encoding="utf-8")
    with pytest.raises(ProtocolError, match="'visit_month_6' is expected by the rows"):
        registry.Registry.from_folder(folder)


def test_an_assessment_at_a_visit_that_does_not_exist_is_refused(folder: Path) -> None:
    broken(folder, FOLLOW_UP, '"visit_month_1..60"', '"visit_month_61..99"')


def test_a_recurrence_on_a_calendar_item_is_refused(folder: Path) -> None:
    broken(
        folder,
        PROTOCOL,
        "at = { days = [10] }",
        "at = { days = [10] }\nrecurrence = { every_hours = 4, for_days = 2 }",
        shift=1,
    )


def test_windows_of_a_recurring_item_may_not_overlap(folder: Path) -> None:
    error = broken(
        folder, PROTOCOL, "{ before_hours = 4, after_hours = 1 }", "{ before_hours = 12, after_hours = 1 }"
    )
    assert "longer than the time between" in error.reason


def test_a_gap_between_dose_bands_is_refused(folder: Path) -> None:
    error = broken(folder, PROTOCOL, "above_kg = 50", "above_kg = 51", shift=-4)
    assert "begin where the band before ends" in error.reason


def test_a_last_dose_band_with_an_end_is_refused(folder: Path) -> None:
    broken(folder, PROTOCOL, "above_kg = 50", "above_kg = 50\nup_to_kg = 200", shift=-4)


def test_a_range_of_doses_upside_down_is_refused(folder: Path) -> None:
    broken(folder, PROTOCOL, "max_cells = 5.0e6", "max_cells = 1.0e5")


def test_two_expiries_on_one_day_are_refused(folder: Path) -> None:
    error = broken(folder, PROTOCOL, "valid_to = 2022-11-15", "valid_to = 2023-01-01", shift=2)
    assert "holds on days on which 'expiry_18_months' holds too" in error.reason


def test_a_validity_that_ends_before_it_begins_is_refused(folder: Path) -> None:
    broken(
        folder, PROTOCOL, "valid_to = 2022-11-15", "valid_from = 2023-01-01\nvalid_to = 2022-11-15", shift=1
    )


def test_a_protocol_without_a_default_regimen_is_refused(folder: Path) -> None:
    error = broken(folder, PROTOCOL, "default = true", "default = false", shift=-3)
    assert "exactly one regimen" in error.reason


def test_a_figure_that_rules_need_must_be_there(folder: Path) -> None:
    path = folder / APHERESIS
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('id = "platelet_fall_percent"', 'id = "platelet_drop"'), encoding="utf-8")
    with pytest.raises(ProtocolError, match="'platelet_fall_percent' in force is missing"):
        registry.Registry.from_folder(folder)


def test_a_part_that_does_not_exist_is_refused(folder: Path) -> None:
    error = broken(folder, PROTOCOL, 'washouts = "b_all/1"', 'washouts = "b_all/2"')
    assert error.reason == "parts.washouts: there is no part 'b_all/2'"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('id = "tisagenlecleucel-eu"', 'id = "tisagenlecleucel-it"'),
        ('version = "1"', 'version = "2"'),
        ('version = "1"', "version = 1"),
    ],
)
def test_the_name_inside_must_be_the_name_of_the_file(folder: Path, before: str, after: str) -> None:
    broken(folder, PROTOCOL, before, after)


def test_a_version_is_a_whole_number(folder: Path) -> None:
    shutil.copy(folder / PROTOCOL, (folder / PROTOCOL).with_stem("1b"))
    path = (folder / PROTOCOL).with_stem("1b")
    path.write_text(
        path.read_text(encoding="utf-8").replace('version = "1"', 'version = "1b"', 1), encoding="utf-8"
    )
    with pytest.raises(ProtocolError, match="whole number"):
        registry.Registry.from_folder(folder)


def test_a_source_with_two_texts_is_refused(folder: Path) -> None:
    error = broken(folder, PROTOCOL, "DESIGN = ", 'DESIGN = "Something else"\n# ')
    assert error.reason.startswith("sources.DESIGN: ")


def test_a_version_of_ctcae_that_there_is_not_is_refused(folder: Path) -> None:
    written = 'label = "Version of CTCAE that laboratory values are graded by (5 or 6)"\nvalue = '
    error = broken(folder, PROTOCOL, f"{written}5\n", f"{written}4.03\n", shift=1)
    assert error.reason.endswith("CTCAE is graded by version 5 or 6")
