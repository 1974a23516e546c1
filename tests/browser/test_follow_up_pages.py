"""The pages of fifteen years at a desk, on a tablet and on a phone."""

import time_machine

from cartpath.accounts.models import User
from cartpath.reminders.engine import run
from cartpath.reminders.models import Reminder
from tests.browser.conftest import Open
from tests.browser.looking import look
from tests.factories import Story

OF_A_CHILD = (
    *("follow-up/visit_month_1/", "follow-up/over-time/", "follow-up/visit_month_1/arrange/", "infections/"),
    *("immune/", "immune/sample/", "immune/vaccine/", "new-malignancy/", "new-malignancy/add/"),
    *("hand-over/", "letters/", "letters/new/", "family/", "attempts/new/", "guardians/new/", "reminders/"),
)
OF_A_PERSON = ("/follow-up/where/?show=all", "/follow-up/new-malignancies/", "/mine/", "/mine/week/")


def test_what_belongs_to_a_child_for_fifteen_years_fits_every_screen_and_every_person(
    open_as: Open, story: Story, ben: User
) -> None:
    story.in_follow_up()
    story.visited("visit_day_28")
    story.later(days=3)
    with time_machine.travel(story.at, tick=True):
        run(now=lambda: story.at, seconds=60)
        page = open_as(ben)
        here = f"/journeys/{story.journey_id}/"
        assert [each for path in OF_A_CHILD for each in look(page, here + path)] == []


def test_what_a_person_and_a_center_set_fits_every_screen_and_every_person(
    open_as: Open, story: Story, ada: User, omar: User
) -> None:
    story.in_follow_up()
    story.later(days=30)
    with time_machine.travel(story.at, tick=True):
        run(now=lambda: story.at, seconds=60)
        page = open_as(ada)
        waits = Reminder.objects.open().get(item="visit_day_28")
        paths = (*OF_A_PERSON, f"/reminders/{waits.pk}/snooze/")
        wrong = [each for path in paths for each in look(page, path)]
        house = open_as(omar)
        assert (
            wrong
            + [each for path in ("/center/telling/", "/center/addresses/") for each in look(house, path)]
            == []
        )
