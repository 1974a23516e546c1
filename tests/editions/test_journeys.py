"""What editions mean for a child: pinned journeys stay, moves are acts, replays find the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Chain, Event
from cartpath.protocols import registry
from cartpath.protocols.apply import values_of
from cartpath.protocols.editions import (
    edition_add,
    edition_alter,
    edition_publish,
    edition_retire,
)
from cartpath.protocols.models import ProtocolEdition
from cartpath.reminders.enums import Cause
from cartpath.reminders.models import Reminder
from cartpath.reminders.readers import ReminderReader
from cartpath.reminders.services import reminder_acknowledge
from cartpath.web.timeline.entries import timeline, timeline_events
from infusion.selectors import checklist
from patients.eligibility import protocol_for
from patients.inputs import ContactDetails, CriterionAssessment
from patients.models import Journey, Status
from patients.protocol_move import journey_protocol_move
from patients.readers import StatusReader
from patients.referrals import eligibility_assess, referral_accept
from patients.services import contact_record, journey_close
from tests.editions.conftest import DRAFT, EU, OTHER_DRAFT, Desk, Ship
from tests.factories import Story

pytestmark = pytest.mark.django_db


def reminders(journey_id: UUID) -> list[dict[str, Any]]:
    return list(Reminder.objects.filter(journey_id=journey_id).order_by("pk").values())


def due(journey_id: UUID, item: str) -> Reminder:
    return Reminder.objects.get(journey_id=journey_id, item=item)


def replayed(journey_id: UUID) -> None:
    """Make status and reminders anew from the ledger alone."""
    chain, events = Chain.objects.get(pk=journey_id), list(Event.objects.of(journey_id))
    Reminder.objects.filter(journey_id=journey_id).delete()
    Status.objects.filter(pk=journey_id).delete()
    StatusReader().rebuild(chain, events)
    ReminderReader().rebuild(chain, events)


def moved(story: Story, version: str, reason: str = "The new rules fit this child.") -> Journey:
    return journey_protocol_move(
        journey_id=story.journey_id, version=version, reason=reason, by=story.clinician.actor, at=story.at
    )


def slower_decision(desk: Desk) -> ProtocolEdition:
    """An edition in which a referral may wait for 40 days."""
    edition = desk.started()
    row = next(row for row in registry.latest(EU).pathway.items if row.item == "referral_decision")
    edition_alter(
        edition_id=edition.pk, row_id=row.id, values={"at": {"days": [40]}}, reason="Slow.", **desk.act
    )
    return edition_publish(edition_id=edition.pk, reason="Slow.", **desk.act)


def test_an_acceptance_pins_the_center_s_edition(story: Story, desk: Desk) -> None:
    desk.published(DRAFT)
    journey = story.accepted()
    assert (journey.protocol_id, journey.protocol_version) == (EU, "1-a-1")
    assert Event.objects.get(kind="accepted").data["protocol_version"] == "1-a-1"
    assert story.journey.status.protocol_version == "1-a-1"
    assert DRAFT in {line.item for line in checklist(story.journey, on=story.at.date())}


def test_a_journey_pinned_before_stays_untouched(story: Story, desk: Desk) -> None:
    story.accepted()
    before = (story.journey.protocol_version, reminders(story.journey_id))
    desk.published(DRAFT)
    story.measured()
    assert (story.journey.protocol_version, reminders(story.journey_id)) == before
    assert protocol_for(story.journey) is registry.get(EU, "1")
    replayed(story.journey_id)
    assert (story.journey.protocol_version, reminders(story.journey_id)) == before


def test_a_retired_criterion_still_counts_where_it_was_pinned(story: Story, desk: Desk) -> None:
    story.accepted()
    edition = desk.started()
    edition_retire(edition_id=edition.pk, row_id="E3", reason="Outdated.", **desk.act)
    edition_publish(edition_id=edition.pk, reason="x", **desk.act)
    assert protocol_for(story.journey).criterion("E3") is not None
    story.referred()
    assert protocol_for(story.journey).criterion("E3") is None


def test_a_referral_is_planned_by_what_was_current_when_it_was_recorded(story: Story, desk: Desk) -> None:
    slower_decision(desk)
    story.referred()
    waiting = due(story.journey_id, "referral_decision")
    assert waiting.due_on == story.at.date() + timedelta(days=40)


def test_a_replay_finds_the_same_although_an_edition_was_published_in_between(
    story: Story, desk: Desk
) -> None:
    story.referred()
    at_first = due(story.journey_id, "referral_decision").due_on
    slower_decision(desk)
    # These kinds plan nothing; the last event of the ledger is later than the publication all the same.
    story.measured()
    contact_record(
        journey_id=story.journey_id,
        contact=ContactDetails(relation="mother", name="Paola Rossi"),
        by=story.coordinator.actor,
        at=story.at,
    )
    before, status = reminders(story.journey_id), Status.objects.values().get(pk=story.journey_id)
    assert due(story.journey_id, "referral_decision").due_on == at_first
    replayed(story.journey_id)
    assert reminders(story.journey_id) == before
    assert Status.objects.values().get(pk=story.journey_id) == status


def test_the_next_deciding_event_follows_the_edition_and_so_does_its_replay(story: Story, desk: Desk) -> None:
    story.referred()
    slower_decision(desk)
    reminder_acknowledge(
        reminder_id=due(story.journey_id, "referral_decision").pk, by=story.coordinator.actor, at=story.at
    )
    before = reminders(story.journey_id)
    assert due(story.journey_id, "referral_decision").due_on == story.at.date() + timedelta(days=40)
    replayed(story.journey_id)
    assert reminders(story.journey_id) == before


def test_an_edition_may_wait_for_events_that_no_shipped_protocol_watches(story: Story, desk: Desk) -> None:
    """The reminder of an added row follows its event at once, and a replay says the same."""
    edition = desk.started()
    edition_add(
        edition_id=edition.pk,
        section="pathway.items",
        values={
            "id": "expect_weight",
            "item": "weighing",
            "label": "Weigh the child",
            "anchor": "contact_recorded",
            "at": {"days": [3]},
            "window": {"after_days": 2},
            "role": "apheresis_nurse",
            "priority": 3,
            "fulfilled_by": {"kind": "measured"},
        },
        reason="Weights were missing.",
        **desk.act,
    )
    edition_publish(edition_id=edition.pk, reason="x", **desk.act)
    story.accepted()
    contact_record(
        journey_id=story.journey_id,
        contact=ContactDetails(relation="mother", name="Paola Rossi"),
        by=story.coordinator.actor,
        at=story.at,
    )
    assert due(story.journey_id, "weighing").is_open
    story.later(days=2)
    story.measured()
    assert not due(story.journey_id, "weighing").is_open
    before = reminders(story.journey_id)
    replayed(story.journey_id)
    assert reminders(story.journey_id) == before


def test_a_move_is_an_event_that_status_and_reminders_follow(story: Story, desk: Desk) -> None:
    story.accepted()
    edition = desk.started()
    row = next(row for row in registry.latest(EU).pathway.items if row.item == "apheresis_booking")
    edition_alter(edition_id=edition.pk, row_id=row.id, values={"at": {"days": [30]}}, reason="x", **desk.act)
    edition_publish(edition_id=edition.pk, reason="x", **desk.act)
    accepted_on = Event.objects.get(kind="accepted").occurred_at
    journey = moved(story, "1-a-1")
    event = Event.objects.get(kind="protocol_changed")
    assert event.data == {
        "protocol_id": EU,
        "from": "1",
        "to": "1-a-1",
        "reason": "The new rules fit this child.",
    }
    assert (journey.protocol_version, story.journey.protocol_version) == ("1-a-1", "1-a-1")
    assert story.journey.status.protocol_version == "1-a-1"
    waiting = due(story.journey_id, "apheresis_booking")
    assert waiting.due_on == accepted_on.astimezone(story.center.zone).date() + timedelta(days=30)
    before, status = reminders(story.journey_id), Status.objects.values().get(pk=story.journey_id)
    replayed(story.journey_id)
    assert reminders(story.journey_id) == before
    assert Status.objects.values().get(pk=story.journey_id) == status


def test_a_move_there_and_back_leaves_the_reminders_as_they_were(story: Story, desk: Desk) -> None:
    story.in_follow_up()
    before = reminders(story.journey_id)
    edition = desk.started()
    visits = registry.latest(EU).follow_up.visits
    edition_alter(
        edition_id=edition.pk,
        row_id=visits[0].id,
        values={"window": {**values_of(visits[0])["window"], "after_days": 21}},
        reason="x",
        **desk.act,
    )
    edition_publish(edition_id=edition.pk, reason="x", **desk.act)
    moved(story, "1-a-1")
    assert reminders(story.journey_id) != before
    story.later(hours=1)
    moved(story, "1", reason="Back.")
    assert reminders(story.journey_id) == before


def test_what_the_new_version_no_longer_wants_goes_and_what_was_settled_stays(
    story: Story, desk: Desk
) -> None:
    story.accepted()
    edition = desk.started()
    row = next(row for row in registry.latest(EU).pathway.items if row.item == "apheresis_booking")
    edition_retire(edition_id=edition.pk, row_id=row.id, reason="x", **desk.act)
    edition_publish(edition_id=edition.pk, reason="x", **desk.act)
    moved(story, "1-a-1")
    left = {row["item"]: row["cause"] for row in reminders(story.journey_id)}
    growing_up = {"assent_age_12": "", "own_consent_age_18": ""}
    assert left == {"referral_decision": Cause.FULFILLED, **growing_up}


def test_a_move_to_a_newer_shipped_version_is_a_move_too(story: Story, ship: Ship) -> None:
    story.accepted()
    ship(replace(registry.latest(EU), version="2"))
    assert moved(story, "2").protocol_version == "2"
    assert protocol_for(story.journey).version == "2"


@pytest.mark.parametrize("version", ["1-b-1", "99", "1-a-9", "", "tisagenlecleucel-us"])
def test_a_version_that_is_not_the_center_s_is_refused(story: Story, cleos_desk: Desk, version: str) -> None:
    story.accepted()
    cleos_desk.published(DRAFT)
    with pytest.raises(Invalid) as refused:
        moved(story, version)
    assert (refused.value.code, list(refused.value.fields)) == ("unknown_version", ["version"])
    assert not Event.objects.filter(kind="protocol_changed").exists()


def test_the_same_version_a_missing_reason_and_an_unpinned_or_closed_journey_are_refused(
    story: Story, desk: Desk
) -> None:
    desk.published(DRAFT)
    story.referred()
    with pytest.raises(Conflict) as unpinned:
        moved(story, "1")
    assert unpinned.value.code == "not_pinned"
    story.accepted()
    with pytest.raises(Invalid) as same:
        moved(story, "1-a-1")
    assert same.value.code == "same_version"
    with pytest.raises(Invalid) as silent:
        moved(story, "1", reason=" ")
    assert list(silent.value.fields) == ["reason"]
    journey_close(
        journey_id=story.journey_id,
        reason_code="withdrawn",
        note="Family's wish.",
        by=story.clinician.actor,
        at=story.at,
    )
    with pytest.raises(Conflict) as closed:
        moved(story, "1")
    assert closed.value.code == "journey_closed"


def test_only_clinicians_decide_about_rules_and_moves(ada: User, ben: User, cleo: User, dana: User) -> None:
    center_id = ben.center_ids[0]
    for permission in (Permission.APPROVE_RULES, Permission.MOVE_PROTOCOL):
        assert [person.may(permission, center_id) for person in (ada, ben, cleo, dana)] == [
            False,
            True,
            False,
            False,
        ]


def test_the_timeline_tells_the_move_with_its_reason(story: Story, desk: Desk) -> None:
    story.accepted()
    desk.published(DRAFT)
    moved(story, "1-a-1")
    journey = story.journey
    entry = timeline(journey, list(timeline_events(journey.pk)))[0]
    assert str(entry.title) == "Moved to another protocol version"
    assert f"protocol {EU}: version 1 → 1-a-1 · The new rules fit this child." in str(entry.detail)


def test_what_was_judged_is_what_is_pinned_although_an_edition_is_published_meanwhile(
    story: Story, desk: Desk
) -> None:
    """One instance of a journey asks once; a service works on a locked instance of its own."""
    story.referred()
    journey = story.journey
    assert protocol_for(journey).version == "1"
    desk.published(DRAFT)
    assert protocol_for(journey).version == "1"
    assert protocol_for(story.journey).version == "1-a-1"


def test_an_acceptance_of_an_import_names_its_version(story: Story, desk: Desk) -> None:
    desk.published(DRAFT)
    desk.published(OTHER_DRAFT)
    story.referred()
    act: dict[str, Any] = {"journey_id": story.journey_id, "by": story.clinician.actor, "at": story.at}
    assessment = CriterionAssessment(criterion="E1", verdict="met", observed_on=story.at.date())
    with pytest.raises(Invalid) as refused:
        eligibility_assess(assessment=assessment, protocol_version="1-b-1", **act)
    assert list(refused.value.fields) == ["protocol_version"]
    journey = referral_accept(override_reason="On paper.", protocol_version="1-a-1", **act)
    assert journey.protocol_version == "1-a-1"
