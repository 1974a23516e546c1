"""The text of a discharge summary as the facts stand, in the language of the addressee.

Source of what is asked of the addressee: CARTPath's own working defaults, for the center to confirm; fever is
38.0 °C as in the grading of cytokine release syndrome.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from toxicity.laboratory.catalog import AnalyteCode
from toxicity.laboratory.enums import HyperinflammationDecision
from toxicity.laboratory.pictures import Running, running
from toxicity.laboratory.readings import LabReading
from toxicity.models.episodes import Scale
from toxicity.sheets import phrases
from toxicity.sheets.facts import WardFacts
from toxicity.sheets.inputs import Language
from toxicity.sheets.sbar import given_lines

Block = list[str]

_HIGHEST: Final = (AnalyteCode.CRP, AnalyteCode.FERRITIN)
_LOWEST: Final = (AnalyteCode.ANC, AnalyteCode.PLATELETS)
_LAST: Final = (
    *(AnalyteCode.HEMOGLOBIN, AnalyteCode.PLATELETS, AnalyteCode.ANC, AnalyteCode.CRP),
    *(AnalyteCode.FERRITIN, AnalyteCode.FIBRINOGEN, AnalyteCode.LDH),
    *(AnalyteCode.ALT, AnalyteCode.BILIRUBIN, AnalyteCode.CREATININE),
)
CALL_FOR: Final[tuple[Promise, ...]] = (
    gettext_lazy("Fever of 38.0 °C or more"),
    gettext_lazy("Low blood pressure, fast breathing or need of oxygen"),
    gettext_lazy("Confusion, sleepiness, trouble speaking or writing, tremor, a seizure"),
    gettext_lazy("Bleeding, or blood counts that fall"),
    gettext_lazy("Infection of any kind"),
)


def summary_text(facts: WardFacts, *, language: Language) -> str:
    """The text of a summary; blocks are parted by an empty line, a heading ends with a colon."""
    with translation.override(language), timezone.override(facts.journey.center.zone):
        return "\n\n".join("\n".join(block) for block in _blocks(facts) if block)


def _blocks(facts: WardFacts) -> Iterator[Block]:
    yield [_subject(facts)]
    yield [_("Dear colleague,")]
    yield [_("thank you for referring this child. This is how the stay went and what we ask you to watch.")]
    yield _part(_("Diagnosis"), [phrases.diagnosis(facts.referral), phrases.allergies(facts.journey.patient)])
    yield _part(_("Treatment"), _treatment(facts))
    yield _part(_("Course"), _course(facts))
    yield _part(_("Given against toxicity"), list(given_lines(facts, running=True)))
    yield _part(_("Laboratory"), _laboratory(facts))
    yield _part(_("At discharge"), _now(facts))
    yield _part(_("What the family keeps to"), _restrictions(facts))
    yield _part(_("Next visits"), [_("We arrange the days with the family and tell you.")])
    yield _part(_("Live vaccines"), [_("Only after asking us.")])
    yield _part(_("Steroids"), [_("Only after asking us, except in an emergency.")])
    yield _part(_("Call us at once for"), [str(sign) for sign in CALL_FOR])
    yield _part(
        _("Whom to call"), [facts.journey.center.name, facts.journey.center.phone or phrases.unknown()]
    )
    yield [_("With kind regards")]


def _part(heading: str, lines: Sequence[str]) -> Block:
    return [f"{heading}:", *lines]


def _subject(facts: WardFacts) -> str:
    patient = facts.journey.patient
    return _("Discharge summary: %(name)s, born %(birth)s, MRN %(mrn)s") % {
        "name": f"{patient.given_name} {patient.family_name}",
        "birth": phrases.day(patient.birth_date),
        "mrn": patient.mrn,
    }


def _treatment(facts: WardFacts) -> Block:
    lines = [phrases.infusion(facts.product, facts.infusions)]
    drugs = [
        _("%(drug)s %(first)s to %(last)s")
        % {"drug": each.drug, "first": phrases.day(each.first_on), "last": phrases.day(each.last_on)}
        for each in facts.lymphodepletion
    ]
    lines.append(phrases.line(_("Lymphodepletion"), phrases.listed(drugs) or phrases.unknown()))
    lines.append(phrases.weight(facts.bedside.dosing_weight_kg, facts.weight))
    return lines


def _course(facts: WardFacts) -> Block:
    """Each scale: its episodes, that there was none, or that nobody looked."""
    lines = []
    for scale, seen, worst in (
        (Scale.CRS, facts.bedside.crs, facts.worst[0]),
        (Scale.ICANS, facts.bedside.icans, facts.worst[1]),
    ):
        episodes = [phrases.episode(each) for each in facts.episodes if each.scale == scale]
        if seen is None:
            lines.append(phrases.line(scale.label, _("unknown, not assessed")))
        elif episodes:
            lines += episodes
        else:
            highest = phrases.grade(worst)
            if seen.at_least:
                highest = _("at least %(grade)s") % {"grade": highest}
            lines.append(phrases.line(scale.label, _("highest %(grade)s") % {"grade": highest}))
    lines.append(_hyperinflammation(facts))
    return lines


def _hyperinflammation(facts: WardFacts) -> str:
    review = facts.hyperinflammation
    if review is None:
        return phrases.line("IEC-HS", _("not considered"))
    told = [str(HyperinflammationDecision(review.decision).label)]
    if review.grade is not None:
        told.append(phrases.grade(review.grade))
    return phrases.line("IEC-HS", phrases.listed((*told, phrases.day(review.considered_at))))


def _laboratory(facts: WardFacts) -> Block:
    """The highest and lowest values of the stay that tell of inflammation and of the marrow."""
    lines = []
    for pattern, analytes, choose in (
        (_("Highest %(value)s on %(day)s"), _HIGHEST, max),
        (_("Lowest %(value)s on %(day)s"), _LOWEST, min),
    ):
        for analyte in analytes:
            values = facts.laboratory.get(analyte, ())
            if values:
                found: LabReading = choose(values, key=lambda each: each.value)
                told = {"value": phrases.laboratory(found), "day": phrases.day(found.at)}
                lines.append(pattern % told)
    if not lines:
        return [phrases.unknown()]
    return [*lines, *(_hematotoxicity(each) for each in running(facts.laboratory_facts))]


def _hematotoxicity(scale: Running) -> str:
    """`ICAHT: days 0–30 grade 2, days 31–100 unknown (a lower bound)`."""
    grades = phrases.listed(f"{label} {phrases.grade(value)}" for label, value in scale.grades)
    told = _("%(grades)s (a lower bound)") % {"grades": grades} if scale.at_least else grades
    return phrases.line(scale.title, told)


def _now(facts: WardFacts) -> Block:
    seen = facts.bedside
    lines = [
        phrases.grade_now("CRS", seen.crs, facts.worst[0]),
        phrases.grade_now("ICANS", seen.icans, facts.worst[1]),
        phrases.line(_("Weight"), phrases.weighed(facts.weight)),
    ]
    last = [(facts.laboratory[each][-1]) for each in _LAST if facts.laboratory.get(each)]
    for at in sorted({each.at for each in last}, reverse=True):
        values = [phrases.laboratory(each) for each in last if each.at == at]
        lines.append(
            _("Blood %(at)s: %(values)s") % {"at": phrases.moment(at), "values": phrases.listed(values)}
        )
    going_on = [phrases.given(each, at=facts.at) for each in phrases.running(seen)]
    lines.append(phrases.line(_("Going on"), "; ".join(going_on) or _("nothing recorded")))
    return lines


def _restrictions(facts: WardFacts) -> Block:
    lines = [
        _("%(what)s: until %(day)s") % {"what": _(each.rule.label), "day": phrases.day(each.last_on)}
        for each in facts.restrictions
    ]
    return lines or [phrases.unknown()]
