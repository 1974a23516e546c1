"""Between what a person entered and the rows it is kept in."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any, Final, TypedDict

from cartpath.ledger.chain import canonical
from toxicity.grading.capd import CapdAnswer, score_capd
from toxicity.grading.crs import OxygenDevice
from toxicity.grading.icans import Consciousness, RaisedIcp, Seizure
from toxicity.grading.ice import Ice, ice_range
from toxicity.models import Observation
from toxicity.observations.catalog import (
    CATALOG,
    Handwriting,
    NotTakenReason,
    ObservationCode,
    TemperatureSite,
)
from toxicity.observations.inputs import NotTaken, ObservationEntry

YES: Final = "yes"
NO: Final = "no"

_C = ObservationCode
_WORDS: Final[Mapping[str, Any]] = {
    _C.OXYGEN_DEVICE: OxygenDevice,
    _C.CONSCIOUSNESS: Consciousness,
    _C.SEIZURE: Seizure,
    _C.RAISED_ICP: RaisedIcp,
    _C.HANDWRITING: Handwriting,
}


class Kept(TypedDict):
    """The columns of a row that hold what was observed."""

    value: Decimal | None
    word: str
    parts: Any


def kept(code: ObservationCode, observed: Any) -> Kept:
    """How one observation is kept. A total is made of its parts, and unknown while one of them is."""
    if code is _C.ICE:
        lowest, highest = ice_range(observed)
        return Kept(value=Decimal(lowest) if lowest == highest else None, word="", parts=asdict(observed))
    if code is _C.CAPD:
        answers = [answer.value for answer in observed]
        return Kept(value=Decimal(score_capd(observed).total), word="", parts=answers)
    if code is _C.VASOPRESSORS:
        return Kept(value=None, word="", parts=list(observed))
    if code is _C.MOTOR_WEAKNESS:
        return Kept(value=None, word=YES if observed else NO, parts=None)
    if CATALOG[code].kept == "word":
        return Kept(value=None, word=str(observed), parts=None)
    return Kept(value=Decimal(str(observed)), word="", parts=None)


def entry_of(
    rows: Iterable[Observation], *, circumstances: Mapping[str, Any], note: str = ""
) -> ObservationEntry:
    """The entry that standing rows of a set and its circumstances were made of."""
    told = dict(circumstances)
    if "temperature_site" in told:
        told["temperature_site"] = TemperatureSite(told["temperature_site"])
    if "not_taken" in told:
        told["not_taken"] = not_taken_of(told)
    observed = {row.code: _observed(row) for row in rows if row.struck_at is None}
    return ObservationEntry(**observed, **told, note=note)


def not_taken_of(circumstances: Mapping[str, Any]) -> tuple[NotTaken, ...]:
    """What could not be taken, of the stored circumstances of a set or the facts of its event."""
    return tuple(
        NotTaken(ObservationCode(each["code"]), NotTakenReason(each["reason"]))
        for each in circumstances.get("not_taken", ())
    )


def _observed(row: Observation) -> Any:
    code, parts = ObservationCode(row.code), row.parts or ()
    if code is _C.ICE:
        return Ice(**dict(parts))
    if code is _C.CAPD:
        return tuple(CapdAnswer(answer) for answer in parts)
    if code is _C.VASOPRESSORS:
        return tuple(parts)
    if code is _C.MOTOR_WEAKNESS:
        return row.word == YES
    if code in _WORDS:
        return _WORDS[code](row.word)
    value = row.value or Decimal(0)
    return float(value) if CATALOG[code].decimals else int(value)


def said(entry: ObservationEntry) -> dict[str, Any]:
    """What was entered, as JSON, without what was left open."""
    told = canonical(asdict(entry))
    plain = canonical({field.name: field.default for field in fields(ObservationEntry)})
    return {name: value for name, value in told.items() if value != plain[name]}


def changes(before: ObservationEntry, after: ObservationEntry) -> dict[str, dict[str, Any]]:
    """What differs between two entries, by name, as JSON; what one of them leaves open is None there."""
    was, now = said(before), said(after)
    return {
        name: {"from": was.get(name), "to": now.get(name)}
        for name in dict.fromkeys((*was, *now))
        if was.get(name) != now.get(name)
    }
