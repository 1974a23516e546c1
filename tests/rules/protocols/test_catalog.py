"""The whole catalog as tables: product, region, weight and day, and the figure that holds."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cartpath.protocols import registry
from cartpath.protocols.checks import rows_of
from cartpath.protocols.rows import figure, in_force
from cartpath.protocols.schema import Protocol
from infusion.rules.dose import dose_range
from infusion.rules.lymphodepletion import regimen_doses
from leukapheresis.rules.expiry import expiry_day
from leukapheresis.rules.washout import Exposure, washout

# The day the rules of the United States changed, and its two sides.
CHANGE = date(2025, 6, 26)
BEFORE = CHANGE - timedelta(days=1)
PRODUCTS = (
    ("brexucabtagene", "EU"),
    ("brexucabtagene", "US"),
    ("donor_cd19", "EU"),
    ("gd2_cart01", "EU"),
    ("obecabtagene", "EU"),
    ("tisagenlecleucel", "EU"),
    ("tisagenlecleucel", "US"),
    ("varnimcabtagene", "EU"),
)


def of(product: str, region: str) -> Protocol:
    return registry.for_product(product, region)


def test_the_catalog_holds_eight_products_and_no_other() -> None:
    assert registry.products() == PRODUCTS


DOSES = [
    # tisagenlecleucel: 0.2 to 5.0 million per kilogram up to and including 50 kg, then 0.1 to 2.5 × 10⁸
    *(("tisagenlecleucel", region, 6.8, 1_360_000, 34_000_000, "per_kg") for region in ("EU", "US")),
    *(("tisagenlecleucel", region, 20, 4_000_000, 100_000_000, "per_kg") for region in ("EU", "US")),
    *(("tisagenlecleucel", region, 50, 10_000_000, 250_000_000, "per_kg") for region in ("EU", "US")),
    *(("tisagenlecleucel", region, 50.01, 10_000_000, 250_000_000, "flat") for region in ("EU", "US")),
    *(("tisagenlecleucel", region, 90, 10_000_000, 250_000_000, "flat") for region in ("EU", "US")),
    # brexucabtagene: 1 million per kilogram, at most 10⁸
    *(("brexucabtagene", region, 20, 20_000_000, 20_000_000, "per_kg") for region in ("EU", "US")),
    *(("brexucabtagene", region, 99.9, 99_900_000, 99_900_000, "per_kg") for region in ("EU", "US")),
    *(("brexucabtagene", region, 120, 100_000_000, 100_000_000, "flat") for region in ("EU", "US")),
    # obecabtagene: 410 million whatever the weight
    ("obecabtagene", "EU", 20, 410_000_000, 410_000_000, "flat"),
    ("obecabtagene", "EU", 120, 410_000_000, 410_000_000, "flat"),
    # varnimcabtagene: 0.4 to 5 million per kilogram
    ("varnimcabtagene", "EU", 10, 4_000_000, 50_000_000, "per_kg"),
    ("varnimcabtagene", "EU", 70, 28_000_000, 350_000_000, "per_kg"),
    # donor-derived: 1.0 to 3.0 million per kilogram
    ("donor_cd19", "EU", 10, 10_000_000, 30_000_000, "per_kg"),
    ("donor_cd19", "EU", 50, 50_000_000, 150_000_000, "per_kg"),
    ("donor_cd19", "EU", 50.01, 50_010_000, 150_030_000, "per_kg"),
]


@pytest.mark.parametrize(("product", "region", "weight", "least", "most", "basis"), DOSES)
def test_the_dose_of_a_weight(
    product: str, region: str, weight: float, least: int, most: int, basis: str
) -> None:
    found = dose_range(of(product, region).dose_rules(), weight_kg=weight, dose_cells=least)
    assert (found.min_cells, found.max_cells, found.basis) == (least, most, basis)
    assert found.in_range is True
    assert dose_range(of(product, region).dose_rules(), weight_kg=weight, dose_cells=least - 1).in_range is (
        False
    )
    assert dose_range(of(product, region).dose_rules(), weight_kg=weight, dose_cells=most + 1).in_range is (
        False
    )


def test_every_product_with_a_dose_rule_stands_in_the_table() -> None:
    tabled = {(product, region) for product, region, *_ in DOSES}
    assert tabled == {key for key in PRODUCTS if of(*key).dose_rules()}


@pytest.mark.parametrize("weight", [4.0, 12.0, 60.0, None])
def test_without_an_approved_dose_rule_nothing_is_permitted_and_nothing_refused(weight: float | None) -> None:
    found = dose_range(of("gd2_cart01", "EU").dose_rules(), weight_kg=weight, dose_cells=36e6)
    assert (found.min_cells, found.max_cells, found.in_range, found.basis) == (None, None, None, None)
    assert found.sentence == "The dose range is unknown: no dose rule of this protocol is approved."
    assert found.missing == ("dose_rule",)


@pytest.mark.parametrize(
    ("product", "usual"), [("varnimcabtagene", 1e6), ("tisagenlecleucel", None), ("donor_cd19", None)]
)
def test_the_usual_dose_is_told_where_a_source_names_one(product: str, usual: float | None) -> None:
    assert of(product, "EU").dose_rules()[0].usual_cells == usual


EXPIRIES = [
    ("tisagenlecleucel", "EU", date(2022, 11, 14), 18, date(2022, 6, 30)),
    ("tisagenlecleucel", "EU", date(2022, 11, 15), 30, date(2023, 6, 30)),
    ("tisagenlecleucel", "US", date(2022, 11, 14), 18, date(2022, 6, 30)),
    ("tisagenlecleucel", "US", date(2026, 1, 1), 30, date(2023, 6, 30)),
    *((product, region, date(2026, 1, 1), None, None) for product, region in PRODUCTS if product[0] != "t"),
]


@pytest.mark.parametrize(("product", "region", "decided_on", "months", "last_day"), EXPIRIES)
def test_how_long_collected_cells_may_be_used(
    product: str, region: str, decided_on: date, months: int | None, last_day: date | None
) -> None:
    collected_on = date(2020, 12, 31)
    found = expiry_day(of(product, region).product.expiry, collected_on=collected_on, decided_on=decided_on)
    assert (found.rule and found.rule.months) == months
    # 31 December and 18 or 30 months: June has no 31st.
    assert found.last_day == last_day


TOCILIZUMAB = [
    ("tisagenlecleucel", "EU", BEFORE, "One dose of tocilizumab on site and another within 8 hours", 1, 8),
    ("tisagenlecleucel", "EU", CHANGE, "One dose of tocilizumab on site and another within 8 hours", 1, 8),
    ("tisagenlecleucel", "US", BEFORE, "Two doses of tocilizumab on site", 2, None),
    ("tisagenlecleucel", "US", CHANGE, "Tocilizumab available", None, None),
    # The text of Great Britain stands for the European one, which wasn't read.
    ("brexucabtagene", "EU", BEFORE, "One dose of tocilizumab on site", 1, None),
    ("brexucabtagene", "EU", CHANGE, "One dose of tocilizumab on site", 1, None),
    ("brexucabtagene", "US", BEFORE, "Two doses of tocilizumab on site", None, None),
    ("brexucabtagene", "US", CHANGE, "Tocilizumab available", None, None),
    *(
        (product, "EU", on, "Tocilizumab available", None, None)
        for product in ("obecabtagene", "varnimcabtagene", "donor_cd19", "gd2_cart01")
        for on in (BEFORE, CHANGE)
    ),
]


@pytest.mark.parametrize(("product", "region", "on", "asked", "doses", "hours"), TOCILIZUMAB)
def test_tocilizumab_on_the_day_of_the_infusion(
    product: str, region: str, on: date, asked: str, doses: int | None, hours: int | None
) -> None:
    protocol = of(product, region)
    items = [item for item in protocol.checklist_items(on) if "ocilizumab" in item.label]
    assert [(item.label, item.severity, item.phase) for item in items] == [
        (asked, "block", "before_infusion")
    ]
    figures = {row.id: row.value for row in in_force(protocol.infusion.figures, on)}
    assert figures.get("tocilizumab_doses_on_site") == doses
    assert figures.get("tocilizumab_next_dose_hours") == hours


RESTRICTIONS = [
    ("tisagenlecleucel", "EU", BEFORE, {"proximity": 28, "driving": 56}),
    ("tisagenlecleucel", "EU", CHANGE, {"proximity": 28, "driving": 56}),
    ("tisagenlecleucel", "US", BEFORE, {"proximity": 28, "driving": 56}),
    (
        "tisagenlecleucel",
        "US",
        CHANGE,
        {"daily_monitoring": 7, "monitoring": 14, "proximity": 14, "driving": 14},
    ),
    *(
        ("brexucabtagene", r, on, {"daily_monitoring": 14, "monitoring": 28})
        for r in ("EU", "US")
        for on in (BEFORE, CHANGE)
    ),
    *((p, "EU", CHANGE, {}) for p in ("obecabtagene", "varnimcabtagene", "donor_cd19", "gd2_cart01")),
]


@pytest.mark.parametrize(("product", "region", "on", "kinds"), RESTRICTIONS)
def test_what_the_family_keeps_to_and_for_how_long(
    product: str, region: str, on: date, kinds: dict[str, int]
) -> None:
    rows = in_force(of(product, region).monitoring.restrictions, on)
    assert {row.kind: row.days for row in rows} == kinds


@pytest.mark.parametrize(
    ("region", "on", "seen"), [("US", BEFORE, True), ("US", CHANGE, False), ("EU", BEFORE, False)]
)
def test_two_to_three_visits_in_the_first_week_were_the_us_rule_until_june_2025(
    region: str, on: date, seen: bool
) -> None:
    rows = in_force(of("tisagenlecleucel", region).monitoring.observations, on)
    assert any(row.id == "observe_first_week" for row in rows) is seen


# Milligrams a day and days for a child of 25 kg and 121 cm (0.9167 m²).
REGIMENS = [
    *(
        ("tisagenlecleucel", r, {"fludarabine": (27.5, 4), "cyclophosphamide": (458.3, 2)})
        for r in ("EU", "US")
    ),
    *(
        ("brexucabtagene", r, {"fludarabine": (22.9, 3), "cyclophosphamide": (825.0, 1)})
        for r in ("EU", "US")
    ),
    ("obecabtagene", "EU", {"fludarabine": (27.5, 4), "cyclophosphamide": (458.3, 2)}),
]


@pytest.mark.parametrize(("product", "region", "drugs"), REGIMENS)
def test_lymphodepletion_by_product(product: str, region: str, drugs: dict[str, tuple[float, int]]) -> None:
    regimen = of(product, region).lymphodepletion_regimen()
    assert regimen is not None
    found = regimen_doses(regimen, weight_kg=25, height_cm=121)
    assert {dose.drug: (round(dose.mg_per_day, 1), dose.days) for dose in found.drugs} == drugs


@pytest.mark.parametrize("product", ["varnimcabtagene", "donor_cd19", "gd2_cart01"])
def test_no_regimen_is_proposed_where_no_source_states_its_doses(product: str) -> None:
    assert of(product, "EU").lymphodepletion_regimen() is None
    assert of(product, "EU").lymphodepletion_regimen(CHANGE) is None


@pytest.mark.parametrize(
    ("product", "region", "least", "most"),
    [("tisagenlecleucel", "EU", 2, 14), ("tisagenlecleucel", "US", 2, 14)],
)
def test_the_window_after_lymphodepletion(product: str, region: str, least: int, most: int) -> None:
    (window,) = in_force(of(product, region).lymphodepletion.window)
    assert (window.min_days, window.max_days) == (least, most)


@pytest.mark.parametrize(
    ("product", "region", "repeat", "waive"),
    [
        ("tisagenlecleucel", "EU", (28, 1000), (1000, 7)),
        # The US wording puts the waiver under lymphoma: a draft.
        ("tisagenlecleucel", "US", (28, 1000), None),
    ],
)
def test_repeating_and_waiving_lymphodepletion(
    product: str, region: str, repeat: tuple[int, int], waive: tuple[int, int] | None
) -> None:
    lymphodepletion = of(product, region).lymphodepletion
    (again,) = in_force(lymphodepletion.relymphodepletion)
    assert (again.more_than_days, again.wbc_above_per_ul) == repeat
    waivers = [(row.wbc_up_to_per_ul, row.within_days) for row in in_force(lymphodepletion.waiver)]
    assert waivers == ([waive] if waive else [])


def test_the_waiver_tells_that_ebmt_advises_lymphodepletion_for_everybody() -> None:
    for region in ("EU", "US"):
        (waiver,) = of("tisagenlecleucel", region).lymphodepletion.waiver
        assert "EBMT advises it for everybody; the physician decides" in waiver.question


@pytest.mark.parametrize(
    ("product", "region", "first_day"),
    [(p, r, 1 if p == "obecabtagene" else 0) for p, r in PRODUCTS],
)
def test_days_are_counted_as_the_maker_counts(product: str, region: str, first_day: int) -> None:
    assert of(product, region).product.first_infusion_day == first_day


@pytest.mark.parametrize(
    ("product", "source"),
    [(p, "donor_apheresis" if p == "donor_cd19" else "autologous_apheresis") for p, _ in PRODUCTS],
)
def test_whose_cells_a_product_is_made_of(product: str, source: str) -> None:
    protocol = of(product, "EU")
    assert protocol.product.collection_source == source
    assert protocol.product.is_from_donor is (source != "autologous_apheresis")


GATES = [
    ("fraction_low_blasts_1", 1, 1, 0, 1.0e8, None, None, None),
    ("fraction_low_blasts_2", 2, 10, 2, 3.1e8, 1, 21, 3),
    ("fraction_high_blasts_1", 1, 1, 0, 1.0e7, None, None, None),
    ("fraction_high_blasts_2", 2, 10, 2, 4.0e8, 1, 21, 3),
]


@pytest.mark.parametrize(("row_id", "number", "day", "around", "cells", "most", "until", "stop"), GATES)
def test_obecabtagene_in_two_parts(
    row_id: str,
    number: int,
    day: int,
    around: int,
    cells: float,
    most: int | None,
    until: int | None,
    stop: int | None,
) -> None:
    row = next(x for x in of("obecabtagene", "EU").product.fractions if x.id == row_id)
    assert (row.fraction, row.on_day, row.day_tolerance, row.cells) == (number, day, around, cells)
    assert (row.max_crs_grade, row.postpone_until_day, row.stop_from_crs_grade) == (most, until, stop)
    assert row.marrow_within_days == 7
    # No source read states a limit of ICANS: none is invented.
    assert (row.max_icans_grade, row.stop_from_icans_grade) == (None, None)
    low = row_id.startswith("fraction_low")
    assert (row.blasts_up_to_percent, row.blasts_above_percent) == ((20, None) if low else (None, 20))


def test_varnimcabtagene_in_three_parts() -> None:
    rows = of("varnimcabtagene", "EU").product.fractions
    assert [(row.fraction, row.percent, row.cells, row.max_crs_grade) for row in rows] == [
        (1, 10, None, None),
        (2, 30, None, 0),
        (3, 60, None, 0),
    ]
    assert sum(row.percent or 0 for row in rows) == 100
    assert [row.on_day for row in rows] == [0, None, None]
    assert all(row.status == "confirmed" for row in rows)


@pytest.mark.parametrize(
    ("drug_class", "days"),
    [
        ("cytotoxic", 14),
        ("radiotherapy", 14),
        ("dli", 30),
        ("car_t", 30),
        ("immunosuppression", 28),
        ("checkpoint_inhibitor", 42),
        ("hsct", 100),
    ],
)
def test_washouts_of_b_all(drug_class: str, days: int) -> None:
    for product, region in PRODUCTS:
        if product == "gd2_cart01":
            continue
        rules = {row.drug_class: row for row in of(product, region).washout_rules()}
        assert rules[drug_class].days == days


@pytest.mark.parametrize(("half_life", "hours"), [(24, 120), (67.2, 336), (100, 336), (None, 336)])
def test_two_weeks_or_five_half_lives_whichever_is_shorter(half_life: float | None, hours: float) -> None:
    given = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    rules = of("tisagenlecleucel", "EU").washout_rules()
    found = washout(rules, [Exposure("systemic_therapy", given, half_life)], zone=UTC)
    assert found.earliest == given + timedelta(hours=hours)


# Intervals that only a table for autoimmune disease states, by class and days.
AUTOIMMUNE = {("corticosteroid", 7), ("bortezomib", 21), ("cyclophosphamide", 21), ("methotrexate", 21)}
AUTOIMMUNE |= {("anti_cd20", 7), ("cladribine", 183), ("daratumumab", 42), ("mmf", 14)}


def test_autoimmune_washouts_never_leak_into_a_rule_set() -> None:
    for part in registry.load().parts:
        for _, row in rows_of(part):
            assert "ADWP" not in row.source, row.id
    for product, region in PRODUCTS:
        rules = of(product, region).washouts.rules
        assert not AUTOIMMUNE & {(row.drug_class, row.days) for row in rules}
        steroid = [row for row in rules if row.drug_class == "corticosteroid"]
        assert [(row.hours, row.days) for row in steroid] == [(72, None)]


@pytest.mark.parametrize(
    ("row_id", "op", "value"),
    [
        ("release_dose", ">", 5.0e5),
        ("release_car_positive", ">=", 20),
        ("release_cd3", ">=", 70),
        ("release_viability", ">=", 70),
        ("release_endotoxin", "<=", 0.5),
        ("release_vector_copies", "<=", 10),
    ],
)
def test_release_of_varnimcabtagene(row_id: str, op: str, value: float) -> None:
    row = figure(of("varnimcabtagene", "EU").manufacturing.release, row_id)
    assert (row.op, row.value, row.status) == (op, value, "confirmed")


def test_findings_of_release_of_varnimcabtagene() -> None:
    found = {row.id for row in of("varnimcabtagene", "EU").manufacturing.release_findings}
    assert found == {
        "release_appearance",
        "release_sterility",
        "release_mycoplasma",
        "release_adventitious_viruses",
        "release_replication_competent_lentivirus",
        "release_potency",
    }


@pytest.mark.parametrize(("region", "value", "status"), [("US", 80, "confirmed"), ("EU", 70, "draft")])
def test_viability_at_release_of_tisagenlecleucel_by_region(region: str, value: float, status: str) -> None:
    row = figure(of("tisagenlecleucel", region).manufacturing.release, "release_viability")
    assert (row.value, row.status) == (value, status)
