"""Days on which somebody is away, and who is told instead."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt, form_status, posted
from cartpath.reminders.models import Absence
from cartpath.reminders.telling import absence_add, absence_end
from cartpath.web.telling_forms import AbsenceForm


@page(Permission.ENTER)
@require_http_methods(["GET", "POST"])
def add(request: PersonRequest) -> HttpResponse:
    """Enter one's own absence from the center; an administrator also that of others."""
    center, person = request.center, request.user
    for_others = person.may(Permission.ADMINISTER, center.pk)
    form = AbsenceForm(posted(request), center=center, person=person, for_others=for_others)
    if form.is_valid():
        given = form.cleaned_data
        added = attempt(
            form,
            lambda: absence_add(
                user=User.objects.get(pk=given["user"]) if for_others else person,
                center_id=center.pk,
                first_on=given["first_on"],
                last_on=given["last_on"],
                substitute_id=given["substitute"],
                by=person.actor,
                at=timezone.now(),
            ),
        )
        if added is not None:
            messages.success(request, _("The absence is entered."))
            return _back(person, added)
    context = {
        "form": form,
        "title": _("Enter an absence"),
        "intro": _("From %(center)s. While somebody is away, reminders go to the substitute.")
        % {"center": center.name},
        "back_url": reverse("web:mine"),
        "submit": _("Enter absence"),
    }
    return render(request, "web/plain_form.html", context, status=form_status(form))


@page(Permission.ENTER)
@require_POST
def end(request: PersonRequest, absence_id: UUID) -> HttpResponse:
    """Somebody is back early: they say so, or an administrator of the center. To others it isn't there."""
    absence = Absence.objects.filter(pk=absence_id).first()
    person = request.user
    if absence is None or not (
        absence.user_id == person.pk or person.may(Permission.ADMINISTER, absence.center_id)
    ):
        raise NotFound
    absence_end(absence_id=absence_id, by=person.actor, at=timezone.now())
    messages.success(request, _("The absence is ended; reminders come again."))
    return _back(person, absence)


def _back(person: User, absence: Absence) -> HttpResponse:
    """To one's own page, or to the center's for somebody else's days."""
    return redirect("web:mine" if absence.user_id == person.pk else "web:telling")
