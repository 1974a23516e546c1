"""The ledger of reminders: what was asked of whom about one child, as a page and as a table."""

import csv
from datetime import datetime
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.reminders.proof import Showing, asked_on, items_of, known_since, reminders_in, stories
from cartpath.web.selectors.reminder_ledger import Filters, asked_picture, picture_of
from cartpath.web.selectors.reminder_table import COLUMNS, rows
from cartpath.web.views.journey import tab_context
from patients.http import journey_page
from patients.models import Journey

STORIES_PER_PAGE: Final = 25


@journey_page(Permission.VIEW_LEDGER)
@require_safe
def show(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The story of each reminder, or with `?on=` all that was asked on one day; `?all` on one page."""
    at = timezone.now()
    filters = Filters.read(request.GET, today=timezone.localtime(at).date())
    context = tab_context(request, journey, at) | {
        "filters": filters,
        "items": items_of(journey.pk),
        "showings": Showing.choices,
        "without_paging": _query(request, "page"),
        "for_table": _query(request, "page", "on", "all"),
    }
    if filters.on is not None:
        context["asked"] = [asked_picture(each) for each in asked_on(journey, filters.on, at=at)]
        since = known_since(journey.pk)
        context |= {"known_since": since, "known_on": journey.center.local_day(since)}
    else:
        context |= _stories(request, journey, filters, at)
    return render(request, "web/reminder_ledger.html", context)


@journey_page(Permission.VIEW_LEDGER)
@require_safe
def table(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The same as CSV, one line for each step, without any name of the family."""
    today = timezone.localtime(timezone.now()).date()
    filters = Filters.read(request.GET, today=today)
    found = reminders_in(journey, filters.span, item=filters.item, showing=filters.showing)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="reminders-{today:%Y-%m-%d}.csv"'
    response["Cache-Control"] = "no-store"
    written = csv.writer(response)
    written.writerow(COLUMNS)
    written.writerows(rows(stories(journey, list(found)), zone=journey.center.zone))
    return response


def _stories(request: PersonRequest, journey: Journey, filters: Filters, at: datetime) -> dict[str, object]:
    found = reminders_in(journey, filters.span, item=filters.item, showing=filters.showing)
    pages = Paginator(found, STORIES_PER_PAGE)
    if "all" in request.GET:
        pages = Paginator(found, max(pages.count, 1))
    shown = pages.get_page(request.GET.get("page"))
    return {
        "reminders": shown,
        "stories": [picture_of(story, at=at) for story in stories(journey, list(shown))],
    }


def _query(request: PersonRequest, *without: str) -> str:
    """What was asked, but for some words of it, to be carried on."""
    kept: QueryDict = request.GET.copy()
    for name in without:
        kept.pop(name, None)
    return kept.urlencode()
