"""The slot finder: what fits, what stands in the way, and that fast answers are those of the plain rules."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import product
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cartpath.core.dates import Period
from leukapheresis.rules.bundle import Need, Span
from leukapheresis.rules.finder import Finder
from leukapheresis.rules.fitting import Ask, Kept, Unit
from leukapheresis.rules.opening import ClosedDays, DayHours, Hours, Opening
from leukapheresis.rules.presence import Almanac, presence
from leukapheresis.rules.search import Barrier, DateAnswer, Opportunity, Reason, Search, Wall

ROME = ZoneInfo("Europe/Rome")
MONDAY = date(2026, 3, 2)
WEEKDAYS = [Hours(day, time(8), time(18)) for day in range(5)]
LONG = [Hours(day, time(7), time(20)) for day in range(5)]
Busy = dict[tuple[Hashable, int], tuple[list[int], list[int]]]


def at(day: date, hour: int, minute: int = 0) -> int:
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ROME).timestamp())


def opening(
    hours: Sequence[Hours] = LONG, *closed: ClosedDays, open_days: Sequence[DayHours] = ()
) -> Opening:
    return Opening(ROME, hours, open_days, closed)


def kept(key: str, kind: str = "nurse", hours: Sequence[Hours] = LONG, **more: Any) -> Kept:
    return Kept(key=key, name=key, kind=kind, **({"opening": opening(hours)} | more))


OPTIA = kept("Optia", "machine", WEEKDAYS)
MACHINE = Ask(part="machine")
NURSE = Ask(part="nurse", spans=(Span(from_minutes=-30),))


class Center:
    """A unit whose search can be told piece by piece."""

    def __init__(self, *resources: Kept, busy: Busy | None = None, now: int | None = None) -> None:
        self.almanac = Almanac(ROME, MONDAY - timedelta(days=1), MONDAY + timedelta(days=400))
        self.unit = Unit(resources, busy or {}, self.almanac, now=at(MONDAY, 0) if now is None else now)

    def search(self, *asks: Ask, last_on: date = MONDAY + timedelta(days=13), **more: Any) -> Search:
        asked = (MACHINE, *asks)
        return Search(
            unit=self.unit,
            asking=lambda _day, _machine, _first: asked,
            **({"first_on": MONDAY, "last_on": last_on} | more),
        )

    def answers(self, *asks: Ask, **more: Any) -> dict[date, DateAnswer]:
        return {answer.on: answer for answer in Finder(self.search(*asks, **more)).answers()}


def codes(answer: DateAnswer) -> list[str]:
    return [reason.code for reason in answer.reasons]


def starts(answer: DateAnswer) -> list[str]:
    return [f"{datetime.fromtimestamp(offer.days[0].time.start, ROME):%H:%M}" for offer in answer.offers]


def test_a_machine_and_a_nurse_begin_as_early_as_both_are_there() -> None:
    early = kept("Early", hours=[Hours(0, time(8), time(18))])
    answer = Center(OPTIA, early).answers(NURSE)[MONDAY]
    # The nurse primes the machine half an hour before.
    assert starts(answer) == ["08:30"]
    assert [(seat.part, seat.name) for seat in answer.offers[0].days[0].seats] == [
        ("machine", "Optia"),
        ("nurse", "Early"),
    ]


def test_a_weekend_is_rejected_with_its_reason() -> None:
    answers = Center(OPTIA, kept("Ann")).answers(NURSE)
    saturday = answers[MONDAY + timedelta(days=5)]
    assert (saturday.is_offered, codes(saturday)) == (False, ["no_slot"])
    assert sum(answer.is_offered for answer in answers.values()) == 10


def test_days_in_a_row_reach_over_no_closed_day() -> None:
    answers = Center(OPTIA, kept("Ann")).answers(NURSE, days=3)
    offered = [day for day, answer in answers.items() if answer.is_offered]
    assert [day.weekday() for day in offered] == [0, 1, 2, 0, 1, 2]
    friday = answers[MONDAY + timedelta(days=4)]
    assert codes(friday) == ["no_slot"]
    assert len(answers[MONDAY].offers[0].days) == 3


def test_a_free_slot_is_offered_as_it_was_opened() -> None:
    slot = Opportunity(machine=OPTIA, start=at(MONDAY, 9), end=at(MONDAY, 12), slot="slot 1")
    answer = Center(OPTIA, kept("Ann")).answers(NURSE, slots={MONDAY.toordinal(): [slot]})[MONDAY]
    assert [offer.days[0].time for offer in answer.offers] == [slot]


def test_a_slot_that_has_begun_is_no_offer() -> None:
    slot = Opportunity(machine=OPTIA, start=at(MONDAY, 9), end=at(MONDAY, 12), slot="slot 1")
    center = Center(OPTIA, now=at(MONDAY, 9))
    assert not center.answers(slots={MONDAY.toordinal(): [slot]})[MONDAY].offers


def test_a_blocked_time_of_a_machine_is_not_offered() -> None:
    blocked = {"Optia": [(at(MONDAY, 0), at(MONDAY, 23))]}
    answers = Center(OPTIA, kept("Ann")).answers(NURSE, kept_back=blocked)
    assert not answers[MONDAY].offers
    assert answers[MONDAY + timedelta(days=1)].offers


@pytest.mark.parametrize(
    ("resource", "ask", "code", "words"),
    [
        (kept("Ann"), NURSE, "busy", "Apheresis nurse: taken (Ann)."),
        (
            kept("Bank", "red_cell_prime"),
            Ask(part="red_cell_prime", lead_hours=72),
            "lead_time",
            "Red cells for the prime: must be ordered 72 h ahead, so from 05-Mar-2026 00:00 on.",
        ),
        (
            kept("Courier", "courier", [Hours(0, time(8), time(12))]),
            Ask(part="courier", spans=(Span(from_of="end", until_minutes=120),)),
            "cut_off",
            "Courier: needed until 16:00, and it closes at 12:00.",
        ),
        (
            kept("Courier", "courier", [Hours(1, time(8), time(12))]),
            Ask(part="courier", spans=(Span(from_of="end", until_minutes=120),)),
            "hours",
            "Courier: not there from 14:00 to 16:00.",
        ),
        (
            kept("Bed", "chair", opening=opening(LONG, ClosedDays(MONDAY, MONDAY, "holiday", "Easter"))),
            Ask(part="chair"),
            "closed",
            "Chair or bed: closed on 02-Mar-2026 (Easter).",
        ),
        (kept("Ann"), Ask(part="anesthesia"), "none", "Anesthesia: none is in use."),
    ],
)
def test_a_missing_part_is_told_with_its_reason(resource: Kept, ask: Ask, code: str, words: str) -> None:
    busy: Busy = {("Ann", 1): ([at(MONDAY, 0)], [at(MONDAY, 23)])}
    slot = Opportunity(machine=OPTIA, start=at(MONDAY, 8), end=at(MONDAY, 14), slot="slot 1")
    ask = replace(ask, rows=("the_rule",), sources=("The source",))
    center = Center(OPTIA, resource, busy=busy)
    (reason,) = center.answers(ask, slots={MONDAY.toordinal(): [slot]})[MONDAY].reasons
    assert (reason.code, reason.sentence) == (code, words)
    assert (reason.rules, reason.sources) == (("the_rule",), ("The source",))


def test_what_is_undecided_is_looked_for_and_stands_in_no_way() -> None:
    asks = [replace(NURSE, is_sure=False), Ask(part="anesthesia", is_sure=False)]
    offer = Center(OPTIA, kept("Ann")).answers(*asks)[MONDAY].offers[0]
    assert offer.days[0].unsure == (("nurse", True), ("anesthesia", False))


def test_the_resource_that_was_named_is_the_only_one_and_the_present_one_comes_first() -> None:
    center = Center(OPTIA, kept("Ann"), kept("Bea"))

    def nurse(ask: Ask) -> str:
        return next(
            seat.name for seat in center.answers(ask)[MONDAY].offers[0].days[0].seats if seat.part == "nurse"
        )

    assert nurse(NURSE) == "Ann"
    assert nurse(replace(NURSE, only="Bea")) == "Bea"
    assert nurse(replace(NURSE, prefer="Bea")) == "Bea"


def wall(drug: str, until: int | None) -> Wall:
    return Wall(drug=drug, until=until, sentence=f"Washout: {drug}", rules=(f"washout_{drug}",))


def test_every_open_washout_is_named_and_the_one_that_binds_comes_first() -> None:
    walls = [wall("steroid", at(MONDAY, 12)), wall("chemo", at(MONDAY + timedelta(days=7), 12))]
    answers = Center(OPTIA).answers(walls=walls)
    monday = answers[MONDAY]
    assert [reason.sentence for reason in monday.reasons] == ["Washout: chemo", "Washout: steroid"]
    assert (monday.is_offered, [offer.is_early for offer in monday.offers]) == (False, [True])
    tuesday, week_after = (answers[MONDAY + timedelta(days=days)] for days in (1, 7))
    assert [reason.rules for reason in tuesday.reasons] == [("washout_chemo",)]
    # At 08:00 of that day the washout still runs; a day later it is over.
    assert not week_after.is_offered
    assert answers[MONDAY + timedelta(days=8)].is_offered


def test_an_unknown_washout_stands_in_the_way_of_every_date_and_can_be_overridden() -> None:
    answers = Center(OPTIA).answers(walls=[wall("chemo", None)])
    assert not any(answer.is_offered for answer in answers.values())
    assert codes(answers[MONDAY]) == ["washout_unknown"]
    assert answers[MONDAY].reasons[0].is_overridable
    assert answers[MONDAY].offers


def barrier(code: Any, first: int | None = None, last: int | None = None) -> Barrier:
    return Barrier(
        reason=Reason(code=code, sentence=code),
        first_on=None if first is None else MONDAY + timedelta(days=first),
        last_on=None if last is None else MONDAY + timedelta(days=last),
    )


def test_a_family_away_on_any_day_of_a_collection_rejects_it() -> None:
    away = [barrier("family_away", 2, 2)]
    answers = Center(OPTIA).answers(away=away, days=2)
    assert [codes(answers[MONDAY + timedelta(days=days)]) for days in (0, 1, 2, 3)] == [
        [],
        ["family_away"],
        ["family_away"],
        [],
    ]


def test_everything_in_the_way_is_told_the_hardest_first() -> None:
    busy: Busy = {("Ann", 1): ([at(MONDAY, 0)], [at(MONDAY, 23)])}
    answer = Center(OPTIA, kept("Ann"), busy=busy).answers(
        NURSE,
        walls=[wall("chemo", at(MONDAY + timedelta(days=1), 0))],
        barriers=[barrier("manufacturer", 0), barrier("counts", None, 1)],
        away=[barrier("family_away", 0, 0)],
        quota=lambda _day: Reason(code="quota_full", sentence="full"),
    )[MONDAY]
    assert codes(answer) == ["washout", "counts", "manufacturer", "family_away", "quota_full", "busy"]


def test_the_search_ends_with_as_many_dates_as_are_enough() -> None:
    search = Center(OPTIA).search(last_on=MONDAY + timedelta(days=365))
    answers = Finder(search).answers(most=6)
    assert [answer.on for answer in answers if answer.is_offered][-1] == answers[-1].on
    assert sum(answer.is_offered for answer in answers) == 6


def test_a_day_doesnt_take_what_the_day_before_still_holds() -> None:
    overnight = Ask(part="picu_bed", spans=(Span(until_next_morning=9),))
    bed = kept("Bed", "picu_bed", opening=opening(()))
    answers = Center(OPTIA, bed).answers(overnight, days=2, minutes=600)
    # A machine that is there from 08:00 to 18:00 begins at 08:00 on both days, the bed is free from 09:00.
    assert codes(answers[MONDAY]) == ["patient_busy"]
    two = replace(bed, capacity=2)
    assert Center(OPTIA, two).answers(overnight, days=2, minutes=600)[MONDAY].is_offered


def test_a_given_time_is_judged_with_everything_in_its_way() -> None:
    busy: Busy = {("Optia", 1): ([at(MONDAY, 8)], [at(MONDAY, 14)])}
    finder = Finder(Center(OPTIA, kept("Ann"), busy=busy, now=at(MONDAY, 9)).search(NURSE))
    time = Opportunity(machine=OPTIA, start=at(MONDAY, 8), end=at(MONDAY, 14))
    day, reasons = finder.judge(time)
    assert [reason.code for reason in reasons] == ["past", "busy"]
    assert [seat.name for seat in day.seats] == ["Ann"]


def random_opening(dice: Random) -> Opening:
    """Hours of days and nights, exceptional days and closures around the change to summer time."""

    def clock() -> time:
        return time(dice.choice([0, 0, 2, 3, 7, 8, 18, 20]), dice.choice([0, 0, 30]))

    def day() -> date:
        return date(2026, 3, 20) + timedelta(days=dice.randrange(20))

    closed = []
    for _each in range(dice.randrange(3)):
        first = day()
        last = first + timedelta(days=dice.randrange(3))
        closed.append(ClosedDays(first, last, "other", whole_center=dice.random() < 0.5))
    hours = [Hours(dice.randrange(7), clock(), clock()) for _each in range(dice.choice([0, 5, 9]))]
    open_days = [DayHours(day(), clock(), clock()) for _each in range(dice.randrange(3))]
    return Opening(ROME, hours, open_days, closed)


@pytest.mark.parametrize("seed", range(40))
def test_the_fast_calendar_says_what_the_plain_one_says(seed: int) -> None:
    dice = Random(seed)
    plain = random_opening(dice)
    almanac = Almanac(ROME, date(2026, 3, 15), date(2026, 4, 15))
    fast = presence(plain, almanac)
    for _try in range(200):
        start = at(date(2026, 3, 20), 0) + dice.randrange(20 * 24 * 4) * 900
        end = start + dice.choice([1, 4, 24, 40]) * 900
        period = Period(almanac.moment(start), almanac.moment(end))
        assert fast.covers(start, end) == (plain.shut(period) is None), period


SPANS = (
    Span(),
    Span(from_minutes=-120, until_minutes=-60, until_of="start"),
    Span(from_of="end", until_minutes=180),
    Span(until_next_morning=8),
)


@pytest.mark.parametrize("span", SPANS)
def test_parts_are_taken_as_long_as_the_plain_rule_says(span: Span) -> None:
    center = Center()
    need = Need(part="nurse", verdict="needed", because=(), spans=(span, Span(from_minutes=-10)))
    # Across the night in which clocks go forward.
    for day, hour in product(range(25, 30), (8, 18)):
        start = at(date(2026, 3, day), hour)
        end = start + 6 * 3600
        period = need.around(center.almanac.moment(start), center.almanac.moment(end), ROME)
        begins, ends = center.unit.around(Ask.of(need), start, end)
        assert (begins, ends) == (int(period.starts_at.timestamp()), int(period.ends_at.timestamp()))


def plainly_offered(resources: Sequence[Kept], busy: Busy, asks: Sequence[Ask], day: date) -> bool:
    """The same question asked without any care for speed."""

    def is_free(each: Kept, ask: Ask, start: int, end: int) -> bool:
        need = Need(part="nurse", verdict="needed", because=(), spans=ask.spans)
        moments = datetime.fromtimestamp(start, ROME), datetime.fromtimestamp(end, ROME)
        period = need.around(*moments, ROME)
        if each.opening.shut(period) is not None:
            return False
        begins = int(period.starts_at.timestamp()) - each.before_minutes * 60
        ends = int(period.ends_at.timestamp()) + each.after_minutes * 60
        for unit in range(1, each.capacity + 1):
            uses = zip(*busy.get((each.key, unit), ([], [])), strict=True)
            if not any(a < ends and begins < b for a, b in uses):
                return True
        return False

    for machine in resources:
        for half_hour in range(48) if machine.kind == "machine" else ():
            start = at(day, half_hour // 2, half_hour % 2 * 30)
            end = start + 6 * 3600
            if is_free(machine, MACHINE, start, end) and all(
                any(is_free(each, ask, start, end) for each in resources if each.kind == ask.part)
                for ask in asks
            ):
                return True
    return False


@pytest.mark.parametrize("seed", range(12))
def test_the_fast_search_finds_what_a_plain_loop_finds(seed: int) -> None:
    dice = Random(seed)
    hours = [Hours(day, time(7, 30), time(17)) for day in range(5)]
    resources = [
        kept(
            f"{kind} {number}",
            kind,
            hours,
            capacity=1 if kind == "machine" else dice.choice([1, 2]),
            before_minutes=dice.choice([0, 15]),
            after_minutes=dice.choice([0, 45]),
        )
        for kind in ("machine", "nurse", "chair")
        for number in range(2)
    ]
    busy: Busy = {}
    for each in resources:
        for unit in range(1, each.capacity + 1):
            begins = sorted(at(MONDAY, 0) + dice.randrange(14 * 24) * 3600 for _use in range(18))
            ends = [
                min(start + dice.choice([2, 6, 20]) * 3600, following)
                for start, following in zip(begins, [*begins[1:], begins[-1] + 10**6], strict=True)
            ]
            busy[each.key, unit] = (begins, ends)
    asks = (NURSE, Ask(part="chair"))
    answers = Center(*resources, busy=busy).answers(*asks)
    assert {day: answer.is_offered for day, answer in answers.items()} == {
        day: plainly_offered(resources, busy, asks, day) for day in answers
    }
