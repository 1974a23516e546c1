"""When and through what the people of a center are told: for its administrators."""

from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.models import Center
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt, form_status, posted
from cartpath.reminders.models import WebhookTarget
from cartpath.reminders.services import deliveries_retry, digests_retry, letters_retry, reminders_retry
from cartpath.reminders.telling import telling_of, telling_set, webhook_make, webhook_revoke
from cartpath.web.selectors.telling import (
    Week,
    away_in,
    ladder_of,
    others_set_aside,
    set_aside,
    webhooks_of,
)
from cartpath.web.telling_forms import TellingForm, WebhookForm
from leukapheresis.feeds.services import feeds_of_center

SET_ASIDE_PER_PAGE: Final = 25


@page(Permission.ADMINISTER)
@require_http_methods(["GET", "POST"])
def show(request: PersonRequest) -> HttpResponse:
    """The hours of the center, the programs that listen, what failed, and the ladder."""
    center, at = _own_center(request), timezone.now()
    form = TellingForm(posted(request), initial=TellingForm.of(telling_of(center)))
    if form.is_valid():
        kept = attempt(
            form,
            lambda: telling_set(center_id=center.pk, by=request.user.actor, at=at, **form.cleaned_data),
        )
        if kept is not None:
            messages.success(request, _("The hours are saved."))
            return redirect("web:telling")
    context = {
        "form": form,
        "webhooks": webhooks_of(center, at=at),
        "failed": Paginator(set_aside(center), SET_ASIDE_PER_PAGE).get_page(request.GET.get("page")),
        "others": others_set_aside(center),
        "ladder": ladder_of(center),
        "away": away_in(center, Week.of(center.local_day(at))),
        "at": at,
    }
    return render(request, "web/telling.html", context, status=form_status(form))


@page(Permission.ADMINISTER)
@never_cache
@require_http_methods(["GET", "POST"])
def webhook_new(request: PersonRequest) -> HttpResponse:
    """Let a program listen; its secret is shown on the answer and never again."""
    center = _own_center(request)
    form = WebhookForm(posted(request))
    if form.is_valid():
        made = attempt(
            form,
            lambda: webhook_make(
                center_id=center.pk, by=request.user.actor, at=timezone.now(), **form.cleaned_data
            ),
        )
        if made is not None:
            context = {"target": made.target, "secret": made.secret}
            return render(request, "web/webhook_made.html", context, status=HTTPStatus.CREATED)
    context = {
        "form": form,
        "title": _("Tell a program"),
        "intro": _(
            "It is told when something becomes due, for which role, and how much waits; never of whom. Each "
            "message is signed."
        ),
        "back_url": reverse("web:telling"),
        "submit": _("Make it"),
    }
    return render(request, "web/plain_form.html", context, status=form_status(form))


@page(Permission.ADMINISTER)
@require_POST
def webhook_end(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """A program hears nothing more from now on."""
    target = WebhookTarget.objects.filter(pk=webhook_id, center=_own_center(request)).first()
    if target is None:
        raise NotFound
    webhook_revoke(webhook_id=webhook_id, by=request.user.actor, at=timezone.now())
    messages.success(request, _("Revoked: %(name)s.") % {"name": target.name})
    return redirect("web:telling")


@page(Permission.ADMINISTER)
@require_POST
def retry(request: PersonRequest) -> HttpResponse:
    """Give what was set aside a new start: one delivery, or everything of the center."""
    chosen = set_aside(_own_center(request))
    one, at = request.POST.get("delivery"), timezone.now()
    keys = [key for key in chosen.values_list("pk", flat=True) if not one or one == str(key)]
    count = deliveries_retry(delivery_ids=keys, at=at)
    if not one:
        others = others_set_aside(request.center)
        count += digests_retry(digest_ids=others.digests, at=at)
        count += letters_retry(letter_ids=others.letters, at=at)
        count += reminders_retry(reminder_ids=others.reminders)
    text = ngettext("%(count)d starts anew.", "%(count)d start anew.", count)
    messages.success(request, text % {"count": count})
    return redirect("web:telling")


@page(Permission.ADMINISTER)
@require_safe
def addresses(request: PersonRequest) -> HttpResponse:
    """Every live calendar address of the center's people, to be revoked when somebody has lost a phone."""
    feeds = feeds_of_center(_own_center(request))
    return render(request, "web/center_addresses.html", {"feeds": feeds, "now": timezone.now()})


def _own_center(request: PersonRequest) -> Center:
    """The center the person works in now, which may be another than the one they administer."""
    require(request.user, Permission.ADMINISTER, request.center.pk)
    return request.center
