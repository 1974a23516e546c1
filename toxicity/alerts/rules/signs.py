"""The signs of red flags, read from the facts of one child. Pure.

Each sign gives its state at every moment at which it is known. A moment at which it isn't is left out, so
that a missing value neither raises an alert nor clears one.

Source: DESIGN, derived from ASTCT 2019 (Lee et al.), PALS limits of pressure, NCCN CART-6 and CART-9 v2.2026,
and the prescribing information of tisagenlecleucel (no improvement 12 to 18 h after tocilizumab).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from cartpath.protocols.alert_rows import AlertRule, Sign
from toxicity.alerts.rules.facts import Facts, Graded, Point, Seen
from toxicity.grading.crs import LOW_FLOW_UP_TO_L_MIN, OxygenDevice


class _Timed(Protocol):
    @property
    def at(self) -> datetime: ...


TimedT = TypeVar("TimedT", bound=_Timed)
Reader = Callable[[AlertRule, Facts], Iterable[Seen]]

# A device by what it means for the grade; a cannula is decided by its flow.
_LOW: Final = frozenset({OxygenDevice.NASAL_CANNULA, OxygenDevice.BLOW_BY})
_CANNULAS: Final = frozenset({OxygenDevice.NASAL_CANNULA, OxygenDevice.HIGH_FLOW_NASAL_CANNULA})
_PRESSURE: Final = frozenset({OxygenDevice.CPAP, OxygenDevice.BIPAP, OxygenDevice.MECHANICAL_VENTILATION})
_SEIZURE: Final[Mapping[str, int]] = {"none": 0, "resolved": 3, "prolonged_or_repetitive": 4}
_PRESSURE_OF_BRAIN: Final[Mapping[str, int]] = {"none": 0, "focal_edema": 3, "diffuse_edema_or_signs": 4}
_WRITING: Final[Mapping[str, int]] = {"unchanged": 0, "changed": 1, "unable": 2}
# An ICE or CAPD is compared with those of so long before, so that a slow change shows too.
_COMPARED_FOR: Final = timedelta(hours=48)
# A grade that is lower than before the dose is better, however long after it.
_DOSE_KNOWN_FOR: Final = timedelta(hours=72)


def read(rule: AlertRule, facts: Facts) -> list[Seen]:
    """The state of the rule's sign whenever it is known, oldest first. Source: see the module."""
    return sorted(_READERS[rule.sign](rule, facts), key=lambda each: each.at)


def _figure(value: float | None) -> float:
    """A figure that the protocol's checks made sure of."""
    if value is None:
        raise ValueError("the rule lacks a figure that its sign needs")
    return value


def _fever(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    limit = _figure(rule.at_least)
    for point in facts.of("temperature_c"):
        because = {"value": point.value, "limit": limit}
        yield Seen(point.at, float(_number(point) >= limit), point.ref, because)


def _low_pressure(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    for point in facts.of("systolic"):
        value = _number(point)
        limit, own = facts.systolic_limit, facts.own_systolic
        least_own = own * (100 - rule.fall_percent) / 100 if own and rule.fall_percent else None
        below = [each - value for each in (limit, least_own) if each is not None and value < each]
        if limit is None and least_own is None:
            continue
        because = {
            "value": value,
            "limit": limit,
            "own": round(own, 1) if own else None,
            "fall_percent": rule.fall_percent,
        }
        yield Seen(point.at, max(below, default=0.0), point.ref, because)


def _bolus(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    boluses = [given for given in facts.given if given.agent == "fluid_bolus"]
    within = facts.figures.bolus_sum
    for bolus in boluses:
        count = sum(bolus.at - within < each.at <= bolus.at for each in boluses)
        because = {"value": count, "hours": within / timedelta(hours=1)}
        yield Seen(bolus.at, float(count), bolus.ref, because)
    yield from _over(facts, [bolus.at for bolus in boluses])


def _over(facts: Facts, ats: Sequence[datetime]) -> Iterator[Seen]:
    """What is given is all known: from the last time on there was none."""
    if ats and facts.at > max(ats):
        yield Seen(max(ats), 0.0, "")
        yield Seen(facts.at, 0.0, "")


def _oxygen(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    flows = {point.ref: _number(point) for point in facts.of("oxygen_flow")}
    for point in facts.of("oxygen_device"):
        device, flow = OxygenDevice(str(point.value)), flows.get(point.ref)
        because = {"device": device.value, "flow": flow}
        yield Seen(point.at, float(_oxygen_class(device, flow)), point.ref, because)


def _oxygen_class(device: OxygenDevice, flow: float | None) -> int:
    """0 room air, 1 low flow, 2 high flow or a mask, 3 positive pressure; an unknown flow counts as low."""
    if device is OxygenDevice.NONE:
        return 0
    if device in _PRESSURE:
        return 3
    if device in _CANNULAS:
        return 2 if flow is not None and flow > LOW_FLOW_UP_TO_L_MIN else 1
    return 1 if device in _LOW else 2


def _saturation(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    limit = _figure(rule.below)
    for point in facts.of("spo2"):
        value = _number(point)
        yield Seen(point.at, max(limit - value, 0.0), point.ref, {"value": value, "limit": limit})


def _crs(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    yield from _grades(rule, facts.crs)


def _icans(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    """The grade without what is an emergency of its own: one seizure calls people once."""
    rests = (graded if graded.rest is None else replace(graded, grade=graded.rest) for graded in facts.icans)
    yield from _grades(rule, [*rests])


def _grades(rule: AlertRule, grades: Sequence[Graded]) -> Iterator[Seen]:
    """A lower bound raises an alert, but only a whole grade shows that the sign has gone."""
    least = _figure(rule.at_least)
    for graded in grades:
        holds = graded.grade >= least
        if holds or not graded.at_least:
            because = {"value": graded.grade, "at_least": int(graded.at_least)}
            yield Seen(graded.at, float(graded.grade) if holds else 0.0, graded.ref, because)


def _words(code: str, degrees: Mapping[str, int]) -> Reader:
    def reader(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
        for point in facts.of(code):
            degree = degrees.get(str(point.value))
            if degree is not None:
                yield Seen(point.at, float(degree), point.ref, {"value": str(point.value)})

    return reader


def _ice(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    """Below the limit, or less than the child could do: before the infusion, or lately."""
    limit, known = _figure(rule.below), facts.of("ice")
    for point in known:
        value, best = _number(point), max(_before(known, point, facts.own_ice), default=None)
        fell = best is not None and rule.change is not None and best - value >= rule.change
        degree = max(limit - value, 0.0) or float(fell)
        yield Seen(point.at, degree, point.ref, {"value": value, "limit": limit, "before": best})


def _capd(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    """From the limit on, or risen over the child's own state: before the infusion, or lately."""
    limit, known = _figure(rule.at_least), facts.of("capd")
    for point in known:
        value, least = _number(point), min(_before(known, point, facts.own_capd), default=None)
        rose = least is not None and rule.change is not None and value - least >= rule.change
        because = {"value": value, "limit": limit, "before": least}
        yield Seen(point.at, value if value >= limit or rose else 0.0, point.ref, because)


def _before(known: Sequence[Point], point: Point, own: float | None) -> list[float]:
    """What a test is compared with: the child's own result before the infusion, and those of two days."""
    lately = [_number(each) for each in known if timedelta(0) < point.at - each.at <= _COMPARED_FOR]
    return lately if own is None else [own, *lately]


def _icans_alone(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    """Neurotoxicity while CRS is known to be absent: tocilizumab has another rationale then."""
    least = _figure(rule.at_least)
    for graded in facts.icans:
        crs = _latest(facts.crs, graded.at, within=facts.figures.grade_holds)
        if graded.grade < least:
            if not graded.at_least:
                yield Seen(graded.at, 0.0, graded.ref)
        elif crs is not None and (crs.grade or not crs.at_least):
            yield Seen(graded.at, float(not crs.grade), graded.ref, {"value": graded.grade})


def _hyperinflammation(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    for each in facts.prompted:
        if each.prompt is not None:
            because = {"trigger": " ".join(each.trigger)}
            yield Seen(each.at, float(len(each.trigger)) if each.prompt else 0.0, each.ref, because)


def _tocilizumab(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    """CRS that is worse after the last dose, or no better so many hours after it."""
    wait = timedelta(hours=_figure(rule.after_hours))
    doses = [given for given in facts.given if given.agent == "tocilizumab"]
    for graded in facts.crs:
        dose = _latest(doses, graded.at, within=_DOSE_KNOWN_FOR)
        held = facts.figures.before_tocilizumab
        before = _latest(facts.crs, dose.at, within=held) if dose else None
        if dose is None or before is None or graded.at <= dose.at:
            continue
        waited = graded.at - dose.at >= wait
        says = graded.at - dose.at <= facts.figures.after_tocilizumab
        failed = says and (graded.grade > before.grade or (waited and 0 < graded.grade >= before.grade))
        eased = not graded.at_least and graded.grade < before.grade
        hours = round((graded.at - dose.at).total_seconds() / 3600, 1)
        because = {"value": graded.grade, "before": before.grade, "hours": hours}
        if failed or eased:
            yield Seen(graded.at, float(graded.grade) if failed else 0.0, graded.ref, because)


def _fever_neutropenia(rule: AlertRule, facts: Facts) -> Iterator[Seen]:
    warm, few = _figure(rule.at_least), _figure(rule.below)
    counts, temperatures = facts.of("anc"), facts.of("temperature_c")
    for point in [*counts, *temperatures]:
        count = _latest(counts, point.at, within=facts.figures.count_holds)
        temperature = _latest(temperatures, point.at, within=facts.figures.grade_holds)
        if count is None or temperature is None:
            continue
        holds = _number(temperature) >= warm and _number(count) < few
        because = {"value": temperature.value, "anc": round(_number(count), 1), "limit": few}
        yield Seen(point.at, float(holds), point.ref, because)


def _latest(known: Sequence[TimedT], at: datetime, *, within: timedelta) -> TimedT | None:
    """The last one that lies not after `at` and is not older than `within`."""
    place = bisect_right(known, at, key=lambda each: each.at)
    found = known[place - 1] if place else None
    return found if found and at - found.at <= within else None


def _number(point: Point) -> float:
    return float(point.value)


_READERS: Final[Mapping[Sign, Reader]] = {
    "new_fever": _fever,
    "low_pressure": _low_pressure,
    "fluid_bolus": _bolus,
    "new_oxygen": _oxygen,
    "low_saturation": _saturation,
    "crs_grade": _crs,
    "icans_grade": _icans,
    "seizure": _words("seizure", _SEIZURE),
    "raised_icp": _words("raised_icp", _PRESSURE_OF_BRAIN),
    "ice_fall": _ice,
    "capd_rise": _capd,
    "handwriting_change": _words("handwriting", _WRITING),
    "icans_without_crs": _icans_alone,
    "hyperinflammation": _hyperinflammation,
    "tocilizumab_failure": _tocilizumab,
    "fever_neutropenia": _fever_neutropenia,
}
