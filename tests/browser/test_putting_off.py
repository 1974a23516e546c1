"""A reminder is put off where it stands, with scripts and without."""

from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from cartpath.accounts.models import User
from cartpath.reminders.models import Reminder
from tests.browser.conftest import Open
from tests.browser.hands import fill, follow, send, told
from tests.factories import Story


def waiting(story: Story) -> Reminder:
    """A decision on a referral that waits now, by the clock on the wall."""
    story.at = datetime.now(ZoneInfo("Europe/Rome")).replace(microsecond=0)
    story.referred()
    return Reminder.objects.get(item="referral_decision")


def test_in_place_a_refusal_leads_to_the_field_and_an_answer_takes_the_line_away(
    story: Story, ben: User, open_as: Open
) -> None:
    waiting(story)
    page = open_as(ben)
    expect(page.locator("#rail-count-today")).to_contain_text("1")
    page.get_by_role("link", name="Put off: Decision on the referral").click()
    button = page.get_by_role("button", name="Put off", exact=True)
    button.click()
    expect(page.locator(".due-form [aria-invalid='true']").first).to_be_focused()
    fill(page, until="tomorrow", reason="The board meets tomorrow.")
    button.click()
    expect(page.locator(".due-put-off-note")).to_contain_text("The board meets tomorrow.")
    expect(page.locator("#rail-count-today")).to_be_hidden()
    page.reload()
    page.locator(".due-put-off summary").click()
    expect(page.locator(".due-put-off .due-name")).to_be_visible()


def test_without_scripts_it_is_a_page_of_its_own(story: Story, ben: User, open_as: Open) -> None:
    reminder = waiting(story)
    page = open_as(ben, scripts=False)
    follow(page, "Put off: Decision on the referral")
    page.locator("input[value='tomorrow']").check()
    page.locator("textarea[name='reason']").fill("The board meets tomorrow.")
    send(page, "Put off")
    told(page, "Put off until")
    reminder.refresh_from_db()
    assert reminder.snoozed_by == "Ben"
