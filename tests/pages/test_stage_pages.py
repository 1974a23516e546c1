"""The panels of the stages on the patient page, and what all stage pages share."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from cartpath.accounts.models import Center, User
from followup import panels as followup
from infusion import panels as infusion
from infusion.inputs import InfusionDetails
from infusion.services import infusion_record
from leukapheresis import panels as leukapheresis
from leukapheresis.admin import ResourceAdmin
from leukapheresis.models import Resource
from manufacturing import panels as manufacturing
from patients.panels import StagePanel
from patients.services import journey_close
from tests.factories import Story
from tests.pages.conftest import Desk, text_of
from toxicity import panels as toxicity
from toxicity.grading.crs import CrsInput

Sit = Callable[[User], Desk]
STAGES = (leukapheresis, manufacturing, infusion, toxicity, followup)
STEPS = (
    "referred",
    "accepted",
    "booked",
    "collected",
    "manufacturing",
    "released",
    "lymphodepleted",
    "ready",
    "infused",
    "in_follow_up",
)


def panels(story: Story, user: User) -> dict[str, StagePanel]:
    found = [stage.panel(story.journey, user, story.at) for stage in STAGES]
    return {panel.anchor: panel for panel in found if panel}


@pytest.mark.parametrize("step", STEPS)
def test_every_stage_has_its_panel_wherever_the_journey_stands(step: str, story: Story, ada: User) -> None:
    getattr(story, step)()
    found = panels(story, ada)
    assert list(found) == ["apheresis", "manufacturing", "infusion", "toxicity", "follow-up"]
    for panel in found.values():
        assert panel.quiet or panel.body.strip()


@pytest.mark.parametrize("step", STEPS)
def test_an_auditor_is_offered_nothing_to_write(step: str, story: Story, dana: User, client: Client) -> None:
    getattr(story, step)()
    client.force_login(dana)
    for panel in panels(story, dana).values():
        for action in panel.actions:
            page = client.get(action.url)
            assert page.status_code == 200
            assert 'method="post" novalidate data-form' not in text_of(page)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_that_is_offered_can_be_opened(
    step: str, story: Story, desk: Sit, ada: User, ben: User, nina: User, luca: User
) -> None:
    getattr(story, step)()
    for user in (ada, ben, nina, luca):
        for panel in panels(story, user).values():
            for action in panel.actions:
                assert desk(user).get(action.url).status_code == 200, action.url


@pytest.mark.parametrize(
    ("step", "role", "anchor", "label"),
    [
        ("accepted", "coordinator", "apheresis", "Book a slot"),
        ("booked", "nurse", "apheresis", "Record a day"),
        ("collected", "coordinator", "manufacturing", "Order"),
        ("manufacturing", "lab", "manufacturing", "Release"),
        ("released", "nurse", "infusion", "Lymphodepletion"),
        ("lymphodepleted", "clinician", "infusion", "Checklist"),
        ("ready", "clinician", "infusion", "Record infusion"),
        ("infused", "nurse", "toxicity", "Observations"),
    ],
)
def test_the_next_step_stands_out(step: str, role: str, anchor: str, label: str, story: Story) -> None:
    getattr(story, step)()
    panel = panels(story, getattr(story, role))[anchor]
    assert [str(action.label) for action in panel.actions if action.primary] == [label]


def test_a_journey_that_closed_early_shows_only_what_happened(story: Story, ada: User) -> None:
    story.collected()
    journey_close(
        journey_id=story.journey_id, reason_code="withdrawn", note="Moved away", by=ada.actor, at=story.at
    )
    found = panels(story, ada)
    assert list(found) == ["apheresis"]
    assert found["apheresis"].actions == ()


def test_an_overdue_assessment_is_said_on_the_panel(story: Story, ben: User) -> None:
    story.infused()
    story.assessed(crs=CrsInput(temperature_c=39.0))
    story.later(hours=14)
    panel = panels(story, ben)["toxicity"]
    assert (str(panel.status), panel.tone) == ("Assessment overdue", "harm")
    assert "14 h ago" in " ".join(panel.body.split())


def test_an_unknown_dose_stays_unknown_on_the_panel(story: Story, ben: User) -> None:
    story.ready()
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(override_reason="The report does not state the dose."),
        by=ben.actor,
        at=story.later(minutes=10),
    )
    body = " ".join(panels(story, ben)["infusion"].body.split())
    assert '<dt>Cells given</dt><dd><span class="unknown">unknown</span></dd>' in body


def test_a_missed_visit_is_offered_first(story: Story, ada: User) -> None:
    story.in_follow_up()
    story.later(days=40)
    panel = panels(story, ada)["follow-up"]
    assert str(panel.status) == "Visit overdue"
    assert panel.actions[0].url.endswith("/follow-up/visit_day_28/")


STAGE_SPACES = ("leukapheresis", "manufacturing", "infusion", "toxicity", "followup")


def journey_pages() -> list[str]:
    """The stage pages that need a journey only."""
    names = []
    for space in STAGE_SPACES:
        _prefix, resolver = get_resolver().namespace_dict[space]
        for name, (routes, *_more) in resolver.reverse_dict.items():
            if isinstance(name, str) and [part for _path, part in routes] == [["journey_id"]]:
                names.append(f"{space}:{name}")
    return sorted(set(names))


@pytest.mark.parametrize("name", journey_pages())
def test_to_an_outsider_no_stage_page_exists(name: str, story: Story, desk: Sit, cleo: User) -> None:
    story.referred()
    assert desk(cleo).get(desk(cleo).path(name)).status_code == 404
    assert desk(cleo).get(reverse(name, args=[uuid4()])).status_code == 404


@pytest.mark.parametrize("name", journey_pages())
def test_a_stage_page_opened_too_early_says_why_or_shows_its_form(
    name: str, story: Story, desk: Sit, ada: User, ben: User, nina: User, luca: User
) -> None:
    story.referred()
    for user in (ada, ben, nina, luca):
        assert desk(user).get(desk(user).path(name)).status_code in (200, 403, 405, 409)


@pytest.mark.parametrize("name", journey_pages())
def test_no_stage_page_carries_a_style_or_a_script_of_its_own(
    name: str, story: Story, desk: Sit, ben: User
) -> None:
    story.infused()
    page = text_of(desk(ben).get(desk(ben).path(name)))
    assert "style=" not in page
    assert "<script>" not in page
    assert "onclick" not in page


def test_an_administrator_keeps_machines_of_their_own_centers(
    omar: User, center: Center, other_center: Center, rf: RequestFactory
) -> None:
    mine = Resource.objects.create(center=center, name="Ours")
    Resource.objects.create(center=other_center, name="Theirs")
    request = rf.get("/admin/")
    request.user = omar
    machines = ResourceAdmin(Resource, admin.site)
    assert list(machines.get_queryset(request)) == [mine]
    assert machines.has_change_permission(request) and not machines.has_delete_permission(request)


def test_nobody_else_keeps_machines(ada: User, center: Center, rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = ada
    machines = ResourceAdmin(Resource, admin.site)
    assert not machines.has_module_permission(request)
    assert not machines.has_add_permission(request)
    assert list(machines.get_queryset(request)) == []


def test_the_ruler_keeps_its_decimal_point_in_every_language(story: Story, desk: Sit, ben: User) -> None:
    story.in_follow_up()
    page = text_of(desk(ben).get(desk(ben).path("followup:plan"), accept_language="it"))
    assert '<html lang="it"' in page
    assert 'x="2.00%"' in page
