"""The text of letters, in the language of the letter: paragraphs of plain lines, a heading ends with a colon.

What isn't known stays the word *unknown*: a letter never makes a child healthier than the record.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from django.utils import formats, translation
from django.utils.translation import gettext as _

from followup.enums import BCellState, MrdMethod, MrdResult, Response
from followup.growing.enums import LetterKind
from followup.growing.facts import LetterFacts
from followup.growing.plain import CALL_AT_ONCE
from patients.models import HomeHospital

Block = list[str]


def letter_text(facts: LetterFacts, *, kind: str, language: str) -> str:
    """The text of a letter as the facts stand; blocks are parted by an empty line."""
    with translation.override(language):
        blocks = _KINDS[LetterKind(kind)](facts)
        return "\n\n".join("\n".join(block) for block in blocks if block)


def _shared_care(facts: LetterFacts) -> Iterable[Block]:
    yield [_subject(_("Shared care"), facts)]
    yield [_("Dear colleague,")]
    yield [_("thank you for caring for this child together with us. This is where things stand today.")]
    yield _treatment(facts)
    yield _state(facts)
    yield _drugs(facts)
    yield _asked(facts.hospital)
    yield _vaccines()
    yield _alarm(facts)
    yield _coming(facts)
    yield _goodbye(facts)


def _hand_over(facts: LetterFacts) -> Iterable[Block]:
    yield [_subject(_("Hand-over to adult care"), facts)]
    yield [_("Dear colleague,")]
    yield [_("thank you for taking over the care of this patient. This is where things stand today.")]
    yield _treatment(facts)
    yield _state(facts)
    yield _drugs(facts)
    yield _vaccines()
    yield [_heading(_("Safety follow-up")), *_safety(facts)]
    yield _coming(facts)
    yield _goodbye(facts)


def _family(facts: LetterFacts) -> Iterable[Block]:
    yield [_("Summary for the family of %(name)s") % {"name": facts.name}]
    yield [
        _("Treatment with %(product)s on %(day)s.")
        % {"product": facts.product, "day": _day(facts.infused_on)},
        _("Last result of the disease check: %(response)s.") % {"response": _response(facts)},
    ]
    yield _drugs(facts)
    if facts.restrictions:
        yield [
            _heading(_("Please keep to this")),
            *(
                _("%(what)s: until %(day)s") % {"what": _(each.rule.label), "day": _day(each.last_on)}
                for each in facts.restrictions
            ),
        ]
    yield _vaccines()
    yield _alarm(facts)
    yield _coming(facts)
    yield _call(facts)


def _school(facts: LetterFacts) -> Iterable[Block]:
    """A school learns what protects the child, not what the child has."""
    yield [_("For the school of %(name)s") % {"name": facts.name}]
    yield [
        _("After a treatment in our hospital, this child's defense against infections is weak."),
        _("The child may go to school unless we or the family say otherwise."),
    ]
    yield [
        _heading(_("Please tell the family on the same day")),
        _("Chickenpox, measles, whooping cough or flu in the class"),
        _("Fever, a fall on the head, or unusual sleepiness of the child"),
    ]
    yield [_("Absences for visits at the hospital are excused.")]
    yield _call(facts)


_KINDS: Final[dict[LetterKind, Callable[[LetterFacts], Iterable[Block]]]] = {
    LetterKind.SHARED_CARE: _shared_care,
    LetterKind.HAND_OVER: _hand_over,
    LetterKind.FAMILY_SUMMARY: _family,
    LetterKind.SCHOOL: _school,
}


def _subject(title: str, facts: LetterFacts) -> str:
    return _("%(title)s: %(name)s, born %(birth)s, MRN %(mrn)s") % {
        "title": title,
        "name": facts.name,
        "birth": _day(facts.birth_date),
        "mrn": facts.mrn,
    }


def _treatment(facts: LetterFacts) -> Block:
    lines = [
        _line(_("Product"), facts.product),
        _line(_("Infusion"), _day(facts.infused_on)),
        _line(_("Worst cytokine release syndrome"), _grade(facts.crs_worst)),
        _line(_("Worst neurotoxicity (ICANS)"), _grade(facts.icans_worst)),
    ]
    if facts.transplanted_on:
        lines.append(_line(_("Stem-cell transplant"), _day(facts.transplanted_on)))
    if facts.relapsed_on:
        lines.append(_line(_("Relapse"), _day(facts.relapsed_on)))
    return [_heading(_("Treatment")), *lines]


def _state(facts: LetterFacts) -> Block:
    lines = [_line(_("Last response"), _response(facts)), _line(_("Residual disease"), _mrd(facts))]
    if facts.acts_on_b_cells:
        state = BCellState(facts.b_cells).label if facts.b_cells in BCellState.values else None
        lines.append(_line(_("B-cell aplasia"), _word(state)))
    return [_heading(_("State")), *lines, _line("IgG", _igg(facts))]


def _response(facts: LetterFacts) -> str:
    if facts.response is None:
        return _unknown()
    label = Response(facts.response).label if facts.response in Response.values else facts.response
    return _("%(what)s on %(day)s") % {"what": label, "day": _day(facts.response_on)}


def _mrd(facts: LetterFacts) -> str:
    if facts.mrd is None:
        return _unknown()
    told = {
        "result": str(MrdResult(facts.mrd.result).label).lower(),
        "method": MrdMethod(facts.mrd.method).label,
        "day": _day(facts.mrd.on),
    }
    return _("%(result)s (%(method)s) on %(day)s") % told


def _igg(facts: LetterFacts) -> str:
    if facts.igg is None:
        return _unknown()
    own = {
        True: _("the child's own"),
        False: _("replaced, not the child's own"),
        None: _("unknown whether the child's own"),
    }
    told = {
        "value": _number(facts.igg.mg_dl),
        "day": _day(facts.igg.on),
        "own": own[facts.igg.reading.is_native],
    }
    return _("%(value)s mg/dL on %(day)s, %(own)s") % told


def _drugs(facts: LetterFacts) -> Block:
    if facts.drugs is None:
        return [_heading(_("Drugs now")), _unknown()]
    lines = [
        _("%(drug)s (%(purpose)s)")
        % {"drug": course.drug, "purpose": str(course.get_group_display()).lower()}
        for course in facts.drugs
    ]
    return [_heading(_("Drugs now")), *(lines or [_("none")])]


def _asked(hospital: HomeHospital | None) -> Block:
    if hospital is None:
        return [_heading(_("What we ask you to do")), _unknown()]
    lines = [
        *(
            [_("Take the blood tests we ask for and send us the results")]
            if hospital.does_blood_tests
            else []
        ),
        *([_("Give immunoglobulin and tell us day and dose")] if hospital.gives_immunoglobulin else []),
        *([_("Give the vaccines we agree on")] if hospital.gives_vaccines else []),
        *([hospital.other_tasks] if hospital.other_tasks else []),
    ]
    return [_heading(_("What we ask you to do")), *(lines or [_("nothing agreed yet")])]


def _vaccines() -> Block:
    return [_heading(_("Live vaccines")), _("Only after asking us.")]


def _alarm(facts: LetterFacts) -> Block:
    return [_heading(_("Call us at once for")), *(str(each) for each in CALL_AT_ONCE)]


def _safety(facts: LetterFacts) -> Block:
    if facts.safety_is_theirs:
        return [_("You have confirmed that you keep the 15-year safety follow-up.")]
    return [
        _("The 15-year safety follow-up stays with us until you confirm in writing that you keep it."),
        _("Please report any new cancer to us and to the maker at once, for life."),
    ]


def _coming(facts: LetterFacts) -> Block:
    lines = [
        _("%(visit)s: %(first)s to %(last)s")
        % {"visit": _(each.label), "first": _day(each.first_on), "last": _day(each.last_on)}
        for each in facts.coming
    ]
    return [_heading(_("Next visits with us")), *(lines or [_("none planned")])]


def _call(facts: LetterFacts) -> Block:
    return [_heading(_("Whom to call")), facts.center, facts.phone or _unknown()]


def _goodbye(facts: LetterFacts) -> Block:
    return [*_call(facts), "", _("With kind regards")]


def _heading(text: str) -> str:
    return f"{text}:"


def _line(label: str, value: str) -> str:
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def _grade(value: int | None) -> str:
    return _unknown() if value is None else _("grade %(grade)d") % {"grade": value}


def _day(day: date | None) -> str:
    return formats.date_format(day, "DATE_FORMAT") if day else _unknown()


def _number(value: float) -> str:
    """No more digits than anybody measures, none behind the mark of a whole number."""
    return formats.number_format(int(value) if value.is_integer() else round(value, 1))


def _word(value: object) -> str:
    return str(value) if value else _unknown()


def _unknown() -> str:
    return _("unknown")
