"""What the follow-up room keeps beside its verdicts: B-cell aplasia, and how to read an IgG."""

from datetime import date
from typing import Final

from cartpath.core.answers import Answer
from cartpath.protocols.rows import Row, figure
from followup.inputs import VisitDetails
from followup.rules.immunoglobulin import read_igg
from followup.selectors import BCellFinding
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.provenance import Record, computed

NATIVE: Final = "native"
REPLACED: Final = "replaced"


def b_cell_record(journey: Journey, finding: BCellFinding) -> Record:
    """B-cell aplasia as it was judged from every sample so far."""
    protocol, course, rule = protocol_for(journey), finding.course, finding.rule
    rows: list[Row] = [rule.loss, rule.confirmation, rule.early_loss] if rule else []
    days = ("since", "first_positive_on", "confirm_from", "confirm_until")
    return computed(
        "b_cell_aplasia",
        value=course.state,
        inputs={
            "infused_on": finding.infused_on,
            "transplants": [finding.transplanted_on] if finding.transplanted_on else [],
            "samples": [
                {"taken_on": sample.taken_on, "percent": sample.percent, "per_ul": sample.per_ul}
                for sample in finding.samples
            ],
        },
        answer=Answer(
            name="b_cell_aplasia",
            result={"state": course.state, "is_early": course.is_early}
            | {name: _iso(getattr(course, name)) for name in days},
            source="; ".join(dict.fromkeys(protocol.cite(row) for row in rows)),
            explanation=list(course.explanation),
            missing=list(course.missing),
            flags=list(course.flags),
        ),
        protocol=protocol,
        rows=rows,
    )


def b_cell_records(journey: Journey, finding: BCellFinding) -> list[Record]:
    """The record of B-cell aplasia; nothing is computed for a product that doesn't act on B cells."""
    return [b_cell_record(journey, finding)] if finding.rule else []


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def immunoglobulin_records(journey: Journey, visit: VisitDetails) -> list[Record]:
    """Whether an IgG is the child's own, and whether it is low; nothing for a visit without an IgG."""
    if visit.igg_mg_dl is None:
        return []
    protocol = protocol_for(journey)
    rules = protocol.follow_up.immunoglobulin
    reading = read_igg(
        rules,
        igg_mg_dl=visit.igg_mg_dl,
        sampled_on=visit.visited_on,
        last_immunoglobulin_on=visit.last_immunoglobulin_on,
        ever_replaced=None,
    )
    rows = [figure(rules, "native_after_days"), figure(rules, "replace_up_to_mg_dl")]
    return [
        computed(
            "immunoglobulin",
            value=None if reading.is_native is None else NATIVE if reading.is_native else REPLACED,
            inputs={
                "igg_mg_dl": visit.igg_mg_dl,
                "sampled_on": visit.visited_on,
                "last_immunoglobulin_on": visit.last_immunoglobulin_on,
            },
            answer=Answer(
                name="immunoglobulin",
                result={"is_native": reading.is_native, "is_low": reading.is_low},
                source="; ".join(dict.fromkeys(protocol.cite(row) for row in rows)),
                explanation=list(reading.explanation),
                missing=list(reading.missing),
                flags=list(reading.flags),
            ),
            protocol=protocol,
            rows=rows,
        )
    ]
