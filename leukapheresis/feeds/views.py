"""The pages that make and revoke calendar addresses, and the one door that opens without a session."""

import math
import time
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.fair_share import seconds_to_wait
from cartpath.core.forms import attempt, form_status, posted
from cartpath.core.version import VERSION
from leukapheresis.enums import FeedKind
from leukapheresis.feeds.entries import Content, content_of, window
from leukapheresis.feeds.forms import AddressForm
from leukapheresis.feeds.parts import parts
from leukapheresis.feeds.services import NewFeed, feed_make, feed_opened, feed_revoke, feeds_of_resource
from leukapheresis.feeds.text import text_of
from leukapheresis.models import CalendarFeed, Resource

# A calendar program asks a few times an hour; one in a loop shall not keep the house busy.
READS_PER_MINUTE: Final = 20
_HEADERS: Final = {
    # The program may keep what it got, nobody in between may, and it asks each time whether it still holds.
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of an address, as iCalendar. Whoever knows the address may read; nobody signs in here.

    An address that is unknown or revoked, or whose maker may no longer know, is not there: one answer for
    all of them.
    """
    now = timezone.now()
    found = feed_opened(token, at=now)
    if found is None:
        return _not_there()
    wait = seconds_to_wait(found.pk, now=time.monotonic(), rate_per_minute=READS_PER_MINUTE)
    if wait:
        again = {"Retry-After": str(math.ceil(wait))}
        return _plain("Too many requests.", HTTPStatus.TOO_MANY_REQUESTS, again)
    content = content_of(found, at=now)
    if content is None:
        return _not_there()
    mine = parts() if found.kind == FeedKind.PERSON else ()
    further = [(part, part.read(found.user, at=now)) for part in mine]
    etag = _etag(found, content, [told for _part, told in further], now)
    # Writing the text costs more than reading what stands in it, so it is not written in vain.
    answer = get_conditional_response(request, etag=etag)
    if answer is None or answer.status_code != HTTPStatus.NOT_MODIFIED:
        text = text_of(found, content, further, at=now)
        answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
        answer["Content-Disposition"] = 'inline; filename="cartpath.ics"'
    for name, value in {**_HEADERS, "ETag": etag}.items():
        answer[name] = value
    return answer


def _etag(found: CalendarFeed, content: Content, further: Sequence[Any], at: datetime) -> str:
    """Changes with anything that stands in the text."""
    years = [day.year for day in window(at)]
    state = repr((VERSION, found.pk, found.language, years, content, further))
    return f'"{blake2b(state.encode(), digest_size=12).hexdigest()}"'


def _not_there() -> HttpResponse:
    return _plain("Not found.", HTTPStatus.NOT_FOUND)


def _plain(said: str, status: HTTPStatus, headers: dict[str, str] | None = None) -> HttpResponse:
    known = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HttpResponse(said, status=status, content_type="text/plain", headers=known | (headers or {}))


@page(Permission.VIEW_PATIENTS)
@never_cache
@require_http_methods(["GET", "POST"])
def address_new(request: PersonRequest) -> HttpResponse:
    """Make an address of the person's own calendar; it is shown on the answer and never again."""
    form = AddressForm(posted(request))
    made = _made(request, form)
    if made is not None:
        return _shown(request, made, back_url=reverse("web:mine"))
    context = {
        "form": form,
        "title": _("Make a calendar address"),
        "intro": _(
            "Your calendar program reads all collections of your centers and what is due for your roles at "
            "this address. No child's name stands there. Whoever knows the address can read it."
        ),
        "back_url": reverse("web:mine"),
    }
    return render(request, "leukapheresis/resource_form.html", context, status=form_status(form))


@page(Permission.ENTER)
@never_cache
@require_http_methods(["GET", "POST"])
def resource_addresses(request: PersonRequest, resource_id: UUID) -> HttpResponse:
    """The addresses of a resource's calendar that the person may revoke, and a form for a new one."""
    resource = Resource.objects.filter(pk=resource_id, center=request.center).first()
    if resource is None:
        raise NotFound
    form = AddressForm(posted(request))
    made = _made(request, form, resource)
    here = reverse("leukapheresis:resource_addresses", args=[resource.pk])
    if made is not None:
        return _shown(request, made, back_url=here)
    context = {
        "form": form,
        "resource": resource,
        "feeds": feeds_of_resource(request.user, resource),
        "may_make": request.user.may(Permission.VIEW_PATIENTS, resource.center_id),
        "now": timezone.now(),
    }
    return render(request, "leukapheresis/resource_addresses.html", context, status=form_status(form))


@page(Permission.ENTER)
@require_POST
def address_revoke(request: PersonRequest, feed_id: UUID) -> HttpResponse:
    """Shut an address: programs that read it find nothing from now on."""
    shut = feed_revoke(feed_id=feed_id, by=request.user, at=timezone.now())
    messages.success(request, _("Address revoked: %(name)s.") % {"name": shut.name})
    if shut.kind == FeedKind.RESOURCE and "resource" in request.POST:
        return redirect("leukapheresis:resource_addresses", shut.resource_id)
    if "center" in request.POST:
        return redirect("web:center_addresses")
    return redirect("web:mine")


def _made(request: PersonRequest, form: AddressForm, resource: Resource | None = None) -> NewFeed | None:
    if not (form.is_bound and form.is_valid()):
        return None
    name = form.cleaned_data["name"]
    return attempt(
        form, lambda: feed_make(user=request.user, name=name, resource=resource, at=timezone.now())
    )


def _shown(request: PersonRequest, made: NewFeed, *, back_url: str) -> HttpResponse:
    """The page with the address, once: nothing keeps it, so no redirect can show it."""
    context = {"feed": made.feed, "address": made.address, "back_url": back_url}
    return render(request, "leukapheresis/address_made.html", context, status=HTTPStatus.CREATED)
