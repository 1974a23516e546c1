"""Growing up in the demo: nearly adult, a child that nobody finds, a changed name, letters."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from cartpath.accounts.enums import Role
from cartpath.demo.plot import Plot, Step
from cartpath.demo.teller import Teller
from followup.growing.inputs import AttemptDetails, HandOverStepDetails, LetterDetails, LossDetails
from followup.growing.letters import letter_begin, letter_sign
from followup.growing.services import attempt_record, hand_over_step_record, loss_record
from patients.guardians import guardian_change, home_hospital_record
from patients.inputs import GuardianDetails, HomeHospitalDetails
from patients.services import patient_change

GROWING_PLOTS: Final = (
    Plot(
        key="nearly_adult",
        reached=Step.INFUSED,
        ago=560,
        years=16.1,
        sex="female",
        toxicity="fever",
        is_monitoring_over=True,
    ),
    Plot(
        key="not_found",
        reached=Step.INFUSED,
        ago=760,
        years=8.4,
        sex="male",
        is_monitoring_over=True,
        missed=frozenset({"visit_month_21", "visit_month_24"}),
    ),
)
ATTEMPTS: Final = (
    (64, "phone", "no_answer", "", "Rings, nobody answers."),
    (50, "letter", "wrong_number", "", "The letter came back."),
    (43, "home_hospital", "moved", "Pediatric ward", "They heard of a move abroad."),
    (12, "registry_office", "no_answer", "", "Asked in writing."),
)
LOST_AGO: Final = 40
NEXT_IN: Final = 9


def growing_told(teller: Teller) -> None:
    """What growing up brings in this plot."""
    tell = _STORIES.get(teller.plot.key)
    if tell is not None:
        tell(teller)


def _ago(teller: Teller, days: int, role: Role = Role.COORDINATOR) -> dict[str, Any]:
    return teller.act(role, teller.at(teller.today - timedelta(days=days), 15))


def _guardian(teller: Teller, days: int) -> None:
    details = GuardianDetails(name=teller.name.parent, relation=teller.name.relation, has_custody=True)
    guardian_change(guardian=details, **_ago(teller, days))


def _hospital(teller: Teller, days: int) -> None:
    details = HomeHospitalDetails(
        name="Ospedale Santa Chiara, Valdombra",
        physician="Dr. R. Salvi",
        phone="+39 0555 550140",
        does_blood_tests=True,
        gives_immunoglobulin=True,
    )
    home_hospital_record(hospital=details, **_ago(teller, days))


def _letter(teller: Teller, kind: str, to: str, days: int, *, signed: bool) -> None:
    details = LetterDetails(kind=kind, addressee=to, language="it")  # type: ignore[arg-type]
    letter = letter_begin(letter=details, **_ago(teller, days, Role.CLINICIAN))
    if signed:
        made = _ago(teller, days, Role.CLINICIAN)
        letter_sign(letter_id=letter.pk, by=made["by"], at=made["at"] + timedelta(minutes=20))


def _nearly_adult(teller: Teller) -> None:
    _guardian(teller, 90)
    _hospital(teller, 90)
    steps: tuple[tuple[int, dict[str, Any]], ...] = (
        (70, {"step": "readiness", "note": "Comes to the visits alone from now on."}),
        (
            21,
            {
                "step": "center_agreed",
                "adult_center": "Ematologia, Policlinico San Rocco",
                "physician": "Dr. L. Ambrosi",
                "phone": "+39 0555 550180",
            },
        ),
    )
    for days, told in steps:
        done_on = teller.today - timedelta(days=days)
        step = HandOverStepDetails(done_on=done_on, **told)
        hand_over_step_record(step=step, **_ago(teller, days, Role.CLINICIAN))
    to = "Dr. L. Ambrosi\nEmatologia, Policlinico San Rocco"
    _letter(teller, "hand_over", to, 6, signed=False)


def _not_found(teller: Teller) -> None:
    for days, how, outcome, whom, note in ATTEMPTS:
        next_on = teller.today + timedelta(days=NEXT_IN) if days == ATTEMPTS[-1][0] else None
        attempt = AttemptDetails(
            how=how,  # type: ignore[arg-type]
            outcome=outcome,  # type: ignore[arg-type]
            whom=whom,
            note=note,
            next_on=next_on,
        )
        attempt_record(attempt=attempt, **_ago(teller, days))
    since = teller.today - timedelta(days=LOST_AGO)
    loss = LossDetails(since=since, last_known="Via dei Mille 12, Valdombra")
    loss_record(loss=loss, **_ago(teller, LOST_AGO))


def _adopted(teller: Teller) -> None:
    """Another surname since last year, and a letter to the hospital near home."""
    _guardian(teller, 400)
    _hospital(teller, 400)
    changes = {"family_name": f"{teller.name.family} Morandi"}
    patient_change(changes=changes, reason="Adopted by the mother's husband.", **_ago(teller, 320))
    to = "Dr. R. Salvi\nOspedale Santa Chiara, Valdombra"
    _letter(teller, "shared_care", to, 20, signed=True)


_STORIES: Final[dict[str, Callable[[Teller], None]]] = {
    "nearly_adult": _nearly_adult,
    "not_found": _not_found,
    "year_4": _adopted,
}
