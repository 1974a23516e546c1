"""A person's week on one sheet, on the screen and on paper."""

from datetime import date, timedelta
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.dates import FIRST_DAY, LAST_DAY
from cartpath.web.calendar.week import overdue_before, week_of
from cartpath.web.selectors.telling import Week

_WEEK: Final = timedelta(days=7)


@page(Permission.VIEW_PATIENTS)
@require_safe
def show(request: PersonRequest) -> HttpResponse:
    """Monday to Sunday around `?on=`, in the center the person works in."""
    center, at = request.center, timezone.now()
    require(request.user, Permission.VIEW_PATIENTS, center.pk)
    today = center.local_day(at)
    week = Week.of(_day(request.GET.get("on", ""), today))
    days = week_of(request.user, center, week, at=at)
    context = {
        "week": week,
        "days": days,
        "nothing": not any(day.lines for day in days),
        "overdue": overdue_before(request.user, center, week, at=at),
        "previous": week.first - _WEEK,
        "following": week.first + _WEEK,
        "is_this_week": week.first <= today <= week.last,
        "at": at,
        "on": today,
    }
    return render(request, "web/week.html", context)


def _day(text: str, today: date) -> date:
    """The day that was asked for, today when it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if FIRST_DAY + _WEEK <= day <= LAST_DAY - 2 * _WEEK else today
