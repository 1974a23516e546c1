"""A journey is moved from one version of its protocol to another, with what this changes in sight."""

from datetime import timedelta

from cartpath.accounts.models import Center, User
from cartpath.protocols.editions import (
    edition_approve,
    edition_publish,
    edition_start,
)
from cartpath.reminders.models import Reminder
from tests.factories import Story
from tests.pages.conftest import text_of
from tests.pages.editions import DRAFT, EU, OWN, Sit, with_shorter_cd19


def test_the_page_of_a_move_shows_what_changes_for_this_child(desk: Sit, story: Story, ben: User) -> None:
    story.infused()
    infused_on = story.at.astimezone(story.center.zone).date()
    with_shorter_cd19(story, ben)
    sitting = desk(ben)
    assert "In this child's plan" not in text_of(sitting.get(sitting.path("web:journey_protocol")))
    page = text_of(sitting.get(f"{sitting.path('web:journey_protocol')}?version={OWN}"))
    assert "In this child&#x27;s plan" in page or "In this child's plan" in page
    due = infused_on + timedelta(days=28)
    assert due.strftime("%d-%b-%Y") in page
    assert (due + timedelta(days=10)).strftime("%d-%b") in page
    assert "CD19 expression" in page
    assert story.journey.patient.family_name in page


def test_a_journey_is_moved_with_a_reason_and_its_plan_follows(desk: Sit, story: Story, ben: User) -> None:
    story.infused()
    with_shorter_cd19(story, ben)
    before = Reminder.objects.get(journey_id=story.journey_id, item="visit_day_28")
    sitting = desk(ben)
    path = sitting.path("web:journey_protocol")
    response = sitting.post(path, {"version": OWN, "reason": ""})
    assert response.status_code == 422
    assert "CD19 expression" in text_of(response)
    assert sitting.post(path, {"version": OWN, "reason": "Lives far away"}).status_code == 302
    assert story.journey.protocol_version == OWN
    after = Reminder.objects.get(journey_id=story.journey_id, item="visit_day_28")
    assert after.closes_at - before.closes_at == timedelta(days=3)


def test_what_is_over_for_a_child_is_counted_and_not_listed(desk: Sit, story: Story, ben: User) -> None:
    story.in_follow_up()
    story.later(days=14)
    story.visited("visit_day_28")
    with_shorter_cd19(story, ben)
    sitting = desk(ben)
    page = text_of(sitting.get(f"{sitting.path('web:journey_protocol')}?version={OWN}"))
    assert "Day 28 visit</span>" not in page.partition('id="rules"')[0]
    assert "1 further item differs but is over for this child." in page


def test_a_journey_is_not_moved_to_where_it_is_or_to_nowhere(
    desk: Sit, story: Story, ben: User, other_center: Center, cleo: User
) -> None:
    story.accepted()
    sitting = desk(ben)
    path = sitting.path("web:journey_protocol")
    edition = edition_start(center=other_center, protocol_id=EU.id, by=cleo.actor, at=story.at)
    edition_approve(edition_id=edition.pk, row_id=DRAFT, reason="R", by=cleo.actor, at=story.at)
    foreign = edition_publish(edition_id=edition.pk, reason="R", by=cleo.actor, at=story.at).version
    for version in ("1", "9", foreign, ""):
        assert sitting.post(path, {"version": version, "reason": "R"}).status_code == 422, version
        assert sitting.get(f"{path}?version={version}").status_code == 200
    assert story.journey.protocol_version == "1"


def test_a_journey_before_acceptance_has_nothing_to_be_moved_from(desk: Sit, story: Story, ben: User) -> None:
    story.referred()
    sitting = desk(ben)
    assert "Not pinned yet" in text_of(sitting.get(sitting.path("web:journey_protocol")))
    assert "Move to another version" not in text_of(sitting.get(sitting.path("web:journey")))


def test_the_journey_links_to_the_move_for_clinicians_only(
    desk: Sit, story: Story, ben: User, ada: User
) -> None:
    story.accepted()
    path = desk(ben).path("web:journey_protocol")
    assert path in text_of(desk(ben).get(desk(ben).path("web:journey")))
    assert path not in text_of(desk(ada).get(desk(ada).path("web:journey")))
    assert desk(ada).post(path, {"version": "1", "reason": "R"}).status_code == 403
