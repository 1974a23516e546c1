"""The text of a hand-over sheet as the facts stand: situation, background, assessment, recommendation.

Only what is recorded is told. What must happen if the child gets worse is the writer's to add.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from toxicity.bedside import Reading
from toxicity.laboratory.catalog import AnalyteCode
from toxicity.models import Intervention
from toxicity.observations.catalog import ObservationCode
from toxicity.observations.words import number_words
from toxicity.sheets import phrases
from toxicity.sheets.facts import WardFacts
from toxicity.sheets.inputs import Language, SheetDetails

SINCE: Final = timedelta(hours=24)
_C = ObservationCode
# In the order in which they are told; the pressure is told as one.
_TOLD: Final = (
    *(_C.TEMPERATURE_C, _C.HEART_RATE, _C.RESPIRATORY_RATE, _C.SPO2),
    *(_C.OXYGEN_DEVICE, _C.OXYGEN_FLOW, _C.FIO2, _C.VASOPRESSORS),
    *(_C.ICE, _C.CAPD, _C.CONSCIOUSNESS, _C.SEIZURE, _C.MOTOR_WEAKNESS, _C.RAISED_ICP, _C.HANDWRITING),
)
# Without one of these nobody can say how the child is.
_EXPECTED: Final = (_C.TEMPERATURE_C, _C.HEART_RATE, _C.SYSTOLIC, _C.RESPIRATORY_RATE, _C.SPO2)
_ANALYTES: Final = (
    *(AnalyteCode.CRP, AnalyteCode.FERRITIN, AnalyteCode.FIBRINOGEN, AnalyteCode.LDH),
    *(AnalyteCode.ANC, AnalyteCode.PLATELETS, AnalyteCode.HEMOGLOBIN, AnalyteCode.CREATININE),
)


def sheet_draft(facts: WardFacts, *, language: Language) -> SheetDetails:
    """The four parts as the facts stand, in a language; times in the zone of the center."""
    with translation.override(language), timezone.override(facts.journey.center.zone):
        return SheetDetails(
            situation="\n".join(_situation(facts)),
            background="\n".join(_background(facts)),
            assessment="\n".join(_assessment(facts)),
            recommendation="\n".join(_recommendation(facts)),
            language=language,
        )


def _situation(facts: WardFacts) -> Iterator[str]:
    seen = facts.bedside
    if facts.day is not None:
        yield _("Day %(day)d after %(product)s.") % {"day": facts.day, "product": facts.product}
    yield phrases.grade_now("CRS", seen.crs, facts.worst[0])
    yield phrases.grade_now("ICANS", seen.icans, facts.worst[1])
    yield _fever(facts)
    for alert in facts.alerts:
        yield phrases.line(_("Alert"), phrases.alert(alert))


def _fever(facts: WardFacts) -> str:
    taken = facts.bedside.readings.get(_C.TEMPERATURE_C, ())
    numbers = [(each.number, each.at) for each in taken if each.number is not None]
    if not numbers:
        return phrases.line(_("Temperature"), phrases.unknown())
    last, at = numbers[-1]
    highest = max(number for number, when in numbers if when > facts.at - SINCE or when == at)
    told = {"last": number_words(last, 1), "at": phrases.moment(at), "most": number_words(highest, 1)}
    return _("Temperature %(last)s °C, %(at)s; highest in 24 h %(most)s °C") % told


def _background(facts: WardFacts) -> Iterator[str]:
    yield phrases.diagnosis(facts.referral)
    yield phrases.infusion(facts.product, facts.infusions)
    yield phrases.allergies(facts.journey.patient)
    yield phrases.weight(facts.bedside.dosing_weight_kg, facts.weight)
    for episode in facts.episodes:
        yield phrases.episode(episode)
    yield from given_lines(facts, running=False)


def given_lines(facts: WardFacts, *, running: bool) -> Iterator[str]:
    """What was given, by drug in the order of the first dose; what runs now only when asked for."""
    groups: dict[tuple[str, str, bool], list[Intervention]] = defaultdict(list)
    for each in facts.bedside.given:
        groups[each.agent, each.drug, each.is_course].append(each)
    if not groups:
        yield _("Nothing recorded as given against toxicity.")
    for (_agent, _drug, is_course), given in groups.items():
        if is_course:
            if running or not any(each.runs(facts.at) for each in given):
                yield phrases.course(given, at=facts.at)
        else:
            yield phrases.doses(given)


def _assessment(facts: WardFacts) -> Iterator[str]:
    yield from _observed(facts)
    yield from _running(facts)
    yield _urine(facts)
    yield from _blood(facts)


def _observed(facts: WardFacts) -> Iterator[str]:
    """The last value of each observation, those of one time in one line, the latest time first."""
    at_time: dict[datetime, list[str]] = defaultdict(list)
    for code in _TOLD:
        last = facts.bedside.latest(code)
        if last is not None:
            at_time[last.at].append(phrases.reading(code, last))
    pressure = _pressure(facts)
    if pressure is not None:
        at, said = pressure
        at_time[at].append(said)
    for at in sorted(at_time, reverse=True):
        yield phrases.line(phrases.moment(at), phrases.listed(at_time[at]))
    never = [code.label for code in _EXPECTED if facts.bedside.latest(code) is None]
    if never:
        yield phrases.line(_("Not measured in 72 h"), phrases.listed(str(each).lower() for each in never))


def _pressure(facts: WardFacts) -> tuple[datetime, str] | None:
    systolic, diastolic = (facts.bedside.latest(code) for code in (_C.SYSTOLIC, _C.DIASTOLIC))
    if systolic is None or systolic.number is None:
        return None
    below = phrases.unknown()
    if diastolic is not None and diastolic.number is not None and diastolic.set_id == systolic.set_id:
        below = number_words(diastolic.number, 0)
    told = {"systolic": number_words(systolic.number, 0), "diastolic": below}
    return systolic.at, _("blood pressure %(systolic)s/%(diastolic)s mmHg") % told


def _running(facts: WardFacts) -> Iterator[str]:
    for each in phrases.running(facts.bedside):
        yield phrases.given(each, at=facts.at)


def _urine(facts: WardFacts) -> str:
    amounts = [each for each in _numbers(facts, _C.URINE_ML) if each.at > facts.at - SINCE]
    if not amounts:
        return phrases.line(_("Urine in 24 h"), phrases.unknown())
    total = sum(each.number or 0 for each in amounts)
    told = {"total": number_words(total, 0), "count": len(amounts)}
    return (
        ngettext(
            "Urine in 24 h: %(total)s mL in %(count)d entry",
            "Urine in 24 h: %(total)s mL in %(count)d entries",
            len(amounts),
        )
        % told
    )


def _numbers(facts: WardFacts, code: ObservationCode) -> Iterable[Reading]:
    return (each for each in facts.bedside.readings.get(code, ()) if each.number is not None)


def _blood(facts: WardFacts) -> Iterator[str]:
    """The last values, those of one sample in one line, each with the one before it."""
    at_time: dict[datetime, list[str]] = defaultdict(list)
    for analyte in _ANALYTES:
        values = facts.laboratory.get(analyte, ())
        if values:
            before = values[-2].value if len(values) > 1 else None
            at_time[values[-1].at].append(phrases.laboratory_change(values[-1], before))
    for at in sorted(at_time, reverse=True):
        told = {"at": phrases.moment(at), "values": phrases.listed(at_time[at])}
        yield _("Blood %(at)s: %(values)s") % told
    if not at_time:
        yield phrases.line(_("Blood since the infusion"), phrases.unknown())


def _recommendation(facts: WardFacts) -> Iterator[str]:
    lines = [*_open(facts)]
    yield from lines or [_("Nothing open in the record.")]


def _open(facts: WardFacts) -> Iterator[str]:
    """What the record still waits for."""
    for alert in facts.alerts:
        if alert.is_unanswered:
            yield phrases.line(_("Answer the alert"), phrases.alert(alert))
    for scale, assessment in facts.unsigned.items():
        told = {"scale": scale.upper(), "at": phrases.moment(assessment.assessed_at)}
        yield _("Sign the %(scale)s grade of %(at)s") % told
    for check in facts.checks:
        yield phrases.check(check)
    if facts.tocilizumab is not None:
        yield phrases.tocilizumab(facts.tocilizumab, at=facts.at)
    if facts.bedside.dosing_weight_kg is None:
        yield _("Set the dosing weight")
