"""Every main page at a desk, on a tablet and on a phone: nothing sticks out, nothing is unreadable."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from playwright.sync_api import expect

from cartpath.accounts.models import User
from cartpath.calculators.registry import CALCULATORS
from cartpath.protocols.editions import edition_approve, edition_publish, edition_retire, edition_start
from cartpath.reminders.engine import run
from cartpath.reminders.models import Reminder
from infusion.inputs import InfusionDetails
from infusion.services import infusion_record
from patients.donors import donor_record
from patients.inputs import DonorDetails
from patients.results import RuleResult
from tests.browser.conftest import PHONE, Open
from tests.browser.looking import SIZES, STICKS_OUT, TOO_SMALL, grave, look
from tests.factories import Story, patient_details
from toxicity.grading.crs import CrsInput
from toxicity.models import Assessment

LONG = patient_details(
    family_name="Acquaviva Santacroce di Roccaforte", given_name="Massimiliano Alessandro Bartolomeo"
)


@pytest.fixture
def children(story: Story) -> Iterator[dict[str, str]]:
    """Children in four stages, by the stage's name; the clock of the server stands where the story ends."""
    addresses = {}
    story.in_follow_up()
    addresses["follow_up"] = f"/journeys/{story.journey_id}/"
    story.infused()
    story.assessed(crs=CrsInput(temperature_c=38.6, hypotension=False))
    addresses["infused"] = f"/journeys/{story.journey_id}/"
    story.accepted()
    addresses["accepted"] = f"/journeys/{story.journey_id}/"
    story.referred(patient=LONG, disease_status=None, cd19_status=None, cd19_tested_on=None)
    addresses["referred"] = f"/journeys/{story.journey_id}/"
    story.later(days=1)
    with time_machine.travel(story.at, tick=True):
        run(now=lambda: story.at, seconds=60)
        yield addresses


def test_lists_fit_every_screen_and_every_person(
    open_as: Open, children: dict[str, str], ada: User, omar: User
) -> None:
    page = open_as(ada)
    lists = ("/?who=all", "/board/", "/board/follow_up/", "/notices/", "/protocols/")
    wrong = [each for path in lists for each in look(page, path)]
    page.fill("[data-search]", "acquaviva")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Massimiliano")
    assert wrong + look(page, "/search/") + look(open_as(omar), "/") == []


def test_a_childs_pages_fit_every_screen_every_person_and_every_finger(
    open_as: Open, children: dict[str, str], ben: User
) -> None:
    page = open_as(ben)
    paths = [*children.values(), f"{children['infused']}timeline/", f"{children['accepted']}ledger/"]
    assert [each for path in paths for each in look(page, path)] == []
    page.set_viewport_size(PHONE)
    for path in ("/", children["infused"], f"{children['infused']}measurements/new/"):
        page.goto(path)
        assert page.evaluate(TOO_SMALL) == [], path


def test_forms_and_documents_fit_every_screen_and_every_person(
    open_as: Open, children: dict[str, str], ada: User, ben: User
) -> None:
    page = open_as(ben)
    reminder = Reminder.objects.get(journey__stage="referred", item="referral_decision")
    paths = (
        f"{children['referred']}eligibility/",
        f"{children['referred']}eligibility/E1/",
        f"{children['referred']}accept/",
        f"{children['infused']}measurements/new/",
        f"/reminders/{reminder.pk}/complete/",
        "/center/capd/en/",
        "/protocols/tisagenlecleucel-eu/1/",
    )
    wrong = [each for path in paths for each in look(page, path)]
    assert wrong + look(open_as(ada), "/referrals/new/") == []


def test_a_dose_in_parts_fits_every_screen_and_every_person(open_as: Open, story: Story, ben: User) -> None:
    story.wanted = {"product": "obecabtagene"}
    story.ready()
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(dose_cells=10_000_000, override_reason="Blasts 34 % elsewhere"),
        by=ben.actor,
        at=story.later(minutes=15),
    )
    story.later(days=9)
    here = f"/journeys/{story.journey_id}/"
    with time_machine.travel(story.at, tick=True):
        page = open_as(ben)
        paths = (here, f"{here}part/", f"{here}part/stop/", f"{here}finding/")
        assert [each for path in paths for each in look(page, path)] == []


def test_protocols_and_their_editions_fit_every_screen_and_every_person(
    open_as: Open, children: dict[str, str], story: Story, ben: User
) -> None:
    protocol_id = "tisagenlecleucel-eu"
    act = {"by": ben.actor, "at": story.at}
    first = edition_start(center=story.center, protocol_id=protocol_id, **act)
    edition_approve(edition_id=first.pk, row_id="check_gvhd", reason="Agreed in the team", **act)
    edition_retire(edition_id=first.pk, row_id="E8", reason="Not asked here", **act)
    own = edition_publish(edition_id=first.pk, reason="Agreed in the team", **act).version
    copy = edition_start(center=story.center, protocol_id=protocol_id, **act)
    edition_approve(edition_id=copy.pk, row_id="check_leukemia_burden", reason="We do this", **act)
    folder = f"/protocols/{protocol_id}/"
    paths = (
        f"{folder}{own}/?all=1",
        f"{folder}compare/?left=1&right={own}",
        f"{folder}journeys/",
        f"{folder}edition/",
        f"{folder}edition/rules/",
        f"{folder}edition/rules/plan_day_28/",
        f"{folder}edition/add/washout/",
        f"{children['infused']}protocol/?version={own}",
        "/rules/",
    )
    page = open_as(ben)
    assert [each for path in paths for each in look(page, path)] == []


def test_why_and_the_signature_fit_every_screen_and_every_person(
    open_as: Open, children: dict[str, str], ben: User
) -> None:
    page = open_as(ben)
    graded = Assessment.objects.get()
    found = {result.rule: result for result in RuleResult.objects.all()}
    rules = ("crs", "eligibility", "washout", "collection_acceptance", "lymphodepletion")
    whys = [f"/journeys/{found[rule].journey_id}/why/{found[rule].pk}/" for rule in rules]
    toxicity = f"{children['infused']}toxicity/"
    paths = (*whys, toxicity, f"{toxicity}{graded.pk}/sign/crs/")
    assert [each for path in paths for each in look(page, path)] == []


def test_every_calculator_fits_every_screen_with_its_answer(open_as: Open, ben: User) -> None:
    page = open_as(ben)
    wrong = look(page, "/calculators/")
    for name in CALCULATORS:
        wrong += look(page, f"/calculators/{name}/")
    answered = (
        ("crs", {"temperature_c": "39.5", "oxygen.flow_l_min": "3"}),
        ("icaht", {"anc": "0 300\n9 80\n20 90\n30 700"}),
        ("tocilizumab_dose", {"weight_kg": "12.4"}),
        ("follow_up_schedule", {"infused_on": "2026-03-02"}),
        ("easix", {"ldh_u_l": "0"}),
    )
    for name, typed in answered:
        page.goto(f"/calculators/{name}/")
        if name == "follow_up_schedule":
            page.select_option("[name=protocol]", index=1)
        for field, value in typed.items():
            page.fill(f'[name="{field}"]', value)
        page.get_by_role("button", name="Calculate").click()
        expect(page.locator(".result-foot, .form-errors")).to_be_visible()
        for size in SIZES:
            page.set_viewport_size(size)
            found = page.evaluate(STICKS_OUT)
            wrong += [f"{name} sticks out at {size['width']}: {found}"] * bool(found)
            wrong += [f"{name} at {size['width']}: {each}" for each in grave(page)]
        wrong += [f"{name}: {each}" for each in page.evaluate(TOO_SMALL)]
    assert wrong == []


def test_enter_calculates_and_does_not_add_rows(open_as: Open, ben: User) -> None:
    page = open_as(ben, "/calculators/tocilizumab_dose/")
    page.fill("[name=weight_kg]", "24")
    page.keyboard.press("Enter")
    expect(page.locator(".result-lead")).to_contain_text("288 mg")
    page.get_by_role("button", name="More rows").click()
    expect(page.locator('[name="previous_doses.4"]')).to_be_visible()
    expect(page.locator("[name=weight_kg]")).to_have_value("24")


def test_a_calculator_prints_its_answer_with_what_was_entered(open_as: Open, ben: User) -> None:
    page = open_as(ben, "/calculators/crs/")
    page.fill("[name=temperature_c]", "39.5")
    page.get_by_role("button", name="Calculate").click()
    expect(page.locator(".result-lead")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".calculator-form")).to_be_hidden()
    entered = page.locator(".result-part.print-only")
    expect(entered).to_contain_text("Temperature")
    expect(entered).to_contain_text("39.5 °C")
    expect(page.locator(".result-foot")).to_contain_text("Ben · CARTPath")


def test_a_keyboard_is_enough(open_as: Open, story: Story, ada: User) -> None:
    page = open_as(ada, "/board/")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("a/b")
    expect(page.locator("[data-search]")).to_have_value("a/b")

    page.goto("/board/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()

    page.goto("/referrals/new/")
    page.fill("[name=mrn]", "M-1")
    page.keyboard.press("Enter")
    expect(page.locator("[name=family_name]")).to_be_focused()
    expect(page.locator("[name=mrn]")).to_have_value("M-1")
    page.keyboard.press("Escape")
    expect(page).to_have_url("/board/")


def test_a_donors_pages_fit_every_screen_and_every_person(
    open_as: Open, story: Story, ada: User, nina: User
) -> None:
    story.accepted(product="donor_cd19", disease_status="relapse_after_hsct")
    here = f"/journeys/{story.journey_id}/"
    with time_machine.travel(story.at, tick=True):
        coordinator, nurse = open_as(ada), open_as(nina)
        paths = (here, f"{here}donor/", f"{here}donor/consent/", f"{here}apheresis/")
        wrong = [each for path in paths for each in look(coordinator, path)]
        donor = DonorDetails(
            local_id="DON-7",
            family_name="Acquaviva Santacroce di Roccaforte",
            given_name="Massimiliano Alessandro",
            birth_date=date(1988, 5, 1),
            sex="male",
            relation="father",
            hbv="positive",
            hbv_on=date(2026, 3, 1),
        )
        donor_record(journey_id=story.journey_id, donor=donor, by=ada.actor, at=story.at)
        wrong += [each for path in paths for each in look(coordinator, path)]
        assert wrong + look(nurse, f"{here}collection/") == []
