"""Chapter one of a demo journey: referral, eligibility, decision."""

from datetime import date, datetime, timedelta
from typing import Final, Literal

from cartpath.accounts.enums import Role
from cartpath.demo.cast import CENTER_CODE, OTHER_CENTER_CODE
from cartpath.demo.edition import version_on
from cartpath.demo.plot import Plot, Step, Treatments
from cartpath.demo.teller import Teller
from patients.consents import consent_record
from patients.eligibility import protocol_for
from patients.inputs import (
    BodyMeasurement,
    ConsentDetails,
    ContactDetails,
    CriterionAssessment,
    PatientDetails,
    ReferralDetails,
    TreatmentDetails,
)
from patients.referrals import (
    eligibility_assess,
    eligibility_assess_several,
    referral_accept,
    referral_decline,
    referral_defer,
    referral_register,
)
from patients.rules import consents_needed
from patients.services import (
    contact_record,
    measurement_record,
    treatment_record,
)

# Who refers, and the physician, to which center.
REFERRING: Final = {
    CENTER_CODE: (
        ("Ospedale Santa Chiara, Valdombra", "Dr. R. Salvi"),
        ("Clinica Pediatrica di Montefiore", "Dr. M. Costantini"),
        ("Policlinico San Rocco, Ponte Alto", "Dr. L. Ambrosi"),
        ("Ospedale Civile di Rocca Marina", "Dr. G. Pavan"),
        ("Centro Ematologico del Golfo", ""),
    ),
    OTHER_CENTER_CODE: (
        ("Klinikum Lindenbruck", "Dr. A. Voss"),
        ("Kinderkrankenhaus Moorwalde", ""),
    ),
}
LANSKY_BELOW_YEARS: Final = 16
CHILDBEARING_FROM_YEARS: Final = 11

DrugClass = Literal[
    "corticosteroid",
    "cytotoxic",
    "immunosuppression",
    "hsct",
    "intrathecal",
    "asparaginase",
    "blinatumomab",
    "radiotherapy",
    "anti_gd2_antibody",
]
# Drug, class, days from the last dose to the referral (None is unknown), note.
Told = tuple[str, DrugClass, int | None, str]

_FIRST_LINE: Final[Told] = ("AIEOP-BFM ALL 2017, medium risk", "cytotoxic", 480, "")
TREATMENTS: Final[dict[Treatments, tuple[Told, ...]]] = {
    "chemotherapy": (_FIRST_LINE, ("IntReALL 2010, induction and consolidation", "cytotoxic", 19, "")),
    "after_transplant": (
        _FIRST_LINE,
        ("Allogeneic transplant, matched unrelated donor", "hsct", 410, "No active GVHD."),
        ("Ciclosporin", "immunosuppression", 210, ""),
        ("FLAG-Ida", "cytotoxic", 26, ""),
    ),
    "steroid": (
        ("IntReALL 2010, induction", "cytotoxic", 21, ""),
        ("Dexamethasone", "corticosteroid", 3, "Stopped before collection."),
    ),
    "unknown_last_dose": (
        _FIRST_LINE,
        (
            "Prednisone",
            "corticosteroid",
            None,
            "Given at the referring hospital; last dose asked for.",
        ),
    ),
    "no_rule": (
        _FIRST_LINE,
        ("Blinatumomab, two cycles", "blinatumomab", 25, "Still CD19-positive afterwards."),
    ),
    "still_running": (
        _FIRST_LINE,
        ("Vincristine and doxorubicin", "cytotoxic", 1, "Bridging at home hospital."),
    ),
    "infant": (("Interfant-06, induction", "cytotoxic", 16, ""),),
    "radiotherapy": (_FIRST_LINE, ("Cranial irradiation, 18 Gy", "radiotherapy", 70, "")),
    "neuroblastoma": (
        ("Rapid COJEC, high-dose busulfan and melphalan", "cytotoxic", 410, ""),
        ("Dinutuximab beta, five cycles", "anti_gd2_antibody", 190, ""),
        ("Irinotecan and temozolomide", "cytotoxic", 33, "Stable disease."),
    ),
}

FINDINGS: Final = {
    "E1": "Within the age of the label.",
    "E3": "Marrow blasts {blasts} %.",
    "E4": "CD19 {cd19} % of blasts by flow.",
    "E5": "Score {score}.",
    "E6": "Creatinine clearance {clearance} mL/min/1.73 m².",
    "E7": "ALT and AST below 2 times the upper limit, bilirubin normal.",
    "E8": "Ejection fraction {ejection} % by echocardiography.",
    "E10": "Hemoglobin {hemoglobin} g/dL, platelets {platelets} ×10⁹/L.",
    "E11": "HBV, HCV and HIV negative.",
    "E12": "CNS 1.",
    "E13": "No GVHD.",
    "E14": "None.",
    "E16": "No fever, cultures negative.",
    "E17": "Family talked to, consent form handed over.",
}
# What another disease, or a donor's cells, make of the same numbers.
FINDINGS_OF: Final[dict[str, dict[str, str]]] = {
    "gd2_cart01": {
        "E3": "Uptake in the left adrenal bed and two bones on 123-I-mMIBG scan.",
        "E9": "Oxygen saturation 98 % on room air.",
        "E10": "Mucositis back to grade 1.",
    },
    "donor_cd19": {
        "E4": "CD19-positive cells 210/µL in blood.",
        "D1": "A parent, donor of the transplant two years ago, is willing.",
    },
}
UNMET: Final = {
    "E4": "CD19 2 % of blasts by flow.",
    "E7": "ALT 7 times the upper limit.",
    "E16": "Pulmonary aspergillosis, first week of treatment.",
}
ON_PAPER: Final = "Treated before CARTPath was in use; the criteria are in the paper record."
WAIVER: Final = "Ejection fraction 44 % after anthracyclines, stable for a year; cardiologist consulted."


def referral_told(teller: Teller) -> None:
    """The referral with what came with it."""
    plot, day = teller.plot, teller.referred_on
    at = teller.at(day, 9, teller.dice.randrange(60))
    referral_register(
        center=teller.crew.center,
        patient=_patient(teller),
        referral=_referral(teller),
        by=teller.person(Role.COORDINATOR).actor,
        at=at,
        journey_id=teller.journey_id,
    )
    contact_record(contact=_contact(teller), **teller.act(Role.COORDINATOR, teller.after(at, minutes=5)))
    for number, told in enumerate(TREATMENTS[plot.treatments], start=1):
        later = teller.after(at, minutes=5 + 2 * number)
        treatment_record(treatment=_treatment(told, at), **teller.act(Role.COORDINATOR, later))
    weight_kg, height_cm = teller.size_on(day)
    measurement_record(
        measurement=BodyMeasurement(weight_kg=weight_kg, height_cm=height_cm),
        **teller.act(Role.COORDINATOR, teller.after(at, minutes=20)),
    )


def _patient(teller: Teller) -> PatientDetails:
    plot = teller.plot
    return PatientDetails(
        mrn=teller.code,
        family_name=teller.name.family,
        given_name=teller.name.given,
        birth_date=teller.birth,
        sex=plot.sex,
        language=plot.heritage,
        allergy_state="known" if plot.allergy else teller.dice.choice(("none_known", "not_recorded")),
        allergies=plot.allergy,
    )


def _contact(teller: Teller) -> ContactDetails:
    area, _number = teller.crew.center.phone.rsplit(" ", 1)
    return ContactDetails(
        relation=teller.name.relation,
        name=teller.name.parent,
        phone=f"{area} 555{teller.number:04d}",
        language=teller.plot.heritage,
    )


def _referral(teller: Teller) -> ReferralDetails:
    plot, dice = teller.plot, teller.dice
    referring_center, referring_physician = dice.choice(REFERRING[plot.center])
    return ReferralDetails(
        referring_center=referring_center,
        referring_physician=referring_physician,
        product=plot.product,
        diagnosis=plot.diagnosis,
        diagnosis_detail=plot.detail,
        urgency=plot.urgency,
        disease_status=plot.disease_status,
        cd19_status=_cd19(plot),
        cd19_tested_on=_cd19_tested_on(teller),
        performance_scale="lansky" if plot.years < LANSKY_BELOW_YEARS else "karnofsky",
        performance_score=dice.choice((70, 80, 90)),
        note=plot.note,
    )


def _cd19(plot: Plot) -> Literal["positive", "dim"] | None:
    """CD19 is looked for where the CAR is against it."""
    if plot.diagnosis != "b_all":
        return None
    return "positive" if "E4" not in plot.unmet else "dim"


def _cd19_tested_on(teller: Teller) -> date | None:
    days = teller.dice.randint(5, 20)
    return teller.referred_on - timedelta(days=days) if teller.plot.diagnosis == "b_all" else None


def _treatment(told: Told, referred_at: datetime) -> TreatmentDetails:
    drug, drug_class, days, note = told
    last_dose: date | datetime | None = None
    if days is not None:
        last_dose_at = referred_at - timedelta(days=days)
        # A washout counted in hours needs the hour of the last dose.
        last_dose = last_dose_at if drug_class == "corticosteroid" else last_dose_at.date()
    return TreatmentDetails(drug=drug, drug_class=drug_class, last_dose=last_dose, note=note)


def eligibility_told(teller: Teller) -> None:
    """A verdict on every criterion that is known by now."""
    plot = teller.plot
    observed_on = teller.referred_on + timedelta(days=2)
    at = teller.at(teller.day(Step.ASSESSED), 11)
    known = [row.id for row in protocol_for(teller.journey).criteria() if row.id not in plot.unknown]
    eligibility_assess_several(
        assessments=[_assessment(teller, name, observed_on) for name in known if name != plot.waived],
        **teller.act(Role.CLINICIAN, teller.after(at, minutes=20)),
    )
    if plot.waived:
        eligibility_assess(
            assessment=_assessment(teller, plot.waived, observed_on),
            second=teller.crew.second_clinician,
            **teller.act(Role.CLINICIAN, teller.after(at, minutes=40)),
        )


def _assessment(teller: Teller, criterion: str, observed_on: date) -> CriterionAssessment:
    plot = teller.plot
    if criterion == plot.waived:
        return CriterionAssessment(
            criterion=criterion, verdict="waived", observed_on=observed_on, reason=WAIVER
        )
    if criterion in plot.unmet:
        return CriterionAssessment(
            criterion=criterion, verdict="not_met", observed_on=observed_on, finding=UNMET[criterion]
        )
    return CriterionAssessment(
        criterion=criterion, verdict="met", observed_on=observed_on, finding=_finding(teller, criterion)
    )


def _finding(teller: Teller, criterion: str) -> str:
    if criterion == "E2":
        return teller.plot.detail
    if criterion == "E14" and teller.plot.treatments == "no_rule":
        return "Blinatumomab; CD19-positive afterwards."
    if criterion == "E15":
        return _pregnancy(teller.plot)
    dice = teller.dice
    found = FINDINGS | FINDINGS_OF.get(teller.plot.product, {})
    return found.get(criterion, "").format(
        blasts=dice.randint(6, 78),
        cd19=dice.randint(88, 99),
        score=dice.choice((70, 80, 90)),
        clearance=dice.randint(82, 130),
        ejection=dice.randint(56, 68),
        hemoglobin=dice.choice((8.6, 9.1, 9.8, 10.4)),
        platelets=dice.randint(62, 190),
    )


def _pregnancy(plot: Plot) -> str:
    if plot.sex == "female" and plot.years >= CHILDBEARING_FROM_YEARS:
        return "Pregnancy test negative."
    return "Does not apply."


def decision_told(teller: Teller) -> None:
    """Consent and acceptance, deferral, or refusal."""
    plot = teller.plot
    if plot.deferred_until_in is not None:
        referral_defer(
            reason="Aspergillosis must be under control first.",
            review_on=teller.today + timedelta(days=plot.deferred_until_in),
            **teller.act(Role.CLINICIAN, teller.at(teller.day(Step.ASSESSED) + timedelta(days=1), 15)),
        )
    elif plot.ending and plot.ending.reason == "declined":
        referral_decline(
            reason=plot.ending.note, **teller.act(Role.CLINICIAN, teller.at(teller.ended_on, 16))
        )
    elif teller.reaches(Step.ACCEPTED):
        day = teller.day(Step.ACCEPTED)
        _consents(teller, day)
        at = teller.at(day, 14)
        referral_accept(
            override_reason=ON_PAPER if plot.is_from_paper else "",
            protocol_version=version_on(teller, at),
            **teller.act(Role.CLINICIAN, at),
        )


def _consents(teller: Teller, day: date) -> None:
    criterion = protocol_for(teller.journey).criterion("E17")
    if criterion is None:
        return
    child = f"{teller.name.given} {teller.name.family}"
    for number, kind in enumerate(consents_needed(criterion, birth=teller.birth, on=day)):
        consent_record(
            consent=ConsentDetails(
                kind=kind,
                given_by=teller.name.parent if kind == "consent" else child,
                document_version="CAR-T 2.1",
                signed_on=day,
            ),
            **teller.act(Role.CLINICIAN, teller.at(day, 10, 5 * number)),
        )
