"""Children in follow-up: who is overdue, due, arranged or still to come, worked off from here."""

from dataclasses import dataclass
from typing import Final, Literal

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.web.components import Text
from cartpath.web.selectors.follow_up import PLACES, FollowUpList, Place, follow_up_list

PER_PAGE: Final = 50
LONGEST: Final = 100
# What was typed names a child, so it stays in the session and never comes into an address.
SESSION_KEY: Final = "follow_up_search"


@dataclass(frozen=True, slots=True)
class PlaceTab:
    """One place of the list; the first tab, `key` empty, is all of them."""

    label: Text
    url: str
    current: bool
    count: int


@page(Permission.VIEW_PATIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: PersonRequest) -> HttpResponse:
    """Infused children with the visit to think of next, those overdue first, by place and by name."""
    require(request.user, Permission.VIEW_PATIENTS, request.center.pk)
    place = _place(request.GET.get("show", ""))
    if request.method == "POST":
        request.session[SESSION_KEY] = request.POST.get("q", "").strip()[:LONGEST]
        return redirect(_address(place))
    at = timezone.now()
    text = request.session.get(SESSION_KEY, "")
    listed = follow_up_list(request.center, at=at, place=place, text=text)
    context = {
        "rows": Paginator(listed, PER_PAGE).get_page(request.GET.get("page")),
        "tabs": _tabs(listed, place),
        "place": place,
        "text": text,
        "address": _address(place),
        "today": timezone.localtime(at).date(),
        "may_record": request.user.may(Permission.RECORD_VISIT, request.center.pk),
        "may_search_for": request.user.may(Permission.EDIT_PATIENT, request.center.pk),
    }
    return render(request, "web/follow_up.html", context)


def _place(wanted: str) -> Place | Literal[""]:
    return next((known for known in PLACES if known == wanted), "")


def _tabs(listed: FollowUpList, current: str) -> list[PlaceTab]:
    """A tab for each place that somebody is in, and for those a coordinator works off in any case."""
    counts = listed.counts
    shown = [key for key in PLACES if counts.get(key) or key in ("overdue", "due", current)]
    return [
        PlaceTab(pgettext("children", "All"), _address(""), not current, sum(counts.values())),
        *(PlaceTab(PLACES[key], _address(key), key == current, counts.get(key, 0)) for key in shown),
    ]


def _address(place: str) -> str:
    url = reverse("web:follow_up")
    return f"{url}?show={place}" if place else url
