"""No page offers what its reader may not do: each link and form on it leads through a door of their role."""

import re
from typing import Final
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from cartpath.accounts.enums import Role
from cartpath.accounts.permissions import ROLES_FOR, Permission
from followup.growing.inputs import LetterDetails
from followup.growing.letters import letter_begin
from tests.conftest import person
from tests.factories import Story
from tests.pages.conftest import Desk
from toxicity.services import acute_monitoring_end

OFFER: Final = re.compile(r'(?:href|action|hx-get|hx-post)="(/[^"#]*)"')
LISTS: Final = ("/", "/board/", "/ward/", "/follow-up/", "/follow-up/where/", "/apheresis/", "/notices/")
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


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_offered_only_what_it_may_do(role: Role, story: Story) -> None:
    desk = Desk(person(f"{role}@a.example", role, role, story.center), story)
    wrong: dict[str, dict[str, set[str]]] = {}
    story.infused()
    child = desk.path("web:journey")
    wrong["infused"] = walked(desk, role, child, desk.path("toxicity:list"))
    acute_monitoring_end(journey_id=story.journey_id, by=story.clinician.actor, at=story.later(days=14))
    details = LetterDetails(kind="shared_care", addressee="Dr. Verdi", language="en")
    letter_begin(journey_id=story.journey_id, letter=details, by=story.clinician.actor, at=story.at)
    story.later(days=60)  # by now visits are overdue
    pages = (desk.path(f"followup:{name}") for name in ("plan", "immune", "letters", "family_sheet"))
    wrong["in follow-up"] = walked(desk, role, child, *pages)
    assert {stage: found for stage, found in wrong.items() if found} == {}
