"""Questions to the rules that no calculator asks, by name; `tests.rules.said` keeps what they answer.

Everything here is invented: one child, one center, days around March 2026.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from cartpath.protocols import registry
from cartpath.protocols.rows import Criterion, figure
from followup.rules.b_cell_aplasia import BCellSample, b_cell_aplasia, b_cell_course
from followup.rules.immunoglobulin import read_igg
from followup.rules.schedule import follow_up_items
from infusion.rules.dose import dose_range, weight_has_changed
from infusion.rules.lymphodepletion import expected_dose
from infusion.rules.restrictions import restriction_days
from infusion.rules.window import ask_to_repeat, ask_to_waive, infusion_days, window_said
from leukapheresis.rules.acceptance import acceptance
from leukapheresis.rules.blood_volume import blood_volume
from leukapheresis.rules.counts import BloodCounts, go_ahead
from leukapheresis.rules.expiry import expiry_day
from leukapheresis.rules.plan import circuit, platelets_after
from leukapheresis.rules.washout import Exposure, washout
from manufacturing.rules.release import release
from patients.donor_rules import DonorFacts, Serology, Signed, donor_readiness, signer_needed
from patients.rules import Finding, age_criterion, consents_needed, eligibility, valid_until

Question = Callable[[], object]

EU: Final = registry.get("tisagenlecleucel-eu", "1")
OBE: Final = registry.get("obecabtagene-eu", "1")
US: Final = registry.get("tisagenlecleucel-us", "1")
DONOR: Final = registry.get("donor-cd19-eu", "1").collection.donor
BREXU: Final = registry.get("brexucabtagene-eu", "1")
APHERESIS: Final = registry.apheresis("pediatric")
WASHOUTS: Final = registry.washouts("b_all").rules
DAY: Final = date(2026, 3, 2)
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)


FIRST, *OTHERS = EU.follow_up.visits
LATER: Final = replace(EU.follow_up, visits=(replace(FIRST, valid_from=date(2030, 1, 1)), *OTHERS))


def counts(**known: float) -> Question:
    """Whether a collection may go ahead with these counts."""
    return lambda: go_ahead(APHERESIS, BloodCounts(**known))


def washed(**last_dose: datetime | date | None) -> Question:
    """The washout of these classes, whole and as a sentence."""

    def ask() -> object:
        found = washout(WASHOUTS, [Exposure(name, each) for name, each in last_dose.items()], zone=UTC)
        return found, found.sentence(UTC), found.is_unknown, found.is_open(NOON)

    return ask


def b_cells(*samples: tuple[int, float | None, float | None], **rest: Any) -> Question:
    """The course of B cells after samples as (day after infusion, percent, per microliter)."""
    taken = [BCellSample(DAY + timedelta(days=day), percent, per_ul) for day, percent, per_ul in samples]
    return lambda: b_cell_course(EU.follow_up.b_cell_aplasia, taken, **({"infused_on": DAY} | rest))


def igg(value: float | None, last_on: date | None, ever: bool | None) -> Question:
    """How an IgG of `DAY` is to be read."""
    return lambda: read_igg(
        EU.follow_up.immunoglobulin,
        igg_mg_dl=value,
        sampled_on=DAY,
        last_immunoglobulin_on=last_on,
        ever_replaced=ever,
    )


def criterion(key: str) -> Criterion:
    """A criterion of the protocol that has it."""
    found = EU.criterion(key)
    assert found is not None
    return found


def judged(**findings: Finding) -> Question:
    """Eligibility when everything is met but for these."""
    rows = EU.criteria()
    return lambda: eligibility(rows, {row.id: Finding(verdict="met") for row in rows} | findings, DAY)


def repeat(days: int, wbc: float | None) -> Question:
    """Whether to ask about a second lymphodepletion so many days after the first."""
    rule = EU.lymphodepletion.relymphodepletion[0]
    return lambda: ask_to_repeat(
        rule, lymphodepletion_ended_on=DAY, on=DAY + timedelta(days=days), wbc_per_ul=wbc
    )


def waive(wbc: float | None, days_before: int | None) -> Question:
    """Whether to ask about going without lymphodepletion."""
    rule = EU.lymphodepletion.waiver[0]
    measured_on = None if days_before is None else DAY - timedelta(days=days_before)
    return lambda: ask_to_waive(rule, wbc_per_ul=wbc, measured_on=measured_on, infusion_on=DAY)


def window(protocol: Any, days: int) -> Question:
    """Where a day lies in the window of a protocol."""
    rule = protocol.lymphodepletion.window[0]

    def ask() -> object:
        found = infusion_days(rule, lymphodepletion_ended_on=DAY)
        on = DAY + timedelta(days=days)
        return found, found.place_of(on), window_said(found, on)

    return ask


def released(**measured: float | None) -> Question:
    """A batch held against the viability of the US label and a criterion no value answers."""
    rules = US.manufacturing.release
    return lambda: release(rules, measured)


def donor(*tests: Serology, born: int = 1990, signer: Any = "donor", signed: date = DAY) -> Question:
    """A donor with these tests, who signed on a day."""
    facts = DonorFacts(
        birth_date=date(born, 3, 2), consents=(Signed(signer=signer, signed_on=signed),), serology=tests
    )
    return lambda: donor_readiness(DONOR, facts, DAY)


def hbv(result: Any, days_before: int | None) -> Serology:
    """A test of HBV so many days before `DAY`."""
    tested_on = None if days_before is None else DAY - timedelta(days=days_before)
    return Serology(name="HBV", result=result, tested_on=tested_on)


def restricted(infused_on: date, last_part_on: date | None = None) -> Question:
    """What a family in the US keeps to, and what is left of it on `DAY`."""

    def ask() -> object:
        found = restriction_days(US.monitoring.restrictions, infused_on=infused_on, last_part_on=last_part_on)
        ends = [
            (each.is_over(each.last_on), each.is_over(each.last_on + timedelta(days=1))) for each in found
        ]
        left = [
            (each.days_left(each.last_on - timedelta(days=3)), each.days_left(each.last_on)) for each in found
        ]
        return found, ends, left, [each.days_left(each.last_on + timedelta(days=1)) for each in found]

    return ask


def capped(weight_kg: float) -> Question:
    """One to three million cells per kilogram, never more than a hundred million in all."""
    band = replace(
        EU.dose_rules()[0],
        basis="per_kg",
        above_kg=0,
        up_to_kg=None,
        min_cells=1e6,
        max_cells=3e6,
        cap_cells=1e8,
    )
    return lambda: dose_range((band,), weight_kg=weight_kg)


def accepted(quantity: Any) -> Question:
    """Cells held against one target of that quantity."""
    target = replace(EU.collection_targets()[0], quantity=quantity)
    return lambda: acceptance((target,), tnc=5e9, cd3=1e9)


QUESTIONS: Final[Mapping[str, Mapping[str, Question]]] = {
    "counts": {
        "nothing known": counts(),
        "enough of both": counts(alc_per_ul=900, cd3_per_ul=600),
        "enough T cells, none to spare": counts(alc_per_ul=100, cd3_per_ul=150),
        "enough lymphocytes, T cells unknown": counts(alc_per_ul=900),
        "T cells at the comfortable limit": counts(cd3_per_ul=200),
        "too few of both": counts(alc_per_ul=50, cd3_per_ul=20),
        "too few lymphocytes, T cells unknown": counts(alc_per_ul=50),
        "low hemoglobin": counts(alc_per_ul=900, hemoglobin_g_dl=6.5),
        "low platelets": counts(alc_per_ul=900, platelets_e9_per_l=12),
        "hemoglobin and platelets as wanted": counts(
            alc_per_ul=900, hemoglobin_g_dl=11, platelets_e9_per_l=200
        ),
        "many blasts": counts(alc_per_ul=900, wbc_e9_per_l=25, blasts_percent=60),
        "very many blasts": counts(alc_per_ul=900, wbc_e9_per_l=60, blasts_percent=90),
        "many cells, few blasts": counts(alc_per_ul=900, wbc_e9_per_l=60, blasts_percent=10),
        "many cells, blasts unknown": counts(alc_per_ul=900, wbc_e9_per_l=60),
        "a count that blocks": lambda: go_ahead(
            replace(APHERESIS, counts=tuple(replace(row, severity="block") for row in APHERESIS.counts)),
            BloodCounts(alc_per_ul=900, hemoglobin_g_dl=5),
        ),
        "no row for hemoglobin": lambda: go_ahead(
            replace(
                APHERESIS, counts=tuple(row for row in APHERESIS.counts if row.id != "hemoglobin_before")
            ),
            BloodCounts(alc_per_ul=900, hemoglobin_g_dl=5),
        ),
        "everything wrong": counts(
            alc_per_ul=5,
            cd3_per_ul=5,
            hemoglobin_g_dl=5,
            platelets_e9_per_l=5,
            wbc_e9_per_l=90,
            blasts_percent=95,
        ),
    },
    "plan": {
        "the circuit, from the volume by weight": lambda: circuit(
            APHERESIS, blood_volume(APHERESIS, weight_kg=12, ml_per_kg=75), weight_kg=12, device_ecv_ml=253
        ),
        "platelets afterwards": lambda: [platelets_after(APHERESIS, before) for before in (150, 40)],
    },
    "acceptance": {
        "no target": lambda: acceptance((), tnc=5e9, cd3=1e9),
        "a quantity that was not measured": accepted("mnc"),
    },
    "follow_up": {
        "a visit that begins later": lambda: [
            [item.item for item in follow_up_items(LATER, on)][:2] for on in (None, DAY, date(2030, 1, 1))
        ],
    },
    "expiry": {
        "before the rule changed": lambda: expiry_day(
            EU.product.expiry, collected_on=date(2021, 8, 31), decided_on=date(2021, 9, 1)
        ),
        "after the rule changed": lambda: expiry_day(
            EU.product.expiry, collected_on=date(2025, 8, 31), decided_on=DAY
        ),
        "without a rule": lambda: expiry_day((), collected_on=DAY, decided_on=DAY),
        "passed or not": lambda: [
            expiry_day(EU.product.expiry, collected_on=DAY, decided_on=DAY).has_passed(on)
            for on in (date(2028, 9, 1), date(2028, 9, 2), date(2028, 9, 3))
        ],
        "passed, no rule": lambda: expiry_day((), collected_on=DAY, decided_on=DAY).has_passed(DAY),
    },
    "window": {
        "too early": window(EU, 1),
        "inside": window(EU, 5),
        "too late": window(EU, 30),
        "without an end": window(BREXU, 300),
        "repeat: within the time": repeat(28, None),
        "repeat: white cells unknown": repeat(29, None),
        "repeat: white cells back": repeat(29, 1500),
        "repeat: white cells not back": repeat(29, 800),
        "waive: few white cells": waive(900, 3),
        "waive: enough white cells": waive(1100, 0),
        "waive: an old count": waive(900, 8),
        "waive: at the edge of the week": waive(900, 7),
        "waive: a count after the infusion": waive(900, -1),
        "waive: nothing known": waive(None, None),
        "waive: day unknown": waive(900, None),
        "waive: count unknown": waive(None, 3),
    },
    "dose": {
        "weight unknown": lambda: dose_range(EU.dose_rules(), weight_kg=None),
        "weight unknown, dose known": lambda: dose_range(EU.dose_rules(), weight_kg=None, dose_cells=1e8),
        "no rule approved": lambda: dose_range((), weight_kg=20, dose_cells=1e8),
        "a cap below the most by weight": capped(weight_kg=60),
        "a cap that is the least by weight": capped(weight_kg=100),
        "a cap below the least by weight": capped(weight_kg=120),
        "the sentence": lambda: dose_range(EU.dose_rules(), weight_kg=20, dose_cells=5e7).sentence,
        "weight moved by more than a tenth": lambda: [
            weight_has_changed(figure(EU.infusion.limits, "weight_change_percent"), ordered_kg=20, now_kg=now)
            for now in (18, 17.9, 22, 22.1)
        ],
        "one drug of a regimen": lambda: expected_dose(
            EU.lymphodepletion_regimen(), "FLUDARABINE ", weight_kg=16, height_cm=100
        ),
    },
    "washout": {
        "nothing given": washed(),
        "one that has ended": washed(corticosteroid=NOON - timedelta(hours=72)),
        "one that runs": washed(corticosteroid=NOON - timedelta(hours=71)),
        "two, the longer binds": washed(corticosteroid=NOON, cytotoxic=NOON - timedelta(days=10)),
        "a day without a time": washed(cytotoxic=date(2026, 3, 1)),
        "a dose without a day": washed(corticosteroid=None, cytotoxic=NOON),
        "a class without a rule": washed(moonlight=NOON, cytotoxic=NOON),
    },
    "b_cells": {
        "no infusion": b_cells((30, 0, 0), infused_on=None),
        "no sample": b_cells(),
        "aplasia": b_cells((-5, 5, 500), (30, 0.5, 3), (60, 1, 100)),
        "one value unknown": b_cells((30, 0.5, None)),
        "the other value unknown": b_cells((30, None, 3)),
        "an empty sample": b_cells((30, None, None)),
        "first return, early": b_cells((30, 0, 0), (100, 1.1, 5)),
        "first return, late": b_cells((30, 0, 0), (300, 0, 101)),
        "confirmed": b_cells((30, 0, 0), (100, 2, 150), (114, 2, 200)),
        "confirmed late": b_cells((100, 2, 150), (129, 2, 200)),
        "on the last day to confirm": b_cells((200, 2, 150), (228, 2, 200)),
        "too soon to confirm": b_cells((100, 2, 150), (113, 2, 200)),
        "not confirmed": b_cells((100, 2, 150), (115, 0, 0), (130, 0, 0)),
        "lost for good": b_cells((100, 2, 150), (115, 3, 150), (130, 0, 0)),
        "on the day of the infusion": b_cells((0, 0, 0)),
        "from conditioning on": b_cells(
            (30, 0, 0), (100, 2, 150), (120, 3, 300), conditioning_on=DAY + timedelta(days=110)
        ),
        "conditioning without a sample": b_cells(conditioning_on=DAY + timedelta(days=110)),
        "on the day of conditioning": b_cells((110, 3, 300), conditioning_on=DAY + timedelta(days=110)),
        "a drug against B cells": b_cells((30, 0, 0), depleting_drug_on=[DAY]),
        "a drug before the infusion": b_cells((30, 0, 0), depleting_drug_on=[DAY - timedelta(days=1)]),
        "a drug without a sample": b_cells(depleting_drug_on=[DAY]),
        "the state alone": lambda: [
            b_cell_aplasia(
                EU.follow_up.b_cell_aplasia,
                [BCellSample(DAY, 0, 0)],
                infused_on=DAY,
                conditioning_on=conditioning_on,
            )
            for conditioning_on in (None, DAY)
        ],
    },
    "igg": {
        "unknown altogether": igg(None, None, None),
        "never replaced": igg(350, None, False),
        "replaced, nobody knows when": igg(401, None, True),
        "thirty days after": igg(400, DAY - timedelta(days=30), True),
        "thirty-one days after": igg(900, DAY - timedelta(days=31), True),
        "on the same day": igg(900, DAY, True),
        "replaced only later": igg(900, DAY + timedelta(days=1), None),
    },
    "eligibility": {
        "everything met": judged(),
        "nothing recorded": lambda: eligibility(EU.criteria(), {}, DAY),
        "one not met": judged(E7=Finding(verdict="not_met")),
        "one unknown": judged(E7=Finding(verdict="unknown")),
        "one waived": judged(E7=Finding(verdict="waived", reason="stable", waived_by=("Ben", "Cara"))),
        "waived without a reason": judged(
            E7=Finding(verdict="waived", reason=" ", waived_by=("Ben", "Cara"))
        ),
        "waived by one person twice": judged(
            E7=Finding(verdict="waived", reason="stable", waived_by=("Ben", "Ben"))
        ),
        "lapsed": judged(E4=Finding(verdict="met", valid_until=DAY - timedelta(days=1))),
        "on its last day": judged(E4=Finding(verdict="met", valid_until=DAY)),
        "every criterion not met": judged(**{row.id: Finding(verdict="not_met") for row in EU.criteria()}),
        "how long each holds": lambda: {row.id: valid_until(row, DAY) for row in EU.criteria()},
        "age unknown": lambda: age_criterion(criterion("E1"), birth=None, on=DAY),
        "born later": lambda: age_criterion(criterion("E1"), birth=DAY + timedelta(days=1), on=DAY),
        "born today": lambda: age_criterion(criterion("E1"), birth=DAY, on=DAY),
        "the day before 26": lambda: age_criterion(criterion("E1"), birth=date(2000, 3, 3), on=DAY),
        "twenty-six": lambda: age_criterion(criterion("E1"), birth=date(2000, 3, 2), on=DAY),
        "too young": lambda: age_criterion(
            replace(criterion("E1"), values={"from_years": 3}), birth=date(2023, 3, 3), on=DAY
        ),
        "just old enough": lambda: age_criterion(
            replace(criterion("E1"), values={"from_years": 3}), birth=date(2023, 3, 2), on=DAY
        ),
        "a limit that is no whole number": lambda: age_criterion(
            replace(criterion("E1"), values={"from_years": "3"}), birth=DAY, on=DAY
        ),
        "without any limit": lambda: consents_needed(
            replace(criterion("E17"), values={}), birth=date(1990, 1, 1), on=DAY
        ),
        "whose agreement, by age": lambda: {
            years: consents_needed(criterion("E17"), birth=date(2026 - years, 3, 2), on=DAY)
            for years in (0, 6, 7, 11, 12, 17, 18, 30)
        },
    },
    "release": {
        "no criterion in figures": lambda: release((), {}),
        "viability unknown": released(),
        "viability at the limit": released(viability_percent=80),
        "viability below the limit": released(viability_percent=79.9),
        "a criterion no value answers": lambda: release(
            (replace(US.manufacturing.release[0], id="release_other"),), {"viability_percent": 90}
        ),
    },
    "donor": {
        "no donor": lambda: donor_readiness(DONOR, None, DAY),
        "ready": donor(hbv("negative", 0)),
        "on the last day of the test": donor(hbv("negative", 56)),
        "the test has lapsed": donor(hbv("negative", 57)),
        "the test comes later": donor(hbv("negative", -1)),
        "no result": donor(hbv(None, 3)),
        "no day": donor(hbv("negative", None)),
        "positive": donor(hbv("positive", 3)),
        "positive and lapsed": donor(hbv("positive", 90), hbv("negative", 3)),
        "consent signed later": donor(hbv("negative", 3), signed=DAY + timedelta(days=1)),
        "a guardian signed for a minor": donor(hbv("negative", 3), born=2015, signer="guardian"),
        "a minor signed alone": donor(hbv("negative", 3), born=2015),
        "a guardian signed for an adult": donor(hbv("negative", 3), signer="guardian"),
        "what stands in the way": lambda: donor_readiness(DONOR, None, DAY).reasons,
        "who signs, by age": lambda: {
            years: signer_needed(DONOR, birth=date(2026 - years, 3, 2), on=DAY) for years in (0, 17, 18, 40)
        },
    },
    "restrictions": {
        "before the rule changed": restricted(date(2025, 6, 25)),
        "after the rule changed": restricted(date(2025, 6, 27)),
        "counted from the last part": restricted(date(2025, 6, 25), date(2025, 7, 5)),
    },
}
