"""Holds a product against its specification with all that quality control has told: it goes on or not."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from cartpath.core.answers import Answer
from cartpath.core.dates import local_midnight
from cartpath.core.errors import Conflict, Invalid
from cartpath.protocols.rows import in_force
from manufacturing.inputs import BatchDetails, ReleaseTerms
from manufacturing.models import Batch, Order, QualityResult, SecondStage
from manufacturing.quality.words import SecondStageState
from manufacturing.rules.release import MEASURED, Parameter, Release, release
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.provenance import Record, computed

Results = Mapping[str, QualityResult]

NO_TERMS: Final = ReleaseTerms()
NO_BATCH: Final = BatchDetails()


def results_of(order: Order) -> dict[str, QualityResult]:
    """The latest result of each parameter, those entered in error left out."""
    rows = QualityResult.objects.filter(order=order, struck_at=None).order_by("recorded_at", "event_id")
    return {row.parameter: row for row in rows}


def details_of(batch: Batch | None) -> BatchDetails:
    """A batch as the rules take it; nothing is known of one that isn't there."""
    if batch is None:
        return NO_BATCH
    viability = batch.viability_percent
    return BatchDetails(
        lot=batch.lot,
        bags=batch.bags,
        car_positive_viable_cells=batch.car_positive_viable_cells,
        viability_percent=None if viability is None else float(viability),
        expires_on=batch.expires_on,
        certificate=batch.certificate,
    )


def measured_of(order: Order, batch: BatchDetails, results: Results) -> dict[str, float | None]:
    """The figures known of a product, by the names the rule reads them under.

    What a result of quality control says stands above what the batch's own figures say; cells per kilogram
    count by the weight at the order.
    """
    told = {name: row.value for name, row in results.items() if row.value is not None}
    weight, cells = order.weight_kg, batch.car_positive_viable_cells
    per_kg = cells / float(weight) if cells is not None and weight else None
    of_batch = {"viability_percent": batch.viability_percent, "cells_per_kg": per_kg}
    return of_batch | {MEASURED.get(name, name): value for name, value in told.items()}


def judged_on(journey: Journey, order: Order, batch: BatchDetails, results: Results, *, on: date) -> Release:
    """The specification in force on a day, parameter by parameter, with all that was told."""
    section = protocol_for(journey).manufacturing
    return release(
        in_force(section.release, on),
        measured_of(order, batch, results),
        in_force(section.release_findings, on),
        {name: row.finding or None for name, row in results.items()},
    )


def release_record(
    journey: Journey, batch: BatchDetails, *, order: Order, at: datetime
) -> tuple[Release, Record]:
    """What the specification says of a product, and the record of it that the ledger keeps."""
    protocol = protocol_for(journey)
    on = journey.center.local_day(at)
    section = protocol.manufacturing
    rows = (*in_force(section.release, on), *in_force(section.release_findings, on))
    results = results_of(order)
    judged = judged_on(journey, order, batch, results, on=on)
    asked = {MEASURED.get(row.id, row.id) for row in rows} | {"viability_percent"}
    inputs: dict[str, Any] = {
        name: value for name, value in measured_of(order, batch, results).items() if name in asked
    }
    inputs |= {name: row.finding for name, row in results.items() if row.finding}
    return judged, computed(
        "release_criteria",
        value=None if judged.verdict == "unknown" else judged.verdict,
        inputs=inputs,
        answer=Answer(
            name="release_criteria",
            result={"verdict": judged.verdict},
            source="; ".join(dict.fromkeys(protocol.cite(row) for row in rows)),
            explanation=list(judged.explanation),
            missing=list(judged.missing),
            flags=list(judged.flags),
        ),
        protocol=protocol,
        rows=rows,
    )


def refuse_unmet(judged: Release, terms: ReleaseTerms, *, taken_over: bool = False) -> None:
    """Refuse a release that the specification doesn't carry; one taken over may lack results.

    Raises `Conflict` `out_of_specification` when a parameter is missed, `results_missing` when one is unknown
    and not among what `terms` name; `Invalid` for terms that name something else or give no reason.
    """
    missed = judged.of("not_met")
    if missed:
        raise Conflict(
            "out_of_specification",
            _("Out of specification: %(names)s. Report it; a physician decides.") % {"names": _names(missed)},
        )
    unknown = {each.id: each for each in judged.of("unknown")}
    pending = {test.parameter for test in terms.pending}
    if pending - set(unknown):
        raise Invalid(
            "invalid_input",
            _("Not outstanding."),
            fields={"pending": _("Name only parameters whose result is unknown.")},
        )
    left = [each for name, each in unknown.items() if name not in pending]
    if left and not taken_over:
        raise Conflict(
            "results_missing",
            _("Unknown, so not met: %(names)s. Record the results, or release conditionally.")
            % {"names": _names(left)},
        )
    if pending and not terms.reason.strip():
        raise Invalid(
            "invalid_input",
            _("No reason."),
            fields={"reason": _("Say why the product goes on before its results are there.")},
        )


def _names(parameters: tuple[Parameter, ...] | list[Parameter]) -> str:
    return ", ".join(_(each.label).rstrip(".") for each in parameters)


def results_due_at(journey: Journey, terms: ReleaseTerms) -> datetime | None:
    """When the last result that is out should be there: the end of that day in the center; None if untold."""
    days = [test.expected_on for test in terms.pending if test.expected_on]
    return local_midnight(max(days) + timedelta(days=1), journey.center.zone) if days else None


def keep_second_stage(batch: Batch, terms: ReleaseTerms) -> SecondStage:
    """Keep what was still out when a product was released."""
    pending = [
        {"parameter": test.parameter, "expected_on": test.expected_on and test.expected_on.isoformat()}
        for test in terms.pending
    ]
    return SecondStage.objects.create(
        batch=batch,
        journey_id=batch.journey_id,
        center_id=batch.center_id,
        state=SecondStageState.OPEN,
        pending=pending,
        reason=terms.reason,
    )
