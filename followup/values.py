"""What a visit found, between the input, the table's columns and the ledger."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from pydantic import TypeAdapter, ValidationError

from cartpath.core.errors import Invalid
from cartpath.core.said import said_text
from cartpath.core.sentences import Sentence
from cartpath.ledger.chain import canonical
from followup.findings import OTHER
from followup.inputs import COLUMNS, Findings, FoundAtVisit, VisitDetails
from followup.models import Visit
from followup.rules.findings import contradictions, performance_scale
from followup.rules.growth import Height, growth_answer, growth_velocity
from patients.models import Journey, Measurement
from patients.provenance import Record, computed

_FINDINGS: Final = TypeAdapter(Findings)
_NAMES: Final = frozenset(each.name for each in fields(Findings))
# Columns that hold an empty text while unknown.
TEXTS: Final = ("response", "mrd_result", "mrd_method")


def columns_of(found: FoundAtVisit) -> dict[str, Any]:
    """What was found, as the columns of a visit hold it."""
    plain = {name: getattr(found, name) for name in COLUMNS}
    return (
        plain | {name: plain[name] or "" for name in TEXTS} | {"findings": canonical(found.findings.known())}
    )


def facts_of(found: FoundAtVisit) -> dict[str, Any]:
    """What was found, as the ledger holds it: of the further findings only those that are known."""
    told = {each.name: getattr(found, each.name) for each in fields(found) if each.name != "findings"}
    known = found.findings.known()
    return told | ({"findings": known} if known else {})


def known_of(visit: Visit) -> dict[str, Any]:
    """Every finding that is known of a recorded visit, by name; days as dates."""
    told = {name: getattr(visit, name) for name in COLUMNS}
    known = {name: value for name, value in told.items() if value is not None and value != ""}
    return known | _FINDINGS.validate_json(json.dumps(visit.findings)).known()


def details_of(visit: Visit) -> VisitDetails:
    """A recorded visit as it would be recorded now, with everything that was added."""
    known = known_of(visit)
    return VisitDetails(
        item=visit.item,
        visited_on=visit.visited_on,
        note=visit.note,
        findings=Findings(**{name: known[name] for name in known.keys() & _NAMES}),
        **{name: known[name] for name in COLUMNS if name in known},
    )


def merged(visit: Visit, added: FoundAtVisit) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    """What adding would fill, and where it would contradict: the earlier and the new value by name.

    The same value again is neither. Findings in words are told apart by their examination.
    """
    before, now = known_of(visit), added.known()
    kept_words, new_words = before.pop(OTHER, {}), now.pop(OTHER, {})
    before |= {f"{OTHER}.{name}": text for name, text in kept_words.items()}
    now |= {f"{OTHER}.{name}": text for name, text in new_words.items()}
    filled = {name: value for name, value in now.items() if name not in before}
    conflicts = {
        name: (before[name], value) for name, value in now.items() if before.get(name, value) != value
    }
    return filled, conflicts


def refuse_malformed(found: FoundAtVisit) -> None:
    """Raise `Invalid` where a further finding is out of its range or of the wrong type."""
    try:
        _FINDINGS.validate_json(json.dumps(canonical(found.findings.known())))
    except ValidationError as error:
        wrong = {".".join(str(part) for part in each["loc"]): each["msg"] for each in error.errors()}
        raise Invalid("invalid_input", _("The findings are not possible."), fields=wrong) from error


def problems(journey: Journey, found: Mapping[str, Any], on: date) -> dict[str, str]:
    """Why findings can't be true together or of this child, by field, in the reader's language."""
    wrong = {name: said(sentence) for name, sentence in contradictions(found, on).items()}
    scale, birth = found.get("performance_scale"), journey.patient.birth_date
    if (scale is None) != (found.get("performance_score") is None):
        wrong["performance_score"] = _("A performance score goes with its scale.")
    if scale and on >= birth and scale != performance_scale(birth, on):
        wrong["performance_score"] = _("Lansky counts below 16 years, Karnofsky from 16.")
    if journey.patient.sex == "male" and (found.get("menarche") is not None or found.get("pregnancy_test")):
        wrong["menarche" if found.get("menarche") is not None else "pregnancy_test"] = _("Not of a boy.")
    return wrong


def said(sentence: str) -> str:
    """A rule's sentence in the reader's language."""
    return said_text(sentence) if isinstance(sentence, Sentence) else sentence


def heights(journey: Journey, *, until: date) -> list[Height]:
    """The child's heights by day in the center's zone, in order of time, up to and including a day."""
    zone = journey.center.zone
    rows = Measurement.objects.filter(patient_id=journey.patient_id, height_cm__isnull=False)
    told = [
        Height(row.measured_at.astimezone(zone).date(), float(row.height_cm))
        for row in rows.order_by("measured_at")
        if row.height_cm is not None
    ]
    return [height for height in told if height.measured_on <= until]


def growth_records(journey: Journey, on: date) -> list[Record]:
    """Growth velocity up to the height of a day, as a record; nothing for a day without a height."""
    growth = growth_velocity(heights(journey, until=on), on)
    if growth.now is None:
        return []
    answer = growth_answer(growth)
    inputs = {
        "height_cm": growth.now.cm,
        "measured_on": growth.now.measured_on,
        "earlier_height_cm": growth.before.cm if growth.before else None,
        "earlier_measured_on": growth.before.measured_on if growth.before else None,
    }
    value = answer.result["cm_per_year"]
    return [computed("growth_velocity", value=value, unit="cm/year", inputs=inputs, answer=answer)]


def measurement_of(journey: Journey, day: date) -> Measurement | None:
    """The last weight and height measured on a day, if any."""
    zone = journey.center.zone
    start = datetime.combine(day, datetime.min.time(), tzinfo=zone)
    rows = Measurement.objects.filter(patient_id=journey.patient_id, measured_at__gte=start)
    on_the_day = [
        row for row in rows.order_by("measured_at") if row.measured_at.astimezone(zone).date() == day
    ]
    return on_the_day[-1] if on_the_day else None
