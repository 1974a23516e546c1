"""From the order to the infusion: every page at a desk, on a tablet, on a phone, and for every person."""

from datetime import timedelta

import time_machine

from cartpath.accounts.models import User
from manufacturing.custody.breaks import break_open, quarantine_set
from manufacturing.custody.inputs import BreakDetails
from tests.browser.conftest import Open
from tests.browser.looking import wrong_on
from tests.factories import Story
from tests.infusing import bags_added
from tests.ready.conftest import begun, held, planned

ORDERED = (
    *("portal/enrollment/", "portal/order/", "portal/collection/", "portal/receipt/", "order/change/"),
    *("manufacturing/", "manufacturing/expected/", "manufacturing/failed/", "quality/", "release/"),
    "out-of-specification/",
)
CUSTODY = (
    *("custody/", "custody/bags/", "custody/breaks/new/", "custody/breaks/1/close/"),
    *("custody/items/2/quarantine/", "custody/items/1/lift/", "custody/steps/product_stored/"),
    *("custody/steps/issued_to_ward/?item=2", "quality/", "release/withdraw/"),
)
READY = (
    *("ready/", "holds/", "holds/new/", "bridging/", "bridging/new/", "lymphodepletion/plan/"),
    *("lymphodepletion/", "checklist/", "identity/"),
)


def broken(story: Story) -> None:
    """Two bags on site: one in quarantine with a break that nobody closed, the other as it should be."""
    first, _second = bags_added(story)
    by, at = story.lab, story.later(hours=1)
    break_open(
        journey_id=story.journey_id,
        item_id=first.pk,
        details=BreakDetails(reason="seal", what="Seal 4711 torn", due_on=at.date() + timedelta(days=2)),
        owner=by,
        by=by.actor,
        at=at,
    )
    quarantine_set(
        journey_id=story.journey_id,
        item_ids=[first.pk],
        reason="damage",
        note="Until the manufacturer answers",
        by=by.actor,
        at=at,
    )


def test_ordering_and_quality_fit_every_screen_and_every_person(
    open_as: Open, story: Story, ada: User, luca: User
) -> None:
    story.manufacturing()
    with time_machine.travel(story.later(days=8), tick=True):
        here = f"/journeys/{story.journey_id}/"
        coordinator, lab = open_as(ada), open_as(luca)
        center = ("/products/", "/products/portal-load/", "/products/quotas/")
        assert wrong_on(coordinator, *center, *(here + path for path in ORDERED[:7])) == []
        assert wrong_on(lab, *(here + path for path in ORDERED[7:])) == []


def test_custody_fits_every_screen_and_every_person(
    open_as: Open, story: Story, luca: User, omar: User
) -> None:
    story.released()
    broken(story)
    with time_machine.travel(story.later(hours=1), tick=True):
        page = open_as(luca)
        here = f"/journeys/{story.journey_id}/"
        center = ("/custody/breaks/", "/custody/storage/")
        assert wrong_on(page, *center, *(here + path for path in CUSTODY)) == []
        assert wrong_on(open_as(omar), "/custody/settings/") == []


def test_what_comes_before_the_infusion_fits_every_screen_and_every_person(
    open_as: Open, story: Story, ben: User
) -> None:
    story.released()
    broken(story)
    story.later(days=1)
    course, plan, hold = begun(story), planned(story), held(story)
    forms = (
        *(f"holds/{hold.pk}/{act}/" for act in ("review", "end", "error")),
        *(f"bridging/{course.pk}/{act}/" for act in ("end", "error")),
        *(f"lymphodepletion/plan/{plan.pk}/error/", "ready/go-on/staging/"),
    )
    with time_machine.travel(story.later(hours=1), tick=True):
        here = f"/journeys/{story.journey_id}/"
        assert wrong_on(open_as(ben), *(here + path for path in (*READY, *forms))) == []
