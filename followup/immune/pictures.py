"""The page about the immune system: every verdict with its reasons, every list with its empty state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cartpath.protocols.apply import rows_by_id
from cartpath.protocols.immune_rows import VaccineRow
from cartpath.protocols.rows import figure, in_force
from cartpath.protocols.schema import Protocol
from followup.immune.b_cells import BCellFinding, b_cell_finding
from followup.immune.enums import PROPHYLAXIS, BCellStage, DrugPurpose, VaccineKind, VaccineWindow
from followup.immune.history import History
from followup.immune.proposals import CLASSES, stop_of, window_of
from followup.immune.samples import Sample
from followup.immune.strip import Strip, strip_of
from followup.immune.words import PROPOSALS, flag_sentences, missing_words
from followup.models import Course, Immunoglobulin, Vaccination
from followup.records import igg_reading, replacement_of
from followup.rules.immunoglobulin import IgGReading
from followup.rules.lines import Line
from followup.rules.prophylaxis import StopProposal
from followup.rules.vaccines import ClassWindow
from patients.eligibility import protocol_for
from patients.models import Journey

_STAGE_TONES: Final = {
    BCellStage.ONGOING: "good",
    BCellStage.SUSPECTED_LOSS: "soon",
    BCellStage.LOST: "harm",
    BCellStage.RECOVERED: "harm",
    BCellStage.NOT_APPLICABLE: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a proposal is what it is; fits the *Why?* component. `flags` are sentences to be noted."""

    explanation: Sequence[str]
    missing: Sequence[str]
    source: str
    flags: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BCellPicture:
    """B-cell aplasia: its stage, the drawn course, and an alarm."""

    finding: BCellFinding
    label: str
    tone: str
    strip: Strip | None
    why: Why

    @property
    def is_suspected(self) -> bool:
        """Whether a second sample is waited for."""
        return self.finding.course.state == "suspected_loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLine:
    """One sample in the table; `igg` says how to read its IgG, None when none was measured."""

    sample: Sample
    visit: str
    igg: IgGReading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One line of a proposal with its verdict; `holds_from` only while it isn't met."""

    said: str
    verdict: str
    holds_from: date | None
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IgPicture:
    """Immunoglobulin: the latest IgG, whether to replace it, and the doses given."""

    latest: SampleLine | None
    proposal: str
    tone: str
    conditions: Sequence[Condition]
    why: Why | None
    doses: Sequence[Immunoglobulin]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPicture:
    """One group of prophylaxis: what is given, and whether it may end."""

    label: str
    running: Sequence[Course]
    found: StopProposal
    conditions: Sequence[Condition]
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class VaccineLine:
    """One vaccine: the doses since the infusion or transplant, and what the rules say of the next."""

    row: VaccineRow
    given: Sequence[Vaccination]
    earlier: Sequence[Vaccination]
    window: ClassWindow

    @property
    def left(self) -> int:
        """How many doses of a new course are left."""
        return max(0, self.row.doses - len(self.given))

    @property
    def is_complete(self) -> bool:
        """Whether every dose of the course was given."""
        return self.left == 0

    @property
    def is_open(self) -> bool:
        """Whether another dose may come: influenza and COVID-19 come back every season."""
        return not self.is_complete or self.row.vaccine_class == "seasonal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPicture:
    """Vaccines of one class: the conditions they share, and each vaccine."""

    title: str
    window: ClassWindow
    label: str
    conditions: Sequence[Condition]
    why: Why
    vaccines: Sequence[VaccineLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImmunePicture:
    """Everything on the page."""

    b_cells: BCellPicture
    samples: Sequence[SampleLine]
    immunoglobulin: IgPicture
    stops: Sequence[StopPicture]
    other_drugs: Sequence[Course]
    ended_drugs: Sequence[Course]
    classes: Sequence[ClassPicture]
    counted_from: date | None
    complete_on: date | None
    overridden: Sequence[Vaccination]


def immune_picture(journey: Journey, *, on: date) -> ImmunePicture:
    """The page of an infused child on a day."""
    history = History(journey)
    facts = history.vaccine_facts(on)
    running = [row for row in history.courses if row.stopped_on is None]
    given = _vaccinations(journey)
    return ImmunePicture(
        b_cells=b_cell_picture(journey, history, on=on),
        samples=[
            _sample_line(journey, each, history) for each in reversed(history.samples) if _is_worth(each)
        ],
        immunoglobulin=_immunoglobulin(journey, history),
        stops=_stops(journey, history, running, on),
        other_drugs=[row for row in running if row.group not in PROPHYLAXIS],
        ended_drugs=[row for row in history.courses if row.stopped_on is not None],
        classes=_classes(journey, history, given, on),
        counted_from=facts.counted_from if facts else None,
        complete_on=history.complete_on,
        overridden=[row for row in given if row.override_reason],
    )


def b_cell_picture(journey: Journey, history: History, *, on: date) -> BCellPicture:
    """B-cell aplasia on a day."""
    finding = b_cell_finding(journey, history=history)
    course, rule = finding.course, finding.rule
    stage = BCellStage(course.stage) if course.stage else None
    strip = None
    if rule is not None and finding.infused_on is not None:
        strip = strip_of(course, finding.samples, rule, infused_on=finding.infused_on, today=on)
    protocol = protocol_for(journey)
    rows = [rule.loss, rule.confirmation, rule.early_loss] if rule else []
    return BCellPicture(
        finding=finding,
        label=str(stage.label) if stage else "",
        tone=_STAGE_TONES[stage] if stage else "",
        strip=strip,
        why=Why(
            explanation=course.explanation,
            missing=missing_words(course.missing),
            source="; ".join(dict.fromkeys(protocol.cite(row) for row in rows)),
            flags=flag_sentences(course.flags),
        ),
    )


def _is_worth(sample: Sample) -> bool:
    return sample.is_measured or sample.list_complete


def _sample_line(journey: Journey, sample: Sample, history: History) -> SampleLine:
    item = protocol_for(journey).item(sample.visit) if sample.visit else None
    reading = igg_reading(journey, sample, history) if sample.igg_mg_dl is not None else None
    return SampleLine(sample=sample, visit=item.label if item else "", igg=reading)


def _immunoglobulin(journey: Journey, history: History) -> IgPicture:
    protocol = protocol_for(journey)
    with_igg = [each for each in history.samples if each.igg_mg_dl is not None]
    if not with_igg:
        return IgPicture(latest=None, proposal="", tone="", conditions=(), why=None, doses=history.doses)
    latest = with_igg[-1]
    line = _sample_line(journey, latest, history)
    found = replacement_of(journey, latest, history)
    flags = (*(line.igg.flags if line.igg and line.igg.is_low else ()), *found.flags)
    limit = figure(protocol.follow_up.immunoglobulin, "native_after_days")
    return IgPicture(
        latest=line,
        proposal=str(PROPOSALS[found.proposal]),
        tone={"consider": "soon", "not_needed": "good"}.get(found.proposal, ""),
        conditions=_conditions(found.lines),
        why=Why(
            explanation=(*(line.igg.explanation if line.igg else ()), *(each.said for each in found.lines)),
            missing=missing_words((*(line.igg.missing if line.igg else ()), *found.missing)),
            source="; ".join(dict.fromkeys([protocol.cite(limit), *_sources(protocol, found.lines)])),
            flags=flag_sentences(flag for flag in dict.fromkeys(flags) if flag != "consider_replacement"),
        ),
        doses=history.doses,
    )


def _stops(journey: Journey, history: History, running: Sequence[Course], on: date) -> list[StopPicture]:
    """The groups that are given now, each with what its rule says."""
    found = []
    for group in PROPHYLAXIS:
        given = [row for row in running if row.group == group]
        proposal = stop_of(journey, group, history, on=on) if given else None
        if proposal is not None:
            found.append(
                StopPicture(
                    label=str(DrugPurpose(group).label),
                    running=given,
                    found=proposal,
                    conditions=_conditions(proposal.lines),
                    why=_why(protocol_for(journey), proposal.lines, proposal.missing, proposal.flags),
                )
            )
    return found


def _classes(
    journey: Journey, history: History, given: Sequence[Vaccination], on: date
) -> list[ClassPicture]:
    protocol = protocol_for(journey)
    rows = in_force(protocol.follow_up.immune.vaccines, on)
    facts = history.vaccine_facts(on)
    pictures = []
    for vaccine_class in CLASSES:
        vaccines = [row for row in rows if row.vaccine_class == vaccine_class]
        if not vaccines or facts is None:
            continue
        window = window_of(journey, vaccine_class, history, on=on)
        pictures.append(
            ClassPicture(
                title=str(VaccineKind(vaccine_class).label),
                window=window,
                label=str(VaccineWindow(window.window).label),
                conditions=_conditions(window.lines),
                why=_why(protocol, window.lines, window.missing, window.flags),
                vaccines=[_vaccine_line(row, given, window, facts.counted_from) for row in vaccines],
            )
        )
    return pictures


def _vaccine_line(
    row: VaccineRow, given: Sequence[Vaccination], window: ClassWindow, since: date
) -> VaccineLine:
    """What was given before a transplant has gone with it: it doesn't count towards the new course."""
    own = [each for each in given if each.vaccine == row.vaccine]
    return VaccineLine(
        row=row,
        given=[each for each in own if each.given_on >= since],
        earlier=[each for each in own if each.given_on < since],
        window=window,
    )


def _vaccinations(journey: Journey) -> list[Vaccination]:
    rows = Vaccination.objects.filter(journey__patient_id=journey.patient_id, struck_at=None)
    return list(rows.order_by("given_on", "vaccine"))


def _conditions(lines: Iterable[Line]) -> list[Condition]:
    return [
        Condition(
            said=line.said,
            verdict=line.verdict,
            holds_from=line.holds_from if line.verdict == "not_met" else None,
            row=line.row,
        )
        for line in lines
    ]


def _why(protocol: Protocol, lines: Sequence[Line], missing: Iterable[str], flags: Iterable[str]) -> Why:
    return Why(
        explanation=[line.said for line in lines],
        missing=missing_words(missing),
        source="; ".join(_sources(protocol, lines)),
        flags=flag_sentences(flags),
    )


def _sources(protocol: Protocol, lines: Iterable[Line]) -> list[str]:
    known = rows_by_id(protocol)
    return list(dict.fromkeys(protocol.cite(known[line.row]) for line in lines))
