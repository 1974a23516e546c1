"""What the tests of protocol pages share: an edition, a working copy, and the mark of what a page shows."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from cartpath.accounts.models import User
from cartpath.protocols import registry
from cartpath.protocols.editions import (
    edition_alter,
    edition_publish,
    edition_start,
)
from cartpath.protocols.models import ProtocolEdition
from tests.factories import Story
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]
EU = registry.latest("tisagenlecleucel-eu")
US = registry.latest("tisagenlecleucel-us")
LIST, RULES = "/protocols/", "/rules/"
OWN = f"{EU.version}-a-1"
DRAFTS = [row.id for row in EU.infusion.checklist if row.status == "draft"]
DRAFT = DRAFTS[0]


def url(name: str, *args: str) -> str:
    """A page of the protocol."""
    return reverse(f"web:{name}", args=[EU.id, *args])


DESK = url("edition")


def seen(desk: Desk, path: str = DESK) -> str:
    """The mark of what a page shows of the working copy."""
    found = re.search(r'name="seen" value="([^"]*)"', text_of(desk.get(path)))
    assert found
    return found[1]


def send(desk: Desk, path: str, mark: str | None = None, **typed: Any) -> HttpResponse:
    """Send a form of the working copy as it stands now, or as it stood when `mark` was read."""
    return desk.post(path, {"seen": seen(desk) if mark is None else mark, **typed})


def begun(story: Story, by: User) -> ProtocolEdition:
    """A working copy."""
    return edition_start(center=story.center, protocol_id=EU.id, by=by.actor, at=story.at)


def with_shorter_cd19(story: Story, by: User) -> ProtocolEdition:
    """An edition in which a CD19 finding holds for 60 days and the day 28 visit may be 10 days late."""
    edition = begun(story, by)
    act = {"edition_id": edition.pk, "by": by.actor, "at": story.at}
    edition_alter(row_id="E4", values={"valid_days": 60}, reason="Our laboratory", **act)
    window = {"before_days": 3, "after_days": 10, "before_hours": 0, "after_hours": 0}
    edition_alter(row_id="plan_day_28", values={"window": window}, reason="Families from afar", **act)
    return edition_publish(reason="Agreed in the team", **act)


def working(story: Story) -> ProtocolEdition:
    """The working copy as it is stored now."""
    return ProtocolEdition.objects.working().get(center=story.center, protocol_id=EU.id)


def decided(story: Story) -> dict[str, dict[str, Any]]:
    """What the working copy decided, by row."""
    return {change["row_id"]: change for change in working(story).changes}


def typed_of(desk: Desk, row_id: str, **changes: Any) -> dict[str, Any]:
    """The form of a row as it comes, with changes."""
    form = desk.get(url("edition_row", row_id)).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    given = {name: value for name, value in typed.items() if value is not None and value is not False}
    return given | {name.replace("__", "."): value for name, value in changes.items()}
