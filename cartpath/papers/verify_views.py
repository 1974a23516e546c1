"""Pages that replay the ledger: one journey step by step, and the journeys of a center."""

from dataclasses import dataclass
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.ledger.verify import Link, Replay, replay
from cartpath.papers.custody import chain_sentence
from cartpath.papers.forms import HashForm
from patients.http import journey_page
from patients.models import Journey
from patients.pages import journey_context

STEPS_PER_PAGE: Final = 100
JOURNEYS_PER_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Checked:
    """One journey of a center with what its replay found."""

    journey: Journey
    found: Replay


@journey_page(Permission.VERIFY_LEDGER)
@require_safe
def verify_journey(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Replay a journey's chain step by step. `?hash=` looks for a hash that a paper printed."""
    found = replay(journey.pk)
    form = HashForm(request.GET if "hash" in request.GET else None)
    asked = form.cleaned_data["hash"] if form.is_bound and form.is_valid() else ""
    context = journey_context(journey, timezone.now()) | {
        "found": found,
        "sentence": chain_sentence(found),
        "broken": [link for link in found.links if not link.holds],
        "links": Paginator(found.links, STEPS_PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "asked": asked,
        "named": _with_hash(found, asked),
    }
    return render(request, "papers/verify.html", context)


@page(Permission.VERIFY_LEDGER)
@require_safe
def verify_center(request: PersonRequest) -> HttpResponse:
    """Replay the chains of the center the person works in, a page of journeys at a time."""
    require(request.user, Permission.VERIFY_LEDGER, request.center.pk)
    journeys = Journey.objects.filter(center=request.center).select_related("patient")
    shown = Paginator(journeys.order_by("pk"), JOURNEYS_PER_PAGE).get_page(request.GET.get("page"))
    checked = [Checked(journey, replay(journey.pk)) for journey in shown]
    context = {
        "shown": shown,
        "checked": checked,
        "broken": sum(not each.found.holds for each in checked),
        "events": sum(each.found.events for each in checked),
        "may_see": request.user.may(Permission.VIEW_PATIENTS, request.center.pk),
        "at": timezone.now(),
    }
    return render(request, "papers/verify_center.html", context)


def _with_hash(found: Replay, asked: str) -> Link | None:
    """The event whose hash begins so, if there is just one."""
    if not asked:
        return None
    named = [link for link in found.links if link.event is not None and link.event.hash.startswith(asked)]
    return named[0] if len(named) == 1 else None
