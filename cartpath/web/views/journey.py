"""The patient page: overview, timeline, ledger. Each tab has its own address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from cartpath.web.facts import Fact, facts_of
from cartpath.web.selectors.journey import blocked, overview
from cartpath.web.timeline.entries import timeline, timeline_events
from patients.banner import banner, strip
from patients.enums import Stage
from patients.http import journey_page
from patients.models import Journey
from patients.provenance import COMPUTED
from patients.results import RuleResult

ENTRIES_PER_PAGE: Final = 100
EVENTS_PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the patient page."""

    label: str | Promise
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One event of the ledger with its data readable; what was computed has pages of its own."""

    event: Event
    facts: list[Fact]
    results: list[RuleResult]


_TABS: Final = (
    ("web:journey", _("Overview"), Permission.VIEW_PATIENTS),
    ("web:journey_timeline", _("Timeline"), Permission.VIEW_PATIENTS),
    ("web:journey_reminders", _("Reminders"), Permission.VIEW_LEDGER),
    ("web:journey_ledger", _("Ledger"), Permission.VIEW_LEDGER),
)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def show(request: PersonRequest, journey: Journey) -> HttpResponse:
    """One child on one way: what is due, the stage at work open, the stages behind folded."""
    at = timezone.now()
    context = tab_context(request, journey, at) | {
        "overview": overview(journey, request.user, at=at),
        "may_close": _may_close(request, journey),
        "may_move": _may_move(request, journey),
    }
    return render(request, "web/journey.html", context)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def show_timeline(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Everything that happened, in clinicians' words, the latest first."""
    events = Paginator(timeline_events(journey.pk), ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    entries = timeline(journey, list(events))
    context = tab_context(request, journey, timezone.now()) | {"entries": entries, "events": events}
    return render(request, "web/timeline.html", context)


@journey_page(Permission.VIEW_LEDGER)
@require_safe
def show_ledger(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The record itself with its chain of hashes, checked now. `?all` puts everything on one page."""
    whole = "all" in request.GET
    found = Event.objects.of(journey.pk).select_related("corrects")
    pages = Paginator(found, max(journey.status.events, 1) if whole else EVENTS_PER_PAGE)
    events = pages.get_page(request.GET.get("page"))
    context = tab_context(request, journey, timezone.now()) | {
        "events": events,
        "rows": _rows(list(events)),
        "report": verify(journey.pk),
        "whole": whole,
        "may_verify": request.user.may(Permission.VERIFY_LEDGER, journey.center_id),
    }
    return render(request, "web/ledger.html", context)


def _rows(events: Sequence[Event]) -> list[Row]:
    """Events as the ledger page shows them; one query."""
    results: dict[int, list[RuleResult]] = {}
    stored = RuleResult.objects.filter(event_id__in=[event.pk for event in events])
    for result in stored.order_by("event_id", "position"):
        results.setdefault(result.event_id, []).append(result)
    return [Row(event, facts_of(_without_records(event.data)), results.get(event.pk, [])) for event in events]


def _without_records(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != COMPUTED}


def tab_context(request: PersonRequest, journey: Journey, at: datetime) -> dict[str, Any]:
    """What every tab of the patient page shows around itself."""
    return {
        "journey": journey,
        "at": at,
        "on": timezone.localtime(at).date(),
        "banner": banner(journey, at),
        "steps": strip(journey, at, blocked=blocked(journey, at=at)),
        "tabs": _tabs(request, journey),
    }


def _tabs(request: PersonRequest, journey: Journey) -> list[Tab]:
    here = request.resolver_match.view_name if request.resolver_match else ""
    counts = {"web:journey_ledger": journey.status.events}
    return [
        Tab(label, reverse(name, args=[journey.pk]), name == here, counts.get(name))
        for name, label, permission in _TABS
        if request.user.may(permission, journey.center_id)
    ]


def _may_close(request: PersonRequest, journey: Journey) -> bool:
    return journey.stage != Stage.CLOSED and request.user.may(Permission.CLOSE_JOURNEY, journey.center_id)


def _may_move(request: PersonRequest, journey: Journey) -> bool:
    pinned = bool(journey.protocol_id) and journey.stage != Stage.CLOSED
    return pinned and request.user.may(Permission.MOVE_PROTOCOL, journey.center_id)
