"""Who is told next when a thing stays undone: the ladder, acknowledgement, and the snooze."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from cartpath.accounts.models import User
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Chain, Event
from cartpath.protocols import registry
from cartpath.protocols.checks import of_joined
from cartpath.reminders.enums import Channel, DeliveryState
from cartpath.reminders.ladder import CATCHING_UP, Rung, Telling, next_rung_at, owed, rungs_of
from cartpath.reminders.models import Delivery, Reminder
from cartpath.reminders.readers import ENGINE_COLUMNS, ReminderReader
from cartpath.reminders.services import reminder_acknowledge, reminder_complete, reminder_snooze
from patients.services import event_strike
from tests.reminders.conftest import Clock, Refer

CLOSED = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Row:
    """The columns that decide who is told when; told before its window closed."""

    role: str = "apheresis_nurse"
    priority: int = 2
    notify_at: datetime = CLOSED - 10 * HOUR
    closes_at: datetime = CLOSED
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    told_at: datetime | None = CLOSED - 10 * HOUR
    rung: int = 0
    ladder: list[Rung] = field(default_factory=lambda: [[24.0, "clinician"], [72.0, "coordinator"]])


def test_nobody_is_told_before_the_hour_of_the_reminder() -> None:
    row = Row(told_at=None)
    assert owed(row, row.notify_at - HOUR) is None
    assert owed(row, row.notify_at) == Telling(0, "apheresis_nurse", row.notify_at)


def test_a_rung_is_told_so_long_after_the_window_closed() -> None:
    assert owed(Row(), CLOSED + timedelta(hours=23, minutes=59)) is None
    assert owed(Row(), CLOSED + 24 * HOUR) == Telling(1, "clinician", CLOSED + 24 * HOUR)
    assert owed(Row(rung=1, told_at=CLOSED + 24 * HOUR), CLOSED + 72 * HOUR) == Telling(
        2, "coordinator", CLOSED + 72 * HOUR
    )


def test_above_the_last_rung_there_is_none() -> None:
    assert owed(Row(rung=2), CLOSED + 1000 * HOUR) is None


def test_after_an_outage_the_rungs_come_one_by_one_and_nearly_an_hour_apart() -> None:
    late, next_at = Row(told_at=CLOSED + 100 * HOUR), CLOSED + 101 * HOUR - CATCHING_UP
    assert owed(late, next_at - timedelta(seconds=1)) is None
    assert owed(late, next_at) == Telling(1, "clinician", next_at)


@pytest.mark.parametrize(("late_by", "delay"), [(0, 0), (20, 0), (300, 0), (301, 1), (600, 300)])
def test_a_harm_rung_told_a_little_late_does_not_delay_the_next(late_by: int, delay: int) -> None:
    row = Row(priority=1, ladder=[[0.5, "charge_nurse"], [1.0, "registrar"]])
    told_at = CLOSED + HOUR / 2 + timedelta(seconds=late_by)
    meant_at = CLOSED + HOUR
    assert next_rung_at(row, told_at=told_at, rung=1) == meant_at + timedelta(seconds=delay)


def test_an_acknowledgement_ends_the_ladder_of_a_treatment_date() -> None:
    row = Row(acknowledged_at=CLOSED + HOUR)
    assert next_rung_at(row, told_at=CLOSED, rung=0) is None


def test_an_acknowledgement_of_a_harm_check_only_starts_its_ladder_anew() -> None:
    row = Row(priority=1, ladder=[[1.0, "clinician"]], acknowledged_at=CLOSED + HOUR)
    assert owed(row, CLOSED + HOUR) is None
    assert owed(row, CLOSED + 2 * HOUR) == Telling(1, "clinician", CLOSED + 2 * HOUR)


def test_an_acknowledgement_before_the_window_closed_delays_no_rung() -> None:
    row = Row(priority=1, ladder=[[1.0, "clinician"]], acknowledged_at=CLOSED - 5 * HOUR)
    assert owed(row, CLOSED + HOUR) is not None


@pytest.mark.parametrize("told_at", [None, CLOSED - 10 * HOUR])
def test_while_it_is_snoozed_nobody_is_told(told_at: datetime | None) -> None:
    row = Row(told_at=told_at, snoozed_until=CLOSED + 48 * HOUR)
    assert owed(row, CLOSED + 47 * HOUR) is None
    assert owed(row, CLOSED + 48 * HOUR) == Telling(0, "apheresis_nurse", CLOSED + 48 * HOUR)


def test_a_snooze_that_was_told_of_is_told_once() -> None:
    row = Row(snoozed_until=CLOSED + HOUR, told_at=CLOSED + HOUR)
    assert owed(row, CLOSED + 2 * HOUR) is None


def test_the_protocol_names_the_rungs_of_an_item_by_its_priority_and_role() -> None:
    protocol = registry.get("tisagenlecleucel-eu", "1")
    items = {item.item: item for series in protocol.plan() for item in series.items()}
    steps, today = protocol.pathway.escalation, date(2026, 3, 2)

    def rungs(**changes: Any) -> list[Rung]:
        return rungs_of(replace(items["product_receipt"], **changes), steps, today)

    assert rungs(priority=4) == []
    assert rungs(priority=3) == [[168, "clinician"]]
    assert rungs(priority=3, role="clinician") == [[168, "coordinator"]]
    assert rungs(priority=1)[:2] == [[1, "clinician"], [4, "coordinator"]]


def test_a_step_can_be_for_some_items_only() -> None:
    protocol = registry.get("tisagenlecleucel-eu", "1")
    item = next(item for series in protocol.plan() for item in series.items())
    step = replace(protocol.pathway.escalation[0], items=())
    for_all, named = replace(step, up_to_priority=4), replace(step, up_to_priority=4, items=(item.item,))
    of_row, other = replace(named, items=(item.series,)), replace(named, items=("something_else",))
    today = date(2026, 3, 2)
    assert [len(rungs_of(item, [each], today)) for each in (for_all, named, of_row, other)] == [1, 1, 1, 0]


def test_a_step_for_an_item_that_nobody_expects_is_a_problem() -> None:
    protocol = registry.get("tisagenlecleucel-eu", "1")
    (first, *others) = protocol.pathway.escalation
    for name, found in (("visit_day_28", []), ("visit_day_29", ["unknown item 'visit_day_29'"])):
        pathway = replace(protocol.pathway, escalation=(replace(first, items=(name,)), *others))
        assert [each.reason for each in of_joined(replace(protocol, pathway=pathway))] == found


def told(**which: Any) -> list[tuple[int, int, str]]:
    """Telling, rung and address of every e-mail that was sent, in order."""
    rows = Delivery.objects.filter(channel=Channel.EMAIL, state=DeliveryState.SENT, **which)
    return list(rows.order_by("step", "recipient").values_list("step", "rung", "recipient__name"))


@pytest.fixture
def late(refer: Refer, clock: Clock) -> Reminder:
    """A decision of a clinician that was asked for at noon and whose window closes in an hour."""
    reminder = refer()
    Reminder.objects.filter(pk=reminder.pk).update(
        due_at=clock.at + HOUR / 2,
        closes_at=clock.at + HOUR,
        ladder=[[2.0, "coordinator"], [4.0, "clinician"]],
    )
    clock.run()
    return Reminder.objects.get(pk=reminder.pk)


@pytest.mark.django_db
def test_what_stays_undone_climbs_the_ladder(late: Reminder, clock: Clock) -> None:
    assert late.rung_at == clock.at + 3 * HOUR
    for _ in range(30):
        clock.later(minutes=20)
        clock.run()
    assert told() == [(0, 0, "Ben"), (1, 1, "Ada"), (2, 2, "Ben")]
    assert ["was not done in its window" in message.body for message in mail.outbox] == [False, True, True]


@pytest.mark.django_db
def test_what_is_done_climbs_no_further(late: Reminder, clock: Clock, ben: User) -> None:
    reminder_complete(reminder_id=late.pk, by=ben.actor, at=clock.at, reason="Decided by phone.")
    clock.later(hours=20)
    clock.run()
    assert told() == [(0, 0, "Ben")]


@pytest.mark.django_db
def test_what_somebody_took_in_hand_climbs_no_further(refer: Refer, clock: Clock, ben: User) -> None:
    reminder = refer()
    clock.run()
    reminder_acknowledge(reminder_id=reminder.pk, by=ben.actor, at=clock.at)
    reminder.refresh_from_db()
    assert reminder.ladder == [[24, "coordinator"], [168, "coordinator"]]
    clock.at = reminder.closes_at + 200 * HOUR
    clock.run()
    assert set(Delivery.objects.values_list("rung", flat=True)) == {0}


def snooze(reminder: Reminder, by: User, clock: Clock, **span: float) -> Reminder:
    """Put it off, as of now."""
    return reminder_snooze(
        reminder_id=reminder.pk,
        by=by.actor,
        at=clock.at,
        until=clock.at + timedelta(**span),
        reason="The parents are abroad.",
    )


@pytest.mark.django_db
def test_after_a_snooze_the_same_people_are_told_once_more(refer: Refer, clock: Clock, ben: User) -> None:
    reminder = refer(priority=3)
    clock.run()
    snoozed = snooze(reminder, ben, clock, days=2)
    assert (snoozed.snoozed_by, snoozed.snooze_reason) == ("Ben", "The parents are abroad.")
    assert snoozed.is_snoozed(clock.at)
    clock.later(days=2, seconds=-1)
    clock.run()
    assert Delivery.objects.filter(channel=Channel.IN_APP).count() == 1
    clock.later(seconds=1)
    clock.run()
    clock.later(hours=3)
    clock.run()
    notices = Delivery.objects.filter(channel=Channel.IN_APP, state=DeliveryState.SENT)
    assert list(notices.order_by("step").values_list("step", "rung")) == [(0, 0), (1, 0)]


@pytest.mark.django_db
def test_a_snooze_before_the_first_telling_puts_that_off(refer: Refer, clock: Clock, ben: User) -> None:
    snooze(refer(priority=3), ben, clock, hours=5)
    clock.run()
    assert not Delivery.objects.exists()
    clock.later(hours=5)
    clock.run()
    notice = Delivery.objects.get(channel=Channel.IN_APP)
    assert (notice.step, notice.meant_at) == (0, clock.at)


@pytest.mark.django_db
def test_a_message_that_was_under_way_does_not_break_the_snooze(
    refer: Refer, clock: Clock, ben: User
) -> None:
    reminder = refer(priority=3)
    clock.at = clock.at.replace(hour=22)
    Reminder.objects.update(priority=2)
    clock.run()
    assert Delivery.objects.get(channel=Channel.EMAIL).state == DeliveryState.INTENDED
    snooze(reminder, ben, clock, hours=12)
    clock.at = clock.at.replace(day=3, hour=7)
    clock.run()
    mails = Delivery.objects.filter(channel=Channel.EMAIL)
    assert list(mails.values_list("state", "problem")) == [("skipped", "snoozed")]


@pytest.mark.django_db
def test_a_snooze_that_was_entered_in_error_never_was(refer: Refer, clock: Clock, ben: User) -> None:
    reminder = refer(priority=3)
    clock.run()
    snooze(reminder, ben, clock, days=2)
    event = Event.objects.get(kind="reminder_snoozed")
    event_strike(reminder.journey_id, event.pk, reason="another child", by=ben.actor, at=clock.at)
    reminder.refresh_from_db()
    assert (reminder.snoozed_until, reminder.snoozed_by, reminder.snooze_reason) == (None, "", "")


@pytest.mark.django_db
def test_another_snooze_replaces_the_one_before(refer: Refer, clock: Clock, ben: User) -> None:
    reminder = refer(priority=3)
    snooze(reminder, ben, clock, days=9)
    clock.later(hours=1)
    assert snooze(reminder, ben, clock, days=1).snoozed_until == clock.at + timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.parametrize(("priority", "field"), [(1, "until"), (2, "until")])
def test_a_treatment_date_is_not_put_off_beyond_its_window(
    refer: Refer, clock: Clock, ben: User, priority: int, field: str
) -> None:
    reminder = refer(priority=priority)
    Reminder.objects.filter(pk=reminder.pk).update(due_at=clock.at, closes_at=clock.at + HOUR)
    with pytest.raises(Invalid) as refused:
        snooze(reminder, ben, clock, hours=2)
    assert set(refused.value.fields) == {field}


@pytest.mark.django_db
@pytest.mark.parametrize("span", [{"days": 31}, {"hours": 0}, {"hours": -1}])
def test_nothing_is_put_off_into_the_past_or_for_months(
    refer: Refer, clock: Clock, ben: User, span: dict[str, float]
) -> None:
    with pytest.raises(Invalid):
        snooze(refer(priority=3), ben, clock, **span)


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_a_snooze_has_a_reason(refer: Refer, clock: Clock, ben: User, reason: str) -> None:
    until = clock.at + HOUR
    with pytest.raises(Invalid):
        reminder_snooze(reminder_id=refer().pk, by=ben.actor, at=clock.at, until=until, reason=reason)


@pytest.mark.django_db
def test_what_is_done_cannot_be_put_off(refer: Refer, clock: Clock, ben: User) -> None:
    reminder = refer()
    reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=clock.at, reason="Decided by phone.")
    with pytest.raises(Conflict):
        snooze(reminder, ben, clock, hours=1)


@pytest.mark.django_db
def test_a_replay_keeps_snooze_and_ladder(refer: Refer, clock: Clock, ben: User) -> None:
    reminder = refer(priority=3)
    clock.run()
    snooze(reminder, ben, clock, days=2)
    before = Reminder.objects.filter(pk=reminder.pk).values().get()
    Reminder.objects.filter(pk=reminder.pk).update(
        snoozed_until=None, snoozed_by="", snooze_reason="", ladder=[]
    )
    events = list(Event.objects.of(reminder.journey_id))
    ReminderReader().rebuild(Chain.objects.get(pk=reminder.journey_id), events)
    after = Reminder.objects.filter(pk=reminder.pk).values().get()
    assert {name: after[name] for name in after if name not in ENGINE_COLUMNS} == {
        name: before[name] for name in before if name not in ENGINE_COLUMNS
    }
    assert (after["told_at"], after["tellings"]) == (before["told_at"], before["tellings"])
