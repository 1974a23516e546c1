"""Pages about what can be booked: resources, hours, closures, exceptional openings, quotas, history."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import DateField, Field, Model, Q, TimeField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt, form_status, posted
from leukapheresis import plan
from leukapheresis.enums import PlanThing, ResourceKind
from leukapheresis.models import Closure, OpenDay, PlanChange, Quota, Resource, ResourceHours
from leukapheresis.plan import WeekdayHours
from leukapheresis.resource_forms import ClosureForm, HoursForm, OpenDayForm, QuotaForm, ResourceForm
from patients.models import Referral

_PAGE: Final = 50


@page(Permission.ENTER)
def resources(request: PersonRequest) -> HttpResponse:
    """Everything the center can book, with what closes, opens and limits it."""
    center, today = request.center, _today()
    order = ResourceKind.values
    rows = sorted(
        Resource.objects.filter(center=center).prefetch_related("hours"),
        key=lambda row: (not row.is_active, order.index(row.kind), row.name),
    )
    context = {
        "resources": [(row, hours_words(row.hours.all())) for row in rows],
        "closures": Closure.objects.filter(center=center, last_on__gte=today)
        .select_related("resource")
        .order_by("first_on", "pk"),
        "open_days": OpenDay.objects.filter(resource__center=center, on__gte=today)
        .select_related("resource")
        .order_by("on", "opens", "resource__name"),
        "quotas": Quota.objects.filter(center=center)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today))
        .order_by("product", "referring_center", "valid_from"),
        "today": today,
        "may_manage": request.user.may(Permission.MANAGE_RESOURCES, center.pk),
        "may_open": request.user.may(Permission.MANAGE_OPENING, center.pk),
        "may_view": request.user.may(Permission.VIEW_PATIENTS, center.pk),
    }
    return render(request, "leukapheresis/resources.html", context)


def hours_words(rows: Iterable[ResourceHours]) -> list[str]:
    """Weekly hours in lines such as `Mon–Fri 07:00–20:00`; nothing for a resource without any."""
    in_order = sorted(rows, key=lambda row: (row.weekday, row.opens))
    return spans_words((row.weekday, f"{row.opens:%H:%M}–{row.closes:%H:%M}") for row in in_order)


def spans_words(spans: Iterable[tuple[int, str]]) -> list[str]:
    """Weekdays with their hours, days in a row with the same hours joined."""
    by_day: dict[int, list[str]] = {}
    for weekday, said in spans:
        by_day.setdefault(weekday, []).append(said)
    lines = []
    # Days in a row with the same hours differ from their place in the list by the same amount.
    for (_gap, said), days in groupby(
        enumerate(sorted(by_day)), key=lambda pair: (pair[1] - pair[0], ", ".join(by_day[pair[1]]))
    ):
        run = [str(WEEKDAYS_ABBR[day]) for _place, day in days]
        lines.append(f"{run[0]}–{run[-1]} {said}" if len(run) > 1 else f"{run[0]} {said}")
    return lines


@page(Permission.ENTER)
def history(request: PersonRequest) -> HttpResponse:
    """Who changed what of it, the latest first."""
    rows = PlanChange.objects.filter(center=request.center).select_related("resource").order_by("-pk")
    shown = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    context = {"page": shown, "changes": [(row, _differences(row)) for row in shown]}
    return render(request, "leukapheresis/resources_history.html", context)


def _differences(change: PlanChange) -> list[tuple[str, str, str]]:
    """What differs, in words: the field, before and after."""
    told = []
    for name in dict.fromkeys([*change.before, *change.after]):
        before, after = change.before.get(name), change.after.get(name)
        if before != after:
            words, was = _words(change.thing, name, before)
            told.append((words, was, _words(change.thing, name, after)[1]))
    return told


_MODELS: Final[dict[str, type[Model]]] = {
    PlanThing.RESOURCE: Resource,
    PlanThing.CLOSURE: Closure,
    PlanThing.OPEN_DAY: OpenDay,
    PlanThing.QUOTA: Quota,
}


def _words(thing: str, name: str, value: Any) -> tuple[str, str]:
    """A field and one of its values as people say them."""
    if thing == PlanThing.HOURS:
        return _("hours"), "; ".join(_hours_lines(value or [])) or _("at all hours")
    field = cast("Field[Any, Any]", _MODELS[thing]._meta.get_field(name))
    said = value
    if value in (None, ""):
        said = _("none")
    elif isinstance(value, bool):
        said = _("yes") if value else _("no")
    elif field.choices:
        said = dict(field.flatchoices).get(value, value)
    elif isinstance(field, DateField):
        said = date_format(date.fromisoformat(value), pgettext("date format, Django's letters", "d-M-Y"))
    elif isinstance(field, TimeField):
        said = str(value)[:5]
    return str(field.verbose_name), str(said)


def _hours_lines(stored: Iterable[tuple[int, str, str]]) -> list[str]:
    return spans_words((weekday, f"{opens}–{closes}") for weekday, opens, closes in stored)


@page(Permission.MANAGE_RESOURCES)
def resource_new(request: PersonRequest) -> HttpResponse:
    """Add a resource."""
    form = ResourceForm(posted(request))
    return _answer(
        request,
        form,
        Permission.MANAGE_RESOURCES,
        lambda: plan.resource_add(center_id=request.center.pk, details=form.details(), **_who(request)),
        title=_("Add a resource"),
        done=lambda _made: _("Resource added. It is there at all hours until it gets some."),
    )


@page(Permission.MANAGE_RESOURCES)
def resource_change(request: PersonRequest, resource_id: UUID) -> HttpResponse:
    """Change a resource, or take it out of use."""
    known = _known(request, resource_id)
    form = ResourceForm(posted(request), known=known)
    return _answer(
        request,
        form,
        Permission.MANAGE_RESOURCES,
        lambda: (
            plan.resource_change(
                resource_id=known.pk, center_id=request.center.pk, details=form.details(), **_who(request)
            ),
        ),
        title=_("Change %(resource)s") % {"resource": known.name},
        done=lambda made: _with_bookings(_("Resource changed."), made[0]),
    )


@page(Permission.MANAGE_RESOURCES)
def hours_change(request: PersonRequest, resource_id: UUID) -> HttpResponse:
    """Set the weekly hours of a resource."""
    known = _known(request, resource_id)
    rows = known.hours.order_by("weekday", "opens")
    form = HoursForm(
        posted(request), known=[WeekdayHours(row.weekday, row.opens, row.closes) for row in rows]
    )

    def act() -> bool:
        plan.hours_set(resource_id=known.pk, center_id=request.center.pk, hours=form.hours(), **_who(request))
        return True

    return _answer(
        request,
        form,
        Permission.MANAGE_RESOURCES,
        act,
        title=_("Hours of %(resource)s") % {"resource": known.name},
        done=lambda _made: _("Hours saved."),
        template="leukapheresis/hours.html",
    )


@page(Permission.MANAGE_OPENING)
def closure_new(request: PersonRequest) -> HttpResponse:
    """Enter a public holiday or another closure."""
    form = ClosureForm(posted(request), center=request.center)
    return _answer(
        request,
        form,
        Permission.MANAGE_OPENING,
        lambda: (plan.closure_add(center_id=request.center.pk, details=form.details(), **_who(request)),),
        title=_("Enter a closure"),
        done=lambda made: _with_bookings(_("Closure entered."), made[0]),
    )


@page(Permission.MANAGE_OPENING)
def open_day_new(request: PersonRequest) -> HttpResponse:
    """Open resources on an exceptional day."""
    form = OpenDayForm(posted(request), center=request.center)
    return _answer(
        request,
        form,
        Permission.MANAGE_OPENING,
        lambda: plan.open_days_add(center_id=request.center.pk, details=form.details(), **_who(request)),
        title=_("Enter an exceptional opening"),
        intro=_("These hours replace those of the weekday, also while the whole center is closed."),
        done=lambda _made: _("Exceptional opening entered."),
    )


@page(Permission.MANAGE_OPENING)
def quota_new(request: PersonRequest) -> HttpResponse:
    """Limit the collections a week."""
    form = QuotaForm(posted(request), today=_today())
    return _answer(
        request,
        form,
        Permission.MANAGE_OPENING,
        lambda: plan.quota_add(center_id=request.center.pk, details=form.details(), **_who(request)),
        title=_("Enter a quota"),
        done=lambda _made: _("Quota entered."),
        template="leukapheresis/quota.html",
        referrers=Referral.objects.filter(journey__center=request.center)
        .order_by("referring_center")
        .values_list("referring_center", flat=True)
        .distinct(),
    )


@page(Permission.MANAGE_OPENING)
@require_POST
def closure_remove(request: PersonRequest, number: int) -> HttpResponse:
    """Take a closure back."""
    require(request.user, Permission.MANAGE_OPENING, request.center.pk)
    plan.closure_remove(closure_id=number, center_id=request.center.pk, **_who(request))
    return _back(request, _("Closure removed."))


@page(Permission.MANAGE_OPENING)
@require_POST
def open_day_remove(request: PersonRequest, number: int) -> HttpResponse:
    """Take an exceptional opening back."""
    require(request.user, Permission.MANAGE_OPENING, request.center.pk)
    plan.open_day_remove(open_day_id=number, center_id=request.center.pk, **_who(request))
    return _back(request, _("Exceptional opening removed."))


@page(Permission.MANAGE_OPENING)
@require_POST
def quota_remove(request: PersonRequest, number: int) -> HttpResponse:
    """Take a quota back."""
    require(request.user, Permission.MANAGE_OPENING, request.center.pk)
    plan.quota_remove(quota_id=number, center_id=request.center.pk, **_who(request))
    return _back(request, _("Quota removed."))


def _answer(
    request: PersonRequest,
    form: forms.Form,
    permission: Permission,
    act: Callable[[], Any],
    *,
    title: str,
    done: Callable[[Any], str],
    intro: str = "",
    template: str = "leukapheresis/resource_form.html",
    **context: Any,
) -> HttpResponse:
    """One form: `act` makes the service call and returns something but None; then back to the list."""
    require(request.user, permission, request.center.pk)
    if form.is_bound and form.is_valid():
        made = attempt(form, act)
        if made is not None:
            return _back(request, done(made))
    known = {"form": form, "title": title, "intro": intro, "back_url": reverse("leukapheresis:resources")}
    return render(request, template, known | context, status=form_status(form))


def _back(request: PersonRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("leukapheresis:resources")


def _with_bookings(said: str, count: int) -> str:
    """What was done, and how many bookings a person must see to now."""
    if not count:
        return said
    in_the_way = ngettext(
        "%(count)d booking lies in that time. It stays until you move it.",
        "%(count)d bookings lie in that time. They stay until you move them.",
        count,
    )
    return f"{said} {in_the_way % {'count': count}}"


def _known(request: PersonRequest, resource_id: UUID) -> Resource:
    found = Resource.objects.filter(pk=resource_id, center=request.center).first()
    if found is None:
        raise NotFound
    return found


def _who(request: PersonRequest) -> dict[str, Any]:
    return {"by": request.user.actor, "at": timezone.now()}


def _today() -> date:
    return timezone.localdate()
