"""No page offers what its reader may not do: each link and form on it leads through a door of their role."""

import re
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve, reverse

from cartpath.accounts.enums import Role
from cartpath.accounts.permissions import ROLES_FOR, Permission
from followup.growing.inputs import LetterDetails
from followup.growing.letters import letter_begin
from tests.conftest import person
from tests.factories import Story
from tests.pages.conftest import Desk
from tests.toxicity.bedside import WELL, observed
from toxicity.grading.crs import OxygenDevice
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.laboratory.inputs import LabEntry, LabResult
from toxicity.laboratory.services import laboratory_record
from toxicity.services import acute_monitoring_end
from toxicity.sheets.discharge import discharge_begin
from toxicity.sheets.inputs import SheetDetails, SummaryDetails
from toxicity.sheets.services import hand_over_write

OFFER: Final = re.compile(r'(?:href|action|hx-get|hx-post)="(/[^"#]*)"')
LISTS: Final = (
    *("/", "/board/", "/ward/", "/ward/hand-over/", "/follow-up/", "/follow-up/where/"),
    *("/apheresis/", "/notices/"),
)
# Every page about a child at the bedside, forms too: those open to a role must not lead it astray either.
BEDSIDE: Final = (
    *("list", "flowsheet", "observe", "grades", "course", "checks", "alerts", "alerts_answer"),
    *("interventions", "intervene", "dosing_weight", "laboratory", "laboratory_new", "laboratory_sets"),
    *("laboratory_import", "hyperinflammation", "sheet", "sheet_write", "discharges", "discharge_new"),
    *("assess", "end"),
)
# Files and pages that ask no role: static files, addresses of calendars, one's own settings.
OPEN: Final = ("/static/", "/accounts/", "/mine/", "/admin/")


def closed_offers(role: Role, html: str) -> set[str]:
    """Addresses on a page whose door is closed to the role, without their keys."""
    found = set()
    for address in OFFER.findall(html):
        path = urlsplit(address.replace("&amp;", "&")).path
        if path.startswith(OPEN):
            continue
        try:
            view = resolve(path).func
        except Resolver404:
            found.add(path)
            continue
        permission: Permission | None = getattr(view, "permission", None)
        if permission is not None and role not in ROLES_FOR[permission]:
            found.add(re.sub(r"[0-9a-f-]{36}", "…", path))
    return found


def walked(desk: Desk, role: Role, *more: str) -> dict[str, set[str]]:
    """What each page a role can open offers it in vain."""
    found = {}
    for path in (*LISTS, *more):
        answer = desk.get(path)
        if answer.status_code == 200:
            found[path] = closed_offers(role, answer.content.decode())
    return {path: wrong for path, wrong in found.items() if wrong}


def a_night(story: Story) -> list[str]:
    """A child with one of everything there is at the bedside; the pages about each."""
    at, by = story.later(hours=6), story.clinician.actor
    made = observed(story, replace(WELL, temperature_c=39.2, spo2=84))
    values = LabEntry(results=(LabResult(analyte="ferritin", value=900, unit="ng/mL"),))
    blood = laboratory_record(journey_id=story.journey_id, taken_at=at, entry=values, by=by, at=at)
    oxygen = InterventionDetails(
        agent="oxygen", device=OxygenDevice.NASAL_CANNULA, rate=2.0, rate_unit="L/min"
    )
    given = intervention_record(journey_id=story.journey_id, intervention=oxygen, by=by, at=at)
    told = SheetDetails(
        situation="Fever", background="B-ALL", assessment="CRS 1", recommendation="Look again", language="en"
    )
    sheet = hand_over_write(journey_id=story.journey_id, sheet=told, by=by, at=at)
    draft = discharge_begin(
        journey_id=story.journey_id,
        summary=SummaryDetails(addressee="Dr. Verdi", language="en"),
        by=by,
        at=at,
    )
    keys = {
        "observation_set": made.pk,
        "observation_correct": made.pk,
        "laboratory_correct": blood.pk,
        "laboratory_analyte": "ferritin",
        "intervention_correct": given.pk,
        "intervention_stop": given.pk,
        "sheet_at": sheet.pk,
        "discharge": draft.pk,
        "discharge_paper": draft.pk,
        "checks_change": "vitals",
    }
    return [
        *(reverse(f"toxicity:{name}", args=[story.journey_id]) for name in BEDSIDE),
        *(reverse(f"toxicity:{name}", args=[story.journey_id, key]) for name, key in keys.items()),
    ]


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_offered_only_what_it_may_do(role: Role, story: Story) -> None:
    desk = Desk(person(f"{role}@a.example", role, role, story.center), story)
    wrong: dict[str, dict[str, set[str]]] = {}
    story.infused()
    child = desk.path("web:journey")
    wrong["infused"] = walked(desk, role, child, *a_night(story))
    acute_monitoring_end(journey_id=story.journey_id, by=story.clinician.actor, at=story.later(days=14))
    details = LetterDetails(kind="shared_care", addressee="Dr. Verdi", language="en")
    letter_begin(journey_id=story.journey_id, letter=details, by=story.clinician.actor, at=story.at)
    story.later(days=60)  # by now visits are overdue
    pages = (desk.path(f"followup:{name}") for name in ("plan", "immune", "letters", "family_sheet"))
    wrong["in follow-up"] = walked(desk, role, child, *pages)
    assert {stage: found for stage, found in wrong.items() if found} == {}
