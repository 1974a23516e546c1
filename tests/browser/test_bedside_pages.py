"""The pages about a child at the bedside in every size, for every person, by keyboard and on paper."""

import re

import pytest
import time_machine
from playwright.sync_api import expect

from bench.beds import children_copy
from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from tests.browser.bedside import empty_bed, full_bed
from tests.browser.conftest import PHONE, Open
from tests.browser.looking import TOO_SMALL, wrong_on
from tests.conftest import person
from tests.factories import Story

READ = (
    *("flowsheet/", "flowsheet/?span=month", "toxicity/", "grades/", "course/", "course/?from=0&to=6"),
    *("laboratory/", "laboratory/sets/", "laboratory/values/ferritin/", "interventions/", "alerts/"),
    *("checks/", "hand-over-sheet/", "discharge/"),
)
WARDS = ("/ward/", "/ward/hand-over/")
UNFOLD = "() => document.querySelectorAll('details').forEach((each) => { each.open = true; })"
# What a reader of a page in black and white must still find: text, not color alone.
INK_ONLY = """() => {
  const steps = [...document.querySelectorAll(".course-step")];
  const heights = new Set(steps.map((step) => step.getBBox().height));
  const said = [...document.querySelectorAll("text.course-grade")].map((text) => text.textContent.trim());
  const shapes = ["circle", "rect", "path"].filter((tag) => document.querySelector(`${tag}.course-dot`));
  return { heights: heights.size, said, shapes };
}"""

# What scrolls on a screen and would be cut off on paper.
CUT_OFF = """() => [...document.querySelectorAll(".sheet-wrap, .course-scroll, .ward-sheets")]
  .filter((each) => getComputedStyle(each).overflow !== "visible").map((each) => each.className)"""

# The ward asks anew each minute, and at once when its tab is looked at again.
LOOKED_AT_AGAIN = """() => document.dispatchEvent(new Event("visibilitychange"))"""


@pytest.fixture
def elena(story: Story) -> User:
    """Attending, center A."""
    return person("elena@a.example", "Elena", Role.ATTENDING, story.center)


@pytest.fixture
def ivo(story: Story) -> User:
    """Registrar, center A."""
    return person("ivo@a.example", "Ivo", Role.REGISTRAR, story.center)


@pytest.fixture
def rosa(story: Story) -> User:
    """Ward nurse, center A."""
    return person("rosa@a.example", "Rosa", Role.WARD_NURSE, story.center)


def test_what_is_read_at_the_bedside_fits_every_screen_and_every_person(
    open_as: Open, story: Story, ben: User, rosa: User
) -> None:
    bed = full_bed(story, ben)
    with time_machine.travel(story.at, tick=True):
        page = open_as(rosa)
        assert wrong_on(page, *WARDS, *(bed.here + path for path in READ), bed.here + bed.sheet) == []


def test_what_is_entered_at_the_bedside_fits_every_screen_and_every_person(
    open_as: Open, story: Story, ben: User
) -> None:
    bed = full_bed(story, ben)
    forms = (
        *("alerts/answer/", "checks/vitals/", "interventions/new/", "dosing-weight/"),
        *("laboratory/new/", "laboratory/import/", "laboratory/iec-hs/", "hand-over-sheet/write/"),
        *("discharge/new/", bed.summary, f"{bed.summary}paper/", f"{bed.assessed}sign/crs/"),
        *(f"{bed.oxygen}{act}/" for act in ("correct", "stop", "strike")),
        f"{bed.observed}time/",
        *(f"{bed.laboratory}{act}/" for act in ("correct", "strike")),
        *(f"{bed.weight}strike/", f"{bed.sheet}strike/", f"{bed.assessed}strike/"),
    )
    with time_machine.travel(story.at, tick=True):
        page = open_as(ben)
        assert wrong_on(page, "/center/laboratory-codes/", *(bed.here + path for path in forms)) == []


def test_a_bed_of_which_nothing_is_recorded_says_so_on_every_page(
    open_as: Open, story: Story, elena: User
) -> None:
    here = empty_bed(story)
    with time_machine.travel(story.at, tick=True):
        page = open_as(elena)
        assert wrong_on(page, *WARDS, *(here + path for path in READ)) == []
        for path in ("flowsheet/", "toxicity/", "laboratory/", "interventions/", "alerts/", "discharge/"):
            page.goto(here + path)
            expect(page.locator("main")).to_contain_text(re.compile(r"\b(No|Nothing|none|yet)\b"))


def test_every_touch_at_the_bedside_is_wide_enough_for_a_glove(
    open_as: Open, story: Story, ben: User, rosa: User
) -> None:
    bed = full_bed(story, ben)
    paths = ("/ward/", *(bed.here + path for path in ("flowsheet/", "observations/new/", "interventions/")))
    with time_machine.travel(story.at, tick=True):
        page = open_as(rosa, size=PHONE)
        for path in paths:
            page.goto(path)
            page.evaluate(UNFOLD)
            assert page.evaluate(TOO_SMALL) == [], path


def test_each_page_of_a_bed_leads_to_all_the_others(open_as: Open, story: Story, ivo: User) -> None:
    here = empty_bed(story)
    with time_machine.travel(story.at, tick=True):
        page = open_as(ivo, "/ward/")
        page.get_by_role("link", name="Flowsheet").click()
        rooms = page.get_by_role("navigation", name="Bedside")
        names = rooms.get_by_role("link").all_text_contents()
        assert len(names) == 10
        for name in names:
            rooms.get_by_role("link", name=name, exact=True).click()
            expect(rooms.locator("[aria-current=page]")).to_have_text(name)
            expect(rooms.get_by_role("link")).to_have_count(len(names))
        assert page.url.endswith(f"{here}discharge/")


def test_the_ward_renews_itself_keeps_the_keyboard_and_leaves_with_the_session(
    open_as: Open, story: Story, ben: User, rosa: User
) -> None:
    full_bed(story, ben)
    with time_machine.travel(story.at, tick=True):
        page = open_as(rosa, "/ward/")
        page.get_by_role("link", name="Flowsheet").focus()
        children_copy(story.journey, 1)
        page.evaluate(LOOKED_AT_AGAIN)
        expect(page.locator(".ward-row")).to_have_count(2)
        expect(page.locator(":focus")).to_contain_text("Flowsheet")
        page.context.clear_cookies()
        page.evaluate(LOOKED_AT_AGAIN)
        page.wait_for_url("**/login/**")


def test_an_alert_is_answered_from_the_ward_by_keyboard_alone(
    open_as: Open, story: Story, ben: User, ivo: User
) -> None:
    full_bed(story, ben)
    with time_machine.travel(story.at, tick=True):
        page = open_as(ivo, "/ward/")
        for name in ("and \\d+ more", "^Answer"):
            page.get_by_role("link", name=re.compile(name)).first.focus()
            page.keyboard.press("Enter")
            page.wait_for_load_state()
        page.locator("[name=answer]").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.locator("[data-messages]")).to_contain_text("Answered.")


def test_the_course_is_read_without_any_color(open_as: Open, story: Story, ben: User) -> None:
    bed = full_bed(story, ben)
    with time_machine.travel(story.at, tick=True):
        page = open_as(ben, f"{bed.here}course/")
        page.emulate_media(media="print", forced_colors="active")
        found = page.evaluate(INK_ONLY)
    assert found["heights"] >= 2
    assert {"1", "2"} & {said.strip("≥") for said in found["said"]}
    assert found["shapes"] == ["circle", "rect", "path"]


def test_sheets_and_courses_print_whole_and_without_buttons(open_as: Open, story: Story, ben: User) -> None:
    bed = full_bed(story, ben)
    with time_machine.travel(story.at, tick=True):
        page = open_as(ben)
        for path in ("/ward/hand-over/", *(bed.here + each for each in ("course/", "flowsheet/"))):
            page.goto(path)
            page.emulate_media(media="print")
            expect(page.locator("main .button:visible")).to_have_count(0)
            expect(page.locator("main .tabs:visible")).to_have_count(0)
            assert page.evaluate(CUT_OFF) == [], path
            page.emulate_media(media="screen")
