"""What the follow-up room keeps beside its verdicts: B-cell aplasia, how to read an IgG, proposals."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from cartpath.core.answers import Answer
from cartpath.protocols.apply import rows_by_id
from cartpath.protocols.rows import Row, figure
from cartpath.protocols.schema import Protocol
from followup.immune.b_cells import BCellFinding, b_cell_finding
from followup.immune.history import History
from followup.immune.inputs import SampleDetails
from followup.immune.samples import Sample, of_details, of_visit
from followup.inputs import VisitDetails
from followup.rules.immunoglobulin import IgGReading, read_igg
from followup.rules.lines import Line
from followup.rules.prophylaxis import StopProposal
from followup.rules.replacement import DoseReading, Replacement, replacement
from followup.rules.vaccines import ClassWindow
from patients.eligibility import protocol_for
from patients.models import Journey, Status
from patients.provenance import Record, computed

NATIVE: Final = "native"
REPLACED: Final = "replaced"

Facts = dict[str, Any]


def b_cell_record(journey: Journey, finding: BCellFinding) -> Record:
    """B-cell aplasia as it was judged from every sample so far."""
    protocol, course, rule = protocol_for(journey), finding.course, finding.rule
    rows: list[Row] = [rule.loss, rule.confirmation, rule.early_loss] if rule else []
    if rule and rule.recovery and course.recovered_on:
        rows.append(rule.recovery)
    days = ("since", "first_positive_on", "confirm_from", "confirm_until", "confirmed_on", "recovered_on")
    return computed(
        "b_cell_aplasia",
        value=course.state,
        inputs={
            "infused_on": finding.infused_on,
            "infused_again_on": finding.infused_again_on,
            "conditioning_on": finding.conditioning_on,
            "anti_b_cell_on": list(finding.anti_b_cell_on),
            "samples": [
                {"taken_on": sample.taken_on, "percent": sample.percent, "per_ul": sample.per_ul}
                for sample in finding.samples
            ],
        },
        answer=_answer(
            "b_cell_aplasia",
            protocol,
            rows,
            result={"state": course.state, "stage": course.stage, "is_early": course.is_early}
            | {name: _iso(getattr(course, name)) for name in days},
            explanation=course.explanation,
            missing=course.missing,
            flags=course.flags,
        ),
        protocol=protocol,
        rows=rows,
    )


def b_cell_records(journey: Journey, finding: BCellFinding) -> list[Record]:
    """The record of B-cell aplasia; nothing is computed for a product that doesn't act on B cells."""
    return [b_cell_record(journey, finding)] if finding.rule else []


def b_cell_facts(journey: Journey, *, another: VisitDetails | SampleDetails | None = None) -> Facts:
    """B-cell aplasia as it is judged now, with its record, for the data of an event.

    `b_cell_turn` names the state when this event changed it, `b_cell_alert` an early return of B cells that
    it brought to light: reminders are counted from them. `another` is what is about to be recorded.
    """
    finding = b_cell_finding(journey, another=another)
    before = Status.objects.filter(journey=journey).values_list("b_cell_aplasia", flat=True).first()
    facts: Facts = {"b_cell_aplasia": finding.state}
    if finding.state is not None and finding.state != before:
        facts["b_cell_turn"] = finding.state
        if finding.is_alarming:
            facts["b_cell_alert"] = "early_loss"
    return facts | {"computed": b_cell_records(journey, finding)}


def sample_facts(journey: Journey, found: VisitDetails | SampleDetails, *, is_stored: bool = False) -> Facts:
    """Everything that is judged from a visit or a sample, for the data of its event.

    `igg_level` says whether its IgG asks for another one soon. `is_stored` when its row is written already.
    """
    facts = b_cell_facts(journey, another=None if is_stored else found)
    sample = of_visit(found) if isinstance(found, VisitDetails) else of_details(found)
    if sample.igg_mg_dl is None:
        return facts
    history = History(journey)
    reading = igg_reading(journey, sample, history)
    facts["igg_level"] = "low" if reading.is_low else "enough"
    facts["computed"] = [
        *facts["computed"],
        _igg_record(journey, sample, reading, history),
        replacement_record(journey, sample, history),
    ]
    return facts


def igg_reading(journey: Journey, sample: Sample, history: History) -> IgGReading:
    """How to read the IgG of a sample, with whatever immunoglobulin is on record."""
    return read_igg(
        protocol_for(journey).follow_up.immunoglobulin,
        igg_mg_dl=sample.igg_mg_dl,
        sampled_on=sample.taken_on,
        last_immunoglobulin_on=_last_immunoglobulin(sample, history),
        ever_replaced=_ever_replaced(sample, history),
    )


def _last_immunoglobulin(sample: Sample, history: History) -> date | None:
    """The latest day up to the sample, as told with it or as recorded.

    A recorded day shows that an IgG soon after isn't the child's own. That nothing was given since is only
    known when it was told with the sample or the list was confirmed complete by then; None otherwise.
    """
    recorded = history.last_immunoglobulin_on(sample.taken_on)
    told = sample.last_immunoglobulin_on
    last = max((day for day in (told, recorded) if day is not None and day <= sample.taken_on), default=None)
    if last is None or told is not None or sample.list_complete:
        return last
    rules = protocol_for(history.journey).follow_up.immunoglobulin
    is_soon = (sample.taken_on - last).days <= figure(rules, "native_after_days").value
    is_complete = history.complete_on is not None and history.complete_on >= sample.taken_on
    return last if is_soon or is_complete else None


def _ever_replaced(sample: Sample, history: History) -> bool | None:
    told = sample.ever_replaced
    return history.ever_replaced(sample.taken_on) if told is None else told


def _igg_record(journey: Journey, sample: Sample, reading: IgGReading, history: History) -> Record:
    protocol = protocol_for(journey)
    rules = protocol.follow_up.immunoglobulin
    rows = [figure(rules, "native_after_days"), figure(rules, "replace_up_to_mg_dl")]
    return computed(
        "immunoglobulin",
        value=None if reading.is_native is None else NATIVE if reading.is_native else REPLACED,
        inputs={
            "igg_mg_dl": sample.igg_mg_dl,
            "sampled_on": sample.taken_on,
            "last_immunoglobulin_on": _last_immunoglobulin(sample, history),
            "ever_replaced": _ever_replaced(sample, history),
        },
        answer=_answer(
            "immunoglobulin",
            protocol,
            rows,
            result={"is_native": reading.is_native, "is_low": reading.is_low},
            explanation=reading.explanation,
            missing=reading.missing,
            flags=reading.flags,
        ),
        protocol=protocol,
        rows=rows,
    )


def replacement_of(journey: Journey, sample: Sample, history: History) -> Replacement:
    """Whether a sample's IgG asks for replacing it."""
    follow_up = protocol_for(journey).follow_up
    facts = history.replacement_facts(sample)
    return replacement(follow_up.immune, follow_up.immunoglobulin, facts, on=sample.taken_on)


def replacement_record(journey: Journey, sample: Sample, history: History) -> Record:
    """The proposal to replace immunoglobulin, or not to, with every rule it was held against."""
    found = replacement_of(journey, sample, history)
    facts = history.replacement_facts(sample)
    return _lines_record(
        journey,
        "immunoglobulin_replacement",
        value=found.proposal,
        inputs={
            "igg_mg_dl": sample.igg_mg_dl,
            "iga_mg_dl": sample.iga_mg_dl,
            "igm_mg_dl": sample.igm_mg_dl,
            "sampled_on": sample.taken_on,
            "birth_date": facts.birth,
            "infections": [
                {"began_on": each.began_on, "is_serious": each.is_serious} for each in facts.infections
            ],
            "infections_complete": facts.infections_complete,
            "vaccine_response_impaired": facts.vaccine_response_impaired,
        },
        lines=found.lines,
        missing=found.missing,
        flags=found.flags,
    )


def dose_record(journey: Journey, reading: DoseReading, *, inputs: Mapping[str, object]) -> Record:
    """A dose of immunoglobulin per kilogram, beside the usual one."""
    protocol = protocol_for(journey)
    rows = [rows_by_id(protocol)[reading.row]] if reading.row else []
    return computed(
        "immunoglobulin_dose",
        value=reading.g_per_kg,
        unit="g/kg",
        inputs=inputs,
        answer=_answer(
            "immunoglobulin_dose",
            protocol,
            rows,
            result={"g_per_kg": reading.g_per_kg, "is_usual": reading.is_usual},
            explanation=reading.explanation,
            missing=reading.missing,
            flags=reading.flags,
        ),
        protocol=protocol,
        rows=rows,
    )


def stop_record(journey: Journey, found: StopProposal, *, inputs: Mapping[str, object]) -> Record:
    """Whether a prophylaxis could end on the day it did, by the rule of its group."""
    return _lines_record(
        journey,
        "prophylaxis_stop",
        value=found.verdict,
        inputs=inputs,
        lines=found.lines,
        missing=found.missing,
        flags=found.flags,
        more={"from_on": _iso(found.from_on)},
    )


def vaccine_record(journey: Journey, found: ClassWindow, *, inputs: Mapping[str, object]) -> Record:
    """What the conditions said of a vaccine on the day it was given."""
    return _lines_record(
        journey,
        "vaccine_window",
        value=found.window,
        inputs=inputs,
        lines=found.lines,
        missing=found.missing,
        flags=found.flags,
        more={"from_on": _iso(found.from_on)},
    )


def _lines_record(
    journey: Journey,
    rule: str,
    *,
    value: str,
    inputs: Mapping[str, object],
    lines: Sequence[Line],
    missing: Iterable[str],
    flags: Iterable[str],
    more: Mapping[str, object] | None = None,
) -> Record:
    protocol = protocol_for(journey)
    known = rows_by_id(protocol)
    rows = [known[row_id] for row_id in dict.fromkeys(line.row for line in lines)]
    return computed(
        rule,
        value=value,
        inputs=inputs,
        answer=_answer(
            rule,
            protocol,
            rows,
            result={"verdict": value, "lines": {line.row: line.verdict for line in lines}, **(more or {})},
            explanation=[line.said for line in lines],
            missing=missing,
            flags=flags,
        ),
        protocol=protocol,
        rows=rows,
    )


def _answer(
    name: str,
    protocol: Protocol,
    rows: Iterable[Row],
    *,
    result: dict[str, object],
    explanation: Iterable[str],
    missing: Iterable[str],
    flags: Iterable[str],
) -> Answer:
    return Answer(
        name=name,
        result=result,
        source="; ".join(dict.fromkeys(protocol.cite(row) for row in rows)),
        explanation=list(explanation),
        missing=list(missing),
        flags=list(flags),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
