"""Somebody who is away is not told; somebody else is, and the table says for whom."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.reminders import planning
from cartpath.reminders.enums import Channel
from cartpath.reminders.models import Absence, Delivery
from cartpath.reminders.sending import Tally
from cartpath.reminders.telling import absence_add, absence_end
from tests.reminders.conftest import Clock, Refer

pytestmark = pytest.mark.django_db

Away = Callable[..., Absence]


@pytest.fixture
def away(center: Center, ada: User, clock: Clock) -> Away:
    """`away(ben)` is away today, `away(ben, cara)` has a substitute; days are counted from today."""

    def make(user: User, substitute: User | None = None, first: int = 0, last: int = 0) -> Absence:
        today = center.local_day(clock.at)
        return absence_add(
            user=user,
            center_id=center.pk,
            first_on=today + timedelta(days=first),
            last_on=today + timedelta(days=last),
            substitute_id=substitute.pk if substitute else None,
            by=ada.actor,
            at=clock.at,
        )

    return make


def mailed() -> list[str]:
    """Whom the e-mails went to."""
    return sorted(message.to[0].partition("@")[0] for message in mail.outbox)


def test_a_substitute_is_told_in_place_of_who_is_away(
    refer: Refer, clock: Clock, away: Away, ben: User, nina: User
) -> None:
    away(ben, nina)
    refer()
    clock.run()
    assert mailed() == ["nina"]
    assert "you stand in for a colleague who is away" in mail.outbox[0].body
    told = Delivery.objects.get(channel=Channel.EMAIL)
    assert (told.recipient, told.stands_in_for, told.role) == (nina, ben, Role.CLINICIAN)


def test_whoever_else_holds_the_role_is_told_as_ever(
    refer: Refer, clock: Clock, away: Away, ben: User, cara: User, nina: User
) -> None:
    away(ben, nina)
    refer()
    clock.run()
    assert mailed() == ["cara", "nina"]


def test_a_substitute_who_holds_the_role_is_told_once_and_for_themselves(
    refer: Refer, clock: Clock, away: Away, ben: User, cara: User
) -> None:
    away(ben, cara)
    refer()
    clock.run()
    assert mailed() == ["cara"]
    assert not Delivery.objects.exclude(stands_in_for=None).exists()


def test_when_all_of_a_role_are_away_the_administrator_is_told(
    refer: Refer, clock: Clock, away: Away, ben: User, omar: User
) -> None:
    away(ben)
    refer()
    clock.run()
    assert mailed() == ["omar"]
    assert Delivery.objects.get(channel=Channel.EMAIL).is_fallback


def test_a_substitute_who_is_away_too_is_not_told(
    refer: Refer, clock: Clock, away: Away, ben: User, nina: User, omar: User
) -> None:
    away(ben, nina)
    away(nina)
    refer()
    clock.run()
    assert mailed() == ["omar"]


def test_a_substitute_who_lost_the_right_to_see_patients_is_not_told(
    refer: Refer, clock: Clock, away: Away, ben: User, nina: User, omar: User
) -> None:
    away(ben, nina)
    Membership.objects.filter(user=nina).update(role=Role.ADMINISTRATOR)
    refer()
    clock.run()
    assert set(Delivery.objects.values_list("is_fallback", flat=True)) == {True}


@pytest.mark.parametrize(("first", "last"), [(1, 3), (2, 2)])
def test_before_the_first_day_and_after_the_last_the_person_is_told(
    refer: Refer, clock: Clock, away: Away, ben: User, nina: User, first: int, last: int
) -> None:
    away(ben, nina, first, last)
    refer()
    clock.run()
    clock.later(days=last + 1)
    refer(at=clock.at)
    clock.run()
    assert [address for address in mailed() if address == "ben"] == ["ben", "ben"]


def test_an_absence_that_was_taken_back_counts_no_more(
    refer: Refer, clock: Clock, away: Away, ben: User, ada: User, nina: User
) -> None:
    absence_end(absence_id=away(ben, nina).pk, by=ada.actor, at=clock.at)
    refer()
    clock.run()
    assert mailed() == ["ben"]


def test_who_goes_away_while_a_message_is_under_way_is_stood_in_for(
    refer: Refer, clock: Clock, away: Away, ben: User, nina: User
) -> None:
    refer()
    planning.plan_batch(at=clock.at, tally=Tally())
    away(ben, nina)
    clock.run()
    assert mailed() == ["nina"]
    found = Delivery.objects.order_by("recipient_id").values_list("recipient__name", "state", "problem")
    assert set(found) == {("Ben", "skipped", "absent"), ("Nina", "sent", "")}


def test_who_goes_away_without_a_substitute_leaves_it_to_colleagues_or_the_administrator(
    refer: Refer, clock: Clock, away: Away, ben: User, cara: User, omar: User
) -> None:
    refer()
    planning.plan_batch(at=clock.at, tally=Tally())
    away(ben)
    clock.run()
    assert mailed() == ["cara"]
    refer()
    planning.plan_batch(at=clock.at, tally=Tally())
    away(cara)
    clock.run()
    assert mailed() == ["cara", "omar"]


def test_where_everybody_is_away_the_table_says_that_nobody_was_told(
    refer: Refer, clock: Clock, away: Away, ben: User
) -> None:
    refer()
    planning.plan_batch(at=clock.at, tally=Tally())
    away(ben)
    clock.run()
    assert mailed() == []
    assert Delivery.objects.filter(recipient=None, state="failed", problem="no_recipient").count() == 1


def test_the_day_is_that_of_the_center(refer: Refer, clock: Clock, away: Away, ben: User, nina: User) -> None:
    clock.at = clock.at.replace(hour=23, minute=30)  # 22:30 UTC
    away(ben, nina, 1, 1)
    clock.later(hours=1)  # 23:30 UTC: in Rome it is tomorrow
    refer(at=clock.at, priority=1)
    clock.later(hours=7)
    clock.run()
    assert mailed() == ["nina"]


@pytest.mark.parametrize(
    ("days", "field"),
    [((0, -1), "last_on"), ((-3, -1), "last_on"), ((0, 366), "last_on")],
)
def test_impossible_days_are_refused(away: Away, ben: User, days: tuple[int, int], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        away(ben, None, *days)
    assert set(refused.value.fields) == {field}


def test_a_substitute_must_be_another_who_may_see_the_patients(
    away: Away, ben: User, omar: User, cleo: User
) -> None:
    for nobody in (ben, omar, cleo):
        with pytest.raises(Invalid) as refused:
            away(ben, nobody)
        assert set(refused.value.fields) == {"substitute"}


def test_only_who_works_in_the_center_can_be_away_from_it(away: Away, cleo: User) -> None:
    with pytest.raises(Invalid):
        away(cleo)


def test_two_absences_of_one_person_do_not_meet(away: Away, ben: User) -> None:
    away(ben, None, 1, 5)
    with pytest.raises(Conflict):
        away(ben, None, 5, 7)
    assert away(ben, None, 6, 7).first_on > date(2026, 3, 2)


def test_an_unknown_absence_is_not_found(ada: User, clock: Clock, center: Center) -> None:
    with pytest.raises(NotFound):
        absence_end(absence_id=Absence().pk, by=ada.actor, at=clock.at)


def test_taking_back_twice_keeps_the_first_time(away: Away, ben: User, ada: User, clock: Clock) -> None:
    absence = away(ben)
    absence_end(absence_id=absence.pk, by=ada.actor, at=clock.at)
    absence_end(absence_id=absence.pk, by=ben.actor, at=clock.later(hours=1))
    found: Any = Absence.objects.get()
    assert (found.ended_at, found.ended_by) == (clock.at - timedelta(hours=1), "Ada")
