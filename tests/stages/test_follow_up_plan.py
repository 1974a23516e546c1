"""The plan through the services: resets, another infusion, arranged days, and reminders that follow them."""

from datetime import date, timedelta
from typing import Any

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event
from cartpath.reminders.enums import Cause
from cartpath.reminders.models import Reminder
from cartpath.reminders.readers import ReminderReader
from followup.arranging import Arrangement, visit_arrange, visit_unarrange
from followup.models import ArrangedVisit
from followup.pictures import visit_pictures
from followup.selectors import happenings
from followup.services import disease_event_strike, relapse_record, transplant_record, visit_strike
from infusion.second_infusion import reinfusion_record
from patients.eligibility import protocol_for
from patients.services import journey_close, patient_change
from tests.factories import Story, patient_details


@pytest.fixture
def followed(story: Story) -> Story:
    """A child 14 days after the infusion."""
    story.child = patient_details()
    story.in_follow_up()
    return story


def act(story: Story) -> dict[str, Any]:
    return {"journey_id": story.journey_id, "by": story.clinician.actor, "at": story.at}


def today(story: Story) -> date:
    return story.center.local_day(story.at)


def waiting(story: Story) -> set[str]:
    """Open reminders of visits and registry forms."""
    names = Reminder.objects.open().filter(journey_id=story.journey_id).values_list("item", flat=True)
    return {name for name in names if name.startswith(("visit_", "registry_"))}


def shown(story: Story) -> dict[str, str]:
    """What the plan page says of each visit."""
    pictures = visit_pictures(story.journey, on=today(story))
    return {each.planned.expected.item: each.state for each in pictures}


def agree(story: Story) -> None:
    """The page and the reminders speak of the same visits."""
    awaited = {item for item, state in shown(story).items() if state in ("planned", "due", "missed")}
    assert awaited == {item for item in waiting(story) if item.startswith("visit_")}


def test_a_relapse_stops_efficacy_visits_and_struck_it_lets_them_go_on(followed: Story) -> None:
    before = waiting(followed)
    followed.later(days=30)
    row = relapse_record(relapsed_on=today(followed), detail="Marrow", **act(followed))
    stopped = before - waiting(followed)
    assert "visit_month_2" in stopped
    assert "visit_month_3" in waiting(followed) and "registry_day_100" in waiting(followed)
    assert not any(name.startswith(("visit_year", "registry")) for name in stopped)
    reminder = Reminder.objects.get(journey_id=followed.journey_id, item="visit_month_2")
    assert reminder.cause == Cause.STOPPED
    assert shown(followed)["visit_month_2"] == "stopped"
    agree(followed)
    disease_event_strike(row_id=row.pk, reason="Other child", by=followed.clinician.actor, at=followed.at)
    assert waiting(followed) == before
    agree(followed)
    with pytest.raises(Conflict, match="already"):
        disease_event_strike(row_id=row.pk, reason="Again", by=followed.clinician.actor, at=followed.at)


def test_a_transplant_counts_visits_and_forms_from_itself_and_keeps_the_safety_clock(
    followed: Story,
) -> None:
    followed.later(days=86)
    transplant_record(transplanted_on=today(followed), **act(followed))
    found = waiting(followed)
    assert {"visit_hct_month_1", "registry_hct_day_100", "visit_month_12", "visit_year_15"} <= found
    assert not found & {"visit_month_4", "visit_month_9", "registry_month_6", "registry_year_1"}
    form = Reminder.objects.get(journey_id=followed.journey_id, item="registry_hct_day_100")
    assert form.due_on == today(followed) + timedelta(days=100)
    agree(followed)


def test_a_visit_of_the_transplant_can_be_held(followed: Story) -> None:
    transplant_record(transplanted_on=today(followed), **act(followed))
    followed.later(days=31)
    followed.visited("visit_hct_month_1", response="CR")
    assert "visit_hct_month_1" not in waiting(followed)
    assert shown(followed)["visit_hct_month_1"] == "done"


def test_another_infusion_of_the_child_leaves_only_the_safety_visits_of_the_earlier_journey(
    followed: Story,
) -> None:
    first = followed.journey_id
    followed.infused()
    (told,) = Event.objects.of(first).filter(kind=EventKind.REINFUSED)
    assert told.occurred_at == followed.journey.infused_at
    assert told.data["infused_on"] == today(followed).isoformat()
    assert not Event.objects.of(followed.journey_id).filter(kind=EventKind.REINFUSED).exists()
    assert {"visit_day_28", "registry_day_100", "visit_year_15"} <= waiting(followed)
    followed.journey_id = first
    assert "visit_year_15" in waiting(followed)
    assert not waiting(followed) & {"visit_day_28", "visit_month_9", "registry_day_100", "registry_year_15"}
    agree(followed)


def test_another_childs_infusion_changes_nothing(followed: Story) -> None:
    first = followed.journey_id
    followed.child = patient_details()
    followed.infused()
    assert not Event.objects.of(first).filter(kind=EventKind.REINFUSED).exists()


def test_a_closed_journey_is_not_told_of_another_infusion(followed: Story) -> None:
    first = followed.journey_id
    journey_close(reason_code="transferred", note="Moved away", **act(followed))
    followed.infused()
    assert not Event.objects.of(first).filter(kind=EventKind.REINFUSED).exists()


def test_an_infusion_elsewhere_lies_after_this_one(followed: Story) -> None:
    too_early = act(followed) | {"at": followed.journey.infused_at}
    with pytest.raises(Conflict, match="not infused"):
        reinfusion_record(infused_on=today(followed), product="tisagenlecleucel", **too_early)


def test_transfer_and_death_end_the_visits_and_death_keeps_the_next_form(followed: Story) -> None:
    followed.later(days=30)
    journey_close(reason_code="died", note="Infection", died_on=today(followed), **act(followed))
    assert waiting(followed) == {"registry_day_100"}


# --- Arranged days -----------------------------------------------------------------------------------------


def arrange(story: Story, *items: str, in_days: int = 15, **said: Any) -> ArrangedVisit:
    day = today(story) + timedelta(days=in_days)
    return visit_arrange(arrangement=Arrangement(items=items, planned_on=day, **said), **act(story))


def test_an_arranged_day_stands_until_its_visits_are_held(followed: Story) -> None:
    made = arrange(followed, "visit_day_28", "visit_month_1", starts_at="09:30")
    assert ArrangedVisit.objects.standing().get() == made
    followed.later(days=15)
    followed.visited("visit_day_28")
    assert ArrangedVisit.objects.standing().exists()
    followed.visited("visit_month_1")
    assert not ArrangedVisit.objects.standing().exists()


def test_a_visit_in_error_brings_its_arranged_day_back(followed: Story) -> None:
    arrange(followed, "visit_day_28")
    followed.later(days=15)
    followed.visited("visit_day_28")
    visit = followed.journey.visits.get()
    visit_strike(visit_id=visit.pk, reason="Other child", by=followed.clinician.actor, at=followed.at)
    assert ArrangedVisit.objects.standing().exists()


def test_the_last_day_said_counts_and_other_visits_keep_theirs(followed: Story) -> None:
    arrange(followed, "visit_day_28", "visit_month_1")
    arrange(followed, "visit_month_1", in_days=20)
    days = {
        line.item: each.planned_on for each in ArrangedVisit.objects.standing() for line in each.items.all()
    }
    assert days == {
        "visit_day_28": today(followed) + timedelta(days=15),
        "visit_month_1": today(followed) + timedelta(days=20),
    }
    arrange(followed, "visit_day_28", in_days=20)
    moved = ArrangedVisit.objects.exclude(canceled_at=None).get()
    assert moved.canceled_reason == "moved"


def test_an_arranged_day_is_canceled_with_a_reason(followed: Story) -> None:
    arrange(followed, "visit_day_28", "visit_month_1")
    visit_unarrange(item="visit_month_1", reason_code="family", **act(followed))
    assert not ArrangedVisit.objects.standing().exists()
    (told,) = Event.objects.of(followed.journey_id).filter(kind=EventKind.VISIT_UNPLANNED)
    assert told.data["reason_code"] == "family"
    with pytest.raises(Conflict, match="No day is arranged"):
        visit_unarrange(item="visit_month_1", reason_code="family", **act(followed))


@pytest.mark.parametrize(
    ("items", "in_days", "field"),
    [
        (("visit_day_28",), -1, "planned_on"),
        (("visit_month_7",), 5, "items"),
        (("visit_day_28", "visit_day_28"), 5, "items"),
    ],
)
def test_an_impossible_day_or_visit_is_not_arranged(
    items: tuple[str, ...], in_days: int, field: str, followed: Story
) -> None:
    with pytest.raises(Invalid) as refused:
        arrange(followed, *items, in_days=in_days)
    assert set(refused.value.fields) == {field}
    assert not ArrangedVisit.objects.exists()


def test_a_stopped_visit_is_not_arranged(followed: Story) -> None:
    relapse_record(relapsed_on=today(followed), **act(followed))
    with pytest.raises(Invalid):
        arrange(followed, "visit_month_2")


# --- Replay ------------------------------------------------------------------------------------------------


def test_a_replay_of_resets_makes_the_same_reminders(followed: Story) -> None:
    transplant_record(transplanted_on=today(followed), **act(followed))
    followed.later(days=60)
    relapse_record(relapsed_on=today(followed), **act(followed))
    read = list(Reminder.objects.filter(journey_id=followed.journey_id).order_by("pk").values())
    chain_rows = Event.objects.of(followed.journey_id)
    Reminder.objects.filter(journey_id=followed.journey_id, deliveries=None).delete()
    ReminderReader().rebuild(Chain.objects.get(pk=followed.journey_id), list(chain_rows))
    assert list(Reminder.objects.filter(journey_id=followed.journey_id).order_by("pk").values()) == read


def test_the_plan_reads_what_happened_in_one_query(followed: Story, django_assert_num_queries: Any) -> None:
    relapse_record(relapsed_on=today(followed), **act(followed))
    journey = followed.journey
    with django_assert_num_queries(1):
        assert [each.kind for each in happenings(journey)] == ["infused", "relapsed"]


def test_a_changed_birth_date_moves_birthdays_in_every_journey_of_the_child(followed: Story) -> None:
    protocol = protocol_for(followed.journey)
    names = {item.item for item in protocol.expected_items() if item.offset.age is not None}
    ages = Reminder.objects.filter(patient_id=followed.journey.patient_id, item__in=names)
    first = followed.journey_id
    followed.accepted()
    before = {reminder.pk: reminder.due_on for reminder in ages.all()}
    patient_change(changes={"birth_date": date(2021, 2, 15)}, reason="Typing error", **act(followed))
    after = {reminder.pk: reminder.due_on for reminder in ages.all()}
    assert after.keys() == before.keys()
    assert after == {pk: due.replace(month=2) for pk, due in before.items()}
    journeys = set(ages.values_list("journey_id", flat=True))
    assert journeys == {first, followed.journey_id}
