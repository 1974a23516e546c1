"""Home: what waits for the person, by child; for an administrator, who sees no child, the house itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.reminders.selectors import TodayChild, today_for, unread_count
from cartpath.web.components import Tone
from cartpath.web.due import DueChild, due_child
from cartpath.web.selectors.telling import Week, away_in
from cartpath.web.selectors.watching import pulse, watch
from patients.eligibility import propose

# More than this nobody works off in a day; the page says how many there are besides.
CHILDREN_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Group:
    """One of the three groups of the page. `lines` counts everything, `more` the children not shown."""

    key: str
    title: str
    tone: Tone
    lines: int
    children: Sequence[DueChild]
    more: int


@page(Permission.ENTER)
@require_safe
def today(request: PersonRequest) -> HttpResponse:
    """What is overdue, due, and due within a week, for the person's roles or for everybody."""
    at = timezone.now()
    if not request.user.may(Permission.VIEW_PATIENTS, request.center.pk):
        return _house(request, at)
    works = request.user.may(Permission.WORK_REMINDERS, request.center.pk)
    mine = works and request.GET.get("who") != "all"
    on = timezone.localtime(at).date()
    waiting = today_for(request.user, at=at, zone=request.center.zone, center_id=request.center.pk, mine=mine)
    children = (*waiting.overdue, *waiting.due, *waiting.upcoming, *waiting.put_off)
    propose([child.journey for child in children], request.center)
    groups = [
        _group(request, at, "overdue", _("Overdue"), "harm", waiting.overdue),
        _group(request, at, "due", _("Due now"), "soon", waiting.due),
        _group(request, at, "upcoming", _("Next 7 days"), "", waiting.upcoming),
    ]
    put_off = _group(request, at, "put_off", _("Put off"), "", waiting.put_off)
    context = {
        "groups": groups,
        "put_off": put_off,
        "counts": waiting.counts,
        "on": on,
        "at": at,
        "mine": mine,
        "not_mine": not mine,
        "nothing": not any(group.lines for group in (*groups, put_off)),
        "works": works,
        "pulse": pulse(at=at),
        "may_refer": request.user.may(Permission.REFER, request.center.pk),
    }
    return render(request, "web/today.html", context)


def _group(
    request: PersonRequest, at: datetime, key: str, title: str, tone: Tone, children: Sequence[TodayChild]
) -> Group:
    on = timezone.localtime(at).date()
    shown = [due_child(child, request.user, today=on, at=at) for child in children[:CHILDREN_SHOWN]]
    lines = sum(len(child.lines) for child in children)
    return Group(key, title, tone, lines, shown, len(children) - len(shown))


def _house(request: PersonRequest, at: datetime) -> HttpResponse:
    """The home of an administrator: whether the machinery runs, and the ways into the administration."""
    administers = request.user.may(Permission.ADMINISTER, request.center.pk)
    context = {
        "pulse": pulse(at=at),
        "watch": watch(request.center, at=at) if administers else None,
        "away": away_in(request.center, Week.of(timezone.localtime(at).date())),
        "unread": unread_count(request.user),
        "admin_url": reverse("admin:index") if request.user.is_staff else "",
    }
    return render(request, "web/house.html", context | {"at": at})
